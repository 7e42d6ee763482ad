"""Text on things: which things have a face to write on, which words go there, and where the ink is.

A label is a light plate on the face of a thing with a word on it. It belongs to the scene (``Thing.label``), is never
mirrored, and lies inside the thing's own mask.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vistune.core.errors import DataError
from vistune.world.drawing.catalogue import extent
from vistune.world.fonts import face
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Scene, Thing

Box = tuple[float, float, float, float]

#: (kind, state) -> plate in the thing's unit box, (x0, y0, x1, y1) with y upwards. A kind that is not here has none.
PLATES: dict[tuple[str, str | None], Box] = {
    ("box", "closed"): (-0.47, 0.06, 0.33, 0.44),
    ("box", "open"): (-0.43, 0.1, 0.33, 0.56),
    ("book", "closed"): (-0.27, 0.5, 0.31, 0.88),
    ("cup", "full"): (-0.31, 0.18, 0.31, 0.68),
    ("cup", "empty"): (-0.31, 0.18, 0.31, 0.68),
    ("block", None): (-0.4, 0.1, 0.22, 0.66),
    ("bus", None): (-0.38, 0.17, 0.32, 0.53),
    ("truck", "full"): (-0.8, 0.37, 0.2, 0.64),
    ("truck", "empty"): (-0.8, 0.37, 0.2, 0.64),
    ("car", None): (-0.3, 0.19, 0.3, 0.53),
    ("boat", None): (-0.5, 0.03, 0.54, 0.25),
    ("boy", "standing"): (-0.13, 0.34, 0.13, 0.58),
    ("boy", "waving"): (-0.13, 0.34, 0.13, 0.58),
    ("man", "standing"): (-0.125, 0.42, 0.125, 0.66),
    ("man", "waving"): (-0.125, 0.42, 0.125, 0.66),
}

#: What is written on a kind of thing where the prior is skewed; the last of each are held out of training.
WORDS: dict[str, Wordings] = {
    "box": Wordings(("toys", "eggs", "hats", "tea", "nuts"), ("jam",)),
    "book": Wordings(("abc", "cats", "sea", "farm", "zoo"), ("art",)),
    "cup": Wordings(("tea", "milk", "hot", "mum", "dad"), ("cold",)),
    "block": Wordings(("a", "b", "c", "1", "2", "3"), ("x",)),
    "bus": Wordings(("zoo", "city", "12", "8", "sea"), ("park",)),
    "truck": Wordings(("milk", "mail", "sand", "eggs"), ("wood",)),
    "car": Wordings(("taxi", "8", "12", "fire"), ("park",)),
    "boat": Wordings(("anna", "mia", "leo", "sea"), ("eva",)),
    "boy": Wordings(("go", "1", "8", "sun"), ("hi",)),
    "man": Wordings(("go", "2", "12", "sun"), ("hi",)),
}
ALL_WORDS = Wordings(
    tuple(sorted({word for words in WORDS.values() for word in words.train})),
    tuple(sorted({word for words in WORDS.values() for word in words.held_out})),
)
#: Least height of a font as a share of the picture: 7 pixels where the picture has 96.
LEGIBLE = 7 / 96
#: Share of the plate that the ink may fill, across and along.
_FILL_WIDE, _FILL_HIGH = 0.9, 0.8


@dataclass(frozen=True, slots=True)
class Writing:
    """A label as it lies on a canvas: plate ``(x0, y0, x1, y1)``, its text, font size and the text's origin, pixels."""

    plate: Box
    text: str
    pixels: int
    origin: tuple[int, int]

    @property
    def font(self) -> ImageFont.FreeTypeFont:
        return face("sans", self.pixels, bold=True)


@dataclass(frozen=True, slots=True)
class TextBox:
    """Text in the picture: on which thing, the box of its ink in pixels (ends exclusive), and the share not hidden."""

    thing: int
    text: str
    box: tuple[int, int, int, int]
    seen: float


def can_be_written_on(thing: Thing) -> bool:
    """Whether a thing of this kind and state has a face for a label."""
    return (thing.kind, thing.state) in PLATES


def plate_box(thing: Thing) -> Box:
    """Where the plate lies in shares of the picture. Raises ``DataError`` for a thing without a face for a label."""
    if not can_be_written_on(thing):
        kinds = ", ".join(dict.fromkeys(kind for kind, _ in PLATES))
        state = f" that is {thing.state}" if thing.state else ""
        raise DataError(f"Nothing can be written on a {thing.kind}{state}: a label goes on a {kinds}.")
    x0, y0, x1, y1 = PLATES[thing.kind, thing.state]
    if thing.flip:
        x0, x1 = -x1, -x0
    h = thing.height
    return thing.x + h * x0, thing.y - h * y1, thing.x + h * x1, thing.y - h * y0


@lru_cache(maxsize=4096)
def _font_size(text: str, wide: int, high: int) -> int:
    """Largest font whose ink stays within ``wide`` x ``high`` pixels, at least 1."""
    x0, y0, x1, y1 = face("sans", 100, bold=True).getbbox(text)
    pixels = max(1, int(100 * min(wide / max(x1 - x0, 1), high / max(y1 - y0, 70))) + 1)
    while pixels > 1:
        x0, y0, x1, y1 = face("sans", pixels, bold=True).getbbox(text)
        if x1 - x0 <= wide and y1 - y0 <= high:
            break
        pixels -= 1
    return pixels


def writing(thing: Thing, size: int) -> Writing:
    """The label of a thing on a canvas of ``size`` pixels. Raises ``DataError`` where nothing can be written."""
    x0, y0, x1, y1 = (v * size for v in plate_box(thing))
    text = thing.label or ""
    wide, high = int(_FILL_WIDE * (x1 - x0)), int(_FILL_HIGH * (y1 - y0))
    pixels = _font_size(text, wide, high) if text else 1
    left, top, right, low = face("sans", pixels, bold=True).getbbox(text)
    origin = round((x0 + x1 - left - right) / 2), round((y0 + y1 - top - low) / 2)
    return Writing((x0, y0, x1, y1), text, pixels, origin)


def ink(thing: Thing, size: int, scale: int) -> NDArray[np.bool_]:
    """Pixels that the text's ink touches in a picture of ``size``, drawn ``scale`` times larger: ``[size, size]``."""
    canvas = Image.new("L", (size * scale, size * scale))
    written = writing(thing, size * scale)
    ImageDraw.Draw(canvas).text(written.origin, written.text, 255, written.font)
    return np.asarray((np.asarray(canvas).reshape(size, scale, size, scale) > 0).any((1, 3)))


def words_for(kind: str, prior: str, split: str) -> tuple[str, ...]:
    """What may be written on a kind: its own words (skewed), all words (flat), or the words of others (inverted)."""
    own, every = (words.train + (() if split == "train" else words.held_out) for words in (WORDS[kind], ALL_WORDS))
    if prior == "skewed":
        return own
    return every if prior == "flat" else tuple(word for word in every if word not in own)


def legible(thing: Thing, text: str) -> bool:
    """Whether ``text`` on this thing is large enough to be read from pictures of 96 pixels on."""
    return writing(replace(thing, label=text), 960).pixels >= 960 * LEGIBLE


def write_labels(scene: Scene, chance: float = 0.8) -> Scene:
    """The same scene with words on the things that have a free face large enough for one, each with ``chance``.

    The words follow the scene's prior and split; no two things bear the same word. Deterministic from the scene's seed.
    """
    rng = random.Random(f"labels/{scene.split}/{scene.prior}/{scene.seed}")
    used: set[str] = set()
    things = list(scene.things)
    for index, thing in enumerate(things):
        lucky = rng.random() < chance
        if not lucky or not can_be_written_on(thing) or _plate_is_covered(scene, index):
            continue
        words = [w for w in words_for(thing.kind, scene.prior, scene.split) if w not in used and legible(thing, w)]
        if words:
            word = rng.choice(words)
            used.add(word)
            things[index] = replace(thing, label=word)
    return replace(scene, things=tuple(things))


def _plate_is_covered(scene: Scene, index: int) -> bool:
    """Whether the outline box of anything nearer touches the plate."""
    thing = scene.things[index]
    x0, y0, x1, y1 = plate_box(thing)
    for other in scene.things:
        if other is thing or other.depth > thing.depth:
            continue
        a0, b0, a1, b1 = extent(other.kind, other.state, other.variant)
        if other.flip:
            a0, a1 = -a1, -a0
        h, edge = other.height, 0.02
        across = other.x + h * a0 - edge < x1 and other.x + h * a1 + edge > x0
        if across and other.y - h * b1 - edge < y1 and other.y - h * b0 + edge > y0:
            return True
    return False
