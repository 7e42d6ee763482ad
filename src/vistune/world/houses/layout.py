"""The plan of a house: a rectangle cut into rooms, doors between them, and the kinds of the rooms."""

from __future__ import annotations

import random

from vistune.world.houses.fittings import ROOM_KINDS, USUAL
from vistune.world.houses.house import DOOR_WIDTH, Door, Space
from vistune.world.scene import Prior
from vistune.world.vocabulary import COLOURS

Rectangle = tuple[float, float, float, float]
#: Metres: no side of a room is shorter; a shared wall with a door is at least this long.
SHORTEST, SHARED = 2.6, DOOR_WIDTH + 0.7
#: Share of the walls, beyond those needed to reach every room, that have a door.
_MORE_DOORS = 0.4
#: Frames are never white or brown: those are walls and wood.
DOOR_COLOURS: tuple[str, ...] = tuple(name for name in COLOURS if name not in ("white", "brown"))
_WALLS = ((232, 226, 210), (214, 226, 230), (236, 218, 206), (220, 230, 212), (228, 220, 234), (238, 234, 226))
_BOARDS = ((190, 150, 110), (150, 112, 80), (206, 172, 130))
_TILES = ((206, 202, 194), (188, 204, 208), (216, 208, 190))
_CARPETS = ((196, 186, 170), (176, 190, 178), (198, 178, 184))


def cut(rng: random.Random, area: Rectangle, count: int) -> list[Rectangle] | None:
    """``area`` cut into ``count`` rectangles by straight walls; None where a room would be too narrow."""
    if count == 1:
        return [area] if min(area[2] - area[0], area[3] - area[1]) >= SHORTEST else None
    first = count // 2 if count < 4 or rng.random() < 0.7 else count // 2 - 1
    share = first / count + (rng.random() - 0.5) * 0.16
    x0, y0, x1, y1 = area
    if x1 - x0 >= y1 - y0:
        at = round(x0 + share * (x1 - x0), 2)
        halves = (x0, y0, at, y1), (at, y0, x1, y1)
    else:
        at = round(y0 + share * (y1 - y0), 2)
        halves = (x0, y0, x1, at), (x0, at, x1, y1)
    parts = [cut(rng, half, n) for half, n in zip(halves, (first, count - first))]
    return None if parts[0] is None or parts[1] is None else parts[0] + parts[1]


def shared_wall(a: Rectangle, b: Rectangle) -> tuple[int, float, float, float] | None:
    """(axis, where, from, to) of the wall between two rectangles, ``a`` on the side of smaller coordinates."""
    for axis in (0, 1):
        if abs(a[axis + 2] - b[axis]) < 1e-9:
            low, high = max(a[1 - axis], b[1 - axis]), min(a[3 - axis], b[3 - axis])
            if high - low >= SHARED:
                return axis, b[axis], low, high
    return None


def put_doors(rng: random.Random, rooms: list[Rectangle]) -> list[Door] | None:
    """Doors that reach every room, and some more; no two doors of a room have one colour. None where that fails."""
    walls = []
    for i in range(len(rooms)):
        for j in range(len(rooms)):
            wall = shared_wall(rooms[i], rooms[j]) if i != j else None
            if wall is not None:
                walls.append((i, j, wall))
    rng.shuffle(walls)
    group = list(range(len(rooms)))
    doors: list[Door] = []
    for i, j, (axis, at, low, high) in walls:
        joins = group[i] != group[j]
        if not joins and rng.random() > _MORE_DOORS:
            continue
        taken = {door.colour for door in doors if {i, j} & set(door.rooms)}
        free = [name for name in DOOR_COLOURS if name not in taken]
        if not free:
            return None
        group = [group[i] if g == group[j] else g for g in group]
        edge = 0.3 + DOOR_WIDTH / 2
        middle = round(low + edge + rng.random() * (high - low - 2 * edge), 2)
        doors.append(Door(rng.choice(free), (i, j), axis, at, middle))
    return doors if len(set(group)) == 1 else None


def room_kinds(rng: random.Random, count: int, doors: list[Door], prior: Prior) -> list[str]:
    """A kind for each room: the hall is where most doors are; the others hardly repeat."""
    degree = [sum(r in door.rooms for door in doors) for r in range(count)]
    hall = rng.choice([r for r in range(count) if degree[r] == max(degree)])
    others = [kind for kind in ROOM_KINDS if kind != "hall"]
    weights = {
        "skewed": [USUAL[kind] for kind in others],
        "flat": [1.0] * len(others),
        "inverted": [1 / USUAL[kind] for kind in others],
    }[prior]
    kinds = []
    for r in range(count):
        if r == hall:
            kinds.append("hall")
            continue
        k = rng.choices(range(len(others)), weights)[0]
        weights[k] *= 0.08
        kinds.append(others[k])
    return kinds


def lay_out(rng: random.Random, count: int, prior: Prior) -> tuple[list[Space], list[Door]] | None:
    """Rooms and doors of a house; None where the dice gave no plan."""
    area = count * (11.5 + 3.5 * rng.random())
    shape = 1.1 + 0.4 * rng.random()
    width = (area * shape) ** 0.5
    whole = (0.0, 0.0, round(width, 2), round(area / width, 2))
    rectangles = cut(rng, whole if rng.random() < 0.5 else (0.0, 0.0, whole[3], whole[2]), count)
    doors = None if rectangles is None else put_doors(rng, rectangles)
    if rectangles is None or doors is None:
        return None
    rooms = []
    for rectangle, kind in zip(rectangles, room_kinds(rng, count, doors, prior)):
        pattern = "tiles" if kind in ("kitchen", "bathroom") else rng.choice(("boards", "boards", "carpet"))
        floor = rng.choice({"tiles": _TILES, "boards": _BOARDS, "carpet": _CARPETS}[pattern])
        rooms.append(Space(kind, *rectangle, rng.choice(_WALLS), floor, pattern))
    return rooms, doors
