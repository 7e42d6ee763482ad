"""Changes of a picture that methods draw from: RITUAL's six with torchvision's ranges, and the identity as control.

They act on the picture as it is stored, before any preprocessing. All randomness comes from ``rng``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

Transform = Callable[[Image.Image, random.Random], Image.Image]


def identity(image: Image.Image, rng: random.Random) -> Image.Image:
    """The picture itself."""
    return image


def horizontal_flip(image: Image.Image, rng: random.Random) -> Image.Image:
    """Left and right changed."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def vertical_flip(image: Image.Image, rng: random.Random) -> Image.Image:
    """Top and bottom changed."""
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def rotation(image: Image.Image, rng: random.Random) -> Image.Image:
    """Turned by an angle uniform in +-180 degrees, black corners, size kept."""
    return image.rotate(rng.uniform(-180, 180))


def colour_jitter(image: Image.Image, rng: random.Random) -> Image.Image:
    """Brightness, contrast, saturation by factors uniform in [0, 2], hue by up to half a turn, in random order."""
    enhancers: list[Any] = [ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color, None]
    rng.shuffle(enhancers)
    for enhancer in enhancers:
        if enhancer is None:
            image = turn_hue(image, rng.uniform(-0.5, 0.5))
        else:
            image = enhancer(image).enhance(rng.uniform(0, 2))
    return image


def turn_hue(image: Image.Image, turns: float) -> Image.Image:
    """Every hue moved by ``turns`` of the colour circle."""
    hue, saturation, value = image.convert("HSV").split()
    turned = np.asarray(hue, np.int16) + round(turns * 255)
    return Image.merge("HSV", (Image.fromarray(turned.astype(np.uint8)), saturation, value)).convert("RGB")


def gaussian_blur(image: Image.Image, rng: random.Random) -> Image.Image:
    """Blurred with sigma uniform in 1.5-2.0 px (the card's kernel of 13 px holds three sigmas)."""
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 2.0)))


def random_resized_crop(image: Image.Image, rng: random.Random) -> Image.Image:
    """A part of 8 to 100 % of the area, sides 3:4 to 4:3, enlarged to the picture's size (preprocessing does the rest)."""
    width, height = image.size
    for _ in range(10):
        area = width * height * rng.uniform(0.08, 1.0)
        ratio = math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            x, y = rng.randint(0, width - w), rng.randint(0, height - h)
            return image.resize((width, height), Image.Resampling.BILINEAR, box=(x, y, x + w, y + h))
    return image


TRANSFORMS: dict[str, Transform] = {
    "identity": identity,
    "horizontal_flip": horizontal_flip,
    "vertical_flip": vertical_flip,
    "rotation": rotation,
    "colour_jitter": colour_jitter,
    "gaussian_blur": gaussian_blur,
    "random_resized_crop": random_resized_crop,
}
