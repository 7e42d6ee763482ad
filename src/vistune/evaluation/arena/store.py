"""Battles and votes in SQL: SQLite by default, any SQLAlchemy URL; several processes may write at once.

The data base itself keeps the two rules that races would break: a battle has at most one vote (its key is the battle's), and a
voter has at most one counted vote on the same thing (``claim`` is unique; a vote that does not count claims nothing).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.errors import DataError, MissingExtra

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCHEMA = 1
#: A vote on the same thing by the same voter counts once; the others are kept with this flag.
REPEAT = "repeat"


class VoteRefusedError(DataError):
    """A vote or a battle that is not taken; the message is for the person who asked."""


@dataclass(frozen=True, slots=True)
class StoredBattle:
    """Two answers to one question. ``shown``: when both were there (seconds since 1970); ``same``: the answers are equal.

    ``question_key`` is a hash of question and pictures, ``voter`` of the person. Pictures are not stored. ``source``: ``set``,
    ``world``, ``typed`` or ``simulated``.
    """

    id: str
    created: float
    shown: float | None
    voter: str
    source: str
    question_id: str
    question_key: str
    question: str
    a: str
    b: str
    answer_a: str
    answer_b: str
    same: bool


@dataclass(frozen=True, slots=True)
class StoredVote:
    """The vote on a battle: a, b, tie or bad. ``flags`` say why it does not count; empty: it does."""

    battle: str
    created: float
    voter: str
    winner: str
    flags: tuple[str, ...] = ()


def new_id() -> str:
    """A name for a battle that nobody can guess (128 random bits)."""
    return uuid.uuid4().hex


def database_url(place: str | Path) -> str:
    """A URL as it is; of a path the URL of that SQLite file."""
    text = str(place)
    return text if "://" in text else f"sqlite:///{Path(text).absolute()}"


class ArenaStore:
    """The tables ``arena_meta``, ``arena_battles`` and ``arena_votes`` in one data base.

    ``place``: a path (SQLite) or a URL. Tables are made where there are none, unless ``create`` is False. Raises ``DataError``
    for a data base that cannot be opened, is missing or has another version, ``MissingExtra`` without SQLAlchemy or its driver.
    """

    def __init__(self, place: str | Path, *, create: bool = True) -> None:
        try:
            from vistune.evaluation.arena import tables
        except ImportError as error:
            raise MissingExtra("sqlalchemy", "arena", "The arena") from error
        self.url = database_url(place)
        file = Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None
        if file is not None and not create and not file.is_file():
            raise DataError(f"{file}: there is no such data base of votes. Name one with --db.")
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        self._tables = tables
        self._engine: Engine = tables.open_engine(self.url)
        with self._clear_words():
            tables.prepare(self._engine, SCHEMA, create=create)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def add_battle(self, battle: StoredBattle) -> None:
        """Write down a battle that is about to be answered."""
        with self._writing() as connection:
            connection.execute(self._tables.battles.insert(), asdict(battle))

    def answered(self, battle: str, answer_a: str, answer_b: str, *, same: bool, shown: float | None = None) -> None:
        """Write down both answers and the time from which votes are taken (default: now)."""
        table = self._tables.battles
        values = {"answer_a": answer_a, "answer_b": answer_b, "same": same, "shown": shown or time.time()}
        with self._writing() as connection:
            connection.execute(table.update().where(table.c.id == battle).values(values))

    def battle(self, identity: str) -> StoredBattle:
        """Raises ``VoteRefusedError`` where there is none of that id."""
        table = self._tables.battles
        with self._engine.connect() as connection:
            row = connection.execute(table.select().where(table.c.id == identity)).mappings().first()
        if row is None:
            raise VoteRefusedError("This battle is not on record. Begin the next one.")
        return StoredBattle(**row)

    def add_vote(self, vote: StoredVote, claim: str | None) -> StoredVote:
        """Write down a vote, at most one a battle. -> the vote as it is kept.

        ``claim`` names what the voter may vote on once, by any process: where it is taken, the vote is kept with the flag
        ``repeat``. Raises ``VoteRefusedError`` where the battle has a vote.
        """
        from sqlalchemy.exc import IntegrityError

        row = {**asdict(vote), "flags": ",".join(vote.flags), "claim": None if vote.flags else claim}
        try:
            with self._writing() as connection:
                connection.execute(self._tables.votes.insert(), row)
        except IntegrityError as error:
            if self.vote_of(vote.battle) is not None:
                raise VoteRefusedError("You have voted on this battle. Begin the next one.") from error
            if row["claim"] is None:
                raise DataError("A vote needs its battle on record first.") from error
            return self.add_vote(StoredVote(vote.battle, vote.created, vote.voter, vote.winner, (REPEAT,)), None)
        return vote

    def vote_of(self, battle: str) -> StoredVote | None:
        """The vote on a battle, if there is one."""
        table = self._tables.votes
        with self._engine.connect() as connection:
            row = connection.execute(table.select().where(table.c.battle == battle)).mappings().first()
        return None if row is None else _vote(row)

    def add_many(self, pairs: Iterable[tuple[StoredBattle, StoredVote]]) -> int:
        """Write many voted battles at once, without claims (simulated or imported ones). -> how many."""
        found = list(pairs)
        if found:
            with self._writing() as connection:
                connection.execute(self._tables.battles.insert(), [asdict(battle) for battle, _ in found])
                rows = [{**asdict(vote), "flags": ",".join(vote.flags), "claim": None} for _, vote in found]
                connection.execute(self._tables.votes.insert(), rows)
        return len(found)

    def voted(self) -> Iterator[tuple[StoredBattle, StoredVote]]:
        """All battles with their votes, in the order of the votes."""
        battles, votes = self._tables.battles, self._tables.votes
        columns = [battles.c[f.name] for f in fields(StoredBattle)]
        told = [votes.c[f.name].label(f"vote_{f.name}") for f in fields(StoredVote)]
        from sqlalchemy import select

        query = select(*columns, *told).join(votes, votes.c.battle == battles.c.id)
        with self._engine.connect() as connection:
            for row in connection.execute(query.order_by(votes.c.created, battles.c.id)).mappings():
                battle = StoredBattle(**{f.name: row[f.name] for f in fields(StoredBattle)})
                yield battle, _vote({f.name: row[f"vote_{f.name}"] for f in fields(StoredVote)})

    def votes_since(self, voter: str, since: float) -> list[float]:
        """Times of a voter's votes from ``since`` on, the oldest first."""
        return self._times(self._tables.votes, voter, since)

    def battles_since(self, voter: str, since: float) -> list[float]:
        """Times of a voter's battles from ``since`` on, the oldest first."""
        return self._times(self._tables.battles, voter, since)

    def claims(self, voter: str) -> set[str]:
        """What the voter's counted votes have claimed."""
        from sqlalchemy import select

        table = self._tables.votes
        query = select(table.c.claim).where(table.c.voter == voter, table.c.claim.is_not(None))
        with self._engine.connect() as connection:
            return {str(claim) for (claim,) in connection.execute(query)}

    def pair_counts(self) -> dict[tuple[str, str], tuple[int, float]]:
        """(first, second) in the order of the alphabet -> counted votes, and wins of the first with ties half."""
        from sqlalchemy import func, select

        battles, votes = self._tables.battles, self._tables.votes
        query = (
            select(battles.c.a, battles.c.b, votes.c.winner, func.count())
            .join(votes, votes.c.battle == battles.c.id)
            .where(votes.c.flags == "")
            .group_by(battles.c.a, battles.c.b, votes.c.winner)
        )
        found: dict[tuple[str, str], tuple[int, float]] = {}
        with self._engine.connect() as connection:
            for a, b, winner, count in connection.execute(query):
                won = {"a": 1.0, "b": 0.0}.get(winner, 0.5)
                pair, won = ((a, b), won) if a <= b else ((b, a), 1 - won)
                played, wins = found.get(pair, (0, 0.0))
                found[pair] = (played + count, wins + won * count)
        return found

    def stamp(self) -> tuple[int, float]:
        """Number of votes and time of the last one: equal stamps, equal leaderboards."""
        from sqlalchemy import func, select

        table = self._tables.votes
        with self._engine.connect() as connection:
            count, last = connection.execute(select(func.count(), func.max(table.c.created)).select_from(table)).one()
        return int(count), float(last or 0.0)

    def _times(self, table: Any, voter: str, since: float) -> list[float]:
        from sqlalchemy import select

        query = select(table.c.created).where(table.c.voter == voter, table.c.created >= since)
        with self._engine.connect() as connection:
            return sorted(float(created) for (created,) in connection.execute(query))

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._clear_words(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _clear_words(self) -> Iterator[None]:
        """Turn what a driver says of a data base that does not answer into one sentence."""
        from sqlalchemy.exc import DatabaseError, IntegrityError

        try:
            yield
        except IntegrityError:
            raise
        except DatabaseError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise DataError(f"{self._engine.url!r}: the data base of votes cannot be used ({reason}).") from error


def _vote(row: Any) -> StoredVote:
    values = {f.name: row[f.name] for f in fields(StoredVote)}
    return StoredVote(**{**values, "flags": _flags(values["flags"])})


def _flags(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def as_rows(pairs: Iterable[tuple[StoredBattle, StoredVote]]) -> Sequence[dict[str, Any]]:
    """Battles with their votes as flat rows: the battle's columns, then ``winner``, ``voted`` and ``flags``."""
    return [
        {**asdict(battle), "winner": vote.winner, "voted": vote.created, "flags": list(vote.flags)}
        for battle, vote in pairs
    ]
