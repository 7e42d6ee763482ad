"""ProVision's generators: every answer from the scene's own values, masks and depth, one right option, no shortcuts."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.data.annotations.visual_genome import GraphObject, GraphRelation, ImageGraph, write_visual_genome
from vistune.engines.provision import ProvisionEngine, from_visual_genome
from vistune.world import sample_scene
from vistune.world.annotate import boxes, instance_map
from vistune.world.geometry import surface_depth
from vistune.world.graphs import MULTI, SINGLE, ask, graph_caption, perturbed, scene_graph, weights
from vistune.world.graphs.ask import MAKERS
from vistune.world.graphs.asking import GraphAsker
from vistune.world.graphs.balance import (
    EASE_COUNT,
    EASE_COUNT_LOOKS,
    EASE_SUM,
    EASE_SUM_LOOKS,
    drawn_number,
    near_numbers,
)
from vistune.world.graphs.graph import SceneGraph
from vistune.world.graphs.view import GraphView
from vistune.world.scene import Scene

SIZE = 96
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")


def scene(seed: int) -> Scene:
    return sample_scene(seed, prior="flat", split="test", min_things=3, max_things=6)


SEEDS = seeds(160)
GRAPHS = {seed: scene_graph(scene(seed), SIZE) for seed in SEEDS}


def short(question) -> str:
    """The answer without the mark of its option."""
    return question.facts.get("answer", question.answer)


def points(text: str) -> list[tuple[int, int]]:
    """(row, column) of each point in a text."""
    found = re.findall(r"\((\d\.\d\d), (\d\.\d\d)\)", text)
    return [(min(int(float(y) * SIZE), SIZE - 1), min(int(float(x) * SIZE), SIZE - 1)) for x, y in found]


def only(type: str, several: int = 1, choices: float = 0.5):
    """Questions of a type over all scenes: (scenes, question)."""
    for seed in SEEDS[: len(SEEDS) - several]:
        graphs = [GRAPHS[seed + k] for k in range(several)]
        for q in ask(graphs, seed, [type], split="test", choices=choices):
            yield [scene(seed + k) for k in range(several)], q


def test_counts_are_those_of_the_things() -> None:
    made = 0
    for scenes, q in only("exists_object", choices=0):
        made += 1
        words = re.findall(r"[a-z]+", q.text)
        from vistune.world.vocabulary import KINDS

        kind = next(k.name for k in KINDS if k.plural in words)
        assert q.answer == NUMBERS[sum(t.kind == kind for t in scenes[0].things)]
    assert made > 30


@pytest.mark.parametrize("side", ["leftmost", "rightmost", "topmost", "bottommost"])
def test_edges_are_those_of_the_masks(side: str) -> None:
    made = 0
    for scenes, q in only(side):
        made += 1
        named = [t.kind for t in scenes[0].things if re.search(rf"\bthe {t.kind}\b", q.text.split("\n")[0])]
        seen = instance_map(scenes[0], SIZE)
        edges = {}
        for kind in named:
            (i,) = [k for k, t in enumerate(scenes[0].things) if t.kind == kind]
            rows, columns = np.nonzero(seen == i)
            edges[kind] = {
                "leftmost": columns.min(),
                "rightmost": -columns.max(),
                "topmost": rows.min(),
                "bottommost": -rows.max(),
            }
        assert short(q) == min(edges, key=lambda kind: edges[kind][side])
    assert made > (20 if side in ("leftmost", "rightmost") else 10)


@pytest.mark.parametrize(("type", "same"), [("same_object_seg", True), ("diff_object_seg", False)])
def test_points_are_on_the_objects_and_as_far(type: str, same: bool) -> None:
    made = 0
    for scenes, q in only(type, choices=0):
        made += 1
        seen = instance_map(scenes[0], SIZE)
        places = [tuple(map(float, p)) for p in re.findall(r"\((\d\.\d\d), (\d\.\d\d)\)", q.text)]
        anchor = _asked_about(q.text)
        options = [p for p in places if p != anchor]
        on = {p: seen[min(int(p[1] * SIZE), SIZE - 1), min(int(p[0] * SIZE), SIZE - 1)] for p in places}
        fits = [p for p in options if (on[p] == on[anchor]) == same]
        assert [f"({p[0]:.2f}, {p[1]:.2f})" for p in fits] == [q.answer]
        far = [np.hypot(p[0] - anchor[0], p[1] - anchor[1]) for p in options]
        assert abs(far[0] - far[1]) <= 0.02, "distance would tell"
    assert made > 60


def _asked_about(text: str) -> tuple[float, ...]:
    x, y = re.findall(r"(?:as|than)(?: the point)? \((\d\.\d\d), (\d\.\d\d)\)", text)[0]
    return float(x), float(y)


@pytest.mark.parametrize(("type", "closer"), [("closer_point", True), ("farther_point", False)])
def test_points_are_closer_where_the_surface_is(type: str, closer: bool) -> None:
    made = 0
    for scenes, q in only(type, choices=0):
        made += 1
        far = surface_depth(scenes[0], SIZE)
        text = dict.fromkeys(re.findall(r"\(\d\.\d\d, \d\.\d\d\)", q.text))
        depth = {name: far[points(name)[0]] for name in text}
        assert q.answer == (min if closer else max)(depth, key=lambda name: depth[name])
    assert made > 60


def test_types_of_attributes_are_those_of_the_thing_in_the_box() -> None:
    for type in ("typed_attribute_bbox", "attribute_bbox"):
        for scenes, q in only(type, choices=0):
            box = [float(v) for v in re.findall(r"\d\.\d\d", q.text)[-4:]]
            away = np.abs(boxes(scenes[0], SIZE) / SIZE - box).max(1)
            thing = scenes[0].things[int(away.argmin())]
            values = {v for v in (thing.colour, thing.size, thing.pattern, thing.state) if v}
            assert set(re.split(", | and ", q.answer)) <= values


def test_several_pictures() -> None:
    made: Counter[str] = Counter()
    for type in MULTI:
        for scenes, q in only(type, several=2, choices=0):
            made[type] += 1
            kinds = [Counter(t.kind for t in s.things) for s in scenes]
            if type in ("has_object", "has_not_object"):
                words = re.findall(r"[a-z]+", q.text)
                kind = next(k for k in kinds[0] | kinds[1] if k in words[-2:] or k in words)
                fits = [(kind in k) == (type == "has_object") for k in kinds]
                assert fits.count(True) == 1 and q.answer == f"image {fits.index(True) + 1}"
            elif type == "common_object":
                assert set(re.split(", | and ", q.answer)) == set(kinds[0]) & set(kinds[1])
            elif type == "compare_attribute":
                values = re.findall(r"(\w+) in image", q.answer)
                assert len(set(values)) == 2
                for value, s in zip(values, scenes, strict=True):
                    assert any(value in (t.colour, t.size, t.pattern, t.state) for t in s.things)
    assert set(made) == set(MULTI), set(MULTI) - set(made)


def test_exactly_one_option_is_right_and_it_is_the_answer() -> None:
    asked = 0
    for seed, graph in GRAPHS.items():
        for q in ask(graph, seed, n=8, split="test", choices=1.0):
            if q.choices is None:
                continue
            asked += 1
            right = q.facts["answer"]
            assert q.choices.count(right) == 1 and len(set(q.choices)) == len(q.choices) <= 4
            assert q.answer in q.text and q.answer.endswith(right)
            assert q.program is not None and q.program.answer(_view(graph)) == q.answer
    assert asked > 600


def _view(graph):
    from vistune.world.graphs import GraphView

    return GraphView([graph])


def test_numbers_are_asked_about_alike_often_and_no_option_tells() -> None:
    """As often as numbers are found in scenes, so much rarer they are kept."""
    for ease in (EASE_COUNT, EASE_COUNT_LOOKS, EASE_SUM, EASE_SUM_LOOKS):
        rng = random.Random(0)
        asker = GraphAsker(GraphView([GRAPHS[0]]), rng, "test")
        found = rng.choices(list(ease), list(ease.values()), k=40_000 if min(ease.values()) < 0.02 else 15_000)
        kept = Counter(drawn[0] for n in found if (drawn := drawn_number(asker, {n: ["cat"]}, ease)) is not None)
        assert min(kept[n] for n in ease) > 0.75 * max(kept.values())
        assert len({frozenset({NUMBERS[n], *near_numbers(n, ease)}) for n in ease}) == 1


def test_what_is_common_is_tried_once() -> None:
    """However many questions are asked: else a generator would be tried until the common number comes."""
    tried = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MAKERS, "exists_object", tried.append)
        for seed in range(20):
            ask(GRAPHS[0], seed, n=40)
            assert len(tried) <= seed + 1
    assert len(tried) > 10


def test_the_upper_one_is_not_the_taller_one_by_itself() -> None:
    """If two changed places, they would be as clearly apart; and a bird, which may sit, is not held against a kite."""
    pairs = 0
    for type in ("topmost", "bottommost", "closer_object", "farther_object"):
        for (drawn,), q in only(type):
            things = [drawn.things[i] for i in q.facts["things"]]
            assert "bird" not in {t.kind for t in things} or len({t.kind for t in things}) == 1
            assert q.choices is not None and {t.kind for t in things} == set(q.choices)
            if type.endswith("most"):
                around = sorted((boxes(drawn, SIZE)[i] for i in q.facts["things"]), key=lambda box: box[3])
                for a, b in pairwise(around):
                    pairs += 1
                    assert b[3] - max(a[3] - a[1], b[3] - b[1]) > a[3]
    assert pairs > 20


def test_points_to_choose_from_are_as_high() -> None:
    asked = 0
    for _, q in only("same_object_seg"):
        asked += 1
        assert len({height for _, height in re.findall(r"\((\S+), (\S+)\)", " ".join(q.choices or ()))}) == 1
    assert asked > 50


def test_captions_name_every_object() -> None:
    for graph in GRAPHS.values():
        text = graph_caption(graph)
        for label, number in Counter(graph.labels).items():
            assert len(re.findall(rf"\b{label}\b", text)) >= number


def test_noise_drops_and_flips_its_share() -> None:
    import random

    rng = random.Random(0)
    pairs = [(graph, perturbed(graph, 0.3, rng)) for graph in GRAPHS.values()]
    kept = sum(len(after.labels) for _, after in pairs) / sum(len(before.labels) for before, _ in pairs)
    assert 0.62 < kept < 0.78
    same = GRAPHS[0]
    assert perturbed(same, 0.0, rng).attributes == same.attributes


def test_rare_answers_weigh_more() -> None:
    asked = ask(GRAPHS[3], 0, ["typed_attribute_bbox"], n=4)
    seen = Counter({asked[0].facts.get("answer", asked[0].answer): 500})
    found = weights(asked, seen)
    assert found[0] == min(found) and found[0] < max(found) / 100
    plain, balanced = (
        Counter(
            q["answer"].split(". ")[-1].split(") ")[-1]
            for e in ProvisionEngine(120, tasks={"single": 1}, balance=b, turns=2).examples()
            for q in e.meta.get("questions", ())
        )
        for b in (False, True)
    )
    assert max(balanced.values()) / balanced.total() < max(plain.values()) / plain.total()


def test_visual_genome_in_place_of_the_world(tmp_path) -> None:
    objects = (
        GraphObject(1, ("Dog",), 10, 20, 30, 40, ("brown and wet",)),
        GraphObject(2, ("sofa",), 0, 40, 90, 50, ("grey",)),
        GraphObject(3, ("window",), 60, 0, 30, 30),
    )
    relations = (GraphRelation(1, 1, "ON", 2), GraphRelation(2, 3, "of", 2), GraphRelation(3, 3, "behind", 2))
    graphs = [ImageGraph(7, "", 100, 100, objects, relations)]
    graph = from_visual_genome(graphs[0])
    assert graph.attributes == (("brown", "wet"), ("gray",), ()) and graph.relations == {(0, "on", 1), (2, "behind", 1)}
    write_visual_genome(graphs, tmp_path / "vg")
    (tmp_path / "pictures").mkdir()
    from PIL import Image

    Image.new("RGB", (100, 100)).save(tmp_path / "pictures" / "7.jpg")
    engine = ProvisionEngine(
        30, annotations=str(tmp_path / "vg"), pictures=str(tmp_path / "pictures"), tasks={"single": 1}
    )
    types = {q["type"] for e in engine.examples() for q in e.meta.get("questions", ())}
    assert {"exists_relation", "attribute_qa", "head_relation"} <= types
    assert not any("point" in name or "seg" in name for name in types), "there are no masks, and no depth"
    with pytest.raises(ConfigError, match="given together"):
        ProvisionEngine(1, annotations="x")


def test_types_must_suit_the_number_of_pictures() -> None:
    with pytest.raises(ConfigError, match="needs several pictures"):
        ask(GRAPHS[0], 0, ["has_object"])
    with pytest.raises(ConfigError, match="needs one picture"):
        ask([GRAPHS[0], GRAPHS[1]], 0, ["leftmost"])
    assert len(SINGLE) == 24 and len(MULTI) == 14


def test_boxes_inside_others_do_not_count() -> None:
    """Two of the three dogs lie inside the first one's box: then there are more cats."""
    boxes = np.array([[0, 0, 9, 9], [20, 0, 29, 9], [40, 0, 60, 20], [42, 2, 45, 5], [50, 8, 58, 18]], float)
    graph = SceneGraph(96, 96, ("cat", "cat", "dog", "dog", "dog"), boxes, ((),) * 5, frozenset())
    answers = {t: short(q) for t in ("most_object", "least_object") for q in ask(graph, 0, [t])}
    assert answers == {"most_object": "cat", "least_object": "dog"}
