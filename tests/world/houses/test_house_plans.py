"""Plans, furniture and graphs of houses, against slow ways of their own."""

from __future__ import annotations

import math
import random
from itertools import combinations, pairwise

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world.houses import House, distance, length, path, render_plan, sample_house, sample_paths, sample_plan
from vistune.world.houses.fittings import ALWAYS, FITTINGS
from vistune.world.houses.furnish import held_out
from vistune.world.houses.house import DOOR_WIDTH, heading_to, side, turn

PRIORS = ("skewed", "flat", "inverted")


def houses(count: int, **parameters) -> list[House]:
    return [sample_house(seed, prior=PRIORS[seed % 3], **parameters) for seed in seeds(count)]


def floyd_warshall(house: House) -> np.ndarray:
    n = len(house.viewpoints)
    far = np.full((n, n), np.inf)
    for a, b in house.edges:
        p, q = house.viewpoints[a], house.viewpoints[b]
        far[a, b] = far[b, a] = math.dist((p.x, p.y), (q.x, q.y))
    np.fill_diagonal(far, 0)
    for k in range(n):
        far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1])
    return far


def inside_polygon(x: float, y: float, corners: np.ndarray) -> bool:
    """Even-odd rule."""
    return bool(inside_polygons(np.array([x]), np.array([y]), corners)[0])


def inside_polygons(x: np.ndarray, y: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Even-odd rule, for many points."""
    found = np.zeros(len(x), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, 0)):
        if y0 != y1:
            found ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return found


def test_rooms_fill_the_house_without_overlap() -> None:
    for house in houses(36):
        width, length_ = house.size
        assert sum(room.area for room in house.rooms) == pytest.approx(width * length_, abs=1e-6)
        for a, b in combinations(house.rooms, 2):
            assert min(a.x1, b.x1) - max(a.x0, b.x0) <= 1e-9 or min(a.y1, b.y1) - max(a.y0, b.y0) <= 1e-9
        assert [room.kind for room in house.rooms].count("hall") == 1


def test_doors_join_the_rooms_on_both_sides_and_reach_all() -> None:
    for house in houses(36):
        reached = {0}
        for _ in house.rooms:
            for door in house.doors:
                if reached & set(door.rooms):
                    reached |= set(door.rooms)
        assert reached == set(range(len(house.rooms)))
        for door in house.doors:
            for away, room in ((-0.05, door.rooms[0]), (0.05, door.rooms[1])):
                for along in (-DOOR_WIDTH / 2, DOOR_WIDTH / 2):
                    x, y = (
                        (door.at + away, door.middle + along)
                        if door.axis == 0
                        else (door.middle + along, door.at + away)
                    )
                    space = house.rooms[room]
                    assert space.x0 < x < space.x1 and space.y0 < y < space.y1
        for doors in house.doors_of:
            colours = [house.doors[d].colour for d in doors]
            assert len(set(colours)) == len(colours)


def test_things_stand_in_their_rooms_apart_and_not_before_doors() -> None:
    for house in houses(36):
        for number, room in enumerate(house.rooms):
            things = [house.things[i] for i in house.things_of[number]]
            for kind in set(ALWAYS[room.kind]):
                assert [t.kind for t in things].count(kind) >= ALWAYS[room.kind].count(kind)
            for thing in things:
                foot = thing.footprint()
                assert foot[:, 0].min() >= room.x0 - 1e-6 and foot[:, 0].max() <= room.x1 + 1e-6
                assert foot[:, 1].min() >= room.y0 - 1e-6 and foot[:, 1].max() <= room.y1 + 1e-6
                if thing.on is not None:
                    under = house.things[thing.on]
                    assert under.room == number and thing.z == pytest.approx(under.extent[2])
                    assert all(inside_polygon(x, y, under.footprint()) for x, y in foot)
            blocking = [t for t in things if t.in_the_way]
            for a, b in combinations(blocking, 2):
                assert not any(inside_polygon(x, y, b.footprint()) for x, y in a.footprint())
                assert not any(inside_polygon(x, y, a.footprint()) for x, y in b.footprint())
            for d in house.doors_of[number]:
                x, y = house.doors[d].position
                for thing in blocking:
                    for corner in thing.footprint():
                        assert math.dist(corner, (x, y)) > 0.7


def test_edges_are_free_walks_and_everything_can_be_reached() -> None:
    for house in houses(18):
        assert np.isfinite(floyd_warshall(house)).all()
        for a, b in house.edges:
            p, q = house.viewpoints[a], house.viewpoints[b]
            (room,) = set(p.rooms) & set(q.rooms)
            assert math.dist((p.x, p.y), (q.x, q.y)) <= 4.6
            x, y = np.linspace((p.x, p.y), (q.x, q.y), 60).T
            space = house.rooms[room]
            assert space.x0 - 1e-6 <= x.min() and x.max() <= space.x1 + 1e-6
            assert space.y0 - 1e-6 <= y.min() and y.max() <= space.y1 + 1e-6
            for i in house.things_of[room]:
                thing = house.things[i]
                assert not (thing.in_the_way and inside_polygons(x, y, thing.footprint()).any())


def test_shortest_walks_are_those_of_floyd_and_warshall() -> None:
    for house in houses(9):
        far = floyd_warshall(house)
        n = len(house.viewpoints)
        for a in range(n):
            for b in range(n):
                way = path(house, a, b)
                assert (way[0], way[-1]) == (a, b)
                assert all(y in house.neighbours[x] for x, y in pairwise(way))
                assert distance(house, a, b) == pytest.approx(far[a, b])
                assert length(house, way) == pytest.approx(far[a, b])


def test_sampled_paths_keep_their_bounds() -> None:
    for house in houses(18):
        ways = sample_paths(house, random.Random(0), 6, least=4, most=7)
        assert len(set(ways)) == len(ways)
        for way in ways:
            assert 4 <= len(way) <= 7 and length(house, way) >= 5
            assert house.viewpoints[way[-1]].door is None
    with pytest.raises(ConfigError, match="at least 2"):
        sample_paths(house, random.Random(0), 1, least=1)


def test_headings_are_clockwise_from_north() -> None:
    assert heading_to(0, 1) == 0
    assert heading_to(1, 0) == pytest.approx(math.pi / 2)
    assert turn(0.1, 2 * math.pi - 0.1) == pytest.approx(-0.2)
    assert [side(math.radians(a)) for a in (0, 90, 180, -90, 45, 359, 130)] == [
        "ahead", "right", "behind", "left", None, "ahead", None,
    ]  # fmt: skip


def test_a_seed_gives_one_house_and_splits_differ() -> None:
    sample_house.cache_clear()
    first = sample_house(3, split="val")
    sample_house.cache_clear()
    again = sample_house(3, split="val")
    assert first == again and first is not again
    for other in (sample_house(3), sample_house(3, split="test"), sample_house(4, split="val")):
        assert other.rooms != first.rooms
    names = [{p.name for p in h.viewpoints} for h in (first, sample_house(3), sample_house(4, split="val"))]
    assert not names[0] & names[1] and not names[0] & names[2] and all(len(name) == 32 for name in names[0])


def test_training_lacks_the_held_out_pairs() -> None:
    def pairs(split: str) -> set[tuple[str, str]]:
        return {(t.colour, t.kind) for seed in seeds(20) for t in sample_house(seed, split=split, prior="flat").things}

    assert not any(held_out(*pair) for pair in pairs("train"))
    assert any(held_out(*pair) for pair in pairs("val"))


def test_priors_change_which_rooms_there_are() -> None:
    def share(prior: str) -> float:
        kinds = [r.kind for seed in seeds(24) for r in sample_house(seed, prior=prior).rooms if r.kind != "hall"]
        return kinds.count("playroom") / len(kinds)

    assert share("skewed") < share("flat") < share("inverted")


def test_longer_houses_than_in_training() -> None:
    assert len(sample_house(0, min_rooms=9, max_rooms=9).rooms) == 9
    with pytest.raises(ConfigError, match="rooms"):
        sample_house(0, min_rooms=1)
    assert all(kind in FITTINGS for kinds in ALWAYS.values() for kind in kinds)


def test_plans_are_pictures_of_any_size_and_show_the_walk() -> None:
    house = sample_house(5)
    way = sample_paths(house, random.Random(1), 1)[0]
    for size in (1, 48, 64, 300):
        picture = render_plan(house, size)
        assert picture.shape == (size, size, 3) and picture.dtype == np.uint8
    assert np.array_equal(render_plan(house, 128, way), render_plan(house, 128, way))
    changed = (render_plan(house, 256, way) != render_plan(house, 256)).any(-1)
    width, length_ = house.size
    scale = 256 * 0.92 / max(width, length_)
    for k in way:
        point = house.viewpoints[k]
        x, y = 128 + (point.x - width / 2) * scale, 128 - (point.y - length_ / 2) * scale
        assert changed[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].any()
    with pytest.raises(ConfigError, match="pixels"):
        render_plan(house, 0)


def test_walks_on_plans_are_seen_whole_and_names_leave_them_free() -> None:
    """At every viewpoint of the way the plan shows the way's blue, or a dot; no name lies over it, but where rooms are small."""
    seen = count = 0
    for seed, house in enumerate(houses(18)):
        way = sample_plan(house, seed).way
        picture = render_plan(house, 256, way).astype(int)
        width, length_ = house.size
        scale = 256 * 0.92 / max(width, length_)
        for k, fill in [(way[-1], (214, 40, 50)), (way[0], (255, 255, 255)), *((k, (36, 60, 160)) for k in way[1:-1])]:
            point = house.viewpoints[k]
            x, y = 128 + (point.x - width / 2) * scale, 128 - (point.y - length_ / 2) * scale
            seen += np.abs(picture[int(y), int(x)] - fill).max() < 40
            count += 1
    assert count > 60 and seen >= 0.97 * count
