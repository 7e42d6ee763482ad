"""``read`` and ``write`` for any format, and finding out which one a file or folder holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError, nearest
from vistune.data.example import Example
from vistune.data.formats.base import FORMATS, ExampleSet, Format, Rejections
from vistune.data.formats.records import JsonRecords

#: Names of the data file that vistune writes into a folder, in the order in which they are looked for.
_DATA_FILES = ("data.json", "data.jsonl", "data.parquet")
_JSON = (".json", ".jsonl", ".ndjson")


def read(
    path: Path | str,
    format: str = "auto",
    *,
    rejected_to: Path | str | None = None,
    max_rejected: float = 0.05,
    check_images: bool = False,
    **options: Any,
) -> ExampleSet:
    """Open a data set: iterate it (bad records are skipped and counted), or ask for ``set[i]``.

    ``format`` is a kind of ``FORMATS``, or ``auto``. Bad records go to the file ``rejected_to``; more than the share
    ``max_rejected`` of them is an error. ``check_images`` also rejects records whose pictures are missing or have a
    broken header. ``options`` are the format's own (``images``, ``split``...). Raises ``DataError`` where the path does
    not hold the format, with the one that it seems to hold.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder.")
    found = sniff(path) if format == "auto" else _checked(path, format)
    kind, file = found
    source = (
        FORMATS.build(kind, **{}).open(file) if not options else FORMATS.build({"kind": kind, **options}).open(file)
    )
    return ExampleSet(source, kind, Rejections(rejected_to, max_rejected), check_images)


def write(examples: Iterable[Example], path: Path | str, format: str, **options: Any) -> int:
    """Write all examples in ``format``; -> how many.

    The file or folder appears whole or not at all: a full disk or a bad example leaves what was there before.
    """
    return FORMATS.build({"kind": format, **options}).write(examples, Path(path))


def sniff(path: Path) -> tuple[str, Path]:
    """(kind, file or folder to open). Raises ``DataError`` that says what was found and which format is nearest."""
    if path.is_dir():
        return _sniff_folder(path)
    if path.suffix == ".parquet":
        return "parquet", path
    if path.name.endswith((".tar", ".tar.gz", ".tgz")):
        return "webdataset", path
    if path.name == "captions.txt":
        return "flickr8k", path.parent
    if path.suffix in _JSON:
        return _sniff_records(path), path
    raise DataError(
        f"{path}: files ending in '{path.suffix}' are in none of the known formats "
        f"({', '.join(FORMATS.names())}). Give format=... if it is one of them."
    )


def _sniff_folder(path: Path) -> tuple[str, Path]:
    for name in _DATA_FILES:
        if (path / name).is_file():
            return sniff(path / name)
    if (path / "captions.txt").is_file():
        return "flickr8k", path
    for kind, pattern in (("webdataset", "*.tar*"), ("parquet", "**/*.parquet")):
        if any(path.glob(pattern)):
            return kind, path
    if any((path / split / f"{split}.json").is_file() for split in ("train", "dev", "hidden")):
        return "nlvr", path
    records = sorted(file for suffix in _JSON for file in path.glob(f"*{suffix}") if file.name != "rejected.jsonl")
    if len(records) == 1:
        return sniff(records[0])
    held = ", ".join(sorted(entry.name for entry in path.iterdir())[:8]) or "nothing"
    what = "several data files, name one of them" if records else "no data set that is known"
    raise DataError(f"{path} holds {what} (it holds {held}).")


def _json_formats() -> dict[str, type[Format]]:
    return {kind: cls for kind, cls in FORMATS.items() if cls.keys}


def _sniff_records(path: Path) -> str:
    record = _first_record(path)
    for kind, cls in _json_formats().items():
        if cls.claims(record):
            return kind
    keys = ", ".join(record) or "none"
    shared = {kind: len(set(cls.keys) & set(record)) / len(cls.keys) for kind, cls in _json_formats().items()}
    best = max(shared, key=lambda kind: shared[kind])
    if not shared[best]:
        best = _nearest_by_name(record)
    lacking = [key for key in _json_formats()[best].keys if key not in record]
    raise DataError(
        f"{path} is in none of the known formats: its first record has the keys {keys}. The nearest format is "
        f"'{best}', which needs {' and '.join(map(repr, lacking)) or 'other values'}."
    )


def _nearest_by_name(record: dict[str, Any]) -> str:
    import difflib

    by_key = {key: kind for kind, cls in reversed(_json_formats().items()) for key in cls.keys}
    scores = {
        known: max((difflib.SequenceMatcher(None, key, known).ratio() for key in record), default=0.0)
        for known in by_key
    }
    return by_key[max(scores, key=lambda known: scores[known])]


def _first_record(path: Path) -> dict[str, Any]:
    """The first record that parses. Raises ``DataError`` where none of the first hundred does."""
    records = JsonRecords(path)
    problem = "it holds no record"
    for index in range(min(len(records), 100)):
        try:
            return records[index]
        except DataError as error:
            problem = str(error)
    if not records.is_list and path.stat().st_size < 1 << 28:
        import json

        try:
            whole = json.loads(path.read_text(encoding="utf-8"))
            problem = f"it is one JSON object with the keys {', '.join(list(whole)[:8])}, not a list of records"
        except ValueError:
            pass
    raise DataError(f"{path} cannot be read as records: {problem}.")


def _checked(path: Path, format: str) -> tuple[str, Path]:
    """``format`` if the path can hold it. Raises ``DataError`` that names what the path holds instead."""
    if format not in FORMATS.names() and ":" not in format:
        raise DataError(f"There is no format '{format}'. {nearest(format, FORMATS.names())}")
    keys = FORMATS.get(format).keys
    file = next((path / n for n in _DATA_FILES if (path / n).is_file()), path) if path.is_dir() else path
    if not keys or file.suffix not in _JSON:
        found = None if file.is_dir() else file.suffix
        if keys and file.suffix not in _JSON and found is not None and file.suffix in (".parquet", ".tar", ".txt"):
            raise DataError(f"{path} is not in the format '{format}': it looks like '{sniff(file)[0]}'.")
        return format, (path if not keys else file)
    record = _first_record(file)
    if not FORMATS.get(format).claims(record):
        likely = [kind for kind, cls in _json_formats().items() if cls.claims(record)]
        hint = f"It looks like '{likely[0]}': use format='{likely[0]}'." if likely else "It is in no known format."
        raise DataError(
            f"{file} is not in the format '{format}', whose records have {', '.join(keys)}: its first record has the "
            f"keys {', '.join(record)}. {hint}"
        )
    return format, file
