"""Three boxes of shapes: how they are laid out and drawn.

The format is that of NLVR's ``structured_rep``: a box is 100 x 100 px; ``x``, ``y`` is a shape's upper left corner.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

SHAPES = ("circle", "triangle", "square")
COLOURS = {"yellow": (255, 255, 0), "black": (0, 0, 0), "blue": (0, 153, 255)}
SIZES = (10, 20, 30)
BOX = 100
_PAPER, _GAP = (211, 211, 211), (128, 128, 128)
_COUNTS = {1: 20, 2: 22, 3: 22, 4: 20, 5: 6, 6: 5, 7: 5}
_TOWER_HEIGHTS = {1: 25, 2: 30, 3: 25, 4: 20}
#: Blocks of a tower and shapes that touch stand one pixel apart.
_TOUCH = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a box."""

    kind: str
    colour: str
    x: int
    y: int
    size: int

    def walls(self) -> set[str]:
        """The walls of its box that it touches: left, right, top, base."""
        return {
            name
            for name, touches in (
                ("left", self.x <= _TOUCH),
                ("right", self.x + self.size >= BOX - _TOUCH),
                ("top", self.y <= _TOUCH),
                ("base", self.y + self.size >= BOX - _TOUCH),
            )
            if touches
        }

    def touches(self, other: Shape) -> bool:
        """Whether the two bounding squares lie at most two pixels apart."""
        gap_x = max(other.x - self.x - self.size, self.x - other.x - other.size)
        gap_y = max(other.y - self.y - self.size, self.y - other.y - other.size)
        return max(gap_x, gap_y) <= 2 * _TOUCH


Box = tuple[Shape, ...]
#: Three in NLVR; fewer for a first lesson.
Boxes = tuple[Box, ...]


def sample_boxes(rng: random.Random, style: str, number: int = 3) -> Boxes:
    """``number`` boxes in one ``style``: ``tower`` (stacked squares) or ``scatter`` (shapes anywhere, none overlapping)."""
    make = _tower if style == "tower" else _scatter
    return tuple(make(rng) for _ in range(number))


def _pick(rng: random.Random, weights: dict[int, int]) -> int:
    return rng.choices(list(weights), list(weights.values()))[0]


def _tower(rng: random.Random) -> Box:
    return tuple(
        Shape("square", rng.choice(list(COLOURS)), 40, 80 - level * (20 + _TOUCH), 20)
        for level in range(_pick(rng, _TOWER_HEIGHTS))
    )


def _scatter(rng: random.Random) -> Box:
    placed: list[Shape] = []
    for _ in range(_pick(rng, _COUNTS)):
        for _ in range(40):
            shape = _candidate(rng, placed)
            inside = 0 <= shape.x <= BOX - shape.size and 0 <= shape.y <= BOX - shape.size
            if inside and not any(_overlap(shape, other) for other in placed):
                placed.append(shape)
                break
    return tuple(placed)


def _candidate(rng: random.Random, placed: list[Shape]) -> Shape:
    size = rng.choice(SIZES)
    x, y = rng.randint(0, BOX - size), rng.randint(0, BOX - size)
    chance = rng.random()
    if chance < 0.3:
        wall = rng.choice(("left", "right", "top", "base", "base"))
        x = {"left": 0, "right": BOX - size}.get(wall, x)
        y = {"top": 0, "base": BOX - size}.get(wall, y)
    elif chance < 0.5 and placed:
        near = rng.choice(placed)
        if rng.random() < 0.5:
            x, y = near.x + near.size + _TOUCH, near.y
        else:
            x, y = near.x, near.y - size - _TOUCH
    return Shape(rng.choice(SHAPES), rng.choice(list(COLOURS)), x, y, size)


def _overlap(a: Shape, b: Shape) -> bool:
    return a.x < b.x + b.size and b.x < a.x + a.size and a.y < b.y + b.size and b.y < a.y + a.size


def draw_box(box: Box, size: int = BOX) -> np.ndarray:
    """One box as pixels ``[size, size, 3]`` uint8, drawn at four times the size and reduced."""
    scale = 4
    image = Image.new("RGB", (BOX * scale, BOX * scale), _PAPER)
    draw = ImageDraw.Draw(image)
    for shape in box:
        x0, y0 = shape.x * scale, shape.y * scale
        x1, y1 = x0 + shape.size * scale - 1, y0 + shape.size * scale - 1
        fill = COLOURS[shape.colour]
        if shape.kind == "circle":
            draw.ellipse((x0, y0, x1, y1), fill)
        elif shape.kind == "square":
            draw.rectangle((x0, y0, x1, y1), fill)
        else:
            draw.polygon(((x0, y1), (x1, y1), ((x0 + x1) / 2, y0)), fill)
    image = image.reduce(scale)
    return np.asarray(image if size == BOX else image.resize((size, size), Image.Resampling.BICUBIC))


def draw_boxes(boxes: Boxes) -> np.ndarray:
    """The three boxes side by side as NLVR draws them: pixels ``[100, 400, 3]`` uint8 with dark gaps of 50 px."""
    canvas = np.empty((BOX, 4 * BOX, 3), np.uint8)
    canvas[:] = _GAP
    for index, box in enumerate(boxes):
        left = index * (BOX + BOX // 2)
        canvas[:, left : left + BOX] = draw_box(box)
    return canvas


def split_boxes(picture: np.ndarray) -> list[np.ndarray]:
    """Cut an NLVR picture ``[100, 400, 3]`` into its three boxes ``[100, 100, 3]``."""
    lefts = (0, BOX + BOX // 2, 3 * BOX)
    return [picture[:, left : left + BOX] for left in lefts]


def describe_boxes(boxes: Boxes) -> str:
    """Every shape of every box in words, left to right and top to bottom: "first box: small blue square, ...; ..."."""
    sizes = {10: "small", 20: "medium", 30: "big"}
    told = []
    for name, box in zip(("first", "second", "third"), boxes):
        ordered = sorted(box, key=lambda shape: (shape.x, shape.y))
        shapes = ", ".join(f"{sizes[s.size]} {s.colour} {s.kind}" for s in ordered)
        told.append(f"{name} box: {shapes}")
    return "; ".join(told) + "."
