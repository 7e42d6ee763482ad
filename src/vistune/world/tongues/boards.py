"""Boards in a street with words in any of the languages, drawn in real letters: text to be read and to be found."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vistune.world.fonts import face
from vistune.world.questions.question import Question
from vistune.world.scene import Split
from vistune.world.tongues.meaning import Np
from vistune.world.tongues.questions import tongue_of
from vistune.world.tongues.shaping import drawn
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME

#: Kinds whose words are held out of training, for every language alike: every fifth.
HELD_OUT = frozenset(name for k, name in enumerate(KIND_BY_NAME) if k % 5 == 2)
_SKY, _GRASS, _ROAD, _POST = (176, 216, 240), (150, 195, 120), (120, 122, 128), (110, 85, 60)
_ROWS = ((0.06, 0.36), (0.4, 0.7))
#: Drawn so many times larger, then reduced.
_SCALE = 2


@dataclass(frozen=True, slots=True)
class Board:
    """A board: the kind that it names, its word, its colour, and its box in shares of the picture ``(x0, y0, x1, y1)``."""

    kind: str
    word: str
    colour: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Street:
    """A street with boards, in one language."""

    seed: int
    language: str
    boards: tuple[Board, ...]
    split: Split = "train"


def word_of(kind: str, language: str) -> str:
    """The word for a kind, alone: without article, measure word or adjective."""
    return tongue_of(language).name(kind)


def sample_street(seed: int, language: str = "en", *, split: Split = "train", most: int = 4) -> Street:
    """Street number ``seed``: one to ``most`` boards of different colours and words. Another language changes the words only."""
    rng = random.Random(f"street/{split}/{seed}")
    kinds = sorted(set(KIND_BY_NAME) - HELD_OUT) if split == "train" else sorted(KIND_BY_NAME)
    number = rng.randint(1, most)
    words: dict[str, str] = {}
    for kind in rng.sample(kinds, len(kinds)):
        # Two kinds can share a word; those are left out in every language, so that all streets stay alike.
        if len(words) < number and kind not in _shared():
            words[kind] = word_of(kind, language)
    colours = rng.sample(sorted(COLOURS), number)
    places = rng.sample([(row, side) for row in (0, 1) for side in (0, 1)], number)
    boards = [
        Board(kind, word, colour, _box(rng, *place))
        for (kind, word), colour, place in zip(words.items(), colours, sorted(places), strict=True)
    ]
    return Street(seed, language, tuple(boards), split)


@lru_cache(maxsize=1)
def _shared() -> frozenset[str]:
    from vistune.world.tongues.languages import TONGUES

    found = set()
    for code in TONGUES:
        words = [word_of(kind, code) for kind in KIND_BY_NAME]
        found |= {kind for kind, word in zip(KIND_BY_NAME, words, strict=True) if words.count(word) > 1}
    return frozenset(found)


def _box(rng: random.Random, row: int, side: int) -> tuple[float, float, float, float]:
    top, low = _ROWS[row]
    wide, high = 0.36 + 0.1 * rng.random(), 0.18 + 0.06 * rng.random()
    x = 0.5 * side + 0.02 + (0.46 - wide) * rng.random()
    y = top + (low - top - high) * rng.random()
    return x, y, x + wide, y + high


def ink_on(colour: str) -> tuple[int, int, int]:
    """Dark letters on light boards, light ones on dark."""
    r, g, b = COLOURS[colour]
    return (25, 25, 30) if 0.299 * r + 0.587 * g + 0.114 * b > 125 else (250, 250, 245)


def _font(text: str, language: str, wide: float, high: float) -> tuple[str, ImageFont.FreeTypeFont]:
    """The characters to draw, and the largest font that keeps them within ``wide`` x ``high`` pixels."""
    glyphs, name = drawn(text)
    if tongue_of(language).FACE == "sans":
        name = "sans"
    x0, y0, x1, y1 = face(name, 100, bold=True).getbbox(glyphs)
    pixels = max(4, int(100 * min(wide / (x1 - x0), high / max(y1 - y0, 75))))
    while pixels > 4:
        x0, y0, x1, y1 = face(name, pixels, bold=True).getbbox(glyphs)
        if x1 - x0 <= wide and y1 - y0 <= high:
            break
        pixels -= 1
    return glyphs, face(name, pixels, bold=True)


def _ink(font: ImageFont.FreeTypeFont, glyphs: str) -> tuple[float, float, float, float]:
    """The box of the ink about the origin; a font's own box also has the room beside letters."""
    mask, (left, top) = font.getmask2(glyphs)
    x0, y0, x1, y1 = mask.getbbox()
    return left + x0, top + y0, left + x1, top + y1


def render(street: Street, size: int = 128) -> NDArray[np.uint8]:
    """``[size, size, 3]``. Words can be read from about 96 pixels on."""
    big = size * _SCALE
    canvas = Image.new("RGB", (big, big), _SKY)
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0.78 * big, big, big), fill=_GRASS)
    draw.rectangle((0, 0.87 * big, big, big), fill=_ROAD)
    for x in range(0, 10, 2):
        draw.rectangle(((x + 0.5) / 10 * big, 0.925 * big, (x + 1.5) / 10 * big, 0.94 * big), fill=(235, 235, 225))
    for board in street.boards:
        x0, _, x1, y1 = (v * big for v in board.box)
        middle, half = (x0 + x1) / 2, 0.012 * big
        draw.rectangle((middle - half, y1, middle + half, 0.84 * big), fill=_POST)
    for board in street.boards:
        x0, y0, x1, y1 = (v * big for v in board.box)
        draw.rounded_rectangle(
            (x0, y0, x1, y1), 0.02 * big, fill=COLOURS[board.colour], outline=(60, 55, 50), width=max(1, big // 128)
        )
        at, glyphs, font = placed(board, street.language, big)
        draw.text(at, glyphs, ink_on(board.colour), font)
    return np.asarray(canvas.resize((size, size), Image.Resampling.BOX))


def placed(board: Board, language: str, size: int) -> tuple[tuple[int, int], str, ImageFont.FreeTypeFont]:
    """Where a board's word is drawn in a picture of ``size`` pixels: origin, characters, font."""
    x0, y0, x1, y1 = (v * size for v in board.box)
    glyphs, font = _font(board.word, language, 0.88 * (x1 - x0), 0.62 * (y1 - y0))
    left, top, right, low = _ink(font, glyphs)
    return (round((x0 + x1 - left - right) / 2), round((y0 + y1 - top - low) / 2)), glyphs, font


def word_box(board: Board, language: str, size: int) -> tuple[float, float, float, float]:
    """The box of a word's ink in pixels of a picture of ``size``."""
    (x, y), glyphs, font = placed(board, language, size * _SCALE)
    left, top, right, low = _ink(font, glyphs)
    return (x + left) / _SCALE, (y + top) / _SCALE, (x + right) / _SCALE, (y + low) / _SCALE


def ask_street(street: Street, seed: int, types: Sequence[str] | None = None, n: int = 1) -> list[Question]:
    """Up to ``n`` different questions: ``read`` (the word on the board of a colour) and ``find`` (the colour of a word's)."""
    rng, tongue = random.Random(f"street questions/{seed}/{street.seed}"), tongue_of(street.language)
    every = []
    for board in street.boards:
        facts = {"language": street.language, "kind": board.kind}
        written = tongue.ask_written(Np("board", colour=board.colour))
        every.append(Question("read", written, board.word, None, None, True, facts, "read"))
        colour = tongue.value("colour", board.colour, "board")
        every.append(Question("find", tongue.ask_board(board.word), colour, None, None, True, facts, "find"))
    wanted = [q for q in every if types is None or q.type in types]
    return rng.sample(wanted, min(n, len(wanted)))
