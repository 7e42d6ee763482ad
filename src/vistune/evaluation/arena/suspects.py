"""Voters whose votes look made: a side that they always take, or a taste that nobody shares."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from vistune.evaluation.arena.store import StoredBattle, StoredVote

Voted = tuple[StoredBattle, StoredVote]
#: Chance that an arena of honest voters has any suspect, for each of the two tests.
LEVEL = 0.01
#: Votes below which nothing is said of a voter.
LEAST = 10


@dataclass(frozen=True, slots=True)
class Suspect:
    """A voter, how many counted votes, why (``side`` or ``taste``), and how likely an honest one is to look so."""

    voter: str
    votes: int
    reason: str
    chance: float


def suspects(voted: Sequence[Voted], *, level: float = LEVEL, least: int = LEAST) -> list[Suspect]:
    """Voters that honest ones would hardly look like, the least likely first.

    ``side``: A and B win equally often for who does not look at the answers' places (sides are drawn by chance), so the number of
    votes for A is binomial. ``taste``: each vote's place among all others' votes on the same two models, the rare ones first, is a
    chance; a voter's are joined by Fisher's method, as Chatbot Arena looks for anomalous users (Chiang et al. 2024, section 5).
    Both at ``level`` divided by the number of voters looked at.
    """
    by_voter: dict[str, list[Voted]] = defaultdict(list)
    for battle, vote in voted:
        if not vote.flags:
            by_voter[vote.voter].append((battle, vote))
    looked_at = {voter: votes for voter, votes in by_voter.items() if len(votes) >= least}
    if not looked_at:
        return []
    outcomes = _outcomes([pair for votes in by_voter.values() for pair in votes])
    found = []
    for voter, votes in looked_at.items():
        for reason, chance in (("side", _side_chance(votes)), ("taste", _taste_chance(votes, outcomes))):
            if chance < level / len(looked_at):
                found.append(Suspect(voter, len(votes), reason, chance))
    return sorted(found, key=lambda one: one.chance)


def _side_chance(votes: Sequence[Voted]) -> float:
    """Two-sided binomial test of the votes for A among the decided ones."""
    decided = [vote.winner for _, vote in votes if vote.winner in ("a", "b")]
    count, most = len(decided), max(Counter(decided).values(), default=0)
    tail = sum(math.comb(count, k) for k in range(most, count + 1)) / 2**count
    return min(1.0, 2 * tail)


def _oriented(battle: StoredBattle, vote: StoredVote) -> tuple[tuple[str, str], str]:
    """The pair in the order of the alphabet, and who won: ``first``, ``second`` or ``neither``."""
    if vote.winner not in ("a", "b"):
        return (min(battle.a, battle.b), max(battle.a, battle.b)), "neither"
    winner = battle.a if vote.winner == "a" else battle.b
    pair = (min(battle.a, battle.b), max(battle.a, battle.b))
    return pair, "first" if winner == pair[0] else "second"


def _outcomes(voted: Sequence[Voted]) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for battle, vote in voted:
        pair, outcome = _oriented(battle, vote)
        found[pair][outcome] += 1
    return found


def _taste_chance(votes: Sequence[Voted], outcomes: dict[tuple[str, str], Counter[str]]) -> float:
    """Fisher's chance that a voter draws outcomes as rare as these from what the others say of the same pairs."""
    own = _outcomes(votes)
    statistic, count = 0.0, 0
    for battle, vote in votes:
        pair, outcome = _oriented(battle, vote)
        others = Counter(outcomes[pair])
        others.subtract(own[pair])
        rarer = sum(n for n in others.values() if n <= others[outcome])
        total = sum(others.values())
        if total:
            statistic -= 2 * math.log((1 + rarer) / (1 + total))
            count += 1
    return _chi_tail(statistic, count)


def _chi_tail(statistic: float, half_freedom: int) -> float:
    """Chance that chi squared with ``2 half_freedom`` degrees of freedom exceeds ``statistic`` (closed form of even ones)."""
    half = statistic / 2
    if half <= 0:
        return 1.0
    terms = (math.exp(k * math.log(half) - math.lgamma(k + 1) - half) for k in range(half_freedom))
    return min(1.0, math.fsum(terms))
