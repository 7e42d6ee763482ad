"""Walks to instructions: R2R's evaluation (eval.py) and path fidelity (nDTW, CLS)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

#: A walk succeeds that ends nearer than this to the goal, in metres.
NEAR = 3.0
Distance = Callable[[str, str], float]


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
    path: Sequence[str], reference: Sequence[str], distance: Distance, near: float = NEAR
) -> dict[str, float]:
    """One walk's figures; the mean over instructions is the benchmark's.

    ``distance``: metres along the graph between two viewpoints. ``path`` starts where ``reference`` starts; the last of each
    is where the agent stopped and the goal. NE and TL are in metres, all others shares: SR, OSR, SPL, nDTW, sDTW, CLS.
    Raises ``ValueError`` for an empty path, or one that starts elsewhere.
    """
    if not path or not reference or path[0] != reference[0]:
        raise ValueError("A walk must start where its reference starts.")
    goal = reference[-1]
    error = distance(path[-1], goal)
    success = float(error < near)
    shortest, walked = distance(reference[0], goal), length(path, distance)
    spl = success * shortest / max(walked, shortest) if max(walked, shortest) > 0 else success
    ndtw = math.exp(-dtw(path, reference, distance) / (len(reference) * near))
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
