"""Requests in the form of chat endpoints: messages, pictures as data URLs, and a key that names a request by its content."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any, NamedTuple

from vistune.data.example import Example, ImageSource, Region
from vistune.data.images import open_image
from vistune.data.turns import flatten

_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_ORIENTATION = 274


class PictureCap(NamedTuple):
    """Pictures with a longer side, or a larger file, are made smaller before they are sent."""

    side: int = 2048
    bytes: int = 4 * 2**20


STANDARD = PictureCap()


def region_text(region: Region, image: ImageSource) -> str:
    """A box as ``[x0, y0, x1, y1]`` in whole pixels, a point as ``[x, y]``; a mask as the picture area's box."""
    if region.box is not None:
        return f"[{', '.join(str(round(v)) for v in region.box)}]"
    if region.point is not None:
        return f"[{', '.join(str(round(v)) for v in region.point)}]"
    width, height = image.size()
    return f"[0, 0, {width}, {height}]"


def chat_messages(example: Example, cap: PictureCap = STANDARD) -> list[dict[str, Any]]:
    """The conversation as OpenAI's chat API takes it; pictures as data URLs. ``meta`` stays here.

    Raises ``DataError`` for turns out of order, and for pictures that cannot be read or have no place in the conversation.
    """
    urls = [data_url(image, cap) for image in example.images]
    return _messages(example, [{"type": "image_url", "image_url": {"url": url}} for url in urls])


def request_key(example: Example, settings: dict[str, Any]) -> str:
    """Hash (32 hexadecimal digits) of what is asked: messages, the pictures' contents, and ``settings``."""
    pictures = [{"type": "picture", "digest": image.digest()} for image in example.images]
    asked = {"messages": _messages(example, pictures), **settings}
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _messages(example: Example, pictures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for turn in flatten(example, region_text, prompt=True):
        texts = [piece for piece in turn.pieces if isinstance(piece, str)]
        if len(texts) == len(turn.pieces):
            made.append({"role": turn.role, "content": "".join(texts)})
            continue
        parts = [{"type": "text", "text": p} if isinstance(p, str) else pictures[p] for p in turn.pieces]
        made.append({"role": turn.role, "content": parts})
    return made


def data_url(source: ImageSource, cap: PictureCap = STANDARD) -> str:
    """``data:image/png;base64,...``: the file as it is where it is an upright PNG or JPEG within the cap, else made anew."""
    content = source.encoded()
    kind = next((name for magic, name in _TYPES.items() if content.startswith(magic)), None)
    if kind is None or len(content) > cap.bytes or max(source.size()) > cap.side or not _upright(content):
        content, kind = _smaller(source, cap)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _upright(content: bytes) -> bool:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        return image.getexif().get(_ORIENTATION, 1) == 1


def _smaller(source: ImageSource, cap: PictureCap) -> tuple[bytes, str]:
    """The picture within the cap: PNG if that is small enough, else JPEG, and fewer pixels until it fits."""
    image = open_image(source).image.copy()  # a picture in memory is handed out as it is
    image.thumbnail((cap.side, cap.side))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    if buffer.tell() <= cap.bytes:
        return buffer.getvalue(), "image/png"
    while True:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90)
        if buffer.tell() <= cap.bytes or min(image.size) < 16:
            return buffer.getvalue(), "image/jpeg"
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))
