"""Recorded walks: R2R's and REVERIE's figures by hand, on published buildings, in made houses; scripted walkers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from vistune.core.errors import DataError
from vistune.data.annotations.r2r import WalkRecord
from vistune.data.annotations.reverie import ErrandRecord
from vistune.evaluation.metrics.walking import (
    Geodesic,
    check_path,
    coverage,
    errand_scores,
    walk_scores,
    without_repeats,
)
from vistune.evaluation.walks import (
    Course,
    Walked,
    nano_course,
    random_walker,
    read_course,
    read_trajectories,
    score_r2r,
    score_reverie,
    shortest_walker,
    standing_walker,
    walk_course,
)

#: A corridor a - b - c - d with a long way round from a to d.
GRAPH = {
    "a": {"b": 2.0, "e": 9.0}, "b": {"a": 2.0, "c": 2.0}, "c": {"b": 2.0, "d": 2.0}, "d": {"c": 2.0, "e": 9.0},
    "e": {"a": 9.0, "d": 9.0}, "alone": {},
}  # fmt: skip


def test_shortest_ways() -> None:
    ways = Geodesic(GRAPH)
    assert ways("a", "d") == 6.0 and ways.path("a", "d") == ["a", "b", "c", "d"] and ways("e", "b") == 11.0
    assert math.isinf(ways("a", "alone"))
    with pytest.raises(DataError, match="Nothing leads"):
        ways.path("a", "alone")
    with pytest.raises(DataError, match="no viewpoint 'z'"):
        ways("a", "z")


def test_distances_are_those_of_scipy() -> None:
    from scipy.sparse.csgraph import dijkstra

    rng = np.random.default_rng(0)
    weights = np.where(rng.random((12, 12)) < 0.25, rng.uniform(1, 5, (12, 12)), 0)
    weights = np.maximum(weights, weights.T)
    np.fill_diagonal(weights, 0)
    ways = Geodesic({str(i): {str(j): float(weights[i, j]) for j in np.flatnonzero(weights[i])} for i in range(12)})
    assert np.allclose(dijkstra(weights), [[ways(str(i), str(j)) for j in range(12)] for i in range(12)])


def test_paths_are_checked() -> None:
    check_path(["a", "a", "b"], "a", GRAPH)
    with pytest.raises(DataError, match="leaps from 'a' to 'c'"):
        check_path(["a", "c"], "a", GRAPH)
    with pytest.raises(DataError, match="must begin at 'a', not at 'b'"):
        check_path(["b"], "a", GRAPH)
    with pytest.raises(DataError, match="not at 'nothing'"):
        check_path([], "a", GRAPH)
    assert without_repeats("aabccca") == list("abca")


def test_r2r_figures_by_hand() -> None:
    ways = Geodesic(GRAPH)
    found = walk_scores(["a", "b", "c"], ["a", "b", "c", "d"], ways)
    assert found["NE"] == 2.0 and found["SR"] == found["OSR"] == 1.0, "two metres are near enough"
    assert found["TL"] == 4.0 and found["SPL"] == 1.0, "shorter than the shortest weighs nothing"
    # DTW: a-a, b-b, c-c, c-d.
    assert found["nDTW"] == pytest.approx(math.exp(-2 / (4 * 3)))
    # Coverage: three reached, d is 2 m away. EPL = PC * 6, against 4 walked.
    pc = (3 + math.exp(-2 / 3)) / 4
    assert found["CLS"] == pytest.approx(pc * (pc * 6) / (pc * 6 + abs(pc * 6 - 4)))
    back = walk_scores(["a", "b", "c", "d", "c", "b"], ["a", "b", "c", "d"], ways)
    assert back["SR"] == 0.0 and back["OSR"] == 1.0 and back["SPL"] == back["sDTW"] == 0.0


def test_vln_ce_warps_by_the_straight_line() -> None:
    places = {"a": (0, 0), "b": (2, 0), "c": (2, 2), "d": (0, 2), "e": (0, -9)}
    straight = walk_scores(["a"], ["a", "d"], Geodesic(GRAPH), warp=lambda x, y: math.dist(places[x], places[y]))
    assert straight["NE"] == 6.0, "the error is the graph's all the same"
    assert straight["nDTW"] == pytest.approx(math.exp(-2 / 6))


def test_no_way_at_all() -> None:
    assert coverage(["a"], ["a"], Geodesic(GRAPH)) == 1.0
    assert walk_scores(["a"], ["a"], Geodesic(GRAPH))["SPL"] == 1.0


def test_errand_figures_by_hand() -> None:
    ways = Geodesic(GRAPH)
    path, reference = ["a", "b", "c", "d", "c"], ["a", "b", "c"]
    found = errand_scores(path, reference, ways, {"c"}, "7", 7)
    assert found == {"TL": 8.0, "SR": 1.0, "OSR": 1.0, "SPL": 0.5, "RGS": 1.0, "RGSPL": 0.5}
    lost = errand_scores(["a", "b", "c", "b"], reference, ways, {"c"}, None, 7)
    assert lost["SR"] == lost["SPL"] == lost["RGS"] == 0.0 and lost["OSR"] == 1.0
    # The object is named without being reached: that counts for grounding alone.
    assert errand_scores(["a"], reference, ways, {"c"}, 7, 7)["RGSPL"] == 1.0


def corridor() -> Course:
    walk = WalkRecord(5, "house", 0.0, ("a", "b", "c", "d"), 6.0, ("go", "walk", "end"))
    return Course((walk,), (), {"house": GRAPH})


def test_means_are_over_instructions() -> None:
    runs = {"5_0": Walked(("a", "b", "c", "d")), "5_1": Walked(("a",)), "5_2": Walked(("a", "b", "c", "d"))}
    found = score_r2r(runs, corridor())
    assert found.values["SR"] == pytest.approx(2 / 3) and found.values["TL"] == 4.0 and found.main == "SPL"
    assert found.intervals["SR"] == (pytest.approx(2 / 3),) * 2, "three instructions of one path are one thing"
    with pytest.raises(DataError, match="1 of 3 instructions have no run; the first is '5_2'"):
        score_r2r({k: v for k, v in runs.items() if k != "5_2"}, corridor())
    with pytest.raises(DataError, match="instruction 5_1 leaps"):
        score_r2r({**runs, "5_1": Walked(("a", "d"))}, corridor())


def test_result_files(tmp_path) -> None:
    """R2R's submissions: viewpoint, heading, elevation; turns on the spot are steps there, and none of the path."""
    file = tmp_path / "results.json"
    steps = [["a", 0.0, 0.0], ["a", 0.5, 0.0], ["b", 0.5, 0.0], ["b", 0.5, 0.0]]
    nested = [["a"], ["b", "c"]]
    file.write_text(
        json.dumps(
            [
                {"instr_id": "5_0", "trajectory": steps},
                {"instr_id": "5_1", "trajectory": nested, "predObjId": 12},
                {"instr_id": "5_2", "trajectory": ["a", "b"]},
            ]
        )
    )
    runs = read_trajectories(file)
    assert runs == {"5_0": Walked(("a", "b")), "5_1": Walked(("a", "b", "c"), "12"), "5_2": Walked(("a", "b"))}
    assert score_r2r(runs, corridor()).values["SR"] == pytest.approx(1 / 3)
    for bad, match in (
        ([{"instr_id": "1"}], "the key 'trajectory'"),
        ([{"instr_id": "1", "trajectory": [[1, 2]]}], "a step is a viewpoint"),
        ([{"instr_id": "1", "trajectory": ["a"]}] * 2, "is there twice"),
    ):
        file.write_text(json.dumps(bad))
        with pytest.raises(DataError, match=match):
            read_trajectories(file)


def test_walkers_in_made_houses() -> None:
    course = nano_course(6)
    best = score_r2r(walk_course(course, shortest_walker), course).values
    assert best == {**best, "NE": 0.0, "SR": 1.0, "OSR": 1.0, "SPL": 1.0, "nDTW": 1.0, "sDTW": 1.0, "CLS": 1.0}
    lost = score_r2r(walk_course(course, random_walker), course).values
    assert lost["SR"] < 0.6 and lost["SPL"] <= lost["SR"] <= lost["OSR"] and lost["sDTW"] <= lost["nDTW"]
    still = score_r2r(walk_course(course, standing_walker), course).values
    assert still["TL"] == still["SR"] == 0.0 and still["NE"] == pytest.approx(best["TL"])


def test_errands_in_made_houses() -> None:
    course = nano_course(4, errands=True)
    runs = walk_course(course, shortest_walker)
    named = {f"{e.name}_{k}": str(e.object_id) for e in course.errands for k in range(len(e.instructions))}
    knows = {name: Walked(run.path, named[name]) for name, run in runs.items()}
    assert set(score_reverie(knows, course).values.values()) >= {1.0}
    found = score_reverie(knows, course).values
    assert found["SR"] == found["SPL"] == found["RGS"] == found["RGSPL"] == 1.0
    assert score_reverie(runs, course).values["RGS"] == 0.0
    assert score_reverie(walk_course(course, standing_walker), course).values["SR"] == 0.0
    errand: ErrandRecord = course.errands[0]
    bare = Course((), (errand,), course.graphs, {})
    with pytest.raises(DataError, match=f"Errand {errand.name}: no box file"):
        score_reverie(knows, bare)


def test_published_walks(real_data) -> None:
    folder = real_data("r2r")
    course = read_course(folder / "R2R_val_seen.json", folder / "connectivity")
    assert len(course.tasks) == 84
    runs = {name: Walked(path) for name, (_, path, _) in course.tasks.items()}
    found = score_r2r(runs, course).values
    assert found["SR"] == found["SPL"] == found["nDTW"] == found["CLS"] == 1.0 and found["NE"] == 0.0
    told = {w.path_id: w.distance for w in course.walks}
    ways = {scan: Geodesic(graph) for scan, graph in course.graphs.items()}
    for walk in course.walks:
        length = sum(ways[walk.scan](a, b) for a, b in zip(walk.path, walk.path[1:]))
        assert length == pytest.approx(told[walk.path_id], abs=0.02), "the file's own distances"
    assert score_r2r(walk_course(course, random_walker), course).values["SR"] < 0.3
    with pytest.raises(DataError, match="no such file"):
        read_course(folder / "R2R_val_seen.json", folder)


def test_published_errands(real_data) -> None:
    graphs, folder = real_data("r2r") / "connectivity", real_data("reverie")
    course = read_course(folder / "REVERIE_val_seen.json", graphs, folder / "BBox")
    assert len(course.errands) == 36
    wanted = {f"{e.name}_{k}": str(e.object_id) for e in course.errands for k in range(len(e.instructions))}
    shown = [e for e in course.errands if (e.scan, e.object_id) in course.seen_from]
    some = Course((), tuple(shown), course.graphs, course.seen_from)
    runs = {name: Walked(path, wanted[name]) for name, (_, path, _) in some.tasks.items()}
    found = score_reverie(runs, some).values
    assert shown and found["RGS"] == 1.0 and found["SR"] > 0.95
