"""The engine of houses: its tasks' answers against its own records, its files against the houses."""

from __future__ import annotations

import math

import numpy as np

from vistune.data.annotations.r2r import read_connectivity, read_r2r, walking_graph
from vistune.data.annotations.reverie import read_boxes, read_reverie
from vistune.engines import ENGINES
from vistune.engines.houses import connections, errand_record, walk_records
from vistune.world.houses import errands, follow, read_errand, sample_house


def build(n: int, **parameters):
    return ENGINES.build({"kind": "houses", "n": n, "image_size": 32, **parameters})


def test_instructions_of_walks_lead_along_their_paths() -> None:
    engine = build(40, tasks={"speak": 1}, split="val")
    count = 0
    for index, example in enumerate(engine.examples()):
        if example.meta["task"] != "speak":
            continue
        house = engine.house(engine.number(index))
        way = [house.by_name[name] for name in example.meta["path"]]
        assert follow(house, way[0], example.meta["heading"], example.messages[1].text) == way
        assert 2 <= len(example.images) <= 6
        count += 1
    assert count > 25


def test_the_next_step_is_the_side_of_the_next_viewpoint() -> None:
    engine = build(60, tasks={"step": 1})
    answers: dict[str, int] = {}
    for index, example in enumerate(engine.examples()):
        if example.meta["task"] != "step":
            continue
        house, meta = engine.house(engine.number(index)), example.meta
        way, at = [house.by_name[name] for name in meta["path"]], meta["at"]
        answer = example.messages[1].text
        answers[answer] = answers.get(answer, 0) + 1
        if at == len(way) - 1:
            assert answer == "stop"
            continue
        here, there = house.viewpoints[way[at]], house.viewpoints[way[at + 1]]
        facing = meta["heading"]
        if at:
            before = house.viewpoints[way[at - 1]]
            facing = math.atan2(here.x - before.x, here.y - before.y)
        to = math.degrees(math.atan2(there.x - here.x, there.y - here.y) - facing) % 360
        assert answer == ("ahead", "right", "behind", "left")[round(to / 90) % 4]
    assert set(answers) == {"ahead", "right", "behind", "left", "stop"}


def test_errands_are_shown_in_the_picture_that_is_named() -> None:
    engine = build(40, tasks={"errand": 1})
    found = set()
    for index, example in enumerate(engine.examples()):
        if example.meta["task"] != "errand":
            continue
        house = engine.house(engine.number(index))
        assert all(read_errand(house, text) == example.meta["thing"] for text in example.meta["instructions"])
        found.add(example.messages[1].text)
    assert found == {"first", "second", "third", "fourth"}


def test_longer_houses() -> None:
    engine = build(1, rooms=(9, 9))
    assert len(engine.house(0).rooms) == 9


def test_files_hold_the_houses(tmp_path) -> None:
    engine = build(12, split="val")
    files = engine.write_annotations(tmp_path)
    assert all(file.exists() for file in files)
    houses = {house.scan: house for house in (sample_house(k, split="val") for k in (0, 1))}
    assert (tmp_path / "connectivity" / "scans.txt").read_text().split() == list(houses)
    walks = read_r2r(tmp_path / "R2R_val.json")
    assert walks == [walk for k, house in enumerate(houses.values()) for walk in walk_records(house, k, "val")]
    assert len(walks) > 6 and len({walk.path_id for walk in walks}) == len(walks)
    graphs = {}
    for scan, house in houses.items():
        points = read_connectivity(tmp_path / "connectivity" / f"{scan}_connectivity.json")
        assert points == connections(house)
        graphs[scan] = walking_graph(points)
        edges = {(a, b) for a, near in graphs[scan].items() for b in near}
        names = [point.name for point in house.viewpoints]
        assert edges == {(names[a], names[b]) for e in house.edges for a, b in (e, e[::-1])}
        assert [p.position[:2] for p in points] == [(p.x, p.y) for p in house.viewpoints]
        assert all(v or not u for p in points for v, u in zip(p.visible, p.unobstructed))
    for walk in walks:
        metres = sum(graphs[walk.scan][a][b] for a, b in zip(walk.path, walk.path[1:]))
        assert walk.distance is not None and abs(metres - walk.distance) < 0.01
        house = houses[walk.scan]
        way = [house.by_name[name] for name in walk.path]
        for text, parts in zip(walk.instructions, walk.parts, strict=True):
            assert follow(house, way[0], walk.heading, text) == way
            assert (parts[0][1], parts[-1][2]) == (0, len(way) - 1)
    tasks = read_reverie(tmp_path / "REVERIE_val.json")
    assert tasks == [
        errand_record(house, errand, 1000 * k + place)
        for k, house in enumerate(houses.values())
        for place, errand in enumerate(errands(house, k, n=3, split="val"))
    ]
    for task in tasks:
        boxes = read_boxes(tmp_path / "BBox" / f"{task.scan}_{task.path[-1]}.json")
        seen = boxes[task.path[-1]][task.object_id]
        assert seen.name == houses[task.scan].things[task.object_id].kind and seen.boxes


def test_a_house_is_shared_by_ten_examples() -> None:
    examples = list(build(20, tasks={"caption": 1}).examples())
    assert len({e.meta["scan"] for e in examples[:10]}) == 1
    assert examples[10].meta["scan"] != examples[0].meta["scan"]
    assert len({np.asarray(e.images[0].open()).tobytes() for e in examples[:10]}) > 4
