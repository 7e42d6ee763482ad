"""Voting against the multinomial and simulation; the optimism of choosing on the development split."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from vistune.evaluation.metrics.voting import harmonic_mean, majority, majority_accuracy, selection_regret


def test_majority_of_normalised_answers() -> None:
    assert majority(["Red.", "blue", "the red", "green"]) == "Red."
    assert majority(["a", "", "  "]) == ""  # an article alone is nothing
    assert majority(["two", "one", "one", "two"]) == "two"
    assert majority([]) == ""
    assert majority(["only"]) == "only"


def test_one_vote_is_the_answer_itself() -> None:
    assert majority_accuracy(0.37, 4, 1) == 0.37


@pytest.mark.parametrize("votes", [3, 5, 7])
def test_two_classes_are_binomial(votes: int) -> None:
    assert majority_accuracy(0.6, 1, votes) == pytest.approx(binom.sf(votes // 2, votes, 0.6))


@pytest.mark.parametrize(("p", "wrong", "votes"), [(0.5, 3, 3), (0.4, 4, 5), (0.2, 4, 5), (0.5, 2, 4)])
def test_simulated_voting_agrees(p: float, wrong: int, votes: int) -> None:
    """Independent answers, ties broken at random: 40,000 questions."""
    rng = np.random.default_rng(7)
    answers = np.where(rng.random((40_000, votes)) < p, 0, rng.integers(1, wrong + 1, (40_000, votes)))
    counts = np.stack([(answers == k).sum(1) for k in range(wrong + 1)], 1)
    noisy = counts + rng.random(counts.shape) * 0.5
    assert majority_accuracy(p, wrong, votes) == pytest.approx((noisy.argmax(1) == 0).mean(), abs=0.01)


def test_voting_helps_the_able_and_not_the_guesser() -> None:
    able = [majority_accuracy(0.5, 4, n) for n in (1, 3, 5)]
    assert able[0] < able[1] < able[2]
    assert majority_accuracy(0.2, 4, 5) == pytest.approx(0.2)


def test_the_best_of_many_on_dev_is_not_as_good_as_it_looks() -> None:
    """Twenty instructions of one true accuracy, 50 questions each: the best looks better than it is by far."""
    rng = np.random.default_rng(0)
    found = [selection_regret(rng.binomial(50, 0.6, 20) / 50, rng.binomial(2000, 0.6, 20) / 2000) for _ in range(200)]
    assert np.mean([f["optimism"] for f in found]) > 0.08
    exact = selection_regret(np.array([0.5, 0.7, 0.6]), np.array([0.6, 0.55, 0.65]))
    assert exact == pytest.approx({"chosen": 1, "dev": 0.7, "test": 0.55, "optimism": 0.15, "regret": 0.1})


def test_harmonic_mean() -> None:
    assert harmonic_mean(0.8, 0.4) == pytest.approx(0.8 * 0.4 * 2 / 1.2)
    assert harmonic_mean(0.0, 0.0) == 0.0
