"""Captions with hard negatives in SugarCrepe's JSON (arXiv 2306.14610), and statements in VSR's lines (arXiv 2205.00363)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, read_json, read_lines, rest, write_json, write_lines

_CREPE_KEYS = ("filename", "caption", "negative_caption")
_VSR_KEYS = ("image", "caption", "label", "relation", "subj", "obj")


@dataclass(frozen=True)
class CrepeItem:
    """A picture's file name, its caption, and a caption that is false of it."""

    filename: str
    caption: str
    negative_caption: str


@dataclass(frozen=True)
class VsrItem:
    """A statement about a picture: ``label`` says whether it is true. ``extra``: other keys (annotators, votes, links)."""

    image: str
    caption: str
    label: bool
    relation: str
    subj: str
    obj: str
    extra: dict[str, Any] = field(default_factory=dict)


def write_sugarcrepe(path: Path | str, items: Iterable[CrepeItem]) -> Path:
    """One file holds the items of one type, numbered from "0"."""
    return write_json(path, {str(k): {key: getattr(i, key) for key in _CREPE_KEYS} for k, i in enumerate(items)})


def read_sugarcrepe(path: Path | str) -> list[CrepeItem]:
    """The items in the order of their numbers. Raises ``DataError`` where a key is missing."""
    content = read_json(path)
    if not isinstance(content, Mapping):
        raise DataError(f"{path}: an object of numbered items was expected, not a {type(content).__name__}.")
    items = sorted(content.items(), key=lambda pair: (len(pair[0]), pair[0]))
    records = [need(record, _CREPE_KEYS, f"{path}, item {number}") for number, record in items]
    return [CrepeItem(*(record[key] for key in _CREPE_KEYS)) for record in records]


def write_vsr(path: Path | str, items: Iterable[VsrItem]) -> Path:
    """One line of JSON for each statement; the label is 1 or 0."""
    return write_lines(
        path, ({**{key: getattr(i, key) for key in _VSR_KEYS}, "label": int(i.label), **i.extra} for i in items)
    )


def read_vsr(path: Path | str) -> list[VsrItem]:
    """The statements in order. Raises ``DataError`` where there is no file, or a line is no record of VSR's."""
    found = []
    for where, line in read_lines(path):
        record = need(line, _VSR_KEYS, where)
        if record["label"] not in (0, 1):
            raise DataError(f"{where}: the label is 0 or 1, not {record['label']!r}.")
        values = {**{key: record[key] for key in _VSR_KEYS}, "label": bool(record["label"])}
        found.append(VsrItem(**values, extra=rest(record, _VSR_KEYS)))
    return found
