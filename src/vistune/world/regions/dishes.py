"""Dishes: the vessel tells the region, what is in it the country."""

from __future__ import annotations

import math
import random

from vistune.world.regions.atlas import Custom
from vistune.world.regions.brush import Brush, round_, shade
from vistune.world.vocabulary import COLOURS

#: What lies dry on a vessel is drawn larger than what swims in soup.
_LARGE = {"plate": 0.08, "leaf": 0.08, "basket": 0.075}


def dish(b: Brush, c: Custom, rng: random.Random) -> None:
    cloth = rng.choice([(206, 176, 140), (184, 152, 120), (222, 214, 198), (160, 176, 190), (196, 160, 150)])
    b.box(0, 0, 1, 1, cloth, None)
    for k in range(6):
        b.stroke([(0, k / 6 + 0.05), (1, k / 6 + 0.05)], shade(cloth, 0.93), 1.5)
    x, y, r = 0.5 + 0.08 * (rng.random() - 0.5), 0.55 + 0.06 * (rng.random() - 0.5), 0.3 + 0.04 * rng.random()
    b.begin("dish")
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
        _food(b, c, x + far * math.cos(turn), ty + 0.42 * far * math.sin(turn), _LARGE.get(c.shape, 0.055))


def _food(b: Brush, c: Custom, x: float, y: float, r: float) -> None:
    """Beans are round, fish have tails, roots are long and end in a point."""
    rgb = shade(COLOURS[c.colour], 0.82)
    if c.detail == "beans":
        b.oval(x, y, r * 0.75, r * 0.6, rgb)
    elif c.detail == "fish":
        b.shape([(x + r * 0.6, y), (x + r * 1.3, y - r * 0.5), (x + r * 1.3, y + r * 0.5)], rgb)
        b.oval(x, y, r, r * 0.5, rgb)
        b.oval(x - r * 0.5, y - r * 0.1, r * 0.12, r * 0.12, (20, 20, 20), None)
    else:
        b.shape(
            [(x - r, y - r * 0.2), (x - r * 0.8, y - r * 0.6), (x - r * 0.3, y - r * 0.55), (x + r * 1.3, y + r * 0.5),
             (x - r * 0.1, y + r * 0.3), (x - r * 0.85, y + r * 0.15)],
            rgb,
        )  # fmt: skip


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
