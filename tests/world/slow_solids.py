"""Whether points are in a solid, from what the shapes are, not from how they are hit."""

from __future__ import annotations

import math

import numpy as np

from vistune.world.rooms.solids import Solid


def inside(solid: Solid, points: np.ndarray) -> np.ndarray:
    """Which points ``[n, 3]`` are within a solid."""
    away = points - np.asarray(solid.centre)
    c, s = math.cos(solid.yaw), math.sin(solid.yaw)
    turned = np.stack([c * away[:, 0] + s * away[:, 1], c * away[:, 1] - s * away[:, 0], away[:, 2]])
    x, y, z = turned / (np.asarray(solid.size)[:, None] / 2)
    if solid.shape == "box":
        return np.maximum(np.maximum(abs(x), abs(y)), abs(z)) <= 1
    if solid.shape == "ball":
        return x * x + y * y + z * z <= 1
    if solid.shape == "cylinder":
        return (x * x + y * y <= 1) & (abs(z) <= 1)
    assert solid.shape == "cone"
    return (abs(z) <= 1) & (np.hypot(x, y) <= (1 - z) / 2)
