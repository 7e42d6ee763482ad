"""Ways to point at a thing: a click, a box, a scribble or its mask, as people do to whom a model listens.

The four forms of visual prompts of Draw-and-Understand (arXiv 2403.20271) and REF-VLM (arXiv 2503.07413).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.world.annotate import masks
from vistune.world.scene import Scene

Form = Literal["point", "box", "scribble", "mask"]
#: Draw-and-Understand's noise: boxes move by up to an eighth of their size, and grow or shrink by up to 15%.
_SHIFTED, _SCALED = 1 / 8, 0.15
#: Steps of a scribble's walk, a pixel each, as a share of the picture; and the places that are kept of it.
_STEPS, _KEPT = 1.25, 16


@dataclass(frozen=True, slots=True)
class Pointer:
    """Thing ``thing``, pointed at. Of ``point``, ``box``, ``scribble`` and ``mask`` the one that ``form`` names is set.

    Pixels: ``point`` (x, y) and the places of a ``scribble`` are middles of pixels of the thing; ``box`` (x0, y0, x1, y1),
    ends exclusive; ``mask`` bool ``[size, size]``.
    """

    form: Form
    thing: int
    point: tuple[float, float] | None = None
    box: tuple[float, float, float, float] | None = None
    scribble: tuple[tuple[float, float], ...] | None = None
    mask: NDArray[np.bool_] | None = None


def point_at(scene: Scene, index: int, form: Form, *, size: int = 64, seed: int = 0, noise: float = 0.0) -> Pointer:
    """A pointer at a thing in a picture of ``size`` pixels. ``noise`` 1 jitters boxes as Draw-and-Understand trains.

    Raises:
        ConfigError: an unknown form.
        DataError: no pixel of the thing is seen.
    """
    if form not in get_args(Form):
        raise ConfigError(f"There is no way to point '{form}'. {nearest(str(form), get_args(Form))}")
    mask = masks(scene, size)[index]
    if not mask.any():
        raise DataError(f"Nothing is seen of thing {index} at {size} pixels: point at another, or draw it larger.")
    rng = random.Random(f"point/{form}/{seed}/{scene.seed}/{index}")
    if form == "mask":
        return Pointer(form, index, mask=mask)
    rows, columns = np.nonzero(mask)
    if form == "point":
        k = rng.randrange(len(rows))
        return Pointer(form, index, point=(columns[k] + 0.5, rows[k] + 0.5))
    if form == "box":
        edges = (float(columns.min()), float(rows.min()), columns.max() + 1.0, rows.max() + 1.0)
        return Pointer(form, index, box=_jittered(edges, noise, size, rng) if noise else edges)
    return Pointer(form, index, scribble=_scribble(mask, rng))


def _jittered(
    box: tuple[float, float, float, float], noise: float, size: int, rng: random.Random
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    found = []
    for low, high in ((x0, x1), (y0, y1)):
        long = high - low
        middle = (low + high) / 2 + noise * _SHIFTED * long * rng.uniform(-1, 1)
        half = long / 2 * (1 + noise * _SCALED * rng.uniform(-1, 1))
        found.append((max(0.0, middle - half), min(float(size), middle + half)))
    return found[0][0], found[1][0], found[0][1], found[1][1]


def _scribble(mask: NDArray[np.bool_], rng: random.Random) -> tuple[tuple[float, float], ...]:
    """A walk that keeps its way while it stays on the thing, and turns where it would leave it."""
    rows, columns = np.nonzero(mask)
    start = rng.randrange(len(rows))
    x, y = columns[start] + 0.5, rows[start] + 0.5
    way = rng.uniform(0, 2 * np.pi)
    walked = [(x, y)]
    size = mask.shape[0]
    for _ in range(round(_STEPS * size)):
        way += rng.gauss(0, 0.25)
        ahead = x + np.cos(way), y + np.sin(way)
        on = 0 <= ahead[0] < size and 0 <= ahead[1] < size and mask[int(ahead[1]), int(ahead[0])]
        if on:
            x, y = float(ahead[0]), float(ahead[1])
            walked.append((x, y))
        else:
            way += rng.uniform(0.5 * np.pi, 1.5 * np.pi)
    kept = np.linspace(0, len(walked) - 1, min(_KEPT, len(walked))).round().astype(int)
    return tuple((int(walked[k][0]) + 0.5, int(walked[k][1]) + 0.5) for k in kept)
