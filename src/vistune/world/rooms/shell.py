"""The shell around solids: a box of floor, walls and ceiling, where rays leave it and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vistune.world.rooms.camera import Array

#: Ids of what is no thing.
FLOOR, WALL, CEILING = -1, -2, -3
#: Metres: how high the skirting of walls is.
_SKIRTING = 0.09


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


def leave(low: Array, high: Array, origin: Array, along: Array) -> tuple[Array, NDArray[np.intp], Array]:
    """Where rays ``along`` ``[3, rays]`` from within leave the box from ``low`` ``[3]`` to ``high`` ``[3]``.

    -> t ``[rays]``, the axis of the side that they meet and the sign of the ray along it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(along > 0, (high - origin)[:, None], (low - origin)[:, None]) / along
    far[along == 0] = np.inf
    t = np.minimum(np.minimum(far[0], far[1]), far[2])
    axis = np.where(far[0] == t, 0, np.where(far[1] == t, 1, 2))
    return t, axis, np.sign(along[axis, np.arange(len(axis))])


def shell_ids(axis: NDArray[np.intp], sign: Array) -> NDArray[np.int16]:
    """``WALL``, ``CEILING`` or ``FLOOR`` of the sides that rays meet: ``[rays]``."""
    return np.where(axis < 2, WALL, np.where(sign > 0, CEILING, FLOOR)).astype(np.int16)


def wall_colours(
    wall: tuple[int, int, int],
    height: float,
    points: Array,
    ids: NDArray[np.int16],
    axis: NDArray[np.intp],
    sign: Array,
) -> Array:
    """The colours of walls and ceiling at points ``[3, points]`` of them, 0 to 255; those of floors mean nothing yet."""
    light = np.where(axis == 0, 0.93, np.where(sign > 0, 1.0, 0.97))
    # Light falls off a little towards the floor.
    light *= 0.9 + 0.1 * np.clip(points[2] / height, 0, 1)
    colour = np.array(wall, float)[:, None] * light
    colour[:, ids == CEILING] = np.array([[248.0], [247.0], [243.0]])
    colour[:, (ids == WALL) & (points[2] < _SKIRTING)] = np.array([[240.0], [238.0], [230.0]])
    return colour
