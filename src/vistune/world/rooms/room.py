"""``Room``: a furnished room as a value, and how one is sampled."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.world.rooms.camera import Array, Camera
from vistune.world.rooms.caster import View, cast
from vistune.world.rooms.furniture import FURNISHINGS, build, extent, placed
from vistune.world.rooms.shell import Shell
from vistune.world.rooms.solids import Material, Solid
from vistune.world.scene import Prior, Split
from vistune.world.vocabulary import COLOURS

_TRIES = 60
#: Things keep this far apart on the floor, and from walls that they do not stand at, in metres.
GAP = 0.12
_AROUND = ((-1, -1), (-1, 1), (1, 1), (1, -1))
#: Cameras are at a person's eyes.
EYES = 1.7


@dataclass(frozen=True, slots=True)
class Furniture:
    """One thing: its foot is at (x, y, z); ``yaw`` turns its front (+y at 0) counter-clockwise, in radians.

    ``on`` is the number of the thing that it stands on, or None for the floor.
    """

    kind: str
    colour: str
    size: str
    material: Material
    x: float
    y: float
    z: float
    yaw: float
    on: int | None = None

    @property
    def extent(self) -> tuple[float, float, float]:
        """Width, length and height in metres."""
        return extent(self.kind, self.size)

    @property
    def centre(self) -> tuple[float, float, float]:
        """The middle of its box."""
        return self.x, self.y, self.z + self.extent[2] / 2

    def corners(self) -> Array:
        """Corners of its turned box in the world: ``[8, 3]``."""
        half = np.array(self.extent) / 2
        signs = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)], float) * half
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        return signs @ turn.T + np.array(self.centre)

    def footprint(self) -> Array:
        """Its four corners on the floor, one after the other around it: ``[4, 2]``."""
        return footprint(self.x, self.y, *self.extent[:2], self.yaw)


def footprint(x: float, y: float, wide: float, deep: float, yaw: float) -> Array:
    """The corners of a turned rectangle around (x, y), one after the other around it: ``[4, 2]``."""
    c, s = math.cos(yaw) / 2, math.sin(yaw) / 2
    across, along = (c * wide, s * wide), (-s * deep, c * deep)
    return np.array([(x + i * across[0] + j * along[0], y + i * across[1] + j * along[1]) for i, j in _AROUND])


@dataclass(frozen=True, slots=True)
class Room:
    """A shell, what stands in it, and the cameras that look at it."""

    seed: int
    shell: Shell
    things: tuple[Furniture, ...]
    cameras: tuple[Camera, ...]
    prior: Prior = "skewed"
    split: Split = "train"

    def solids(self) -> list[Solid]:
        """All solids; ``thing`` is the number of the thing that each is a part of."""
        return list(_solids(self.things))


@lru_cache(maxsize=64)
def _solids(things: tuple[Furniture, ...]) -> tuple[Solid, ...]:
    parts: list[Solid] = []
    for number, thing in enumerate(things):
        made = build(thing.kind, thing.size, thing.colour, thing.material, number)
        parts += placed(made, thing.x, thing.y, thing.z, thing.yaw)
    return tuple(parts)


def look(room: Room, camera: int = 0, height: int = 64, width: int = 64) -> View:
    """What camera number ``camera`` of the room sees."""
    return cast(room.solids(), room.shell, room.cameras[camera], height, width)


def render(room: Room, size: int = 64, camera: int = 0) -> NDArray[np.uint8]:
    """The picture that a camera takes: uint8 ``[size, size, 3]``.

    Raises:
        ConfigError: ``size`` is less than one pixel.
    """
    if size < 1:
        raise ConfigError(f"A picture of {size} x {size} pixels cannot be drawn: give a size of 1 or more.")
    return look(room, camera, size, size).rgb


#: What is usual in a room, by its sort: weights of kinds; what is not named is rare.
SORTS: dict[str, dict[str, float]] = {
    "living room": {"sofa": 9, "table": 6, "lamp": 6, "rug": 6, "plant": 5, "shelf": 5, "book": 4, "cup": 4, "vase": 4},
    "bedroom": {"bed": 10, "lamp": 6, "cupboard": 5, "rug": 5, "book": 5, "shelf": 3, "stool": 3, "chair": 3},
    "dining room": {"table": 10, "chair": 10, "cup": 8, "vase": 6, "cupboard": 5, "plant": 4, "stool": 2},
    "playroom": {"ball": 9, "block": 9, "drum": 7, "cone": 7, "box": 7, "rug": 6, "stool": 4, "shelf": 4, "table": 3},
}  # fmt: skip
_RARE = 0.4
#: Share of rooms in which half of the things are of one kind: chairs around a table.
_REPEATED = 0.35
_WALLS = ((232, 226, 210), (214, 226, 230), (236, 218, 206), (220, 230, 212), (228, 220, 234), (238, 234, 226))
_FLOORS = (
    ((190, 150, 110), "boards"),
    ((150, 112, 80), "boards"),
    ((206, 202, 194), "tiles"),
    ((196, 186, 170), "carpet"),
)
_MATERIALS: tuple[Material, ...] = ("plain", "striped", "checked")


def held_out(colour: str, kind: str) -> bool:
    """Whether a colour and a kind never meet in training: one pair in twenty, spread evenly."""
    colours, kinds = list(COLOURS), list(FURNISHINGS)
    return (colours.index(colour) * 7 + kinds.index(kind) * 3) % 20 == 11


def sample_room(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    min_things: int = 3,
    max_things: int = 7,
    cameras: int = 2,
) -> Room:
    """Room number ``seed`` of a split; training lacks the held-out pairs of colour and kind.

    Raises:
        ConfigError: an impossible number of things or cameras.
    """
    if not 1 <= min_things <= max_things or cameras < 1:
        raise ConfigError(f"A room has {min_things} to {max_things} things and {cameras} cameras: that cannot be.")
    rng = random.Random(f"room/{split}/{prior}/{seed}")
    for _ in range(_TRIES):
        width, length = 3.2 + 1.6 * rng.random(), 3.2 + 1.6 * rng.random()
        floor, pattern = rng.choice(_FLOORS)
        shell = Shell(width, length, 2.5 + 0.3 * rng.random(), rng.choice(_WALLS), floor, pattern)
        things = _furnish(rng, shell, split, prior, rng.randint(min_things, max_things))
        corners = rng.sample(range(4), 4)
        taken = tuple(_camera(rng, shell, corners[k % 4]) for k in range(cameras))
        if len(things) >= min_things and all(_free(camera, things) for camera in taken):
            return Room(seed, shell, tuple(things), taken, prior, split)
    raise ConfigError(f"No room for {min_things} things was found for seed {seed}: ask for fewer.")


def _furnish(rng: random.Random, shell: Shell, split: Split, prior: Prior, wanted: int) -> list[Furniture]:
    sort = rng.choice(sorted(SORTS))
    kinds = tuple(FURNISHINGS)
    usual = [SORTS[sort].get(kind, _RARE) for kind in kinds]
    weights = {"skewed": usual, "flat": [1.0] * len(kinds), "inverted": [1 / (w + 0.3) for w in usual]}[prior]
    chosen = rng.choices(kinds, weights, k=wanted)
    if rng.random() < _REPEATED:
        chosen[wanted // 2 :] = [chosen[0]] * (wanted - wanted // 2)
    order = {"rug": 0, "wall": 1, "floor": 2, "top": 3}
    things: list[Furniture] = []
    for kind in sorted(chosen, key=lambda name: order[FURNISHINGS[name].place]):
        thing = _place(rng, kind, shell, split, things)
        if thing is not None:
            things.append(thing)
    return things


def _place(rng: random.Random, kind: str, shell: Shell, split: Split, things: list[Furniture]) -> Furniture | None:
    colours = [c for c in COLOURS if split != "train" or not held_out(c, kind)]
    colour, size = rng.choice(colours), rng.choice(("small", "medium", "big"))
    material = rng.choices(_MATERIALS, (5, 1, 1))[0]
    place = FURNISHINGS[kind].place
    tables = [i for i, thing in enumerate(things) if FURNISHINGS[thing.kind].carries]
    for _ in range(20):
        if place == "top" and tables and rng.random() < 0.75:
            made = _on_top(rng, kind, colour, size, material, things, rng.choice(tables))
        elif place == "wall":
            made = _at_wall(rng, kind, colour, size, material, shell)
        else:
            made = _on_floor(rng, kind, colour, size, material, shell)
        if made is not None and _fits(made, shell, things):
            return made
    return None


def _on_floor(
    rng: random.Random, kind: str, colour: str, size: str, material: Material, shell: Shell
) -> Furniture | None:
    x, y = rng.random() * shell.width, rng.random() * shell.length
    yaw = rng.choice((0, 1, 2, 3)) * math.pi / 2 if kind == "rug" else rng.random() * 2 * math.pi
    return Furniture(kind, colour, size, material, x, y, 0.0, yaw)


def _at_wall(
    rng: random.Random, kind: str, colour: str, size: str, material: Material, shell: Shell
) -> Furniture | None:
    """Its back to one of the four walls, its front to the room."""
    wide, deep, _ = extent(kind, size)
    wall = rng.randrange(4)
    along = shell.width if wall % 2 == 0 else shell.length
    if along < wide + 0.1:
        return None
    at = wide / 2 + 0.05 + rng.random() * (along - wide - 0.1)
    off = deep / 2 + 0.02
    x, y, yaw = (
        (at, off, 0.0),
        (shell.width - off, at, math.pi / 2),
        (at, shell.length - off, math.pi),
        (off, at, -math.pi / 2),
    )[wall]
    return Furniture(kind, colour, size, material, x, y, 0.0, yaw)


def _on_top(
    rng: random.Random, kind: str, colour: str, size: str, material: Material, things: list[Furniture], on: int
) -> Furniture | None:
    """On a table's top, wholly."""
    under = things[on]
    wide, deep, high = under.extent
    reach = math.hypot(*extent(kind, size)[:2]) / 2
    if min(wide, deep) / 2 < reach:
        return None
    px = (2 * rng.random() - 1) * (wide / 2 - reach)
    py = (2 * rng.random() - 1) * (deep / 2 - reach)
    c, s = math.cos(under.yaw), math.sin(under.yaw)
    x, y = under.x + c * px - s * py, under.y + s * px + c * py
    top = high * FURNISHINGS[under.kind].carries
    return Furniture(kind, colour, size, material, x, y, under.z + top, rng.random() * 2 * math.pi, on)


def _fits(thing: Furniture, shell: Shell, things: list[Furniture]) -> bool:
    """Inside the room, and apart from all that stands where it does."""
    foot = thing.footprint()
    margin = 0.0 if FURNISHINGS[thing.kind].place == "wall" else GAP
    if foot.min() < margin or foot[:, 0].max() > shell.width - margin or foot[:, 1].max() > shell.length - margin:
        return False
    if thing.kind == "rug":
        return not any(other.kind == "rug" for other in things)
    level = [other for other in things if other.on == thing.on and other.kind != "rug"]
    return all(apart(foot, other.footprint(), GAP if thing.on is None else 0.04) for other in level)


def apart(first: Array, second: Array, gap: float) -> bool:
    """Whether two rectangles' corners ``[4, 2]`` keep ``gap`` metres apart along one of their sides' directions."""
    one, two = first.tolist(), second.tolist()
    for (x0, y0), (x1, y1) in ((one[0], one[1]), (one[1], one[2]), (two[0], two[1]), (two[1], two[2])):
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        a, b = [x * dx + y * dy for x, y in one], [x * dx + y * dy for x, y in two]
        if max(a) + gap <= min(b) or max(b) + gap <= min(a):
            return True
    return False


def _camera(rng: random.Random, shell: Shell, corner: int) -> Camera:
    """At a person's eyes near a corner, looking across the room and down."""
    east, north = corner % 2, corner // 2
    off_x, off_y = 0.15 + 0.25 * rng.random(), 0.15 + 0.25 * rng.random()
    x = shell.width - off_x if east else off_x
    y = shell.length - off_y if north else off_y
    target_x = shell.width * (0.5 + (0.5 - east) * 0.2 + 0.12 * (rng.random() - 0.5))
    target_y = shell.length * (0.5 + (0.5 - north) * 0.2 + 0.12 * (rng.random() - 0.5))
    high = EYES + 0.3 * (rng.random() - 0.3)
    return Camera((x, y, high), (target_x, target_y, 0.25 + 0.2 * rng.random()), 74.0)


def _free(camera: Camera, things: list[Furniture]) -> bool:
    """Nothing stands right before the camera or around it."""
    here = np.array(camera.position)
    for thing in things:
        x, y, z = thing.centre
        reach = math.hypot(*thing.extent[:2]) / 2
        near = math.hypot(x - here[0], y - here[1]) < reach + 0.55
        if near and z + thing.extent[2] / 2 > 0.55:
            return False
    return True
