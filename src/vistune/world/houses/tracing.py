"""What rays from a place in a house meet: exact, room by room, on through open doors.

Within a room a ray ends at a solid or at the room's shell; where it leaves the shell through a doorway it goes on in the
room beyond. Only the rooms that rays reach are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vistune.world.houses.fittings import FITTINGS, WINDOW, WINDOW_SILL
from vistune.world.houses.house import DOOR_HEIGHT, DOOR_WIDTH, HEIGHT, Array, House, Space
from vistune.world.rooms.bodies import Bodies, Meetings
from vistune.world.rooms.floors import floor_light
from vistune.world.rooms.furniture import SOFT, assemble, placed
from vistune.world.rooms.shell import FLOOR, WALL, leave, shell_ids, wall_colours
from vistune.world.rooms.solids import Solid

#: Metres: a door's frame, across and through the wall.
FRAME, DEEP = 0.12, 0.16


@dataclass
class Met:
    """Where rays end: ``t`` along unit directions (metres), ``normal``, ``ids`` as in ``House``, shaded ``colour``."""

    t: Array
    normal: Array
    ids: NDArray[np.int16]
    colour: Array


@lru_cache(maxsize=16)
def bodies_of(house: House) -> tuple[Bodies, ...]:
    """The solids of each room; ``thing`` is the number of the thing or door, or that of walls for windows."""
    rooms: list[list[Solid]] = [[] for _ in house.rooms]
    for number, thing in enumerate(house.things):
        made = assemble(FITTINGS[thing.kind], thing.extent, thing.colour, thing.material, number)
        rooms[thing.room] += placed(made, thing.x, thing.y, thing.z, thing.yaw)
    for room, x, y, yaw in house.windows:
        made = assemble(WINDOW, WINDOW.size, "white", "plain", WALL)
        rooms[room] += placed(made, x, y, WINDOW_SILL, yaw)
    for number in range(len(house.doors)):
        frame = frame_of(house, number)
        for room in house.doors[number].rooms:
            rooms[room] += frame
    return tuple(Bodies(solids) for solids in rooms)


def frame_of(house: House, number: int) -> list[Solid]:
    """Two posts and the beam above a doorway."""
    door = house.doors[number]
    parts = []
    far = (DOOR_WIDTH + FRAME) / 2
    for along, z, across, high in (
        (-far, (DOOR_HEIGHT + FRAME) / 2, FRAME, DOOR_HEIGHT + FRAME),
        (far, (DOOR_HEIGHT + FRAME) / 2, FRAME, DOOR_HEIGHT + FRAME),
        (0.0, DOOR_HEIGHT + FRAME / 2, DOOR_WIDTH, FRAME),
    ):
        if door.axis == 0:
            centre, size = (door.at, door.middle + along, z), (DEEP, across, high)
        else:
            centre, size = (door.middle + along, door.at, z), (across, DEEP, high)
        parts.append(Solid("box", centre, size, SOFT[door.colour], 0.0, len(house.things) + number))
    return parts


def trace(house: House, origin: Array, directions: Array, room: int, spread: float = 0.0) -> Met:
    """What rays from ``origin`` ``[3]`` in ``room`` along unit ``directions`` ``[rays, 3]`` meet.

    ``spread``: the angle between neighbouring rays (radians), over which the pattern of floors is averaged.
    """
    count = len(directions)
    met = Met(np.empty(count), np.zeros((count, 3)), np.empty(count, np.int16), np.zeros((count, 3)))
    waiting = [(room, np.arange(count))]
    while waiting:
        number, rays = waiting.pop()
        waiting += _in_room(house, number, origin, directions, rays, met, spread)
    return met


def _in_room(
    house: House, number: int, origin: Array, directions: Array, rays: NDArray[np.intp], met: Met, spread: float
) -> list[tuple[int, NDArray[np.intp]]]:
    """Follow rays through one room, in place; -> (room beyond, rays) where they leave through doorways."""
    space, bodies = house.rooms[number], bodies_of(house)[number]
    along = np.ascontiguousarray(directions[rays].T)
    low, high = np.array([space.x0, space.y0, 0.0]), np.array([space.x1, space.y1, HEIGHT])
    t, axis, sign = leave(low, high, origin, along)
    found = _meet(bodies, origin, along, t)
    points = origin[:, None] + along * t
    left = np.ones(len(t), bool)
    left[found.rays] = False
    onwards = []
    for d in house.doors_of[number]:
        door = house.doors[d]
        gone = left & (axis == door.axis) & ((sign > 0) == (door.rooms[0] == number)) & (points[2] < DOOR_HEIGHT)
        gone &= np.abs(points[1 - door.axis] - door.middle) < DOOR_WIDTH / 2
        if door.at not in ((space.x0, space.x1), (space.y0, space.y1))[door.axis]:
            continue
        if gone.any():
            onwards.append((door.beyond(number), rays[gone]))
            left &= ~gone
    met.t[rays] = t
    ids = shell_ids(axis, sign)
    met.ids[rays[left]], met.normal[rays[left], axis[left]] = ids[left], -sign[left]
    met.colour[rays[left]] = wall_colours(space.wall, HEIGHT, points[:, left], ids[left], axis[left], sign[left]).T
    floor = left & (ids == FLOOR)
    met.colour[rays[floor]] = _floor(space, bodies, points[:, floor], origin, spread).T
    _paint_bodies(bodies, met, rays[found.rays], found)
    return onwards


def _meet(bodies: Bodies, origin: Array, along: Array, t: Array) -> Meetings:
    """What unit directions ``[3, rays]`` meet before ``t``. Solids whose spheres a ray misses are not tried on it."""
    away = bodies.centres - origin[:, None]
    distance, radii = np.sqrt((away * away).sum(0)), np.sqrt((bodies.halves**2).sum(0))
    within = distance <= radii * 1.001
    far = np.maximum(distance, 1e-9)
    border = np.where(within, -2.0, np.sqrt(np.maximum(1 - (radii / far) ** 2, 0)))
    near = ((away / far).T @ along >= (border - 1e-9)[:, None]) & ((distance - radii)[:, None] < t)
    return bodies.meet(origin, along, t, *np.nonzero(near))


def _paint_bodies(bodies: Bodies, met: Met, rays: NDArray[np.intp], found: Meetings) -> None:
    """What rays meet of solids, in place."""
    things = bodies.things[found.owners]
    met.t[rays], met.normal[rays], met.ids[rays] = found.t, found.normals.T, things
    # Daylight comes through windows.
    met.colour[rays] = np.where(things == WALL, bodies.colours[:, found.owners], bodies.painted(found)).T


def _floor(space: Space, bodies: Bodies, points: Array, origin: Array, spread: float) -> Array:
    """The colours of the floor at points of it: ``[3, points]``."""
    light = floor_light(space.pattern, points, origin, spread)
    light *= bodies.shade(points[0], points[1], (0.0, 0.0), low=0.5, soft=0.15, dark=0.32)
    return np.array(space.floor, float)[:, None] * light
