"""Questions about charts in ChartQA's JSON (arXiv 2203.10244), and the tables behind the charts as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vistune.core.errors import DataError


@dataclass(frozen=True)
class ChartQuestion:
    """A question about the picture ``imgname``; ``label`` is its answer."""

    imgname: str
    query: str
    label: str


def write_chartqa(path: Path, questions: Sequence[ChartQuestion]) -> Path:
    """Write questions."""
    path.write_text(json.dumps([asdict(q) for q in questions], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read_chartqa(path: Path) -> list[ChartQuestion]:
    """Read questions. Raises ``DataError`` where a field is missing."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [ChartQuestion(q["imgname"], q["query"], str(q["label"])) for q in content]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is no ChartQA file: {error!r}.") from None


def write_table(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write a table, the header first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def read_table_file(path: Path) -> list[list[str]]:
    """Read a table. Raises ``DataError`` where rows differ in length."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if len({len(row) for row in rows}) != 1:
        raise DataError(f"{path}: the rows of a table have one length.")
    return rows
