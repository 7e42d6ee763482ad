"""What is seen in houses: rays against a slow march through rooms and doors, views against panoramas, the simulator."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world.houses import (
    ACTIONS,
    Door,
    House,
    HouseWalk,
    Pose,
    around,
    candidates,
    length,
    look,
    masks,
    panorama,
    path,
    sample_house,
    sees,
    sightings,
    view_angles,
    view_boxes,
    view_index,
    views,
)
from vistune.world.houses.fittings import FITTINGS
from vistune.world.houses.house import DOOR_HEIGHT, DOOR_WIDTH, EYES, HEIGHT
from vistune.world.houses.seeing import view_ids
from vistune.world.houses.tracing import DEEP, FRAME
from vistune.world.rooms.furniture import assemble, placed
from vistune.world.rooms.shell import CEILING, FLOOR, WALL
from vistune.world.rooms.solids import Solid
from world.slow_solids import inside


def parts_of(house: House) -> list[Solid]:
    """The solids of all things, put together without the tracer."""
    parts: list[Solid] = []
    for number, t in enumerate(house.things):
        made = assemble(FITTINGS[t.kind], t.extent, t.colour, t.material, number)
        parts += placed(made, t.x, t.y, t.z, t.yaw)
    return parts


def in_frame(door: Door, points: np.ndarray) -> np.ndarray:
    """Which points are in the frame of a door."""
    through, along = points[:, door.axis] - door.at, abs(points[:, 1 - door.axis] - door.middle)
    up = points[:, 2]
    around_gap = (along >= DOOR_WIDTH / 2) & (along <= DOOR_WIDTH / 2 + FRAME) & (up <= DOOR_HEIGHT + FRAME)
    above = (along <= DOOR_WIDTH / 2) & (up >= DOOR_HEIGHT) & (up <= DOOR_HEIGHT + FRAME)
    return (abs(through) <= DEEP / 2) & (around_gap | above)


def rooms_at(house: House, points: np.ndarray) -> np.ndarray:
    """The room that each point is in, -1 outside."""
    found = np.full(len(points), -1)
    for n in reversed(range(len(house.rooms))):
        r = house.rooms[n]
        x, y = points[:, 0], points[:, 1]
        found[(r.x0 <= x) & (x <= r.x1) & (r.y0 <= y) & (y <= r.y1)] = n
    return found


def open_way(house: House, a: int, b: int, point: np.ndarray) -> bool:
    """Whether a step from one room into the other goes through a gap."""
    return any(
        {a, b} == set(door.rooms)
        and abs(point[1 - door.axis] - door.middle) < DOOR_WIDTH / 2
        and point[2] < DOOR_HEIGHT
        for door in house.doors
    )


def march(
    house: House, parts: list[Solid], start: np.ndarray, ray: np.ndarray, step: float = 0.006
) -> tuple[float, int]:
    """Metres and id on a ray by small steps: the first point in a solid, in a wall, below the floor, above the ceiling."""
    metres = np.arange(step, 40, step)
    points = start + ray * metres[:, None]
    rooms = rooms_at(house, points)
    ends = [k for k in np.flatnonzero(np.diff(rooms)) + 1 if not open_way(house, rooms[k - 1], rooms[k], points[k])]
    level = np.flatnonzero((points[:, 2] < 0) | (points[:, 2] > HEIGHT))
    last = int(min([*ends[:1], *level[:1]]))
    points, ident = points[: last + 1], WALL
    if last in level[:1]:
        ident = FLOOR if points[last, 2] < 0 else CEILING
    hits = [(int(h.argmax()), p.thing) for p in parts if (h := inside(p, points)).any()]
    hits += [
        (int(h.argmax()), len(house.things) + d)
        for d, door in enumerate(house.doors)
        if (h := in_frame(door, points)).any()
    ]
    first, found = min(hits, default=(last, ident))
    return metres[first], found


def test_depth_and_ids_are_those_of_a_slow_march_through_doors() -> None:
    rng = np.random.default_rng(0)
    wrong = checked = beyond = things = 0
    for seed in seeds(6):
        house = sample_house(seed, prior=("skewed", "flat", "inverted")[seed % 3])
        parts = parts_of(house)
        viewpoint = int(rng.integers(len(house.viewpoints)))
        point = house.viewpoints[viewpoint]
        strip = panorama(house, viewpoint, height=40)
        start = np.array([point.x, point.y, EYES])
        ids = strip.ids
        # Rays to things and through doorways are few: most of those checked are such.
        other = [i for i, t in enumerate(house.things) if t.room not in point.rooms]
        rays = [rng.integers(0, (40, 120), (14, 2)), rng.permutation(np.argwhere(ids >= 0))[:10]]
        rays.append(rng.permutation(np.argwhere(np.isin(ids, other)))[:10])
        for y, x in np.concatenate(rays):
            heading, up = ((x + 0.5) / 120 - 0.5) * 2 * math.pi, (0.5 - (y + 0.5) / 40) * math.radians(120)
            ray = np.array([math.cos(up) * math.sin(heading), math.cos(up) * math.cos(heading), math.sin(up)])
            metres, ident = march(house, parts, start, ray)
            # A window is part of its wall; a few centimetres of it stand out.
            near = 0.08 if ident == WALL else 0.012
            checked += 1
            beyond += ident in other
            things += ident >= 0
            wrong += ids[y, x] != ident or abs(strip.depth[y, x] - metres) > near
    assert checked > 150 and beyond > 20 and things > 60
    # A march can step over the thin edge of a solid.
    assert wrong <= 0.02 * checked


def test_a_view_is_a_piece_of_the_panorama() -> None:
    for seed in seeds(4):
        house = sample_house(seed)
        strip = panorama(house, 0, height=160)
        view = look(house, 0, 0.7, 0.2, height=32, width=32)
        agree = 0
        for y in range(32):
            for x in range(32):
                right, down = (
                    (x + 0.5 - 16) / 16 * math.tan(math.radians(30)),
                    (y + 0.5 - 16) / 16 * math.tan(math.radians(30)),
                )
                forward, up = math.cos(0.2) + down * math.sin(0.2), math.sin(0.2) - down * math.cos(0.2)
                heading = 0.7 + math.atan2(right, forward)
                elevation = math.atan2(up, math.hypot(right, forward))
                column = int((heading / (2 * math.pi) + 0.5) * 480) % 480
                row = int((0.5 - elevation / math.radians(120)) * 160)
                agree += view.ids[y, x] == strip.ids[row, column]
        assert agree > 0.96 * 1024


def test_turning_by_a_pixel_rolls_the_panorama() -> None:
    house = sample_house(2)
    strip = panorama(house, 1, 0.0, height=30)
    turned = panorama(house, 1, 7 * 2 * math.pi / 90, height=30)
    assert np.array_equal(turned.ids, np.roll(strip.ids, -7, 1))


def test_depth_points_land_on_surfaces() -> None:
    """Every point that a view shows lies in the house, and its depth is along the camera's axis."""
    house = sample_house(4)
    view = look(house, 0, 1.1, -0.3, height=40, width=40)
    tangent = math.tan(math.radians(30))
    for y in range(0, 40, 3):
        for x in range(0, 40, 3):
            right, down = (x + 0.5 - 20) / 20 * tangent, (y + 0.5 - 20) / 20 * tangent
            forward, up = math.cos(-0.3) + down * math.sin(-0.3), math.sin(-0.3) - down * math.cos(-0.3)
            z = EYES + up * view.depth[y, x]
            assert -1e-3 <= z <= HEIGHT + 1e-3
            if view.ids[y, x] == FLOOR:
                assert z == pytest.approx(0, abs=1e-3)
            if view.ids[y, x] == CEILING:
                assert z == pytest.approx(HEIGHT, abs=1e-3)
            assert forward > 0 and math.isfinite(right)


def test_sightings_point_at_what_they_name() -> None:
    checked = 0
    for seed in seeds(12):
        house = sample_house(seed)
        for spot in sightings(house, 0):
            if spot.number >= len(house.things) or spot.pixels < 40:
                continue
            thing = house.things[spot.number]
            point = house.viewpoints[0]
            x = point.x + spot.distance * math.cos(spot.elevation) * math.sin(spot.heading)
            y = point.y + spot.distance * math.cos(spot.elevation) * math.cos(spot.heading)
            assert (x, y) == pytest.approx(thing.centre[:2], abs=1e-6)
            assert EYES + spot.distance * math.sin(spot.elevation) == pytest.approx(thing.centre[2])
            assert (look(house, 0, spot.heading, spot.elevation).ids == spot.number).any()
            checked += 1
    assert checked > 30


def test_the_36_views_and_their_numbers() -> None:
    house = sample_house(1)
    pictures = views(house, 0, 24)
    assert pictures.shape == (36, 24, 24, 3)
    for index in (0, 11, 12, 20, 35):
        heading, elevation = view_angles(index)
        assert view_index(heading, elevation) == index
        assert np.array_equal(pictures[index], look(house, 0, heading, elevation, height=24, width=24).rgb)
    assert view_angles(0)[1] < view_angles(12)[1] == 0 < view_angles(24)[1]
    assert view_index(2 * math.pi - 0.01) == 12


def test_four_views_make_the_circle() -> None:
    house = sample_house(6)
    ahead, right, behind, left = around(house, 0, 0.4, 200)
    for a, b in ((ahead, right), (right, behind), (behind, left), (left, ahead)):
        # Columns on either side of the border between two views look almost the same way.
        assert np.median(np.abs(a[:, -1].astype(int) - b[:, 0])) <= 3


def test_masks_are_the_ids_by_kind() -> None:
    house = sample_house(7)
    found = masks(house, 0, 32)
    ids = panorama(house, 0, height=32).ids
    for kind, mask in found.items():
        numbers = (
            range(len(house.things), len(house.things) + len(house.doors))
            if kind == "door"
            else [i for i, t in enumerate(house.things) if t.kind == kind]
        )
        assert np.array_equal(mask, np.isin(ids, list(numbers)))
    assert sum(int(mask.sum()) for mask in found.values()) == int((ids >= 0).sum())


def test_boxes_of_views_are_tight() -> None:
    house = sample_house(8)
    found = view_boxes(house, 0)
    assert found
    for index in (0, 13, 14, 22, 30):
        ids = view_ids(house, 0, index)
        for number in range(len(house.things)):
            boxes = dict(found.get(number, ()))
            mask = ids == number
            assert (index in boxes) == bool(mask.any())
            if mask.any():
                x, y, w, h = (side // 4 for side in boxes[index])
                assert mask[:, x].any() and mask[:, x + w - 1].any() and mask[y].any() and mask[y + h - 1].any()
                assert mask[y : y + h, x : x + w].sum() == mask.sum()


def test_seeing_each_other_is_mutual() -> None:
    unequal = pairs = 0
    for seed in seeds(8):
        house = sample_house(seed)
        matrix = np.stack([sees(house, k) for k in range(len(house.viewpoints))])
        # Over a threshold's edge, rounding may let one look along the wall: never within a room.
        unequal, pairs = unequal + int((matrix != matrix.T).sum()), pairs + matrix.size
        for a, b in np.argwhere(matrix != matrix.T):
            assert not set(house.viewpoints[a].rooms) & set(house.viewpoints[b].rooms)
        assert not matrix.diagonal().any()
    assert unequal <= 0.002 * pairs


def test_candidates_are_the_neighbours() -> None:
    house = sample_house(9)
    for k, point in enumerate(house.viewpoints):
        near = candidates(house, k)
        assert [c.viewpoint for c in near] == list(house.neighbours[k])
        for c in near:
            other = house.viewpoints[c.viewpoint]
            assert math.sin(c.heading) * c.distance == pytest.approx(other.x - point.x)
            assert math.cos(c.heading) * c.distance == pytest.approx(other.y - point.y)
            assert abs((view_angles(c.view)[0] - c.heading + math.pi) % (2 * math.pi) - math.pi) <= math.pi / 12 + 1e-9


def test_the_expert_walks_the_shortest_way() -> None:
    for seed in set(seeds(12)) - {79}:
        house = sample_house(seed)
        walk = HouseWalk(house, 16)
        goal = len(house.viewpoints) // 2
        pose = walk.reset(0, 0.5)
        visited, steps = [0], 0
        while not pose.stopped:
            pose = walk.step(pose, walk.expert(pose, goal))
            steps += 1
            assert steps < 200
            if pose.viewpoint != visited[-1]:
                visited.append(pose.viewpoint)
        assert tuple(visited) == path(house, 0, goal)


def test_the_expert_goes_round_what_no_turn_brings_ahead() -> None:
    """In this house a viewpoint of the shortest way stands right beside a nearer one: turns alone never lead to it."""
    house = sample_house(79)
    goal = len(house.viewpoints) // 2
    walk, visited = HouseWalk(house, 16), [0]
    pose = walk.reset(0, 0.5)
    while not pose.stopped and len(visited) < 100:
        pose = walk.step(pose, walk.expert(pose, goal))
        visited.append(pose.viewpoint)
    metres = sum(house.distance(a, b) for a, b in pairwise(visited) if a != b)
    shortest = length(house, path(house, 0, goal))
    assert pose.stopped and pose.viewpoint == goal and shortest < metres < 1.2 * shortest


def test_steps_are_values() -> None:
    house = sample_house(3)
    walk = HouseWalk(house, 20)
    pose = walk.reset(house.viewpoints[2].name, -math.pi / 6)
    assert pose == Pose(2, 2 * math.pi - math.pi / 6)
    assert walk.step(walk.step(pose, "left"), "right").heading == pytest.approx(pose.heading)
    up = walk.step(pose, "up")
    assert up.elevation == pytest.approx(math.pi / 6) and walk.step(up, "up") == up
    around_once = pose
    for _ in range(12):
        around_once = walk.step(around_once, "right")
    assert math.isclose(math.cos(around_once.heading - pose.heading), 1)
    near = house.neighbours[2][0]
    there = walk.step(pose, near)
    assert there.viewpoint == near and there.heading == pytest.approx(house.heading(2, near))
    seen = walk.observe(pose)
    assert seen.rgb.shape == (20, 20, 3) and [c.viewpoint for c in seen.candidates] == list(house.neighbours[2])
    half = math.radians(30)
    for c in seen.candidates:
        off = abs((c.heading - pose.heading + math.pi) % (2 * math.pi) - math.pi)
        assert (c in seen.ahead) == (off <= half)
    assert [abs((c.heading - pose.heading + math.pi) % (2 * math.pi) - math.pi) for c in seen.ahead] == sorted(
        abs((c.heading - pose.heading + math.pi) % (2 * math.pi) - math.pi) for c in seen.ahead
    )
    stopped = walk.step(pose, "stop")
    assert stopped.stopped and walk.step(stopped, "left") == stopped
    assert all(isinstance(action, str) for action in ACTIONS) and len(list(pairwise(ACTIONS))) == 5


def test_wrong_steps_are_said_clearly() -> None:
    house = sample_house(3)
    walk = HouseWalk(house)
    pose = walk.reset(0)
    far = next(k for k in range(len(house.viewpoints)) if k != 0 and k not in house.neighbours[0])
    with pytest.raises(ConfigError, match="cannot walk"):
        walk.step(pose, far)
    with pytest.raises(ConfigError, match="forward"):
        walk.step(pose, "forwards")
    with pytest.raises(ConfigError, match="no viewpoint"):
        walk.reset("nowhere")
    with pytest.raises(ConfigError, match="pixels"):
        look(house, 0, 0.0, height=0, width=4)
