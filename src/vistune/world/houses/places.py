"""Where one can stand in a house, and between which places one can walk straight and see each other."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vistune.world.houses.house import Array, Door, Landmark, Space, Viewpoint

#: Metres: from walls and things to whoever stands or walks there; the longest straight walk; viewpoints of a room apart.
WALL_CLEAR, STAND_CLEAR, WALK_CLEAR, LONGEST, SPREAD = 0.5, 0.34, 0.22, 4.6, 1.5
_STEP = 0.3


def clearance(points: Array, things: Sequence[Landmark]) -> Array:
    """Metres from points ``[n, 2]`` to the nearest thing in the way (0 within one): ``[n]``."""
    nearest = np.full(len(points), np.inf)
    for thing in things:
        if not thing.in_the_way:
            continue
        wide, deep, _ = thing.extent
        c, s = math.cos(thing.yaw), math.sin(thing.yaw)
        away = points - (thing.x, thing.y)
        across = np.maximum(np.abs(away @ (c, s)) - wide / 2, 0)
        along = np.maximum(np.abs(away @ (-s, c)) - deep / 2, 0)
        nearest = np.minimum(nearest, np.hypot(across, along))
    return nearest


def walkable(a: Array, b: Array, things: Sequence[Landmark]) -> bool:
    """Whether the straight way between two points of a room is short and free."""
    return bool(reached(a, b[None], things)[0])


def reached(a: Array, ends: Array, things: Sequence[Landmark]) -> NDArray[np.bool_]:
    """Which of ``ends`` ``[n, 2]`` a short, free, straight way leads to from ``a``: ``[n]``."""
    away = ends - a
    short = np.sqrt((away * away).sum(1)) <= LONGEST
    steps = np.linspace(0, 1, 1 + int(LONGEST / 0.08))[:, None]
    points = a + away[short][:, None] * steps
    free = (
        clearance(points.reshape(-1, 2), things).reshape(len(points), len(steps)).min(1, initial=np.inf) >= WALK_CLEAR
    )
    short[short] = free
    return short


def through(door: Door, other: Array) -> bool:
    """Whether one walks from ``other`` over a threshold and not along the wall."""
    away = other - np.array(door.position)
    return abs(float(away[door.axis])) >= 0.45 * float(np.hypot(*away))


def stand_in(room: Space, doors: Sequence[Door], things: Sequence[Landmark]) -> list[Array] | None:
    """Places to stand in a room, such that all its doors are joined by walks within it; None where things bar the way."""
    xs = np.arange(room.x0 + WALL_CLEAR, room.x1 - WALL_CLEAR + 1e-9, _STEP)
    ys = np.arange(room.y0 + WALL_CLEAR, room.y1 - WALL_CLEAR + 1e-9, _STEP)
    grid = np.array([(x, y) for x in xs for y in ys])
    if not len(grid):
        return None
    free = grid[clearance(grid, things) >= STAND_CLEAR]
    if not len(free):
        return None
    reach = np.zeros((len(free), len(doors)), bool)
    for d, door in enumerate(doors):
        over = np.array([through(door, spot) for spot in free])
        reach[over, d] = reached(np.array(door.position), free[over], things)
    middle = np.hypot(*(free - room.middle).T)
    chosen = [int(np.lexsort((middle, -reach.sum(1)))[0])]
    if not reach[chosen[0]].any():
        return None
    joined = reach[chosen[0]].copy()
    while not joined.all():
        gains = [
            (int((reach[k] & ~joined).sum()), -middle[k], k)
            for k in range(len(free))
            if k not in chosen and (reach[k] & ~joined).any()
        ]
        gains = [g for g in gains if any(_near(free[g[2]], free[c], things) for c in chosen)]
        if not gains:
            return None
        best = max(gains)[2]
        chosen.append(best)
        joined |= reach[best]
    _spread(chosen, free, things, max(2, round(room.area / 6)))
    return [np.round(free[k], 3) for k in chosen]


def _near(a: Array, b: Array, things: Sequence[Landmark]) -> bool:
    return float(np.hypot(*(a - b))) >= 0.9 and walkable(a, b, things)


def _spread(chosen: list[int], free: Array, things: Sequence[Landmark], most: int) -> None:
    """Add places far from those that are there, up to ``most``, in place."""
    while len(chosen) < most:
        away = np.min([np.hypot(*(free - free[k]).T) for k in chosen], axis=0)
        for k in np.argsort(-away):
            if away[k] < SPREAD:
                return
            if any(walkable(free[k], free[c], things) for c in chosen):
                chosen.append(int(k))
                break
        else:
            return


def viewpoints_of(
    scan: str, rooms: Sequence[Space], doors: Sequence[Door], things: Sequence[Landmark], inner: list[list[Array]]
) -> tuple[list[Viewpoint], list[tuple[int, int]]]:
    """All viewpoints (the rooms' own, then the thresholds) and the edges between them."""
    points: list[Viewpoint] = []
    for r, spots in enumerate(inner):
        points += [
            Viewpoint(name_of(scan, len(points) + k), float(x), float(y), (r,)) for k, (x, y) in enumerate(spots)
        ]
    for d, door in enumerate(doors):
        points.append(Viewpoint(name_of(scan, len(points)), *door.position, door.rooms, d))
    edges = []
    for r in range(len(rooms)):
        members = [k for k, point in enumerate(points) if r in point.rooms]
        own = [thing for thing in things if thing.room == r]
        for i in members:
            edges += [(i, j) for j in members if i < j and _edge(points[i], points[j], doors, own)]
    return points, sorted(set(edges))


def _edge(a: Viewpoint, b: Viewpoint, doors: Sequence[Door], things: Sequence[Landmark]) -> bool:
    first, second = np.array((a.x, a.y)), np.array((b.x, b.y))
    for point, other in ((a, second), (b, first)):
        if point.door is not None and not through(doors[point.door], other):
            return False
    return walkable(first, second, things)


def name_of(scan: str, number: int) -> str:
    """A viewpoint's name: 32 hexadecimal digits."""
    return hashlib.md5(f"{scan}/{number}".encode(), usedforsecurity=False).hexdigest()
