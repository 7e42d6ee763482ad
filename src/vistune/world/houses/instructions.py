"""Walks in words: instructions made of sub-instructions that know their steps (as in FGR2R), and errands (as in REVERIE)."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from vistune.world.houses.graph import alone, path
from vistune.world.houses.house import House, side, turn
from vistune.world.houses.naming import Target, seen, targets, thing_name
from vistune.world.houses.seeing import sightings, view_index
from vistune.world.language.wordings import Wordings

#: Metres from a walk to what it goes past.
PAST = 1.3

_DOOR = Wordings(("walk to {x}", "go to {x}", "head for {x}"), ("make your way to {x}",))
_THING = Wordings(("walk to {x}", "go up to {x}", "walk over to {x}"), ("move to {x}",))
_INTO = Wordings(("go into {x}", "step into {x}"), ("enter {x}",))
_ON = Wordings(("walk on", "go on"), ("move forward",))
_TURN = {
    "left": Wordings(("turn left", "go left"), ("make a left turn",)),
    "right": Wordings(("turn right", "go right"), ("make a right turn",)),
    "behind": Wordings(("turn around",), ("turn back",)),
    "ahead": Wordings(("go straight ahead",), ("keep straight",)),
}
_STOP = Wordings(("stop there.", "wait there."), ("that is the place.",))
_JOIN = Wordings((". ", ", then "), ("; ",))
#: Errands: for what one carries, and for what stays.
_FETCH = Wordings(
    ("bring me {x} from the {r}.", "go to the {r} and get {x}.", "fetch {x}. it is in the {r}."),
    ("somebody left {x} in the {r}. pick it up.",),
)
_VISIT = Wordings(
    ("go to the {r} and clean {x}.", "go to the {r} and look at {x}.", "find {x} in the {r}."),
    ("walk into the {r} and stand before {x}.",),
)
_CARRIED = frozenset({"cup", "book", "vase", "ball", "block", "box", "drum", "cone"})


@dataclass(frozen=True, slots=True)
class SubInstruction:
    """A part of an instruction: ``text`` leads from ``path[start]`` to ``path[end]``.

    ``sort`` and ``number``: what is named (see ``Target``). ``view``: which of the 36 views at its start looks at the
    first step, or, for ``landmark_view``, at what is named (None for "room" and "on").
    """

    text: str
    start: int
    end: int
    sort: str
    number: int
    view: int
    landmark_view: int | None


@dataclass(frozen=True, slots=True)
class Instruction:
    """A walk in words. ``held_out``: a wording in it never occurs in training."""

    text: str
    parts: tuple[SubInstruction, ...]
    held_out: bool


@dataclass(frozen=True, slots=True)
class Errand:
    """Go somewhere and do something with thing number ``thing``; ``path`` ends where it is seen best."""

    thing: int
    path: tuple[int, ...]
    texts: tuple[str, ...]
    held_out: bool


def arrival(house: House, way: tuple[int, ...], index: int, heading: float) -> float:
    """The heading of somebody at ``way[index]`` who began with ``heading``."""
    return heading if index == 0 else house.heading(way[index - 1], way[index])


@lru_cache(maxsize=1024)
def _options(house: House, way: tuple[int, ...], heading: float) -> tuple[tuple[tuple[Target, int], ...], ...]:
    """What can be said at each place of a walk: (target, index in the walk)."""
    where = {point: k for k, point in enumerate(way)}
    found = []
    for k, point in enumerate(way[:-1]):
        options = targets(house, point, arrival(house, way, k, heading))
        found.append(tuple((t, where[t.goal]) for t in options if where.get(t.goal, -1) > k))
    return tuple(found)


def instruct(
    house: House, way: tuple[int, ...], heading: float, seed: int, *, n: int = 3, split: str = "train"
) -> list[Instruction]:
    """Up to ``n`` different instructions for a walk, begun with ``heading``; none where words are not exact enough.

    ``way`` must be a shortest walk: who is told to walk to something takes the shortest one.
    """
    rng = random.Random(f"instruction/{house.scan}/{way}/{seed}/{split}")
    options = _options(house, way, heading)
    made: dict[str, Instruction] = {}
    for _ in range(3 * n):
        chosen = _choose(rng, options, 0, len(way) - 1, set())
        if chosen is None or len(made) == n:
            break
        instruction = _word(rng, house, way, heading, chosen, split)
        made.setdefault(instruction.text, instruction)
    return list(made.values())[:n]


def _choose(
    rng: random.Random, options: tuple[tuple[tuple[Target, int], ...], ...], at: int, last: int, dead: set[int]
) -> list[tuple[int, Target, int]] | None:
    """Targets that lead from place to place of a walk to its end; doors and things rather than "walk on"."""
    if at == last:
        return []
    if at in dead:
        return None
    weights = {"door": 3.0, "thing": 2.5, "room": 1.5, "on": 0.25}
    ordered = sorted(
        options[at], key=lambda o: rng.random() ** (1 / (weights[o[0].sort] * (1 + o[1] - at))), reverse=True
    )
    for target, end in ordered:
        rest = _choose(rng, options, end, last, dead)
        if rest is not None:
            return [(at, target, end), *rest]
    dead.add(at)
    return None


def _word(
    rng: random.Random,
    house: House,
    way: tuple[int, ...],
    heading: float,
    chosen: list[tuple[int, Target, int]],
    split: str,
) -> Instruction:
    picked: list[tuple[Wordings, str]] = []

    def pick(wordings: Wordings) -> str:
        template = wordings.pick(rng, split)
        picked.append((wordings, template))
        return template

    joint = pick(_JOIN)
    parts = []
    for start, target, end in chosen:
        here = arrival(house, way, start, heading)
        first = house.heading(way[start], way[start + 1])
        facing = side(turn(here, first))
        words = {"door": _DOOR, "thing": _THING, "room": _INTO, "on": _ON}[target.sort]
        text = pick(words).format(x=target.words)
        if target.sort in ("door", "thing") and rng.random() < 0.35:
            text = _past(rng, house, way[start : end + 1], here, target, text)
        asides = target.sort == "door" and (
            "your" in target.words or "ahead" in target.words or "behind" in target.words
        )
        if facing is not None and not asides and (facing != "ahead" or target.sort == "on" or rng.random() < 0.2):
            text = f"{pick(_TURN[facing])} and {text}"
        elif start and house.viewpoints[way[start]].door is not None and target.sort != "room" and rng.random() < 0.4:
            text = f"go through it and {text}"
        view = view_index(first)
        parts.append(
            SubInstruction(
                text, start, end, target.sort, target.number, view, _landmark_view(house, way[start], target)
            )
        )
    text = joint.join(part.text for part in parts)
    text += "; " if joint == "; " else ". "
    text += pick(_STOP)
    held_out = any(wordings.is_held_out(template) for wordings, template in picked)
    return Instruction(text, tuple(parts), held_out)


def _landmark_view(house: House, viewpoint: int, target: Target) -> int | None:
    if target.sort not in ("door", "thing"):
        return None
    number = target.number + (len(house.things) if target.sort == "door" else 0)
    spot = sightings(house, viewpoint)[number]
    return view_index(spot.heading, spot.elevation)


def _past(rng: random.Random, house: House, way: tuple[int, ...], heading: float, target: Target, text: str) -> str:
    """``walk past the sofa to the door``, where the walk really goes past it within one room."""
    room = house.room_of(way[0], heading)
    if any(room not in house.viewpoints[k].rooms for k in way):
        return text
    things = [
        i for i in house.things_of[room] if house.things[i].on is None and (target.sort, target.number) != ("thing", i)
    ]
    rng.shuffle(things)
    for i in things:
        name = thing_name(house, i)
        if name is not None and passes(house, way, i) and seen(house, way[0], i):
            return f"walk past {name} to {target.words}"
    return text


def passes(house: House, way: tuple[int, ...], number: int) -> bool:
    """Whether a walk goes by a thing: near it at some place that is neither the first nor the last third of the way."""
    thing = house.things[number]
    spots = []
    for a, b in pairwise(way):
        first, second = house.viewpoints[a], house.viewpoints[b]
        spots += [(first.x + s * (second.x - first.x) / 20, first.y + s * (second.y - first.y) / 20) for s in range(21)]
    away = [math.hypot(x - thing.x, y - thing.y) for x, y in spots]
    nearest = away.index(min(away))
    return min(away) <= PAST and len(spots) / 4 < nearest < 3 * len(spots) / 4


def errands(house: House, seed: int, *, n: int = 1, split: str = "train") -> list[Errand]:
    """Up to ``n`` errands to things that words alone tell apart: the only such thing in the only room of its kind."""
    rng = random.Random(f"errand/{house.scan}/{seed}/{split}")
    kinds = [room.kind for room in house.rooms]
    order = list(range(len(house.things)))
    rng.shuffle(order)
    found: list[Errand] = []
    for number in order:
        room = house.things[number].room
        name = thing_name(house, number)
        if len(found) == n:
            break
        if name is None or kinds.count(kinds[room]) > 1:
            continue
        spots = [k for k, p in enumerate(house.viewpoints) if p.rooms == (room,) and seen(house, k, number)]
        starts = [k for k, p in enumerate(house.viewpoints) if p.door is None and room not in p.rooms]
        if not spots or not starts:
            continue
        goal = max(spots, key=lambda k: sightings(house, k)[number].pixels)
        way = path(house, rng.choice(starts), goal)
        if not alone(house, way):
            continue
        full = f"the {house.things[number].colour} {house.things[number].kind}"
        wordings = _FETCH if house.things[number].kind in _CARRIED else _VISIT
        templates = list(wordings.train if split == "train" else wordings.train + wordings.held_out)
        rng.shuffle(templates)
        texts = tuple(t.format(x=rng.choice((name, full)), r=kinds[room]) for t in templates[:3])
        found.append(Errand(number, way, texts, any(wordings.is_held_out(t) for t in templates[:3])))
    return found
