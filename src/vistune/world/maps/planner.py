"""Plans on a map: many different ways from start to goal for round robots of drawn sizes.

PathEval draws its plans with RRT. Here the cheapest way over a grid is found under costs that are drawn anew for each plan,
then shortened by random cuts: as various, and a hundred times as fast. Every plan keeps its robot off the obstacles.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vistune.world.maps.chart import HALF, Map, Point

#: Nodes of the grid along one side, 5 units apart.
SIDE = 16
_STEP = 2 * HALF / SIDE
_MOVES = ((1, 0), (0, 1), (1, 1), (1, -1))


@dataclass(frozen=True, slots=True)
class Plan:
    """Way-points from start to goal, of a robot with ``radius``."""

    points: tuple[Point, ...]
    radius: float


def plans(chart: Map, count: int = 12) -> tuple[Plan, ...]:
    """``count`` plans on a map; the same for the same map."""
    rng = random.Random(f"plans/{chart.split}/{chart.prior}/{chart.seed}/{chart.style}")
    edges, links = chart.edges(), _links(chart)
    return tuple(_plan(chart, edges, links, rng) for _ in range(count))


def clearance(points: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of points ``[n, 2]`` outside the obstacles to the nearest of the sides ``[sides, 2, 2]``: ``[n]``."""
    a, along = edges[:, 0], edges[:, 1] - edges[:, 0]
    share = ((points[:, None] - a) * along).sum(-1) / (along**2).sum(-1)
    foot = a + np.clip(share, 0, 1)[..., None] * along
    return np.sqrt(((points[:, None] - foot) ** 2).sum(-1)).min(1)


def segment_clearance(
    starts: NDArray[np.float64], ends: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance of segments (``[n, 2]`` to ``[n, 2]``) to the nearest side; 0 where one is crossed: ``[n]``."""
    near = np.minimum(clearance(starts, edges), clearance(ends, edges))
    along = ends - starts
    corners = edges[:, 0]
    share = ((corners[None] - starts[:, None]) * along[:, None]).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)[
        :, None
    ]
    foot = starts[:, None] + np.clip(share, 0, 1)[..., None] * along[:, None]
    near = np.minimum(near, np.sqrt(((corners[None] - foot) ** 2).sum(-1)).min(1))
    a, b = edges[:, 0][None], edges[:, 1][None]
    one = _side(starts[:, None], ends[:, None], a) * _side(starts[:, None], ends[:, None], b)
    two = _side(a, b, starts[:, None]) * _side(a, b, ends[:, None])
    return np.where(((one < 0) & (two < 0)).any(1), 0.0, near)


def _side(a: NDArray[np.float64], b: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    return (b[..., 0] - a[..., 0]) * (p[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (p[..., 0] - a[..., 0])


@lru_cache(maxsize=1)
def _nodes() -> NDArray[np.float64]:
    axis = -HALF + _STEP * (np.arange(SIDE) + 0.5)
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2).astype(np.float64)


@lru_cache(maxsize=1)
def _pairs() -> NDArray[np.int64]:
    pairs = [
        (i * SIDE + j, (i + a) * SIDE + j + b)
        for i in range(SIDE)
        for j in range(SIDE)
        for a, b in _MOVES
        if i + a < SIDE and 0 <= j + b < SIDE
    ]
    return np.array(pairs)


def _links(chart: Map) -> NDArray[np.float64]:
    """For each pair of neighbours the greatest radius that can pass: ``[pairs]``."""
    nodes, pairs, edges = _nodes(), _pairs(), chart.edges()
    near = segment_clearance(nodes[pairs[:, 0]], nodes[pairs[:, 1]], edges)
    inside = _inside(nodes, chart)
    return np.where(inside[pairs].any(1), 0.0, near)


def _inside(points: NDArray[np.float64], chart: Map) -> NDArray[np.bool_]:
    """Which points lie in an obstacle. Obstacles are convex, their corners in one sense."""
    found = np.zeros(len(points), dtype=bool)
    for polygon in chart.obstacles:
        ring = np.array(polygon)
        sides = _side(ring[None], np.roll(ring, -1, 0)[None], points[:, None])
        found |= (sides >= 0).all(1) | (sides <= 0).all(1)
    return found


def _plan(chart: Map, edges: NDArray[np.float64], links: NDArray[np.float64], rng: random.Random) -> Plan:
    radius = rng.uniform(0.5, 1.5)
    nodes, pairs = _nodes(), _pairs()
    # Hills of cost, drawn for this plan, turn it away from the shortest way.
    hills = np.array([(rng.uniform(-HALF, HALF), rng.uniform(-HALF, HALF), rng.uniform(0.5, 4)) for _ in range(5)])
    height = sum(h * np.exp(-((nodes - (x, y)) ** 2).sum(-1) / 300) for x, y, h in hills)
    length = np.sqrt(((nodes[pairs[:, 0]] - nodes[pairs[:, 1]]) ** 2).sum(-1))
    cost = length * (0.4 + np.asarray(height)[pairs].mean(1))
    first, last = (int(np.abs(nodes - p).sum(-1).argmin()) for p in (chart.start, chart.goal))
    around = _neighbours(pairs[links > radius], cost[links > radius])
    route = _wandering(around, first, last, rng)
    points = np.concatenate([[chart.start], nodes[route], [chart.goal]])
    points = _shortened(points, radius, edges, rng)
    return Plan(tuple((float(x), float(y)) for x, y in points), radius)


Neighbours = list[list[tuple[int, float]]]


def _neighbours(pairs: NDArray[np.int64], cost: NDArray[np.float64]) -> Neighbours:
    around: Neighbours = [[] for _ in range(SIDE * SIDE)]
    for (a, b), c in zip(pairs.tolist(), cost.tolist()):
        around[a].append((b, c))
        around[b].append((a, c))
    return around


def _costs(around: Neighbours, first: int, last: int | None = None) -> tuple[dict[int, float], dict[int, int]]:
    """Dijkstra from ``first``, until ``last`` is reached: costs, and the node before each."""
    best, before, queue = {first: 0.0}, {first: first}, [(0.0, first)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if node == last:
            break
        if so_far > best[node]:
            continue
        for other, c in around[node]:
            if so_far + c < best.get(other, 1e9):
                best[other], before[other] = so_far + c, node
                heapq.heappush(queue, (so_far + c, other))
    return best, before


def _cheapest(around: Neighbours, first: int, last: int) -> list[int]:
    """Nodes of the cheapest way; the maps always have one."""
    before, route = _costs(around, first, last)[1], [last]
    while route[-1] != first:
        route.append(before[route[-1]])
    return route[::-1]


def _wandering(around: Neighbours, first: int, last: int, rng: random.Random) -> list[int]:
    """A way by up to two places where it need not go, as planners that sample have them; no node twice."""
    reached = sorted(_costs(around, first)[0])
    for _ in range(4):
        stops = [first, *(rng.choice(reached) for _ in range(rng.choice((0, 1, 1, 2)))), last]
        route = [first]
        for a, b in pairwise(stops):
            route += _cheapest(around, a, b)[1:]
        if len(set(route)) == len(route):
            return route
    return _cheapest(around, first, last)


def _shortened(
    points: NDArray[np.float64], radius: float, edges: NDArray[np.float64], rng: random.Random
) -> NDArray[np.float64]:
    """Way-points on straight lines dropped, neighbours moved a little, some cuts taken: a few, or many."""
    keep = [0]
    for k in range(1, len(points) - 1):
        a, b = points[k] - points[keep[-1]], points[k + 1] - points[k]
        straight = abs(a[0] * b[1] - a[1] * b[0]) <= 1e-9 and a @ b >= 0
        if np.abs(a).sum() > 1e-6 and not straight:
            keep.append(k)
    points = points[[*keep, len(points) - 1]]
    for _ in range(rng.choice((0, 3, 8))):
        if len(points) < 4:
            break
        i = rng.randrange(len(points) - 2)
        j = min(len(points) - 1, i + rng.choice((2, 2, 3, 4)))
        if segment_clearance(points[i : i + 1], points[j : j + 1], edges)[0] >= radius:
            points = np.concatenate([points[: i + 1], points[j:]])
    moved = points.copy()
    moved[1:-1] += np.array([(rng.uniform(-1.2, 1.2), rng.uniform(-1.2, 1.2)) for _ in range(len(points) - 2)]).reshape(
        -1, 2
    )
    return moved if (segment_clearance(moved[:-1], moved[1:], edges) >= radius).all() else points
