"""A camera that moves to the side: near things shift more than far ones, and what is painted behind them shifts along."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vistune.world.places import PLACES

#: What lies at the back edge (depth 1) shifts by this share of what one at the front edge (depth 0) does.
FAR_SHIFT = 0.25
#: Rows down to which something of the backdrop stands, where that is below the horizon (hills and a swing).
_FEET = {"playground": 0.645}


Depth = TypeVar("Depth", float, NDArray[np.float64])


def shift(depth: Depth, moved: float) -> Depth:
    """How far something at ``depth`` shifts to the left where the camera moves ``moved`` to the right."""
    return moved * (1 - (1 - FAR_SHIFT) * depth)


def slide(picture: Image.Image, setting: str, moved: float) -> Image.Image:
    """A backdrop, RGB ``[size, size]``, as a camera sees it that has moved ``moved`` to the right.

    Each row of the ground lies where a thing that stands there does (depth 1 - y); wall and sky are at the back edge.
    What comes in at the side is the backdrop's mirror image.
    """
    size = picture.width
    pixels = np.asarray(picture)
    rows = (np.arange(size) + 0.5) / size
    feet = _FEET.get(setting, PLACES[setting].horizon)
    depths = np.where(rows < feet, 1.0, 1 - rows)
    steps = np.round(size * shift(depths, moved)).astype(int)
    columns = (np.arange(size)[None] + steps[:, None]) % (2 * size)
    columns = np.minimum(columns, 2 * size - 1 - columns)
    return Image.fromarray(np.take_along_axis(pixels, columns[:, :, None], 1))
