"""``Site``: a square piece of land seen from above: parcels of land use, roads, and things with headings. North is up."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vistune.world.scene import Prior, Split

Point = tuple[float, float]
LANDS = ("field", "meadow", "wood", "water", "town", "yard")
CLASSES = ("farmland", "town", "harbour", "airport", "works", "forest")
KINDS = ("house", "ship", "plane", "car", "tank")
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (196, 62, 52), "blue": (58, 104, 176), "white": (238, 238, 234), "yellow": (232, 190, 66),
    "grey": (128, 132, 140), "brown": (138, 94, 62),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle in the site's own directions (``u`` to the right, ``v`` up, before the turn), in metres."""

    u0: float
    v0: float
    u1: float
    v1: float

    def inset(self, by: float) -> Block:
        """Smaller by ``by`` on each side."""
        return Block(self.u0 + by, self.v0 + by, self.u1 - by, self.v1 - by)

    @property
    def width(self) -> float:
        """Along ``u``."""
        return self.u1 - self.u0

    @property
    def height(self) -> float:
        """Along ``v``."""
        return self.v1 - self.v0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A block with one land use. ``tint`` and ``along`` (rows along u or v) vary its look."""

    land: str
    block: Block
    tint: int
    along: bool


@dataclass(frozen=True, slots=True)
class Structure:
    """A thing seen from above: centre and size in metres, ``heading`` in degrees clockwise from north.

    The rotated box is exact: ``length`` along the heading, ``width`` across it. x to the east, y to the north, from the
    middle of the site.
    """

    kind: str
    colour: str
    x: float
    y: float
    length: float
    width: float
    heading: float

    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Front right, back right, back left, front left."""
        return tuple(self.at(a, b) for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1)))  # type: ignore[return-value]

    def at(self, ahead: float, right: float) -> Point:
        """The point at shares of half the length and half the width."""
        angle = math.radians(self.heading)
        s, c = math.sin(angle), math.cos(angle)
        a, b = ahead * self.length / 2, right * self.width / 2
        return self.x + a * s + b * c, self.y + a * c - b * s


@dataclass(frozen=True, slots=True)
class Site:
    """``metres``: the side of the square. ``turn``: of the parcels, degrees against the clock. ``runway``: a block, or None.

    Roads are blocks too. Things lie wholly on the picture and do not overlap.
    """

    seed: int
    scene: str
    metres: float
    turn: float
    parcels: tuple[Parcel, ...]
    roads: tuple[Block, ...]
    runway: Block | None
    things: tuple[Structure, ...]
    prior: Prior = "skewed"
    split: Split = "train"

    def world(self, u: float, v: float) -> Point:
        """Metres east and north of the middle."""
        angle = math.radians(self.turn)
        c, s = math.cos(angle), math.sin(angle)
        return u * c - v * s, u * s + v * c

    def ring(self, block: Block) -> tuple[Point, Point, Point, Point]:
        """A block's corners in metres, against the clock."""
        return (
            self.world(block.u0, block.v0), self.world(block.u1, block.v0), self.world(block.u1, block.v1),
            self.world(block.u0, block.v1),
        )  # fmt: skip

    def pixel(self, point: Point, size: int) -> Point:
        """Where a place lies on a picture of ``size`` pixels."""
        return (point[0] / self.metres + 0.5) * size, (0.5 - point[1] / self.metres) * size

    def shares(self) -> dict[str, float]:
        """Land use -> share of the picture; what is left are roads and runways."""
        found: dict[str, float] = dict.fromkeys(LANDS, 0.0)
        for parcel in self.parcels:
            found[parcel.land] += clipped_area(self.ring(parcel.block), self.metres / 2) / self.metres**2
        if self.runway is not None:
            yard = clipped_area(self.ring(self.runway), self.metres / 2) / self.metres**2
            found["meadow"] -= yard
        return found


def clipped_area(ring: tuple[Point, ...], half: float) -> float:
    """Area of a convex polygon within the square [-half, half] (Sutherland and Hodgman's clipping)."""
    points = list(ring)
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        kept: list[Point] = []
        for a, b in zip(points, points[1:] + points[:1]):
            da, db = half - sign * a[axis], half - sign * b[axis]
            if da >= 0:
                kept.append(a)
            if da * db < 0:
                t = da / (da - db)
                kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        points = kept
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1]))) / 2
