"""An exact ray caster: colours, depth, normals and ids of solids in a room, seen by a camera.

Labels come from the ray through each pixel's centre. Colours are averaged over four rays where a pixel lies on an edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vistune.world.rooms.camera import Array, Camera
from vistune.world.rooms.solids import Solid, pattern

Bool = NDArray[np.bool_]
#: Ids of what is no thing: the shell of the room.
FLOOR, WALL, CEILING = -1, -2, -3
#: Where the light comes from (a window high up), and how strong what comes from everywhere is.
LIGHT = np.array([-0.45, -0.35, 0.82]) / np.linalg.norm([-0.45, -0.35, 0.82])
AMBIENT = 0.62


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
    """Where rays end: ``t`` is the depth along the camera's axis; ``colour`` is shaded, 0 to 255."""

    t: Array
    normal: Array
    ids: NDArray[np.int16]
    colour: Array


def cast(solids: Sequence[Solid], shell: Shell, camera: Camera, height: int = 64, width: int = 64) -> View:
    """The view of ``camera`` (see the module)."""
    v, u = np.mgrid[0:height, 0:width] + 0.5
    frames = _frames(solids, camera, width, height)
    hits = trace(solids, shell, camera, u.ravel(), v.ravel(), width, height, frames)
    ids = hits.ids.reshape(height, width)
    colour = hits.colour.reshape(height, width, 3)
    _soften(solids, shell, camera, colour, ids, hits.normal.reshape(height, width, 3), frames)
    return View(
        np.clip(colour + 0.5, 0, 255).astype(np.uint8),
        hits.t.reshape(height, width).astype(np.float32),
        hits.normal.reshape(height, width, 3).astype(np.float32),
        ids,
    )


def _soften(
    solids: Sequence[Solid], shell: Shell, camera: Camera, colour: Array, ids: NDArray, normals: Array, frames: Array
) -> None:
    """Average four rays in each pixel that differs from its right or lower neighbour, in place."""
    height, width = ids.shape
    edge = np.zeros((height, width), bool)
    bent = np.abs(np.diff(normals, axis=0)).max(-1) > 0.25
    down = (ids[1:] != ids[:-1]) | bent
    right = (ids[:, 1:] != ids[:, :-1]) | (np.abs(np.diff(normals, axis=1)).max(-1) > 0.25)
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= right
    edge[:, :-1] |= right
    rows, columns = np.nonzero(edge)
    if not len(rows):
        return
    offsets = np.array([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])
    u = (columns[:, None] + offsets[:, 0]).ravel().astype(float)
    v = (rows[:, None] + offsets[:, 1]).ravel().astype(float)
    met = trace(solids, shell, camera, u, v, width, height, frames)
    colour[rows, columns] = met.colour.reshape(-1, 4, 3).mean(1)


def trace(
    solids: Sequence[Solid], shell: Shell, camera: Camera, u: Array, v: Array, width: int, height: int, frames: Array
) -> Hits:
    """What the rays through points (u, v) of a ``width`` x ``height`` picture meet. ``frames``: where solids can be seen."""
    origin = np.asarray(camera.position, float)
    directions = camera.directions(u, v, width, height)
    hits, axis, sign = _walls(shell, origin, directions)
    owner = np.full(len(u), -1)
    local = np.zeros((len(u), 3))
    for number, solid in enumerate(solids):
        left, top, right, bottom = frames[number]
        inside = np.flatnonzero((u >= left) & (u <= right) & (v >= top) & (v <= bottom))
        if not len(inside):
            continue
        t, normal, unit, nearer = solid.hit_before(origin, directions[inside], hits.t[inside])
        where = inside[nearer]
        hits.t[where] = t
        hits.normal[where] = normal
        owner[where] = number
        local[where] = unit
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(solids) + 1))
    bare = order[: starts[0]]
    points = origin + directions[bare] * hits.t[bare, None]
    hits.colour[bare] = _paint(shell, points, hits.ids[bare], axis[bare], sign[bare])
    hits.colour[bare] *= _contact(solids, hits.ids[bare], points)[:, None]
    for number, solid in enumerate(solids):
        mine = order[starts[number] : starts[number + 1]]
        if not len(mine):
            continue
        hits.ids[mine] = solid.thing
        lit = AMBIENT + (1 - AMBIENT) * np.maximum(hits.normal[mine] @ LIGHT, -0.12)
        factor = lit * pattern(solid.material, local[mine], solid.half)
        hits.colour[mine] = np.asarray(solid.colour) * factor[:, None]
    return hits


def _frames(solids: Sequence[Solid], camera: Camera, width: int, height: int) -> Array:
    """The box of each solid on the picture, ``[solids, 4]``: the whole plane where it reaches behind the camera, and nothing
    where it lies behind it.
    """
    if not solids:
        return np.empty((0, 4))
    pixels, depth = camera.project(np.stack([solid.corners for solid in solids]), width, height)
    frames = np.concatenate([pixels.min(1), pixels.max(1)], 1)
    frames[depth.min(1) < 0.05] = (-np.inf, -np.inf, np.inf, np.inf)
    frames[depth.max(1) <= 0] = (np.inf, np.inf, -np.inf, -np.inf)
    return frames


def _walls(shell: Shell, origin: Array, directions: Array) -> tuple[Hits, NDArray[np.intp], Array]:
    """Where rays leave the room; by which axis, and to which side of it. Their colours are not yet painted."""
    size = np.array([shell.width, shell.length, shell.height])
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(directions > 0, size - origin, -origin) / directions
    far[directions == 0] = np.inf
    axis = far.argmin(1)
    rows = np.arange(len(axis))
    t = far[rows, axis]
    sign = np.sign(directions[rows, axis])
    normal = np.zeros_like(directions)
    normal[rows, axis] = -sign
    ids = np.where(axis < 2, WALL, np.where(sign > 0, CEILING, FLOOR)).astype(np.int16)
    return Hits(t, normal, ids, np.empty_like(directions)), axis, sign


def _paint(shell: Shell, points: Array, ids: NDArray[np.int16], axis: NDArray[np.intp], sign: Array) -> Array:
    """The colours of walls, floor and ceiling at points of them."""
    colour = np.empty_like(points)
    colour[:] = np.asarray(shell.wall)
    colour *= np.where(axis == 0, 0.93, np.where(sign * (axis == 1) > 0, 1.0, 0.97))[:, None]
    # Light falls off a little towards the floor and the corners of the walls.
    colour *= (0.9 + 0.1 * np.clip(points[:, 2] / shell.height, 0, 1))[:, None]
    floor = ids == FLOOR
    colour[floor] = np.asarray(shell.floor) * _floor(shell.floor_pattern, points[floor])[:, None]
    colour[ids == CEILING] = (248, 247, 243)
    skirting = (ids == WALL) & (points[:, 2] < 0.09)
    colour[skirting] = (240, 238, 230)
    return colour


def _floor(kind: str, points: Array) -> Array:
    x, y = points[:, 0], points[:, 1]
    if kind == "tiles":
        return np.where((np.floor(x / 0.5) + np.floor(y / 0.5)) % 2 == 0, 1.0, 0.88)
    if kind == "boards":
        board = np.floor(x / 0.22)
        seam = (x / 0.22 - board < 0.06) | (((y + board * 0.7) / 1.6) % 1.0 < 0.012)
        return np.where(seam, 0.84, 0.96 + 0.04 * np.sin(board * 12.9898))
    return 0.985 + 0.015 * np.sin(40 * x) * np.sin(40 * y)


def _contact(solids: Sequence[Solid], ids: NDArray[np.int16], points: Array) -> Array:
    """How much light reaches points of the room: on the floor, a soft shadow around each thing's footprint."""
    factor = np.ones(len(points))
    floor = np.flatnonzero(ids == FLOOR)
    if not len(floor):
        return factor
    x, y = points[floor, 0], points[floor, 1]
    shade = np.ones(len(floor))
    for solid in solids:
        bottom = solid.centre[2] - solid.half[2]
        if bottom > 0.6 or solid.size[2] < 0.03:
            continue
        dx, dy = x - solid.centre[0] - 0.08, y - solid.centre[1] - 0.06
        c, s = solid.turn[0, 0], solid.turn[1, 0]
        out_x = np.maximum(np.abs(c * dx + s * dy) - solid.half[0], 0)
        out_y = np.maximum(np.abs(c * dy - s * dx) - solid.half[1], 0)
        away = (out_x * out_x + out_y * out_y) / (0.16 + 0.25 * bottom) ** 2
        np.minimum(shade, 1 - (0.34 - 0.3 * bottom) * np.exp(-away), out=shade)
    factor[floor] = shade
    return factor
