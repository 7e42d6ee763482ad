"""Voters whose votes look made: a side that they always take, or a taste that nobody shares."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vistune.evaluation.arena.store import StoredBattle, StoredVote

Voted = tuple[StoredBattle, StoredVote]
#: Chance that an arena of honest voters has any suspect, for each of the two tests.
LEVEL = 0.01
#: Votes below which nothing is said of a voter.
LEAST = 10
_SAID = ("first", "second", "neither")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A voter, how many counted votes, why (``side`` or ``taste``), and how likely an honest one is to look so."""

    voter: str
    votes: int
    reason: str
    chance: float


def suspects(voted: Sequence[Voted], *, level: float = LEVEL, least: int = LEAST) -> list[Suspect]:
    """Voters that honest ones would hardly look like, the least likely first.

    ``side``: sides are drawn by chance, so the votes of who judges the answers fall on A and B alike, and their number is binomial.
    ``taste``: votes that all others' votes on the same two models make unlikely, by Chernoff's bound (after Chatbot Arena's
    search for anomalous users, Chiang et al. 2024, section 5, which joins p-values instead). An honest voter of odd taste can be
    taken for one who cheats: the list is told, and ``all_votes`` rates with them. Both at ``level`` divided by the number of voters
    looked at.
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
    """Bound of the chance that who votes as the others do surprises them as much as this voter does.

    The surprise of a vote is -ln of the share of its outcome among the others' votes on the pair (one vote added to each outcome);
    Chernoff: P(sum >= s) <= exp(sum of ln E[exp(t surprise)] - t s) for every t >= 0, so the smallest over a grid of t.
    """
    own = _outcomes(votes)
    shares, said = [], []
    for battle, vote in votes:
        pair, outcome = _oriented(battle, vote)
        others = np.array([outcomes[pair][o] - own[pair][o] + 1.0 for o in _SAID])
        if others.sum() > len(_SAID):
            shares.append(others / others.sum())
            said.append(_SAID.index(outcome))
    if not shares:
        return 1.0
    surprise = -np.log(np.array(shares))
    total = surprise[np.arange(len(said)), said].sum()
    tilts = np.linspace(0, 5, 51)[:, None, None]
    growth = np.log((np.array(shares) * np.exp(tilts * surprise)).sum(2)).sum(1)
    return float(np.exp(min(0.0, (growth - tilts[:, 0, 0] * total).min())))
