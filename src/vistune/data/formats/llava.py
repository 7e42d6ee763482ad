"""LLaVA JSON: ``{"id", "image": name | [names], "conversations": [{"from": "human" | "gpt", "value"}], ...}``.

Each ``<image>`` in a value stands for the next picture. ShareGPT files have the same form with ``images``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.example import Example, Message, Part, Speaker
from vistune.data.formats.base import FORMATS, Format, Place
from vistune.data.formats.exact import BLOCK, block_of, files_of, restore
from vistune.data.formats.pictures import PictureFolder, PictureWriter, staged_folder
from vistune.data.formats.records import JsonRecords

MARK = "<image>"
_SPEAKERS: dict[str, Speaker] = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "system": "system",
}
_NAMES = {"user": "human", "assistant": "gpt", "system": "system"}
_LEADING = re.compile(rf"(?:{MARK}\n?)+")


def speaker(name: Any) -> Speaker:
    """A role of any of the usual spellings. Raises ``DataError``."""
    if not isinstance(name, str) or name.lower() not in _SPEAKERS:
        raise DataError(f"a turn is by {name!r}; known are {', '.join(_SPEAKERS)}")
    return _SPEAKERS[name.lower()]


def split_marks(text: str, first: int) -> list[Part]:
    """A value with ``<image>`` marks as parts; pictures are numbered from ``first``.

    One line break between leading pictures and the text, and between the text and closing pictures, is layout.
    """
    if MARK not in text:
        return [Part(text=text)]
    leading = _LEADING.match(text)
    if leading is not None:
        text = leading[0].replace("\n", "") + text[leading.end() :]
    if text.endswith(f"\n{MARK}") and text.count(MARK) == 1 and not text.startswith(MARK):
        text = text[: -len(MARK) - 1] + MARK
    parts: list[Part] = []
    for number, piece in enumerate(text.split(MARK)):
        if number:
            parts.append(Part(image=first + number - 1))
        if piece:
            parts.append(Part(text=piece))
    return parts


def join_marks(parts: list[Part]) -> str:
    """The inverse of ``split_marks``. A ``<image>`` that a person wrote is spelt ``&lt;image&gt;``."""
    shown = [part for part in parts if part.image is not None or part.text]
    texts = [MARK if p.image is not None else (p.text or "").replace(MARK, "&lt;image&gt;") for p in shown]
    for place, part in enumerate(shown):
        before_text = place + 1 < len(shown) and all(p.image is not None for p in shown[: place + 1])
        closing = place and part.image is not None and place + 1 == len(shown) and shown[0].image is None
        if part.image is not None and before_text:
            texts[place] += "\n"
        elif closing and sum(p.image is not None for p in shown) == 1:
            texts[place] = "\n" + texts[place]
    return "".join(texts)


def parse_turns(turns: Any, role_key: str, text_key: str) -> list[Message]:
    """Turns with ``<image>`` marks as messages. Raises ``DataError``."""
    if not isinstance(turns, list) or not turns:
        raise DataError("the conversation is empty or no list")
    messages, pictures = [], 0
    for turn in turns:
        if not isinstance(turn, dict) or not isinstance(turn.get(text_key), str):
            raise DataError(f"a turn needs the text '{text_key}'")
        parts = split_marks(turn[text_key], pictures)
        pictures += sum(part.image is not None for part in parts)
        messages.append(Message(speaker(turn.get(role_key)), parts))
    return messages


def names_of(value: Any) -> list[str]:
    """``image`` or ``images``: absent, one name or a list of names."""
    if value is None or value == "":
        return []
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) for name in names):
        raise DataError("'image' must be a file name or a list of file names")
    return names


def check_counts(marks: int, pictures: int) -> None:
    """Raises ``DataError`` where the conversation shows more or fewer pictures than there are."""
    if marks != pictures:
        raise DataError(f"the conversation shows {marks} pictures ({MARK}), but the record has {pictures}")


class LlavaSource:
    """An opened LLaVA file."""

    def __init__(self, path: Path, images: Path | str | None) -> None:
        self.records = JsonRecords(path)
        self.folder = PictureFolder(path.parent, images)

    def __len__(self) -> int:
        return len(self.records)

    def place(self, index: int) -> Place:
        """File and line."""
        return self.records.place(index)

    def example(self, index: int) -> Example:
        """Raises ``DataError`` with the reason."""
        return parse_llava(self.records[index], self.folder, str(index))


def parse_llava(record: dict[str, Any], folder: PictureFolder, name: str) -> Example:
    """A record as an Example; keys that the format does not know go to ``meta``. Raises ``DataError``."""
    if "conversations" not in record:
        raise DataError(f"there is no 'conversations' (keys: {', '.join(record)})")
    messages = parse_turns(record["conversations"], "from", "value")
    names = names_of(record.get("image") or record.get("images"))
    check_counts(sum(part.image is not None for m in messages for part in m.parts), len(names))
    example = Example(str(record.get("id", name)), messages, [folder.find(picture) for picture in names])
    example.meta = {key: value for key, value in record.items() if key not in (*LLaVA.reserved, BLOCK)}
    return restore(example, record.get(BLOCK))


class JsonWriter(Format):
    """Writes one JSON record an example: JSON lines for ``.jsonl``, else a list."""

    default_name = "data.json"
    reserved: tuple[str, ...] = ("id",)

    def __init__(self, images: Path | str | None = None, copy_images: bool = False) -> None:
        self.images = images
        self.copy_images = copy_images

    def record(self, example: Example, names: list[str]) -> dict[str, Any]:
        """The record that others read."""
        raise NotImplementedError

    def plain(self, record: dict[str, Any]) -> Example:
        """How others read it."""
        raise NotImplementedError

    def write(self, examples: Iterable[Example], path: Path) -> int:
        """``path`` is a ``.json`` or ``.jsonl`` file, or a folder that gets ``data.json`` and ``images/``."""
        is_file = path.suffix in (".json", ".jsonl")
        folder, name = (path.parent, path.name) if is_file else (path, self.default_name)
        images = f"{path.stem}_images" if is_file else "images"
        count = 0
        with staged_folder(folder, last=name) as stage:
            writer = PictureWriter(stage, folder, images, self.copy_images)
            lines = name.endswith(".jsonl")
            with (stage / name).open("w", encoding="utf-8") as file:
                file.write("" if lines else "[\n")
                for text in self._texts(examples, writer):
                    file.write(("" if lines or not count else ",\n") + text + ("\n" if lines else ""))
                    count += 1
                file.write("" if lines else "\n]\n")
        return count

    def _texts(self, examples: Iterable[Example], writer: PictureWriter) -> Iterator[str]:
        for number, example in enumerate(examples):
            yield dumps(self.full_record(example, writer.names(files_of(example), number)))

    def full_record(self, example: Example, names: list[str]) -> dict[str, Any]:
        """``record`` with the block that makes it exact."""
        record = self.record(example, names)
        block = block_of(example, self.plain(record), (*self.reserved, BLOCK))
        meta = {key: value for key, value in example.meta.items() if key not in (*self.reserved, BLOCK)}
        return {**record, **meta, **({BLOCK: block} if block else {})}


def dumps(record: dict[str, Any]) -> str:
    """One line of JSON. Raises ``DataError`` for values that JSON does not have."""
    try:
        return json.dumps(record, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise DataError(f"Example '{record.get('id')}' cannot be written as JSON: {error}.") from error


@FORMATS.register("llava")
class LLaVA(JsonWriter):
    """LLaVA JSON. ``images`` is the folder of the pictures; ``copy_images`` copies picture files when writing."""

    keys = ("conversations",)
    reserved = ("id", "image", "images", "conversations", "messages")
    image_key = "image"

    def open(self, path: Path) -> LlavaSource:
        """A ``.json`` (list, or one record a line) or ``.jsonl`` file."""
        return LlavaSource(path, self.images)

    def record(self, example: Example, names: list[str]) -> dict[str, Any]:
        """``image`` is a name where there is one picture, a list where there are more."""
        turns = [{"from": _NAMES[m.role], "value": join_marks(m.parts)} for m in example.messages]
        image = {} if not names else {self.image_key: names[0] if len(names) == 1 else names}
        return {"id": example.id, **image, "conversations": turns}

    def plain(self, record: dict[str, Any]) -> Example:
        """Pictures are left out: only messages matter here."""
        return Example(record["id"], parse_turns(record["conversations"], "from", "value"))


@FORMATS.register("sharegpt")
class ShareGPT(LLaVA):
    """ShareGPT: as LLaVA, with the pictures in the list ``images``."""

    default_name = "data.jsonl"
    image_key = "images"

    def record(self, example: Example, names: list[str]) -> dict[str, Any]:
        """``images`` is always a list."""
        record = super().record(example, names)
        return {**record, "images": names} if names else record
