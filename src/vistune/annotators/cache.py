"""Replies that were paid for are kept in SQLite: a run repeated, or taken up after a kill, costs nothing twice.

Several processes may share one file. A request that another process has out is waited for, not sent again; what a dead process
had out is taken over.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

from vistune.annotators.base import Reply
from vistune.core.errors import DataError
from vistune.core.files import writing

_TABLES = """
CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS asked (key TEXT PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL);
"""
_POLL = 0.05


class ReplyCache:
    """Replies by the key of their request. Each thread has a connection of its own; every reply is committed as it comes."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._local = threading.local()
        self._owner = f"{socket.gethostname()}:{os.getpid()}"

    def _connection(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None or self._local.pid != os.getpid():
            with writing(self.path):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
                connection.execute("PRAGMA journal_mode=WAL")
                # Whole after a kill at any time; only a power cut may lose the last replies.
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.executescript(_TABLES)
            except sqlite3.Error as error:
                raise DataError(
                    f"{self.path} is no cache of replies ({error}). Name another file with 'cache'."
                ) from error
            self._local.connection, self._local.pid = connection, os.getpid()
            self._owner = f"{socket.gethostname()}:{os.getpid()}"
        return connection

    def get(self, key: str) -> Reply | None:
        """The reply on record, marked as cached and free; None if there is none."""
        row = self._connection().execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        return None if row is None else _from_text(row[0])

    def put(self, key: str, reply: Reply) -> None:
        """Record a reply and end the claim on its request."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?, ?)", (key, json.dumps(asdict(reply)), time.time())
            )
            connection.execute("DELETE FROM asked WHERE key = ?", (key,))

    def claim(self, key: str, seconds: float, stopped: threading.Event | None = None) -> Reply | None:
        """None: the caller may send the request, and nobody else will for ``seconds``. Else the reply, waited for if need be;
        one with ``error`` where ``stopped`` is set meanwhile.
        """
        while True:
            with self._transaction() as connection:
                row = connection.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    return _from_text(row[0])
                held = connection.execute("SELECT owner, until FROM asked WHERE key = ?", (key,)).fetchone()
                if held is None or held[1] < time.time() or not _alive(held[0]):
                    connection.execute(
                        "INSERT OR REPLACE INTO asked VALUES (?, ?, ?)", (key, self._owner, time.time() + seconds)
                    )
                    return None
            if (stopped or threading.Event()).wait(_POLL):
                return Reply(error="The run was stopped while another process asked the same.")

    def release(self, key: str) -> None:
        """Give up a claim: the request failed."""
        self._connection().execute("DELETE FROM asked WHERE key = ? AND owner = ?", (key, self._owner))

    def __len__(self) -> int:
        return self._connection().execute("SELECT COUNT(*) FROM replies").fetchone()[0]

    @contextlib.contextmanager
    def _transaction(self):
        """All or nothing; other processes wait their turn."""
        connection = self._connection()
        with writing(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _from_text(text: str) -> Reply:
    return replace(Reply(**json.loads(text)), cached=True, cost=0.0, seconds=0.0)


def _alive(owner: str) -> bool:
    """Whether the process that made a claim may still be at work. Of another machine's nothing is known: its time must run out."""
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname() or os.name != "posix":
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
