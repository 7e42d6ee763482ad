"""Patterns of floors, averaged over what a pixel covers, so that boards seen from afar blur instead of flickering."""

from __future__ import annotations

import numpy as np

from vistune.world.rooms.camera import Array

#: Metres: how wide and long boards are, how large tiles, and how long the waves of a carpet.
BOARD, LONG, TILE, WAVE = 0.22, 1.6, 0.5, 2 * np.pi / 40
#: The share of a board's width and length that is the seam beside it and at its end.
SEAM, END = 0.06, 0.012


def floor_light(kind: str, points: Array, eye: Array, spread: float) -> Array:
    """How light a floor of ``kind`` ("boards", "tiles", "carpet") looks at points: factors ``[n]`` of its colour.

    ``points`` ``[3, n]`` and ``eye`` ``[3]`` are in metres; ``spread`` is the angle between neighbouring rays, in radians.
    """
    x, y = points[0], points[1]
    wide_x, wide_y = _covered(x - eye[0], y - eye[1], float(eye[2]), spread)
    if kind == "tiles":
        one, other = (2 * _share(v, 2 * TILE, 0.5, wide) - 1 for v, wide in ((x, wide_x), (y, wide_y)))
        return 0.94 + 0.06 * one * other
    if kind == "boards":
        board = np.floor(x / BOARD)
        seam = _share(x, BOARD, SEAM, wide_x)
        end = _share(y + board * 0.7, LONG, END, wide_y)
        tone = 0.96 + 0.04 * _fade(wide_x, BOARD) * np.sin(board * 12.9898)
        return tone + (0.84 - tone) * (1 - (1 - seam) * (1 - end))
    depth = _fade(wide_x, WAVE) * _fade(wide_y, WAVE)
    return 0.985 + 0.015 * depth * np.sin(40 * x) * np.sin(40 * y)


def _covered(dx: Array, dy: Array, high: float, spread: float) -> tuple[Array, Array]:
    """How much of x and of y a ray's pixel covers on the floor, in metres; it is drawn out along the line of sight."""
    flat = np.maximum(np.sqrt(dx * dx + dy * dy), 1e-9)
    distance = np.sqrt(flat * flat + high * high)
    across = spread * distance
    along = across * distance / max(high, 1e-3)
    ux, uy = np.abs(dx) / flat, np.abs(dy) / flat
    return ux * along + uy * across, uy * along + ux * across


def _share(at: Array, period: float, part: float, wide: Array) -> Array:
    """The share of ``wide`` around ``at`` that lies in the first ``part`` of a period: the mean of a square wave."""
    middle, half = at / period, np.maximum(wide / period, 1e-6) / 2
    return (_within(middle + half, part) - _within(middle - half, part)) / (2 * half)


def _within(at: Array, part: float) -> Array:
    """How much of 0 to ``at`` lies in the first ``part`` of a period of 1."""
    whole = np.floor(at)
    return whole * part + np.minimum(at - whole, part)


def _fade(wide: Array, period: float) -> Array:
    """What is left of a wave of ``period`` when it is seen ``wide`` at a time."""
    return np.clip(1.5 - wide / period, 0, 1)
