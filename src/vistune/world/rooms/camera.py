"""A pinhole camera in a world of metres.

World: x to the east, y to the north, z up. Camera: x to the right, y down, z forward (OpenCV's convention). Pixel (u, v)
has its centre at (u + 0.5, v + 0.5); depth is z in the camera's frame, not the length of the ray.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError

Vector = tuple[float, float, float]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A camera at ``position`` that looks at ``target``, level with the horizon. ``angle``: field of view, degrees across.

    Raises:
        ConfigError: it looks straight up or down, or at itself, or the angle is not between 0 and 180.
    """

    position: Vector
    target: Vector
    angle: float = 75.0

    def __post_init__(self) -> None:
        away = np.subtract(self.target, self.position)
        if np.hypot(away[0], away[1]) < 1e-6:
            raise ConfigError("A camera cannot look straight up, straight down or at itself: move its target aside.")
        if not 0 < self.angle < 180:
            raise ConfigError(f"A camera's angle is between 0 and 180 degrees, not {self.angle}.")

    @cached_property
    def rotation(self) -> Array:
        """World to camera: rows are the camera's right, down and forward in the world: ``[3, 3]``."""
        forward = np.subtract(self.target, self.position).astype(float)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 0.0, 1.0))
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(forward, right), forward])

    def intrinsics(self, width: int, height: int) -> Array:
        """``[[f, 0, cx], [0, f, cy], [0, 0, 1]]`` in pixels."""
        focal = width / 2 / np.tan(np.radians(self.angle) / 2)
        return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])

    def spread(self, width: int) -> float:
        """The angle between the rays of neighbouring pixels in the middle of a picture ``width`` across, in radians."""
        return float(2 * np.tan(np.radians(self.angle) / 2) / width)

    @cached_property
    def extrinsics(self) -> Array:
        """World to camera: ``[4, 4]``, for homogeneous points."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = -self.rotation @ np.asarray(self.position)
        return matrix

    def to_camera(self, points: Array) -> Array:
        """World points ``[..., 3]`` in the camera's frame."""
        return (points - np.asarray(self.position)) @ self.rotation.T

    def project(self, points: Array, width: int, height: int) -> tuple[Array, Array]:
        """World points ``[..., 3]`` -> pixels ``[..., 2]`` and depths ``[...]``. Behind the camera depth is not above 0."""
        seen = self.to_camera(points)
        k = self.intrinsics(width, height)
        depth = seen[..., 2]
        safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        return np.stack([k[0, 0] * seen[..., 0] / safe + k[0, 2], k[1, 1] * seen[..., 1] / safe + k[1, 2]], -1), depth

    def directions(self, u: Array, v: Array, width: int, height: int) -> Array:
        """World directions ``[rays, 3]`` through points (u, v) of the picture, with a depth of 1 (not unit length)."""
        k = self.intrinsics(width, height)
        x, y = (u - k[0, 2]) / k[0, 0], (v - k[1, 2]) / k[1, 1]
        return np.stack([x, y, np.ones_like(x)], -1) @ self.rotation


def backproject(depth: NDArray[np.floating], camera: Camera) -> Array:
    """The world point that each pixel's centre shows: ``[height, width]`` depths -> ``[height, width, 3]`` metres."""
    height, width = depth.shape
    v, u = np.mgrid[0:height, 0:width] + 0.5
    rays = camera.directions(u.ravel(), v.ravel(), width, height).reshape(height, width, 3)
    return np.asarray(camera.position) + rays * depth[..., None]
