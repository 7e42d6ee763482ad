"""``Example``: what every engine makes, every model learns from and every benchmark asks.

Plain dataclasses: a million of them must be cheap. Images are opened late (``ImageSource.open``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from PIL.Image import Image

Speaker = Literal["system", "user", "assistant"]


@dataclass(slots=True)
class ImageSource:
    """Where one picture is: a path, encoded bytes, a PIL image or an array ``[height, width, 3]`` uint8.

    Exactly one is set.
    """

    path: Path | None = None
    data: bytes | None = None
    pil: Image | None = None
    array: np.ndarray | None = None

    def open(self) -> Image:
        """The picture, upright, as 8-bit RGB. Raises ``DataError`` where it cannot be read (see ``data.images``)."""
        from vistune.data.images import open_image

        return open_image(self).image

    def encoded(self) -> bytes:
        """The picture as a file's bytes: the original ones where there are some, else a PNG of the pixels."""
        from vistune.data.images import encode_image

        return encode_image(self)

    def size(self) -> tuple[int, int]:
        """Width and height in pixels as ``open`` would give them; reads the header only."""
        from vistune.data.images import image_size

        return image_size(self)

    def digest(self) -> str:
        """Hash (32 hexadecimal digits) of the content: equal files or equal pixels have equal digests."""
        from vistune.data.images import image_digest

        return image_digest(self)

    def describe(self) -> str:
        """A few words for messages: the path, or what is held instead."""
        if self.path is not None:
            return str(self.path)
        if self.data is not None:
            return f"{len(self.data)} bytes in memory"
        if self.pil is not None:
            return f"a PIL image of {self.pil.width} x {self.pil.height}"
        return f"an array of shape {getattr(self.array, 'shape', None)}"


@dataclass(slots=True)
class Region:
    """A place in picture ``image``: a box ``(x0, y0, x1, y1)`` in pixels, a point, or a mask in COCO RLE."""

    image: int
    box: tuple[float, float, float, float] | None = None
    point: tuple[float, float] | None = None
    mask: dict[str, Any] | None = None
    label: str | None = None


@dataclass(slots=True)
class Part:
    """A piece of a message: text, or a reference to ``Example.images[image]`` or ``Example.regions[region]``."""

    text: str | None = None
    image: int | None = None
    region: int | None = None


@dataclass(slots=True)
class Message:
    """One turn. ``learn`` False keeps an assistant turn out of the loss."""

    role: Speaker
    parts: list[Part]
    learn: bool = True

    @property
    def text(self) -> str:
        """All text parts joined, without images."""
        return "".join(part.text for part in self.parts if part.text is not None)


@dataclass(slots=True)
class Provenance:
    """Where an example comes from."""

    source: str = ""
    engine: str = ""
    licence: str = ""
    parents: tuple[str, ...] = ()


@dataclass(slots=True)
class Example:
    """Pictures, a conversation about them, regions, and the accepted answers of a question that ends it.

    For a benchmark item the last message is the user's and ``answers`` holds the references; for training the last
    message is the assistant's. ``meta`` carries what formats and benchmarks add (question type, image id, split...).
    """

    id: str
    messages: list[Message]
    images: list[ImageSource] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    provenance: Provenance = field(default_factory=Provenance)
    meta: dict[str, Any] = field(default_factory=dict)


def user(text: str, images: tuple[int, ...] = ()) -> Message:
    """A user turn: the given pictures first, then the text."""
    return Message("user", [*(Part(image=i) for i in images), Part(text=text)])


def assistant(text: str, learn: bool = True) -> Message:
    """An assistant turn."""
    return Message("assistant", [Part(text=text)], learn)


def as_question(example: Example) -> Example:
    """The example as a benchmark asks it: without its last answer, which becomes an accepted one if there is none."""
    if not example.messages or example.messages[-1].role != "assistant":
        return example
    answers = example.answers or [example.messages[-1].text]
    return replace(example, messages=example.messages[:-1], answers=answers)
