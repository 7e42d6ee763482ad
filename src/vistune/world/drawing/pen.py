"""Parametric vector drawing: a thing is a list of shapes in its unit box, made once and cached.

Unit box: x from -0.5 to 0.5 around the centre, y from 0 (the line it stands on) to 1 (its top); both in units of the
thing's height. Roles say which colour a shape takes when it is painted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
#: ``body`` carries colour and pattern; ``shade`` and ``tint`` are darker and lighter body; others are fixed colours.
Role = str


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon, an ellipse given by two corners, or a line with a width."""

    op: Literal["polygon", "ellipse", "line"]
    points: tuple[Point, ...]
    role: Role
    width: float = 0.0


class Pen:
    """Collects the shapes of one thing. ``wobble`` gives small variations, fixed by the variant."""

    def __init__(self, variant: int) -> None:
        self.variant = variant
        self.shapes: list[Shape] = []
        self.joints: dict[str, Point] = {}

    def wobble(self, index: int, amount: float) -> float:
        """A number in ``[-amount, amount]``, the same for the same variant and ``index``."""
        return amount * math.sin(12.9898 * (self.variant + 1) + 78.233 * (index + 1))

    def joint(self, name: str, x: float, y: float) -> None:
        """Say where a keypoint of the thing is; nothing is drawn."""
        self.joints[name] = (x, y)

    def polygon(self, role: Role, *points: Point) -> None:
        """A filled polygon."""
        self.shapes.append(Shape("polygon", points, role))

    def oval(self, role: Role, x: float, y: float, rx: float, ry: float | None = None) -> None:
        """An ellipse around (x, y)."""
        ry = rx if ry is None else ry
        self.shapes.append(Shape("ellipse", ((x - rx, y - ry), (x + rx, y + ry)), role))

    def box(self, role: Role, x0: float, y0: float, x1: float, y1: float) -> None:
        """A rectangle."""
        self.polygon(role, (x0, y0), (x1, y0), (x1, y1), (x0, y1))

    def slab(self, role: Role, x0: float, y0: float, x1: float, y1: float, r: float) -> None:
        """A rectangle with corners cut round by radius ``r``."""
        corners = ((x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180), (x1 - r, y0 + r, 270))
        points = [
            (cx + r * math.cos(math.radians(a + t)), cy + r * math.sin(math.radians(a + t)))
            for cx, cy, a in corners
            for t in (0, 45, 90)
        ]
        self.polygon(role, *points)

    def line(self, role: Role, width: float, *points: Point) -> None:
        """A line of ``width``."""
        self.shapes.append(Shape("line", points, role, width))

    def mirror(self, draw: Callable[[float], None]) -> None:
        """Draw once for each side: ``draw(-1)`` and ``draw(1)``."""
        draw(-1.0)
        draw(1.0)
