"""Houses: the roof tells the region, the walls the country."""

from __future__ import annotations

import random

from vistune.world.regions.atlas import Custom
from vistune.world.regions.brush import Brush, outside, round_


def house(b: Brush, c: Custom, rng: random.Random) -> None:
    horizon = outside(b, rng)
    x, w = 0.5 + 0.1 * (rng.random() - 0.5), 0.24 + 0.03 * rng.random()
    low = min(0.9, horizon + 0.22 + 0.05 * rng.random())
    b.begin("house")
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
