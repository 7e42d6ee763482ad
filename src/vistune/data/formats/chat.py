"""Chat JSON lines: ``{"messages": [{"role", "content": text | parts}], "images": [...]}``.

Parts are OpenAI's (``{"type": "image_url", "image_url": {"url": path or data: address}}``) or Hugging Face's
(``{"type": "image"}`` for the next of ``images``, or with its own ``image``, ``path`` or ``url``). In plain text
content each ``<image>`` stands for the next of ``images``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, Message, Part
from vistune.data.formats.base import FORMATS, Place
from vistune.data.formats.exact import BLOCK, restore
from vistune.data.formats.llava import JsonWriter, check_counts, names_of, speaker, split_marks
from vistune.data.formats.pictures import PictureFolder
from vistune.data.formats.records import JsonRecords


class ChatSource:
    """An opened chat file."""

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
        return parse_chat(self.records[index], self.folder, str(index))


def parse_chat(record: dict[str, Any], folder: PictureFolder, name: str) -> Example:
    """A record as an Example; keys that the format does not know go to ``meta``. Raises ``DataError``."""
    listed = [folder.find(picture) for picture in names_of(record.get("images") or record.get("image"))]
    example = parse_messages(record.get("messages"), listed, folder)
    example.id = str(record.get("id", name))
    example.meta = {key: value for key, value in record.items() if key not in (*Chat.reserved, BLOCK)}
    return restore(example, record.get(BLOCK))


def parse_messages(messages: Any, listed: list[ImageSource], folder: PictureFolder | None) -> Example:
    """``messages`` with the record's own pictures ``listed``. Raises ``DataError``."""
    if not isinstance(messages, list) or not messages:
        raise DataError("'messages' is missing, empty or no list")
    out, found, used = [], [], 0
    for message in messages:
        if not isinstance(message, dict):
            raise DataError(f"a message must be an object with role and content, not {type(message).__name__}")
        content, parts = message.get("content"), []
        if isinstance(content, str):
            marked = listed and "<image>" in content
            content = split_marks(content, 0) if marked else [Part(text=content)]
        if not isinstance(content, list):
            raise DataError("a message's content must be a text or a list of parts")
        for part in content:
            parsed = part if isinstance(part, Part) else _parse_part(part, folder)
            if isinstance(parsed, ImageSource):
                found.append(parsed)
            elif parsed.image is not None:
                if used >= len(listed):
                    raise DataError(f"the conversation shows more pictures than the {len(listed)} of 'images'")
                found.append(listed[used])
                used += 1
            is_image = isinstance(parsed, ImageSource) or parsed.image is not None
            parts.append(Part(image=len(found) - 1) if is_image else parsed)
        out.append(Message(speaker(message.get("role")), parts))
    check_counts(used, len(listed))
    return Example("", out, found)


def _parse_part(part: Any, folder: PictureFolder | None) -> Part | ImageSource:
    """A text, a picture of its own, or (``Part(image=0)``) the next of the record's pictures."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in ("text", "input_text", "output_text") and isinstance(part.get("text"), str):
        return Part(text=part["text"])
    if kind in ("image", "image_url", "input_image"):
        value = part.get("image_url") or part.get("image") or part.get("path") or part.get("url")
        value = value.get("url") if isinstance(value, dict) else value
        if value is None:
            return Part(image=0)
        if isinstance(value, str) and folder is not None:
            return folder.find(value)
    raise DataError(f"a part of type {kind!r} is not understood; known are text, image and image_url")


@FORMATS.register("chat")
class Chat(JsonWriter):
    """Chat JSON lines, as OpenAI's and Hugging Face's tools write them."""

    keys = ("messages",)
    reserved = ("id", "image", "images", "conversations", "messages")
    default_name = "data.jsonl"

    def open(self, path: Path) -> ChatSource:
        """A ``.jsonl`` file, or a ``.json`` list."""
        return ChatSource(path, self.images)

    def record(self, example: Example, names: list[str]) -> dict[str, Any]:
        """Content is a text where a message is one text, else a list of parts; pictures are in ``images``."""
        messages = [{"role": m.role, "content": content_of(m)} for m in example.messages]
        return {"id": example.id, "messages": messages, **({"images": names} if names else {})}

    def plain(self, record: dict[str, Any]) -> Example:
        """Pictures are stood in for: only messages matter here."""
        return parse_messages(record["messages"], [ImageSource()] * len(record.get("images", [])), None)


def content_of(message: Message) -> str | list[dict[str, str]]:
    """A message's content for other tools; regions are left to the exact block."""
    parts = [part for part in message.parts if part.image is not None or part.text is not None]
    if len(parts) == 1 and parts[0].text is not None and "<image>" not in parts[0].text:
        return parts[0].text
    return [{"type": "image"} if p.image is not None else {"type": "text", "text": p.text or ""} for p in parts]
