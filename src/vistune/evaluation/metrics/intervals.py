"""Bootstrap intervals. A score is a function of sums over items, so a thousand resamples are one matrix product."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: Sums of columns over items -> named scores; works on arrays of sums, one entry a resample.
Formula = Callable[[Mapping[str, Array]], dict[str, Array]]
RESAMPLES = 1000


def group_sums(columns: Sequence[Mapping[str, float]], groups: Sequence[str]) -> tuple[list[str], list[str], Array]:
    """Items' columns summed within their groups. -> group names, column names, ``[groups, columns]``."""
    names = list(columns[0]) if columns else []
    order = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    sums = np.zeros((len(order), len(names)))
    for item, group in zip(columns, groups):
        sums[order[group]] += [item[name] for name in names]
    return list(order), names, sums


def _drawn(tables: Sequence[Array], resamples: int, seed: int) -> list[Array]:
    """Each table's group sums ``[groups, columns]`` added up over each resample: ``[resamples, columns]``.

    All tables see the same draws (that is what pairs them). A hundred resamples at a time, so that many groups fit.
    """
    rng = np.random.default_rng(seed)
    count = len(tables[0])
    found: list[list[Array]] = [[] for _ in tables]
    for start in range(0, resamples, 100):
        times = rng.multinomial(count, np.full(count, 1 / count), size=min(100, resamples - start)).astype(np.float64)
        for table, sums in zip(tables, found):
            sums.append(times @ table)
    return [np.concatenate(sums) for sums in found]


def scores(columns: Sequence[Mapping[str, float]], formula: Formula) -> dict[str, float]:
    """Scores over all items."""
    _, names, sums = group_sums(columns, ["all"] * len(columns))
    totals = {name: sums[:, i] for i, name in enumerate(names)}
    return {name: float(value[0]) for name, value in formula(totals).items()}


def intervals(
    columns: Sequence[Mapping[str, float]],
    groups: Sequence[str],
    formula: Formula,
    *,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Percentile interval of each score, resampling whole groups (pictures), not items."""
    _, names, sums = group_sums(columns, groups)
    (drawn,) = _drawn([sums], resamples, seed)
    values = formula({name: drawn[:, i] for i, name in enumerate(names)})
    tail = (1 - level) / 2
    return {n: (float(np.quantile(v, tail)), float(np.quantile(v, 1 - tail))) for n, v in values.items()}


def paired_difference(
    left: Sequence[Mapping[str, float]],
    right: Sequence[Mapping[str, float]],
    groups: Sequence[str],
    formula: Formula,
    metric: str,
    *,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float, float]:
    """``left - right`` on the same items in the same order: (difference, low, high). Raises ``ValueError`` if unpaired."""
    if not len(left) == len(right) == len(groups):
        raise ValueError(f"Paired scores need the same items: {len(left)}, {len(right)} and {len(groups)} groups.")
    _, names, a = group_sums(left, groups)
    _, _, b = group_sums(right, groups)

    def values(whole: Array, drawn: Array) -> Array:
        rows = np.concatenate([whole.sum(0, keepdims=True), drawn])
        return formula({name: rows[:, i] for i, name in enumerate(names)})[metric]

    drawn_a, drawn_b = _drawn([a, b], resamples, seed)
    gaps = values(a, drawn_a) - values(b, drawn_b)
    tail = (1 - level) / 2
    return float(gaps[0]), float(np.quantile(gaps[1:], tail)), float(np.quantile(gaps[1:], 1 - tail))


def ratio(top: Array, bottom: Array) -> Array:
    """Quotient, 0 where the divisor is 0."""
    return np.divide(top, bottom, out=np.zeros_like(np.asarray(top, float)), where=np.asarray(bottom) > 0)
