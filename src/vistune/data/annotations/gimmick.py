"""Cultural knowledge with GIMMICK's columns (Schneider et al., arXiv 2502.13766), as JSON lists.

GIMMICK publishes Parquet with the pictures inside; here ``images`` and ``ich_image`` are their names. Its two sets of
pictures: customs with title, description and origins (the tasks COQA and CKT), and questions about one picture (SIVQA).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, write_json


@dataclass(frozen=True)
class CultureRecord:
    """A custom, where it comes from, and pictures of it."""

    sample_uuid: str
    title: str
    description: str
    countries: tuple[str, ...]
    regions: tuple[str, ...]
    images: tuple[str, ...]


@dataclass(frozen=True)
class CultureQuestion:
    """A question about one picture, and what the picture shows."""

    question_id: str
    question: str
    answer: str
    title: str
    description: str
    countries: tuple[str, ...]
    regions: tuple[str, ...]
    ich_image: str


@dataclass(frozen=True)
class CultureFact:
    """One thing that one must know of a country: ``facet``, the ``title`` of its custom, and a sentence."""

    country: str
    region: str
    facet: str
    title: str
    statement: str


Record = TypeVar("Record", CultureRecord, CultureQuestion)
_LISTS = ("countries", "regions", "images")
_FACT = ("country", "region", "facet", "title", "statement")


def write_culture(path: Path | str, records: Iterable[CultureRecord] | Iterable[CultureQuestion]) -> Path:
    """Write customs, or questions. -> the path."""
    return write_json(path, [{key: getattr(r, key) for key in type(r).__dataclass_fields__} for r in records])


def read_culture(path: Path | str) -> list[CultureRecord]:
    """Read customs. Raises ``DataError`` where a key is missing."""
    return _read(path, CultureRecord)


def read_culture_questions(path: Path | str) -> list[CultureQuestion]:
    """Read questions. Raises ``DataError`` where a key is missing."""
    return _read(path, CultureQuestion)


def _read(path: Path | str, of: type[Record]) -> list[Record]:
    keys, found = tuple(of.__dataclass_fields__), []
    for number, content in enumerate(need_list(read_json(path), str(path))):
        record = need(content, keys, f"{path}, record {number}")
        values: dict[str, Any] = {k: tuple(record[k]) if k in _LISTS else record[k] for k in keys}
        found.append(of(**values))
    return found


def write_facts(path: Path | str, facts: Iterable[CultureFact]) -> Path:
    """Write facts as CSV with a head. -> the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_FACT)
        rows.writerows([getattr(fact, key) for key in _FACT] for fact in facts)
    return path


def read_facts(path: Path | str) -> list[CultureFact]:
    """Read facts. Raises ``DataError`` where there is no file, or it has other columns."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
    except (FileNotFoundError, ValueError):
        raise DataError(f"{path}: a CSV file with a head was expected.") from None
    if tuple(head) != _FACT or any(len(row) != len(_FACT) for row in rows):
        raise DataError(f"{path}: the columns {', '.join(_FACT)} were expected, not {', '.join(head)}.")
    return [CultureFact(*row) for row in rows]
