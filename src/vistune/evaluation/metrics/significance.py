"""Can two results be told apart, and how many items would it take?

All tests are paired, on the same items; items that share a picture move together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.intervals import Array, Formula, group_sums

#: Normal quantiles of a two-sided test at 5 percent and of 80 percent power.
_Z_LEVEL, _Z_POWER = 1.959964, 0.841621


@dataclass(frozen=True, slots=True)
class Contrast:
    """One result set against another on the same items.

    ``difference`` with ``low`` and ``high``, the ends of its 95% interval; ``p_value`` of no difference (``test`` says by which
    test); ``items`` and ``groups`` that both answered; ``detectable``: the smallest true difference that so many groups show
    in four of five tries; ``needed``: groups that it takes to show the difference found (None: there is none).
    """

    difference: float
    low: float
    high: float
    p_value: float
    test: str
    items: int
    groups: int
    detectable: float
    needed: int | None

    @property
    def told_apart(self) -> bool:
        """Does the interval leave out zero?"""
        return self.low > 0 or self.high < 0

    def sentence(self, share: bool = True) -> str:
        """What a reader should take from it. ``share``: in points of a hundred, else as it is."""
        if self.low == self.high == self.difference == 0:
            return f"not one of {self.groups:,} groups differs: cannot be told apart on these {self.items:,} items."
        times, unit = (100, " points") if share else (1, "")
        gap = f"{times * self.difference:+.1f}{unit} [{times * self.low:+.1f}, {times * self.high:+.1f}]"
        if self.told_apart:
            return f"{gap}, p = {self.p_value:.3g}: told apart on {self.items:,} items."
        more = "" if self.needed is None else f" A difference of this size would take about {self.needed:,} groups."
        return (
            f"{gap}, p = {self.p_value:.3g}: cannot be told apart on {self.items:,} items in {self.groups:,} groups, "
            f"which show a difference of {times * self.detectable:.1f}{unit} or more.{more}"
        )


def mcnemar(left: Sequence[bool], right: Sequence[bool]) -> float:
    """Exact two-sided McNemar test: p of no difference, from the items that only one of the two has right.

    Items must be independent of each other (one to a picture). Raises ``ValueError`` for unequal lengths.
    """
    from scipy.stats import binomtest

    only_left = sum(a and not b for a, b in zip(left, right, strict=True))
    only_right = sum(b and not a for a, b in zip(left, right, strict=True))
    if only_left + only_right == 0:
        return 1.0
    return float(binomtest(only_left, only_left + only_right).pvalue)


def permutation(
    left: Sequence[Mapping[str, float]],
    right: Sequence[Mapping[str, float]],
    groups: Sequence[str],
    formula: Formula,
    metric: str,
    *,
    rounds: int = 2000,
    seed: int = 0,
) -> float:
    """Paired permutation test of any measure: whole groups change sides at random. p of no difference, two-sided.

    The difference found counts as one of the rounds, so p is never 0 (Phipson and Smyth 2010).
    """
    _, names, a = group_sums(left, groups)
    _, _, b = group_sums(right, groups)
    rng = np.random.default_rng(seed)
    found = _gap(a.sum(0, keepdims=True), b.sum(0, keepdims=True), names, formula, metric)[0]
    total = a.sum(0) + b.sum(0)
    gaps = np.empty(rounds)
    for start in range(0, rounds, 100):  # a hundred rounds at a time, so that many groups fit
        count = min(100, rounds - start)
        swap = rng.integers(0, 2, size=(count, len(a))).astype(np.float64)
        one = a.sum(0) + swap @ (b - a)
        gaps[start : start + count] = _gap(one, total - one, names, formula, metric)
    # Sums in another order differ in the last digits: equal gaps must count as equal.
    return float((1 + (np.abs(gaps) >= abs(found) - 1e-12).sum()) / (1 + rounds))


def _gap(a: Array, b: Array, names: Sequence[str], formula: Formula, metric: str) -> Array:
    rows = [formula({name: side[:, i] for i, name in enumerate(names)})[metric] for side in (a, b)]
    return rows[0] - rows[1]


def groups_needed(deviation: float, difference: float) -> int | None:
    """Groups for which a true ``difference`` is shown in four of five tries at the 5% level.

    ``deviation``: standard deviation over groups of the paired difference. None for no difference.
    """
    if difference == 0:
        return None
    return max(2, math.ceil(((_Z_LEVEL + _Z_POWER) * deviation / abs(difference)) ** 2))


def smallest_detectable(deviation: float, groups: int) -> float:
    """The smallest true difference that ``groups`` groups show in four of five tries at the 5% level."""
    return (_Z_LEVEL + _Z_POWER) * deviation / math.sqrt(groups) if groups else math.inf


def items_for_margin(margin: float, share: float = 0.5) -> int:
    """Independent items for a 95% interval of ``margin`` to either side of a ``share``: 385 for 5 points about one half."""
    return math.ceil((_Z_LEVEL / margin) ** 2 * share * (1 - share))


def over_seeds(
    scores: NDArray[np.float64], *, resamples: int = 2000, level: float = 0.95, seed: int = 0
) -> tuple[float, float, float]:
    """Mean of item scores ``[seeds, items]`` with its interval: (mean, low, high).

    Seeds and items are resampled together, so that the interval speaks for other seeds and other items.
    """
    values = np.asarray(scores, float)
    rng = np.random.default_rng(seed)
    seeds, items = values.shape
    means = np.empty(resamples)
    for k in range(resamples):
        means[k] = values[rng.integers(seeds, size=seeds)][:, rng.integers(items, size=items)].mean()
    tail = (1 - level) / 2
    return float(values.mean()), float(np.quantile(means, tail)), float(np.quantile(means, 1 - tail))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p-values made good for having looked several times (Holm 1979)."""
    ordered = sorted(p_values, key=lambda name: p_values[name])
    adjusted: dict[str, float] = {}
    least = 0.0
    for rank, name in enumerate(ordered):
        least = max(least, min(1.0, (len(ordered) - rank) * p_values[name]))
        adjusted[name] = least
    return {name: adjusted[name] for name in p_values}
