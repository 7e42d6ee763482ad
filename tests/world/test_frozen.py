"""The look is frozen: the shipped backbones have learned from these pictures.

Who changes scenes or drawing on purpose trains the backbones again, measures them, and remakes the sheet:
``python tests/world/test_frozen.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vistune.world import render, sample_scene
from vistune.world.scene import Prior
from vistune.world.vocabulary import SETTINGS

SHEET = Path(__file__).with_name("frozen.png")
PRIORS: tuple[Prior, ...] = ("skewed", "flat", "inverted", "flat")
ROWS, COLUMNS = len(PRIORS), len(SETTINGS)


def sheet() -> NDArray[np.uint8]:
    """Scenes of each setting, 64 px, side by side: uint8 ``[rows * 64, settings * 64, 3]``."""
    rows = [
        [render(sample_scene(row, split="val", prior=prior, setting=s, min_things=3)) for s in SETTINGS]
        for row, prior in enumerate(PRIORS)
    ]
    return np.concatenate([np.concatenate(row, 1) for row in rows])


def test_pictures_are_those_that_the_backbones_saw():
    """A little room is left for another Pillow's edges, none for another thing, place or colour."""
    with Image.open(SHEET) as kept:
        off = np.abs(sheet().astype(int) - np.asarray(kept.convert("RGB"))).max(-1)
    changed = (off > 24).reshape(ROWS, 64, COLUMNS, 64).mean((1, 3))  # [rows, columns], share of pixels
    assert not np.argwhere(changed > 0.01).tolist(), "scenes (row, column of the sheet) that look different"


if __name__ == "__main__":
    Image.fromarray(sheet()).save(SHEET, optimize=True)
