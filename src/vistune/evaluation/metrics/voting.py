"""Several answers to one question, and the choice among several instructions: what they give, and what they only seem to.

Self-consistency (Wang et al. 2023) and instruction search (Zhou et al. 2023), as told in a survey of prompting (arXiv
2402.07927).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.answers import normalise


def majority(answers: Sequence[str]) -> str:
    """The answer given most often after normalisation, as it was first written; the first of equals. "" for none."""
    counts = Counter(normalise(answer) for answer in answers)
    counts.pop("", None)
    if not counts:
        return ""
    most = max(counts.values())
    return next(answer for answer in answers if counts.get(normalise(answer)) == most)


def majority_accuracy(p: float, wrong: int, votes: int) -> float:
    """How often a majority of ``votes`` independent answers is right, each right with ``p`` and else one of ``wrong`` others.

    Ties are broken at random. From the multinomial distribution, exactly; for few votes (the sum has (wrong + 1) ** votes
    terms at most, grouped by counts).
    """
    if votes == 1:
        return p
    total = 0.0
    for counts in _counts(votes, wrong + 1):
        best = max(counts)
        if counts[0] < best:
            continue
        ways = math.factorial(votes)
        for n in counts:
            ways //= math.factorial(n)
        share = (1 - p) / wrong if wrong else 0.0
        total += ways * p ** counts[0] * share ** (votes - counts[0]) / counts.count(best)
    return total


def _counts(votes: int, classes: int) -> list[tuple[int, ...]]:
    return [c for c in product(range(votes + 1), repeat=classes) if sum(c) == votes]


def selection_regret(dev: NDArray[np.float64], test: NDArray[np.float64]) -> dict[str, float]:
    """What choosing the instruction that is best on ``dev`` costs: accuracies ``[instructions]`` of both splits.

    ``dev`` and ``test``: of the chosen one; ``optimism``: how much better it looked than it is; ``regret``: what the best one
    on test would have given more. The first of equals is chosen.
    """
    chosen = int(np.argmax(dev))
    return {
        "chosen": float(chosen),
        "dev": float(dev[chosen]),
        "test": float(test[chosen]),
        "optimism": float(dev[chosen] - test[chosen]),
        "regret": float(test.max() - test[chosen]),
    }


def harmonic_mean(base: float, new: float) -> float:
    """H of base and new classes, 2bn / (b + n), by which prompt learning is compared (arXiv 2203.05557)."""
    return 2 * base * new / (base + new) if base + new else 0.0
