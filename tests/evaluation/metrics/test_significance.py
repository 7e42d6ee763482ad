"""Tests of difference against hand-counted cases, scipy and simulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import permutation_test

from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.significance import (
    Contrast,
    groups_needed,
    holm,
    items_for_margin,
    mcnemar,
    over_seeds,
    permutation,
    smallest_detectable,
)


def accuracy(sums):
    return {"accuracy": ratio(sums["correct"], sums["items"])}


def columns(right):
    return [{"items": 1.0, "correct": float(ok)} for ok in right]


def test_mcnemar_by_hand() -> None:
    # Five items that only the left has right, one that only the right has: 2 * (C(6,0) + C(6,1)) / 2^6.
    left = [True] * 5 + [False] + [True] * 10
    right = [False] * 5 + [True] + [True] * 10
    assert mcnemar(left, right) == pytest.approx(2 * (1 + 6) / 64)
    assert mcnemar(left, left) == 1.0
    with pytest.raises(ValueError):
        mcnemar(left, right[1:])


def test_permutation_is_near_all_sign_changes() -> None:
    """Eight groups of unequal size: all 256 ways of changing sides, counted one by one."""
    rng = np.random.default_rng(3)
    groups = [f"g{k}" for k in range(8) for _ in range(k + 1)]
    a, b = rng.random(len(groups)) < 0.8, rng.random(len(groups)) < 0.5
    per_group = [sum((x - y) for x, y, g in zip(a * 1.0, b * 1.0, groups) if g == f"g{k}") for k in range(8)]
    found = abs(sum(per_group))
    every = [abs(sum(s * d for s, d in zip(signs, per_group))) for signs in product((1, -1), repeat=8)]
    exact = np.mean([value >= found - 1e-12 for value in every])
    assert permutation(columns(a), columns(b), groups, accuracy, "accuracy", rounds=20_000) == pytest.approx(
        exact, abs=0.01
    )


def test_permutation_beside_scipy() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.random(60), rng.random(60) - 0.1
    theirs = permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", n_resamples=20_000, rng=1,
        vectorized=True,
    ).pvalue  # fmt: skip
    told = [[{"items": 1.0, "correct": v} for v in side] for side in (a, b)]
    ours = permutation(*told, [str(k) for k in range(60)], accuracy, "accuracy", rounds=20_000)
    assert ours == pytest.approx(theirs, abs=0.012)


def test_equal_results_have_p_one() -> None:
    same = columns([True, False, True])
    assert permutation(same, same, ["a", "b", "c"], accuracy, "accuracy") == 1.0


def test_so_many_groups_show_it_in_four_of_five_tries() -> None:
    """Simulated: differences of standard deviation 0.6 about 0.1, as many as advised."""
    count = groups_needed(0.6, 0.1)
    assert count == 283
    rng = np.random.default_rng(0)
    draws = rng.normal(0.1, 0.6, size=(4000, count))
    z = draws.mean(1) / (draws.std(1, ddof=1) / np.sqrt(count))
    assert (np.abs(z) > 1.959964).mean() == pytest.approx(0.8, abs=0.02)
    assert smallest_detectable(0.6, count) == pytest.approx(0.1, abs=2e-3)
    assert groups_needed(0.6, 0.0) is None


def test_items_for_a_margin() -> None:
    assert items_for_margin(0.05) == 385
    assert items_for_margin(0.03) == 1068


def test_interval_over_seeds_is_wider_than_over_items() -> None:
    rng = np.random.default_rng(1)
    scores = (rng.random((4, 300)) < np.array([0.5, 0.6, 0.7, 0.8])[:, None]).astype(float)
    mean, low, high = over_seeds(scores)
    _, one_low, one_high = over_seeds(scores.reshape(1, -1))
    assert low < mean < high
    assert high - low > 2 * (one_high - one_low)


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})


def test_sentences() -> None:
    apart = Contrast(0.1, 0.05, 0.15, 0.001, "McNemar, exact", 500, 500, 0.07, 200)
    assert apart.told_apart
    assert "told apart on 500 items" in apart.sentence()
    near = Contrast(0.01, -0.02, 0.04, 0.5, "McNemar, exact", 500, 250, 0.043, 4600)
    assert not near.told_apart
    assert "cannot be told apart" in near.sentence()
    assert "about 4,600 groups" in near.sentence()
    same = Contrast(0.0, 0.0, 0.0, 1.0, "McNemar, exact", 60, 30, 0.0, None)
    assert same.sentence().startswith("not one of 30 groups differs")
