"""Mutual neighbours by exact facts."""

from __future__ import annotations

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.evaluation.metrics.neighbours import chance_alignment, nearest_neighbours, shared_neighbours


def slow(a: np.ndarray, b: np.ndarray, k: int) -> list[float]:
    """By sorting cosines of one item after the other."""

    def near(table: np.ndarray, i: int) -> set[int]:
        def cosine(j: int) -> float:
            return float(table[i] @ table[j] / (np.linalg.norm(table[i]) * np.linalg.norm(table[j])))

        return set(sorted((j for j in range(len(table)) if j != i), key=cosine, reverse=True)[:k])

    return [len(near(a, i) & near(b, i)) / k for i in range(len(a))]


def test_equals_a_slow_reference() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(40, 6)), rng.normal(size=(40, 9))
    b[:, :6] += a
    assert shared_neighbours(a, b, 5).tolist() == pytest.approx(slow(a, b, 5))


def test_the_same_space_is_aligned_whatever_its_turn_and_length() -> None:
    rng = np.random.default_rng(1)
    a = rng.normal(size=(60, 8))
    turned = a @ np.linalg.qr(rng.normal(size=(8, 8)))[0]
    lengths = rng.uniform(0.1, 9, size=(60, 1))
    for other in (a, turned, a * lengths):
        assert shared_neighbours(a, other, 7).tolist() == [1.0] * 60
    assert shared_neighbours(a, rng.normal(size=(60, 3)), 59).tolist() == [1.0] * 60, "all others are neighbours"


def test_random_spaces_share_k_of_n_less_one() -> None:
    rng = np.random.default_rng(2)
    n, k = 101, 10
    values = [shared_neighbours(rng.normal(size=(n, 16)), rng.normal(size=(n, 16)), k).mean() for _ in range(40)]
    assert chance_alignment(n, k) == 0.1
    # The mean of 40 runs lies within four of its standard errors.
    assert abs(np.mean(values) - 0.1) < 4 * np.std(values) / np.sqrt(40)


def test_oneself_is_no_neighbour_and_ties_go_by_place() -> None:
    same = np.ones((4, 2))
    assert nearest_neighbours(same, 2).tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]
    zero = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.1]])
    assert nearest_neighbours(zero, 1).tolist() == [[1], [2], [1]]


def test_what_does_not_fit() -> None:
    with pytest.raises(ConfigError, match="1 to 2 neighbours"):
        nearest_neighbours(np.ones((3, 2)), 3)
    with pytest.raises(ConfigError, match="3 and 2 items"):
        shared_neighbours(np.ones((3, 2)), np.ones((2, 2)), 1)
    with pytest.raises(ConfigError, match="a table"):
        nearest_neighbours(np.ones(3), 1)
