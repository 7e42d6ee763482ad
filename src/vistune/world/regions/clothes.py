"""Clothes: a person in a robe; what is on the head tells the region."""

from __future__ import annotations

import math
import random

from vistune.world.regions.atlas import Custom
from vistune.world.regions.brush import RGB, SKIN, Brush, outside, round_, shade
from vistune.world.vocabulary import COLOURS


def dress(b: Brush, c: Custom, rng: random.Random) -> None:
    outside(b, rng)
    x = 0.5 + 0.12 * (rng.random() - 0.5)
    skin, h = rng.choice(SKIN), 0.92 + 0.08 * rng.random()
    top, low = 0.98 - 0.62 * h, 0.97
    head, r = (x, top - 0.085), 0.085
    b.begin("person")
    b.begin("dress")
    for side in (-1, 1):
        b.more("dress")
        b.shape(
            [
                (x + side * 0.09, top + 0.03),
                (x + side * 0.24, top + 0.26),
                (x + side * 0.19, top + 0.3),
                (x + side * 0.06, top + 0.14),
            ],
            COLOURS[c.colour],
        )
        b.more("person")
        b.oval(x + side * 0.22, top + 0.29, 0.03, 0.03, skin)
    b.more("dress")
    if c.shape == "long scarf":
        # Its inside, seen beside the chin.
        b.box(x - r * 0.95, top - 0.12, x + r * 0.95, top + 0.005, shade(COLOURS[c.colour], 0.85), None)
    robe = [(x - 0.1, top), (x + 0.1, top), (x + 0.2, low), (x - 0.2, low)]
    b.covered(robe, c.colour, c.pattern)
    b.more("person")
    b.oval(*head, r, r * 1.1, skin)
    for side in (-1, 1):
        b.oval(x + side * 0.03, top - 0.09, 0.009, 0.012, (30, 26, 24), None)
    b.stroke(round_(x, top - 0.065, 0.03, 0.02, 20, 160), (120, 50, 44), 1.2)
    b.more("dress")
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
