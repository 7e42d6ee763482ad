"""Rooms: pictures against a scalar solver, geometry against geometry, answers against the furniture's numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world.language.grammar import number_word
from vistune.world.rooms import (
    CEILING,
    FLOOR,
    WALL,
    Camera,
    Room,
    axis_boxes,
    backproject,
    boxes,
    boxes_3d,
    lift,
    look,
    point_cloud,
    projected_corners,
    render,
    sample_room,
)
from vistune.world.rooms.bodies import Bodies
from vistune.world.rooms.furniture import FURNISHINGS, build, extent
from vistune.world.rooms.room import apart, held_out
from vistune.world.vocabulary import COLOURS
from world.slow_solids import inside

PRIORS = ("skewed", "flat", "inverted")
WORDS = "|".join([*COLOURS, "small", "big", "striped", "checked"])
NUMBERS = {number_word(n): n for n in range(10)}


def pinhole(camera: Camera, u: float, v: float, size: int) -> np.ndarray:
    """The ray through a point of a square picture, one metre deep: from the angles of the camera alone."""
    dx, dy, dz = np.subtract(camera.target, camera.position)
    turn, tilt = math.atan2(dy, dx), math.atan2(dz, math.hypot(dx, dy))
    reach = math.tan(math.radians(camera.angle) / 2)
    right, down = (2 * u / size - 1) * reach, (2 * v / size - 1) * reach
    ahead, up = math.cos(tilt) + down * math.sin(tilt), math.sin(tilt) - down * math.cos(tilt)
    return np.array(
        [ahead * math.cos(turn) + right * math.sin(turn), ahead * math.sin(turn) - right * math.cos(turn), up]
    )


def march(room: Room, start: np.ndarray, ray: np.ndarray, step: float = 0.004) -> tuple[float, int]:
    """Depth and id on a ray, by small steps: the first point within a solid or outside the room."""
    shell = room.shell
    depths = np.arange(step, 16, step)
    points = start + ray * depths[:, None]
    out = (points < 0).any(1) | (points > (shell.width, shell.length, shell.height)).any(1)
    last = int(out.argmax())
    hits = [(int(h.argmax()), part.thing) for part in room.solids() if (h := inside(part, points[:last])).any()]
    if hits:
        first, ident = min(hits)
        return depths[first], ident
    z = points[last, 2]
    return depths[last], FLOOR if z < 0 else CEILING if z > shell.height else WALL


def test_depth_and_ids_are_those_of_a_slow_march() -> None:
    rng = np.random.default_rng(0)
    wrong = checked = things = 0
    for seed in seeds(12):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        view = look(room, 0, 48, 48)
        # Things are few on most pictures: half of the rays go to them.
        places = np.concatenate([rng.integers(0, 48, (12, 2)), rng.permutation(np.argwhere(view.ids >= 0))[:12]])
        for y, x in places:
            depth, ident = march(
                room, np.asarray(room.cameras[0].position), pinhole(room.cameras[0], x + 0.5, y + 0.5, 48)
            )
            checked += 1
            things += ident >= 0
            # A march can step over the thin edge of a solid; nothing else may differ.
            wrong += view.ids[y, x] != ident or abs(view.depth[y, x] - depth) > 0.006
    assert checked > 200 and things > 60
    assert wrong <= 0.01 * checked


def test_points_project_back_onto_their_pixels() -> None:
    for seed in seeds(40):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        for number, camera in enumerate(room.cameras):
            view = look(room, number, 40, 40)
            points = backproject(view.depth.astype(float), camera)
            pixels, depth = camera.project(points, 40, 40)
            v, u = np.mgrid[0:40, 0:40] + 0.5
            assert np.abs(pixels[..., 0] - u).max() < 1e-3
            assert np.abs(pixels[..., 1] - v).max() < 1e-3
            assert np.allclose(depth, view.depth, atol=1e-4)
            for y, x in ((7, 9), (31, 2), (20, 39)):
                ray = pinhole(camera, x + 0.5, y + 0.5, 40)
                assert np.allclose(points[y, x], np.asarray(camera.position) + ray * view.depth[y, x], atol=1e-5)
                homogeneous = np.append(points[y, x], 1.0)
                assert np.allclose((camera.extrinsics @ homogeneous)[2], view.depth[y, x], atol=1e-4)


def test_a_point_lands_on_its_surface_in_another_view() -> None:
    """A point of the first view is, in the second, on what that view shows there or hidden behind it, never before it."""
    floors = things = hidden = 0
    for seed in seeds(30):
        room = sample_room(seed)
        first, second = (look(room, k, 96, 96) for k in (0, 1))
        points = backproject(first.depth.astype(float), room.cameras[0])
        pixels, depth = room.cameras[1].project(points, 96, 96)
        for y in range(2, 96, 7):
            for x in range(2, 96, 7):
                u, v = pixels[y, x]
                if depth[y, x] < 0.1 or not (1 <= u < 95 and 1 <= v < 95):
                    continue
                rows, columns = slice(int(v) - 1, int(v) + 2), slice(int(u) - 1, int(u) + 2)
                near, ids = second.depth[rows, columns], second.ids[rows, columns]
                ident = first.ids[y, x]
                if (ids != ident).any():
                    if (ids != ident).all():  # Another thing is before it.
                        assert depth[y, x] > near.min() - 0.02
                        hidden += 1
                    continue
                if ident < 0:
                    assert near.min() - 0.02 < depth[y, x] < near.max() + 0.02
                    floors += 1
                else:
                    assert depth[y, x] > near.min() - 0.02
                    things += abs(depth[y, x] - near[1, 1]) < 0.05
    assert floors > 300 and things > 20 and hidden > 20


def test_boxes_hold_all_points_of_their_thing() -> None:
    for seed in seeds(150):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        cloud = point_cloud(room, 32, 32)
        for number, (x, y, z, wide, long, high, yaw) in enumerate(boxes_3d(room)):
            mine = cloud["points"][cloud["ids"] == number] - (x, y, z)
            turned = np.stack(
                [
                    math.cos(yaw) * mine[:, 0] + math.sin(yaw) * mine[:, 1],
                    math.cos(yaw) * mine[:, 1] - math.sin(yaw) * mine[:, 0],
                    mine[:, 2],
                ],
                1,
            )
            assert (np.abs(turned) <= np.array([wide, long, high]) / 2 + 1e-3).all()
            corner = np.array([x, y, z])
            low, high_corner = axis_boxes(room)[number].reshape(2, 3)
            assert ((mine >= low - corner - 1e-3) & (mine <= high_corner - corner + 1e-3)).all()


@pytest.mark.parametrize("kind", FURNISHINGS)
def test_furniture_fills_its_box_and_no_more(kind: str) -> None:
    wide, long, high = extent(kind, "medium")
    corners = Bodies(build(kind, "medium", "red", "plain", 0)).corners.reshape(-1, 3)
    low, high_corner = corners.min(0), corners.max(0)
    assert (low >= np.array([-wide / 2, -long / 2, 0]) - 1e-9).all()
    assert (high_corner <= np.array([wide / 2, long / 2, high]) + 1e-9).all()
    assert (high_corner - low >= 0.84 * np.array([wide, long, high])).all()


def test_boxes_on_the_picture_are_tight_and_within_the_projected_corners() -> None:
    for seed in seeds(80):
        room = sample_room(seed)
        view = look(room, 0, 64, 64)
        corners, depth = projected_corners(room, 0, 64, 64)
        for number, (x0, y0, x1, y1) in enumerate(boxes(view, len(room.things))):
            mask = view.ids == number
            if not mask.any():
                assert x1 == 0
                continue
            assert mask[int(y0) : int(y1), int(x0) : int(x1)].sum() == mask.sum()
            assert mask[int(y0)].any() and mask[int(y1) - 1].any()
            assert mask[:, int(x0)].any() and mask[:, int(x1) - 1].any()
            if depth[number].min() > 0.1:
                low, high = corners[number].min(0), corners[number].max(0)
                assert x0 + 0.5 >= low[0] and y0 + 0.5 >= low[1] and x1 - 0.5 <= high[0] and y1 - 0.5 <= high[1]


def test_normals_are_unit_and_face_the_camera() -> None:
    for seed in seeds(40):
        room = sample_room(seed)
        view = look(room, 0, 40, 40)
        assert np.allclose(np.linalg.norm(view.normals, axis=-1), 1, atol=1e-4)
        rays = backproject(view.depth.astype(float), room.cameras[0]) - np.asarray(room.cameras[0].position)
        assert (np.einsum("hwc,hwc->hw", rays, view.normals) <= 1e-6).all()
        assert (view.normals[view.ids == FLOOR] == (0, 0, 1)).all()


def test_normals_are_square_to_the_surfaces() -> None:
    """Where neighbours have one normal, the way from point to point is at right angles to it."""
    flat = across = checked = 0
    for seed in seeds(20):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        view = look(room, 0, 64, 64)
        points = backproject(view.depth.astype(float), room.cameras[0])
        for axis in (0, 1):
            same = (np.diff(view.ids, axis=axis) == 0) & (np.abs(np.diff(view.normals, axis=axis)).max(-1) < 1e-6)
            first = np.delete(view.normals, -1, axis=axis)
            off = np.abs((np.diff(points, axis=axis) * first).sum(-1))
            shell = np.delete(view.ids, -1, axis=axis) < 0
            assert off[same & shell].max() < 2e-3
            flat, across = flat + int((off[same & ~shell] < 2e-3).sum()), across + int((same & ~shell).sum())
            checked += int((same & shell).sum())
    # Parts of one thing at two depths can have one normal.
    assert checked > 50_000 and across > 2_000 and flat > 0.9 * across


def test_things_stand_apart_and_inside() -> None:
    for seed in seeds(600):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        for number, thing in enumerate(room.things):
            corners = thing.corners()
            assert corners[:, :2].min() >= -1e-9
            assert corners[:, 0].max() <= room.shell.width + 1e-9 and corners[:, 1].max() <= room.shell.length + 1e-9
            assert corners[:, 2].max() < room.shell.height
            for other in room.things[:number]:
                same_level = thing.on == other.on and "rug" not in (thing.kind, other.kind)
                assert not same_level or apart(thing.footprint(), other.footprint(), 0.0)
            if thing.on is not None:
                under = room.things[thing.on]
                assert under.z < thing.z <= under.z + under.extent[2] + 1e-6


def test_apart_knows_overlap_from_sampled_points() -> None:
    rng = np.random.default_rng(3)
    for _ in range(400):
        shapes = []
        for _ in range(2):
            centre, half, yaw = rng.uniform(0, 2, 2), rng.uniform(0.1, 0.8, 2), rng.uniform(0, 6)
            c, s = math.cos(yaw), math.sin(yaw)
            shapes.append((centre, half, np.array([[c, -s], [s, c]])))
        ends = [c + (np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]]) * h) @ turn.T for c, h, turn in shapes]
        centre, half, turn = shapes[0]
        grid = np.stack(np.meshgrid(np.linspace(-1, 1, 25), np.linspace(-1, 1, 25)), -1).reshape(-1, 2)
        points = (centre + (grid * half) @ turn.T - shapes[1][0]) @ shapes[1][2]
        if (np.abs(points) < shapes[1][1]).all(1).any():
            assert not apart(ends[0], ends[1], 0.0)


def test_voxels_average_the_features_that_fall_into_them() -> None:
    room = sample_room(4)
    features = np.random.default_rng(0).normal(size=(2, 8, 8, 3))
    voxels, lifted = lift(features, room, bins=6)
    size = np.array([room.shell.width, room.shell.length, room.shell.height])
    sums: dict[tuple, list] = {}
    for k in range(2):
        points = backproject(look(room, k, 8, 8).depth.astype(float), room.cameras[k])
        for y in range(8):
            for x in range(8):
                key = tuple(min(5, max(0, int(c))) for c in points[y, x] / size * 6)
                sums.setdefault(key, []).append(features[k, y, x])
    assert {tuple(v) for v in voxels} == set(sums)
    for voxel, mean in zip(voxels, lifted):
        assert np.allclose(mean, np.mean(sums[tuple(voxel)], axis=0))


def test_rooms_are_pure_functions_of_their_seed_and_hold_pairs_out() -> None:
    assert sample_room(5) == sample_room(5) != sample_room(6)
    assert sample_room(5) != sample_room(5, split="test")
    assert (render(sample_room(5), 40) == render(sample_room(5), 40)).all()
    trained = {(t.colour, t.kind) for seed in range(400) for t in sample_room(seed).things}
    tested = {(t.colour, t.kind) for seed in range(400) for t in sample_room(seed, split="test").things}
    assert not any(held_out(*pair) for pair in trained)
    assert sum(held_out(*pair) for pair in tested) > 5


def test_wrong_numbers_are_said_clearly() -> None:
    with pytest.raises(ConfigError, match="cameras"):
        sample_room(0, cameras=0)
    with pytest.raises(ConfigError, match="pixels"):
        render(sample_room(0), 0)
    with pytest.raises(ConfigError, match="straight"):
        Camera((0, 0, 1), (0, 0, 0))
