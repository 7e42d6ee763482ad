"""Mutual nearest neighbours: how alike two feature spaces are that hold the same items (arXiv 2405.07987, 2410.04751)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vistune.core.errors import ConfigError


def nearest_neighbours(features: ArrayLike, k: int) -> NDArray[np.int64]:
    """``[n, size]`` -> each item's ``k`` nearest others by cosine, itself left out: ``[n, k]``, equal ones by their place.

    Raises ``ConfigError`` for features that are no table, or a ``k`` that is not 1 to n - 1.
    """
    table = np.asarray(features, float)
    if table.ndim != 2:
        raise ConfigError(f"Features are a table [items, size], not of shape {list(table.shape)}.")
    n = len(table)
    if not 1 <= k < n:
        raise ConfigError(f"{n} items have 1 to {n - 1} neighbours each, not {k}.")
    length = np.linalg.norm(table, axis=1, keepdims=True)
    unit = table / np.where(length > 0, length, 1.0)
    # Rounded, so that equal items tie in both spaces whatever the order of additions was.
    likeness = np.round(unit @ unit.T, 9)
    np.fill_diagonal(likeness, -np.inf)
    return np.argsort(-likeness, axis=1, kind="stable")[:, :k]


def shared_neighbours(first: ArrayLike, second: ArrayLike, k: int = 10) -> NDArray[np.float64]:
    """Of each item the share of its ``k`` neighbours in one space that are its neighbours in the other: ``[n]``.

    The mean is the alignment of the spaces. Raises ``ConfigError`` for unequal numbers of items.
    """
    a, b = np.asarray(first), np.asarray(second)
    if len(a) != len(b):
        raise ConfigError(f"The spaces hold {len(a)} and {len(b)} items: they must be the same ones.")
    pairs = zip(nearest_neighbours(a, k), nearest_neighbours(b, k))
    return np.array([len(set(x) & set(y)) / k for x, y in pairs])


def chance_alignment(n: int, k: int) -> float:
    """Expected mean for spaces that have nothing to do with each other: ``k / (n - 1)``."""
    return k / (n - 1)
