"""``Document`` and its pages as values: lines of text in shares of the page's width, rules and coloured areas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.fonts import Face, face
from vistune.world.scene import Prior, Split

Colour = tuple[int, int, int]
Label = Literal["header", "question", "answer", "other"]
Box = tuple[float, float, float, float]
SCALE = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. ``x``: its left end, right end or middle by ``align``; ``y``: the top of its capitals; ``size``: the

    font's height; all in shares of the page's width. ``label`` is FUNSD's; an answer names its ``key``.
    """

    text: str
    x: float
    y: float
    size: float
    face: Face = "sans"
    bold: bool = False
    align: Literal["left", "right", "middle"] = "left"
    label: Label = "other"
    key: str | None = None
    colour: Colour = (38, 40, 48)


@dataclass(frozen=True, slots=True)
class Page:
    """``ratio``: height over width. ``areas``: ``(x0, y0, x1, y1, colour)``, drawn first. Lines are in reading order."""

    lines: tuple[Line, ...]
    ratio: float = 1.3
    paper: Colour = (253, 252, 249)
    areas: tuple[tuple[float, float, float, float, Colour], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One or several pages, and what they say.

    ``fields``: key and text, in order. ``items``: name and price in cents of a receipt. ``table``: header and rows.
    ``places[k]``: the page that heading ``headings[k]`` is on.
    """

    seed: int
    kind: str
    pages: tuple[Page, ...]
    fields: tuple[tuple[str, str], ...] = ()
    items: tuple[tuple[str, int], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    headings: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    prior: Prior = "skewed"
    split: Split = "train"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of line ``line``, its ink's box in pixels."""

    text: str
    box: Box
    line: int


@lru_cache(maxsize=4096)
def _length(name: Face, pixels: int, bold: bool, text: str) -> float:
    return face(name, pixels, bold).getlength(text)


@lru_cache(maxsize=4096)
def _inks(name: Face, pixels: int, bold: bool, text: str) -> tuple[tuple[str, float, Box], ...]:
    """For each word where it starts, and its ink's box from there."""
    font = face(name, pixels, bold)
    words, start = [], 0
    for word in text.split(" "):
        if word:
            mask, (left, top) = font.getmask2(word)
            x0, y0, x1, y1 = mask.getbbox() or (0, 0, 1, 1)
            words.append((word, font.getlength(text[:start]), (x0 + left, y0 + top, x1 + left, y1 + top)))
        start += len(word) + 1
    return tuple(words)


def height_of(page: Page, width: int) -> int:
    """Pixels."""
    return max(1, round(page.ratio * width))


def _origin(line: Line, width: int) -> tuple[float, float, int]:
    """Where a line is drawn from, and its font's pixels, on a page of ``width`` pixels."""
    pixels = max(3, round(line.size * width))
    length = _length(line.face, pixels, line.bold, line.text)
    x = line.x * width - {"left": 0.0, "right": length, "middle": length / 2}[line.align]
    top = face(line.face, pixels, line.bold).getbbox("H")[1]
    return x, line.y * width - top, pixels


def words(page: Page, width: int) -> list[Word]:
    """All words in reading order, with the boxes of their ink on a page of ``width`` pixels."""
    found = []
    for number, line in enumerate(page.lines):
        # As drawn: at twice the size, whole pixels.
        x, y, pixels = _origin(line, width * SCALE)
        for text, start, (x0, y0, x1, y1) in _inks(line.face, pixels, line.bold, line.text):
            box = (x + start + x0, y + y0, x + start + x1, y + y1)
            a, b, c, d = (v / SCALE for v in box)
            found.append(Word(text, (a, b, c, d), number))
    return found


def line_box(page: Page, number: int, width: int) -> Box:
    """The box around the words of a line."""
    boxes = [word.box for word in words(page, width) if word.line == number]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def render(page: Page, width: int = 64) -> NDArray[np.uint8]:
    """The picture: uint8 ``[round(ratio * width), width, 3]``.

    Raises:
        ConfigError: ``width`` is less than 8 pixels.
    """
    if width < 8:
        raise ConfigError(f"A page {width} pixels wide cannot be drawn: give 8 or more.")
    wide, high = width * SCALE, height_of(page, width) * SCALE
    canvas = Image.new("RGB", (wide, high), page.paper)
    draw = ImageDraw.Draw(canvas)
    for x0, y0, x1, y1, colour in page.areas:
        draw.rectangle((x0 * wide, y0 * wide, max(x1 * wide - 1, x0 * wide), max(y1 * wide - 1, y0 * wide)), colour)
    for line in page.lines:
        x, y, pixels = _origin(line, wide)
        draw.text((x, y), line.text, line.colour, face(line.face, pixels, line.bold))
    return np.asarray(canvas.reduce(SCALE))


def fit(page: Page, longest: int) -> int:
    """The width at which the longer side of a page has ``longest`` pixels."""
    return longest if page.ratio <= 1 else max(8, round(longest / page.ratio))
