"""Backdrops: wall or sky, ground, water, and a few fixed props that make a setting known."""

from __future__ import annotations

import math
import random
from functools import lru_cache

from PIL import Image, ImageDraw

from vistune.world.places import PLACES

Colour = tuple[int, int, int]


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """``share`` of ``b`` in ``a``."""
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b))  # type: ignore[return-value]


#: Backdrops come in this many variations, by the scene's seed.
VARIATIONS = 12
#: Larger backdrops (pixels a side) are drawn anew each time: kept, they would fill the memory.
_KEPT_SIDE = 256


def backdrop(setting: str, size: int, variation: int) -> Image.Image:
    """RGB picture ``[size, size]`` of an empty setting, the caller's own to draw on."""
    if size <= _KEPT_SIDE:
        return _kept_backdrop(setting, size, variation).copy()
    return _draw_backdrop(setting, size, variation)


@lru_cache(maxsize=2 * len(PLACES) * VARIATIONS)
def _kept_backdrop(setting: str, size: int, variation: int) -> Image.Image:
    return _draw_backdrop(setting, size, variation)


def _draw_backdrop(setting: str, size: int, variation: int) -> Image.Image:
    place = PLACES[setting]
    image = Image.new("RGB", (size, size), place.back)
    draw = ImageDraw.Draw(image)
    rng = random.Random(variation * 7919 + len(setting))
    line = place.horizon * size
    # Light grows towards the horizon in eight bands.
    for band in range(8):
        shade = mix(place.back, (255, 255, 255), 0.28 * band / 7)
        draw.rectangle((0, line * band / 8, size, line * (band + 1) / 8), shade)
    draw.rectangle((0, line, size, size), place.ground)
    for band in range(4):
        y0 = line + (size - line) * band / 4
        draw.rectangle((0, y0, size, y0 + (size - line) / 4 + 1), mix(place.ground, (0, 0, 0), 0.03 * (3 - band)))
    if place.water is not None:
        _water(draw, place.water, place.water_colour, size, rng)
    _PROPS[setting](draw, size, line, rng)
    return image


def _water(
    draw: ImageDraw.ImageDraw, water: tuple[float, float], colour: Colour, size: int, rng: random.Random
) -> None:
    top, low = water[0] * size, water[1] * size
    draw.rectangle((0, top, size, low), colour)
    for _ in range(9):
        x, y = rng.random() * size, top + rng.random() * (low - top)
        draw.line((x, y, x + 0.12 * size, y), mix(colour, (255, 255, 255), 0.45), max(1, size // 96))


def _window(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random, frame: Colour) -> None:
    x, y, w, h = (0.12 + 0.5 * rng.random()) * size, 0.1 * size, 0.24 * size, 0.26 * size
    draw.rectangle((x, y, x + w, y + h), (190, 226, 250), frame, max(1, size // 64))
    draw.line((x + w / 2, y, x + w / 2, y + h), frame, max(1, size // 64))
    draw.line((x, y + h / 2, x + w, y + h / 2), frame, max(1, size // 64))


def _kitchen(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    tile = (240, 218, 170)
    for i in range(1, 8):
        draw.line((i * size / 8, line * 0.62, i * size / 8, line), tile, max(1, size // 128))
    for i in range(3):
        y = line * (0.62 + 0.19 * i)
        draw.line((0, y, size, y), tile, max(1, size // 128))
    _window(draw, size, line, rng, (200, 150, 100))
    draw.rectangle((0, line - size * 0.015, size, line + size * 0.015), (180, 130, 90))


def _bedroom(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    for i in range(10):
        x = (i + 0.3) * size / 10
        draw.rectangle((x, 0, x + size * 0.025, line), (204, 212, 240))
    _window(draw, size, line, rng, (250, 250, 255))
    draw.rectangle((0, line - size * 0.02, size, line + size * 0.01), (250, 250, 255))
    draw.ellipse((0.15 * size, 0.76 * size, 0.85 * size, 0.98 * size), (216, 186, 212))


def _hills(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random, colour: Colour) -> None:
    for _ in range(3):
        x, r = rng.random() * size, (0.2 + 0.15 * rng.random()) * size
        draw.ellipse((x - r * 1.4, line - r * 0.45, x + r * 1.4, line + r), colour)
    draw.rectangle((0, line, size, size * 0.62), colour)


def _cloud(draw: ImageDraw.ImageDraw, size: int, rng: random.Random) -> None:
    for _ in range(2):
        x, y, r = rng.random() * size, (0.06 + 0.12 * rng.random()) * size, 0.05 * size
        for dx, scale in ((-1.1, 0.8), (0, 1.1), (1.2, 0.85)):
            q = r * scale
            draw.ellipse((x + dx * r - q, y - q * 0.7, x + dx * r + q, y + q * 0.7), (250, 252, 255))


def _grass(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random, colour: Colour) -> None:
    width = max(1, size // 110)
    for _ in range(16):
        x, y = rng.random() * size, line + (0.1 + 0.9 * rng.random()) * (size - line)
        for dx in (-0.012, 0, 0.012):
            draw.line((x, y, x + dx * size, y - 0.03 * size), colour, width)


def _garden(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    _cloud(draw, size, rng)
    board, gap = (244, 238, 226), (214, 204, 190)
    for i in range(12):
        x = i * size / 12
        draw.polygon(
            [
                (x, line),
                (x, line * 0.74),
                (x + size / 26, line * 0.68),
                (x + size / 13, line * 0.74),
                (x + size / 13, line),
            ],
            board,
            gap,
        )
    _grass(draw, size, line, rng, (120, 180, 90))


def _farm(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    _cloud(draw, size, rng)
    x, w = (0.08 + 0.55 * rng.random()) * size, 0.26 * size
    draw.polygon(
        [(x, line), (x, line * 0.62), (x + w / 2, line * 0.4), (x + w, line * 0.62), (x + w, line)], (196, 120, 108)
    )
    draw.rectangle((x + w * 0.36, line * 0.76, x + w * 0.64, line), (150, 88, 80))
    for i in range(6):
        y = line + (size - line) * (i / 6) ** 1.4
        draw.line((0, y, size, y), (206, 186, 100), max(1, size // 80))


def _street(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    x = -0.05 * size
    while x < size:
        w, top = (0.16 + 0.12 * rng.random()) * size, line * (0.15 + 0.4 * rng.random())
        wall = rng.choice(((214, 196, 184), (196, 204, 214), (220, 208, 190), (204, 190, 200)))
        draw.rectangle((x, top, x + w, line), wall, mix(wall, (0, 0, 0), 0.12))
        for wx in (0.2, 0.6):
            for k in range(3):
                y = top + (0.1 + 0.28 * k) * (line - top)
                draw.rectangle((x + wx * w, y, x + (wx + 0.2) * w, y + 0.12 * (line - top)), (176, 210, 232))
        x += w
    draw.rectangle((0, line, size, line + 0.06 * size), (190, 190, 194))
    for i in range(5):
        draw.rectangle((i * size / 4.4, 0.8 * size, i * size / 4.4 + 0.1 * size, 0.82 * size), (236, 236, 230))


def _lake(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    _cloud(draw, size, rng)
    for _ in range(3):
        x, r = rng.random() * size, (0.22 + 0.12 * rng.random()) * size
        draw.polygon([(x - r, line), (x, line - r * 0.7), (x + r, line)], (168, 190, 206))
        draw.polygon(
            [(x - r * 0.3, line - r * 0.49), (x, line - r * 0.7), (x + r * 0.3, line - r * 0.49)], (244, 248, 252)
        )
    draw.rectangle((0, line, size, 0.58 * size), (140, 196, 120))


def _beach(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    _cloud(draw, size, rng)
    draw.ellipse((0.78 * size, 0.05 * size, 0.93 * size, 0.2 * size), (255, 232, 130))
    points = [(i * size / 16, (0.6 + 0.012 * math.sin(i * 1.3 + rng.random())) * size) for i in range(17)]
    draw.polygon([*points, (size, 0.66 * size), (0, 0.66 * size)], (240, 216, 150))
    for _ in range(10):
        x, y = rng.random() * size, (0.68 + 0.3 * rng.random()) * size
        draw.ellipse((x, y, x + 0.014 * size, y + 0.01 * size), (220, 190, 130))


def _playground(draw: ImageDraw.ImageDraw, size: int, line: float, rng: random.Random) -> None:
    _cloud(draw, size, rng)
    _hills(draw, size, line, rng, (168, 214, 140))
    draw.rectangle((0, 0.62 * size, size, size), (236, 190, 140))
    x, width = (0.1 + 0.5 * rng.random()) * size, max(1, size // 48)
    frame = (120, 140, 190)
    draw.line(
        [
            (x, 0.64 * size),
            (x + 0.06 * size, 0.3 * size),
            (x + 0.32 * size, 0.3 * size),
            (x + 0.38 * size, 0.64 * size),
        ],
        frame,
        width,
    )
    for k in (0.14, 0.24):
        draw.line((x + k * size, 0.3 * size, x + k * size, 0.52 * size), frame, max(1, size // 100))
        draw.rectangle((x + (k - 0.03) * size, 0.52 * size, x + (k + 0.03) * size, 0.54 * size), (150, 100, 70))


_PROPS = {
    "kitchen": _kitchen, "bedroom": _bedroom, "garden": _garden, "farm": _farm, "street": _street, "lake": _lake,
    "beach": _beach, "playground": _playground,
}  # fmt: skip
