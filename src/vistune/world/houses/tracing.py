"""What rays from a place in a house meet: exact, room by room, on through open doors.

Within a room a ray ends at a solid or at the room's shell; where it leaves the shell through a doorway it goes on in the
room beyond. Only the rooms that rays reach are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vistune.world.houses.fittings import FITTINGS, WINDOW, WINDOW_SILL
from vistune.world.houses.house import DOOR_HEIGHT, DOOR_WIDTH, HEIGHT, Array, House, Space
from vistune.world.rooms.caster import AMBIENT, CEILING, FLOOR, LIGHT, WALL
from vistune.world.rooms.furniture import SOFT, assemble, placed
from vistune.world.rooms.solids import Solid, pattern

#: Metres: a door's frame, across and through the wall.
FRAME, DEEP = 0.12, 0.16


@dataclass
class Met:
    """Where rays end: ``t`` along unit directions (metres), ``normal``, ``ids`` as in ``House``, shaded ``colour``."""

    t: Array
    normal: Array
    ids: NDArray[np.int16]
    colour: Array


@dataclass(frozen=True)
class Furnished:
    """The solids that can be met in a room, with spheres around them: centres ``[solids, 3]``, radii ``[solids]``."""

    solids: tuple[Solid, ...]
    centres: Array
    radii: Array


@lru_cache(maxsize=16)
def solids_of(house: House) -> tuple[Furnished, ...]:
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
    return tuple(_with_spheres(solids) for solids in rooms)


def _with_spheres(solids: Sequence[Solid]) -> Furnished:
    centres = np.array([solid.centre for solid in solids], float).reshape(-1, 3)
    radii = np.array([float(np.linalg.norm(solid.half)) for solid in solids])
    return Furnished(tuple(solids), centres, radii)


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


def trace(house: House, origin: Array, directions: Array, room: int) -> Met:
    """What rays from ``origin`` ``[3]`` in ``room`` along unit ``directions`` ``[rays, 3]`` meet."""
    count = len(directions)
    met = Met(np.empty(count), np.zeros((count, 3)), np.empty(count, np.int16), np.zeros((count, 3)))
    waiting = [(room, np.arange(count))]
    while waiting:
        number, rays = waiting.pop()
        waiting += _in_room(house, number, origin, directions, rays, met)
    return met


def _in_room(
    house: House, number: int, origin: Array, directions: Array, rays: NDArray[np.intp], met: Met
) -> list[tuple[int, NDArray[np.intp]]]:
    """Follow rays through one room, in place; -> (room beyond, rays) where they leave through doorways."""
    space, inside = house.rooms[number], solids_of(house)[number]
    along = directions[rays]
    t, axis, sign = _leave(space, origin, along)
    owner, local, normal, t = _nearest(inside, origin, along, t)
    points = origin + along * t[:, None]
    left = owner < 0
    onwards = []
    for d in house.doors_of[number]:
        door = house.doors[d]
        gone = left & (axis == door.axis) & ((sign > 0) == (door.rooms[0] == number)) & (points[:, 2] < DOOR_HEIGHT)
        gone &= np.abs(points[:, 1 - door.axis] - door.middle) < DOOR_WIDTH / 2
        if door.at not in ((space.x0, space.x1), (space.y0, space.y1))[door.axis]:
            continue
        if gone.any():
            onwards.append((door.beyond(number), rays[gone]))
            left &= ~gone
    _paint_shell(space, inside, met, rays[left], points[left], axis[left], sign[left])
    met.t[rays], met.normal[rays[owner >= 0]] = t, normal[owner >= 0]
    for k in np.unique(owner[owner >= 0]):
        solid, mine = inside.solids[k], owner == k
        lit = AMBIENT + (1 - AMBIENT) * np.maximum(normal[mine] @ LIGHT, -0.12)
        if solid.thing == WALL:
            lit = np.ones_like(lit)  # Daylight comes through windows.
        met.ids[rays[mine]] = solid.thing
        met.colour[rays[mine]] = (
            np.asarray(solid.colour) * (lit * pattern(solid.material, local[mine], solid.half))[:, None]
        )
    return onwards


def _leave(space: Space, origin: Array, along: Array) -> tuple[Array, NDArray[np.intp], Array]:
    """Where rays leave a room: t, the axis of the wall and the sign of the ray along it."""
    low, high = np.array([space.x0, space.y0, 0.0]), np.array([space.x1, space.y1, HEIGHT])
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(along > 0, (high - origin) / along, (low - origin) / along)
    far = np.where(along == 0, np.inf, far)
    axis = far.argmin(1)
    rows = np.arange(len(axis))
    return far[rows, axis], axis, np.sign(along[rows, axis])


def _nearest(inside: Furnished, origin: Array, along: Array, t: Array) -> tuple[NDArray[np.intp], Array, Array, Array]:
    """The nearest solid before ``t``: its number (-1 for none), points in its frame, normals, and t."""
    owner = np.full(len(t), -1)
    local, normal = np.zeros((len(t), 3)), np.zeros((len(t), 3))
    if not len(inside.solids):
        return owner, local, normal, t
    away = inside.centres - origin
    distance = np.sqrt((away * away).sum(1))
    within = distance <= inside.radii * 1.001
    border = np.where(within, -2.0, np.sqrt(np.maximum(1 - (inside.radii / np.maximum(distance, 1e-9)) ** 2, 0)))
    cosines = along @ (away / np.maximum(distance, 1e-9)[:, None]).T
    for k, solid in enumerate(inside.solids):
        near = np.flatnonzero((cosines[:, k] >= border[k] - 1e-9) & (distance[k] - inside.radii[k] < t))
        if not len(near):
            continue
        reached, turned, unit = solid.hit(origin, along[near])
        first = reached < t[near]
        where = near[first]
        t[where], owner[where], local[where], normal[where] = reached[first], k, unit[first], turned[first]
    return owner, local, normal, t


def _paint_shell(
    space: Space, inside: Furnished, met: Met, rays: NDArray[np.intp], points: Array, axis: NDArray, sign: Array
) -> None:
    """Floor, walls and ceiling, in place."""
    ids = np.where(axis < 2, WALL, np.where(sign > 0, CEILING, FLOOR)).astype(np.int16)
    met.ids[rays] = ids
    met.normal[rays, axis] = -sign
    colour = np.empty_like(points)
    colour[:] = space.wall
    colour *= np.where(axis == 0, 0.93, np.where(sign > 0, 1.0, 0.97))[:, None]
    colour *= (0.9 + 0.1 * np.clip(points[:, 2] / HEIGHT, 0, 1))[:, None]
    floor = ids == FLOOR
    colour[floor] = (
        np.asarray(space.floor) * (_floor(space.pattern, points[floor]) * _shade(inside, points[floor]))[:, None]
    )
    colour[ids == CEILING] = (248, 247, 243)
    colour[(ids == WALL) & (points[:, 2] < 0.09)] = (240, 238, 230)
    met.colour[rays] = colour


def _floor(kind: str, points: Array) -> Array:
    """How light a floor is: factors of its colour."""
    x, y = points[:, 0], points[:, 1]
    if kind == "tiles":
        return np.where((np.floor(x / 0.4) + np.floor(y / 0.4)) % 2 == 0, 1.0, 0.89)
    if kind == "boards":
        board = np.floor(x / 0.24)
        seam = (x / 0.24 - board < 0.06) | (((y + board * 0.7) / 1.6) % 1.0 < 0.012)
        return np.where(seam, 0.86, 0.96 + 0.04 * np.sin(board * 12.9898))
    return 0.985 + 0.015 * np.sin(40 * x) * np.sin(40 * y)


def _shade(inside: Furnished, points: Array) -> Array:
    """The soft shadow around what stands on the floor."""
    shade = np.ones(len(points))
    for solid in inside.solids:
        bottom = solid.centre[2] - solid.half[2]
        if bottom > 0.5 or solid.size[2] < 0.03:
            continue
        dx, dy = points[:, 0] - solid.centre[0], points[:, 1] - solid.centre[1]
        near = np.flatnonzero(np.maximum(np.abs(dx), np.abs(dy)) < max(solid.half[:2]) * 1.5 + 0.5)
        if not len(near):
            continue
        c, s = solid.turn[0, 0], solid.turn[1, 0]
        out_x = np.maximum(np.abs(c * dx[near] + s * dy[near]) - solid.half[0], 0)
        out_y = np.maximum(np.abs(c * dy[near] - s * dx[near]) - solid.half[1], 0)
        away = (out_x * out_x + out_y * out_y) / (0.15 + 0.25 * bottom) ** 2
        shade[near] = np.minimum(shade[near], 1 - (0.32 - 0.3 * bottom) * np.exp(-away))
    return shade
