"""``Choice``: a map with two paths to judge; and how it is drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.maps.chart import HALF, Map, Point, sample_map
from vistune.world.maps.judging import dead_zones, describe, pick_pairs
from vistune.world.maps.planner import Plan, plans
from vistune.world.scene import Prior, Split

PAIRS = 6
SCALE = 3
PAPER, BLOCK, RIM, GRID = (247, 243, 232), (74, 84, 104), (52, 60, 78), (233, 227, 210)
RED, BLUE, LINE = (214, 54, 48), (38, 98, 190), (120, 126, 138)


@dataclass(frozen=True)
class Choice:
    """Two paths on a map. ``zones``: differences of descriptors that are too small to count."""

    seed: int
    chart: Map
    first: Plan
    second: Plan
    zones: tuple[tuple[str, float], ...]

    def flipped(self) -> Choice:
        """The paths exchanged."""
        return Choice(self.seed, self.chart, self.second, self.first, self.zones)


def sample_choice(
    seed: int, *, split: Split = "train", prior: Prior = "skewed", style: str | None = None, most: int = 9
) -> Choice:
    """Pair number ``seed``: six to a map, so splits by seed are splits by map."""
    number, place = divmod(seed, PAIRS)
    chart, made, described, pairs = _judged(number, split, prior, style, most)
    first, second = pairs[place]
    if random.Random(f"order/{split}/{prior}/{seed}").random() < 0.5:
        first, second = second, first
    zones = tuple(dead_zones(described).items())
    return Choice(seed, chart, made[first], made[second], zones)


@lru_cache(maxsize=4)
def _judged(
    number: int, split: Split, prior: Prior, style: str | None, most: int
) -> tuple[Map, tuple[Plan, ...], list[dict[str, float]], list[tuple[int, int]]]:
    """What the six pairs of a map share."""
    chart = sample_map(number, split=split, prior=prior, style=style, most=most)
    made = plans(chart, 2 * PAIRS)
    described = [describe(chart, plan) for plan in made]
    return chart, made, described, pick_pairs(described, PAIRS)


def _at(point: Point, size: int) -> tuple[float, float]:
    """Pixels of a point: y points down in pictures."""
    return (point[0] + HALF) / (2 * HALF) * size, (HALF - point[1]) / (2 * HALF) * size


def pixel_of(point: Point, size: int) -> tuple[float, float]:
    """Where a point of the map lies on the picture of one path, in pixels."""
    return _at(point, size)


@lru_cache(maxsize=4)
def _ground(chart: Map, size: int) -> Image.Image:
    picture = Image.new("RGB", (size, size), PAPER)
    draw = ImageDraw.Draw(picture)
    for k in range(1, 8):
        draw.line((k * size / 8, 0, k * size / 8, size), GRID, max(1, size // 256))
        draw.line((0, k * size / 8, size, k * size / 8), GRID, max(1, size // 256))
    for polygon in chart.obstacles:
        draw.polygon([_at(p, size) for p in polygon], BLOCK, RIM, max(1, size // 200))
    return picture


def render_path(chart: Map, plan: Plan, size: int = 64) -> NDArray[np.uint8]:
    """The map with one path, seen from above: uint8 ``[size, size, 3]``. Start red, goal blue."""
    if size < 12:
        raise ConfigError(f"A map of {size} pixels cannot be read: give 12 or more.")
    wide = size * SCALE
    picture = _ground(chart, wide).copy()
    draw = ImageDraw.Draw(picture)
    width = max(SCALE, round(wide / 55))
    points = [_at(p, wide) for p in plan.points]
    draw.line([v for p in points for v in p], RED, width, joint="curve")
    for point, colour in ((points[0], RED), (points[-1], BLUE)):
        x, y, r = *point, wide / 32
        draw.ellipse((x - r, y - r, x + r, y + r), colour, (255, 255, 255), max(1, wide // 150))
    return np.asarray(picture.reduce(SCALE))


def render(choice: Choice, size: int = 64, wide: int | None = None) -> NDArray[np.uint8]:
    """Path 1 on the left, path 2 on the right, a line between: uint8 ``[height, width, 3]``.

    A map has ``size`` pixels; with ``wide``, as many as fit when the whole is ``wide`` pixels wide.
    """
    gap = max(2, size // 32)
    if wide is not None:
        size = (wide - gap) // 2
        gap = wide - 2 * size
    one, two = (render_path(choice.chart, plan, size) for plan in (choice.first, choice.second))
    return np.concatenate([one, np.full((size, gap, 3), LINE, np.uint8), two], axis=1)
