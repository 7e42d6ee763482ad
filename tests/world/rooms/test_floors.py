"""Floors: what a pixel shows is the mean of what it covers."""

from __future__ import annotations

import numpy as np
import pytest

from seeds import seeds
from vistune.world.rooms import FLOOR, look, sample_room
from vistune.world.rooms.floors import BOARD, END, LONG, SEAM, TILE, floor_light


def sharp(kind: str, x: float, y: float) -> float:
    """A floor's light at a point, told case by case."""
    if kind == "tiles":
        return 1.0 if (int(x // TILE) + int(y // TILE)) % 2 == 0 else 0.88
    board = x // BOARD
    seam = x / BOARD - board < SEAM or ((y + board * 0.7) / LONG) % 1.0 < END
    return 0.84 if seam else 0.96 + 0.04 * np.sin(board * 12.9898)


@pytest.mark.parametrize("kind", ["tiles", "boards"])
def test_seen_from_near_a_floor_is_its_pattern(kind: str) -> None:
    rng = np.random.default_rng(0)
    points = np.stack([*rng.uniform(0, 5, (2, 400)), np.zeros(400)])
    light = floor_light(kind, points, np.array([2.0, 2.0, 1.7]), 0.0)
    expected = [sharp(kind, x, y) for x, y in points[:2].T]
    np.testing.assert_allclose(light, expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["tiles", "boards"])
def test_seen_from_afar_a_floor_is_its_mean(kind: str) -> None:
    places = np.random.default_rng(0).uniform(0, 200, (20_000, 2))
    mean = np.mean([sharp(kind, x, y) for x, y in places])
    points = np.array([[900.0, 1300.0], [700.0, 200.0], [0.0, 0.0]])
    light = floor_light(kind, points, np.array([0.0, 0.0, 1.7]), 0.03)
    np.testing.assert_allclose(light, mean, atol=0.002)


def test_a_small_view_is_a_large_one_seen_smaller() -> None:
    for seed in seeds(12):
        room = sample_room(seed, cameras=1)
        small, large = look(room, 0, 48, 48), look(room, 0, 384, 384)
        mean = large.rgb.reshape(48, 8, 48, 8, 3).mean((1, 3))
        # Where a whole pixel is floor; elsewhere edges are averaged over four rays only.
        floor = (large.ids.reshape(48, 8, 48, 8) == FLOOR).all((1, 3))
        away = np.abs(small.rgb[floor].astype(float) - mean[floor]).mean(-1)
        assert away.mean() < 1.6 and np.quantile(away, 0.99) < 8.0
