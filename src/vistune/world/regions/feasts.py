"""Feasts: what people look at tells the region, its cloth and the time of day the country."""

from __future__ import annotations

import random
from collections.abc import Callable

from vistune.world.regions.atlas import Custom
from vistune.world.regions.brush import SKIN, Brush, outside, round_, shade

_SKIES = {"by day": (188, 222, 240), "at dusk": (238, 170, 130), "at night": (38, 44, 84)}


def feast(b: Brush, c: Custom, rng: random.Random) -> None:
    horizon = outside(b, rng, _SKIES[c.detail])
    if c.detail != "by day":
        b.oval(0.84, 0.14, 0.06, 0.06, (252, 244, 214), None)
    else:
        b.oval(0.84, 0.14, 0.07, 0.07, (255, 226, 120), None)
    _EMBLEMS[c.shape](b, c, rng, horizon)
    b.end()
    for k in range(rng.randint(4, 6)):
        x, y = 0.12 + 0.15 * k + 0.04 * rng.random(), min(0.9, horizon + 0.16 + 0.1 * rng.random())
        robe = rng.choice([(190, 90, 80), (90, 120, 180), (110, 150, 100), (200, 170, 90)])
        if c.shape != "boats":
            b.begin("person")
            b.shape([(x - 0.025, y - 0.07), (x + 0.025, y - 0.07), (x + 0.045, y + 0.05), (x - 0.045, y + 0.05)], robe)
            b.oval(x, y - 0.1, 0.028, 0.03, rng.choice(SKIN))


def _lanterns(b: Brush, c: Custom, rng: random.Random, _horizon: float) -> None:
    for row in range(2):
        y = 0.12 + 0.2 * row
        b.end()
        b.stroke([(0, y - 0.03), (0.5, y + 0.04), (1, y - 0.03)], thick=1.5)
        for k in range(4):
            x = 0.14 + 0.24 * k + 0.03 * rng.random()
            b.begin("lantern")
            b.covered(round_(x, y + 0.1, 0.07, 0.085), c.colour, c.pattern)
            b.box(x - 0.03, y + 0.01, x + 0.03, y + 0.03, (70, 50, 40))


def _poles(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    for k in range(3):
        x, y = 0.2 + 0.3 * k, 0.26 + 0.06 * rng.random()
        b.begin("painted pole")
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
        b.begin("pennant")
        b.covered([(x0, 0.3), (x0 + 0.12, 0.3), (x0 + 0.06, 0.44)], c.colour, c.pattern)
    b.end()
    b.stroke([(0, 0.3), (1, 0.3)], thick=2)
    b.begin("fire")
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
        b.begin("snow figure")
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
        b.begin("kite")
        b.stroke([(x, y), (x + 0.05, horizon + 0.15)], (90, 80, 70))
        b.covered([(x, y - 0.12), (x + 0.085, y), (x, y + 0.15), (x - 0.085, y)], c.colour, c.pattern)


def _boats(b: Brush, c: Custom, rng: random.Random, horizon: float) -> None:
    b.box(0, horizon, 1, 1, shade((110, 170, 210), 0.6 if c.detail == "at night" else 1.0), None)
    for k in range(3):
        x, y = 0.2 + 0.3 * k, horizon + 0.1 + 0.14 * rng.random()
        b.begin("boat")
        b.stroke([(x, y), (x, y - 0.3)], (96, 66, 46), 3)
        b.covered([(x + 0.01, y - 0.3), (x + 0.13, y - 0.06), (x + 0.01, y - 0.06)], c.colour, c.pattern)
        b.shape([(x - 0.13, y - 0.02), (x + 0.15, y - 0.02), (x + 0.09, y + 0.06), (x - 0.08, y + 0.06)], (132, 92, 60))


_EMBLEMS: dict[str, Callable[[Brush, Custom, random.Random, float], None]] = {
    "lanterns": _lanterns, "painted poles": _poles, "fire": _fire, "snow figures": _snow_figures, "kites": _kites, "boats": _boats,
}  # fmt: skip
