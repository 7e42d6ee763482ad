"""How many seeds the world's property tests try: in a usual run as many as each names, in a deep run many times that.

``VISTUNE_SEEDS=10 pytest tests/world`` tries ten times as many; ``make exactness`` does so and writes the page.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

#: How many times as many seeds as usual are tried.
FACTOR = float(os.environ.get("VISTUNE_SEEDS", "1"))
#: Seeds asked for, by the test that asked or (while files are read) by its module.
TRIED: Counter[str] = Counter()


def seeds(number: int, first: int = 0) -> range:
    """``number`` seeds from ``first`` on, times ``VISTUNE_SEEDS``."""
    many = max(1, round(number * FACTOR))
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" ", 1)[0]
    TRIED[test or sys._getframe(1).f_globals["__name__"]] += many
    return range(first, first + many)
