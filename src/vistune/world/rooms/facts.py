"""What is known of a room: visibility, boxes on pictures and in space, points in colour."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vistune.world.rooms.camera import Array, backproject
from vistune.world.rooms.caster import View
from vistune.world.rooms.room import Room, look

#: A thing counts as seen with this many of 64 x 64 pixels, as not seen with less than the second; else it is doubtful.
SEEN, UNSEEN = 16, 2


@lru_cache(maxsize=64)
def small_view(room: Room, camera: int) -> View:
    """The view at 64 px, kept: what visibility is judged by."""
    return look(room, camera, 64, 64)


def seen_pixels(room: Room, camera: int) -> NDArray[np.int64]:
    """Pixels of each thing in the view of a camera at 64 px: ``[things]``."""
    ids = small_view(room, camera).ids
    return np.bincount(ids[ids >= 0].ravel(), minlength=len(room.things))


def boxes(view: View, things: int) -> NDArray[np.float64]:
    """Boxes ``(x0, y0, x1, y1)`` of the visible pixels of each thing, ends exclusive: ``[things, 4]``; zeros if unseen."""
    found = np.zeros((things, 4))
    for number in range(things):
        ys, xs = np.nonzero(view.ids == number)
        if len(xs):
            found[number] = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    return found


def boxes_3d(room: Room) -> NDArray[np.float64]:
    """Oriented boxes ``(x, y, z, width, length, height, yaw)``, centres in metres, yaw in radians: ``[things, 7]``."""
    return np.array([(*thing.centre, *thing.extent, thing.yaw) for thing in room.things]).reshape(-1, 7)


def axis_boxes(room: Room) -> NDArray[np.float64]:
    """Boxes along the axes ``(x0, y0, z0, x1, y1, z1)`` in metres: ``[things, 6]``."""
    corners = [thing.corners() for thing in room.things]
    return np.array([(*c.min(0), *c.max(0)) for c in corners]).reshape(-1, 6)


def projected_corners(room: Room, camera: int, width: int, height: int) -> tuple[Array, Array]:
    """Pixels ``[things, 8, 2]`` and depths ``[things, 8]`` of the corners of the oriented boxes."""
    return room.cameras[camera].project(np.stack([thing.corners() for thing in room.things]), width, height)


def point_cloud(room: Room, height: int = 64, width: int = 64) -> dict[str, NDArray]:
    """The points that all cameras see, fused: ``points`` float64 ``[n, 3]`` metres, ``colours`` uint8 ``[n, 3]``,

    ``normals`` float32 ``[n, 3]`` and ``ids`` int16 ``[n]`` (as in ``View``).
    """
    parts = []
    for number, camera in enumerate(room.cameras):
        view = look(room, number, height, width)
        points = backproject(view.depth.astype(float), camera)
        parts.append((points.reshape(-1, 3), view.rgb.reshape(-1, 3), view.normals.reshape(-1, 3), view.ids.ravel()))
    names = ("points", "colours", "normals", "ids")
    return {name: np.concatenate([part[k] for part in parts]) for k, name in enumerate(names)}


def lift(features: NDArray[np.floating], room: Room, bins: int = 64) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Features of all views lifted to voxels, those of one voxel averaged (3D-LLM, step 2a and voxels).

    ``features``: ``[cameras, height, width, dim]``. -> voxel coordinates ``[voxels, 3]`` from 0 to ``bins`` - 1 along
    each side of the room, and features ``[voxels, dim]``.
    """
    _, height, width, dim = features.shape
    size = np.array([room.shell.width, room.shell.length, room.shell.height])
    places = []
    for number, camera in enumerate(room.cameras):
        points = backproject(look(room, number, height, width).depth.astype(float), camera).reshape(-1, 3)
        places.append(np.clip((points / size * bins).astype(np.int64), 0, bins - 1))
    voxels, inverse = np.unique(np.concatenate(places), axis=0, return_inverse=True)
    total = np.zeros((len(voxels), dim))
    np.add.at(total, inverse.ravel(), features.reshape(-1, dim))
    return voxels, total / np.bincount(inverse.ravel(), minlength=len(voxels))[:, None]
