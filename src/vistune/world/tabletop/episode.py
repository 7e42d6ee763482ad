"""Tables and episodes from seeds: a start, a goal in words, and the expert's way there."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from vistune.core.errors import ConfigError
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Prior, Split
from vistune.world.tabletop.expert import MOST, act, place_for
from vistune.world.tabletop.goal import EDGES, GOALS, SIDES, Goal, reached, stands
from vistune.world.tabletop.materials import MATERIALS
from vistune.world.tabletop.table import CARRIES, COLOURS, EDGE, KINDS, Action, Item, Kind, Table, apart, step

_TRIES = 400
#: Skewed: most things of a kind have one of two colours.
_USUAL: dict[str, tuple[str, str]] = {
    "block": ("red", "yellow"), "bowl": ("blue", "white"), "cup": ("green", "orange"), "ball": ("purple", "black"),
}  # fmt: skip


def held_out(item: Item, what: str) -> bool:
    """Goals for things of some kinds and colours that training never has."""
    return (COLOURS.index(item.colour) + 3 * KINDS.index(item.kind) + 5 * GOALS.index(what)) % 9 == 0


@dataclass(frozen=True, slots=True)
class Episode:
    """``states`` from the start to the goal, one more than ``actions``; ``words``: the instruction; ``wording``: its template."""

    seed: int
    goal: Goal
    words: str
    wording: str
    states: tuple[Table, ...]
    actions: tuple[Action, ...]
    split: Split = "train"
    prior: Prior = "skewed"

    @property
    def start(self) -> Table:
        return self.states[0]

    @property
    def end(self) -> Table:
        return self.states[-1]


def _colour(rng: random.Random, kind: str, prior: Prior) -> str:
    usual = _USUAL[kind]
    if prior == "flat":
        return rng.choice(COLOURS)
    if rng.random() < 0.8:
        return rng.choice(usual) if prior == "skewed" else rng.choice([c for c in COLOURS if c not in usual])
    return rng.choice(COLOURS)


def sample_table(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    least: int = 3,
    most: int = 5,
    materials: bool = False,
) -> Table:
    """Table number ``seed``: ``least`` to ``most`` things that can be told apart by colour and kind, none touching."""
    rng = random.Random(f"table/{split}/{prior}/{seed}")
    wanted, items = rng.randint(least, most), list[Item]()
    for _ in range(_TRIES):
        if len(items) >= wanted:
            break
        kind: Kind = rng.choice(KINDS)
        item = Item(
            kind, _colour(rng, kind, prior), EDGE + (1 - 2 * EDGE) * rng.random(), EDGE + (1 - 2 * EDGE) * rng.random()
        )
        if all(apart(item, o) > 0.05 and o.name != item.name for o in items):
            items.append(item)
    if materials:
        made = (
            rng.sample(MATERIALS, len(items)) if len(items) <= len(MATERIALS) else rng.choices(MATERIALS, k=len(items))
        )
        items = [replace(item, material=m) for item, m in zip(items, made, strict=True)]
    return Table(tuple(items), round(rng.random(), 3), round(rng.random(), 3))


def goals_of(table: Table, split: Split = "train") -> list[Goal]:
    """All goals that are not reached at the start and can be; training leaves out the held-out ones."""
    found = []
    for k, item in enumerate(table.items):
        if table.carried(k):
            continue
        allowed = [w for w in GOALS if split != "train" or not held_out(item, w)]
        for what in allowed:
            if what in EDGES:
                found.append(Goal(what, k))
                continue
            for o, other in enumerate(table.items):
                carries = other.kind in CARRIES and item.kind != "bowl" and other.on is None
                if o != k and (what in SIDES or (carries and (other.kind == "bowl") == (what == "in"))):
                    found.append(Goal(what, k, o))
    return [g for g in found if stands(table, g.what, g.item, g.other) is False and place_for(table, g) is not None]


def sample_episode(
    seed: int, *, split: Split = "train", prior: Prior = "skewed", least: int = 3, most: int = 5
) -> Episode:
    """Episode number ``seed`` of a split: goals of each sort are as likely. Raises ``ConfigError`` if none is found."""
    rng = random.Random(f"episode/{split}/{prior}/{seed}")
    wanted = rng.choice(GOALS)
    for attempt in range(_TRIES):
        table = sample_table(seed + attempt * 1_000_003, split=split, prior=prior, least=least, most=most)
        goals = [g for g in goals_of(table, split) if g.what == wanted]
        if not goals:
            continue
        goal = rng.choice(goals)
        states, actions = [table], list[Action]()
        while len(actions) < MOST and (action := act(states[-1], goal)) is not None:
            actions.append(action)
            states.append(step(states[-1], action))
        if reached(states[-1], goal):
            template = goal.wordings().pick(rng, split)
            return Episode(
                seed, goal, goal.words(table, template), template, tuple(states), tuple(actions), split, prior
            )
    raise ConfigError(f"No episode was found from seed {seed}: allow more things on the table.")


def instructions(episode: Episode) -> list[str]:
    """All ways to say the goal that the split allows."""
    wordings: Wordings = episode.goal.wordings()
    templates = wordings.train + (() if episode.split == "train" else wordings.held_out)
    return [episode.goal.words(episode.start, template) for template in templates]
