"""``Map``: obstacles, a start and a goal on a square of 80 by 80 units; and the maps of a seed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, nearest
from vistune.world.scene import Prior, Split

#: The map is the square [-HALF, HALF] in both directions; y points up (PathEval, section 3).
HALF = 40.0
STYLES = ("blocks", "maze", "cells")
START, GOAL = (-32.5, -32.5), (32.5, 32.5)
Point = tuple[float, float]
Polygon = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """Obstacles are convex polygons, apart from start and goal; ``style``: blocks, a maze's walls, or cells of a grid."""

    seed: int
    style: str
    obstacles: tuple[Polygon, ...]
    start: Point = START
    goal: Point = GOAL
    prior: Prior = "skewed"
    split: Split = "train"

    def edges(self) -> NDArray[np.float64]:
        """All sides of all obstacles: ``[sides, 2, 2]``."""
        pairs = [(p[k], p[(k + 1) % len(p)]) for p in self.obstacles for k in range(len(p))]
        return np.array(pairs, dtype=float).reshape(-1, 2, 2)


def sample_map(
    seed: int, *, split: Split = "train", prior: Prior = "skewed", style: str | None = None, most: int = 9
) -> Map:
    """Map number ``seed`` of a split. ``most``: blocks at most (4 to 14). Skewed maps have few blocks, inverted ones many.

    Raises:
        ConfigError: an unknown style, or more blocks than fit.
    """
    if style is not None and style not in STYLES:
        raise ConfigError(f"There is no style of map '{style}'. {nearest(str(style), STYLES)}")
    if not 4 <= most <= 14:
        raise ConfigError(f"A map has 4 to 14 blocks at most, not {most}.")
    rng = random.Random(f"map/{split}/{prior}/{seed}")
    chosen = style or rng.choice(STYLES)
    makers = {"blocks": lambda: _blocks(rng, _drawn(rng, prior, 4, most)), "maze": lambda: _maze(rng),
              "cells": lambda: _cells(rng)}  # fmt: skip
    return Map(seed, chosen, makers[chosen](), prior=prior, split=split)


def _drawn(rng: random.Random, prior: Prior, least: int, most: int) -> int:
    share = rng.random()
    share = {"skewed": share**2, "flat": share, "inverted": 1 - share**2}[prior]
    return least + min(most - least, int(share * (most - least + 1)))


def _blocks(rng: random.Random, count: int) -> tuple[Polygon, ...]:
    """Convex blocks with room for a way between any two."""
    placed: list[tuple[float, float, float]] = []
    tries = 0
    while len(placed) < count:
        tries += 1
        radius = rng.uniform(4.5, 9.5) * (1.0 if tries < 300 else 0.7)
        x, y = (rng.uniform(-HALF + radius + 3.5, HALF - radius - 3.5) for _ in range(2))
        free = all(math.dist((x, y), (a, b)) > radius + r + 4 for a, b, r in placed)
        if free and min(math.dist((x, y), START), math.dist((x, y), GOAL)) > radius + 5:
            placed.append((x, y, radius))
        elif tries > 800:
            placed, tries = [], 0
    polygons = []
    for x, y, radius in placed:
        corners, turn = rng.choice((4, 4, 5, 6, 8)), rng.uniform(0, math.tau)
        stretch = rng.uniform(0.65, 1.0)
        ring = [
            (math.cos(turn + math.tau * k / corners), math.sin(turn + math.tau * k / corners)) for k in range(corners)
        ]
        polygons.append(tuple((x + radius * c, y + radius * stretch * s) for c, s in ring))
    return tuple(polygons)


def _maze(rng: random.Random) -> tuple[Polygon, ...]:
    """Walls of a maze of 4 by 4 rooms, with a few openings more than a tree has, so that there are several ways."""
    size, step, thick = 4, 20.0, 0.8
    walls = {("v", i, j) for i in range(1, size) for j in range(size)} | {
        ("h", i, j) for i in range(size) for j in range(1, size)
    }
    seen, stack = {(0, 0)}, [(0, 0)]
    while stack:
        i, j = stack[-1]
        around = [(i + a, j + b) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        open_ = [n for n in around if 0 <= n[0] < size and 0 <= n[1] < size and n not in seen]
        if not open_:
            stack.pop()
            continue
        a, b = rng.choice(open_)
        walls.discard(("v", max(i, a), j) if a != i else ("h", i, max(j, b)))
        seen.add((a, b))
        stack.append((a, b))
    for wall in rng.sample(sorted(walls), 2):
        walls.discard(wall)
    return tuple(
        _rectangle(
            -HALF + i * step - thick, -HALF + j * step - thick, -HALF + i * step + thick, -HALF + (j + 1) * step + thick
        )
        if kind == "v"
        else _rectangle(
            -HALF + i * step - thick, -HALF + j * step - thick, -HALF + (i + 1) * step + thick, -HALF + j * step + thick
        )
        for kind, i, j in sorted(walls)
    )


def _cells(rng: random.Random) -> tuple[Polygon, ...]:
    """A grid of 8 by 8, a quarter of it filled, with a way from start to goal for a walker who does not go over corners."""
    while True:
        filled = {(i, j) for i in range(8) for j in range(8) if rng.random() < 0.26} - {(0, 0), (7, 7), (0, 1), (1, 0)}
        reached, edge = {(0, 0)}, [(0, 0)]
        while edge:
            i, j = edge.pop()
            for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                if 0 <= a < 8 and 0 <= b < 8 and (a, b) not in filled | reached:
                    reached.add((a, b))
                    edge.append((a, b))
        if (7, 7) in reached and len(filled) > 9:
            break
    corner = [(-HALF + 10 * i, -HALF + 10 * j) for i, j in sorted(filled)]
    return tuple(_rectangle(x, y, x + 10, y + 10) for x, y in corner)


def _rectangle(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
