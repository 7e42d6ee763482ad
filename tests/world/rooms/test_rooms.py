"""Rooms: pictures against a scalar solver, geometry against geometry, answers against the furniture's numbers."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError, DataError
from vistune.world.language.grammar import number_word
from vistune.world.program import parse_program
from vistune.world.rooms import (
    CEILING,
    FLOOR,
    WALL,
    Camera,
    Room,
    Solid,
    ask,
    axis_boxes,
    backproject,
    boxes,
    boxes_3d,
    lift,
    long_caption,
    look,
    point_cloud,
    projected_corners,
    render,
    sample_room,
    short_caption,
)
from vistune.world.rooms.bodies import Bodies
from vistune.world.rooms.furniture import FURNISHINGS, build, extent
from vistune.world.rooms.questions import MAKERS, TWO_VIEW_MAKERS, room_view
from vistune.world.rooms.room import apart, held_out
from vistune.world.rooms.telling import box_words, read_box
from vistune.world.rooms.view import OPERATIONS
from vistune.world.vocabulary import COLOURS

PRIORS = ("skewed", "flat", "inverted")
WORDS = "|".join([*COLOURS, "small", "big", "striped", "checked"])
NUMBERS = {number_word(n): n for n in range(10)}


def inside(solid: Solid, point: np.ndarray) -> bool:
    """Whether a point is within a solid: written from what the shapes are, not from how they are hit."""
    away = point - np.asarray(solid.centre)
    c, s = math.cos(solid.yaw), math.sin(solid.yaw)
    x, y, z = (c * away[0] + s * away[1], c * away[1] - s * away[0], away[2]) / (np.asarray(solid.size) / 2)
    if solid.shape == "box":
        return max(abs(x), abs(y), abs(z)) <= 1
    if solid.shape == "ball":
        return x * x + y * y + z * z <= 1
    if solid.shape == "cylinder":
        return x * x + y * y <= 1 and abs(z) <= 1
    assert solid.shape == "cone"
    return abs(z) <= 1 and math.hypot(x, y) <= (1 - z) / 2


def march(room: Room, camera: Camera, u: float, v: float, size: int, step: float = 0.004) -> tuple[float, int]:
    """Depth and id on a ray, by small steps: the first point within a solid or outside the room."""
    k, r = camera.intrinsics(size, size), camera.rotation
    ray = r.T @ np.array([(u - k[0, 2]) / k[0, 0], (v - k[1, 2]) / k[1, 1], 1.0])
    solids, shell = room.solids(), room.shell
    t = step
    while True:
        point = np.asarray(camera.position) + ray * t
        for solid in solids:
            if inside(solid, point):
                return t, solid.thing
        if point[2] < 0 or point[2] > shell.height:
            return t, FLOOR if point[2] < 0 else CEILING
        if not (0 <= point[0] <= shell.width and 0 <= point[1] <= shell.length):
            return t, WALL
        t += step


def test_depth_and_ids_are_those_of_a_slow_march() -> None:
    rng = np.random.default_rng(0)
    wrong = checked = 0
    for seed in range(12):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        view = look(room, 0, 48, 48)
        for _ in range(12):
            y, x = rng.integers(0, 48, 2)
            depth, ident = march(room, room.cameras[0], x + 0.5, y + 0.5, 48)
            checked += 1
            # A march can step over the thin edge of a solid; nothing else may differ.
            if view.ids[y, x] != ident or abs(view.depth[y, x] - depth) > 0.006:
                wrong += 1
    assert checked == 144
    assert wrong <= 1


def test_points_project_back_onto_their_pixels() -> None:
    for seed in seeds(60):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        for number, camera in enumerate(room.cameras):
            view = look(room, number, 40, 40)
            points = backproject(view.depth.astype(float), camera)
            pixels, depth = camera.project(points, 40, 40)
            v, u = np.mgrid[0:40, 0:40] + 0.5
            assert np.abs(pixels[..., 0] - u).max() < 1e-3
            assert np.abs(pixels[..., 1] - v).max() < 1e-3
            assert np.allclose(depth, view.depth, atol=1e-4)
            homogeneous = np.append(points[7, 9], 1.0)
            assert np.allclose((camera.extrinsics @ homogeneous)[2], view.depth[7, 9], atol=1e-4)


def test_a_point_lands_on_its_pixel_in_another_view() -> None:
    """What both cameras see: a point of the first view lies, in the second, on the surface that the second sees."""
    compared = 0
    for seed in seeds(40):
        room = sample_room(seed)
        first, second = (look(room, k, 64, 64) for k in (0, 1))
        points = backproject(first.depth.astype(float), room.cameras[0])
        pixels, depth = room.cameras[1].project(points, 64, 64)
        for y in range(2, 64, 9):
            for x in range(2, 64, 9):
                u, v = pixels[y, x]
                if depth[y, x] < 0.1 or not (1 <= u < 63 and 1 <= v < 63):
                    continue
                row, column = int(v), int(u)
                patch = second.ids[row - 1 : row + 2, column - 1 : column + 2]
                if (patch != first.ids[y, x]).any():
                    continue
                near = second.depth[row - 1 : row + 2, column - 1 : column + 2]
                compared += 1
                # Never behind the surface that the other camera sees there (within its depth over three pixels).
                assert depth[y, x] < near.max() + 0.02 or first.ids[y, x] >= 0
    assert compared > 400


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


def name_to_index(room: Room, text: str) -> int:
    """The only thing that fits all words of ``the small red chair``."""
    *words, kind = text.removeprefix("the ").split()
    fits = [
        i
        for i, t in enumerate(room.things)
        if t.kind == kind and all(w in (t.size, t.colour, t.material) for w in words)
    ]
    assert len(fits) == 1
    return fits[0]


def references(room: Room, text: str) -> list[int]:
    """The things that a question names, in its order."""
    kinds = "|".join(FURNISHINGS)
    return [name_to_index(room, m[0]) for m in re.finditer(rf"the(?: (?:{WORDS}))* (?:{kinds})\b", text)]


def metres(room: Room, i: int, camera: int | None = None, j: int = 0) -> float:
    boxes = boxes_3d(room)
    other = boxes[j, :3] if camera is None else np.asarray(room.cameras[camera].position)
    return math.dist(boxes[i, :3], other)


def expected(room: Room, type: str, text: str) -> str:
    """The answer by the numbers of the boxes and the pixels of ids."""
    if type == "count":
        ids = look(room, 0, 64, 64).ids
        kinds = [t.kind for i, t in enumerate(room.things) if (ids == i).sum() >= 16]
        plural = next(n for n, f in FURNISHINGS.items() if re.search(rf"\b{f.plural}\b", text))
        return str(kinds.count(plural))
    if type == "exists":
        _, colour, kind = re.search(r"\b(an?) (\w+) (\w+)", text).groups()
        ids = look(room, 0, 64, 64).ids
        seen = [t for i, t in enumerate(room.things) if (ids == i).sum() >= 16]
        return "yes" if any(t.colour == colour and t.kind == kind for t in seen) else "no"
    found = references(room, text)
    if type == "colour":
        return room.things[found[0]].colour
    if type == "on":
        # What the camera does not see is not in the picture.
        ids = look(room, 0, 64, 64).ids
        return "the " + next(t.kind for i, t in enumerate(room.things) if t.on == found[0] and (ids == i).sum() >= 16)
    if type == "distance":
        return str(round(metres(room, found[0], camera=0)))
    if type == "between":
        return str(round(metres(room, found[0], j=found[1])))
    if type == "side":
        u = [room.cameras[0].project(np.array(boxes_3d(room)[i, :3]), 64, 64)[0][0] for i in found]
        return "yes" if u[0] < u[1] else "no"
    if type == "turned":
        (ax, ay), (bx, by), (cx, cy) = (boxes_3d(room)[i, :2] for i in found)
        heading = math.atan2(by - ay, bx - ax)
        relative = (math.degrees(math.atan2(cy - ay, cx - ax) - heading) + 180) % 360 - 180
        return "behind" if abs(relative) > 135 else "left" if relative > 0 else "right"
    if type == "views":
        shown = [(look(room, k, 64, 64).ids == found[0]).sum() >= 16 for k in (0, 1)]
        return {(True, True): "both", (True, False): "the first", (False, True): "the second"}[tuple(map(bool, shown))]
    if type == "taller":
        best = max(found[-2:], key=lambda i: boxes_3d(room)[i, 5])
    elif type == "depth_order":
        best = min(found[-2:], key=lambda i: metres(room, i, camera=0))
    else:
        assert type == "relative_distance"
        best = min(found[1:], key=lambda i: metres(room, found[0], j=i))
    return str(room_view(room).names[best])


@pytest.mark.parametrize("type", [*MAKERS, *TWO_VIEW_MAKERS])
def test_answers_are_those_of_the_numbers(type: str) -> None:
    asked = 0
    for seed in seeds(260):
        room = sample_room(seed, prior=PRIORS[seed % 3], split=("train", "test")[seed % 2])
        for q in ask(room, seed, types=[type], split=("train", "test")[seed % 2]):
            asked += 1
            answer = str(NUMBERS.get(q.answer, q.answer))
            assert answer == expected(room, type, q.text), q.text
            assert q.choices is None or q.answer in q.choices
            again = parse_program(str(q.program), OPERATIONS)
            assert again == q.program and again.answer(room_view(room)) == q.answer
    assert asked > (4 if type == "on" else 10)


def test_names_fit_one_thing() -> None:
    for seed in seeds(500):
        room = sample_room(seed, prior=PRIORS[seed % 3])
        for i, name in room_view(room).names.items():
            assert name is None or name_to_index(room, name) == i


def test_boxes_in_words_are_read_back() -> None:
    for seed in seeds(100):
        room = sample_room(seed)
        steps = np.array([room.shell.width, room.shell.length, room.shell.height] * 2) / 100
        for i in range(len(room.things)):
            read = np.array(read_box(f"it is at {box_words(room, i)}.", room))
            assert (np.abs(read - axis_boxes(room)[i]) <= steps).all()
    with pytest.raises(DataError, match="six numbers"):
        read_box("[1, 2, 3]", sample_room(0))


def test_captions_name_what_is_seen() -> None:
    for seed in seeds(200):
        room = sample_room(seed)
        ids = look(room, 0, 64, 64).ids
        seen = [t.kind for i, t in enumerate(room.things) if (ids == i).sum() >= 16]
        first = long_caption(room).split(".")[0]
        assert [w for w in re.findall(r"\w+", first) if w in FURNISHINGS] == seen
        assert [w for w in re.findall(r"\w+", short_caption(room, 0)) if w in FURNISHINGS] == seen[:4]
        for a, b in re.findall(r"(the [\w ]+?) is left of (the [\w ]+?)\.", long_caption(room)):
            u = [
                room.cameras[0].project(np.array(boxes_3d(room)[name_to_index(room, n), :3]), 64, 64)[0][0]
                for n in (a, b)
            ]
            assert u[0] < u[1]


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
