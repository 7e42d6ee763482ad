"""Outputs of frozen encoders on disk, memory-mapped: nothing is encoded twice.

A row is found by the encoder's fingerprint (its folder) and the picture's content hash. Files only grow: a row is
written first and its key after it, under a lock, so that a kill leaves no half row and several processes can share a
store. Memory: 24 bytes a row for the index; rows stay on disk.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vistune.core.errors import DataError
from vistune.core.files import write_json, writing
from vistune.data.example import ImageSource

_KEY = np.dtype([("high", ">u8"), ("low", ">u8")])


def fingerprint(*parts: Any) -> str:
    """Hash of what determines features: modules (their weights), and any JSON-like settings. 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, nn.Module):
            for name, value in sorted(part.state_dict().items()):
                digest.update(f"{name}{tuple(value.shape)}{value.dtype}".encode())
                digest.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
        else:
            digest.update(json.dumps(part, sort_keys=True, default=str).encode())
        digest.update(b"\0")
    return digest.hexdigest()


class FeatureStore:
    """Rows ``[V, D]`` of one encoder under ``folder / key``; ``key`` is ``fingerprint(encoder, settings...)``."""

    def __init__(self, folder: Path | str, key: str) -> None:
        self.folder = Path(folder) / key
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._shape: tuple[int, ...] | None = None
        self._dtype = torch.float32
        self._forget()

    def _forget(self) -> None:
        self._sorted = np.empty(0, dtype=np.uint64)  # first halves of the keys, sorted
        self._lows = np.empty(0, dtype=np.uint64)  # second halves in that order
        self._rows = np.empty(0, dtype=np.int64)  # their rows
        self._map: np.ndarray | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.folder = state["folder"]
        self._shape, self._dtype = None, torch.float32
        self._forget()

    def __len__(self) -> int:
        self._refresh()
        return len(self._rows)

    def rows(self, keys: Sequence[str]) -> np.ndarray:
        """Row of each content hash (32 hexadecimal digits) ``[n]`` int64, -1 where there is none yet."""
        if not keys:
            return np.empty(0, dtype=np.int64)
        wanted = np.frombuffer(bytes.fromhex("".join(keys)), dtype=_KEY)
        found = self._look_up(wanted)
        if (found < 0).any() and self._refresh():
            found = self._look_up(wanted)
        return found

    def get_many(self, keys: Sequence[str]) -> Tensor:
        """Features ``[n, V, D]`` of pictures that are there. Raises ``DataError`` for one that is not."""
        rows = self.rows(keys)
        if (rows < 0).any() or self._shape is None:
            missing = int((rows < 0).sum())
            raise DataError(f"{missing} of {len(keys)} pictures have no features in {self.folder}.")
        return torch.from_numpy(self._mapped(int(rows.max()) + 1)[rows]).view(self._dtype).view(-1, *self._shape)

    def put_many(self, keys: Sequence[str], features: Tensor) -> None:
        """Append ``features [n, V, D]``; keys that are there already are left. Raises ``DataError`` for a full disk."""
        features = features.detach().cpu().contiguous()
        if not keys:
            return
        with writing(self.folder), self._locked():
            self._check(features)
            self._refresh()
            fresh: dict[str, int] = {}
            for place, key in enumerate(keys):
                fresh.setdefault(key, place)
            known = self._look_up(np.frombuffer(bytes.fromhex("".join(fresh)), dtype=_KEY))
            chosen = [(key, place) for (key, place), row in zip(fresh.items(), known) if row < 0]
            if chosen:
                self._append(b"".join(bytes.fromhex(k) for k, _ in chosen), features[[place for _, place in chosen]])
        self._refresh()

    def cached(self, images: Sequence[ImageSource], compute: Callable[[list[ImageSource]], Tensor]) -> Tensor:
        """Features ``[n, V, D]`` of pictures; ``compute`` is asked for those that are missing, and these are kept."""
        keys = [image.digest() for image in images]
        absent = dict(zip(keys, images))
        new = [key for key, row in zip(absent, self.rows(list(absent))) if row < 0]
        if new:
            self.put_many(new, compute([absent[key] for key in new]))
        return self.get_many(keys)

    # -- files ---------------------------------------------------------------------------------------------------------

    def _append(self, keys: bytes, rows: Tensor) -> None:
        data = rows.view(torch.uint8).numpy().tobytes()
        count = self._count()
        with (self.folder / "features.bin").open("ab") as file:
            file.truncate(count * self._row_bytes())  # rows of a process that was killed before it wrote their keys
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with (self.folder / "keys.bin").open("ab") as file:
            file.truncate(count * _KEY.itemsize)
            file.write(keys)

    def _count(self) -> int:
        path = self.folder / "keys.bin"
        return path.stat().st_size // _KEY.itemsize if path.exists() else 0

    def _check(self, features: Tensor) -> None:
        """All rows of a store have one shape and type. Raises ``DataError``."""
        self._read_meta()
        if self._shape is None:
            name = str(features.dtype).removeprefix("torch.")
            write_json(self.folder / "meta.json", {"shape": list(features.shape[1:]), "dtype": name})
            self._read_meta()
        if tuple(features.shape[1:]) != self._shape or features.dtype != self._dtype:
            raise DataError(
                f"{self.folder} holds features of shape {self._shape} and type {self._dtype}, not "
                f"{tuple(features.shape[1:])} and {features.dtype}: use another folder or delete it."
            )

    def _read_meta(self) -> None:
        path = self.folder / "meta.json"
        if self._shape is None and path.exists():
            meta = json.loads(path.read_text(encoding="utf-8"))
            self._shape, self._dtype = tuple(meta["shape"]), getattr(torch, meta["dtype"])

    def _row_bytes(self) -> int:
        assert self._shape is not None
        return int(np.prod(self._shape)) * self._dtype.itemsize

    def _refresh(self) -> bool:
        """Take in rows that were appended, by this process or another; -> whether there were any."""
        self._read_meta()
        count = self._count()
        if count == len(self._rows):
            return False
        keys = np.fromfile(self.folder / "keys.bin", dtype=_KEY, count=count)
        high = keys["high"].astype(np.uint64)
        self._rows = np.argsort(high, kind="stable")
        self._sorted, self._lows = high[self._rows], keys["low"].astype(np.uint64)[self._rows]
        return True

    def _look_up(self, wanted: np.ndarray) -> np.ndarray:
        out = np.full(len(wanted), -1, dtype=np.int64)
        if not len(self._sorted):
            return out
        high, low = wanted["high"].astype(np.uint64), wanted["low"].astype(np.uint64)
        places = np.searchsorted(self._sorted, high)
        for number, place in enumerate(places):
            while place < len(self._sorted) and self._sorted[place] == high[number]:
                if self._lows[place] == low[number]:
                    out[number] = self._rows[place]
                    break
                place += 1
        return out

    def _mapped(self, rows: int) -> np.ndarray:
        """The feature file as ``[rows or more, bytes]`` uint8, memory-mapped."""
        if self._map is None or len(self._map) < rows:
            shape = (self._count(), self._row_bytes())
            self._map = np.memmap(self.folder / "features.bin", dtype=np.uint8, mode="r", shape=shape)
        return self._map

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, among threads and processes."""
        import fcntl

        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
