"""Kind -> drawing function, proportion and unit shapes, made once and cached."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from vistune.world.drawing import household, living, outdoors
from vistune.world.drawing.pen import Pen, Point, Shape
from vistune.world.vocabulary import KINDS

#: Variants of a drawing; ``Thing.variant`` is taken modulo this.
VARIANTS = 18

_DRAW: dict[str, Callable[[Pen, str | None], None]] = {
    kind.name: next(getattr(m, kind.name) for m in (living, household, outdoors) if hasattr(m, kind.name))
    for kind in KINDS
}

#: A kind's height against the nominal height of its size word, so that long things do not fill the picture.
PROPORTION: dict[str, float] = {
    "banana": 0.5, "carrot": 1.0, "cake": 0.75, "egg": 0.75, "pizza": 0.85, "ball": 0.8, "apple": 0.8, "drum": 0.85,
    "block": 0.75, "bed": 0.8, "sofa": 0.8, "table": 0.85, "car": 0.62, "bus": 0.85, "truck": 0.75, "boat": 1.0,
    "plane": 0.62, "bike": 0.8, "fish": 0.65, "duck": 0.85, "bird": 0.8, "cow": 0.9, "horse": 1.05, "dog": 0.9,
    "cat": 0.9, "rabbit": 0.95, "cup": 0.75, "book": 0.75, "hat": 0.6, "shoe": 0.6, "box": 0.75, "mushroom": 0.85,
    "tree": 1.35, "lamp": 1.2, "man": 1.35, "woman": 1.35, "boy": 1.15, "girl": 1.15, "umbrella": 1.15, "kite": 1.15,
    "balloon": 1.25, "flower": 1.05, "cactus": 1.1, "chair": 1.0,
}  # fmt: skip

#: Sleeping animals lie: they are lower than they stand.
_STATE_PROPORTION = {"sleeping": 0.72}


def proportion(kind: str, state: str | None) -> float:
    """Height of a thing over the nominal height of its size word."""
    return PROPORTION[kind] * _STATE_PROPORTION.get(state or "", 1.0)


@cache
def unit_shapes(kind: str, state: str | None, variant: int) -> tuple[Shape, ...]:
    """The shapes of a thing in its unit box, in drawing order."""
    return tuple(_drawn(kind, state, variant).shapes)


@cache
def unit_joints(kind: str, state: str | None, variant: int) -> dict[str, Point]:
    """The keypoints of a thing in its unit box; empty for what has none. Left and right are those of a person who
    looks at the viewer: a drawing that is flipped exchanges them."""
    return _drawn(kind, state, variant).joints


def _drawn(kind: str, state: str | None, variant: int) -> Pen:
    pen = Pen(variant % VARIANTS)
    _DRAW[kind](pen, state)
    return pen


@cache
def extent(kind: str, state: str | None, variant: int) -> tuple[float, float, float, float]:
    """Unit bounding box ``(x0, y0, x1, y1)`` of a thing's shapes; light is no part of a lamp."""
    shapes = [s for s in unit_shapes(kind, state, variant) if s.role != "glow"]
    xs = [x for s in shapes for x, _ in s.points]
    ys = [y for s in shapes for _, y in s.points]
    return min(xs), min(ys), max(xs), max(ys)
