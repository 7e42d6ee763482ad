"""Pictures of which only a box is shown, cut out when they are opened."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vistune.core.errors import DataError
from vistune.data.example import ImageSource

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(slots=True)
class CroppedSource(ImageSource):
    """``box``: (x0, y0, x1, y1) in pixels; what lies beyond the picture is cut off."""

    box: tuple[float, float, float, float] = (0, 0, 1, 1)

    def open(self) -> Image:
        """The part in the box, as 8-bit RGB. Raises ``DataError`` for a box without pixels, or a picture that can't be read."""
        # Not super(): a dataclass with slots is made anew, and zero-argument super() would look for the old class.
        whole = ImageSource.open(self)
        x0, y0, x1, y1 = self._inside(whole.size)
        return whole.crop((x0, y0, x1, y1))

    def encoded(self) -> bytes:
        """A PNG of the part."""
        buffer = io.BytesIO()
        self.open().save(buffer, "PNG")
        return buffer.getvalue()

    def size(self) -> tuple[int, int]:
        """Width and height of the part."""
        x0, y0, x1, y1 = self._inside(ImageSource.size(self))
        return x1 - x0, y1 - y0

    def digest(self) -> str:
        """Hash of the picture and the box."""
        return f"{ImageSource.digest(self)}-{'-'.join(str(round(v)) for v in self.box)}"

    def _inside(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        width, height = size
        x0, y0, x1, y1 = (round(value) for value in self.box)
        box = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
        if box[0] >= box[2] or box[1] >= box[3]:
            raise DataError(f"{self.describe()}: the box {self.box} holds no pixel of a {width} x {height} picture.")
        return box
