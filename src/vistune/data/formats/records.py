"""Records of a JSON file by number: JSON lines or one JSON list, indexed by byte offsets.

A million records cost 20 MB of offsets. Files are read with ``os.pread``, which forked workers may share.
"""

from __future__ import annotations

import json
import mmap
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from vistune.core.errors import DataError
from vistune.data.formats.base import Place

_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)
_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 24


class JsonRecords:
    """``records[i]`` is the i-th JSON object of a file. Raises ``DataError`` for a file that cannot be indexed."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._file: int | None = None
        first = _first_byte(self.path)
        self.is_list = first == b"["
        if first not in (b"[", b"{"):
            raise DataError(f"{self.path} is not JSON: it begins with {first!r}, where '[' or '{{' is needed.")
        self._starts, self._stops, self._lines = self._index_list() if self.is_list else self._index_lines()

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Raises ``DataError`` with the reason where the record is no JSON object."""
        text = self._read(int(self._starts[index]), int(self._stops[index]))
        try:
            record = json.loads(text)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is not UTF-8"
            raise DataError(f"not valid JSON ({reason})") from error
        if not isinstance(record, dict):
            raise DataError(f"a record must be a JSON object, not {type(record).__name__}")
        return record

    def place(self, index: int) -> Place:
        """File and line of a record."""
        if self._lines is not None:
            return Place(str(self.path), int(self._lines[index]))
        return Place(str(self.path), self._line_at(int(self._starts[index])))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_file": None}

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            os.close(self._file)  # type: ignore[arg-type]

    def _read(self, start: int, stop: int) -> bytes:
        if self._file is None:
            self._file = os.open(self.path, os.O_RDONLY)
        return os.pread(self._file, stop - start, start)

    def _line_at(self, offset: int) -> int:
        line, place = 1, 0
        while place < offset:
            chunk = self._read(place, min(place + _CHUNK, offset))
            line, place = line + chunk.count(b"\n"), place + len(chunk)
        return line

    def _index_lines(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Byte spans of all lines that are not blank, and their numbers."""
        breaks, place = [np.array([-1])], 0
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                breaks.append(np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == 10) + place)
                place += len(chunk)
        ends = np.concatenate([*breaks, [place]]).astype(np.int64)
        starts, stops = ends[:-1] + 1, ends[1:]
        if self._read(0, 3) == _BOM:
            starts[0] = 3
        keep = stops > starts
        for short in np.flatnonzero(keep & (stops - starts < 16)):
            keep[short] = bool(self._read(int(starts[short]), int(stops[short])).strip())
        return starts[keep], stops[keep], np.flatnonzero(keep) + 1

    def _index_list(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Byte spans of the elements of the outer list that are objects or lists."""
        starts, stops, depth = [], [], 0
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for found in _STRING_OR_BRACKET.finditer(data):
                mark = data[found.start()]
                if mark in b"{[":
                    depth += 1
                    if depth == 2:
                        starts.append(found.start())
                elif mark in b"}]":
                    depth -= 1
                    if depth == 1:
                        stops.append(found.end())
        if depth != 0 or len(starts) != len(stops):
            line = self._line_at(starts[-1]) if starts else 1
            raise DataError(
                f"{self.path} is cut off or malformed: its list of {len(starts)} records is never closed (the last one "
                f"begins in line {line}). Fetch or make the file again."
            )
        return np.array(starts, dtype=np.int64), np.array(stops, dtype=np.int64), None


def _first_byte(path: Path) -> bytes:
    """The first byte that is no white space. Raises ``DataError`` for a missing or empty file."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    first = head.removeprefix(_BOM).lstrip()[:1]
    if not first:
        raise DataError(f"{path} is empty.")
    return first


def read_text_lines(path: Path) -> list[str]:
    """Lines of a small UTF-8 text file (lists of names), without empty ones. Raises ``DataError``."""
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text.") from error
