"""Statements about boxes of shapes in NLVR's lines (Suhr et al. 2017): ``SPLIT/SPLIT.json``, one JSON object a line.

A box is 100 x 100 px; ``x_loc``, ``y_loc`` is a shape's upper left corner. The pictures of a sentence are
``SPLIT/images/DIRECTORY/SPLIT-IDENTIFIER-PERMUTATION.png``; the format ``nlvr`` of ``vistune.data.formats`` reads the folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, read_lines, rest, write_lines

_SHAPE = ("x_loc", "y_loc", "type", "color", "size")
_KEYS = ("identifier", "directory", "sentence", "label", "evals", "structured_rep")


@dataclass(frozen=True)
class NlvrShape:
    """A shape: ``type`` circle, triangle or square; ``color`` Yellow, Black or #0099ff; ``size`` 10, 20 or 30 px."""

    x_loc: int
    y_loc: int
    type: str
    color: str
    size: int


@dataclass(frozen=True)
class NlvrItem:
    """A sentence about three boxes, and whether it is true (``label``: true or false).

    ``identifier``: number of the scene, a dash, number of the sentence. ``evals``: what each person who checked it said.
    """

    identifier: str
    directory: str
    sentence: str
    label: str
    structured_rep: tuple[tuple[NlvrShape, ...], ...]
    evals: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


def write_nlvr(path: Path | str, items: Iterable[NlvrItem]) -> Path:
    """Write one item a line. -> the path."""
    return write_lines(path, map(_record, items))


def _record(item: NlvrItem) -> dict[str, Any]:
    boxes = [[{key: getattr(shape, key) for key in _SHAPE} for shape in box] for box in item.structured_rep]
    return {**{key: getattr(item, key) for key in _KEYS}, "structured_rep": boxes, **item.extra}


def read_nlvr(path: Path | str) -> list[NlvrItem]:
    """Read items. Raises ``DataError`` that says what is wrong, and in which line."""
    found = []
    for where, line in read_lines(path):
        record = need(line, ("identifier", "sentence", "label", "structured_rep"), where)
        if record["label"] not in ("true", "false"):
            raise DataError(f"{where}: the label is true or false, not {record['label']!r}.")
        boxes = tuple(
            tuple(NlvrShape(*(need(shape, _SHAPE, where)[key] for key in _SHAPE)) for shape in box)
            for box in record["structured_rep"]
        )
        words = {key: record.get(key, "") for key in ("identifier", "directory", "sentence", "label")}
        found.append(NlvrItem(**words, structured_rep=boxes, evals=record.get("evals", {}), extra=rest(record, _KEYS)))
    return found
