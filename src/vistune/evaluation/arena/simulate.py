"""Votes of made-up voters on models of known strength: what an arena must find again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from vistune.core.errors import ConfigError
from vistune.evaluation.arena.store import ArenaStore, StoredBattle, StoredVote, new_id
from vistune.evaluation.metrics.ratings import BASE, SCALE, Battle


def simulated_battles(strength: Mapping[str, float], count: int, *, ties: float = 0.25, seed: int = 0) -> list[Battle]:
    """``count`` votes between models drawn uniformly, sides too; ``strength``: model -> true rating.

    a wins against b with the chance ``p = 1 / (1 + 10 ** ((R_b - R_a) / 400))``, ties counted half: a vote is a tie with the
    chance ``2 ties min(p, 1 - p)`` (equals tie with the chance ``ties``, a third of them as "both bad"), and the decided votes
    are shared so that the mean outcome is p exactly. Raises ``ConfigError`` for fewer than two models or ``ties`` outside 0 to 1.
    """
    names = list(strength)
    if len(names) < 2:
        raise ConfigError("A battle needs two models.")
    if not 0 <= ties <= 1:
        raise ConfigError(f"ties is a share from 0 to 1, not {ties}.")
    rng = np.random.default_rng(seed)
    values = np.array([strength[name] for name in names])
    a = rng.integers(0, len(names), count)
    b = (a + rng.integers(1, len(names), count)) % len(names)
    p = 1 / (1 + BASE ** ((values[b] - values[a]) / SCALE))
    tie = 2 * ties * np.minimum(p, 1 - p)
    tied, wins = rng.random(count) < tie, rng.random(count) * (1 - tie) < p - tie / 2
    bad = rng.random(count) < 1 / 3
    winner = np.where(tied, np.where(bad, "bad", "tie"), np.where(wins, "a", "b"))
    return [Battle(names[i], names[j], str(w)) for i, j, w in zip(a, b, winner)]


def simulate_votes(
    store: ArenaStore,
    strength: Mapping[str, float],
    count: int,
    *,
    ties: float = 0.25,
    voters: int = 50,
    start: float = 1_700_000_000.0,
    seed: int = 0,
) -> int:
    """Write ``simulated_battles`` as votes of ``voters`` people, one every ten seconds from ``start`` on. -> how many."""
    rng = np.random.default_rng(seed + 1)
    people = [f"simulated-{k}" for k in rng.integers(0, max(1, voters), count)]

    def pairs() -> Iterator[tuple[StoredBattle, StoredVote]]:
        for number, (battle, voter) in enumerate(zip(simulated_battles(strength, count, ties=ties, seed=seed), people)):
            moment, key = start + 10.0 * number, f"simulated-{number}"
            shown = StoredBattle(
                new_id(), moment, moment + 1, voter, "simulated", key, key, "", battle.a, battle.b, "", "", False
            )
            yield shown, StoredVote(shown.id, moment + 6, voter, battle.winner)

    return store.add_many(pairs())
