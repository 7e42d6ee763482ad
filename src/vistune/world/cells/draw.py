"""Slides as pictures, and the masks of their cells."""

from __future__ import annotations

import math
import random
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.cells.slide import STAINS, Cell, Colour, Slide

SCALE = 2


def render(slide: Slide, size: int = 64) -> NDArray[np.uint8]:
    """The picture: uint8 ``[size, size, 3]``. Raises ``ConfigError`` below 16 pixels."""
    _check(size)
    wide = size * SCALE
    ground, body, nucleus = STAINS[slide.stain]
    canvas = Image.new("RGB", (wide, wide), ground)
    draw = ImageDraw.Draw(canvas)
    factor = wide / slide.width
    rng = random.Random(f"dust/{slide.seed}")
    for _ in range(int(slide.width * 0.7)):
        x, y, r = rng.uniform(0, wide), rng.uniform(0, wide), rng.uniform(0.15, 0.5) * factor
        draw.ellipse((x - r, y - r, x + r, y + r), _mix(ground, body, rng.uniform(0.1, 0.25)))
    for cell in slide.cells:
        _draw(draw, cell, factor, body, nucleus, ground)
    picture = np.asarray(canvas.reduce(SCALE)).astype(np.float32) * _light(size)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _check(size: int) -> None:
    if size < 16:
        raise ConfigError(f"A slide of {size} pixels shows no cells: give 16 or more.")


@lru_cache(maxsize=8)
def _light(size: int) -> NDArray[np.float32]:
    """Darker towards the corners, as under a lamp: ``[size, size, 1]``."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    far = axis[None] ** 2 + axis[:, None] ** 2
    return (1.02 - 0.09 * far**1.5)[..., None].astype(np.float32)


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    r, g, b_ = (round(x + (y - x) * share) for x, y in zip(a, b))
    return r, g, b_


def _polygon(draw: ImageDraw.ImageDraw, ring: list[tuple[float, float]], factor: float, colour: Colour) -> None:
    draw.polygon([(x * factor, y * factor) for x, y in ring], colour)


def _draw(draw: ImageDraw.ImageDraw, cell: Cell, factor: float, body: Colour, nucleus: Colour, ground: Colour) -> None:
    """Rim, body, a paler middle or a nucleus."""
    rim = _mix(body, nucleus, 0.45)
    if cell.kind in ("rod", "ball"):
        _polygon(draw, cell.outline(), factor, _mix(nucleus, (30, 20, 40), 0.1))
        _polygon(draw, cell.outline(0.55), factor, _mix(nucleus, body, 0.45))
        return
    _polygon(draw, cell.outline(), factor, rim)
    inner = 1 - 0.9 / cell.width
    _polygon(draw, cell.outline(inner), factor, body)
    if cell.kind == "red cell":
        _polygon(draw, cell.outline(0.5), factor, _mix(body, ground, 0.45))
    elif cell.dividing:
        _division(draw, cell, factor, nucleus)
    elif cell.kind == "white cell":
        _lobes(draw, cell, factor, nucleus)
    else:
        _polygon(draw, cell.outline(cell.nucleus), factor, nucleus)
        _polygon(draw, _moved(cell, 0.12).outline(cell.nucleus * 0.3), factor, _mix(nucleus, body, 0.3))


def _moved(cell: Cell, share: float) -> Cell:
    c, s = math.cos(math.radians(cell.angle)), math.sin(math.radians(cell.angle))
    along = share * cell.length / 2
    return Cell(cell.kind, cell.x + along * c, cell.y + along * s, cell.length, cell.width, cell.angle)


def _lobes(draw: ImageDraw.ImageDraw, cell: Cell, factor: float, colour: Colour) -> None:
    """Three lobes that hang together."""
    for k in range(3):
        t = math.radians(cell.angle + 110 * k)
        x, y = cell.x + 0.2 * cell.length * math.cos(t), cell.y + 0.2 * cell.width * math.sin(t)
        r = 0.2 * cell.length * factor
        draw.ellipse((x * factor - r, y * factor - r, x * factor + r, y * factor + r), colour)


def _division(draw: ImageDraw.ImageDraw, cell: Cell, factor: float, colour: Colour) -> None:
    """Two dark bars that move apart."""
    c, s = math.cos(math.radians(cell.angle)), math.sin(math.radians(cell.angle))
    for side in (-0.22, 0.22):
        ring = []
        for a, b in ((-0.07, -0.3), (0.07, -0.3), (0.07, 0.3), (-0.07, 0.3)):
            u, v = (side + a) * cell.length, b * cell.width
            ring.append((cell.x + u * c - v * s, cell.y + u * s + v * c))
        _polygon(draw, ring, factor, _mix(colour, (20, 10, 30), 0.35))


def masks(slide: Slide, size: int = 64) -> NDArray[np.bool_]:
    """Where each cell is: ``[cells, size, size]``, the pixels whose middles are in its rim."""
    _check(size)
    found = np.zeros((len(slide.cells), size, size), dtype=bool)
    ys, xs = np.mgrid[0:size, 0:size] + 0.5
    for k, cell in enumerate(slide.cells):
        ring = [(x / slide.width * size, y / slide.width * size) for x, y in cell.outline()]
        for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1]):
            if y0 != y1:
                found[k] ^= ((y0 > ys) != (y1 > ys)) & (xs < (x1 - x0) * (ys - y0) / (y1 - y0) + x0)
    return found
