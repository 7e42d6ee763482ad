"""Changes of a picture in five levels, in fractions of its side, so that they mean the same at 64 and at 1,000 pixels.

Corruptions after Hendrycks and Dietterich (arXiv 1903.12261); shuffled tiles and dropped patches as in "Intriguing properties
of LLVMs" (2410.04751). All randomness comes from ``rng``; pictures are uint8 ``[height, width, 3]``.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]


def blank(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """One flat grey."""
    return np.full_like(pixels, 127)


def tiles(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """Cut in ``g x g`` tiles, put together in another order; ``g`` = 2, 4, 8, 14, 16 by level. Edges that do not divide stay."""
    grid = (2, 4, 8, 14, 16)[level - 1]
    height, width = (side // grid for side in pixels.shape[:2])
    if not height or not width:
        return pixels
    places = [(r, c) for r in range(grid) for c in range(grid)]
    out = pixels.copy()
    order = rng.permutation(len(places))
    while bool((order == np.arange(len(places))).all()):
        order = rng.permutation(len(places))
    for (r, c), k in zip(places, order):
        y, x = places[k]
        out[r * height : (r + 1) * height, c * width : (c + 1) * width] = pixels[
            y * height : (y + 1) * height, x * width : (x + 1) * width
        ]
    return out


def occlude(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """A share of 8 x 8 patches made grey: 10, 25, 50, 75, 90 percent by level, drawn at random (PatchDrop)."""
    share = (0.1, 0.25, 0.5, 0.75, 0.9)[level - 1]
    grid = 8
    out = pixels.copy()
    rows, columns = (np.linspace(0, side, grid + 1).astype(int) for side in pixels.shape[:2])
    for k in rng.permutation(grid * grid)[: round(share * grid * grid)]:
        r, c = divmod(int(k), grid)
        out[rows[r] : rows[r + 1], columns[c] : columns[c + 1]] = 127
    return out


def noise(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """Gaussian noise of 4, 8, 12, 18, 26 percent of the range."""
    sigma = (0.04, 0.08, 0.12, 0.18, 0.26)[level - 1]
    return np.clip(pixels + rng.normal(0, 255 * sigma, pixels.shape), 0, 255).astype(np.uint8)


def blur(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """Gaussian blur, sigma 0.4, 0.8, 1.2, 2, 3 percent of the longer side."""
    sigma = (0.004, 0.008, 0.012, 0.02, 0.03)[level - 1] * max(pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def contrast(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """Contrast down to 60, 45, 30, 20, 10 percent."""
    kept = (0.6, 0.45, 0.3, 0.2, 0.1)[level - 1]
    mean = pixels.mean()
    return np.clip(mean + kept * (pixels - mean), 0, 255).astype(np.uint8)


def brightness(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """Brighter by 10, 20, 30, 40, 50 percent of the range."""
    return np.clip(pixels + 25.5 * level, 0, 255).astype(np.uint8)


def pixelate(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """Down to 60, 50, 40, 30, 25 percent of its size and back."""
    kept = (0.6, 0.5, 0.4, 0.3, 0.25)[level - 1]
    height, width = pixels.shape[:2]
    small = Image.fromarray(pixels).resize(
        (max(1, round(width * kept)), max(1, round(height * kept))), Image.Resampling.BOX
    )
    return np.asarray(small.resize((width, height), Image.Resampling.NEAREST))


def jpeg(pixels: Pixels, level: int, rng: np.random.Generator) -> Pixels:
    """JPEG of quality 25, 18, 15, 10, 7."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=(25, 18, 15, 10, 7)[level - 1])
    return np.asarray(Image.open(buffer).convert("RGB"))


CHANGES: dict[str, Callable[[Pixels, int, np.random.Generator], Pixels]] = {
    "blank": blank, "tiles": tiles, "occlude": occlude, "noise": noise, "blur": blur, "contrast": contrast,
    "brightness": brightness, "pixelate": pixelate, "jpeg": jpeg,
}  # fmt: skip
