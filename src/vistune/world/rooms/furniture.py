"""Furniture and things, each built of a few solids in its own frame: x across, y from back to front, z up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from vistune.world.drawing.backdrop import mix
from vistune.world.rooms.solids import Material, Shape, Solid
from vistune.world.vocabulary import COLOURS

Colour = tuple[int, int, int]
#: A part: shape, centre, size (shares of the whole thing's size; z from 0 to 1), colour role.
Part = tuple[Shape, tuple[float, float, float], tuple[float, float, float], str]

#: sRGB of the named colours, a little softer than in drawings, so that shading can be seen.
SOFT: dict[str, Colour] = {name: mix(colour, (150, 140, 130), 0.12) for name, colour in COLOURS.items()}
FIXED: dict[str, Colour] = {
    "wood": (164, 116, 74), "dark": (88, 66, 52), "leaf": (74, 142, 70), "metal": (150, 152, 158), "pot": (190, 112, 74),
    "cream": (244, 236, 216), "white": (246, 244, 238), "screen": (40, 44, 54), "water": (176, 214, 230), "sky": (186, 220, 244),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Furnishing:
    """A kind of thing in rooms: its words, its size in metres (x, y, z) when medium, and where it can be.

    ``place``: "floor", "wall" (on the floor, its back to a wall), "top" (small, on furniture or the floor) or "rug".
    ``carries``: height of its top as a share of its own, for what things stand on; 0 for nothing.
    """

    name: str
    plural: str
    group: str
    size: tuple[float, float, float]
    place: str
    parts: tuple[Part, ...]
    carries: float = 0.0


def _legs(spread: float, thick: float, high: float, role: str = "wood") -> tuple[Part, ...]:
    far = spread / 2 - thick / 2
    return tuple(("box", (x, y, high / 2), (thick, thick, high), role) for x in (-far, far) for y in (-far, far))


_ALL = (
    Furnishing("table", "tables", "furniture", (1.4, 0.85, 0.74), "floor",
        (("box", (0, 0, 0.95), (1, 1, 0.1), "body"), *_legs(0.92, 0.07, 0.9)), 1.0),
    Furnishing("chair", "chairs", "furniture", (0.5, 0.5, 0.95), "floor",
        (("box", (0, 0.02, 0.47), (1, 0.96, 0.07), "body"), ("box", (0, -0.45, 0.75), (1, 0.1, 0.5), "body"), *_legs(0.96, 0.1, 0.44))),
    Furnishing("sofa", "sofas", "furniture", (1.9, 0.9, 0.8), "wall",
        (("box", (0, 0.06, 0.28), (0.96, 0.86, 0.4), "body"), ("box", (0, -0.38, 0.55), (1, 0.24, 0.9), "body"),
         ("box", (-0.44, 0.02, 0.4), (0.12, 0.94, 0.64), "shade"), ("box", (0.44, 0.02, 0.4), (0.12, 0.94, 0.64), "shade"),
         ("box", (-0.2, 0.1, 0.53), (0.37, 0.7, 0.13), "tint"), ("box", (0.2, 0.1, 0.53), (0.37, 0.7, 0.13), "tint"))),
    Furnishing("bed", "beds", "furniture", (1.4, 2.0, 0.8), "wall",
        (("box", (0, 0, 0.2), (1, 1, 0.28), "wood"), ("box", (0, 0.02, 0.45), (0.96, 0.95, 0.24), "cream"),
         ("box", (0, 0.18, 0.5), (0.99, 0.64, 0.24), "body"), ("box", (0, -0.48, 0.5), (1, 0.04, 1.0), "wood"),
         ("ball", (-0.23, -0.33, 0.6), (0.4, 0.2, 0.2), "white"), ("ball", (0.23, -0.33, 0.6), (0.4, 0.2, 0.2), "white"))),
    Furnishing("lamp", "lamps", "furniture", (0.45, 0.45, 1.55), "floor",
        (("cylinder", (0, 0, 0.015), (0.7, 0.7, 0.03), "dark"), ("cylinder", (0, 0, 0.4), (0.08, 0.08, 0.78), "dark"),
         ("cone", (0, 0, 0.86), (1, 1, 0.28), "body"))),
    Furnishing("shelf", "shelves", "furniture", (0.9, 0.35, 1.7), "wall",
        (("box", (-0.475, 0, 0.5), (0.05, 1, 1), "body"), ("box", (0.475, 0, 0.5), (0.05, 1, 1), "body"),
         ("box", (0, -0.47, 0.5), (0.92, 0.06, 1), "shade"),
         *(("box", (0, 0, z), (0.92, 1, 0.03), "body") for z in (0.03, 0.28, 0.52, 0.76, 0.98)),
         *(("box", (x, 0, z), (0.08, 0.7, 0.17), role) for x, z, role in
           ((-0.35, 0.13, "pot"), (-0.24, 0.13, "leaf"), (0.3, 0.38, "screen"), (0.18, 0.38, "cream"), (-0.3, 0.62, "metal"), (0.33, 0.86, "pot"))))),
    Furnishing("cupboard", "cupboards", "furniture", (1.1, 0.5, 0.9), "wall",
        (("box", (0, -0.04, 0.53), (1, 0.92, 0.94), "body"), ("box", (0, -0.04, 0.03), (0.94, 0.86, 0.06), "dark"),
         ("box", (-0.24, 0.43, 0.53), (0.44, 0.02, 0.8), "tint"), ("box", (0.24, 0.43, 0.53), (0.44, 0.02, 0.8), "tint"),
         ("ball", (-0.06, 0.465, 0.56), (0.04, 0.07, 0.05), "dark"), ("ball", (0.06, 0.465, 0.56), (0.04, 0.07, 0.05), "dark")), 1.0),
    Furnishing("stool", "stools", "furniture", (0.42, 0.42, 0.5), "floor",
        (("cylinder", (0, 0, 0.93), (1, 1, 0.14), "body"), *_legs(0.66, 0.1, 0.86)), 1.0),
    Furnishing("plant", "plants", "plant", (0.6, 0.6, 1.15), "floor",
        (("cylinder", (0, 0, 0.14), (0.55, 0.55, 0.28), "body"), ("cylinder", (0, 0, 0.4), (0.07, 0.07, 0.3), "dark"),
         ("ball", (0, 0, 0.72), (0.85, 0.85, 0.5), "leaf"), ("ball", (0.2, 0.15, 0.58), (0.6, 0.6, 0.34), "leaf"),
         ("ball", (-0.2, -0.12, 0.6), (0.6, 0.6, 0.34), "leaf"))),
    Furnishing("rug", "rugs", "furniture", (2.0, 1.4, 0.02), "rug",
        (("box", (0, 0, 0.45), (1, 1, 0.9), "body"), ("box", (0, 0, 0.5), (0.84, 0.8, 1), "tint"))),
    Furnishing("box", "boxes", "item", (0.42, 0.36, 0.34), "top", (("box", (0, 0, 0.5), (1, 1, 1), "body"),)),
    Furnishing("ball", "balls", "toy", (0.34, 0.34, 0.34), "top", (("ball", (0, 0, 0.5), (1, 1, 1), "body"),)),
    Furnishing("drum", "drums", "toy", (0.4, 0.4, 0.36), "top",
        (("cylinder", (0, 0, 0.5), (0.94, 0.94, 0.96), "body"), ("cylinder", (0, 0, 0.95), (1, 1, 0.1), "cream"),
         ("cylinder", (0, 0, 0.05), (1, 1, 0.1), "cream"))),
    Furnishing("cone", "cones", "toy", (0.36, 0.36, 0.46), "top", (("cone", (0, 0, 0.5), (1, 1, 1), "body"),)),
    Furnishing("block", "blocks", "toy", (0.3, 0.3, 0.3), "top", (("box", (0, 0, 0.5), (1, 1, 1), "body"),)),
    Furnishing("vase", "vases", "item", (0.26, 0.26, 0.42), "top",
        (("ball", (0, 0, 0.36), (1, 1, 0.72), "body"), ("cylinder", (0, 0, 0.8), (0.42, 0.42, 0.4), "body"))),
    Furnishing("cup", "cups", "item", (0.2, 0.2, 0.2), "top",
        (("cylinder", (-0.07, 0, 0.49), (0.86, 0.86, 0.98), "body"), ("cylinder", (-0.07, 0, 0.95), (0.7, 0.7, 0.1), "dark"),
         ("box", (0.42, 0, 0.5), (0.16, 0.16, 0.5), "body"))),
    Furnishing("book", "books", "item", (0.3, 0.4, 0.09), "top",
        (("box", (-0.01, 0, 0.5), (0.98, 1, 1), "body"), ("box", (0.01, 0, 0.5), (0.98, 0.95, 0.7), "cream"))),
)  # fmt: skip

FURNISHINGS: dict[str, Furnishing] = {kind.name: kind for kind in _ALL}
#: A small or big thing's size against a medium one's. Furniture varies less than what stands on it.
SCALES = {"small": 0.72, "medium": 1.0, "big": 1.4}
FURNITURE_SCALES = {"small": 0.85, "medium": 1.0, "big": 1.15}
#: Parts that carry the thing's pattern.
_PATTERNED = frozenset({"body"})


def extent(kind: str, size: str) -> tuple[float, float, float]:
    """Width, length and height of a thing in metres."""
    about = FURNISHINGS[kind]
    scale = (SCALES if about.place == "top" else FURNITURE_SCALES)[size]
    x, y, z = about.size
    return x * scale, y * scale, z if kind == "rug" else z * scale


def _colour(role: str, body: Colour) -> Colour:
    if role == "body":
        return body
    if role == "shade":
        return mix(body, (30, 25, 30), 0.14)
    if role == "tint":
        return mix(body, (255, 255, 255), 0.22)
    return FIXED[role]


def assemble(
    about: Furnishing, whole: tuple[float, float, float], colour: str, material: Material, thing: int
) -> tuple[Solid, ...]:
    """The solids of a thing of size ``whole`` (metres) at the origin, unturned."""
    size = np.array(whole)
    body = SOFT[colour]
    solids = []
    for shape, centre, part, role in about.parts:
        made = material if role in _PATTERNED else ("wood" if role == "wood" else "plain")
        middle, spread = size * centre, size * part
        solids.append(
            Solid(
                shape,
                (float(middle[0]), float(middle[1]), float(middle[2])),
                (float(spread[0]), float(spread[1]), float(spread[2])),
                _colour(role, body),
                0.0,
                thing,
                made,
            )
        )
    return tuple(solids)


@lru_cache(maxsize=4096)
def build(kind: str, size: str, colour: str, material: Material, thing: int) -> tuple[Solid, ...]:
    """The solids of a thing in a room at the origin, unturned."""
    return assemble(FURNISHINGS[kind], extent(kind, size), colour, material, thing)


def placed(solids: tuple[Solid, ...], x: float, y: float, z: float, yaw: float) -> list[Solid]:
    """The solids of a thing, turned and moved to where it stands."""
    c, s = np.cos(yaw), np.sin(yaw)
    moved = []
    for solid in solids:
        px, py, pz = solid.centre
        centre = (float(x + c * px - s * py), float(y + s * px + c * py), float(z + pz))
        moved.append(replace(solid, centre=centre, yaw=solid.yaw + yaw))
    return moved
