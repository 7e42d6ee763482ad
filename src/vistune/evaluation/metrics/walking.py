"""Walks to instructions: R2R's evaluation (eval.py) and path fidelity (nDTW, CLS)."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from vistune.core.errors import DataError

#: A walk succeeds that ends nearer than this to the goal, in metres.
NEAR = 3.0
Distance = Callable[[str, str], float]


#: Viewpoint -> those that can be walked to, with metres.
Graph = Mapping[str, Mapping[str, float]]


class Geodesic:
    """Metres of the shortest walk between two viewpoints of a graph; infinite where there is none.

    Raises ``DataError`` for a viewpoint that the graph does not have.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._from: dict[str, dict[str, float]] = {}

    def __call__(self, start: str, goal: str) -> float:
        """Metres from ``start`` to ``goal``."""
        for point in (start, goal):
            if point not in self.graph:
                raise DataError(f"The graph has no viewpoint '{point}'.")
        if start not in self._from:
            self._from[start] = self._shortest(start)
        return self._from[start].get(goal, math.inf)

    def _shortest(self, start: str) -> dict[str, float]:
        """Dijkstra."""
        done: dict[str, float] = {}
        queue = [(0.0, start)]
        while queue:
            far, here = heapq.heappop(queue)
            if here in done:
                continue
            done[here] = far
            for other, metres in self.graph[here].items():
                if other not in done:
                    heapq.heappush(queue, (far + metres, other))
        return done

    def path(self, start: str, goal: str) -> list[str]:
        """The viewpoints of a shortest walk, both ends included. Raises ``DataError`` where there is none."""
        if math.isinf(self(start, goal)):
            raise DataError(f"Nothing leads from viewpoint '{start}' to '{goal}'.")
        way = [start]
        while way[-1] != goal:
            here = way[-1]
            way.append(min(self.graph[here], key=lambda k: (self.graph[here][k] + self(k, goal), k)))
        return way


def without_repeats(path: Iterable[str]) -> list[str]:
    """A path without turns on the spot: each viewpoint once for every stay."""
    kept: list[str] = []
    for point in path:
        if not kept or kept[-1] != point:
            kept.append(point)
    return kept


def check_path(path: Sequence[str], start: str, graph: Graph, where: str = "A walk") -> None:
    """Raises ``DataError`` for a path that is empty, starts elsewhere, or leaps where the graph has no edge."""
    if not path or path[0] != start:
        raise DataError(f"{where} must begin at '{start}', not at '{path[0] if path else 'nothing'}'.")
    for a, b in pairwise(path):
        if a != b and b not in graph.get(a, {}):
            raise DataError(f"{where} leaps from '{a}' to '{b}': there is no edge.")


def length(path: Sequence[str], distance: Distance) -> float:
    """Metres along a path."""
    return sum(distance(a, b) for a, b in pairwise(path))


def dtw(path: Sequence[str], reference: Sequence[str], distance: Distance) -> float:
    """Dynamic time warping with steps (1, 1), (1, 0) and (0, 1)."""
    before = [0.0] + [math.inf] * len(reference)
    for node in path:
        now = [math.inf]
        for k, other in enumerate(reference, 1):
            now.append(distance(node, other) + min(before[k], before[k - 1], now[k - 1]))
        before = now
    return before[-1]


def walk_scores(
    path: Sequence[str],
    reference: Sequence[str],
    distance: Distance,
    near: float = NEAR,
    warp: Distance | None = None,
) -> dict[str, float]:
    """One walk's figures; the mean over instructions is the benchmark's.

    ``distance``: metres along the graph between two viewpoints. ``path`` starts where ``reference`` starts; the last of each
    is where the agent stopped and the goal. ``warp``: the distance for nDTW alone; VLN-CE takes the straight line there, on
    paths ``without_repeats``, where R2R's viewpoints take the graph's. NE and TL are in metres, all others shares: SR, OSR,
    SPL, nDTW, sDTW, CLS.
    Raises ``ValueError`` for an empty path, or one that starts elsewhere.
    """
    if not path or not reference or path[0] != reference[0]:
        raise ValueError("A walk must start where its reference starts.")
    goal = reference[-1]
    error = distance(path[-1], goal)
    success = float(error < near)
    shortest, walked = distance(reference[0], goal), length(path, distance)
    spl = success * shortest / max(walked, shortest) if max(walked, shortest) > 0 else success
    ndtw = math.exp(-dtw(path, reference, warp or distance) / (len(reference) * near))
    return {
        "NE": error,
        "TL": walked,
        "SR": success,
        "OSR": float(min(distance(node, goal) for node in path) < near),
        "SPL": spl,
        "nDTW": ndtw,
        "sDTW": success * ndtw,
        "CLS": coverage(path, reference, distance, near),
    }


def coverage(path: Sequence[str], reference: Sequence[str], distance: Distance, near: float = NEAR) -> float:
    """CLS: how well the reference is covered, times how well its length is kept."""
    covered = sum(math.exp(-min(distance(r, p) for p in path) / near) for r in reference) / len(reference)
    expected = covered * length(reference, distance)
    walked = length(path, distance)
    if expected == 0 and walked == 0:
        return covered
    return covered * expected / (expected + abs(expected - walked))


def errand_scores(
    path: Sequence[str],
    reference: Sequence[str],
    distance: Distance,
    seen_from: Iterable[str],
    found: object,
    wanted: object,
) -> dict[str, float]:
    """REVERIE's figures of one errand (arXiv 1904.10151): SR, OSR, SPL, TL, RGS and RGSPL.

    Success is to stop where the object is seen (``seen_from``), however far from the path's end. RGS: the object named
    (``found``; None: none) is the one wanted; its path does not count, save in RGSPL. Path lengths are weighed with the
    reference's, not the shortest; nothing is shorter than a centimetre.
    """
    goals = set(seen_from)
    walked, expected = length(path, distance), length(reference, distance)
    weight = expected / max(walked, expected, 0.01)
    success, grounded = float(path[-1] in goals), float(found is not None and str(found) == str(wanted))
    return {
        "TL": walked,
        "SR": success,
        "OSR": float(any(point in goals for point in path)),
        "SPL": success * weight,
        "RGS": grounded,
        "RGSPL": grounded * weight,
    }
