"""Records of a JSON file by number: JSON lines or one JSON list, indexed by byte offsets.

A million records cost 20 MB of offsets. Files are read with ``os.pread``, which forked workers may share.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from vistune.core.errors import DataError
from vistune.data.formats.base import Place

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
        """File and line of a record; its number too in a list, whose records may share a line."""
        if self._lines is not None:
            return Place(str(self.path), int(self._lines[index]))
        return Place(str(self.path), self._line_at(int(self._starts[index])), index + 1)

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
        scan = _ListScan()
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                scan.feed(chunk)
        starts, stops, depth = np.concatenate(scan.starts), np.concatenate(scan.stops), scan.depth
        if depth != 0 or len(starts) != len(stops):
            line = self._line_at(int(starts[-1])) if len(starts) else 1
            raise DataError(
                f"{self.path} is cut off or malformed: its list of {len(starts)} records is never closed (the last one "
                f"begins in line {line}). Fetch or make the file again."
            )
        return starts, stops, None


class _ListScan:
    """Finds the elements of a JSON list chunk by chunk: brackets outside strings, and how deep they lie."""

    def __init__(self) -> None:
        self.depth = 0
        self.starts: list[np.ndarray] = [np.empty(0, dtype=np.int64)]
        self.stops: list[np.ndarray] = [np.empty(0, dtype=np.int64)]
        self._place = 0
        self._quotes = 0  # seen so far: odd within a string
        self._left = b""  # backslashes at the end of a chunk say what the next one begins with

    def feed(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        whole = self._left + chunk
        self._left = whole[len(whole.rstrip(b"\\")) :]
        text = np.frombuffer(whole, dtype=np.uint8, count=len(whole) - len(self._left))
        quotes = np.flatnonzero(text == ord('"'))
        quotes = quotes[~_escaped(text, quotes)]
        folded = text | 32  # '[' and '{', ']' and '}' differ in this bit alone
        brackets = np.flatnonzero((folded == ord("{")) | (folded == ord("}")))
        brackets = brackets[(np.searchsorted(quotes, brackets) + self._quotes) % 2 == 0]
        opening = folded[brackets] == ord("{")
        depth = self.depth + np.cumsum(np.where(opening, 1, -1))
        self.starts.append(brackets[opening & (depth == 2)] + self._place)
        self.stops.append(brackets[~opening & (depth == 1)] + self._place + 1)
        self.depth = int(depth[-1]) if len(depth) else self.depth
        self._quotes += len(quotes)
        self._place += len(text)


def _escaped(text: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Which of ``places`` follow an odd number of backslashes."""
    count = np.zeros(len(places), dtype=np.int64)
    open_runs = np.arange(len(places))
    while len(open_runs):
        before = places[open_runs] - count[open_runs] - 1
        open_runs = open_runs[(before >= 0) & (text[np.maximum(before, 0)] == ord("\\"))]
        count[open_runs] += 1
    return count % 2 == 1


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
