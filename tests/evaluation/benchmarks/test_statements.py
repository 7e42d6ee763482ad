"""NLVR2, MaRVL and VSR: files as published, made editions, consistency, known scores of constant answers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from answering import answered, perfect

from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.benchmarks.statements import NLVR2, VSR, VSR_CATEGORIES, MaRVL
from vistune.evaluation.benchmarks.two_pictures import MAKERS, sentences_on_two
from vistune.world import sample_scene

KINDS = ("nlvr2", "marvl", "vsr")


@pytest.mark.parametrize("kind", KINDS)
def test_made_statements_are_balanced(kind) -> None:
    benchmark = BENCHMARKS.build({"kind": kind, "n": 40})
    examples = benchmark.examples()
    assert len(examples) == 40 and Counter(e.answers[0] for e in examples) == {"true": 20, "false": 20}
    texts: dict[str, list[str]] = {}
    for example in examples:
        texts.setdefault(example.meta["group"], []).append(example.answers[0])
    assert all(told.count("true") == told.count("false") for told in texts.values()), "no sentence is true everywhere"
    own, yes, none = (
        answered(benchmark, said, examples).values for said in (perfect, lambda _: "True.", lambda _: "maybe")
    )
    assert own["accuracy"] == 1.0 and yes["accuracy"] == none["majority"] == 0.5 == benchmark.chance
    assert yes["said_true"] == 1.0 and none["accuracy"] == 0.0 and none["unparsed"] == 1.0
    if kind != "vsr":
        assert own["consistency"] == 1.0 and yes["consistency"] == 0.0


def test_sentences_on_two_scenes_hold_as_counted_anew() -> None:
    """The same sentences, judged by other code that reads their words."""
    scenes = [sample_scene(530_000 + k, split="test", prior="flat") for k in range(60)]
    seen = Counter()
    for told in sentences_on_two(scenes, 48, 3):
        words = told.text.rstrip(".").split()
        for left, right, true in told.pairs:
            counts = [len(s.things) for s in (left, right)]
            if told.type == "more":
                first, second = counts if words[1] == "left" else counts[::-1]
                assert true == (first > second)
            elif told.type == "place":
                place = words[4]
                assert true == ((left.setting == place) != (right.setting == place))
            elif told.type in ("both", "exactly_one"):
                there = [any(t.kind == words[3] for t in s.things) for s in (left, right)]
                assert true == (all(there) if told.type == "both" else there[0] != there[1])
            elif told.type == "in_all":
                number = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"].index(words[2])
                assert true == (sum(counts) == number)
            elif told.type == "colour_count":
                least = {"two": 2, "three": 3}[words[2]]
                assert true == (sum(t.colour == words[-1] for s in (left, right) for t in s.things) >= least)
            else:
                continue
            seen[told.type] += 1
    assert set(seen) == set(MAKERS) - {"side", "either"}


#: NLVR2's published lines (lil-lab/nlvr, nlvr2/README.md).
def line(pair: int, sentence: int = 0, label: str = "True") -> dict:
    return {
        "validation": {"4": "True"}, "sentence": f"Sentence {sentence}.", "left_url": "http://a", "right_url": "http://b",
        "writer": 1, "label": label, "synset": "acorn", "query": "acorns21", "identifier": f"dev-850-{pair}-{sentence}",
    }  # fmt: skip


def test_nlvr2_as_published(tmp_path) -> None:
    file = tmp_path / "dev.json"
    lines = [line(0), line(1, label="False"), line(0, 1, "False"), line(1, 1)]
    file.write_text("".join(json.dumps(one) + "\n" for one in lines))
    benchmark = NLVR2(path=str(file))
    examples = benchmark.examples()
    assert [e.answers[0] for e in examples] == ["true", "false", "false", "true"]
    assert [i.path for i in examples[1].images] == [tmp_path / "images" / f"dev-850-1-img{k}.png" for k in (0, 1)]
    # The official script's groups: the identifier without the pair. One wrong answer costs a quarter and one of two sentences.
    found = answered(benchmark, lambda e: "true" if e.id == "dev-850-1-0" else e.answers[0]).values
    assert found["accuracy"] == 0.75 and found["consistency"] == 0.5 and found["majority"] == 0.5
    nested = tmp_path / "images" / "42"
    nested.mkdir(parents=True)
    (nested / "dev-850-0-img0.png").write_bytes(b"x")
    file.write_text(json.dumps(line(0) | {"directory": 42}) + "\n")
    assert NLVR2(path=str(file)).examples()[0].images[0].path == nested / "dev-850-0-img0.png"


def test_nlvr2_of_another_form(tmp_path) -> None:
    file = tmp_path / "dev.json"
    file.write_text(json.dumps(line(0) | {"identifier": "dev-1"}) + "\n")
    with pytest.raises(DataError, match="line 1: an identifier is split-set-pair-sentence, not 'dev-1'"):
        NLVR2(path=str(file)).examples()
    file.write_text('{"sentence": "x"}\n')
    with pytest.raises(DataError, match="needs sentence, label and identifier"):
        NLVR2(path=str(file)).examples()
    with pytest.raises(DataError, match="no NLVR2 file"):
        NLVR2(path=str(tmp_path / "none.json")).examples()


@pytest.mark.parametrize("language", ["id", "sw", "ta", "tr", "zh"])
def test_marvl_as_published(real_data, language) -> None:
    folder = real_data("iglue") / "marvl"
    benchmark = MaRVL(path=str(folder), language=language)
    examples = benchmark.examples()
    assert len(examples) == 300 and benchmark.name == f"marvl_{language}"
    found = answered(benchmark, perfect, examples).values
    assert found["accuracy"] == found["consistency"] == 1.0
    label = Counter(e.answers[0] for e in examples)
    yes = answered(benchmark, lambda _: "true", examples).values
    assert yes["accuracy"] == pytest.approx(label["true"] / 300) and yes["majority"] == pytest.approx(
        max(label.values()) / 300
    )
    first = json.loads((folder / f"marvl-{language}.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["caption"] in examples[0].messages[0].text and len(examples[0].images) == 2
    assert MaRVL(path=str(folder / f"marvl-{language}.jsonl")).examples()[0].meta["type"] == first["chapter"]


def test_marvl_speaks_what_the_world_speaks() -> None:
    with pytest.raises(ConfigError, match="There is no language 'ta'"):
        MaRVL(language="ta", n=4).examples()


def test_vsr_as_published(real_data) -> None:
    folder = real_data("vsr") / "zeroshot"
    benchmark = VSR(path=str(folder), images="coco")
    examples = benchmark.examples()
    assert len(examples) == 1222 and Counter(e.answers[0] for e in examples) == {"true": 629, "false": 593}
    assert examples[0].messages[0].text == (
        'Based on the image, is this statement true or false? "The car is behind the suitcase." Answer:'
    )
    assert examples[0].images[0].path == Path("coco/000000017697.jpg") and examples[0].meta["type"] == "behind"
    assert {e.meta["facets"]["category"] for e in examples} == set(VSR_CATEGORIES)
    yes = answered(benchmark, lambda _: "Yes", examples)
    assert yes.values["accuracy"] == pytest.approx(629 / 1222) and yes.by_type["behind"]["items"] > 10
    with pytest.raises(DataError, match="images=FOLDER"):
        VSR(path=str(folder)).examples()


def test_made_places_by_pixels() -> None:
    """Left and right of made statements, looked up from the middles of the masks."""
    from vistune.world.annotate import boxes
    from vistune.world.pairs import sample_pair

    checked = 0
    for example in VSR(n=30).examples():
        number, k = (int(part) for part in example.id.split("-")[1:])
        pair = sample_pair(500_000 + number, split="test", prior="flat", what=("move", "exchange"))
        statement = pair.statements[number % 2]
        if statement.relation not in ("left of", "right of"):
            continue
        scene = pair.scenes[k]
        kinds = [group.phrase.noun for group in statement.groups]
        if any(sum(t.kind == kind for t in scene.things) != 1 for kind in kinds):
            continue
        placed = boxes(scene, 256)
        x, y = (placed[[t.kind for t in scene.things].index(kind)][[0, 2]].mean() for kind in kinds)
        assert (example.answers[0] == "true") == ((x < y) == (statement.relation == "left of"))
        checked += 1
    assert checked > 8


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_model_can_be_asked(kind, tmp_path) -> None:
    from vistune.evaluation.runner import evaluate
    from vistune.models.loading import load_model

    benchmark = BENCHMARKS.build({"kind": kind, "n": 4})
    found = evaluate(load_model("nano-vlm"), [benchmark], tmp_path)[benchmark.name]
    assert len(found.items) == 4
