"""What the readers and writers of annotation files share: whole JSON files, JSON a line, and records checked for their keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError


def read_json(path: Path | str) -> Any:
    """The content of a JSON file. Raises ``DataError`` where there is no file, or it holds no JSON."""
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} holds no JSON ({error}).") from error


def write_json(path: Path | str, content: Any) -> Path:
    """Write a JSON file, whole or not at all; folders are made. -> the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    half.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    half.replace(path)
    return path


def read_lines(path: Path | str) -> list[tuple[str, Any]]:
    """Of a file with one JSON value a line: where each stands ("FILE, line 3") and its content. Raises ``DataError``."""
    path, found = Path(path), []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append((f"{path}, line {number}", json.loads(line)))
            except json.JSONDecodeError as error:
                raise DataError(f"{path}, line {number} holds no JSON ({error}).") from error
    return found


def write_lines(path: Path | str, contents: Iterable[Any]) -> Path:
    """Write one JSON value a line, the file whole or not at all; folders are made. -> the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    half.write_text("".join(json.dumps(content, ensure_ascii=False) + "\n" for content in contents), encoding="utf-8")
    half.replace(path)
    return path


def need(record: Any, keys: Iterable[str], where: str) -> Mapping[str, Any]:
    """The record, if it is an object with these keys. Raises ``DataError`` that says what is missing ``where``."""
    if not isinstance(record, Mapping):
        raise DataError(f"{where}: an object was expected, not a {type(record).__name__}.")
    missing = [key for key in keys if key not in record]
    if missing:
        raise DataError(
            f"{where}: the key '{missing[0]}' is missing; there is {', '.join(map(str, record)) or 'none'}."
        )
    return record


def need_list(content: Any, where: str) -> list[Any]:
    """The content, if it is a list. Raises ``DataError``."""
    if not isinstance(content, list):
        raise DataError(f"{where}: a list was expected, not a {type(content).__name__}.")
    return content


def rest(record: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """What a record holds beyond the ``known`` keys."""
    names = set(known)
    return {key: value for key, value in record.items() if key not in names}
