"""Walks of a model in made houses, against the same figures from recorded trajectories."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest

from vistune.core.errors import ConfigError
from vistune.data.annotations.r2r import walking_graph
from vistune.engines.houses import connections
from vistune.evaluation.benchmarks.house_walks import MOVES, HouseWalks, moves_along, neighbour
from vistune.evaluation.metrics.walking import Geodesic, walk_scores
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import Result, summarise
from vistune.evaluation.runner import evaluate
from vistune.models.loading import load_model


@pytest.fixture(scope="module")
def benchmark() -> HouseWalks:
    made = HouseWalks(n=3, image_size=8, steps=6)
    items = made.examples()
    made.examples = lambda: items  # type: ignore[method-assign]
    return made


def talk(benchmark: HouseWalks, example, answer) -> list[str]:
    said = [answer(example, 0)]
    while benchmark.follow_up(example, said) is not None:
        said.append(answer(example, len(said)))
    return said


def result(benchmark: HouseWalks, answer) -> Result:
    items = [make_item(benchmark, e, Evidence(talk(benchmark, e, answer), 0.0)) for e in benchmark.examples()]
    return summarise(benchmark, items)


def knows(benchmark: HouseWalks):
    def answer(example, step: int) -> str:
        house = benchmark._houses[example.meta["scan"]]
        moves = moves_along(house, example.meta["path"], example.meta["heading"])
        assert moves is not None
        return f"I go {moves[step]}." if moves[step] != "stop" else "stop"

    return answer


def test_bounds(benchmark: HouseWalks) -> None:
    best = result(benchmark, knows(benchmark)).values
    assert best == {
        **best,
        "NE": 0.0,
        "SR": 1.0,
        "OSR": 1.0,
        "SPL": 1.0,
        "nDTW": 1.0,
        "sDTW": 1.0,
        "CLS": 1.0,
        "unread": 0.0,
    }
    still = result(benchmark, lambda *_: "stop").values
    assert still["TL"] == 0.0 and still["NE"] == pytest.approx(best["TL"])
    nothing = result(benchmark, lambda *_: "ahead or left")
    assert nothing.values["TL"] == 0.0 and nothing.values["unread"] == 1.0
    assert {len(item["said"]) for item in nothing.items} == {benchmark.steps}


def test_a_walk_is_scored_as_its_recorded_path(benchmark: HouseWalks) -> None:
    example = benchmark.examples()[0]
    house = benchmark._houses[example.meta["scan"]]
    said = ["behind", "ahead", "right", "ahead", "stop", "left"]
    way, moves, _ = benchmark.walked(example, said)
    assert moves == said[:5], "nothing comes after the stop"
    assert all(b in house.neighbours[a] for a, b in pairwise(way))
    names = [house.viewpoints[k].name for k in way]
    reference = example.answers[0].split()
    expected = walk_scores(names, reference, Geodesic(walking_graph(connections(house))))
    scored = benchmark.score_dialogue(example, said)
    assert scored.score == expected["SPL"]
    assert all(scored.columns[f"mean_{key}"] == value for key, value in expected.items())


def test_sides_are_turns(benchmark: HouseWalks) -> None:
    """By the angle between two vectors, and which side of one the other is on."""
    for house in benchmark._houses.values():
        for here, near in enumerate(house.neighbours):
            for there in near:
                heading = house.heading(here, there)
                assert neighbour(house, here, heading, "ahead") == there
                assert neighbour(house, here, heading + math.pi, "behind") == there
                assert neighbour(house, here, heading - math.pi / 2, "right") == there
                assert neighbour(house, here, heading + math.pi / 2, "left") == there


def test_what_is_asked(benchmark: HouseWalks) -> None:
    first = benchmark.examples()[0]
    assert len(first.images) == 4 and "moves so far: none." in first.messages[-1].text
    moves = moves_along(benchmark._houses[first.meta["scan"]], first.meta["path"], first.meta["heading"])
    assert moves is not None and set(moves) <= set(MOVES)
    second = benchmark.follow_up(first, [moves[0]])
    assert second is not None and f"moves so far: {moves[0]}." in second.messages[-1].text
    assert (second.images[0].open().size, len(second.messages)) == ((8, 8), 1)
    assert dict(benchmark.explain(first, {"parsed": "x"}))["right moves"].endswith("stop")
    assert len(benchmark.examples()) == 9 and len({e.meta["group"] for e in benchmark.examples()}) == 3


def test_the_shipped_model_walks(tmp_path: Path) -> None:
    found = evaluate(load_model("nano-vlm"), [HouseWalks(n=1, steps=3)], tmp_path)["house_walks"]
    assert len(found.items) == 3 and 0 <= found.values["SPL"] <= found.values["SR"] <= found.values["OSR"] <= 1


def test_bad_settings() -> None:
    with pytest.raises(ConfigError, match="at least one step"):
        HouseWalks(steps=0)
