"""Sights drawn: shapes tell the region, colours and patterns the country, the rest is chance."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.world.regions.atlas import Custom
from vistune.world.regions.sampling import Sight
from vistune.world.vocabulary import COLOURS

_SCALE = 3
_LINE = (72, 58, 48)
_SKIN = ((244, 206, 170), (214, 160, 116), (150, 102, 66), (104, 68, 44))
RGB = tuple[int, int, int]
Points = list[tuple[float, float]]


class Brush:
    """Draws in shares of the picture, mirrored if ``flip``."""

    def __init__(self, size: int, flip: bool) -> None:
        self.size, self.flip = size, flip
        self.canvas = Image.new("RGB", (size, size))
        self.draw = ImageDraw.Draw(self.canvas)
        self.width = max(1, size // 110)

    def _at(self, points: Points) -> Points:
        return [((1 - x if self.flip else x) * self.size, y * self.size) for x, y in points]

    def shape(self, points: Points, fill: RGB, line: RGB | None = _LINE) -> None:
        """A polygon."""
        self.draw.polygon(self._at(points), fill=fill, outline=line, width=self.width if line else 0)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: RGB, line: RGB | None = _LINE) -> None:
        """An ellipse about a place."""
        ((cx, cy),) = self._at([(x, y)])
        s = self.size
        self.draw.ellipse(
            (cx - rx * s, cy - ry * s, cx + rx * s, cy + ry * s), fill=fill, outline=line, width=self.width
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: RGB, line: RGB | None = _LINE) -> None:
        """A rectangle."""
        self.shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, line)

    def stroke(self, points: Points, fill: RGB = _LINE, thick: float = 1.0) -> None:
        """A line through points."""
        self.draw.line(self._at(points), fill=fill, width=max(1, round(self.width * thick)), joint="curve")

    def covered(self, points: Points, colour: str, pattern: str) -> None:
        """A polygon in a colour, with stripes or spots of a darker shade."""
        rgb = COLOURS[colour]
        mask = Image.new("L", self.canvas.size)
        ImageDraw.Draw(mask).polygon(self._at(points), fill=255)
        cloth = Image.new("RGB", self.canvas.size, rgb)
        pen, s = ImageDraw.Draw(cloth), self.size
        dark: RGB = shade(rgb, 0.55) if sum(rgb) > 160 else (150, 150, 155)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        gap = max(0.045, (max(ys) - min(ys)) / 7)
        if pattern == "striped":
            y = min(ys) + gap / 2
            while y < max(ys):
                pen.rectangle((0, y * s, s, (y + gap * 0.4) * s), fill=dark)
                y += gap
        elif pattern == "spotted":
            for k in range(30):
                for m in range(30):
                    x, y = min(xs) + (k + 0.5 * (m % 2)) * gap, min(ys) + (m + 0.4) * gap
                    if x < max(xs) and y < max(ys):
                        x = 1 - x if self.flip else x
                        pen.ellipse(
                            ((x - gap / 4) * s, (y - gap / 4) * s, (x + gap / 4) * s, (y + gap / 4) * s), fill=dark
                        )
        self.canvas.paste(cloth, (0, 0), mask)
        self.draw.polygon(self._at(points), outline=_LINE, width=self.width)


def shade(rgb: RGB, by: float) -> RGB:
    """Darker or lighter."""
    r, g, b = (max(0, min(255, round(v * by))) for v in rgb)
    return r, g, b


def round_(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0) -> Points:
    """Points of an arc, degrees clockwise from the right."""
    turns = [math.radians(start + (end - start) * k / 28) for k in range(29)]
    return [(x + rx * math.cos(t), y + ry * math.sin(t)) for t in turns]


def render(sight: Sight, size: int = 128) -> NDArray[np.uint8]:
    """``[size, size, 3]``."""
    rng = random.Random(sight.variant)
    brush = Brush(size * _SCALE, rng.random() < 0.5)
    _FACETS[sight.custom.facet](brush, sight.custom, rng)
    return np.asarray(brush.canvas.resize((size, size), Image.Resampling.BOX))


def _outside(b: Brush, rng: random.Random, sky: RGB = (188, 222, 240)) -> float:
    """Sky, ground and hills; -> the height of the horizon."""
    horizon = 0.55 + 0.12 * rng.random()
    ground = rng.choice([(168, 198, 122), (206, 188, 138), (178, 190, 150), (190, 172, 140)])
    if sum(sky) < 300:
        ground = shade(ground, 0.55)
    b.box(0, 0, 1, 1, sky, None)
    for k in range(3):
        x = (k + rng.random()) / 3
        b.oval(x, horizon + 0.03, 0.2 + 0.12 * rng.random(), 0.08 + 0.07 * rng.random(), shade(ground, 0.88), None)
    b.box(0, horizon, 1, 1, ground, None)
    return horizon


def _dish(b: Brush, c: Custom, rng: random.Random) -> None:
    cloth = rng.choice([(206, 176, 140), (184, 152, 120), (222, 214, 198), (160, 176, 190), (196, 160, 150)])
    b.box(0, 0, 1, 1, cloth, None)
    for k in range(6):
        b.stroke([(0, k / 6 + 0.05), (1, k / 6 + 0.05)], shade(cloth, 0.93), 1.5)
    x, y, r = 0.5 + 0.08 * (rng.random() - 0.5), 0.55 + 0.06 * (rng.random() - 0.5), 0.3 + 0.04 * rng.random()
    _VESSELS[c.shape](b, x, y, r)
    top = {
        "bowl": (y - 0.12, 0.82),
        "pot": (y - 0.2, 0.72),
        "basket": (y - 0.08, 0.8),
        "plate": (y, 0.72),
        "leaf": (y, 0.8),
    }
    if c.shape == "skewer":
        for k in range(4):
            _food(b, c, x - 0.27 + 0.18 * k, y - 0.14 + 0.09 * k, 0.075)
        return
    ty, share = top[c.shape]
    if c.shape in ("bowl", "pot"):
        b.oval(x, ty, r * share, r * share * 0.36, COLOURS[c.colour], None)
    for k in range(7):
        turn, far = k * 2.4 + rng.random(), r * share * 0.72 * math.sqrt((k + 0.3) / 7)
        _food(b, c, x + far * math.cos(turn), ty + 0.42 * far * math.sin(turn), 0.055)


def _food(b: Brush, c: Custom, x: float, y: float, r: float) -> None:
    """Beans are round, fish have tails, roots are long."""
    rgb = shade(COLOURS[c.colour], 0.82)
    if c.detail == "beans":
        b.oval(x, y, r * 0.75, r * 0.6, rgb)
    elif c.detail == "fish":
        b.shape([(x + r * 0.6, y), (x + r * 1.3, y - r * 0.5), (x + r * 1.3, y + r * 0.5)], rgb)
        b.oval(x, y, r, r * 0.5, rgb)
        b.oval(x - r * 0.5, y - r * 0.1, r * 0.12, r * 0.12, (20, 20, 20), None)
    else:
        b.shape(
            [(x - r, y - r * 0.4), (x - r * 0.6, y - r * 0.6), (x + r * 1.2, y + r * 0.3), (x + r, y + r * 0.55)], rgb
        )


def _bowl(b: Brush, x: float, y: float, r: float) -> None:
    b.shape(round_(x, y - 0.12, r, r * 0.95, 0, 180), (236, 232, 222))
    b.oval(x, y - 0.12, r, r * 0.4, (250, 248, 240))


def _leaf(b: Brush, x: float, y: float, r: float) -> None:
    b.shape(
        [*round_(x, y, r * 1.25, r * 0.62, 0, 180), *round_(x, y, r * 1.25, r * 0.62, 180, 360), (x + r * 1.5, y)],
        (86, 150, 70),
    )
    b.stroke([(x - r * 1.2, y), (x + r * 1.5, y)], (58, 112, 50), 2)


def _skewer(b: Brush, x: float, y: float, r: float) -> None:
    b.stroke([(x - r * 1.35, y - r * 0.68), (x + r * 1.35, y + r * 0.68)], (140, 104, 66), 4)


def _pot(b: Brush, x: float, y: float, r: float) -> None:
    for side in (-1, 1):
        b.oval(x + side * r * 0.98, y - 0.06, r * 0.16, r * 0.22, (96, 98, 106))
    b.shape(round_(x, y - 0.02, r * 0.95, r * 0.85), (74, 76, 84))
    b.oval(x, y - 0.2, r * 0.8, r * 0.32, (110, 112, 120))


def _plate(b: Brush, x: float, y: float, r: float) -> None:
    b.oval(x, y, r * 1.15, r * 0.72, (248, 248, 250))
    b.oval(x, y, r * 0.85, r * 0.5, (232, 234, 240))


def _basket(b: Brush, x: float, y: float, r: float) -> None:
    b.shape(
        [(x - r, y - 0.08), (x + r, y - 0.08), (x + r * 0.75, y + r * 0.75), (x - r * 0.75, y + r * 0.75)],
        (196, 150, 90),
    )
    for k in range(1, 6):
        yy = y - 0.08 + k * (r * 0.75 + 0.08) / 6
        b.stroke([(x - r * (1 - 0.04 * k), yy), (x + r * (1 - 0.04 * k), yy)], (150, 108, 58))
    b.oval(x, y - 0.08, r, r * 0.34, (168, 124, 70))


_VESSELS = {"bowl": _bowl, "leaf": _leaf, "skewer": _skewer, "pot": _pot, "plate": _plate, "basket": _basket}


def _dress(b: Brush, c: Custom, rng: random.Random) -> None:
    _outside(b, rng)
    x = 0.5 + 0.12 * (rng.random() - 0.5)
    skin, h = rng.choice(_SKIN), 0.92 + 0.08 * rng.random()
    top, low = 0.98 - 0.62 * h, 0.97
    head, r = (x, top - 0.085), 0.085
    for side in (-1, 1):
        b.shape(
            [
                (x + side * 0.09, top + 0.03),
                (x + side * 0.24, top + 0.26),
                (x + side * 0.19, top + 0.3),
                (x + side * 0.06, top + 0.14),
            ],
            COLOURS[c.colour],
        )
        b.oval(x + side * 0.22, top + 0.29, 0.03, 0.03, skin)
    robe = [(x - 0.1, top), (x + 0.1, top), (x + 0.2, low), (x - 0.2, low)]
    b.covered(robe, c.colour, c.pattern)
    b.oval(*head, r, r * 1.1, skin)
    for side in (-1, 1):
        b.oval(x + side * 0.03, top - 0.09, 0.009, 0.012, (30, 26, 24), None)
    b.stroke(round_(x, top - 0.065, 0.03, 0.02, 20, 160), (120, 50, 44), 1.2)
    _HATS[c.shape](b, x, top - 0.14, r, COLOURS[c.colour])


def _cone(b: Brush, x: float, y: float, r: float, rgb: RGB) -> None:
    b.shape([(x - r * 1.9, y + 0.03), (x, y - 0.15), (x + r * 1.9, y + 0.03)], (226, 200, 140))
    b.stroke([(x - r * 1.3, y - 0.01), (x + r * 1.3, y - 0.01)], rgb, 3)


def _puffy(b: Brush, x: float, y: float, r: float, rgb: RGB) -> None:
    b.oval(x, y - 0.01, r * 1.35, r * 0.75, shade(rgb, 0.9))
    b.oval(x, y - 0.05, r * 1.1, r * 0.6, shade(rgb, 1.1))
    b.oval(x, y - 0.02, 0.022, 0.022, (250, 214, 90))


def _crown(b: Brush, x: float, y: float, r: float, rgb: RGB) -> None:
    for k in (-2, -1, 0, 1, 2):
        turn = math.radians(-90 + 22 * k)
        tip = (x + 0.2 * math.cos(turn), y + 0.04 + 0.2 * math.sin(turn))
        side = (0.025 * math.sin(turn), -0.025 * math.cos(turn))
        mid = ((x + tip[0]) / 2, (y + 0.04 + tip[1]) / 2)
        b.shape(
            [(x, y + 0.04), (mid[0] + side[0], mid[1] + side[1]), tip, (mid[0] - side[0], mid[1] - side[1])],
            rgb if k % 2 else (96, 150, 84),
        )
    b.box(x - r, y + 0.02, x + r, y + 0.05, (150, 96, 60))


def _fur(b: Brush, x: float, y: float, r: float, rgb: RGB) -> None:
    b.shape(round_(x, y, r * 1.1, 0.09, 180, 360), shade(rgb, 0.8))
    for k in range(9):
        b.oval(x - r * 1.15 + k * r * 0.29, y + 0.015, 0.028, 0.03, (206, 190, 170), None)


def _brim(b: Brush, x: float, y: float, r: float, rgb: RGB) -> None:
    b.oval(x, y + 0.015, r * 2.0, r * 0.34, (92, 68, 52))
    b.box(x - r * 0.85, y - 0.09, x + r * 0.85, y + 0.01, (92, 68, 52))
    b.box(x - r * 0.85, y - 0.025, x + r * 0.85, y + 0.01, rgb)


def _scarf(b: Brush, x: float, y: float, r: float, rgb: RGB) -> None:
    light = shade(rgb, 1.25)
    for side in (-1, 1):
        b.shape(
            [
                (x, y - 0.05),
                (x + side * r * 1.2, y + 0.03),
                (x + side * r * 1.9, y + 0.33),
                (x + side * r * 1.05, y + 0.28),
                (x + side * r * 0.85, y + 0.06),
            ],
            light,
        )
    b.shape(round_(x, y + 0.02, r * 1.1, 0.075, 180, 360), light)


_HATS = {
    "cone hat": _cone,
    "puffy cap": _puffy,
    "leaf crown": _crown,
    "fur hat": _fur,
    "brim hat": _brim,
    "long scarf": _scarf,
}


def _house(b: Brush, c: Custom, rng: random.Random) -> None:
    horizon = _outside(b, rng)
    x, w = 0.5 + 0.1 * (rng.random() - 0.5), 0.24 + 0.03 * rng.random()
    low = min(0.9, horizon + 0.22 + 0.05 * rng.random())
    if c.shape == "stilts":
        for k in (-0.85, -0.3, 0.3, 0.85):
            b.box(x + k * w - 0.015, low - 0.16, x + k * w + 0.015, low, (120, 88, 58))
        low -= 0.15
    top = low - 0.26
    if c.shape == "straw roof":
        b.covered(
            [*round_(x, top + 0.02, w, 0.05, 180, 360), *round_(x, low - 0.02, w, 0.05, 0, 180)], c.colour, c.pattern
        )
    else:
        b.covered([(x - w, top), (x + w, top), (x + w, low), (x - w, low)], c.colour, c.pattern)
    b.shape(
        [(x - 0.05, low), (x - 0.05, low - 0.13), *round_(x, low - 0.13, 0.05, 0.04, 180, 360), (x + 0.05, low)],
        (96, 66, 46),
    )
    for side in (-1, 1):
        b.box(x + side * w * 0.62 - 0.03, top + 0.07, x + side * w * 0.62 + 0.03, top + 0.13, (196, 226, 240))
    _ROOFS[c.shape](b, x, top, w)


def _pointed(b: Brush, x: float, y: float, w: float) -> None:
    b.shape([(x - w * 1.25, y + 0.01), (x, y - 0.3), (x + w * 1.25, y + 0.01)], (150, 66, 54))


def _dome(b: Brush, x: float, y: float, w: float) -> None:
    b.shape(round_(x, y, w * 0.95, 0.23, 180, 360), (86, 156, 168))
    b.stroke([(x, y - 0.23), (x, y - 0.3)], thick=2)
    b.oval(x, y - 0.31, 0.018, 0.018, (250, 214, 90))


def _flat(b: Brush, x: float, y: float, w: float) -> None:
    b.box(x - w * 1.06, y - 0.05, x + w * 1.06, y + 0.01, (170, 128, 92))
    for k in range(5):
        b.oval(x - w * 0.8 + k * w * 0.4, y + 0.03, 0.014, 0.014, (110, 78, 52))


def _log(b: Brush, x: float, y: float, w: float) -> None:
    b.shape(
        [(x - w * 1.15, y + 0.01), (x - w * 0.7, y - 0.16), (x + w * 0.7, y - 0.16), (x + w * 1.15, y + 0.01)],
        (112, 82, 56),
    )
    for k in range(1, 4):
        b.stroke(
            [(x - w * (1.15 - 0.11 * k), y + 0.01 - 0.042 * k), (x + w * (1.15 - 0.11 * k), y + 0.01 - 0.042 * k)],
            (84, 60, 40),
            1.5,
        )
    b.shape(
        [(x - w * 0.7, y - 0.16), (x + w * 0.7, y - 0.16), (x + w * 0.55, y - 0.2), (x - w * 0.55, y - 0.2)],
        (248, 250, 252),
    )


def _thatch(b: Brush, x: float, y: float, w: float) -> None:
    b.shape(
        [
            (x - w * 1.2, y + 0.05),
            (x - w * 0.5, y - 0.13),
            (x, y - 0.22),
            (x + w * 0.5, y - 0.13),
            (x + w * 1.2, y + 0.05),
        ],
        (216, 184, 108),
    )
    for k in range(-4, 5):
        b.stroke([(x + k * w * 0.07, y - 0.15), (x + k * w * 0.26, y + 0.03)], (174, 140, 70))


def _reed(b: Brush, x: float, y: float, w: float) -> None:
    b.shape(
        [
            (x - w * 1.3, y - 0.06),
            (x - w * 0.6, y - 0.1),
            (x, y - 0.2),
            (x + w * 0.6, y - 0.1),
            (x + w * 1.3, y - 0.06),
            (x + w * 1.05, y + 0.02),
            (x - w * 1.05, y + 0.02),
        ],
        (120, 140, 84),
    )


_ROOFS = {
    "pointed roof": _pointed,
    "dome": _dome,
    "flat roof": _flat,
    "log roof": _log,
    "straw roof": _thatch,
    "stilts": _reed,
}
_SKIES = {"by day": (188, 222, 240), "at dusk": (238, 170, 130), "at night": (38, 44, 84)}


def _feast(b: Brush, c: Custom, rng: random.Random) -> None:
    horizon = _outside(b, rng, _SKIES[c.detail])
    if c.detail != "by day":
        b.oval(0.84, 0.14, 0.06, 0.06, (252, 244, 214), None)
    else:
        b.oval(0.84, 0.14, 0.07, 0.07, (255, 226, 120), None)
    _EMBLEMS[c.shape](b, c, rng, horizon)
    for k in range(rng.randint(4, 6)):
        x, y = 0.12 + 0.15 * k + 0.04 * rng.random(), min(0.9, horizon + 0.16 + 0.1 * rng.random())
        robe = rng.choice([(190, 90, 80), (90, 120, 180), (110, 150, 100), (200, 170, 90)])
        if c.shape != "boats":
            b.shape([(x - 0.025, y - 0.07), (x + 0.025, y - 0.07), (x + 0.045, y + 0.05), (x - 0.045, y + 0.05)], robe)
            b.oval(x, y - 0.1, 0.028, 0.03, rng.choice(_SKIN))


def _lanterns(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    for row in range(2):
        y = 0.12 + 0.2 * row
        b.stroke([(0, y - 0.03), (0.5, y + 0.04), (1, y - 0.03)], thick=1.5)
        for k in range(4):
            x = 0.14 + 0.24 * k + 0.03 * rng.random()
            b.covered(round_(x, y + 0.1, 0.07, 0.085), c.colour, c.pattern)
            b.box(x - 0.03, y + 0.01, x + 0.03, y + 0.03, (70, 50, 40))


def _poles(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    for k in range(3):
        x, y = 0.2 + 0.3 * k, 0.26 + 0.06 * rng.random()
        b.stroke([(x, y), (x, horizon + 0.15)], (120, 88, 58), 4)
        b.covered(
            [(x - 0.11, y - 0.14), (x + 0.11, y - 0.14), (x + 0.09, y + 0.08), (x, y + 0.17), (x - 0.09, y + 0.08)],
            c.colour,
            c.pattern,
        )
        for side in (-1, 1):
            b.oval(x + side * 0.045, y - 0.04, 0.026, 0.02, (252, 250, 240))
            b.oval(x + side * 0.045, y - 0.04, 0.01, 0.012, (20, 20, 20), None)
        b.oval(x, y + 0.07, 0.035, 0.018, (60, 30, 30))


def _fire(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    x, y = 0.5, horizon + 0.1
    for k in range(7):
        x0 = 0.02 + 0.14 * k
        b.covered([(x0, 0.3), (x0 + 0.12, 0.3), (x0 + 0.06, 0.44)], c.colour, c.pattern)
    b.stroke([(0, 0.3), (1, 0.3)], thick=2)
    for k, rgb in enumerate(((226, 90, 40), (246, 150, 50), (254, 220, 110))):
        s = 1 - 0.3 * k
        lean = 0.02 * (rng.random() - 0.5)
        b.shape(
            [
                (x - 0.13 * s, y),
                (x - 0.09 * s, y - 0.14 * s),
                (x - 0.03 * s, y - 0.08 * s),
                (x + lean, y - 0.26 * s),
                (x + 0.05 * s, y - 0.1 * s),
                (x + 0.1 * s, y - 0.16 * s),
                (x + 0.13 * s, y),
            ],
            rgb,
            None,
        )
    for side in (-1, 1):
        b.stroke([(x - side * 0.16, y + 0.02), (x + side * 0.14, y - 0.03)], (96, 66, 46), 6)


def _snow_figures(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    b.box(0, horizon, 1, 1, (236, 242, 248), None)
    for k in range(3):
        x, y = 0.2 + 0.3 * k, horizon + 0.06 + 0.04 * rng.random()
        for r, up in ((0.1, 0.0), (0.075, 0.13), (0.052, 0.23)):
            b.oval(x, y - up, r, r, (250, 252, 255))
        b.covered(
            [
                (x - 0.075, y - 0.2),
                (x + 0.075, y - 0.2),
                (x + 0.075, y - 0.15),
                (x + 0.03, y - 0.15),
                (x + 0.03, y - 0.02),
                (x - 0.02, y - 0.02),
                (x - 0.02, y - 0.15),
                (x - 0.075, y - 0.15),
            ],
            c.colour,
            c.pattern,
        )
        for side in (-1, 1):
            b.oval(x + side * 0.018, y - 0.24, 0.007, 0.007, (20, 20, 20), None)


def _kites(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    for k in range(4):
        x, y = 0.14 + 0.24 * k, 0.16 + 0.16 * rng.random()
        b.stroke([(x, y), (x + 0.05, horizon + 0.15)], (90, 80, 70))
        b.covered([(x, y - 0.12), (x + 0.085, y), (x, y + 0.15), (x - 0.085, y)], c.colour, c.pattern)


def _boats(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    b.box(0, horizon, 1, 1, shade((110, 170, 210), 0.6 if c.detail == "at night" else 1.0), None)
    for k in range(3):
        x, y = 0.2 + 0.3 * k, horizon + 0.1 + 0.14 * rng.random()
        b.stroke([(x, y), (x, y - 0.3)], (96, 66, 46), 3)
        b.covered([(x + 0.01, y - 0.3), (x + 0.13, y - 0.06), (x + 0.01, y - 0.06)], c.colour, c.pattern)
        b.shape([(x - 0.13, y - 0.02), (x + 0.15, y - 0.02), (x + 0.09, y + 0.06), (x - 0.08, y + 0.06)], (132, 92, 60))


_EMBLEMS: dict[str, Callable[[Brush, Custom, random.Random, float], None]] = {
    "lanterns": _lanterns, "painted poles": _poles, "fire": _fire, "snow figures": _snow_figures, "kites": _kites, "boats": _boats,
}  # fmt: skip
_FACETS: dict[str, Callable[[Brush, Custom, random.Random], None]] = {
    "dish": _dish, "dress": _dress, "house": _house, "feast": _feast,
}  # fmt: skip
