"""A store and an arena without a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from arena_helpers import examples

from vistune.evaluation.arena.limits import Limits
from vistune.evaluation.arena.store import ArenaStore

if TYPE_CHECKING:
    from vistune.evaluation.arena.game import Arena


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArenaStore]:
    found = ArenaStore(tmp_path / "votes.db")
    yield found
    found.close()


@pytest.fixture
def arena(store: ArenaStore) -> Iterator[Arena]:
    """Three players on record; ``cat`` and ``feline`` say the same on q0."""
    from vistune.evaluation.arena.game import Arena
    from vistune.evaluation.arena.matches import SetQuestions
    from vistune.evaluation.arena.players import RecordedPlayer

    asked = examples(6)
    players = [
        RecordedPlayer(
            name, {e.id: ("the same" if e.id == "q0" and name != "dog" else f"{name} says {e.id}") for e in asked}
        )
        for name in ("cat", "feline", "dog")
    ]
    found = Arena(players, SetQuestions(asked), store, limits=Limits(least_seconds=0, words_per_second=0), seed=0)
    yield found
    found.close()
