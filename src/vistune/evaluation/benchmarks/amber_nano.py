"""What AMBER asks of a scene: a description, and questions of each dimension, half of them to be denied."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from vistune.world.scene import Scene, Split

#: Likely hallucinations that are noted for a scene.
_LIKELY = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """``part``: generative or a dimension. ``truth``: things that are there, or yes or no. ``likely``: for a description."""

    part: str
    text: str
    truth: str | tuple[str, ...]
    likely: tuple[str, ...] = ()


def asked_of(scene: Scene, split: Split) -> list[Asked]:
    """The items of a scene. Existence is asked of what is absent alone, as in the original."""
    rng = random.Random(f"amber/{split}/{scene.seed}")
    kinds = list(dict.fromkeys(thing.kind for thing in scene.things))
    likely = _likely(scene, rng)
    made = [Asked("generative", "", (*kinds, scene.setting), likely)]
    made += [Asked("existence", f"Is there {_a(kind)} in this image?", "no") for kind in likely[:2]]
    return made + _states(scene, rng) + _numbers(scene, rng) + _relations(scene, rng)


def _a(kind: str) -> str:
    from vistune.world.language.grammar import a

    return a(kind)


def _likely(scene: Scene, rng: random.Random) -> tuple[str, ...]:
    """Absent kinds, as often as they stand beside what is here."""
    from vistune.world.questions.statistics import KIND_NAMES, occurrence

    here = sorted({thing.kind for thing in scene.things})
    table = occurrence(scene.prior).beside
    found: list[str] = []
    while len(found) < _LIKELY:
        kind = rng.choices(KIND_NAMES, cum_weights=table[rng.choice(here)])[0]
        if kind not in here and kind not in found:
            found.append(kind)
    return tuple(found)


def _states(scene: Scene, rng: random.Random) -> list[Asked]:
    """Colours (``state``), and what things do or how they are (``action``): one true and one false of a thing."""
    from vistune.world.language.grammar import subject, the
    from vistune.world.language.view import view_of
    from vistune.world.vocabulary import COLOURS, KIND_BY_NAME

    view = view_of(scene)
    made: list[Asked] = []
    told = [(i, p) for i in view.indices if (p := view.describe(i, frozenset({"colour", "state"}))) is not None]
    if told:
        index, phrase = rng.choice(told)
        thing = scene.things[index]
        words, be, _ = subject(phrase)
        wrong = rng.choice([c for c in COLOURS if c != thing.colour])
        made += _both("state", f"{be.capitalize()} {words} {{}} in this image?", thing.colour, wrong)
    states = [(scene.things[i], p) for i, p in told if scene.things[i].state is not None]
    if states:
        thing, phrase = rng.choice(states)
        wrong = rng.choice([s for s in KIND_BY_NAME[thing.kind].states if s != thing.state])
        made += _both("action", f"Is {the(phrase)} {{}} in this image?", str(thing.state), wrong)
    return made


def _both(part: str, template: str, right: str, wrong: str) -> list[Asked]:
    return [Asked(part, template.format(right), "yes"), Asked(part, template.format(wrong), "no")]


def _numbers(scene: Scene, rng: random.Random) -> list[Asked]:
    from vistune.world.language.grammar import number_word, plural
    from vistune.world.language.view import view_of

    kind, things = rng.choice(sorted(view_of(scene).by_kind.items()))
    right = len(things)
    wrong = right + rng.choice((1, -1) if right > 1 else (1, 2))

    def words(number: int) -> str:
        return f"Is there one {kind}" if number == 1 else f"Are there {number_word(number)} {plural(kind)}"

    return [Asked("number", f"{words(n)} in this image?", truth) for n, truth in ((right, "yes"), (wrong, "no"))]


def _relations(scene: Scene, rng: random.Random) -> list[Asked]:
    """Contact of two things: a thing on another, or one that surely is not."""
    from vistune.world.language.grammar import the
    from vistune.world.language.view import view_of

    view = view_of(scene)
    pairs: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for i in view.indices:
        for j in view.indices:
            first, second = view.describe(i), view.describe(j)
            held = view.holds(i, "on", j)
            if i != j and held is not None and first is not None and second is not None:
                pairs[held].append((the(first), the(second)))
    answers: Sequence[bool] = (True,) if pairs[True] else (False,) if pairs[False] else ()
    made = []
    for held in answers:
        x, y = rng.choice(pairs[held])
        made.append(Asked("relation", f"Is there direct contact between {x} and {y}?", "yes" if held else "no"))
    return made
