"""What keeps votes honest: who votes, how often, on what, how fast.

A vote is refused where a person did nothing wrong but must wait (the rate) or where it cannot be a vote (a battle of somebody
else, a second vote on one battle). It is kept with a flag, and left out of the ratings, where it says little: ``fast``, ``repeat``,
``identical``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import Field

from vistune.core.config import Config
from vistune.core.files import write_bytes
from vistune.evaluation.arena.store import StoredBattle, VoteRefusedError

FAST, IDENTICAL = "fast", "identical"
#: Where servers that share votes get their salt from.
SALT_VARIABLE = "VISTUNE_ARENA_SALT"
MINUTE, DAY = 60.0, 86_400.0


class Limits(Config):
    """The limits of an arena. Every number can be set to 0 for no limit."""

    votes_per_minute: int = Field(default=12, ge=0)
    """Votes of one voter in any 60 seconds; more are refused."""
    votes_per_day: int = Field(default=400, ge=0)
    """Votes of one voter in any 24 hours; more are refused."""
    battles_per_minute: int = Field(default=20, ge=0)
    """Battles that one voter may begin in any 60 seconds: answers cost time."""
    least_seconds: float = Field(default=1.5, ge=0)
    """A vote sooner than this after both answers are there is flagged ``fast``."""
    words_per_second: float = Field(default=20.0, ge=0)
    """A vote on long answers is also ``fast`` where they would have been read at more than this pace."""
    once_per: Literal["question", "pair", "battle"] = "question"
    """What a voter may vote on once: a question with its pictures, a question and two models, or only the battle."""

    def check_rate(self, votes: Sequence[float], now: float) -> None:
        """``votes``: times of the voter's votes in the last day. Raises ``VoteRefusedError`` that says how long to wait."""
        _check(votes, now, self.votes_per_minute, MINUTE, "votes a minute")
        _check(votes, now, self.votes_per_day, DAY, "votes a day")

    def check_battles(self, battles: Sequence[float], now: float) -> None:
        """``battles``: times of the voter's battles in the last minute. Raises ``VoteRefusedError``."""
        _check(battles, now, self.battles_per_minute, MINUTE, "battles a minute")

    def flags(self, battle: StoredBattle, winner: str, now: float) -> tuple[str, ...]:
        """Why a vote on ``battle`` at ``now`` would not count, but for repetition, which the store knows.

        Equal answers can only tie: a winner between them is ``identical``. Raises ``VoteRefusedError`` before both answers
        were there.
        """
        if battle.shown is None:
            raise VoteRefusedError("Both answers must be there before you vote.")
        words = len(battle.answer_a.split()) + len(battle.answer_b.split())
        reading = words / self.words_per_second if self.words_per_second else 0.0
        found = [FAST] if now - battle.shown < max(self.least_seconds, reading) else []
        return (*found, *([IDENTICAL] if battle.same and winner in ("a", "b") else []))

    def claim(self, voter: str, question_key: str, a: str, b: str, battle: str) -> str:
        """What a counted vote claims for its voter, as a hash of fixed length."""
        pair = "/".join(sorted((a, b)))
        on = {"question": question_key, "pair": f"{question_key}/{pair}", "battle": battle}[self.once_per]
        return hashlib.blake2b(f"{voter}/{on}".encode(), digest_size=24).hexdigest()


def _check(times: Sequence[float], now: float, limit: int, span: float, words: str) -> None:
    recent = sorted(t for t in times if t > now - span)
    if limit and len(recent) >= limit:
        wait = max(1, round(recent[-limit] + span - now))
        told = f"{wait} s" if wait < 120 else f"{round(wait / 60)} min" if wait < 7200 else f"{round(wait / 3600)} h"
        raise VoteRefusedError(f"At most {limit} {words}: please wait {told}.")


def read_salt(path: Path) -> bytes:
    """The secret that voters' hashes are keyed with: the variable VISTUNE_ARENA_SALT, else the file, made on first use.

    It lies beside the votes, not among them, and is never exported: without it a hash cannot be traced back to an address.
    """
    given = os.environ.get(SALT_VARIABLE)
    if given:
        return given.encode("utf-8")
    if not path.is_file():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        write_bytes(draft, secrets.token_hex(32).encode("ascii"))
        draft.chmod(0o600)
        with suppress(FileExistsError):  # another process was first: its salt holds
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes().strip()


def voter_hash(who: str, salt: bytes) -> str:
    """A voter's name in the data base: BLAKE2b of address or login, keyed with the salt, 32 hexadecimal digits."""
    key = hashlib.blake2b(salt, digest_size=32).digest()
    return hashlib.blake2b(who.encode("utf-8"), digest_size=16, key=key).hexdigest()
