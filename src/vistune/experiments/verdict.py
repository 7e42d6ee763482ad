"""When a claim holds: an interval of the difference between two arms, over seeds and items, against a margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.significance import over_seeds

Verdict = Literal["holds", "does not hold here", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean difference of two arms with its interval, in the metric's unit."""

    mean: float
    low: float
    high: float

    def verdict(self, at_least: float) -> Verdict:
        """``holds`` if the whole interval lies at or above ``at_least``, ``does not hold here`` if below it."""
        if self.low >= at_least:
            return "holds"
        return "does not hold here" if self.high < at_least else "inconclusive"


def difference(
    left: NDArray[np.float64], right: NDArray[np.float64], *, resamples: int = 2000, level: float = 0.95, seed: int = 0
) -> Difference:
    """Paired difference of item scores ``left - right``, both ``[seeds, items]``.

    Seeds and items are resampled together (two-level bootstrap), so the interval speaks for other seeds and for other
    items. With one seed it speaks for other items alone. Raises ``ValueError`` for unequal or empty shapes.
    """
    if left.shape != right.shape or left.ndim != 2 or not left.size:
        raise ValueError(f"Paired scores must have one shape [seeds, items]: {left.shape} and {right.shape}.")
    return Difference(*over_seeds(left - right, resamples=resamples, level=level, seed=seed))
