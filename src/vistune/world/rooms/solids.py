"""Solids: boxes, ellipsoids, cylinders and cones, and where rays meet them, in closed form.

Each solid is a unit body (between -1 and 1 on each axis), stretched by half its size, turned by its yaw and moved to its
centre. Rays are taken into the unit body's frame, where their parameter t stays the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.world.rooms.camera import Array, Vector

Shape = Literal["box", "ball", "cylinder", "cone"]
Material = Literal["plain", "striped", "checked", "wood"]
_NEVER = np.inf


@dataclass(frozen=True)
class Solid:
    """``size``: whole extents in metres along its own axes; ``yaw``: turn about z, radians; ``thing``: whose part it is."""

    shape: Shape
    centre: Vector
    size: Vector
    colour: tuple[int, int, int]
    yaw: float = 0.0
    thing: int = -1
    material: Material = "plain"

    @cached_property
    def turn(self) -> Array:
        """From the solid's frame to the world's: ``[3, 3]``."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])

    @cached_property
    def half(self) -> Array:
        """Half the size: ``[3]``."""
        return np.asarray(self.size) / 2

    @cached_property
    def corners(self) -> Array:
        """Corners of its box in the world: ``[8, 3]``."""
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
        return (signs * self.half) @ self.turn.T + np.asarray(self.centre)

    def to_unit(self, origin: Array, directions: Array) -> tuple[Array, Array]:
        """A ray's origin ``[3]`` and directions ``[rays, 3]`` in the unit body's frame."""
        scaled = self.turn / self.half
        return (origin - np.asarray(self.centre)) @ scaled, directions @ scaled

    def hit(self, origin: Array, directions: Array) -> tuple[NDArray[np.float64], Array, Array]:
        """Where rays from one origin first meet the solid from outside.

        -> t ``[rays]`` (infinite for a miss), outward unit normals in the world ``[rays, 3]``, and the points in the
        unit frame ``[rays, 3]`` (for patterns).
        """
        t, normal, local, _ = self.hit_before(origin, directions, None)
        return t, normal, local

    def hit_before(
        self, origin: Array, directions: Array, limit: NDArray[np.float64] | None
    ) -> tuple[NDArray[np.float64], Array, Array, NDArray[np.intp]]:
        """The same for the rays alone that meet the solid before ``limit`` ``[rays]``, and their numbers."""
        start, along = self.to_unit(origin, directions)
        t, normal = _HITS[self.shape](start, along)
        rays = np.arange(len(t)) if limit is None else np.flatnonzero(t < limit)
        if limit is not None:
            t, normal, along = t[rays], normal[rays], along[rays]
        met = np.where(np.isfinite(t), t, 0.0)
        local = start + along * met[:, None]
        world = (normal / self.half) @ self.turn.T
        length = np.sqrt((world * world).sum(1, keepdims=True))
        return t, world / np.maximum(length, 1e-12), local, rays


def _box(start: Array, along: Array) -> tuple[Array, Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / along
        low, high = (-1.0 - start) * inverse, (1.0 - start) * inverse
    entering = np.fmin(low, high)
    leaving = np.fmax(low, high)
    axis = entering.argmax(1)
    near = entering[np.arange(len(axis)), axis]
    good = (near <= leaving.min(1)) & (near > 1e-6)
    normal = np.zeros_like(along)
    rows = np.arange(len(axis))
    normal[rows, axis] = -np.sign(along[rows, axis])
    return np.where(good, near, _NEVER), normal


def _ball(start: Array, along: Array) -> tuple[Array, Array]:
    a, b, c = (along * along).sum(1), along @ start, float(start @ start) - 1.0
    root = b * b - a * c
    with np.errstate(invalid="ignore"):
        near = (-b - np.sqrt(root)) / a
    good = (root >= 0) & (near > 1e-6)
    t = np.where(good, near, _NEVER)
    return t, start + along * np.where(good, near, 0.0)[:, None]


def _side(start: Array, along: Array, slope: float) -> tuple[Array, Array]:
    """The nearer meeting with the mantle x² + y² = r(z)², r = 1 for a cylinder, (1 - z) / 2 for a cone (slope 1/2)."""
    r0 = 1.0 if slope == 0 else (1.0 - start[2]) * slope
    dr = -slope * along[:, 2]
    a = along[:, 0] ** 2 + along[:, 1] ** 2 - dr * dr
    b = along[:, 0] * start[0] + along[:, 1] * start[1] - r0 * dr
    c = start[0] ** 2 + start[1] ** 2 - r0 * r0
    root = b * b - a * c
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(root)
        both = np.stack([(-b - spread) / a, (-b + spread) / a])
        z = start[2] + both * along[:, 2]
        both = np.where((root >= 0) & (both > 1e-6) & (np.abs(z) <= 1.0), both, _NEVER)
    t = both.min(0)
    point = start + along * np.where(np.isfinite(t), t, 0.0)[:, None]
    radius = slope * (1.0 - point[:, 2]) * slope if slope else np.zeros(len(t))
    return t, np.stack([point[:, 0], point[:, 1], radius], 1)


def _cap(start: Array, along: Array, level: float) -> Array:
    """Meeting with the disc of radius 1 at z = ``level``, from outside."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (level - start[2]) / along[:, 2]
        x, y = start[0] + t * along[:, 0], start[1] + t * along[:, 1]
        good = (x * x + y * y <= 1.0) & (t > 1e-6) & (along[:, 2] * level < 0)
    return np.where(good, t, _NEVER)


def _with_caps(start: Array, along: Array, slope: float, levels: tuple[float, ...]) -> tuple[Array, Array]:
    t, normal = _side(start, along, slope)
    for level in levels:
        cap = _cap(start, along, level)
        nearer = cap < t
        t = np.where(nearer, cap, t)
        normal = np.where(nearer[:, None], (0.0, 0.0, level), normal)
    return t, normal


_HITS: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "box": _box,
    "ball": _ball,
    "cylinder": lambda start, along: _with_caps(start, along, 0.0, (1.0, -1.0)),
    "cone": lambda start, along: _with_caps(start, along, 0.5, (-1.0,)),
}


def pattern(material: Material, local: Array, half: Array) -> NDArray[np.float64]:
    """How light a material is at points of a solid: factors ``[points]`` of its colour. ``local``: in the unit frame."""
    if material == "plain":
        return np.ones(len(local))
    metres = local * half
    if material == "striped":
        return np.where(np.floor(metres[:, 2] / 0.11 + metres[:, 0] * 0.0) % 2 == 0, 1.0, 0.62)
    if material == "checked":
        cells = np.floor(metres / 0.14 + 1e-4).sum(1)
        return np.where(cells % 2 == 0, 1.0, 0.66)
    grain = np.sin(38 * metres[:, 0] + 5 * np.sin(3 * metres[:, 1])) + 0.5 * np.sin(91 * metres[:, 0] + 2.0)
    return 0.94 + 0.045 * grain
