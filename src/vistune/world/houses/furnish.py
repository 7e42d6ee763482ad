"""Things in the rooms of a house: on walls, along walls, on the floor, on tables; doorways stay free."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from vistune.world.houses.fittings import (
    ALWAYS,
    FITTINGS,
    HUNG,
    MAYBE,
    WINDOW,
    measures,
)
from vistune.world.houses.house import Door, Landmark, Space
from vistune.world.rooms.room import apart
from vistune.world.rooms.solids import Material
from vistune.world.scene import Prior, Split
from vistune.world.vocabulary import COLOURS

#: Metres: things keep this far from the middle of a doorway, and from each other.
FREE_DOOR, GAP = 0.95, 0.14
_TRIES = 14
_MATERIALS: tuple[Material, ...] = ("plain", "striped", "checked")
_ORDER = {"rug": 0, "wall": 1, "floor": 2, "top": 3, "hung": 4}
#: Small things that may stand on others, and how high the top is as a share of the carrier.
_CARRIERS = {"table": 1.0, "cupboard": 1.0, "stool": 1.0}


def held_out(colour: str, kind: str) -> bool:
    """Whether a colour and a kind of thing never meet in training: one pair in twenty-five."""
    colours, kinds = list(COLOURS), list(FITTINGS)
    return (colours.index(colour) * 7 + kinds.index(kind) * 3) % 25 == 11


def furnish(
    rng: random.Random, number: int, room: Space, doors: Sequence[Door], first: int, split: Split, prior: Prior
) -> list[Landmark]:
    """The things of room ``number``; ``first`` is the number that the first of them gets in the house."""
    wanted = [*ALWAYS[room.kind], *_extras(rng, room, prior)]
    things: list[Landmark] = []
    for kind in sorted(wanted, key=lambda name: _ORDER[FITTINGS[name].place]):
        thing = _place(rng, kind, number, room, doors, things, first, split)
        if thing is not None:
            things.append(thing)
    return things


def is_furnished(room: Space, things: Sequence[Landmark]) -> bool:
    """Whether all is there that a room of its kind always has."""
    there = [thing.kind for thing in things]
    return all(there.count(kind) >= ALWAYS[room.kind].count(kind) for kind in ALWAYS[room.kind])


def _extras(rng: random.Random, room: Space, prior: Prior) -> list[str]:
    table = MAYBE[room.kind]
    weights = {
        "skewed": list(table.values()),
        "flat": [1.0] * len(table),
        "inverted": [1 / weight for weight in table.values()],
    }[prior]
    wanted = 2 + (room.area > 10) + (room.area > 14) + (rng.random() < 0.5)
    names, chosen = list(table), []
    while len(chosen) < wanted and names:
        k = rng.choices(range(len(names)), weights)[0]
        chosen.append(names.pop(k))
        weights.pop(k)
    return chosen


def _place(
    rng: random.Random,
    kind: str,
    number: int,
    room: Space,
    doors: Sequence[Door],
    things: list[Landmark],
    first: int,
    split: Split,
) -> Landmark | None:
    colour = rng.choice([c for c in COLOURS if split != "train" or not held_out(c, kind)])
    size = rng.choice(("small", "medium", "big"))
    material = rng.choices(_MATERIALS, (6, 1, 1))[0]
    place = FITTINGS[kind].place
    carriers = [k for k, thing in enumerate(things) if thing.kind in _CARRIERS]
    for _ in range(_TRIES):
        on = None
        if place == "top" and carriers and rng.random() < 0.75:
            k = rng.choice(carriers)
            spot, on = _on_top(rng, kind, size, things[k]), k + first
        elif place in ("wall", "hung"):
            spot = _at_wall(rng, kind, size, room, HUNG if place == "hung" else 0.0)
        else:
            spot = _on_floor(rng, place, room)
        if spot is None:
            continue
        made = Landmark(kind, colour, size, material, *spot, number, on)
        if _fits(made, room, doors, things):
            return made
    return None


Spot = tuple[float, float, float, float]


def _on_floor(rng: random.Random, place: str, room: Space) -> Spot:
    x = room.x0 + rng.random() * (room.x1 - room.x0)
    y = room.y0 + rng.random() * (room.y1 - room.y0)
    quarter = rng.randrange(4) * math.pi / 2
    return (
        round(x, 3),
        round(y, 3),
        0.0,
        quarter if place == "rug" or rng.random() < 0.6 else rng.random() * 2 * math.pi,
    )


def _at_wall(rng: random.Random, kind: str, size: str, room: Space, z: float) -> Spot | None:
    """Its back to one of the four walls, its front to the room."""
    wide, deep, _ = measures(kind, size)
    wall = rng.randrange(4)
    low, high = (room.x0, room.x1) if wall % 2 == 0 else (room.y0, room.y1)
    if high - low < wide + 0.1:
        return None
    at = round(low + wide / 2 + 0.05 + rng.random() * (high - low - wide - 0.1), 3)
    off = deep / 2 + (0.02 if z == 0 else 0.005)
    return (
        (at, room.y0 + off, z, 0.0),
        (room.x1 - off, at, z, math.pi / 2),
        (at, room.y1 - off, z, math.pi),
        (room.x0 + off, at, z, -math.pi / 2),
    )[wall]


def _on_top(rng: random.Random, kind: str, size: str, under: Landmark) -> Spot | None:
    wide, deep, high = under.extent
    reach = math.hypot(*measures(kind, size)[:2]) / 2
    if min(wide, deep) / 2 < reach:
        return None
    px = (2 * rng.random() - 1) * (wide / 2 - reach)
    py = (2 * rng.random() - 1) * (deep / 2 - reach)
    c, s = math.cos(under.yaw), math.sin(under.yaw)
    top = under.z + high * _CARRIERS[under.kind]
    return under.x + c * px - s * py, under.y + s * px + c * py, top, rng.random() * 2 * math.pi


def _fits(thing: Landmark, room: Space, doors: Sequence[Door], things: Sequence[Landmark]) -> bool:
    """Inside the room, clear of doorways, and apart from all that shares its height."""
    foot = thing.footprint()
    place = FITTINGS[thing.kind].place
    margin = 0.0 if place in ("wall", "hung") else 0.1
    if foot[:, 0].min() < room.x0 + margin or foot[:, 0].max() > room.x1 - margin:
        return False
    if foot[:, 1].min() < room.y0 + margin or foot[:, 1].max() > room.y1 - margin:
        return False
    if thing.on is not None:
        return all(o.on != thing.on or apart(foot, o.footprint(), 0.04) for o in things)
    if place == "rug":
        return True
    free = FREE_DOOR if place != "hung" else 0.75
    for door in doors:
        x, y = door.position
        low, high = foot.min(0), foot.max(0)
        away = math.hypot(max(low[0] - x, 0, x - high[0]), max(low[1] - y, 0, y - high[1]))
        if away < free:
            return False
    level = [o for o in things if o.kind != "rug" and o.on is None and _same_height(thing, o)]
    return all(apart(foot, o.footprint(), GAP) for o in level)


def _same_height(thing: Landmark, other: Landmark) -> bool:
    return thing.z < other.z + other.extent[2] + 0.05 and other.z < thing.z + thing.extent[2] + 0.05


def put_windows(
    rng: random.Random, rooms: Sequence[Space], things: Sequence[Landmark]
) -> list[tuple[int, float, float, float]]:
    """Windows in outer walls where nothing stands or hangs before them: (room, x, y, yaw)."""
    wide = WINDOW.size[0]
    x_end, y_end = max(room.x1 for room in rooms), max(room.y1 for room in rooms)
    found = []
    for number, room in enumerate(rooms):
        outer = [
            (room.y0 == 0, (room.x0, room.x1), lambda at, r=room: (at, r.y0 + 0.03, 0.0)),
            (room.x1 == x_end, (room.y0, room.y1), lambda at, r=room: (r.x1 - 0.03, at, math.pi / 2)),
            (room.y1 == y_end, (room.x0, room.x1), lambda at, r=room: (at, r.y1 - 0.03, math.pi)),
            (room.x0 == 0, (room.y0, room.y1), lambda at, r=room: (r.x0 + 0.03, at, -math.pi / 2)),
        ]
        for is_outer, (low, high), spot in outer:
            if not is_outer or high - low < wide + 0.5 or rng.random() < 0.25:
                continue
            for _ in range(4):
                at = round(low + wide / 2 + 0.2 + rng.random() * (high - low - wide - 0.4), 3)
                x, y, yaw = spot(at)
                if _window_free(x, y, [t for t in things if t.room == number], wide):
                    found.append((number, x, y, yaw))
                    break
    return found


def _window_free(x: float, y: float, things: Sequence[Landmark], wide: float) -> bool:
    for thing in things:
        if thing.z + thing.extent[2] < 0.9:
            continue
        low, high = thing.footprint().min(0), thing.footprint().max(0)
        away = max(max(low[0] - x, 0, x - high[0]), max(low[1] - y, 0, y - high[1]))
        if away < wide / 2 + 0.1 and min(abs(low - (x, y)).min(), abs(high - (x, y)).min()) < 0.4:
            return False
    return True
