"""Who may vote, how often, on what, how fast; and voters whose votes look made up."""

from __future__ import annotations

import random
import stat
from pathlib import Path

import pytest
from arena_helpers import stored

from vistune.core.errors import ConfigError
from vistune.evaluation.arena.limits import Limits, read_salt, voter_hash
from vistune.evaluation.arena.simulate import simulated_battles
from vistune.evaluation.arena.store import StoredVote, VoteRefusedError
from vistune.evaluation.arena.suspects import Suspect, Voted, suspects

TRUTH = {"oak": 1150.0, "elm": 1050.0, "ash": 950.0, "yew": 850.0}


def test_rate_in_any_minute_and_day() -> None:
    limits = Limits(votes_per_minute=3, votes_per_day=5)
    limits.check_rate([10, 20], now=30)
    with pytest.raises(VoteRefusedError, match="At most 3 votes a minute: please wait 40 s"):
        limits.check_rate([10, 20, 25], now=30)
    limits.check_rate([10, 20, 25], now=70.1)
    with pytest.raises(VoteRefusedError, match="At most 5 votes a day: please wait 24 h"):
        limits.check_rate([100, 200, 300, 400, 500], now=1000)
    limits.check_rate([100, 200, 300, 400, 500], now=86_501)
    Limits(votes_per_minute=0, votes_per_day=0).check_rate(list(range(1000)), now=1000)
    with pytest.raises(VoteRefusedError, match="battles a minute"):
        Limits(battles_per_minute=2).check_battles([1, 2], now=3)
    with pytest.raises(ConfigError, match="votes_per_minute"):
        Limits.from_values({}, ["votes_per_minut=3"])


def test_too_fast_and_identical() -> None:
    limits = Limits(least_seconds=2, words_per_second=10)
    assert limits.flags(stored(), "a", now=1001.9) == ("fast",)
    assert limits.flags(stored(), "a", now=1002.0) == ()
    long = stored(answer_a="word " * 40, answer_b="word " * 10)
    assert limits.flags(long, "a", now=1004.9) == ("fast",) and limits.flags(long, "a", now=1005) == ()
    same = stored(same=True)
    assert limits.flags(same, "a", now=1009) == ("identical",) == limits.flags(same, "b", now=1009)
    assert limits.flags(same, "tie", now=1009) == () == limits.flags(same, "bad", now=1009)
    assert limits.flags(same, "b", now=1000) == ("fast", "identical")
    with pytest.raises(VoteRefusedError, match="Both answers must be there"):
        limits.flags(stored(shown=None), "a", now=1009)


def test_claims_say_what_is_voted_on_once() -> None:
    by_question, by_pair = Limits(), Limits(once_per="pair")
    of = ("v", "key", "x", "y", "1")
    assert (
        by_question.claim(*of)
        == by_question.claim("v", "key", "z", "x", "2")
        != by_question.claim("w", "key", "x", "y", "1")
    )
    assert by_pair.claim(*of) == by_pair.claim("v", "key", "y", "x", "2") != by_pair.claim("v", "key", "x", "z", "2")
    by_battle = Limits(once_per="battle")
    assert by_battle.claim(*of) != by_battle.claim("v", "key", "x", "y", "2")


def test_voters_are_salted_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISTUNE_ARENA_SALT", raising=False)
    salt = read_salt(tmp_path / "arena" / "salt")
    assert len(salt) == 64 and read_salt(tmp_path / "arena" / "salt") == salt != read_salt(tmp_path / "other")
    assert stat.S_IMODE((tmp_path / "arena" / "salt").stat().st_mode) == 0o600
    assert sorted(p.name for p in (tmp_path / "arena").iterdir()) == ["salt"]
    who = voter_hash("192.0.2.7", salt)
    assert len(who) == 32 and who == voter_hash("192.0.2.7", salt)
    assert len({who, voter_hash("192.0.2.8", salt), voter_hash("192.0.2.7", b"other")}) == 3
    monkeypatch.setenv("VISTUNE_ARENA_SALT", "shared by two servers")
    assert read_salt(tmp_path / "none") == b"shared by two servers" and not (tmp_path / "none").exists()


def votes_of(people: int, votes: int, seed: int) -> list[Voted]:
    """Honest voters."""
    found = []
    for k, battle in enumerate(simulated_battles(TRUTH, people * votes, ties=0.3, seed=seed)):
        shown = stored(voter=f"v{k % people}", a=battle.a, b=battle.b)
        found.append((shown, StoredVote(shown.id, 1.0 + k, shown.voter, battle.winner)))
    return found


def made_up(name: str, count: int, seed: int) -> list[Voted]:
    """``left`` always takes A; ``fan`` always the weakest model where it plays, and else honest."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        a, b = rng.sample(["ash", "elm", "oak"], 2)
        if name == "fan":
            a, b = rng.sample(["yew", rng.choice(["oak", "elm"])], 2)
        winner = "a" if name == "left" or a == "yew" else "b"
        shown = stored(voter=name, a=a, b=b)
        found.append((shown, StoredVote(shown.id, 5.0, name, winner)))
    return found


def test_honest_voters_are_not_suspected() -> None:
    wrong = sum(bool(suspects(votes_of(30, 40, seed))) for seed in range(10))
    assert wrong <= 1, "two tests at 1% each"


def test_made_up_votes_are_found() -> None:
    found = suspects([*votes_of(30, 40, 99), *made_up("left", 25, 1), *made_up("fan", 25, 2)])
    assert {(one.voter, one.reason) for one in found} == {("left", "side"), ("fan", "taste")}
    assert found == sorted(found, key=lambda one: one.chance)
    assert not suspects(made_up("left", 9, 3)), "nine votes say nothing"
    flagged = [(b, StoredVote(v.battle, v.created, v.voter, v.winner, ("fast",))) for b, v in made_up("left", 25, 1)]
    assert not suspects(flagged), "votes that do not count say nothing either"


def test_side_is_the_binomial_test() -> None:
    (found,) = suspects(made_up("left", 12, 1), level=0.5)
    assert found == Suspect("left", 12, "side", 2 / 2**12)
