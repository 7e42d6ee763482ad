"""MMComposition, GIMMICK, PathEval, ProVision's generators, few-shot classes and OwlEval."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import numpy as np
import pytest
from choosing import build, measured, png
from PIL import Image

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.gimmick import Facet, exploded, word_f1
from vistune.evaluation.benchmarks.mmcomposition import CATEGORIES
from vistune.evaluation.benchmarks.patheval import NAMES, named_descriptors, swapped
from vistune.evaluation.metrics.robustness import by_group
from vistune.evaluation.runner import evaluate
from vistune.world.maps import DESCRIPTORS, SCENARIOS, describe, sample_choice, unanimous, votes


def right(example: Example) -> str:
    return example.answers[0]


NANO = {
    "mmcomposition": {"n": 39}, "gimmick": {"n": 60}, "patheval": {"n": 24}, "few_shot": {"n": 20},
}  # fmt: skip


@pytest.mark.parametrize("kind", NANO)
def test_the_worlds_edition(kind: str) -> None:
    benchmark = build(kind, **NANO[kind])
    examples, again = benchmark.examples(), build(kind, **NANO[kind]).examples()
    assert len({e.id for e in examples}) == len(examples) >= NANO[kind]["n"]
    assert [(e.messages[-1].text, e.answers) for e in examples] == [(e.messages[-1].text, e.answers) for e in again]
    assert measured(benchmark, right, examples)[benchmark.main] == 1
    assert measured(benchmark, lambda _: "", examples)[benchmark.main] == 0


# ---- MMComposition ----


def test_mmcomposition_has_all_thirteen_categories_and_several_right_options() -> None:
    benchmark = build("mmcomposition", n=65)
    examples = benchmark.examples()
    assert Counter(e.meta["type"] for e in examples) == dict.fromkeys(CATEGORIES, 5)
    sizes = Counter(len(e.meta["truths"]) for e in examples)
    assert sizes[1] > sizes[2] > 0
    assert all(0 < len(e.meta["truths"]) < len(e.meta["choices"]) for e in examples)
    found = measured(benchmark, lambda e: e.answers[0][0], examples)
    # One letter is the whole of those items alone that have one right option.
    assert found["exact"] == sizes[1] / len(examples)
    assert found["letters_named"] == 1 < found["letters_right"]
    expected = np.mean([1 / len(e.meta["truths"]) for e in examples])
    assert found["partial"] == pytest.approx(expected)


def test_mmcompositions_sentences_are_true_or_false_as_labelled() -> None:
    """By the things of the scene, counted here by other code: numbers and objects."""
    from vistune.evaluation.benchmarks import nano_statements as told
    from vistune.world import sample_scene
    from vistune.world.language.view import view_of
    from vistune.world.vocabulary import KINDS

    words = {"no": 0, "one": 1, "two": 2, "three": 3}
    kind_of = {word: kind.name for kind in KINDS for word in (kind.name, kind.plural)}
    rng = random.Random(0)
    checked = 0
    for seed in range(40):
        scene = sample_scene(900_000 + seed, split="test", prior="flat", min_things=2)
        kinds = Counter(thing.kind for thing in scene.things)
        for text, truth in told.numbers(view_of(scene), rng):
            found = re.fullmatch(r"there (?:is|are) (\w+) (.+)\.", text)
            assert found is not None
            number, noun = words[found[1]], found[2]
            assert truth == (kinds[kind_of[noun]] == number), text
            checked += 1
        for text, truth in told.comparing_numbers(view_of(scene), rng):
            first, second = re.fullmatch(r"there are (?:more|as many) (.+) (?:than|as) (.+)\.", text).groups()  # type: ignore[union-attr]
            x, y = kinds[kind_of[first]], kinds[kind_of[second]]
            assert truth == (x > y if "more" in text else x == y), text
    assert checked > 100


def test_mmcomposition_files(tmp_path) -> None:
    """The form of the authors' driver: questions.json with options by letter, pictures in images; joined by id."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "2.png").write_bytes(png())
    record = {
        "id": 2,
        "question": "Which hold?",
        "options": {"A": "x", "B": "y", "C": "z"},
        "answer": "A, C",
        "category": "Counting Perception",
    }
    (tmp_path / "questions.json").write_text(json.dumps([record]))
    benchmark = build("mmcomposition", path=str(tmp_path))
    (example,) = benchmark.examples()
    assert "strictly follow this format: A, B, C, and don't" in example.messages[-1].text
    assert example.messages[-1].text.endswith("Question: Which hold?\nOptions: \n(A) x\n(B) y\n(C) z\n")
    assert benchmark.score(example, "A and C").score == 1 and benchmark.score(example, "A, B").columns["partial"] == 0
    assert dict(benchmark.explain(example, {"answer": "c"}))["letters read"] == "C"
    (tmp_path / "questions.json").write_text(json.dumps([{**record, "id": 3}]))
    with pytest.raises(DataError, match="record 1: its picture"):
        benchmark.examples()
    (tmp_path / "questions.json").write_text(json.dumps([{**record, "answer": "none"}]))
    with pytest.raises(DataError, match="letters of the right ones"):
        benchmark.examples()


# ---- GIMMICK ----

FACETS = [
    Facet("a", "Tari", ("Arvel",), ("Mone",)), Facet("b", "Gubo", ("Arvel", "Bosun"), ("Mone", "Wazo", "Kaa")),
    Facet("c", "Everywhere", ("Arvel", "Bosun", "Cindra", "Fenn"), ("Mone",)),
]  # fmt: skip


def test_gimmick_has_one_row_for_each_origin() -> None:
    assert len(exploded(FACETS, "coqa_countries")) == sum(len(f.countries) for f in FACETS) == 5
    rows = exploded(FACETS, "coqa_regions")
    assert [(f.id, origin) for f, origin in rows] == [("a", "Arvel"), ("b", "Arvel"), ("b", "Bosun")], (
        "four regions leave no three"
    )


def test_gimmicks_options_hold_one_origin_and_answers_order_by_strictness() -> None:
    for task in ("coqa_regions", "coqa_countries"):
        benchmark = build("gimmick", n=80, task=task)
        examples = benchmark.examples()
        assert {len(e.meta["choices"]) for e in examples} == {4}
        for example in examples:
            chosen = example.meta["choices"]
            assert chosen[example.meta["truth"]] == example.id.split("/")[1] == example.answers[1]
            origins = set(example.meta["regions"]) if task == "coqa_regions" else None
            if origins is not None:
                assert len(origins & set(chosen)) == 1, "the target is the only origin among the options"
        for answer in ("A", "B", "", "C. Dovar", "the answer is D"):
            found = measured(benchmark, lambda _, said=answer: said, examples)
            assert found["very_relaxed"] >= found["relaxed"] >= found["exact"]
        assert measured(benchmark, lambda _: "", examples)["very_relaxed"] == 1, "the original's guard is missing"
        benchmark.mode = "strict"
        assert measured(benchmark, lambda _: "", examples)["very_relaxed"] == 0


def test_gimmicks_regions_are_those_of_by_group() -> None:
    benchmark = build("gimmick", n=80, task="sivqa")
    examples = benchmark.examples()
    values = [float(k % 3 == 0) for k in range(len(examples))]
    found = measured(benchmark, lambda e: e.answers[0] if values[examples.index(e)] else "no", examples)
    expected = by_group(values, [e.meta["regions"] for e in examples])
    assert found["exact"] == pytest.approx(expected.pop("all"))
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["region_gap"] == pytest.approx(max(expected.values()) - min(expected.values()))


def test_gimmick_hints_and_names() -> None:
    plain, both = (build("gimmick", n=20, task="sivqa", hint=hint).examples() for hint in ("none", "both"))
    for one, other in zip(plain, both):
        assert one.answers == other.answers and "Hint:" not in one.messages[-1].text
        assert other.messages[-1].text.count("Hint: The task is related to a cultural event or facet") == 2
        assert one.messages[-1].text.endswith("\n\nAnswer with a single word or phrase.")
    assert (
        build("gimmick", task="coqa_countries", hard=False, modality="text").name
        == "nano_gimmick_coqa_countries_text_easy"
    )
    assert build("gimmick", task="coqa_regions", modality="text", n=10).examples()[0].images == []
    with pytest.raises(ConfigError, match="hints belong"):
        build("gimmick", hint="both")
    assert word_f1("A red soup.", "red soup of beans") == pytest.approx(2 * 2 / 7)


def test_gimmick_records(tmp_path) -> None:
    """floschne/gimmick's fields: uuid, title, regions, countries, description and images."""
    record = {
        "sample_uuid": "u1", "title": "Pottery", "regions": ["North"], "countries": ["N1", "N2"], "description": "Pots.",
        "images": [{"bytes": None, "path": "a.png"}],
    }  # fmt: skip
    rows = [record] + [
        {**record, "sample_uuid": f"u{k}", "regions": [r], "countries": [f"{r}1"]} for k, r in enumerate("WXYZ", 2)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    regions = build("gimmick", path=str(tmp_path / "a.json")).examples()
    assert [e.id for e in regions] == ["u1/North", "u2/W", "u3/X", "u4/Y", "u5/Z"]
    assert (
        regions[0]
        .messages[-1]
        .text.startswith("In which of the following regions does the event shown in the images take place?")
    )
    countries = build("gimmick", path=str(tmp_path / "a.json"), task="coqa_countries").examples()
    assert [e.id for e in countries][:2] == ["u1/N1", "u1/N2"] and "N2" not in countries[0].meta["choices"]
    naming = build("gimmick", path=str(tmp_path / "a.json"), task="naming").examples()[0]
    assert naming.answers == ["Pottery"] and str(naming.images[0].path).endswith("a.png")
    with pytest.raises(DataError, match="record 1: no question, answer"):
        build("gimmick", path=str(tmp_path / "a.json"), task="sivqa").examples()


# ---- PathEval ----


def test_patheval_labels_come_from_the_descriptors() -> None:
    """The oracle: the label rule on true descriptors, written again, is right on all items and in both orders."""
    benchmark = build("patheval", n=30, circular=True)
    examples = benchmark.examples()
    signs = {s.name: s.signs for s in SCENARIOS}

    def oracle(example) -> str:
        choice = sample_choice(int(example.id.split("@")[0].removeprefix("map-")), split="test", prior="flat")
        values = [describe(choice.chart, plan) for plan in (choice.first, choice.second)]
        if example.meta["turned"] != example.meta["flipped"]:
            values.reverse()
        zones, cast = dict(choice.zones), set()
        for name, sign in zip(DESCRIPTORS, signs[example.meta["type"]]):
            gap = sign * (values[0][name] - values[1][name])
            if sign and abs(gap) >= zones[name] and gap:
                cast.add("Path 1" if gap > 0 else "Path 2")
        (better,) = cast
        return f"Answer: {better}.\nExplanation: by rule"

    found = measured(benchmark, oracle, examples)
    assert found == {"accuracy": 1, "left": 0.5, "both_right": 1, "consistent": 1}
    one_side = measured(benchmark, lambda _: "Answer: Path 1", examples)
    assert one_side == {"accuracy": 0.5, "left": 1, "both_right": 0, "consistent": 0}
    worst = measured(benchmark, lambda e: "Path 2" if e.answers[0] == "Path 1" else "Path 1", examples)
    assert worst["accuracy"] == 0 and worst["consistent"] == 1, "always the same path, and the wrong one"


def test_the_label_of_an_exchanged_pair_is_the_other_one() -> None:
    for seed in range(60):
        choice = sample_choice(7_000_000 + seed, split="test", prior="flat")
        first, second = (describe(choice.chart, plan) for plan in (choice.first, choice.second))
        zones = dict(choice.zones)
        for scenario in SCENARIOS:
            one, other = (unanimous(votes(scenario, *pair, zones)) for pair in ((first, second), (second, first)))
            assert {one, other} in ({None}, {1, 2})


def test_patheval_conditions() -> None:
    plain, flipped = (build("patheval", n=8, condition=c).examples() for c in ("none", "flipped"))
    by_id = {e.id: e for e in flipped}
    for example in plain:
        other = by_id[example.id]
        assert example.answers != other.answers
        assert np.array_equal(np.asarray(swapped(other.images[0]).open()), np.asarray(example.images[0].open()))
    named = build("patheval", n=4, condition="random").examples()[0]
    assert re.fullmatch(r"Path \w{4}", named.answers[0]) and named.answers[0] in named.messages[-1].text
    blank = build("patheval", n=4, condition="no_image").examples()[0]
    assert (
        np.asarray(blank.images[0].open()).min() == 255 and "path 2: {'Average Clearance':" in blank.messages[-1].text
    )
    seen = build("patheval", n=21, condition="perception")
    examples = seen.examples()
    assert (
        Counter(e.meta["type"] for e in examples).keys() <= NAMES.keys()
        and measured(seen, right, examples)["accuracy"] == 1
    )
    first = build("patheval", condition="level1")
    assert len(first.examples()) == 15 and measured(first, right) == {"accuracy": 1, "f1": 1}
    assert named_descriptors("path length; Smoothness\nnonsense") == {"Path length", "Smoothness"}
    half = first.score(first.examples()[0], "Number of sharp turns")
    assert half.score == pytest.approx(1 / 2) and half.columns["correct"] == 0
    with pytest.raises(ConfigError, match="asks both orders itself"):
        build("patheval", condition="flipped", circular=True)


def test_patheval_records(tmp_path) -> None:
    """MohamedAghzal/PathEval: LLaVA JSON with metrics, both paths in one picture."""
    left, right_half = np.zeros((6, 5, 3), np.uint8), np.full((6, 5, 3), 255, np.uint8)
    Image.fromarray(np.concatenate([left, right_half], axis=1)).save(tmp_path / "0_2D.png")
    record = {
        "id": 0, "image": "0_2D.png", "metrics": {"Path 1": {"Length": 3}, "Path 2": {"Length": 4}},
        "conversations": [
            {"from": "human", "value": "A bus. Which path better achieves the task?"}, {"from": "gpt", "value": "Path 2"}
        ],
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps([record]))
    benchmark = build("patheval", path=str(tmp_path / "a.json"), circular=True)
    one, other = benchmark.examples()
    assert one.answers == ["Path 2"] and other.answers == ["Path 1"]
    assert np.asarray(other.images[0].open())[0, 0, 0] == 255
    assert one.messages[-1].text.startswith(
        "A bus. Which path better achieves the task? Path 1 is on the left side and Path 2 is"
    )
    assert benchmark.score(one, "Answer: Path 2. Explanation: not Path 1").score == 1
    assert benchmark.score(one, "I think Path 2").parsed is None, "the official rule"
    valued = build("patheval", path=str(tmp_path / "a.json"), condition="descriptors").examples()[0]
    assert "values for path 1: {'Length': 3}" in valued.messages[-1].text
    (tmp_path / "a.json").write_text(json.dumps([{**record, "metrics": {}}]))
    with pytest.raises(DataError, match="'metrics' of both paths"):
        build("patheval", path=str(tmp_path / "a.json"), condition="descriptors").examples()


def test_halves_are_exchanged_about_an_odd_middle() -> None:
    columns = ImageSource(array=np.repeat(np.arange(5, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(2, axis=0))
    assert np.asarray(swapped(columns).open())[0, :, 0].tolist() == [3, 4, 2, 0, 1]


# ---- ProVision, few-shot classes, OwlEval ----


def test_provision_asks_by_all_generators_and_has_one_right_option() -> None:
    from vistune.world.graphs.ask import MULTI, SINGLE

    benchmark = build("provision", n=76)
    examples = benchmark.examples()
    types = {e.meta["type"] for e in examples}
    assert len(types & set(SINGLE)) >= 22 and len(types & set(MULTI)) >= 11
    assert all(len(e.images) == 1 for e in examples if e.meta["type"] in SINGLE)
    assert all(len(e.images) > 1 for e in examples if e.meta["type"] in MULTI)
    for example in examples:
        option = example.meta["choices"][example.meta["truth"]]
        assert example.messages[-1].text.count(option) >= 1 and len(set(example.meta["choices"])) == len(
            example.meta["choices"]
        )
    assert measured(benchmark, lambda e: e.answers[1], examples)["accuracy"] > 0.9, (
        "texts are read where they are told apart"
    )


@pytest.mark.parametrize(("name", "classes"), [("cifar10", 10), ("fashion-mnist", 10), ("omniglot", 100)])
def test_few_shot_episodes_of_published_sets(name: str, classes: int, real_data) -> None:
    from vistune.evaluation.benchmarks.few_shot import read_classes

    shots, queries = read_classes(real_data(name))
    assert set(shots) == set(queries) and len(shots) >= classes
    benchmark = build("few_shot", path=str(real_data(name)), ways=4, shots=2, n=8)
    for example in benchmark.examples():
        assert len(example.images) == 4 * 2 + 1 and len(set(example.meta["choices"])) == 4
        told = re.findall(r"This is an? (.+)\.\n", example.messages[-1].text)
        assert Counter(told) == dict.fromkeys(example.meta["choices"], 2)
        order = [part.image for part in example.messages[-1].parts if part.image is not None]
        assert order == list(range(9)), "the query comes last"
        assert example.images[-1].open().size[0] in (28, 32, 105)
    examples = benchmark.examples()
    assert Counter(e.meta["truth"] for e in examples) == dict.fromkeys(range(4), 2)
    assert measured(benchmark, lambda e: f"It is {e.answers[0]}.", examples)["accuracy"] == 1
    assert measured(benchmark, lambda e: e.meta["choices"][0], examples)["accuracy"] == benchmark.chance == 0.25


def test_few_shot_names_and_reading(tmp_path) -> None:
    benchmark = build("few_shot", n=6, ways=3, names="made_up")
    example = benchmark.examples()[0]
    a, b, _ = example.meta["choices"]
    assert benchmark.name == "nano_few_shot_3way_1shot_made_up"
    assert benchmark.score(example, f"{a} or {b}").parsed is None and benchmark.score(example, f"a {a}!").parsed == a
    example.meta["choices"] = ["boot", "ankle boot", "bag"]
    assert benchmark.read(example, "An ankle boot") == 1 and benchmark.read(example, "a boots") is None
    assert [c.messages[-1].text for c in benchmark.candidates(example)] == ["boot", "ankle boot", "bag"]
    bare = build("few_shot", n=4, shots=0).examples()[0]
    assert len(bare.images) == 1 and all(name in bare.messages[-1].text for name in bare.meta["choices"])
    with pytest.raises(ConfigError, match="need at least one shot"):
        build("few_shot", shots=0, names="made_up")
    with pytest.raises(DataError, match="are expected"):
        build("few_shot", path=str(tmp_path)).examples()


def test_owleval_is_judged_beside_a_published_answer(real_data, tmp_path) -> None:
    path = real_data("owleval")
    benchmark = build("owleval", path=str(path))
    examples = benchmark.examples()
    assert len(examples) == 82 and len({e.meta["group"] for e in examples}) == 50 and benchmark.way == "judge"
    assert examples[0].images[0].open().size[0] > 50
    assert (
        examples[0].answers[0]
        == json.loads((path / "answer" / "mPLUG_Owl_7b_answer.jsonl").read_text().splitlines()[0])["answer"]
    )
    with pytest.raises(DataError, match="There are those of: MMreact, llava_13b, mPLUG_Owl_7b"):
        build("owleval", path=str(path), reference="nobody").examples()
    nano = build("owleval", n=6)
    own = nano.examples()
    verdicts = nano.build_judge().judge(own, [e.answers[0] for e in own])
    items = [nano.score_judged(e, e.answers[0], v) for e, v in zip(own, verdicts)]
    assert all(item.columns["score"] == item.columns["reference"] > 0 for item in items), "the same answer is as good"
    sums = {name: np.array([sum(i.columns[name] for i in items)]) for name in items[0].columns}
    assert nano.measures(sums)["relative"][0] == pytest.approx(100)


def test_the_shipped_model_can_be_asked(tmp_path) -> None:
    from vistune.models.loading import load_model

    chosen = [
        build("mmcomposition", n=13, max_new_tokens=4), build("gimmick", n=3, max_new_tokens=4),
        build("patheval", n=2, circular=True, max_new_tokens=4), build("provision", n=3, part="single", max_new_tokens=4),
        build("few_shot", n=3, ways=2, extraction="likelihood"),
    ]  # fmt: skip
    results = evaluate(load_model("nano-vlm"), chosen, tmp_path)
    assert all(0 <= result.score <= 1 and len(result.items) >= 3 for result in results.values())
    assert results["nano_few_shot_likelihood_2way_1shot"].beside["unparsed"] == 0
