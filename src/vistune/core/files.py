"""Files that are whole or absent: atomic writes, JSON lines that survive a kill, and clear words for a full disk."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError

#: What can be computed again is kept in ``~/.cache/vistune``, unless this variable names another folder.
CACHE_VARIABLE = "VISTUNE_CACHE"

_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def cache_folder() -> Path:
    """The folder for what can be computed again: ``$VISTUNE_CACHE``, or ``~/.cache/vistune``."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "vistune"


@contextmanager
def writing(path: Path | str) -> Iterator[None]:
    """Turn a full disk or a refused write below into a ``DataError`` that names ``path`` and says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _disk_full(path) from error
        if error.errno in _REFUSED:
            raise DataError(f"{path} cannot be written: {error.strerror}. Choose another folder with --out.") from error
        raise
    except Exception as error:  # safetensors and torch wrap the operating system's error in their own
        # torch.save's writer says only that its file is shorter than it should be
        if any(mark in str(error) for mark in ("No space left on device", "os error 28", "inline_container.cc")):
            raise _disk_full(path) from error
        raise


def _disk_full(path: Path | str) -> DataError:
    return DataError(
        f"The disk is full: {path} could not be written ({_free_space(path)} free). Free some space and run the same "
        "command again; what was finished is kept."
    )


def _free_space(path: Path | str) -> str:
    folder = Path(path)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return f"{shutil.disk_usage(folder).free / 2**20:.0f} MiB"


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` so that a reader, or a kill at any time, sees the old file or the new one, whole."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_text(path: Path, text: str) -> None:
    """``write_bytes`` of UTF-8 text."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """``write_text`` of indented JSON; what JSON does not know is written as its string."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that takes the name ``path`` when the block ends well and vanishes when it does not."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            yield temporary
            temporary.chmod(0o755)
            if path.exists():
                shutil.rmtree(path)
            temporary.rename(path)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def append_jsonl(path: Path, records: Iterable[Any]) -> None:
    """Append one line a record in a single write, so that lines of several processes do not mix."""
    lines = "".join(json.dumps(record, ensure_ascii=False, default=str) + "\n" for record in records)
    if not lines:
        return
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        torn = path.exists() and path.stat().st_size > 0 and _last_byte(path) != b"\n"
        with path.open("ab") as file:
            file.write((b"\n" if torn else b"") + lines.encode("utf-8"))


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def read_jsonl(path: Path, *, torn_ok: bool = False) -> list[Any]:
    """All records of a JSON-lines file; empty lines are skipped.

    ``torn_ok`` leaves out lines that do not parse (a process was killed while writing its own log). Otherwise they are
    a ``DataError`` that names the line.
    """
    records = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError as error:
                if not torn_ok:
                    raise DataError(f"{path}, line {number}: not valid JSON ({error.msg}).") from error
    return records
