"""From votes to a leaderboard: Bradley-Terry with intervals, at equal style, Elo, who beats whom, and what was left out."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vistune.core.errors import ConfigError
from vistune.evaluation.arena.suspects import Suspect, Voted, suspects
from vistune.evaluation.metrics.ratings import (
    Battle,
    bradley_terry,
    elo_intervals,
    rating_intervals,
    unidentified,
    win_matrix,
)
from vistune.evaluation.metrics.style import FEATURES, style_pairs

#: (value, low, high)
Span = tuple[float, float, float]
#: Why a vote of a suspect is left out.
SUSPECT = "suspect"


@dataclass(frozen=True, slots=True)
class Row:
    """A model. ``rank``: 1 + the models whose whole interval lies above its own; ``rating`` None: not to be told yet.

    ``fair``: the rating at equal style. ``elo``: median and range over shuffled orders. ``score``: wins and half the ties, a share.
    """

    name: str
    rank: int | None
    rating: Span | None
    fair: Span | None
    elo: Span
    votes: int
    wins: int
    ties: int
    losses: int
    score: float


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Rows from the best to the worst; ``wins`` and ``played`` in their order. ``style``: weight of each feature, in rating points.

    ``left_out``: reason -> votes that are not counted. ``times``: of the first and the last vote, seconds since 1970.
    """

    rows: list[Row]
    wins: list[list[float]]
    played: list[list[int]]
    style: dict[str, Span]
    counted: int
    left_out: dict[str, int]
    suspects: list[Suspect]
    voters: int
    sources: dict[str, int]
    times: tuple[float, float] | None
    anchor: tuple[str, float] | None
    resamples: int

    def values(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def leaderboard(
    voted: Sequence[Voted],
    *,
    anchor: tuple[str, float] | None = None,
    resamples: int = 200,
    all_votes: bool = False,
    seed: int = 0,
) -> Leaderboard:
    """Rate by the votes that count: without flags, and not by suspects; ``all_votes`` counts those too.

    ``anchor``: a model whose rating is fixed; else the mean is 1000. Raises ``ConfigError`` for an anchor without a vote.
    """
    odd = suspects(voted)
    kept, left_out = _sorted_out(voted, set() if all_votes else {one.voter for one in odd}, all_votes)
    battles = [as_battle(*pair) for pair in kept]
    if not battles and anchor is not None:
        raise ConfigError(f"The anchor '{anchor[0]}' has no vote yet.")
    lost = set(unidentified(battles, anchor[0] if anchor else None)) if battles else set()
    rated = [battle for battle in battles if battle.a not in lost and battle.b not in lost]
    fair = _fair(rated, anchor, resamples, seed)
    rows = _rows(battles, rated, fair, anchor, resamples, seed) if battles else []
    style = {feature: span for feature, span in fair.items() if feature.startswith("style:")}
    wins, played = _matrix(battles, [row.name for row in rows])
    times = [vote.created for _, vote in kept]
    return Leaderboard(
        rows=rows,
        wins=wins,
        played=played,
        style={name.removeprefix("style:"): _points(span) for name, span in style.items()},
        counted=len(kept),
        left_out=left_out,
        suspects=odd,
        voters=len({vote.voter for _, vote in kept}),
        sources=dict(Counter(battle.source for battle, _ in kept)),
        times=(min(times), max(times)) if times else None,
        anchor=anchor,
        resamples=resamples,
    )


def as_battle(battle: Any, vote: Any) -> Battle:
    """A stored battle with its vote as the ratings take it."""
    return Battle(battle.a, battle.b, vote.winner, style_pairs(battle.answer_a, battle.answer_b))


def _sorted_out(voted: Sequence[Voted], odd: set[str], all_votes: bool) -> tuple[list[Voted], dict[str, int]]:
    """Votes that count, and how many do not, by the first reason."""
    kept, left_out = [], Counter[str]()
    for battle, vote in voted:
        reason = (vote.flags[0] if vote.flags else SUSPECT if vote.voter in odd else "") if not all_votes else ""
        if reason:
            left_out[reason] += 1
        else:
            kept.append((battle, vote))
    return kept, dict(left_out)


def _rows(
    battles: Sequence[Battle],
    rated: Sequence[Battle],
    fair: dict[str, Span],
    anchor: tuple[str, float] | None,
    resamples: int,
    seed: int,
) -> list[Row]:
    """A row for each model of ``battles``; ratings by ``rated``, those between models that have one."""
    ratings: dict[str, Span] = {}
    if rated:
        best = bradley_terry(rated, anchor=anchor)
        spans = rating_intervals(rated, resamples=resamples, anchor=anchor, seed=seed)
        ratings = {name: (best[name], low, high) for name, (_, low, high) in spans.items()}
    by_elo = elo_intervals(battles, rounds=resamples, seed=seed)
    tallies = _tallies(battles)
    rows = []
    for name, elo in by_elo.items():
        won, tied, games = (tallies[name][word] for word in ("won", "tied", "games"))
        above = None if name not in ratings else 1 + sum(low > ratings[name][2] for _, low, _ in ratings.values())
        score = (won + tied / 2) / games
        rows.append(
            Row(
                name, above, ratings.get(name), fair.get(name), elo,
                games, won, tied, games - won - tied, score,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.rating is None, -(row.rating or (0.0,))[0], -row.score, row.name))


def _fair(battles: Sequence[Battle], anchor: tuple[str, float] | None, resamples: int, seed: int) -> dict[str, Span]:
    """Ratings at equal style and the weights of style; nothing where all answers have one style."""
    varying = [f for f in FEATURES if any(battle.style[f][0] != battle.style[f][1] for battle in battles)]
    if not varying:
        return {}
    best = bradley_terry(battles, anchor=anchor, style=varying)
    spans = rating_intervals(battles, resamples=resamples, anchor=anchor, style=varying, seed=seed)
    return {name: (best[name], low, high) for name, (_, low, high) in spans.items()}


def _points(span: Span) -> Span:
    """Log-odds as rating points: 400 / ln 10 each."""
    factor = 400 / math.log(10)
    return (factor * span[0], factor * span[1], factor * span[2])


def _tallies(battles: Sequence[Battle]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for battle in battles:
        for name, won in ((battle.a, battle.outcome == 1), (battle.b, battle.outcome == 0)):
            tally = found.setdefault(name, Counter())
            tally["games"] += 1
            tally["won"] += won
            tally["tied"] += battle.outcome == 0.5
    return found


def _matrix(battles: Sequence[Battle], order: Sequence[str]) -> tuple[list[list[float]], list[list[int]]]:
    if not battles:
        return [], []
    names, wins, played = win_matrix(battles)
    places = [names.index(name) for name in order]
    picked = wins[places][:, places], played[places][:, places]
    return picked[0].tolist(), picked[1].astype(int).tolist()


def as_csv(board: Leaderboard) -> str:
    """The rows as CSV, a line a model."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    spans = [f"{name}{end}" for name in ("rating", "fair_rating", "elo") for end in ("", "_low", "_high")]
    writer.writerow(["rank", "model", *spans, "votes", "wins", "ties", "losses", "score"])
    for row in board.rows:
        told = [span or (None, None, None) for span in (row.rating, row.fair, row.elo)]
        numbers = [value if value is None else round(value, 2) for span in told for value in span]
        writer.writerow([row.rank, row.name, *numbers, row.votes, row.wins, row.ties, row.losses, round(row.score, 4)])
    return buffer.getvalue()


def pairs_csv(board: Leaderboard) -> str:
    """Who met whom how often, and how often the first won (ties half), a line a pair, as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["model", "against", "votes", "wins"])
    for i, row in enumerate(board.rows):
        for j, other in enumerate(board.rows):
            if i < j and board.played[i][j]:
                writer.writerow([row.name, other.name, board.played[i][j], board.wins[i][j]])
    return buffer.getvalue()
