"""The shipped fonts: cuts of open fonts (``LICENCES.md``), so that text looks the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from PIL import ImageFont

from vistune.core.errors import ConfigError, nearest

Face = Literal["sans", "serif", "mono", "hand", "arabic", "chinese"]
#: Faces that have a bold cut.
BOLD = frozenset({"sans", "serif", "hand"})
_FOLDER = Path(__file__).parent


@lru_cache(maxsize=512)
def face(name: Face, pixels: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """A font of ``pixels`` height. ``bold`` is ignored where a face has no bold cut.

    ``sans``, ``serif`` and ``mono`` have all European letters, ``hand`` those of Western Europe. Glyphs are laid out
    one by one, left to right: text in Arabic must come shaped and in visual order (``vistune.world.tongues``).

    Raises:
        ConfigError: there is no such face, or ``pixels`` is less than 1.
    """
    if name not in get_args(Face):
        raise ConfigError(f"There is no font '{name}'. {nearest(str(name), get_args(Face))}")
    if pixels < 1:
        raise ConfigError(f"A font of {pixels} pixels cannot be drawn: give 1 or more.")
    stem = f"{name}-bold" if bold and name in BOLD else name
    file = next(_FOLDER.glob(f"{stem}.?tf"))
    return ImageFont.truetype(str(file), pixels, layout_engine=ImageFont.Layout.BASIC)
