"""Maps: paths keep off the obstacles, descriptors by dense sampling, labels by the rule, pictures show what is said."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import label, minimum_filter

from seeds import seeds
from vistune.core.errors import ConfigError, DataError
from vistune.data.annotations.geojson import read_geojson
from vistune.engines.maps import MapsEngine, answers, features
from vistune.world.maps import (
    DESCRIPTORS,
    SCENARIOS,
    STYLES,
    Choice,
    Map,
    Plan,
    ask,
    describe,
    pixel_of,
    plans,
    render,
    render_path,
    sample_choice,
    sample_map,
    unanimous,
    votes,
)
from vistune.world.maps.judging import dead_zones
from vistune.world.maps.questions import _LOWER, MAKERS, held_out
from vistune.world.maps.view import OPERATIONS, MapView
from vistune.world.program import parse_program

PRIORS = ("skewed", "flat", "inverted")


def ring(chart: Map) -> np.ndarray:
    """Points on all sides of all obstacles, a tenth of a unit apart."""
    points = []
    for polygon in chart.obstacles:
        for a, b in zip(polygon, polygon[1:] + polygon[:1]):
            steps = int(math.dist(a, b) / 0.1) + 2
            points.append(np.linspace(a, b, steps))
    return np.concatenate(points)


def along(plan: Plan) -> np.ndarray:
    """Points of a path, at most half a unit apart."""
    parts = [np.linspace(a, b, int(math.dist(a, b) / 0.5) + 2) for a, b in zip(plan.points, plan.points[1:])]
    return np.concatenate(parts)


def nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.sqrt(((points[:, None] - others[None]) ** 2).sum(-1)).min(1)


def inside(points: np.ndarray, polygon: tuple) -> np.ndarray:
    """By counting crossings of a ray."""
    found = np.zeros(len(points), dtype=bool)
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1]):
        cut = ((y0 > points[:, 1]) != (y1 > points[:, 1])) & (
            points[:, 0] < (x1 - x0) * (points[:, 1] - y0) / ((y1 - y0) or 1) + x0
        )
        found ^= cut
    return found


def test_paths_go_from_start_to_goal_and_keep_their_robot_off_the_obstacles() -> None:
    for seed in seeds(15):
        chart = sample_map(seed, style=STYLES[seed % 3], prior=PRIORS[seed % 2])
        border = ring(chart)
        for plan in plans(chart, 4):
            assert plan.points[0] == chart.start and plan.points[-1] == chart.goal
            walked = along(plan)
            assert nearest(walked, border).min() >= plan.radius - 0.06
            assert not any(inside(walked, polygon).any() for polygon in chart.obstacles)
            assert np.abs(walked).max() <= 40
            assert all(math.dist(a, b) > 1e-6 for a, b in zip(plan.points, plan.points[1:]))


def test_plans_of_a_map_differ() -> None:
    for seed in seeds(15):
        made = plans(sample_map(seed))
        assert len({plan.points for plan in made}) > 8
        assert len({round(plan.radius, 6) for plan in made}) == len(made)


def slow(chart: Map, plan: Plan) -> dict[str, float]:
    """The seven descriptors from points along the obstacles' sides, and from headings instead of dot products."""
    near = nearest(np.array(plan.points), ring(chart))
    steps = np.diff(np.array(plan.points), axis=0)
    headings = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    bends = np.abs((np.diff(headings) + 180) % 360 - 180)
    length = np.sqrt((steps**2).sum(1)).sum()
    values = near.mean(), near.min(), near.max(), length, (bends > 90).sum(), bends.max(initial=0), bends.sum()
    return dict(zip(DESCRIPTORS, map(float, values)))


def test_descriptors_are_those_of_a_slow_computation() -> None:
    within = dict(zip(DESCRIPTORS, (0.02, 0.02, 0.02, 1e-9, 1e-9, 1e-4, 1e-3)))
    for seed in seeds(40):
        chart = sample_map(seed)
        for plan in plans(chart, 2):
            values, wanted = describe(chart, plan), slow(chart, plan)
            assert all(abs(values[name] - wanted[name]) < within[name] for name in DESCRIPTORS)


def test_the_label_rule() -> None:
    """By hand, then: exchanged paths give the other label, and reversed signs too."""
    drone = next(s for s in SCENARIOS if s.name == "aid")
    zones = dict.fromkeys(DESCRIPTORS, 1.0)
    base = dict.fromkeys(DESCRIPTORS, 5.0)
    assert votes(drone, {**base, "least clearance": 7.0}, base, zones) == (1, 0)
    assert votes(drone, {**base, "length": 7.0}, base, zones) == (0, 2)
    assert unanimous(votes(drone, {**base, "length": 7.0, "least clearance": 9.0}, base, zones)) is None
    assert unanimous(votes(drone, {**base, "length": 5.5}, base, zones)) is None
    resolved, tried = 0, seeds(120)
    for seed in tried:
        choice = sample_choice(seed)
        mine, flipped = answers(choice), answers(choice.flipped())
        assert mine == {name: 3 - path for name, path in flipped.items()}
        resolved += len(mine)
    assert resolved > 3 * len(tried)


#: The published table, row by row: signs of average, least and greatest clearance, length, sharp turns, greatest turn and
#: smoothness.
SIGNS = """0000--- ++0+000 -0--000 ++0---- 0+0-000 0+00-0- 0000--- ++00000 0+00--- 0000--- ++00--- 000--0- ++00--- -0-+000
-0-+---"""


def test_the_table_of_scenarios() -> None:
    assert len(SCENARIOS) == 15 and len({s.name for s in SCENARIOS}) == 15
    assert ["".join("0+-"[sign] for sign in s.signs) for s in SCENARIOS] == SIGNS.split()


def test_pairs_differ_most_and_share_no_plan() -> None:
    for number in seeds(12):
        choices = [sample_choice(6 * number + k) for k in range(6)]
        assert len({c.chart for c in choices}) == 1
        used = [plan for c in choices for plan in (c.first, c.second)]
        assert len(set(used)) == 12
        values = [describe(c.chart, plan) for c in choices for plan in (c.first, c.second)]
        zones = dead_zones(values)
        assert all(abs(zones[k] - dict(choices[0].zones)[k]) < 1e-9 for k in DESCRIPTORS)
        spans = {k: 10 * zones[k] or 1.0 for k in DESCRIPTORS}
        gaps = [math.dist([a[k] / spans[k] for k in DESCRIPTORS], [b[k] / spans[k] for k in DESCRIPTORS])
                for a, b in zip(values[::2], values[1::2])]  # fmt: skip
        assert all(x >= y - 1e-9 for x, y in pairwise(gaps))


def like(picture: np.ndarray, colour: tuple[int, int, int], within: int = 12) -> np.ndarray:
    return np.abs(picture.astype(int) - colour).max(-1) <= within


def test_the_picture_shows_the_path_and_the_obstacles() -> None:
    for seed in seeds(24):
        choice = sample_choice(seed, style=STYLES[seed % 3])
        size = 240
        picture = render_path(choice.chart, choice.first, size)
        red = like(picture, (214, 54, 48), 40)
        ys, xs = np.nonzero(red)
        drawn = np.stack([(xs + 0.5) / size * 80 - 40, 40 - (ys + 0.5) / size * 80], 1)
        walked = along(choice.first)
        assert nearest(drawn, walked).max() < 2.8
        for point in walked[20:-20:5]:
            x, y = pixel_of((float(point[0]), float(point[1])), size)
            assert red[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].any()
        dark = like(picture, (74, 84, 104), 4)
        ys, xs = np.nonzero(dark)
        filled = np.stack([(xs + 0.5) / size * 80 - 40, 40 - (ys + 0.5) / size * 80], 1)
        assert np.any([inside(filled, polygon) for polygon in choice.chart.obstacles], axis=0).all()


def test_both_paths_stand_side_by_side() -> None:
    choice = sample_choice(4)
    both = render(choice, 64)
    assert both.shape == (64, 130, 3)
    assert (both[:, :64] == render_path(choice.chart, choice.first, 64)).all()
    assert (both[:, -64:] == render_path(choice.chart, choice.second, 64)).all()
    with pytest.raises(ConfigError, match="12 or more"):
        render(choice, 8)


def expected(choice: Choice, type: str, text: str) -> str:
    plan = (choice.first, choice.second)["path 2" in text]
    paths = (
        [slow(choice.chart, plan) for plan in (choice.first, choice.second)] if type in ("better", "perception") else []
    )
    if type == "better":
        scenario = next(s for s in SCENARIOS if s.text in text)
        better = {np.sign((paths[0][k] - paths[1][k]) * s) for k, s in zip(DESCRIPTORS, scenario.signs)
                  if s and abs(paths[0][k] - paths[1][k]) >= dict(choice.zones)[k]} - {0}  # fmt: skip
        assert len(better) == 1
        return "path 1" if better == {1} else "path 2"
    if type == "perception":
        name = next(k for k, words in _LOWER.items() if words in text)
        return "path 1" if paths[0][name] < paths[1][name] else "path 2"
    if type == "sharp":
        steps = np.diff(np.array(plan.points), axis=0)
        return "yes" if any(a @ b < 0 for a, b in pairwise(steps)) else "no"
    if type == "corner":
        left, right = (nearest(np.array([corner]), along(plan))[0] for corner in ((-40, 40), (40, -40)))
        return "the upper left" if left < right else "the lower right"
    if type == "blocks":
        # Dark patches on the picture: a path keeps off all of them, so that none is cut in two.
        patches = label(like(render_path(choice.chart, choice.first, 320), (74, 84, 104), 30))[1]
        return ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][patches]
    return style_by_pixels(choice)


def style_by_pixels(choice: Choice) -> str:
    """Cells fill squares of a grid of 8 wholly; walls are thin; blocks are neither."""
    dark = like(render_path(choice.chart, choice.first, 320), (74, 84, 104), 30)
    squares = dark.reshape(8, 40, 8, 40).mean((1, 3))
    filled = squares[squares > 0.02]
    if (filled > 0.9).all():
        return "cells"
    return "maze" if not minimum_filter(dark, 11).any() else "blocks"


@pytest.mark.parametrize("type", MAKERS)
def test_answers_follow_from_the_geometry(type: str) -> None:
    asked = 0
    for seed in seeds(180):
        split = ("train", "test")[seed // 6 % 2]
        choice = sample_choice(seed, prior=PRIORS[seed // 6 % 3], split=split)
        for q in ask(choice, seed, types=[type], split=split):
            asked += 1
            text = q.text.replace("path 1 or path 2", "")
            assert q.answer == expected(choice, type, text), q.text
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(MapView(choice)) == q.answer
            if type == "better" and split == "train":
                scenario = next(s for s in SCENARIOS if s.text in q.text)
                assert not held_out(choice.chart.style, scenario)
    assert asked > 18


def test_maps_are_pure_functions_of_their_seed() -> None:
    assert sample_choice(7) == sample_choice(7) != sample_choice(7, split="test")
    few, many = (
        np.mean([len(sample_map(s, prior=p, style="blocks").obstacles) for s in range(80)])
        for p in ("skewed", "inverted")
    )
    assert few + 1 < many
    assert max(len(sample_map(s, style="blocks", most=13).obstacles) for s in range(40)) > 10
    with pytest.raises(ConfigError, match="style of map"):
        sample_map(0, style="mazes")
    with pytest.raises(ConfigError, match="4 to 14"):
        sample_map(0, most=20)


def test_conditions_of_the_published_study() -> None:
    made = {
        c: list(MapsEngine(24, condition=c, tasks={"scenario": 1.0}))
        for c in ("none", "flipped", "random", "descriptors", "no_image")
    }
    other = {"path 1": "path 2", "path 2": "path 1"}
    for plain, flipped, named, told, blank in zip(*made.values()):
        half = 31
        assert (plain.images[0].array[:, :half] == flipped.images[0].array[:, -half:]).all()
        if plain.meta["questions"][0]["type"] == "better" and plain.messages[0].text == flipped.messages[0].text:
            assert flipped.messages[1].text == other[plain.messages[1].text]
        left = re.match(r"(\w{4}) is on the left, (\w{4}) on the right", named.messages[0].text)
        assert left and "path 1" not in named.messages[0].text
        if plain.meta["questions"][0]["type"] == "better":
            assert named.messages[1].text == left[1 + (plain.messages[1].text == "path 2")]
        assert f"length {plain.meta['descriptors'][0]['length']:.1f}" in told.messages[0].text
        assert (blank.images[0].array == 255).all() and told.messages[0].text == blank.messages[0].text
    for example in MapsEngine(20, tasks={"relevant": 1.0}):
        scenario = next(s for s in SCENARIOS if s.name == example.meta["scenario"])
        assert example.messages[1].text.split("; ") == [k for k, s in zip(DESCRIPTORS, scenario.signs) if s]
    with pytest.raises(ConfigError, match="no condition"):
        MapsEngine(3, condition="flip")


def test_paths_as_two_pictures() -> None:
    engine = MapsEngine(6, separate=True)
    for index, example in enumerate(engine):
        choice = engine.choice(engine.number(index))
        if example.meta["task"] != "relevant":
            assert [i.array.shape for i in example.images] == [(64, 64, 3)] * 2
            assert (example.images[1].array == render_path(choice.chart, choice.second, 64)).all()


def test_files_are_read_back(tmp_path) -> None:
    engine = MapsEngine(8)
    assert all(file.exists() for file in engine.write_annotations(tmp_path))
    for index in range(8):
        number = engine.number(index)
        assert read_geojson(tmp_path / "maps" / f"maps-train-{number}.geojson") == features(engine.choice(number))
    (tmp_path / "x.geojson").write_text(
        '{"features": [{"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}]}'
    )
    with pytest.raises(DataError, match="closed ring"):
        read_geojson(tmp_path / "x.geojson")
