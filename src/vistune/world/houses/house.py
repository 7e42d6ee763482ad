"""``House``: rooms, doors, things and viewpoints as a value.

World: x to the east, y to the north, z up, in metres. Headings are those of R2R: radians clockwise from north.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vistune.world.houses.fittings import FITTINGS, measures
from vistune.world.rooms.room import footprint
from vistune.world.rooms.solids import Material
from vistune.world.scene import Prior, Split

Colour = tuple[int, int, int]
Array = NDArray[np.float64]
#: Metres: ceilings, the eyes of whoever walks, doors.
HEIGHT, EYES = 2.6, 1.5
DOOR_WIDTH, DOOR_HEIGHT = 0.95, 2.05


@dataclass(frozen=True, slots=True)
class Space:
    """A room: its kind, its rectangle from (x0, y0) to (x1, y1), and how it is painted."""

    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    wall: Colour = (226, 222, 208)
    floor: Colour = (188, 150, 112)
    pattern: str = "boards"

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def area(self) -> float:
        """Square metres."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)


@dataclass(frozen=True, slots=True)
class Door:
    """An opening between two rooms in a frame of a colour.

    ``axis`` 0: the wall is at x = ``at`` and the opening's middle at y = ``middle``; ``axis`` 1: the other way round.
    ``rooms``: the room on the side of smaller x (or y), then the other.
    """

    colour: str
    rooms: tuple[int, int]
    axis: int
    at: float
    middle: float

    @property
    def position(self) -> tuple[float, float]:
        """Where the threshold is."""
        return (self.at, self.middle) if self.axis == 0 else (self.middle, self.at)

    def beyond(self, room: int) -> int:
        """The room on the other side."""
        return self.rooms[1] if room == self.rooms[0] else self.rooms[0]

    def faced(self, heading: float) -> int:
        """The room before somebody who stands on the threshold and looks along ``heading``."""
        ahead = math.sin(heading) if self.axis == 0 else math.cos(heading)
        return self.rooms[1] if ahead > 0 else self.rooms[0]


@dataclass(frozen=True, slots=True)
class Landmark:
    """A thing in room number ``room``: its foot is at (x, y, z), ``yaw`` turns its front (+y at 0) counter-clockwise.

    ``on``: the number of the thing that it stands on, or None.
    """

    kind: str
    colour: str
    size: str
    material: Material
    x: float
    y: float
    z: float
    yaw: float
    room: int
    on: int | None = None

    @property
    def extent(self) -> tuple[float, float, float]:
        """Width, length and height in metres."""
        return measures(self.kind, self.size)

    @property
    def centre(self) -> tuple[float, float, float]:
        """The middle of its box."""
        return self.x, self.y, self.z + self.extent[2] / 2

    @property
    def in_the_way(self) -> bool:
        """Whether it stands on the floor where one would walk."""
        return self.on is None and FITTINGS[self.kind].place not in ("rug", "hung")

    def footprint(self) -> Array:
        """Its four corners from above: ``[4, 2]``."""
        return footprint(self.x, self.y, *self.extent[:2], self.yaw)


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A place to stand: its name is 32 hexadecimal digits, as in R2R. ``door``: whose threshold it is, or None."""

    name: str
    x: float
    y: float
    rooms: tuple[int, ...]
    door: int | None = None


@dataclass(frozen=True)
class House:
    """A house: what is in it, where one can stand, and between which viewpoints one can walk straight (``edges``).

    Things are numbered 0, 1, ...; doors follow: door d has the number ``len(things) + d`` where pictures name what a
    pixel shows. ``windows``: (room, x, y, yaw).
    """

    seed: int
    scan: str
    rooms: tuple[Space, ...]
    doors: tuple[Door, ...]
    things: tuple[Landmark, ...]
    windows: tuple[tuple[int, float, float, float], ...]
    viewpoints: tuple[Viewpoint, ...]
    edges: tuple[tuple[int, int], ...]
    prior: Prior = "skewed"
    split: Split = "train"

    def __hash__(self) -> int:
        return hash((self.scan, self.seed, self.prior, self.split, len(self.things), len(self.viewpoints)))

    @cached_property
    def size(self) -> tuple[float, float]:
        """Width and length in metres."""
        return max(room.x1 for room in self.rooms), max(room.y1 for room in self.rooms)

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """The viewpoints that each one has an edge to."""
        found: list[list[int]] = [[] for _ in self.viewpoints]
        for a, b in self.edges:
            found[a].append(b)
            found[b].append(a)
        return tuple(tuple(sorted(near)) for near in found)

    @cached_property
    def doors_of(self) -> tuple[tuple[int, ...], ...]:
        """The doors of each room."""
        return tuple(tuple(d for d, door in enumerate(self.doors) if r in door.rooms) for r in range(len(self.rooms)))

    @cached_property
    def things_of(self) -> tuple[tuple[int, ...], ...]:
        """The things in each room."""
        return tuple(tuple(i for i, t in enumerate(self.things) if t.room == r) for r in range(len(self.rooms)))

    @cached_property
    def by_name(self) -> dict[str, int]:
        """Viewpoint's name -> its number."""
        return {point.name: k for k, point in enumerate(self.viewpoints)}

    def distance(self, a: int, b: int) -> float:
        """Metres between two viewpoints, straight."""
        first, second = self.viewpoints[a], self.viewpoints[b]
        return math.hypot(first.x - second.x, first.y - second.y)

    def heading(self, a: int, b: int) -> float:
        """The heading from one viewpoint to another."""
        first, second = self.viewpoints[a], self.viewpoints[b]
        return heading_to(second.x - first.x, second.y - first.y)

    def room_of(self, viewpoint: int, heading: float) -> int:
        """The room that somebody is in; on a threshold, the one that is faced."""
        point = self.viewpoints[viewpoint]
        return point.rooms[0] if point.door is None else self.doors[point.door].faced(heading)


def heading_to(dx: float, dy: float) -> float:
    """The heading of a direction: clockwise from north, 0 to 2 pi."""
    return math.atan2(dx, dy) % (2 * math.pi)


def turn(frm: float, to: float) -> float:
    """The turn from one heading to another, -pi to pi; positive to the right."""
    return (to - frm + math.pi) % (2 * math.pi) - math.pi


#: A turn counts as one of the four only this far (radians) from the border to the next.
CLEAR = math.radians(15)
SIDES = ("ahead", "right", "behind", "left")


def side(angle: float) -> str | None:
    """Ahead, right, behind or left, for a turn of ``angle`` radians; None near the borders, which are at 45 degrees."""
    quarter = (angle % (2 * math.pi)) / (math.pi / 2)
    nearest = round(quarter)
    return None if abs(quarter - nearest) * math.pi / 2 > math.pi / 4 - CLEAR else SIDES[nearest % 4]
