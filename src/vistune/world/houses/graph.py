"""Shortest walks between viewpoints."""

from __future__ import annotations

import heapq
import random
from functools import lru_cache
from itertools import pairwise

from vistune.core.errors import ConfigError
from vistune.world.houses.house import House


@lru_cache(maxsize=4096)
def shortest(house: House, start: int) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Dijkstra from a viewpoint: metres to every viewpoint, and the viewpoint before each on the way (-1 at the start)."""
    far = [float("inf")] * len(house.viewpoints)
    before = [-1] * len(house.viewpoints)
    far[start] = 0.0
    queue = [(0.0, start)]
    while queue:
        length, here = heapq.heappop(queue)
        if length > far[here]:
            continue
        for other in house.neighbours[here]:
            longer = length + house.distance(here, other)
            if longer < far[other]:
                far[other], before[other] = longer, here
                heapq.heappush(queue, (longer, other))
    return tuple(far), tuple(before)


def distance(house: House, start: int, goal: int) -> float:
    """Metres of the shortest walk."""
    return shortest(house, start)[0][goal]


def path(house: House, start: int, goal: int) -> tuple[int, ...]:
    """The viewpoints of the shortest walk, both ends included."""
    before = shortest(house, start)[1]
    way = [goal]
    while way[-1] != start:
        way.append(before[way[-1]])
    return tuple(reversed(way))


def length(house: House, way: tuple[int, ...]) -> float:
    """Metres of a walk."""
    return sum(house.distance(a, b) for a, b in pairwise(way))


def alone(house: House, way: tuple[int, ...]) -> bool:
    """Whether every other walk between the same ends is longer by 5 cm at least."""
    goal = way[-1]
    for here, after in pairwise(way):
        best = distance(house, here, goal)
        for other in house.neighbours[here]:
            if other != after and house.distance(here, other) + distance(house, other, goal) < best + 0.05:
                return False
    return True


def sample_paths(
    house: House, rng: random.Random, n: int, *, least: int = 4, most: int = 8, metres: float = 5.0
) -> list[tuple[int, ...]]:
    """Up to ``n`` different shortest walks of ``least`` to ``most`` viewpoints, ``metres`` long at least, that end in a room.

    Raises:
        ConfigError: ``least`` is below 2 or above ``most``.
    """
    if not 2 <= least <= most:
        raise ConfigError(f"A path has {least} to {most} viewpoints: give at least 2, and not more than the most.")
    inner = [k for k, point in enumerate(house.viewpoints) if point.door is None]
    pairs = [(a, b) for a in inner for b in inner if a != b]
    rng.shuffle(pairs)
    found: list[tuple[int, ...]] = []
    for a, b in pairs:
        if len(found) == n:
            break
        if distance(house, a, b) < metres:
            continue
        way = path(house, a, b)
        if least <= len(way) <= most and alone(house, way):
            found.append(way)
    return found
