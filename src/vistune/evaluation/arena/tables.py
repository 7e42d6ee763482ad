"""The arena's tables and how its data base is opened (needs SQLAlchemy)."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    select,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from vistune.core.errors import ConfigError, DataError

#: How long a process waits for another's write to SQLite, in seconds.
PATIENCE = 30

metadata = MetaData()
meta = Table(
    "arena_meta", metadata, Column("key", String(32), primary_key=True), Column("value", String(64), nullable=False)
)
battles = Table(
    "arena_battles",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created", Float(53), nullable=False),
    Column("shown", Float(53)),
    Column("voter", String(64), nullable=False),
    Column("source", String(16), nullable=False),
    Column("question_id", String(200), nullable=False),
    Column("question_key", String(64), nullable=False),
    Column("question", Text, nullable=False),
    Column("a", String(200), nullable=False),
    Column("b", String(200), nullable=False),
    Column("answer_a", Text, nullable=False),
    Column("answer_b", Text, nullable=False),
    Column("same", Boolean, nullable=False),
    Index("arena_battles_by_voter", "voter", "created"),
)
votes = Table(
    "arena_votes",
    metadata,
    Column("battle", String(32), ForeignKey("arena_battles.id"), primary_key=True),
    Column("created", Float(53), nullable=False),
    Column("voter", String(64), nullable=False),
    Column("winner", String(4), nullable=False),
    Column("flags", String(200), nullable=False),
    Column("claim", String(255), unique=True),
    Index("arena_votes_by_voter", "voter", "created"),
)


def open_engine(url: str) -> Engine:
    """An engine whose SQLite waits for other writers, and lets readers read while one writes.

    Raises ``ConfigError`` for a URL that says nothing or whose driver is not installed.
    """
    try:
        options: dict[str, Any] = {"connect_args": {"timeout": PATIENCE}} if url.startswith("sqlite") else {}
        engine = create_engine(url, pool_pre_ping=not options, **options)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(f"--db is a path, or a URL such as postgresql+psycopg://user@host/name ({error}).") from error
    except ImportError as error:
        raise ConfigError(f"This --db needs the package '{error.name}': install it beside vistune.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: Any, _record: Any) -> None:
    for line in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {line}")


def prepare(engine: Engine, version: int, *, create: bool) -> None:
    """Make the tables where there are none, and check their version. Raises ``DataError`` for another one."""
    found = _version(engine)
    if found is None and not create:
        raise DataError(f"{engine.url!r} holds no arena. Name another data base with --db.")
    if found is None:
        found = _create(engine, version)
    if found != str(version):
        raise DataError(
            f"{engine.url!r} holds votes of version {found}, this vistune reads version {version}. "
            "Export them with the vistune that wrote them, or name another data base with --db."
        )


def _version(engine: Engine) -> str | None:
    """Version of the tables; None where they are not there, or not all yet."""
    if not inspect(engine).has_table(meta.name):
        return None
    with engine.connect() as connection:
        return connection.execute(select(meta.c.value).where(meta.c.key == "schema")).scalar()


def _create(engine: Engine, version: int) -> str:
    """Make what is missing. Where another process does the same at the same time one of the two fails, and looks again.

    The version is written last: whoever reads it finds all tables.
    """
    for attempt in range(10):
        try:
            metadata.create_all(engine)
            with engine.begin() as connection:
                connection.execute(meta.insert(), {"key": "schema", "value": str(version)})
            return str(version)
        except DatabaseError:
            found = _version(engine)
            if found is not None:
                return found
            if attempt == 9:
                raise
            time.sleep(0.1 * (attempt + 1))
    raise AssertionError("not reached")
