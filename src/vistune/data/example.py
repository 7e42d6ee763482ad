"""``Example``: what every engine makes, every model learns from and every benchmark asks.

Plain dataclasses: a million of them must be cheap. Images are opened late (``ImageSource.open``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from PIL.Image import Image

Speaker = Literal["system", "user", "assistant"]


@dataclass(slots=True)
class ImageSource:
    """Where one picture is: a path, encoded bytes, a PIL image or an array ``[height, width, 3]`` uint8. Exactly one is set."""

    path: Path | None = None
    data: bytes | None = None
    pil: Image | None = None
    array: np.ndarray | None = None


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
