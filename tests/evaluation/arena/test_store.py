"""Votes in SQL: what is written is read, what two processes race for is given once."""

from __future__ import annotations

import multiprocessing
import multiprocessing.synchronize
import os
import sqlite3
from pathlib import Path

import pytest
from arena_helpers import stored

from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.arena.store import ArenaStore, StoredVote, VoteRefusedError


def test_what_is_written_is_read(store: ArenaStore) -> None:
    battle = stored(shown=None, answer_a="", answer_b="")
    store.add_battle(battle)
    assert store.battle(battle.id) == battle and store.vote_of(battle.id) is None
    store.answered(battle.id, "ja", "nein „so“", same=False, shown=12.5)
    whole = store.battle(battle.id)
    assert (whole.answer_a, whole.answer_b, whole.shown, whole.same) == ("ja", "nein „so“", 12.5, False)
    vote = store.add_vote(StoredVote(battle.id, 20.25, "v", "b"), "claim")
    assert store.vote_of(battle.id) == vote and list(store.voted()) == [(whole, vote)]
    assert store.stamp() == (1, 20.25) and store.claims("v") == {"claim"} and store.claims("w") == set()
    with pytest.raises(VoteRefusedError, match="not on record"):
        store.battle("nothing")
    with pytest.raises(DataError, match="battle on record first"):
        store.add_vote(StoredVote("nothing", 1.0, "v", "a"), None)


def test_one_vote_a_battle_and_one_counted_vote_a_claim(store: ArenaStore) -> None:
    first, second, third = (stored() for _ in range(3))
    for battle in (first, second, third):
        store.add_battle(battle)
    assert store.add_vote(StoredVote(first.id, 1.0, "v", "a"), "k").flags == ()
    with pytest.raises(VoteRefusedError, match="have voted on this battle"):
        store.add_vote(StoredVote(first.id, 2.0, "v", "b"), "other")
    assert store.add_vote(StoredVote(second.id, 3.0, "v", "a"), "k").flags == ("repeat",)
    assert store.add_vote(StoredVote(third.id, 4.0, "v", "a", ("fast",)), "new").flags == ("fast",)
    assert store.claims("v") == {"k"}, "a vote that does not count claims nothing"
    assert store.pair_counts() == {("x", "y"): (1, 1.0)}


def test_counts_of_pairs_take_both_sides_together(store: ArenaStore) -> None:
    sides = [("x", "y", "a"), ("y", "x", "a"), ("y", "x", "b"), ("x", "y", "bad"), ("x", "z", "b")]
    store.add_many([(s := stored(a=a, b=b), StoredVote(s.id, 5.0, "v", w)) for a, b, w in sides])
    assert store.pair_counts() == {("x", "y"): (4, 2.5), ("x", "z"): (1, 0.0)}


def test_times_of_a_voter(store: ArenaStore) -> None:
    for voter, moment in [("v", 9.0), ("v", 5.0), ("w", 7.0)]:
        battle = stored(voter=voter, created=moment)
        store.add_many([(battle, StoredVote(battle.id, moment + 1, voter, "a"))])
    assert store.votes_since("v", 0) == [6.0, 10.0] and store.votes_since("v", 6.5) == [10.0]
    assert store.battles_since("v", 6) == [9.0]


def test_bad_places_end_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such data base"):
        ArenaStore(tmp_path / "none.db", create=False)
    (tmp_path / "text.db").write_text("this is a letter, not a data base, and long enough to be read as one " * 20)
    with pytest.raises(DataError, match="cannot be used"):
        ArenaStore(tmp_path / "text.db")
    with pytest.raises(ConfigError, match="--db is a path, or a URL"):
        ArenaStore("nosuch://host/name")
    empty = tmp_path / "empty.db"
    sqlite3.connect(empty).close()
    empty.touch()
    with pytest.raises(DataError, match="holds no arena"):
        ArenaStore(empty, create=False)


def test_another_version_is_refused(tmp_path: Path) -> None:
    ArenaStore(tmp_path / "a.db").close()
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("UPDATE arena_meta SET value = '99'")
    with pytest.raises(DataError, match="version 99, this vistune reads version 1"):
        ArenaStore(tmp_path / "a.db")


def write_votes(
    place: str, name: str, start: multiprocessing.synchronize.Event, results: multiprocessing.Queue
) -> None:
    """A process that opens the store while the other does, and writes; both claim the same forty things."""
    start.wait()
    store = ArenaStore(place)
    counted = 0
    for k in range(40):
        battle = stored(voter="shared", question_id=f"{name}-{k}")
        store.add_battle(battle)
        counted += store.add_vote(StoredVote(battle.id, float(k), "shared", "a"), f"claim-{k}").flags == ()
    store.close()
    results.put(counted)


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    place = os.environ.get("VISTUNE_TEST_ARENA_DB", str(tmp_path / "votes.db"))
    start, results = context.Event(), context.Queue()
    workers = [context.Process(target=write_votes, args=(place, name, start, results)) for name in ("one", "two")]
    for worker in workers:
        worker.start()
    start.set()
    counted = [results.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join(timeout=60)
        assert worker.exitcode == 0
    store = ArenaStore(place, create=False)
    votes = [vote for _, vote in store.voted()]
    store.close()
    assert len(votes) == 80, "nothing is lost"
    assert sum(counted) == 40 == sum(vote.flags == () for vote in votes), (
        "each claim is counted once, whoever was first"
    )
    assert sum(vote.flags == ("repeat",) for vote in votes) == 40
