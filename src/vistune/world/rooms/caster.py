"""An exact ray caster: colours, depth, normals and ids of solids in a room, seen by a camera.

Labels come from the ray through each pixel's centre. Colours are averaged over four rays where a pixel lies on an edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vistune.world.rooms.bodies import Bodies, Numbers
from vistune.world.rooms.camera import Array, Camera
from vistune.world.rooms.solids import Solid

Bool = NDArray[np.bool_]
#: Ids of what is no thing: the shell of the room.
FLOOR, WALL, CEILING = -1, -2, -3
#: Where in a pixel on an edge colours are taken.
_QUARTERS = np.array([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])


@dataclass(frozen=True)
class Shell:
    """The room around the solids: floor from (0, 0) to (width, length), ``height`` up, all in metres.

    ``floor_pattern``: "boards", "tiles" or "carpet".
    """

    width: float
    length: float
    height: float
    wall: tuple[int, int, int] = (226, 222, 208)
    floor: tuple[int, int, int] = (188, 150, 112)
    floor_pattern: str = "boards"


@dataclass(frozen=True, eq=False)
class View:
    """What a camera sees. ``rgb`` uint8 ``[h, w, 3]``; ``depth`` float32 ``[h, w]`` metres along the camera's axis;

    ``normals`` float32 ``[h, w, 3]``, unit, in the world's frame; ``ids`` int16 ``[h, w]``: the number of the thing, or
    ``FLOOR``, ``WALL``, ``CEILING``.
    """

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    normals: NDArray[np.float32]
    ids: NDArray[np.int16]


@dataclass
class Hits:
    """Where rays end: ``t`` ``[rays]`` is the depth along the camera's axis; ``normal`` ``[3, rays]``; ``ids`` ``[rays]``;

    ``colour`` ``[3, rays]`` is shaded, 0 to 255.
    """

    t: Array
    normal: Array
    ids: NDArray[np.int16]
    colour: Array


def cast(solids: Sequence[Solid], shell: Shell, camera: Camera, height: int = 64, width: int = 64) -> View:
    """The view of ``camera`` (see the module)."""
    bodies = Bodies(solids)
    across, down = _spans(bodies, camera, width, height)
    v, u = np.mgrid[0:height, 0:width] + 0.5
    who, rays = np.nonzero((down[:, :, None] & across[:, None, :]).reshape(len(bodies.solids), -1))
    hits = _trace(bodies, shell, camera, camera.directions(u.ravel(), v.ravel(), width, height), who, rays)
    ids, normals = hits.ids.reshape(height, width), hits.normal.reshape(3, height, width)
    colour = hits.colour.reshape(3, height, width)
    rows, columns = np.nonzero(_edges(ids, normals))
    if len(rows):
        colour[:, rows, columns] = _softened(bodies, shell, camera, rows, columns, across, down)
    return View(
        np.ascontiguousarray(np.clip(colour + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)),
        hits.t.reshape(height, width).astype(np.float32),
        np.ascontiguousarray(normals.astype(np.float32).transpose(1, 2, 0)),
        ids,
    )


def _spans(bodies: Bodies, camera: Camera, width: int, height: int) -> tuple[Bool, Bool]:
    """In which columns ``[solids, width]`` and rows ``[solids, height]`` each solid may show: those of its box; all of them

    where it reaches behind the camera, none where it lies behind it.
    """
    pixels, depth = camera.project(bodies.corners, width, height)
    low, high = pixels.min(1), pixels.max(1)
    reaching, behind = depth.min(1) < 0.05, depth.max(1) <= 0
    low[reaching], high[reaching] = -np.inf, np.inf
    high[behind] = -np.inf
    spans = [
        (low[:, axis, None] <= np.arange(many) + 1) & (high[:, axis, None] >= np.arange(many))
        for axis, many in enumerate((width, height))
    ]
    return spans[0], spans[1]


def _edges(ids: NDArray[np.int16], normals: Array) -> Bool:
    """Pixels that differ from a neighbour in what they show or in how it is turned: ``[height, width]``."""
    edge = np.zeros(ids.shape, bool)
    down = (ids[1:] != ids[:-1]) | (np.abs(normals[:, 1:] - normals[:, :-1]) > 0.25).any(0)
    right = (ids[:, 1:] != ids[:, :-1]) | (np.abs(normals[:, :, 1:] - normals[:, :, :-1]) > 0.25).any(0)
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    return edge


def _softened(
    bodies: Bodies, shell: Shell, camera: Camera, rows: Numbers, columns: Numbers, across: Bool, down: Bool
) -> Array:
    """The colours of pixels, each the mean of four rays: ``[3, pixels]``."""
    height, width = down.shape[1], across.shape[1]
    u = (columns[:, None].astype(float) + _QUARTERS[:, 0]).ravel()
    v = (rows[:, None].astype(float) + _QUARTERS[:, 1]).ravel()
    who, pixels = np.nonzero(across[:, columns] & down[:, rows])
    rays = (4 * pixels[:, None] + np.arange(4)).ravel()
    hits = _trace(bodies, shell, camera, camera.directions(u, v, width, height), np.repeat(who, 4), rays)
    return hits.colour.reshape(3, -1, 4).mean(2)


def _trace(bodies: Bodies, shell: Shell, camera: Camera, directions: Array, who: Numbers, rays: Numbers) -> Hits:
    """What rays from the camera along ``directions`` ``[rays, 3]`` meet; solids ``who`` only on their ``rays``."""
    origin, along = np.asarray(camera.position, float), np.ascontiguousarray(directions.T)
    hits, axis, sign = _walls(shell, origin, along)
    met = bodies.meet(origin, along, hits.t, who, rays)
    bare = np.ones(len(hits.t), bool)
    bare[met.rays] = False
    bare = np.flatnonzero(bare)
    points = origin[:, None] + along[:, bare] * hits.t[bare]
    hits.colour[:, bare] = _paint(bodies, shell, points, hits.ids[bare], axis[bare], sign[bare])
    hits.t[met.rays], hits.normal[:, met.rays], hits.ids[met.rays] = met.t, met.normals, bodies.things[met.owners]
    hits.colour[:, met.rays] = bodies.painted(met)
    return hits


def _walls(shell: Shell, origin: Array, along: Array) -> tuple[Hits, Numbers, Array]:
    """Where rays leave the room; by which axis, and to which side of it. Their colours are not yet painted."""
    size = np.array([shell.width, shell.length, shell.height])
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(along > 0, (size - origin)[:, None], -origin[:, None]) / along
    far[along == 0] = np.inf
    t = np.minimum(np.minimum(far[0], far[1]), far[2])
    axis = np.where(far[0] == t, 0, np.where(far[1] == t, 1, 2))
    sides = np.sign(along)
    normal = np.where(axis == np.arange(3)[:, None], -sides, 0.0)
    sign = -normal.sum(0)
    ids = np.where(axis < 2, WALL, np.where(sign > 0, CEILING, FLOOR)).astype(np.int16)
    return Hits(t, normal, ids, np.empty_like(along)), axis, sign


def _paint(bodies: Bodies, shell: Shell, points: Array, ids: NDArray[np.int16], axis: Numbers, sign: Array) -> Array:
    """The colours of walls, floor and ceiling at points of them: ``[3, points]``."""
    light = np.where(axis == 0, 0.93, np.where(sign * (axis == 1) > 0, 1.0, 0.97))
    # Light falls off a little towards the floor and the corners of the walls.
    light *= 0.9 + 0.1 * np.clip(points[2] / shell.height, 0, 1)
    colour = np.array(shell.wall, float)[:, None] * light
    floor = np.flatnonzero(ids == FLOOR)
    x, y = points[0, floor], points[1, floor]
    light = _floor(shell.floor_pattern, x, y) * bodies.shade(x, y, (0.08, 0.06), low=0.6, soft=0.16, dark=0.34)
    colour[:, floor] = np.array(shell.floor, float)[:, None] * light
    colour[:, ids == CEILING] = np.array([[248.0], [247.0], [243.0]])
    colour[:, (ids == WALL) & (points[2] < 0.09)] = np.array([[240.0], [238.0], [230.0]])
    return colour


def _floor(kind: str, x: Array, y: Array) -> Array:
    """How light a floor is: factors of its colour."""
    if kind == "tiles":
        return np.where((np.floor(x / 0.5) + np.floor(y / 0.5)) % 2 == 0, 1.0, 0.88)
    if kind == "boards":
        board = np.floor(x / 0.22)
        seam = (x / 0.22 - board < 0.06) | (((y + board * 0.7) / 1.6) % 1.0 < 0.012)
        return np.where(seam, 0.84, 0.96 + 0.04 * np.sin(board * 12.9898))
    return 0.985 + 0.015 * np.sin(40 * x) * np.sin(40 * y)
