"""Reading the files that benchmarks come in: JSON, JSON lines, TSV, CSV and Parquet as rows, and the pictures in them."""

from __future__ import annotations

import base64
import binascii
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError, MissingExtra
from vistune.data.example import ImageSource

Row = dict[str, Any]
SUFFIXES = (".json", ".jsonl", ".tsv", ".csv", ".parquet")


def read_json(path: Path) -> Any:
    """A whole JSON file. Raises ``DataError`` where it is missing or none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"There is no file {path}.") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not JSON ({error}).") from error


def rows_of(path: Path, key: str | None = None) -> list[Row]:
    """Rows of a file, or of all files of these sorts in a folder, sorted by name.

    JSON: a list of records; a dictionary of records, whose keys become ``id``; with ``key``, the list under it. TSV and CSV
    have a line of names. Raises ``DataError`` for a missing file, another sort, or what is no record.
    """
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES)
        if not files:
            raise DataError(f"{path} holds no file of the sorts {', '.join(SUFFIXES)}.")
        return [row for file in files for row in rows_of(file, key)]
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    if path.suffix == ".parquet":
        return _parquet(path)
    if path.suffix in (".tsv", ".csv"):
        csv.field_size_limit(1 << 30)
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))
    if path.suffix == ".jsonl":
        from vistune.core.files import read_jsonl

        return read_jsonl(path)
    if path.suffix == ".json":
        return _records(path, read_json(path), key)
    raise DataError(f"{path}: this benchmark reads {', '.join(SUFFIXES)}.")


def _records(path: Path, found: Any, key: str | None) -> list[Row]:
    if key is not None and isinstance(found, Mapping) and key in found:
        found = found[key]
    if isinstance(found, Mapping):
        found = [{"id": name, **value} for name, value in found.items() if isinstance(value, Mapping)]
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise DataError(f"{path}: a list of records is expected.")
    return [dict(row) for row in found]


def _parquet(path: Path) -> list[Row]:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingExtra("pyarrow", "data", "Parquet") from error
    return parquet.read_table(path).to_pylist()


def need(row: Mapping[str, Any], names: Iterable[str], path: Path, number: int) -> None:
    """Raises ``DataError`` that names the file, the record (from 1) and the missing fields."""
    missing = [name for name in names if name not in row]
    if missing:
        raise DataError(
            f"{path}, record {number}: no {', '.join(missing)}. It has {', '.join(map(str, row)) or 'nothing'}."
        )


def present(value: Any) -> bool:
    """Whether a cell of a table holds something: not None, not empty, no ``nan`` and no ``none``."""
    return value is not None and value == value and str(value).strip().lower() not in ("", "nan", "none")


def picture_of(value: Any, folder: Path, where: str) -> ImageSource:
    """A picture from base64 text, a path under ``folder``, or ``{bytes, path}`` as ``datasets`` stores it.

    Raises ``DataError`` that says ``where``.
    """
    if isinstance(value, Mapping):
        if value.get("bytes"):
            return ImageSource(data=value["bytes"])
        value = value.get("path")
    if isinstance(value, bytes):
        return ImageSource(data=value)
    if not isinstance(value, str) or not value:
        raise DataError(f"{where}: there is no picture in it.")
    if len(value) < 300 and not value.startswith(("/9j/", "iVBOR")):
        return ImageSource(path=folder / value)
    try:
        return ImageSource(data=base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as error:
        raise DataError(f"{where}: the picture is not base64 ({error}).") from error


def letter_place(value: Any, options: Sequence[str], where: str) -> int:
    """Place of the right option, given as a letter ("B", "(B)"), a number from 0, or the option's text."""
    text = str(value).strip()
    bare = text.strip("()")
    if len(bare) == 1 and bare.isupper() and ord(bare) - ord("A") < len(options):
        return ord(bare) - ord("A")
    if text.isdigit() and text not in options and int(text) < len(options):
        return int(text)
    if text in options:
        return list(options).index(text)
    raise DataError(f"{where}: the answer '{text}' is none of the {len(options)} options.")
