"""Ratings from an arena's votes: Elo and Bradley-Terry, with style as a covariate (FastChat, rating_systems.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from vistune.core.errors import DataError

BASE, SCALE, START = 10.0, 400.0, 1000.0
_OUTCOMES = {"a": 1.0, "b": 0.0, "tie": 0.5, "bad": 0.5}


@dataclass(frozen=True)
class Battle:
    """A vote between models ``a`` and ``b``: winner a, b, tie or bad (both). ``style``: feature -> values of both answers."""

    a: str
    b: str
    winner: str
    style: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def _outcome(battle: Battle) -> float:
    if battle.winner not in _OUTCOMES:
        raise DataError(f"A battle is won by a, b, tie or bad, not '{battle.winner}'.")
    return _OUTCOMES[battle.winner]


def elo(battles: Sequence[Battle], k: float = 4.0) -> dict[str, float]:
    """Ratings after all battles in their order; they hang on it, so shuffle or resample."""
    ratings: dict[str, float] = {}
    for battle in battles:
        a, b = (ratings.setdefault(name, START) for name in (battle.a, battle.b))
        expected = 1 / (1 + BASE ** ((b - a) / SCALE))
        change = k * (_outcome(battle) - expected)
        ratings[battle.a] += change
        ratings[battle.b] -= change
    return ratings


def bradley_terry(
    battles: Sequence[Battle],
    *,
    anchor: tuple[str, float] | None = None,
    l2: float = 0.0,
    style: Sequence[str] = (),
) -> dict[str, float]:
    """Ratings of most likelihood, 1000 in the mean or fixed at an ``anchor`` (name, rating); ties count half.

    ``style``: features that are held equal, each as (x_a - x_b) / (x_a + x_b + 1), standardised, with a penalty of 0.5; their
    weights come back under ``style:NAME``. ``l2`` keeps the ratings of unbeaten models finite. Raises ``DataError`` for no
    battles, or for models that none of the battles join, unless ``l2`` is given.
    """
    if not battles:
        raise DataError("There are no battles to rate by.")
    names = sorted({name for battle in battles for name in (battle.a, battle.b)})
    if l2 == 0 and len(_joined(battles, names)) > 1:
        raise DataError("Some models never met, not even through others: give l2, or rate them apart.")
    place = {name: k for k, name in enumerate(names)}
    design = np.zeros((len(battles), len(names) + len(style)))
    for row, battle in enumerate(battles):
        design[row, place[battle.a]] += 1
        design[row, place[battle.b]] -= 1
    for column, feature in enumerate(style, len(names)):
        values = np.array([(x - y) / (x + y + 1) for x, y in (battle.style[feature] for battle in battles)])
        design[:, column] = (values - values.mean()) / (values.std() or 1.0)
    won = np.array([_outcome(battle) for battle in battles])
    penalty = np.array([l2] * len(names) + [0.5] * len(style))
    weights = _fit(design, won, penalty)
    ratings = START + SCALE * weights[: len(names)] / np.log(BASE)
    ratings += (START - ratings.mean()) if anchor is None else (anchor[1] - ratings[place[anchor[0]]])
    found = dict(zip(names, map(float, ratings), strict=True))
    return found | {f"style:{feature}": float(weights[len(names) + k]) for k, feature in enumerate(style)}


def _fit(design: NDArray, won: NDArray, penalty: NDArray) -> NDArray:
    def loss(weights: NDArray) -> tuple[float, NDArray]:
        z = design @ weights
        value = float(np.logaddexp(0, z).sum() - won @ z + (penalty * weights**2).sum())
        return value, design.T @ (1 / (1 + np.exp(-z)) - won) + 2 * penalty * weights

    return minimize(
        loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 1000, "ftol": 1e-12}
    ).x


def _joined(battles: Sequence[Battle], names: Sequence[str]) -> list[set[str]]:
    groups = [{name} for name in names]
    for battle in battles:
        a, b = (next(g for g in groups if name in g) for name in (battle.a, battle.b))
        if a is not b:
            groups.remove(b)
            a |= b
    return groups


def rating_intervals(
    battles: Sequence[Battle], *, resamples: int = 200, level: float = 0.95, seed: int = 0, l2: float = 0.01
) -> dict[str, tuple[float, float, float]]:
    """Model -> (median, low, high) of Bradley-Terry ratings over resampled battles. A little ``l2`` keeps all finite."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(resamples):
        sample = [battles[k] for k in rng.integers(0, len(battles), len(battles))]
        for name, rating in bradley_terry(sample, l2=l2).items():
            drawn.setdefault(name, []).append(rating)
    tail = (1 - level) / 2
    return {
        n: (float(np.median(v)), float(np.quantile(v, tail)), float(np.quantile(v, 1 - tail))) for n, v in drawn.items()
    }
