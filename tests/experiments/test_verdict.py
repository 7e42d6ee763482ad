"""Verdicts on claims: exact cases, coverage, and the effect of seeds."""

from __future__ import annotations

import numpy as np
import pytest

from vistune.experiments.verdict import Difference, difference


def test_equal_arms_have_no_difference():
    scores = np.random.default_rng(0).random((3, 50))
    assert difference(scores, scores) == Difference(0.0, 0.0, 0.0)


def test_verdicts_by_hand():
    gap = Difference(mean=0.1, low=0.05, high=0.15)
    assert gap.verdict(0.0) == "holds"
    assert gap.verdict(0.05) == "holds"
    assert gap.verdict(0.1) == "inconclusive"
    assert gap.verdict(0.2) == "does not hold here"


def test_interval_covers_the_truth_and_is_not_vacuous():
    rng = np.random.default_rng(1)
    covered, widths = 0, []
    for trial in range(60):
        left = (rng.random((3, 300)) < 0.7).astype(float)
        right = (rng.random((3, 300)) < 0.6).astype(float)
        found = difference(left, right, resamples=400, seed=trial)
        covered += found.low <= 0.1 <= found.high
        widths.append(found.high - found.low)
    assert covered >= 52
    assert np.mean(widths) < 0.2


def test_disagreeing_seeds_widen_the_interval():
    items = (np.arange(200) % 2).astype(float)
    steady = np.stack([items, items, items])
    left_agreeing = np.clip(steady + 0.2, 0, 1.2)
    left_split = np.stack([items + 0.6, items, items])
    agree = difference(left_agreeing, steady)
    split = difference(left_split, steady)
    assert agree.mean == pytest.approx(split.mean)
    assert split.high - split.low > 10 * (agree.high - agree.low)
    assert split.verdict(0.1) == "inconclusive"


def test_unequal_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        difference(np.zeros((2, 3)), np.zeros((2, 4)))
