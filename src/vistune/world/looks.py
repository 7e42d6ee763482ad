"""Looks: how the same scene appears to another camera. A look changes pixels and nothing that is true of the scene."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, nearest

Look = Literal["plain", "negative", "night"]


def apply_look(pixels: NDArray[np.uint8], look: Look) -> NDArray[np.uint8]:
    """``[H, W, 3]`` uint8 as seen by the camera ``look``: a film negative, or a dark bluish night."""
    if look == "plain":
        return pixels
    if look == "negative":
        return 255 - pixels
    if look == "night":
        return (pixels * np.array([0.25, 0.3, 0.45], np.float32) + 6).astype(np.uint8)
    raise ConfigError(f"There is no look '{look}'. {nearest(str(look), get_args(Look))}")
