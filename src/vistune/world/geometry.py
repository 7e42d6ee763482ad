"""Surface normals, and who hides whom."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vistune.world.annotate import amodal_masks, instance_map, visible_share
from vistune.world.places import PLACES
from vistune.world.render import draw_order
from vistune.world.scene import Scene

#: Normals are unit vectors of a camera with x to the right, y up and z towards the viewer.
TO_VIEWER, UP = (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)
#: Things whose hidden share lies between nothing and this are not said to be hidden, nor to be free.
HIDDEN_SHARE = 0.04
#: Side of the picture at which occlusion is measured.
_MEASURED = 128


def normal_map(scene: Scene, size: int = 64) -> NDArray[np.float32]:
    """Unit normal of the surface at each pixel: float32 ``[size, size, 3]``, x right, y up, z towards the viewer.

    The world is a stage: things are flat and face the viewer, (0, 0, 1), as does all that is painted above the
    horizon; floor, ground and water lie level and face up, (0, 1, 0).
    """
    rows = (np.arange(size) + 0.5) / size
    normals = np.empty((size, size, 3), np.float32)
    normals[:] = np.where((rows < PLACES[scene.setting].horizon)[:, None, None], TO_VIEWER, UP)
    normals[instance_map(scene, size) >= 0] = TO_VIEWER
    return normals


def surface_depth(scene: Scene, size: int = 64) -> NDArray[np.float32]:
    """Depth at each pixel, with the ground: float32 ``[size, size]``, 0 nearest, 1 farthest.

    Things have the depth of the line they stand on, as in ``depth_map``; ground and water have that of a thing that
    would stand there, 1 - y; what is above the horizon is as far as 1.0.
    """
    rows = ((np.arange(size) + 0.5) / size).astype(np.float32)
    behind = np.where(rows < PLACES[scene.setting].horizon, np.float32(1), 1 - rows)
    depth = np.repeat(behind[:, None], size, 1)
    seen = instance_map(scene, size)
    things = np.array([*(thing.depth for thing in scene.things), 0.0], np.float32)
    return np.where(seen >= 0, things[seen], depth)


def occluded_share(scene: Scene, size: int = _MEASURED) -> NDArray[np.float64]:
    """Share of each thing that nearer things hide: ``[things]``."""
    return 1 - visible_share(scene, size)


@lru_cache(maxsize=512)
def hidden_by(scene: Scene) -> tuple[tuple[float, ...], ...]:
    """``hidden_by(scene)[i][j]``: share of thing ``i`` that is covered by the nearer thing ``j``.

    Where several cover the same place, each is counted.
    """
    whole = amodal_masks(scene, _MEASURED)
    place = {index: rank for rank, index in enumerate(draw_order(scene))}
    indices = range(len(scene.things))
    return tuple(
        tuple(
            float((whole[i] & whole[j]).sum() / max(whole[i].sum(), 1)) if place[j] > place[i] else 0.0 for j in indices
        )
        for i in indices
    )
