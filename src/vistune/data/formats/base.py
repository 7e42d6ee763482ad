"""What a format is, the set of examples that it opens, and the book of rejected records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from vistune.core.errors import DataError
from vistune.core.files import append_jsonl, read_jsonl
from vistune.core.registry import Registry
from vistune.data.example import Example


class Place(NamedTuple):
    """Where a record stands: its file, and the line (from 1) or the record's number where there are no lines.

    ``record`` (from 1) is its number in a JSON list, which may stand in one line as a whole.
    """

    file: str
    line: int
    record: int | None = None

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}" + ("" if self.record is None else f" (record {self.record})")


class Source(Protocol):
    """Random access to the records of an opened data set. Bounded memory: an index, never the records."""

    def __len__(self) -> int: ...

    def example(self, index: int) -> Example:
        """The record as an Example. Raises ``DataError`` with the reason alone."""
        ...

    def place(self, index: int) -> Place:
        """Where the record stands."""
        ...


class Rejections:
    """Counts bad records, writes them to ``rejected.jsonl``, and stops a job that loses too many.

    ``max_share`` is the share of records that may be lost (one record always may, unless it is 0).
    """

    def __init__(self, path: Path | str | None = None, max_share: float = 0.05) -> None:
        self.path = None if path is None else Path(path)
        self.max_share = max_share
        self.seen = 0
        self.count = 0
        self.first: str | None = None
        self._written: set[Place] | None = None

    def begin(self) -> None:
        """Count anew: a pass over the data starts. What is in the file already is not written again."""
        self.seen = self.count = 0
        self.first = None

    def accept(self) -> None:
        """Count a good record."""
        self.seen += 1

    def reject(self, place: Place, reason: str, name: str | None = None) -> None:
        """Count and write down a bad record. Raises ``DataError`` once far too many are bad."""
        self.seen += 1
        self.count += 1
        self.first = self.first or f"{place}: {reason}"
        if self.path is not None:
            self._write(self.path, place, reason, {} if name is None else {"id": name})
        if self.count >= 100:
            self.check()

    def _write(self, path: Path, place: Place, reason: str, named: dict[str, str]) -> None:
        """Add a line, unless this pass or an earlier job wrote the same."""
        if self._written is None:
            lines = read_jsonl(path, torn_ok=True) if path.exists() else []
            placed = (line for line in lines if {"file", "line"} <= line.keys())
            self._written = {Place(line["file"], line["line"], line.get("record")) for line in placed}
        if place not in self._written:
            self._written.add(place)
            where = {key: value for key, value in place._asdict().items() if value is not None}
            append_jsonl(path, [{**where, **named, "reason": reason}])

    def check(self) -> None:
        """Raises ``DataError`` where more than ``max_share`` of the records seen were bad, or all of them."""
        allowed = max(self.max_share * self.seen, 1 if self.max_share > 0 else 0)
        if self.count > allowed or (self.count and self.count == self.seen):
            listed = f" All are listed in {self.path}." if self.path is not None else ""
            raise DataError(
                f"{self.count} of {self.seen} records are bad, more than the share of {self.max_share:.0%} that may be "
                f"(max_rejected). The first: {self.first}.{listed}".replace("..", ".")
            )


class ExampleSet:
    """Examples of a file or folder: a sequence with random access, and an iterable that skips bad records.

    Safe to hand to worker processes. ``set[i]`` raises ``DataError`` for a bad record; iterating counts it in
    ``rejections`` and goes on.
    """

    def __init__(self, source: Source, format: str, rejections: Rejections, check_images: bool = False) -> None:
        self.source = source
        self.format = format
        self.rejections = rejections
        self.check_images = check_images

    def __len__(self) -> int:
        """Number of records, bad ones included."""
        return len(self.source)

    def __getitem__(self, index: int) -> Example:
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        try:
            return self._good(index)
        except DataError as error:
            raise DataError(f"{self.source.place(index)}: {error}") from error

    def __iter__(self) -> Iterator[Example]:
        for _, example in self.numbered():
            yield example

    def numbered(self) -> Iterator[tuple[int, Example]]:
        """(record number, example) of all good records. Raises ``DataError`` where too many are bad."""
        self.rejections.begin()
        for index in range(len(self)):
            try:
                example = self._good(index)
            except DataError as error:
                self.rejections.reject(self.source.place(index), str(error))
                continue
            self.rejections.accept()
            yield index, example
        self.rejections.check()

    def good(self) -> np.ndarray:
        """Numbers of the good records ``[n]`` int64: one pass over all of them."""
        return np.fromiter((index for index, _ in self.numbered()), dtype=np.int64)

    def _good(self, index: int) -> Example:
        example = self.source.example(index)
        if self.check_images:
            for image in example.images:
                image.size()
        return example


class Format(ABC):
    """A published format. Options of reading and writing are the arguments of the class."""

    kind: str = ""
    #: Keys that a record has, for telling formats apart (JSON formats only).
    keys: tuple[str, ...] = ()

    @abstractmethod
    def open(self, path: Path) -> Source:
        """Index a file or folder. Raises ``DataError`` where it is no such thing at all."""

    def write(self, examples: Iterable[Example], path: Path) -> int:
        """Write all examples, whole or not at all; -> how many. Raises ``DataError``."""
        del examples
        raise DataError(
            f"{path} cannot be written: the format '{self.kind}' is for reading. "
            "Write llava, chat, parquet or webdataset."
        )

    @classmethod
    def claims(cls, record: dict[str, Any]) -> bool:
        """A JSON record looks like this format."""
        return bool(cls.keys) and all(key in record for key in cls.keys)


FORMATS: Registry[Format] = Registry(
    "format",
    base=Format,
    modules=tuple(
        f"vistune.data.formats.{name}" for name in ("llava", "chat", "parquet", "webdataset", "nlvr", "flickr8k", "vqa")
    ),
)
