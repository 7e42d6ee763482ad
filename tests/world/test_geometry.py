"""Normals and occlusion against masks laid over each other by hand."""

from __future__ import annotations

import numpy as np

from seeds import seeds
from vistune.world import (
    amodal_masks,
    depth_map,
    instance_map,
    normal_map,
    occluded_share,
    sample_scene,
    surface_depth,
)
from vistune.world.geometry import TO_VIEWER, UP, hidden_by
from vistune.world.places import PLACES


def scenes(count):
    return (sample_scene(i, prior="flat", split=("train", "test")[i % 2], max_things=6) for i in seeds(count))


def test_normals_are_unit_vectors_of_three_surfaces():
    for scene in scenes(150):
        normals, things = normal_map(scene, 50), instance_map(scene, 50) >= 0
        assert normals.shape == (50, 50, 3)
        np.testing.assert_allclose(np.linalg.norm(normals, axis=-1), 1)
        for row in range(50):
            under = (row + 0.5) / 50 >= PLACES[scene.setting].horizon
            free = normals[row][~things[row]]
            assert (free == (UP if under else TO_VIEWER)).all()
        assert (normals[things] == TO_VIEWER).all()


def test_the_hidden_share_is_what_nearer_things_cover():
    hidden = 0
    for scene in scenes(200):
        whole, shares = amodal_masks(scene, 128), occluded_share(scene)
        for i, thing in enumerate(scene.things):
            over = np.zeros((128, 128), bool)
            for j, other in enumerate(scene.things):
                if other.depth < thing.depth:
                    over |= whole[j]
                    assert abs(hidden_by(scene)[i][j] - (whole[i] & whole[j]).sum() / whole[i].sum()) < 1e-9
                else:
                    assert hidden_by(scene)[i][j] == 0
            assert abs(shares[i] - (whole[i] & over).sum() / whole[i].sum()) < 1e-9
            hidden += shares[i] > 0.01
    assert hidden > 20


def test_the_ground_is_as_far_as_what_would_stand_there():
    for scene in scenes(120):
        depth, seen = surface_depth(scene, 60), instance_map(scene, 60)
        np.testing.assert_array_equal(depth[seen >= 0], depth_map(scene, 60)[seen >= 0])
        for row in range(60):
            y = (row + 0.5) / 60
            wanted = 1.0 if y < PLACES[scene.setting].horizon else 1 - y
            np.testing.assert_allclose(depth[row][seen[row] < 0], wanted, rtol=1e-5)
