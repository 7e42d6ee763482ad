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
from vistune.world.rooms.floors import floor_light
from vistune.world.rooms.shell import FLOOR, Shell, leave, shell_ids, wall_colours
from vistune.world.rooms.solids import Solid

Bool = NDArray[np.bool_]
#: Where in a pixel on an edge colours are taken.
_QUARTERS = np.array([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])


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
    sight = _Sight(Bodies(solids), shell, camera, height, width)
    across, down = sight.spans()
    v, u = np.mgrid[0:height, 0:width] + 0.5
    who, rays = np.nonzero((down[:, :, None] & across[:, None, :]).reshape(len(sight.bodies.solids), -1))
    hits = sight.trace(u.ravel(), v.ravel(), who, rays)
    ids, normals = hits.ids.reshape(height, width), hits.normal.reshape(3, height, width)
    colour = hits.colour.reshape(3, height, width)
    rows, columns = np.nonzero(_edges(ids, normals))
    if len(rows):
        who, pixels = np.nonzero(across[:, columns] & down[:, rows])
        colour[:, rows, columns] = sight.softened(rows, columns, who, pixels)
    return View(
        np.ascontiguousarray(np.clip(colour + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)),
        hits.t.reshape(height, width).astype(np.float32),
        np.ascontiguousarray(normals.astype(np.float32).transpose(1, 2, 0)),
        ids,
    )


@dataclass(frozen=True)
class _Sight:
    """A room's solids and shell before a camera whose picture has ``height`` x ``width`` pixels."""

    bodies: Bodies
    shell: Shell
    camera: Camera
    height: int
    width: int

    def spans(self) -> tuple[Bool, Bool]:
        """In which columns ``[solids, width]`` and rows ``[solids, height]`` each solid may show: those of its box; all of

        them where it reaches behind the camera, none where it lies behind it.
        """
        pixels, depth = self.camera.project(self.bodies.corners, self.width, self.height)
        low, high = pixels.min(1), pixels.max(1)
        reaching, behind = depth.min(1) < 0.05, depth.max(1) <= 0
        low[reaching], high[reaching] = -np.inf, np.inf
        high[behind] = -np.inf
        spans = [
            (low[:, axis, None] <= np.arange(many) + 1) & (high[:, axis, None] >= np.arange(many))
            for axis, many in enumerate((self.width, self.height))
        ]
        return spans[0], spans[1]

    def trace(self, u: Array, v: Array, who: Numbers, rays: Numbers) -> Hits:
        """What the rays through points (u, v) of the picture meet; solids ``who`` only on their ``rays``."""
        origin = np.asarray(self.camera.position, float)
        along = np.ascontiguousarray(self.camera.directions(u, v, self.width, self.height).T)
        hits, axis, sign = _walls(self.shell, origin, along)
        met = self.bodies.meet(origin, along, hits.t, who, rays)
        bare = np.ones(len(hits.t), bool)
        bare[met.rays] = False
        bare = np.flatnonzero(bare)
        points = origin[:, None] + along[:, bare] * hits.t[bare]
        hits.colour[:, bare] = self._paint(origin, points, hits.ids[bare], axis[bare], sign[bare])
        hits.t[met.rays], hits.normal[:, met.rays], hits.ids[met.rays] = (
            met.t, met.normals, self.bodies.things[met.owners],
        )  # fmt: skip
        hits.colour[:, met.rays] = self.bodies.painted(met)
        return hits

    def softened(self, rows: Numbers, columns: Numbers, who: Numbers, pixels: Numbers) -> Array:
        """The colours of pixels, each the mean of four rays: ``[3, pixels]``; solids ``who`` only in their ``pixels``."""
        u = (columns[:, None].astype(float) + _QUARTERS[:, 0]).ravel()
        v = (rows[:, None].astype(float) + _QUARTERS[:, 1]).ravel()
        hits = self.trace(u, v, np.repeat(who, 4), (4 * pixels[:, None] + np.arange(4)).ravel())
        return hits.colour.reshape(3, -1, 4).mean(2)

    def _paint(self, origin: Array, points: Array, ids: NDArray[np.int16], axis: Numbers, sign: Array) -> Array:
        """The colours of walls, floor and ceiling at points of them: ``[3, points]``."""
        shell = self.shell
        colour = wall_colours(shell.wall, shell.height, points, ids, axis, sign)
        floor = np.flatnonzero(ids == FLOOR)
        light = floor_light(shell.floor_pattern, points[:, floor], origin, self.camera.spread(self.width))
        light *= self.bodies.shade(points[0, floor], points[1, floor], (0.08, 0.06), low=0.6, soft=0.16, dark=0.34)
        colour[:, floor] = np.array(shell.floor, float)[:, None] * light
        return colour


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


def _walls(shell: Shell, origin: Array, along: Array) -> tuple[Hits, Numbers, Array]:
    """Where rays leave the room; by which axis, and to which side of it. Their colours are not yet painted."""
    t, axis, sign = leave(np.zeros(3), np.array([shell.width, shell.length, shell.height]), origin, along)
    normal = np.zeros_like(along)
    normal[axis, np.arange(len(axis))] = -sign
    return Hits(t, normal, shell_ids(axis, sign), np.empty_like(along)), axis, sign
