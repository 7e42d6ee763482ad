"""WebDataset shards: tar files in which the files of one sample share a name, ``000017.json``, ``000017.0.png``...

Written: a chat record (``.json``) and its pictures (``.0.png``, ``.1.png``). Read: also LLaVA records, and pictures
with a caption in ``.txt``. Plain tar files have random access by an index of offsets; compressed ones are refused.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.data.formats.base import FORMATS, Format, Place
from vistune.data.formats.chat import Chat, parse_messages
from vistune.data.formats.exact import BLOCK, files_of, restore
from vistune.data.formats.llava import check_counts, dumps, parse_turns
from vistune.data.formats.pictures import IMAGE_SUFFIXES, staged_folder, suffix_of

CAPTION_REQUEST = "Describe the picture."


class ShardSource:
    """Samples of tar shards, indexed by the byte offsets of their files (16 bytes a file and the names' text)."""

    def __init__(self, path: Path, request: str) -> None:
        self.shards = [path] if path.is_file() else sorted(path.glob("*.tar"))
        self.request = request
        if not self.shards:
            raise DataError(f"{path} holds no .tar shard (compressed shards must be unpacked to .tar first).")
        self._files: list[int] | None = None
        names, spans, first, shard_of = [], [], [], []
        for number, shard in enumerate(self.shards):
            key = None
            for suffix, stem, offset, size in _members(shard):
                if stem != key:
                    first.append(len(names))
                    shard_of.append(number)
                    key = stem
                names.append(f"{stem}\n{suffix}")
                spans.append((offset, size))
        self._names = np.array([name.encode() for name in names]) if names else np.array([], dtype="S1")
        self._spans = np.array(spans, dtype=np.int64).reshape(-1, 2)
        self._first = np.array([*first, len(names)], dtype=np.int64)
        self._shard = np.array(shard_of, dtype=np.int32)

    def __len__(self) -> int:
        return len(self._shard)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_files": None}

    def __del__(self) -> None:
        for file in getattr(self, "_files", None) or ():
            os.close(file)

    def place(self, index: int) -> Place:
        """Shard, and the number of the sample in it (from 1)."""
        shard = int(self._shard[index])
        return Place(str(self.shards[shard]), index - int(np.searchsorted(self._shard, shard)) + 1)

    def example(self, index: int) -> Example:
        """Raises ``DataError`` with the reason."""
        key, files = "", {}
        for entry in range(int(self._first[index]), int(self._first[index + 1])):
            key, _, suffix = self._names[entry].decode().partition("\n")
            files[suffix] = self._read(int(self._shard[index]), *map(int, self._spans[entry]))
        return parse_sample(key, files, self.request)

    def _read(self, shard: int, offset: int, size: int) -> bytes:
        if self._files is None:
            self._files = [os.open(path, os.O_RDONLY) for path in self.shards]
        return os.pread(self._files[shard], size, offset)


def _members(shard: Path) -> list[tuple[str, str, int, int]]:
    """(suffix, name without it, offset, size) of all files. Raises ``DataError`` for what is no plain, whole tar."""
    try:
        with tarfile.open(shard, "r:") as tar:
            out = []
            for member in tar:
                if not member.isfile():
                    continue
                folder, _, name = member.name.rpartition("/")
                stem, _, suffix = name.partition(".")
                out.append((suffix.lower(), f"{folder}/{stem}" if folder else stem, member.offset_data, member.size))
            end = -(-(out[-1][2] + out[-1][3]) // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE if out else 0
            rest = shard.stat().st_size - end
            if rest < 0 or 0 < rest < tarfile.BLOCKSIZE:  # tarfile takes a broken header for the end
                raise DataError(f"{shard} is cut off. Fetch or make it again.")
            return out
    except (tarfile.TarError, EOFError) as error:
        raise DataError(
            f"{shard} is not a plain tar shard ({error}). Unpack compressed shards to .tar first."
        ) from error


def parse_sample(key: str, files: dict[str, bytes], request: str) -> Example:
    """The files of one sample as an Example. Raises ``DataError``."""
    pictures = [ImageSource(data=files[suffix]) for suffix in sorted(files, key=_order) if _is_picture(suffix)]
    if "json" in files:
        record = json_object(files["json"])
        if "messages" in record:
            example = parse_messages(record["messages"], pictures, None)
        elif "conversations" in record:
            turns = parse_turns(record["conversations"], "from", "value")
            check_counts(sum(part.image is not None for m in turns for part in m.parts), len(pictures))
            example = Example("", turns, pictures)
        elif "txt" in files:
            example = _captioned(files["txt"], pictures, request)
        else:
            raise DataError(f"its .json has neither messages nor conversations (keys: {', '.join(record)})")
        example.id = str(record.get("id", key))
        known = (*Chat.reserved, BLOCK)
        example.meta.update({name: value for name, value in record.items() if name not in known})
        return restore(example, record.get(BLOCK))
    if "txt" in files:
        example = _captioned(files["txt"], pictures, request)
        example.id = key
        return example
    raise DataError(f"sample '{key}' has neither a .json nor a .txt (it has {', '.join(files)})")


def json_object(data: bytes) -> dict[str, Any]:
    """Raises ``DataError`` where ``data`` is not one JSON object."""
    try:
        record = json.loads(data)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError("its .json is not valid JSON") from error
    if not isinstance(record, dict):
        raise DataError("its .json holds no object")
    return record


def _captioned(text: bytes, pictures: list[ImageSource], request: str) -> Example:
    caption = text.decode("utf-8", errors="replace").strip()
    shown = tuple(range(len(pictures)))
    return Example("", [user(request, shown), assistant(caption)], pictures, answers=[caption])


def _is_picture(suffix: str) -> bool:
    return suffix.rpartition(".")[2] in IMAGE_SUFFIXES


def _order(suffix: str) -> tuple[int, str]:
    number = suffix.partition(".")[0]
    return (int(number) if number.isdigit() else 0, suffix)


@FORMATS.register("webdataset")
class WebDataset(Format):
    """Tar shards of ``shard_size`` samples. ``request`` asks for the caption where a sample is a picture and a text."""

    def __init__(self, shard_size: int = 1000, request: str = CAPTION_REQUEST) -> None:
        self.shard_size = shard_size
        self.request = request

    def open(self, path: Path) -> ShardSource:
        """A ``.tar`` file, or a folder of them."""
        return ShardSource(path, self.request)

    def write(self, examples: Iterable[Example], path: Path) -> int:
        """``path`` is a folder that gets ``000000.tar``..., or one ``.tar`` file."""
        count, rest = 0, iter(examples)
        single = path.suffix == ".tar"
        with staged_folder(path.parent if single else path) as stage:
            shard = 0
            while batch := list(islice(rest, None if single else self.shard_size)) or ([] if shard else [None]):
                with tarfile.open(stage / (path.name if single else f"{shard:06d}.tar"), "w") as tar:
                    for example in batch:
                        if example is not None:
                            _add_sample(tar, example, count)
                            count += 1
                shard += 1
        return count


def _add_sample(tar: tarfile.TarFile, example: Example, number: int) -> None:
    chat = Chat()
    pictures = [picture.encoded() for picture in files_of(example)]
    record = chat.full_record(example, [f"{place}.{suffix_of(data)}" for place, data in enumerate(pictures)])
    _add(tar, f"{number:09d}.json", dumps(record).encode())
    for place, data in enumerate(pictures):
        _add(tar, f"{number:09d}.{place}.{suffix_of(data)}", data)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
