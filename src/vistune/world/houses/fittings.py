"""What stands in houses: the furniture of rooms, what kitchens and bathrooms need, and what hangs on walls."""

from __future__ import annotations

from vistune.world.rooms.furniture import FURNISHINGS, SCALES, Furnishing

_EXTRA = (
    Furnishing("stove", "stoves", "furniture", (0.62, 0.6, 0.9), "wall",
        (("box", (0, -0.02, 0.48), (1, 0.94, 0.94), "body"), ("box", (0, 0, 0.97), (1, 1, 0.05), "dark"),
         ("box", (0, 0.46, 0.4), (0.72, 0.03, 0.42), "screen"), ("cylinder", (0, 0.475, 0.68), (0.7, 0.04, 0.03), "metal"),
         *(("cylinder", (x, y, 0.997), (0.34, 0.34, 0.006), "screen") for x in (-0.24, 0.24) for y in (-0.2, 0.24)),
         *(("ball", (x, 0.47, 0.86), (0.09, 0.06, 0.06), "cream") for x in (-0.3, -0.1, 0.1, 0.3)))),
    Furnishing("fridge", "fridges", "furniture", (0.7, 0.66, 1.75), "wall",
        (("box", (0, -0.03, 0.5), (1, 0.94, 1), "body"), ("box", (0, 0.44, 0.66), (0.97, 0.05, 0.62), "tint"),
         ("box", (0, 0.44, 0.17), (0.97, 0.05, 0.3), "tint"), ("box", (-0.38, 0.48, 0.62), (0.05, 0.04, 0.3), "metal"),
         ("box", (-0.38, 0.48, 0.22), (0.05, 0.04, 0.12), "metal"))),
    Furnishing("sink", "sinks", "furniture", (0.8, 0.5, 1.05), "wall",
        (("box", (0, -0.02, 0.4), (0.94, 0.92, 0.74), "body"), ("box", (0, 0, 0.79), (1, 1, 0.07), "white"),
         ("box", (0, 0.08, 0.827), (0.66, 0.56, 0.006), "water"), ("cylinder", (0, -0.34, 0.91), (0.05, 0.08, 0.18), "metal"),
         ("box", (0, -0.22, 0.985), (0.05, 0.34, 0.03), "metal"), ("box", (0.2, 0.44, 0.55), (0.04, 0.02, 0.2), "metal"))),
    Furnishing("bath", "baths", "furniture", (1.65, 0.76, 0.58), "wall",
        (("box", (0, 0, 0.47), (1, 1, 0.94), "body"), ("box", (0, 0, 0.96), (1, 1, 0.08), "white"),
         ("box", (0, 0, 1.003), (0.86, 0.74, 0.008), "water"), ("cylinder", (-0.46, 0, 1.1), (0.03, 0.06, 0.2), "metal"))),
    Furnishing("toilet", "toilets", "furniture", (0.4, 0.66, 0.82), "wall",
        (("box", (0, -0.38, 0.72), (1, 0.24, 0.56), "white"), ("cylinder", (0, 0.1, 0.22), (0.6, 0.6, 0.44), "white"),
         ("cylinder", (0, 0.12, 0.47), (0.92, 0.74, 0.08), "body"), ("box", (0, -0.38, 0.985), (1.0, 0.26, 0.03), "body"))),
    Furnishing("desk", "desks", "furniture", (1.3, 0.66, 1.2), "wall",
        (("box", (0, 0, 0.6), (1, 1, 0.05), "body"), ("box", (-0.46, 0, 0.29), (0.06, 0.92, 0.58), "wood"),
         ("box", (0.36, 0, 0.29), (0.26, 0.92, 0.58), "body"), ("box", (0, -0.2, 0.8), (0.42, 0.06, 0.3), "screen"),
         ("box", (0, -0.2, 0.64), (0.08, 0.12, 0.06), "metal"), ("box", (0, 0.16, 0.63), (0.34, 0.2, 0.02), "metal"))),
    Furnishing("picture", "pictures", "item", (0.85, 0.05, 0.62), "hung",
        (("box", (0, -0.1, 0.5), (1, 0.8, 1), "dark"), ("box", (0, 0.25, 0.5), (0.86, 0.4, 0.82), "body"),
         ("box", (0, 0.42, 0.36), (0.86, 0.12, 0.34), "shade"), ("ball", (0.2, 0.44, 0.64), (0.22, 0.1, 0.3), "tint"))),
)  # fmt: skip

#: What a window is made of; it is no landmark and has no colour of its own.
WINDOW = Furnishing("window", "windows", "item", (1.25, 0.06, 1.15), "hung",
    (("box", (0, 0, 0.5), (1, 0.7, 1), "white"), ("box", (-0.235, 0.1, 0.5), (0.43, 0.8, 0.88), "sky"),
     ("box", (0.235, 0.1, 0.5), (0.43, 0.8, 0.88), "sky"), ("box", (0, 0.1, 0.015), (1.06, 1.6, 0.04), "white")))  # fmt: skip

FITTINGS: dict[str, Furnishing] = {**FURNISHINGS, **{kind.name: kind for kind in _EXTRA}}
#: Metres from the floor to the lower edge of what hangs.
HUNG = 1.3
WINDOW_SILL = 0.95
#: Large things vary less than small ones.
_LARGE = {"small": 0.88, "medium": 1.0, "big": 1.1}


def measures(kind: str, size: str) -> tuple[float, float, float]:
    """Width, length and height of a thing in metres."""
    about = FITTINGS[kind]
    scale = (SCALES if about.place == "top" else _LARGE)[size]
    x, y, z = about.size
    return x * scale, y * scale, z if kind == "rug" else z * scale


#: Kind of room -> what it always has, and what it may have with weights: so a room is known by what is in it.
ALWAYS: dict[str, tuple[str, ...]] = {
    "hall": ("cupboard",),
    "kitchen": ("stove", "fridge", "sink"),
    "living room": ("sofa",),
    "dining room": ("table", "chair", "chair"),
    "bedroom": ("bed",),
    "bathroom": ("bath", "toilet"),
    "study": ("desk", "shelf"),
    "playroom": ("block", "ball", "drum"),
}
MAYBE: dict[str, dict[str, float]] = {
    "hall": {"plant": 5, "picture": 6, "rug": 4, "lamp": 3, "stool": 3},
    "kitchen": {"table": 5, "stool": 4, "cup": 5, "picture": 2, "plant": 2},
    "living room": {"lamp": 5, "rug": 5, "plant": 5, "shelf": 4, "picture": 5, "table": 3, "book": 3},
    "dining room": {"vase": 5, "cup": 5, "cupboard": 4, "picture": 4, "plant": 3, "rug": 2},
    "bedroom": {"lamp": 5, "cupboard": 4, "rug": 4, "picture": 4, "stool": 3, "book": 3},
    "bathroom": {"sink": 7, "stool": 4, "plant": 3, "rug": 3, "vase": 2},
    "study": {"chair": 7, "lamp": 4, "book": 4, "picture": 4, "plant": 3, "box": 3},
    "playroom": {"rug": 5, "cone": 5, "box": 5, "stool": 3, "picture": 3, "shelf": 3},
}  # fmt: skip
ROOM_KINDS: tuple[str, ...] = tuple(ALWAYS)
#: How usual a kind of room is, under the skewed prior.
USUAL: dict[str, float] = {
    "kitchen": 6, "living room": 6, "bedroom": 6, "bathroom": 5, "dining room": 2, "study": 1.5, "playroom": 1,
}  # fmt: skip
