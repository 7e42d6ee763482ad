"""Solids: boxes, ellipsoids, cylinders and cones, and where rays meet their unit bodies, in closed form.

Each solid is a unit body (between -1 and 1 on each axis), stretched by half its size, turned by its yaw and moved to its
centre. Rays are taken into the unit body's frame, where their parameter t stays the same. Coordinates come first
(``[3, rays]``), so that each is one run of memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.world.rooms.camera import Array, Vector

Shape = Literal["box", "ball", "cylinder", "cone"]
Material = Literal["plain", "striped", "checked", "wood"]
_NEVER = np.inf
#: Rays that start on a body do not meet it there.
_AWAY = 1e-6


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


def _box(start: Array, along: Array) -> Array:
    inverse = 1.0 / along
    low, high = (-1.0 - start) * inverse, (1.0 - start) * inverse
    near, far = np.fmin(low, high), np.fmax(low, high)
    t = np.maximum(np.maximum(near[0], near[1]), near[2])
    out = np.minimum(np.minimum(far[0], far[1]), far[2])
    return np.where((t <= out) & (t > _AWAY), t, _NEVER)


def _ball(start: Array, along: Array) -> Array:
    a, b, c = (along * along).sum(0), (along * start).sum(0), (start * start).sum(0) - 1.0
    t = (-b - np.sqrt(b * b - a * c)) / a
    return np.where(t > _AWAY, t, _NEVER)


def _mantle(start: Array, along: Array, slope: float) -> Array:
    """The nearer meeting with the mantle x² + y² = r(z)²: r = 1 for a cylinder, (1 - z) / 2 for a cone (slope 1/2)."""
    r = (1.0 - start[2]) * slope if slope else 1.0
    dr = -slope * along[2]
    a = along[0] ** 2 + along[1] ** 2 - dr * dr
    b = along[0] * start[0] + along[1] * start[1] - r * dr
    c = start[0] ** 2 + start[1] ** 2 - r * r
    spread = np.sqrt(b * b - a * c)
    both = np.stack([(-b - spread) / a, (-b + spread) / a])
    z = start[2] + both * along[2]
    return np.where((both > _AWAY) & (np.abs(z) <= 1.0), both, _NEVER).min(0)


def _cap(start: Array, along: Array, level: float) -> Array:
    """Meeting with the disc of radius 1 at z = ``level``, from outside."""
    t = (level - start[2]) / along[2]
    x, y = start[0] + t * along[0], start[1] + t * along[1]
    return np.where((x * x + y * y <= 1.0) & (t > _AWAY) & (along[2] * level < 0), t, _NEVER)


def _cylinder(start: Array, along: Array) -> Array:
    ends = np.minimum(_cap(start, along, 1.0), _cap(start, along, -1.0))
    return np.minimum(_mantle(start, along, 0.0), ends)


def _cone(start: Array, along: Array) -> Array:
    return np.minimum(_mantle(start, along, 0.5), _cap(start, along, -1.0))


#: By shape: t at which rays from ``start`` along ``along`` (both ``[3, rays]``) first meet the unit body from outside,
#: infinite for a miss.
MEETINGS: dict[Shape, Callable[[Array, Array], Array]] = {
    "box": _box,
    "ball": _ball,
    "cylinder": _cylinder,
    "cone": _cone,
}


def outward(shape: Shape, points: Array) -> Array:
    """Outward normals of a unit body at points of its surface, not of unit length: both ``[3, points]``."""
    if shape == "ball":
        return points
    if shape == "box":
        axis = np.abs(points).argmax(0)
        return np.where(axis == np.arange(3)[:, None], np.sign(points), 0.0)
    x, y, z = points
    end = np.abs(z) >= 1.0 - 1e-9 if shape == "cylinder" else z <= -1.0 + 1e-9
    rise = np.zeros_like(z) if shape == "cylinder" else 0.25 * (1.0 - z)
    return np.where(end, np.stack([np.zeros_like(x), np.zeros_like(y), np.sign(z)]), np.stack([x, y, rise]))


def pattern(material: Material, metres: Array) -> NDArray[np.float64]:
    """How light a material is at points ``[3, points]`` (metres, in the solid's frame): factors ``[points]`` of its colour."""
    if material == "striped":
        return np.where(np.floor(metres[2] / 0.11 + 1e-4) % 2 == 0, 1.0, 0.62)
    if material == "checked":
        cells = np.floor(metres / 0.14 + 1e-4).sum(0)
        return np.where(cells % 2 == 0, 1.0, 0.66)
    if material == "wood":
        grain = np.sin(38 * metres[0] + 5 * np.sin(3 * metres[1])) + 0.5 * np.sin(91 * metres[0] + 2.0)
        return 0.94 + 0.045 * grain
    return np.ones(metres.shape[1])
