"""What is seen from a viewpoint: views of a camera, the 36 views of R2R, panoramas, and where landmarks are.

Headings are in radians clockwise from north, elevations in radians above the horizon.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.world.houses.house import DOOR_HEIGHT, EYES, Array, House, heading_to, turn
from vistune.world.houses.tracing import Met, trace
from vistune.world.rooms.camera import Camera
from vistune.world.rooms.caster import View

#: R2R's views: twelve headings at three elevations, the lowest first; 60 degrees high.
HEADINGS, ELEVATIONS = 12, (-math.pi / 6, 0.0, math.pi / 6)
FIELD = 60.0
#: A pixel whose colour differs by this much from its right or lower neighbour is drawn from four rays.
_EDGE = 9.0


def eye(house: House, viewpoint: int) -> Array:
    """Where the eyes are: ``[3]``."""
    point = house.viewpoints[viewpoint]
    return np.array([point.x, point.y, EYES])


def camera_at(house: House, viewpoint: int, heading: float, elevation: float = 0.0, angle: float = FIELD) -> Camera:
    """The camera of a view; ``angle`` is its field of view across, in degrees."""
    x, y, z = eye(house, viewpoint)
    flat = math.cos(elevation)
    target = x + flat * math.sin(heading), y + flat * math.cos(heading), z + math.sin(elevation)
    return Camera((float(x), float(y), float(z)), (float(target[0]), float(target[1]), float(target[2])), angle)


def look(
    house: House,
    viewpoint: int,
    heading: float,
    elevation: float = 0.0,
    *,
    height: int = 64,
    width: int = 64,
    angle: float = FIELD,
) -> View:
    """A view (``rooms.caster.View``): depth is along the camera's axis; ids are those of ``House``."""
    camera = camera_at(house, viewpoint, heading, elevation, angle)
    forward = camera.rotation[2]

    def rays(v: Array, u: Array) -> Array:
        along = camera.directions(u, v, width, height)
        return along / np.sqrt((along * along).sum(1, keepdims=True))

    rgb, met = _picture(house, viewpoint, rays, height, width, camera.spread(width))
    v, u = (np.mgrid[0:height, 0:width] + 0.5).reshape(2, -1)
    return _view(rgb, met, met.t * (rays(v, u) @ forward), height, width)


def panorama(house: House, viewpoint: int, heading: float = 0.0, *, height: int = 64, width: int | None = None) -> View:
    """An equirectangular strip, 360 degrees across (``heading`` in the middle) and 120 degrees high: ``[h, 3 h]``.

    ``depth`` is the length of the ray.
    """
    width = 3 * height if width is None else width

    def rays(v: Array, u: Array) -> Array:
        around = heading + (u / width - 0.5) * 2 * np.pi
        up = (0.5 - v / height) * np.radians(120)
        return np.stack([np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), np.sin(up)], 1)

    rgb, met = _picture(house, viewpoint, rays, height, width, math.radians(120) / height)
    return _view(rgb, met, met.t, height, width)


def _picture(
    house: House, viewpoint: int, rays: Callable[[Array, Array], Array], height: int, width: int, spread: float
) -> tuple[Array, Met]:
    if height < 1 or width < 1:
        raise ConfigError(f"A view of {width} x {height} pixels cannot be drawn: give sizes of 1 or more.")
    v, u = (np.mgrid[0:height, 0:width] + 0.5).reshape(2, -1)
    met = _trace(house, viewpoint, rays(v, u), spread)
    colour = met.colour.reshape(height, width, 3).copy()
    edge = np.zeros((height, width), bool)
    down = np.abs(np.diff(colour, axis=0)).max(-1) > _EDGE
    right = np.abs(np.diff(colour, axis=1)).max(-1) > _EDGE
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    rows, columns = np.nonzero(edge)
    if len(rows):
        offsets = np.array([[-0.25, -0.25], [0.25, -0.25], [-0.25, 0.25], [0.25, 0.25]])
        u4 = (columns[:, None].astype(float) + 0.5 + offsets[:, 0]).ravel()
        v4 = (rows[:, None].astype(float) + 0.5 + offsets[:, 1]).ravel()
        colour[rows, columns] = _trace(house, viewpoint, rays(v4, u4), spread).colour.reshape(-1, 4, 3).mean(1)
    return colour, met


def _trace(house: House, viewpoint: int, directions: Array, spread: float = 0.0) -> Met:
    """From a threshold, each ray starts in the room that it points into."""
    origin, point = eye(house, viewpoint), house.viewpoints[viewpoint]
    if point.door is None:
        return trace(house, origin, directions, point.rooms[0], spread)
    door = house.doors[point.door]
    ahead = directions[:, door.axis] > 0
    met = Met(
        np.empty(len(ahead)), np.empty((len(ahead), 3)), np.empty(len(ahead), np.int16), np.empty((len(ahead), 3))
    )
    for room, rays in ((door.rooms[1], ahead), (door.rooms[0], ~ahead)):
        if rays.any():
            part = trace(house, origin, directions[rays], room, spread)
            met.t[rays], met.normal[rays], met.ids[rays], met.colour[rays] = (
                part.t, part.normal, part.ids, part.colour,
            )  # fmt: skip
    return met


def _view(rgb: Array, met: Met, depth: Array, height: int, width: int) -> View:
    return View(
        np.clip(rgb + 0.5, 0, 255).astype(np.uint8),
        depth.reshape(height, width).astype(np.float32),
        met.normal.reshape(height, width, 3).astype(np.float32),
        met.ids.reshape(height, width),
    )


def view_index(heading: float, elevation: float = 0.0) -> int:
    """The nearest of R2R's 36 views."""
    around = round((heading % (2 * math.pi)) / (2 * math.pi / HEADINGS)) % HEADINGS
    level = min(range(3), key=lambda k: abs(ELEVATIONS[k] - elevation))
    return level * HEADINGS + around


def view_angles(index: int) -> tuple[float, float]:
    """Heading and elevation of the middle of a view."""
    return index % HEADINGS * 2 * math.pi / HEADINGS, ELEVATIONS[index // HEADINGS]


def views(house: House, viewpoint: int, size: int = 64) -> NDArray[np.uint8]:
    """All 36 views: uint8 ``[36, size, size, 3]``."""
    return np.stack([
        look(house, viewpoint, *view_angles(index), height=size, width=size).rgb for index in range(3 * HEADINGS)
    ])  # fmt: skip


def around(house: House, viewpoint: int, heading: float, size: int = 64) -> list[NDArray[np.uint8]]:
    """Four views of 90 degrees: ahead, right, behind, left; together the whole circle. Each uint8 ``[size, size, 3]``."""
    return [
        look(house, viewpoint, heading + k * math.pi / 2, height=size, width=size, angle=90.0).rgb for k in range(4)
    ]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A thing or door (``number`` as in ``House``) from a viewpoint: where its middle is, and how much of it shows.

    ``pixels``: of a panorama of 48 x 144.
    """

    number: int
    heading: float
    elevation: float
    distance: float
    pixels: int


#: Pixels of a panorama with which something is seen; with fewer than the second it is not; between, in doubt.
SEEN, UNSEEN = 12, 2


def middle_of(house: House, number: int) -> tuple[float, float, float]:
    """The middle of a thing or of a doorway."""
    if number < len(house.things):
        return house.things[number].centre
    x, y = house.doors[number - len(house.things)].position
    return x, y, DOOR_HEIGHT / 2


@lru_cache(maxsize=512)
def sightings(house: House, viewpoint: int) -> tuple[Sighting, ...]:
    """All things and doors, whether they show or not, by number."""
    ids = panorama_ids(house, viewpoint)
    total = len(house.things) + len(house.doors)
    pixels = np.bincount(ids[ids >= 0].ravel(), minlength=total)
    here = eye(house, viewpoint)
    found = []
    for number in range(total):
        dx, dy, dz = np.subtract(middle_of(house, number), here)
        flat = math.hypot(dx, dy)
        found.append(
            Sighting(number, heading_to(dx, dy), math.atan2(dz, flat), math.hypot(flat, dz), int(pixels[number]))
        )
    return tuple(found)


def panorama_ids(house: House, viewpoint: int, height: int = 48) -> NDArray[np.int16]:
    """Ids of a panorama to the north, ``[height, 3 height]``, without drawing it."""
    v, u = (np.mgrid[0:height, 0 : 3 * height] + 0.5).reshape(2, -1)
    where = (u / (3 * height) - 0.5) * 2 * np.pi
    up = (0.5 - v / height) * np.radians(120)
    directions = np.stack([np.cos(up) * np.sin(where), np.cos(up) * np.cos(where), np.sin(up)], 1)
    return _trace(house, viewpoint, directions).ids.reshape(height, 3 * height)


def masks(house: House, viewpoint: int, height: int = 64) -> dict[str, NDArray[np.bool_]]:
    """Kind of thing (and "door") -> where it shows in a panorama to the north: bool ``[height, 3 height]``."""
    ids = panorama_ids(house, viewpoint, height)
    found: dict[str, NDArray[np.bool_]] = {}
    for number in np.unique(ids[ids >= 0]):
        kind = house.things[number].kind if number < len(house.things) else "door"
        found[kind] = found.get(kind, np.zeros(ids.shape, bool)) | (ids == number)
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A viewpoint that one can walk to: where it is from here, and the view (of R2R's 36) that looks at it."""

    viewpoint: int
    heading: float
    elevation: float
    distance: float
    view: int


def candidates(house: House, viewpoint: int) -> list[Candidate]:
    """The neighbours of a viewpoint, by number. All eyes are on one level, so elevations are 0."""
    found = []
    for other in house.neighbours[viewpoint]:
        heading = house.heading(viewpoint, other)
        found.append(Candidate(other, heading, 0.0, house.distance(viewpoint, other), view_index(heading)))
    return found


def turn_to(house: House, viewpoint: int, heading: float, number: int) -> float:
    """The turn from ``heading`` to a thing or door, -pi to pi, positive to the right."""
    return turn(heading, sightings(house, viewpoint)[number].heading)


def sees(house: House, viewpoint: int) -> NDArray[np.bool_]:
    """Which viewpoints one looks at, eye to eye, from this one, through doors too: bool ``[viewpoints]``; itself not."""
    here = eye(house, viewpoint)
    others = np.array([(point.x, point.y, EYES) for point in house.viewpoints]) - here
    far = np.sqrt((others * others).sum(1))
    found = np.zeros(len(others), bool)
    away = far > 0
    found[away] = _trace(house, viewpoint, others[away] / far[away, None]).t > far[away] - 1e-6
    return found


#: Boxes are worked out on views of this width and height, and given in pixels of REVERIE's views of 640 x 480.
_BOX_VIEW, _BOX_SCALE = (160, 120), 4
_BOX_ANGLE = math.degrees(2 * math.atan(math.tan(math.radians(FIELD) / 2) * _BOX_VIEW[0] / _BOX_VIEW[1]))


def view_boxes(house: House, viewpoint: int) -> dict[int, list[tuple[int, tuple[int, int, int, int]]]]:
    """Thing's number -> (view, box) for each of the 36 views that shows it; boxes ``(x, y, width, height)``.

    In pixels of views of 640 x 480, 60 degrees high, exact to 4 pixels (see ``_BOX_VIEW``).
    """
    found: dict[int, list[tuple[int, tuple[int, int, int, int]]]] = {}
    for index in range(3 * HEADINGS):
        ids = view_ids(house, viewpoint, index)
        for number in np.unique(ids[(ids >= 0) & (ids < len(house.things))]):
            rows, columns = np.nonzero(ids == number)
            low, high = (columns.min(), rows.min()), (columns.max() + 1, rows.max() + 1)
            box = (low[0], low[1], high[0] - low[0], high[1] - low[1])
            x, y, w, h = (int(side) * _BOX_SCALE for side in box)
            found.setdefault(int(number), []).append((index, (x, y, w, h)))
    return found


def view_ids(house: House, viewpoint: int, index: int) -> NDArray[np.int16]:
    """Ids of one of the 36 views, 4:3: ``[120, 160]``."""
    width, height = _BOX_VIEW
    camera = camera_at(house, viewpoint, *view_angles(index), _BOX_ANGLE)
    v, u = (np.mgrid[0:height, 0:width] + 0.5).reshape(2, -1)
    along = camera.directions(u, v, width, height)
    along /= np.sqrt((along * along).sum(1, keepdims=True))
    return _trace(house, viewpoint, along).ids.reshape(height, width)
