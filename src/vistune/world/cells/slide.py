"""``Slide``: cells under a microscope, as a value; the kinds of cells, the stains, and the slides of a seed.

The cells are invented: they look like those of textbooks, and nothing here says anything about medicine.
"""

from __future__ import annotations

import math
import random
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, nearest
from vistune.world.scene import Prior, Split

Colour = tuple[int, int, int]
KINDS = ("red cell", "white cell", "round cell", "spindle cell", "rod", "ball")
SAMPLES: dict[str, tuple[str, ...]] = {
    "blood": ("red cell", "white cell"), "tissue": ("round cell", "spindle cell"), "culture": ("rod", "ball"),
}  # fmt: skip
#: Stain -> ground, cell, nucleus.
STAINS: dict[str, tuple[Colour, Colour, Colour]] = {
    "pink": ((250, 236, 238), (232, 150, 172), (112, 62, 130)),
    "blue": ((234, 240, 248), (140, 176, 220), (44, 70, 150)),
    "violet": ((242, 236, 248), (178, 142, 208), (84, 40, 130)),
    "green": ((238, 245, 236), (150, 194, 144), (40, 96, 74)),
}
#: Kind -> length in micrometres, width over length.
_SIZES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "red cell": ((7.2, 8.4), (0.94, 1.0)), "white cell": ((12, 15), (0.92, 1.0)), "round cell": ((11, 15), (0.85, 1.0)),
    "spindle cell": ((20, 27), (0.24, 0.32)), "rod": ((8, 12), (0.26, 0.34)), "ball": ((3.6, 4.6), (1.0, 1.0)),
}  # fmt: skip
#: Kinds with a nucleus, and its usual share of the cell's length and width.
NUCLEI = {"white cell": 0.55, "round cell": 0.42, "spindle cell": 0.4}
#: A nucleus that fills more than this is large.
LARGE = 0.62


@dataclass(frozen=True, slots=True)
class Cell:
    """``x``, ``y``, ``length``, ``width`` in micrometres; ``angle`` of the length, degrees; ``nucleus``: its share, 0 for none.

    ``wobble`` makes outlines uneven: pairs of strength and phase of the second to fourth harmonic.
    """

    kind: str
    x: float
    y: float
    length: float
    width: float
    angle: float
    nucleus: float = 0.0
    dividing: bool = False
    wobble: tuple[tuple[float, float], ...] = ()

    @property
    def large_nucleus(self) -> bool:
        """Whether the nucleus is larger than usual."""
        return self.nucleus > LARGE

    def outline(self, share: float = 1.0, points: int = 28) -> list[tuple[float, float]]:
        """The rim in micrometres, smaller by ``share``."""
        turn = math.radians(self.angle)
        c, s = math.cos(turn), math.sin(turn)
        ring = []
        for k in range(points):
            t = math.tau * k / points
            a, b = self._rim(t)
            a, b = a * share * self.length / 2, b * share * self.width / 2
            ring.append((self.x + a * c - b * s, self.y + a * s + b * c))
        return ring

    def _rim(self, t: float) -> tuple[float, float]:
        """A point of the rim, in shares of half the length and half the width."""
        radius = 1.0 + sum(strength * math.cos((n + 2) * t + phase) for n, (strength, phase) in enumerate(self.wobble))
        a, b = math.cos(t), math.sin(t)
        if self.kind == "rod":
            # Straight sides and round ends.
            bend = self.width / self.length
            a = math.copysign(1 - bend, a) + bend * a if abs(a) > 1e-9 else 0.0
        elif self.kind == "spindle cell":
            b *= abs(b) ** 0.5
        return radius * a, radius * b


@dataclass(frozen=True, slots=True)
class Slide:
    """``width``: micrometres along a side of the square picture; the origin is its upper left corner."""

    seed: int
    sample: str
    stain: str
    width: float
    cells: tuple[Cell, ...]
    prior: Prior = "skewed"
    split: Split = "train"


def held_out(sample: str, stain: str) -> bool:
    """Whether a sample never has a stain in training."""
    return zlib.crc32(f"slide/{sample}/{stain}".encode()) % 6 == 1


def stains_of(sample: str, split: Split) -> list[str]:
    """The stains that a sample may have in a split."""
    return [stain for stain in STAINS if split != "train" or not held_out(sample, stain)]


def sample_slide(
    seed: int, *, split: Split = "train", prior: Prior = "skewed", sample: str | None = None, most: int = 7
) -> Slide:
    """Slide number ``seed`` of a split. ``most``: cells of a kind at most (2 to 15).

    Prior: skewed slides have few cells and rarely unusual ones, inverted ones the reverse, flat ones alike.

    Raises:
        ConfigError: an unknown sample, or ``most`` that does not fit.
    """
    if sample is not None and sample not in SAMPLES:
        raise ConfigError(f"There is no sample '{sample}'. {nearest(str(sample), SAMPLES)}")
    if not 2 <= most <= 15:
        raise ConfigError(f"Slides have 2 to 15 cells of a kind at most, not {most}.")
    rng = random.Random(f"cells/{split}/{prior}/{seed}")
    chosen = sample or rng.choice(list(SAMPLES))
    width = (
        {"blood": 72.0, "tissue": 92.0, "culture": 52.0}[chosen] * rng.uniform(0.92, 1.1) * (1.35 if most > 9 else 1)
    )
    stain = rng.choice(stains_of(chosen, split))
    wanted = [kind for kind in SAMPLES[chosen] for _ in range(_number(rng, prior, most))]
    if rng.random() < 0.25 and chosen != "culture":
        # Some bacteria where none belong.
        wanted += [rng.choice(SAMPLES["culture"])] * rng.randint(1, 3)
    clumped = rng.random() < 0.4
    unusual = {"skewed": 0.25, "flat": 0.5, "inverted": 0.7}[prior]
    cells: list[Cell] = []
    centre = (width * rng.uniform(0.35, 0.65), width * rng.uniform(0.35, 0.65))
    strange = rng.random() < unusual, rng.random() < unusual
    # Large ones first: they need the room.
    for kind in sorted(wanted, key=lambda kind: -_SIZES[kind][0][1]):
        for tries in range(60):
            cell = _cell(rng, kind, width, centre if clumped else None, tries, strange)
            if _fits(cell, cells, width):
                cells.append(cell)
                break
    rng.shuffle(cells)
    return Slide(seed, chosen, stain, width, tuple(cells), prior, split)


def _number(rng: random.Random, prior: Prior, most: int) -> int:
    share = rng.random()
    share = {"skewed": share**1.5, "flat": share, "inverted": 1 - share**1.5}[prior]
    return min(most, 1 + int(share * most))


def _cell(
    rng: random.Random,
    kind: str,
    width: float,
    centre: tuple[float, float] | None,
    tries: int,
    strange: tuple[bool, bool],
) -> Cell:
    (low, high), (thin, thick) = _SIZES[kind]
    length = rng.uniform(low, high)
    if centre is None:
        x, y = rng.uniform(0, width), rng.uniform(0, width)
    else:
        # Further out the longer no room was found.
        spread = width * (0.1 + 0.005 * tries)
        x, y = rng.gauss(centre[0], spread), rng.gauss(centre[1], spread)
    nucleus, dividing = NUCLEI.get(kind, 0.0), False
    if nucleus:
        nucleus *= rng.uniform(0.93, 1.07)
        if kind == "round cell":
            if strange[0] and rng.random() < 0.4:
                nucleus = rng.uniform(0.72, 0.82)
            elif strange[1] and rng.random() < 0.5:
                dividing = True
    strength = {"red cell": 0.012, "ball": 0.0, "rod": 0.0, "spindle cell": 0.02}.get(kind, 0.035)
    wobble = tuple((rng.uniform(0, strength), rng.uniform(0, math.tau)) for _ in range(3)) if strength else ()
    return Cell(kind, x, y, length, length * rng.uniform(thin, thick), rng.uniform(0, 180), nucleus, dividing, wobble)


#: Least distance between points of two rims, micrometres; the rims come a little nearer between the points.
_GAP = 1.7


def _fits(cell: Cell, others: list[Cell], width: float) -> bool:
    """Wholly on the picture, and no other cell is touched."""
    rim = _close_rim(cell)
    if rim.min() < 1.0 or rim.max() > width - 1.0:
        return False
    for other in others:
        apart = math.dist((cell.x, cell.y), (other.x, other.y))
        if apart > (cell.length + other.length) * 0.56 + _GAP:
            continue
        if apart < (cell.width + other.width) / 2:
            return False
        gaps = rim[:, None] - _close_rim(other)[None]
        if (gaps**2).sum(-1).min() < _GAP**2:
            return False
    return True


def _close_rim(cell: Cell) -> NDArray[np.float64]:
    """The rim ``[points, 2]``, with points along the straight sides of rods, where ``outline`` has none."""
    rim = np.array(cell.outline())
    if cell.kind != "rod":
        return rim
    step = np.roll(rim, -1, 0) - rim
    bare = np.hypot(*step.T) > 2 * _GAP
    between = [rim[bare] + share * step[bare] for share in np.linspace(0, 1, 9)[1:-1]]
    return np.concatenate([rim, *between])
