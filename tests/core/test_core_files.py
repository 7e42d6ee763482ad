"""Files are whole or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from vistune.core.errors import DataError
from vistune.core.files import append_jsonl, atomic_folder, read_jsonl, write_json, write_text


def test_write_replaces_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.json"
    write_json(path, {"ä": 1})
    write_text(path, "new")
    assert path.read_text() == "new"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"disk is full: .*a.txt could not be written .*same command again"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_full_disk_for_a_real_device() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(DataError, match="disk is full"):
        append_jsonl(full, [{"a": 1}])


def test_refused_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DataError, match="cannot be written: Permission denied"):
        write_text(tmp_path / "a" / "b", "x")


def test_folder_is_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with atomic_folder(target) as folder:
        (folder / "one").write_text("1")
        assert not target.exists()
    assert (target / "one").read_text() == "1"
    with pytest.raises(RuntimeError), atomic_folder(target) as folder:
        (folder / "two").write_text("2")
        raise RuntimeError
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["model", "one"]


def test_lines_are_appended_and_read(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    append_jsonl(path, [{"a": 1}, {"b": "ü"}])
    append_jsonl(path, [])
    append_jsonl(path, [3])
    assert read_jsonl(path) == [{"a": 1}, {"b": "ü"}, 3]


def test_torn_line_of_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"a": 1}\n{"b": ')
    append_jsonl(path, [{"c": 3}])
    assert read_jsonl(path, torn_ok=True) == [{"a": 1}, {"c": 3}]
    with pytest.raises(DataError, match="line 2: not valid JSON"):
        read_jsonl(path)
