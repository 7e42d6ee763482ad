"""Sites as pictures, masks of their things, and land-use maps."""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.aerial.site import COLOURS, LANDS, Block, Parcel, Point, Site, Structure

SCALE = 2
Colour = tuple[int, int, int]
_GROUND: dict[str, tuple[Colour, Colour, Colour]] = {
    "field": ((203, 178, 104), (150, 168, 84), (178, 148, 98)),
    "meadow": ((130, 168, 92), (122, 160, 96), (142, 174, 100)),
    "wood": ((66, 104, 62), (58, 98, 66), (74, 108, 58)),
    "water": ((74, 128, 160), (66, 120, 152), (82, 136, 164)),
    "town": ((176, 184, 150), (186, 186, 160), (168, 180, 144)),
    "yard": ((176, 174, 170), (186, 184, 178), (168, 168, 166)),
}
_ROAD, _MARK, _RUNWAY, _HEDGE = (120, 120, 124), (214, 212, 204), (96, 98, 104), (84, 110, 66)
#: Outlines: (ahead, right) in shares of half the length and half the width; the extremes reach 1 on all four sides.
_SHIP = ((1, 0), (0.55, 0.8), (0.2, 1), (-0.9, 1), (-1, 0.8), (-1, -0.8), (-0.9, -1), (0.2, -1), (0.55, -0.8))
_PLANE = (
    (1, 0), (0.9, 0.1), (0.3, 0.12), (-0.15, 1), (-0.38, 1), (-0.18, 0.12), (-0.7, 0.09), (-0.86, 0.36), (-1, 0.36),
    (-0.92, 0), (-1, -0.36), (-0.86, -0.36), (-0.7, -0.09), (-0.18, -0.12), (-0.38, -1), (-0.15, -1), (0.3, -0.12),
    (0.9, -0.1),
)  # fmt: skip
_CAR = ((1, 0.6), (0.85, 1), (-0.9, 1), (-1, 0.7), (-1, -0.7), (-0.9, -1), (0.85, -1), (1, -0.6))
_BOX = ((1, 1), (-1, 1), (-1, -1), (1, -1))
_ROUND = tuple((math.cos(k * math.tau / 32), math.sin(k * math.tau / 32)) for k in range(32))
OUTLINES = {"ship": _SHIP, "plane": _PLANE, "car": _CAR, "house": _BOX, "tank": _ROUND}


def render(site: Site, size: int = 64) -> NDArray[np.uint8]:
    """The picture: uint8 ``[size, size, 3]``, north up. Raises ``ConfigError`` below 16 pixels."""
    _check(size)
    wide = size * SCALE
    canvas = Image.new("RGB", (wide, wide), _HEDGE)
    pen = _Pen(site, ImageDraw.Draw(canvas), wide)
    rng = random.Random(f"ground/{site.seed}")
    for parcel in site.parcels:
        pen.parcel(parcel, rng)
    for road in site.roads:
        pen.fill(site.ring(road), _ROAD)
    for road in site.roads:
        pen.dashes(road, _MARK, 8, 8, 0.9)
    if site.runway is not None:
        pen.fill(site.ring(site.runway), _RUNWAY)
        pen.dashes(site.runway.inset(4), (240, 240, 236), 12, 9, 1.3)
    for thing in site.things:
        pen.shadow(thing)
    for thing in site.things:
        pen.thing(thing)
    return np.asarray(canvas.reduce(SCALE))


def _check(size: int) -> None:
    if size < 16:
        raise ConfigError(f"A picture from above of {size} pixels shows nothing: give 16 or more.")


def outline(thing: Structure) -> list[Point]:
    """The silhouette, in metres."""
    return [thing.at(a, b) for a, b in OUTLINES[thing.kind]]


def masks(site: Site, size: int = 64) -> NDArray[np.bool_]:
    """Where each thing is: ``[things, size, size]``, the pixels whose middles are in it."""
    _check(size)
    found = np.zeros((len(site.things), size, size), dtype=bool)
    for k, thing in enumerate(site.things):
        found[k] = _inside([site.pixel(p, size) for p in outline(thing)], size)
    return found


def _inside(ring: list[Point], size: int) -> NDArray[np.bool_]:
    """Pixels whose middles lie in a polygon, by crossings."""
    ys, xs = np.mgrid[0:size, 0:size] + 0.5
    found = np.zeros((size, size), dtype=bool)
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1]):
        if y0 != y1:
            found ^= ((y0 > ys) != (y1 > ys)) & (xs < (x1 - x0) * (ys - y0) / (y1 - y0) + x0)
    return found


def land_map(site: Site, size: int = 64) -> NDArray[np.uint8]:
    """Land use of each pixel's middle, things left out: places in ``LANDS``, 255 for roads, hedges and the runway."""
    _check(size)
    found = np.full((size, size), 255, np.uint8)
    for parcel in site.parcels:
        found[_inside([site.pixel(p, size) for p in site.ring(parcel.block)], size)] = LANDS.index(parcel.land)
    if site.runway is not None:
        found[_inside([site.pixel(p, size) for p in site.ring(site.runway)], size)] = 255
    return found


def _shade(colour: Colour, factor: float) -> Colour:
    r, g, b = (max(0, min(255, round(v * factor))) for v in colour)
    return r, g, b


class _Pen:
    """Draws blocks and things of one site."""

    def __init__(self, site: Site, draw: ImageDraw.ImageDraw, wide: int) -> None:
        self.site, self.draw, self.wide = site, draw, wide
        self.metre = wide / site.metres

    def points(self, ring: tuple[Point, ...] | list[Point], dx: float = 0.0, dy: float = 0.0) -> list[Point]:
        """Pixels."""
        return [self.site.pixel((x + dx, y + dy), self.wide) for x, y in ring]

    def fill(self, ring: tuple[Point, ...] | list[Point], colour: Colour) -> None:
        """A polygon."""
        self.draw.polygon(self.points(ring), colour)

    def seen(self, ring: tuple[Point, ...]) -> bool:
        """Whether any of it may be on the picture."""
        half = self.site.metres / 2
        xs, ys = [p[0] for p in ring], [p[1] for p in ring]
        return max(xs) > -half and min(xs) < half and max(ys) > -half and min(ys) < half

    def parcel(self, parcel: Parcel, rng: random.Random) -> None:
        """Ground, then rows, trees, waves or paths."""
        ring, own = self.site.ring(parcel.block), random.Random(rng.random())
        if not self.seen(ring):
            return
        colour = _GROUND[parcel.land][parcel.tint]
        self.fill(ring, colour)
        if parcel.land == "field":
            self.rows(parcel, _shade(colour, 0.9), 7.0)
        elif parcel.land == "wood":
            self.trees(parcel.block, own, 130)
        elif parcel.land == "meadow":
            self.trees(parcel.block, own, 3600)
        elif parcel.land == "water":
            self.waves(parcel.block, own, _shade(colour, 1.12))
        elif parcel.land == "yard":
            self.rows(parcel, _shade(colour, 0.96), 24.0)

    def rows(self, parcel: Parcel, colour: Colour, step: float) -> None:
        """Stripes of half a step."""
        b = parcel.block
        low, high = (b.v0, b.v1) if parcel.along else (b.u0, b.u1)
        for k in range(int((high - low) / step)):
            at = low + k * step
            part = Block(b.u0, at, b.u1, at + step / 2) if parcel.along else Block(at, b.v0, at + step / 2, b.v1)
            ring = self.site.ring(part)
            if self.seen(ring):
                self.fill(ring, colour)

    def trees(self, block: Block, rng: random.Random, area: float) -> None:
        """A tree on each ``area`` square metres, with its shadow."""
        inner = block.inset(7)
        count = int(max(0.0, inner.width) * max(0.0, inner.height) / area)
        half = self.site.metres / 2 + 8
        for _ in range(count):
            x, y = self.site.world(rng.uniform(inner.u0, inner.u1), rng.uniform(inner.v0, inner.v1))
            radius, light = rng.uniform(3.6, 6.6), rng.uniform(0.85, 1.2)
            if abs(x) < half and abs(y) < half:
                self.disc(x + 1.6, y - 1.6, radius, (44, 72, 46))
                self.disc(x, y, radius, _shade((78, 126, 70), light))

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle in metres."""
        (px, py), r = self.site.pixel((x, y), self.wide), radius * self.metre
        self.draw.ellipse((px - r, py - r, px + r, py + r), colour)

    def waves(self, block: Block, rng: random.Random, colour: Colour) -> None:
        """Short bright lines."""
        for _ in range(int(block.width * block.height / 900)):
            x, y = self.site.world(rng.uniform(block.u0, block.u1 - 14), rng.uniform(block.v0 + 2, block.v1 - 2))
            if max(abs(x), abs(y)) < self.site.metres / 2:
                ends = self.points([(x, y), self.site.world(*_back(self.site, x, y, rng.uniform(6, 13)))])
                self.draw.line(ends, colour, max(1, round(0.8 * self.metre)))

    def dashes(self, block: Block, colour: Colour, length: float, gap: float, width: float) -> None:
        """A broken line along the middle of a block."""
        along = block.width > block.height
        low, high = (block.u0, block.u1) if along else (block.v0, block.v1)
        middle = (block.v0 + block.v1) / 2 if along else (block.u0 + block.u1) / 2
        at = low + gap / 2
        while at + length < high:
            part = (
                Block(at, middle - width / 2, at + length, middle + width / 2)
                if along
                else Block(middle - width / 2, at, middle + width / 2, at + length)
            )
            ring = self.site.ring(part)
            if self.seen(ring):
                self.fill(ring, colour)
            at += length + gap

    def shadow(self, thing: Structure) -> None:
        """To the south-east; ships lie in the water and have none."""
        if thing.kind != "ship":
            high = {"house": 3.2, "tank": 3.4, "plane": 2.4, "car": 1.0}[thing.kind]
            self.draw.polygon(self.points(outline(thing), high, -high), (70, 76, 68))

    def thing(self, thing: Structure) -> None:
        """Silhouette and a few parts within it."""
        colour = COLOURS[thing.colour]
        self.draw.polygon(self.points(outline(thing)), colour)
        parts: dict[str, list[tuple[tuple[Point, ...], Colour]]] = {
            "house": [(((1, 0), (1, 1), (-1, 1), (-1, 0)), _shade(colour, 0.8)),
                      (((0.5, -0.35), (0.5, -0.6), (0.3, -0.6), (0.3, -0.35)), (112, 84, 76))],
            "ship": [(((-0.35, 0.6), (-0.85, 0.6), (-0.85, -0.6), (-0.35, -0.6)), (250, 248, 240)),
                     (((0.5, 0.4), (-0.2, 0.5), (-0.2, -0.5), (0.5, -0.4)), _shade(colour, 0.8))],
            "plane": [(((0.86, 0.07), (0.72, 0.08), (0.72, -0.08), (0.86, -0.07)), (64, 84, 110)),
                      (((0.1, 0.05), (-0.6, 0.05), (-0.6, -0.05), (0.1, -0.05)), _shade(colour, 0.85))],
            "car": [(((0.45, 0.75), (0.15, 0.75), (0.15, -0.75), (0.45, -0.75)), (62, 72, 88)),
                    (((-0.55, 0.7), (-0.75, 0.7), (-0.75, -0.7), (-0.55, -0.7)), (62, 72, 88))],
            "tank": [],
        }  # fmt: skip
        for ring, shade in parts[thing.kind]:
            self.draw.polygon(self.points([thing.at(a, b) for a, b in ring]), shade)
        if thing.kind == "tank":
            for share, light in ((0.86, 0.92), (0.78, 1.02), (0.14, 0.7)):
                self.disc(thing.x, thing.y, share * thing.length / 2, _shade(colour, light))


def _back(site: Site, x: float, y: float, along: float) -> Point:
    """The place ``along`` metres further in the direction of u, in the site's own coordinates."""
    angle = math.radians(site.turn)
    c, s = math.cos(angle), math.sin(angle)
    return x * c + y * s + along, -x * s + y * c
