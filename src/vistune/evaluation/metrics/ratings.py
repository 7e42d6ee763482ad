"""Ratings from an arena's votes: Elo and Bradley-Terry with intervals, and with style held equal.

Definitions as in FastChat's ``monitor/rating_systems.py`` (Chatbot Arena): base 10, scale 400, start 1000; a tie and "both
bad" count half a win. Bradley-Terry does not hang on the order of votes nor on which answer stood left; Elo hangs on order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError

Array = NDArray[np.float64]
BASE, SCALE, START = 10.0, 400.0, 1000.0
#: Penalty of FastChat's style-controlled fit, on ratings (in units of 400 points) and on the weights of style.
STYLE_L2 = 0.5
#: What keeps a resample finite in which some model won or lost everything: less than a hundredth of a vote.
RESAMPLE_L2 = 0.01
_OUTCOMES = {"a": 1.0, "b": 0.0, "tie": 0.5, "bad": 0.5}
_TURNED = {"a": "b", "b": "a"}


@dataclass(frozen=True, slots=True)
class Battle:
    """A vote between models ``a`` and ``b``: winner a, b, tie or bad (both). ``style``: feature -> values of both answers."""

    a: str
    b: str
    winner: str
    style: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def outcome(self) -> float:
        """1 where a won, 0 where b did, 0.5 else. Raises ``DataError`` for another winner."""
        if self.winner not in _OUTCOMES:
            raise DataError(f"A battle is won by a, b, tie or bad, not '{self.winner}'.")
        return _OUTCOMES[self.winner]

    def swapped(self) -> Battle:
        """The same vote with the sides changed."""
        style = {name: (y, x) for name, (x, y) in self.style.items()}
        return Battle(self.b, self.a, _TURNED.get(self.winner, self.winner), style)


def names_of(battles: Iterable[Battle]) -> list[str]:
    """All models, sorted."""
    return sorted({name for battle in battles for name in (battle.a, battle.b)})


def elo(battles: Sequence[Battle], k: float = 4.0) -> dict[str, float]:
    """Ratings after all battles in their order: ``R_a += k (S - E)``, ``E = 1 / (1 + 10 ** ((R_b - R_a) / 400))``.

    They hang on the order; ``elo_intervals`` says how much. ``k``: 4 today, 32 in the first arenas (LVLM-eHub).
    """
    ratings: dict[str, float] = {}
    for battle in battles:
        a, b = (ratings.setdefault(name, START) for name in (battle.a, battle.b))
        expected = 1 / (1 + BASE ** ((b - a) / SCALE))
        change = k * (battle.outcome - expected)
        ratings[battle.a] += change
        ratings[battle.b] -= change
    return ratings


def elo_intervals(
    battles: Sequence[Battle],
    k: float = 4.0,
    *,
    rounds: int = 200,
    draw: Literal["shuffle", "bootstrap"] = "shuffle",
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, tuple[float, float, float]]:
    """Model -> (median, low, high) of Elo over ``rounds`` orders of the same votes, or over resamples of them.

    All rounds are played side by side, vote by vote. Raises ``DataError`` for no battles.
    """
    names, sides, won = _table(battles)
    rng = np.random.default_rng(seed)
    count = len(battles)
    orders = (
        np.stack([rng.permutation(count) for _ in range(rounds)])
        if draw == "shuffle"
        else rng.integers(0, count, (rounds, count))
    )
    ratings, row = np.full((rounds, len(names)), START), np.arange(rounds)
    for votes in orders.T:
        a, b = sides[votes, 0], sides[votes, 1]
        expected = 1 / (1 + BASE ** ((ratings[row, b] - ratings[row, a]) / SCALE))
        change = k * (won[votes] - expected)
        ratings[row, a] += change
        ratings[row, b] -= change
    return _spans(names, ratings, level)


def unidentified(battles: Sequence[Battle], anchor: str | None = None) -> list[str]:
    """Models without a finite most likely rating: they never met the others, or won or lost all that they had with them.

    A tie counts as a win of both. What is left is the largest group in which each model has beaten each other, be it through
    others (with an ``anchor``: its group); its ratings are the same with and without the votes on the rest. A group of one is
    no group: then all models are unidentified.
    """
    names, sides, won = _table(battles)
    beat = np.eye(len(names), dtype=bool)
    beat[sides[won > 0, 0], sides[won > 0, 1]] = True
    beat[sides[won < 1, 1], sides[won < 1, 0]] = True
    for _ in range(len(names).bit_length()):
        beat = (beat.astype(np.float64) @ beat) > 0
    groups = {tuple(np.flatnonzero(row)) for row in beat & beat.T}
    if anchor in names:
        core = next(group for group in groups if names.index(anchor) in group)
    else:
        played = np.bincount(sides.ravel(), minlength=len(names))
        core = max(sorted(groups), key=lambda group: (len(group), played[list(group)].sum()))
    kept = set(core) if len(core) > 1 else set()
    return [name for place, name in enumerate(names) if place not in kept]


def bradley_terry(
    battles: Sequence[Battle],
    *,
    anchor: tuple[str, float] | None = None,
    l2: float | None = None,
    style: Sequence[str] = (),
    unidentified_as: Literal["error", "nan"] = "error",
) -> dict[str, float]:
    """Ratings of most likelihood: ``1000 + 400 r`` where a beats b with the chance ``1 / (1 + 10 ** (r_b - r_a))``.

    The mean is 1000, or ``anchor`` (name, rating) is fixed. ``l2``: adds ``l2 / 2`` times the squared ``r`` to the loss, which
    keeps ratings of unbeaten models finite; 0 by default, 0.5 with style.

    ``style``: features that are held equal, each as (x_a - x_b) / (x_a + x_b + 1), standardised over the votes; their weights
    come back under ``style:NAME`` (log-odds a standard deviation).

    Raises ``DataError`` for no battles and, without ``l2``, for models that have no finite rating; ``unidentified_as="nan"``
    gives those nan and rates the rest. Raises ``ConfigError`` for an anchor that has no battle.
    """
    names = names_of(battles)
    _check_anchor(anchor, names)
    strength = (STYLE_L2 if style else 0.0) if l2 is None else l2
    lost = unidentified(battles, anchor[0] if anchor else None) if strength == 0 else []
    if lost and unidentified_as == "error":
        raise DataError(
            f"No finite rating for {', '.join(lost)}: they never met the others, or won or lost every battle with them. "
            "Give l2, or leave them out."
        )
    kept = [battle for battle in battles if battle.a not in lost and battle.b not in lost] if lost else battles
    found = dict.fromkeys(lost, float("nan"))
    if kept:
        problem = _Problem(kept, style, strength)
        found |= problem.told(problem.fit(problem.counts), anchor)
    return found


def rating_intervals(
    battles: Sequence[Battle],
    *,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
    l2: float | None = None,
    anchor: tuple[str, float] | None = None,
    style: Sequence[str] = (),
) -> dict[str, tuple[float, float, float]]:
    """Model -> (median, low, high) of Bradley-Terry ratings over bootstrap resamples of the votes.

    Equal votes are one cell (a, b, outcome) with its count, and counts are drawn by a multinomial: the cost does not grow with
    the number of votes. With ``style`` every vote is a cell of its own. ``l2`` as in ``bradley_terry``, but at least 0.01, since
    in a resample a model may have won everything.
    """
    _check_anchor(anchor, names_of(battles))
    problem = _Problem(battles, style, max(RESAMPLE_L2, (STYLE_L2 if style else 0.0) if l2 is None else l2))
    rng = np.random.default_rng(seed)
    share = problem.counts / problem.counts.sum()
    start = problem.fit(problem.counts)
    rows = []
    for _ in range(resamples):
        drawn = rng.multinomial(len(battles), share).astype(np.float64)
        rows.append(problem.told(problem.fit(drawn, start), anchor))
    names = list(rows[0])
    return _spans(names, np.array([[row[name] for name in names] for row in rows]), level)


def win_matrix(battles: Sequence[Battle]) -> tuple[list[str], Array, Array]:
    """Names, wins ``[models, models]`` of the row's model over the column's (ties half), and battles ``[models, models]``."""
    names, sides, won = _table(battles)
    wins, played = np.zeros((2, len(names), len(names)))
    a, b = sides.T
    np.add.at(wins, (a, b), won)
    np.add.at(wins, (b, a), 1 - won)
    np.add.at(played, (a, b), 1)
    np.add.at(played, (b, a), 1)
    return names, wins, played


class _Problem:
    """Votes as a weighted logistic regression: a row a cell, a column a model or a feature of style."""

    def __init__(self, battles: Sequence[Battle], style: Sequence[str], l2: float) -> None:
        self.names, sides, won = _table(battles)
        self.style = tuple(style)
        if style:
            self.won, self.counts = won, np.ones(len(battles))
        else:
            turned = sides[:, 0] > sides[:, 1]
            ordered = np.where(turned[:, None], sides[:, ::-1], sides)
            outcome = np.where(turned, 1 - won, won)
            cells, counts = np.unique(np.column_stack([ordered, 2 * outcome]), axis=0, return_counts=True)
            sides, self.won, self.counts = cells[:, :2].astype(int), cells[:, 2] / 2, counts.astype(np.float64)
        rows = np.arange(len(sides))
        self.design = np.zeros((len(sides), len(self.names) + len(self.style)))
        self.design[rows, sides[:, 0]] += np.log(BASE)
        self.design[rows, sides[:, 1]] -= np.log(BASE)
        for column, feature in enumerate(self.style, len(self.names)):
            self.design[:, column] = _standardised(battles, feature)
        self.l2 = l2
        # Without a penalty only differences of ratings matter: this term holds their sum at zero, where L-BFGS from zeros stays.
        self.level = np.zeros((self.design.shape[1],) * 2)
        self.level[: len(self.names), : len(self.names)] = 1.0

    def fit(self, counts: Array, start: Array | None = None) -> Array:
        """The minimum of the loss by Newton's method with halved steps; it is unique, whatever the ``start``."""
        used = counts > 0
        design, won, counts = self.design[used], self.won[used], counts[used]
        found = np.zeros(design.shape[1]) if start is None else start
        value = self._loss(found, design, won, counts)
        for _ in range(200):
            chance = _chance(design @ found)
            slope = design.T @ (counts * (chance - won)) + self.l2 * found
            if np.abs(slope).max() < 1e-9 * counts.sum():
                break
            bend = (design.T * (counts * chance * (1 - chance))) @ design + self.level
            bend[np.diag_indices_from(bend)] += self.l2 + 1e-12
            step = np.linalg.solve(bend, slope)
            size = 1.0
            while (new := self._loss(found - size * step, design, won, counts)) > value and size > 1e-8:
                size /= 2
            if size <= 1e-8:
                break
            found, value = found - size * step, new
        return found

    def _loss(self, found: Array, design: Array, won: Array, counts: Array) -> float:
        z = design @ found
        return float(counts @ (np.logaddexp(0, z) - won * z) + self.l2 / 2 * found @ found)

    def told(self, found: Array, anchor: tuple[str, float] | None) -> dict[str, float]:
        """Parameters as ratings, and as weights of style."""
        ratings = START + SCALE * found[: len(self.names)]
        ratings += (START - ratings.mean()) if anchor is None else anchor[1] - ratings[self.names.index(anchor[0])]
        weights = found[len(self.names) :]
        return dict(zip(self.names, map(float, ratings))) | {
            f"style:{name}": float(weight) for name, weight in zip(self.style, weights)
        }


def _table(battles: Sequence[Battle]) -> tuple[list[str], NDArray[np.int64], Array]:
    """Names, the models of both sides ``[battles, 2]`` and outcomes ``[battles]``."""
    if not battles:
        raise DataError("There are no battles to rate by.")
    names = names_of(battles)
    place = {name: k for k, name in enumerate(names)}
    sides = np.array([(place[battle.a], place[battle.b]) for battle in battles])
    return names, sides, np.array([battle.outcome for battle in battles])


def _standardised(battles: Sequence[Battle], feature: str) -> Array:
    """The feature's relative difference of each battle, with mean 0 and deviation 1; a constant is 0."""
    if any(feature not in battle.style for battle in battles):
        raise DataError(f"Not every battle says the answers' '{feature}': leave it out of style.")
    pairs = np.array([battle.style[feature] for battle in battles], float)
    values = (pairs[:, 0] - pairs[:, 1]) / (pairs.sum(1) + 1)
    deviation = values.std()
    return (values - values.mean()) / (deviation if deviation > 1e-12 else 1.0)


def _chance(z: Array) -> Array:
    return 0.5 * (1 + np.tanh(z / 2))


def _check_anchor(anchor: tuple[str, float] | None, names: Sequence[str]) -> None:
    if anchor is not None and anchor[0] not in names:
        raise ConfigError(f"The anchor '{anchor[0]}' has no battle. Rated are: {', '.join(names) or 'none'}.")


def _spans(names: Sequence[str], values: Array, level: float) -> dict[str, tuple[float, float, float]]:
    """Median and ends of each column of ``values [rounds, models]``."""
    tail = (1 - level) / 2
    low, middle, high = np.quantile(values, [tail, 0.5, 1 - tail], axis=0)
    return {n: (float(m), float(lo), float(hi)) for n, m, lo, hi in zip(names, middle, low, high)}
