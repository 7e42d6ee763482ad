"""MMHal-Bench, GAVIE, DNLI, M-HalDetect and push-back: files, nano editions, scores worked out by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from answering import perfect
from probing import Says, build, measured, unmade, write

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example
from vistune.evaluation.benchmarks import Benchmark
from vistune.evaluation.benchmarks.leading import said_value
from vistune.evaluation.benchmarks.m_haldetect import label_text, read_annotation
from vistune.evaluation.benchmarks.mmhal import TYPES
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.metrics.segments import auroc
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import full_columns
from vistune.evaluation.runner import evaluate
from vistune.world.language import caption

# ---- MMHal-Bench --------------------------------------------------------------------------------------------------------


def test_mmhal_on_the_published_files(real_data):
    folder = real_data("hallucination") / "mmhal"
    benchmark = build(
        "mmhal_bench", path=str(folder / "response_template.json"), judge=Says(lambda _: "fine. Rating: 4")
    )
    examples = benchmark.examples()
    assert len(examples) == 96 and [e.meta["type"] for e in examples] == list(TYPES) * 12
    assert examples[0].meta["context"] == "Fire hydrant"
    found = measured(benchmark, perfect)
    assert (found["score"], found["hallucination"], found["counting"]) == (4.0, 0.0, 4.0)

    # Each model's own published answers are judged, here by whether they repeat the human one; two ratings in one reply are 0.
    told = {r["question"]: r for r in json.loads((folder / "responses" / "llava_7b.json").read_text())}
    benchmark.judge = Says(
        lambda text: "Rating: 6" if "hydrant cap in the picture is yellow" in text else "Rating: 1 or Rating: 2"
    )
    items = measured(benchmark, lambda e: told[e.messages[-1].text]["model_answer"])
    assert items["score"] == pytest.approx(6 / 96) and items["hallucination"] == pytest.approx(95 / 96)
    with pytest.raises(ConfigError, match="mmhal_bench is marked by a judge"):
        unmade("mmhal_bench", path=str(folder / "response_template.json")).build_judge()


def test_mmhal_of_the_world():
    benchmark = build("mmhal_bench", n=80)
    examples = benchmark.examples()
    assert Counter(e.meta["type"] for e in examples) == dict.fromkeys(TYPES, 10)
    best, none = (
        measured(benchmark, perfect),
        measured(benchmark, lambda _: "a red car and a cow at the lake, four, big"),
    )
    assert best["score"] == 5.0 and best["hallucination"] == 0.0, "the oracle sees no analysis, which would be a 6"
    assert none["score"] < 1 and none["hallucination"] > 0.9
    assert all(best[name] == 5.0 for name in TYPES)


# ---- GAVIE --------------------------------------------------------------------------------------------------------------


def test_gavie_on_the_published_set(real_data, tmp_path):
    file = real_data("hallucination") / "gavie" / "evaluation_set.json"
    rows = json.loads(file.read_text())
    boxes = {r["image_id"]: [{"caption": "the wall is white", "bbox": [1, 2, 30, 40]}] for r in rows}
    regions = write(tmp_path / "vg_annotation.json", boxes)
    benchmark = build(
        "gavie", path=str(file), regions=str(regions), judge=Says(lambda _: "RELEVANCY: 8\nACCURACY: 3.5")
    )
    examples = benchmark.examples()
    assert len(examples) == 1000 and not examples[0].answers
    assert examples[0].meta["context"] == "the wall is white X: 1 Y: 2 Width: 30 Height: 30", (
        "the width twice, as released"
    )
    assert (
        unmade("gavie", path=str(file), regions=str(regions), mode="strict")
        .examples()[0]
        .meta["context"]
        .endswith("40")
    )
    found = measured(benchmark, lambda _: "a wall")
    assert found == {"accuracy": 3.5, "relevancy": 8.0}
    benchmark.judge = Says(lambda text: "RELEVANCY: 8" if "wooden table" in text else "RELEVANCY: 2\nACCURACY: 2")
    assert measured(benchmark, lambda _: "a wall") == {"accuracy": 2.0, "relevancy": 2.0}, (
        "what is not read has no part"
    )
    with pytest.raises(DataError, match="give regions"):
        unmade("gavie", path=str(file)).examples()
    write(regions, {})
    with pytest.raises(DataError, match="record 1: .* has no picture 2356371"):
        unmade("gavie", path=str(file), regions=str(regions)).examples()


def test_gavie_of_the_world_ranks_right_over_half_right_over_off_topic():
    benchmark = build("gavie", n=120)
    assert Counter(e.meta["type"] for e in benchmark.examples()) == {
        "nonexistent": 30, "existent": 30, "knowledge": 30, "positive": 30,
    }  # fmt: skip
    gold = measured(benchmark, perfect)
    half = measured(benchmark, lambda e: f"{e.answers[0]} there is a red truck at the lake.")
    off = measured(benchmark, lambda _: "what a lovely day.")
    assert gold["accuracy"] == 10.0 == gold["relevancy"]
    assert gold["accuracy"] > half["accuracy"] > off["accuracy"] == 0.0 and off["relevancy"] < gold["relevancy"]


def test_the_oracles_gavie_marks_do_not_hang_on_the_order_of_answers():
    from vistune.evaluation.judges.base import build_judge

    examples = unmade("gavie", n=40).examples()
    judge = build_judge("oracle", "gavie")
    pairs = [[e.answers[0], "there is a red truck at the lake."] for e in examples]
    one, other = judge.judge(examples, pairs), judge.judge(examples, [pair[::-1] for pair in pairs])
    for a, b in zip(one, other, strict=True):
        assert (a.marks["accuracy"], a.marks["relevancy"]) == (b.marks["accuracy_2"], b.marks["relevancy_2"])
        assert a.marks["accuracy_2"] == b.marks["accuracy"] < a.marks["accuracy"] == 10.0


def test_every_negative_instruction_is_false_and_every_response_true():
    """LRV-Instruction's exact property: checked claim by claim against the scene (knowledge against its table)."""
    from vistune.world.language.claims import claims
    from vistune.world.questions.knowledge import ANIMALS

    for e in unmade("gavie", n=160).examples():
        scene, text = e.meta["facts"], e.messages[-1].text
        if e.meta["type"] == "knowledge":
            animal = next(t.kind for t in scene.things if t.kind in text.split())
            assert f'"{ANIMALS[animal][1]}"' not in text and str(ANIMALS[animal][1]) in e.answers[0]
            continue
        assert all(claim.holds(scene) for claim in claims(e.answers[0]))
        nouns = {t.kind for t in scene.things}
        if e.meta["type"] == "nonexistent":
            assert not any(f" {kind} " in f" {text.rstrip('.')} " for kind in nouns)
        if e.meta["type"] == "positive":
            assert any(f" {kind}" in text for kind in nouns) and "there is no" not in e.answers[0]
        if e.meta["type"] == "existent":
            assert "no " in e.answers[0] or "not " in e.answers[0]


# ---- DNLI ---------------------------------------------------------------------------------------------------------------


def test_dnli_of_doccis_format(tmp_path):
    """docci_descriptions.jsonlines: one JSON object a line (google/docci)."""
    rows = [
        {
            "example_id": f"test_{k:05d}",
            "split": "test",
            "image_file": f"test_{k:05d}.jpg",
            "description": f"A cat {k}.",
        }
        for k in (1, 2)
    ]
    rows.append({"example_id": "train_1", "split": "train", "image_file": "train_1.jpg", "description": "A dog."})
    path = write(tmp_path / "docci_descriptions.jsonlines", "\n".join(map(json.dumps, rows)) + "\n")
    benchmark = build("dnli", path=str(path), images=str(tmp_path))
    assert [e.id for e in benchmark.examples()] == ["test_00001", "test_00002"]

    def judge(text: str) -> str:
        if "Propositions:" not in text:
            return (
                '["there is a cat", "it is big"]'
                if "Description: A cat" in text
                else '["there is a cat", "it purrs", "nice"]'
            )
        return '["entailed", "contradicted", "neutral"]'

    benchmark.judge = Says(judge)
    found = measured(benchmark, lambda _: "A purring cat, how nice.")
    assert found["descriptiveness_precision"] == pytest.approx(1 / 3) == found["contradiction_precision"]
    assert found["descriptiveness_recall"] == 0.5 == found["contradiction_recall"] == found["neutral_recall"]
    benchmark.judge = Says(lambda _: "no list")
    assert measured(benchmark, lambda _: "A cat.")["failed"] == 1.0
    with pytest.raises(DataError, match="no description of the split 'val'"):
        unmade("dnli", path=str(path), split="val").examples()
    write(path, '{"split": "test", "description": "A cat."}\n')
    with pytest.raises(DataError, match="record 1: no image_file"):
        unmade("dnli", path=str(path)).examples()


def test_dnli_of_a_caption_with_itself_is_entailed_wholly():
    """The card's exact test: DNLI(C, C) has E = N and K = 0."""
    benchmark = build("dnli", n=60)
    found = measured(benchmark, perfect)
    assert found["descriptiveness_precision"] == 1.0 == found["descriptiveness_recall"]
    assert found["contradiction_precision"] == 0.0 == found["contradiction_recall"] and found["failed"] == 0.0


def test_dnli_leaving_out_costs_recall_and_inventing_costs_precision():
    benchmark = build("dnli", n=60)
    less = measured(benchmark, lambda e: ".".join(e.answers[0].split(".")[:2]) + ".")
    more = measured(benchmark, lambda e: f"{e.answers[0]} there is a big green zebra and a purple lorry. what a day.")
    assert less["descriptiveness_precision"] == 1.0 and less["descriptiveness_recall"] < 1.0
    assert (
        more["descriptiveness_recall"] == 1.0
        and 0 < more["contradiction_precision"] < 0.5
        and more["neutral_recall"] > 0
    )


# ---- M-HalDetect --------------------------------------------------------------------------------------------------------


def annotated(text: str, parts: Sequence[tuple[str, str]]) -> list[dict]:
    """The published form: start, end, text, label (hendryx-scale/mhal-detect, README)."""
    found = []
    for words, label in parts:
        start = text.index(words)
        found.append({"start": start, "end": start + len(words), "text": words, "label": label})
    return found


@pytest.fixture
def val_raw(tmp_path) -> Path:
    text = "A man rides a bike. A red dog runs. It is a nice day. Perhaps it rains."
    parts = [
        ("A man rides a bike.", "ACCURATE"),
        (" A red dog", "INACCURATE"),
        (" runs.", "ACCURATE"),
        (" It is a nice day.", "ANALYSIS"),
    ]
    row = {
        "question": "Describe.",
        "response": text,
        "image_id": 42,
        "annotations": annotated(text, [*parts, (" Perhaps it rains.", "UNSURE")]),
    }
    bare = {
        "question": "Describe.",
        "image": "COCO_val2014_000000000007.jpg",
        "annotations": annotated("A cat.", [("A cat.", "accurate")]),
    }
    return write(tmp_path / "val_raw.json", [row, bare])


def test_m_haldetect_reads_its_published_form(val_raw):
    by_sentence = build("m_haldetect", path=str(val_raw), images="val2014").examples()
    assert [(e.meta["type"], e.answers[0]) for e in by_sentence] == [
        ("accurate", "yes"), ("inaccurate", "no"), ("analysis", "yes"), ("accurate", "yes"),
    ]  # fmt: skip
    assert '"A red dog runs."' in by_sentence[1].messages[-1].text
    assert by_sentence[0].images[0].path == Path("val2014/COCO_val2014_000000000042.jpg")
    by_segment = build("m_haldetect", path=str(val_raw), by="segment")
    assert by_segment.name == "m_haldetect_segment" and len(by_segment.examples()) == 5
    text, spans = read_annotation({"annotations": annotated("A cat.", [("A cat.", "accurate")])}, val_raw, 1)
    assert text == "A cat." and spans[0].label == "accurate"
    write(
        val_raw,
        [
            {
                "image_id": 1,
                "annotations": [{"start": 0, "end": 9, "text": "A cat.", "label": "accurate"}],
                "response": "A cat.",
            }
        ],
    )
    with pytest.raises(DataError, match="record 1: a segment from 0 to 9 of a text of 6"):
        unmade("m_haldetect", path=str(val_raw)).examples()
    write(val_raw, [{"annotations": []}])
    with pytest.raises(DataError, match="record 1: no image_id"):
        unmade("m_haldetect", path=str(val_raw)).examples()


def test_m_haldetect_scores_detectors():
    benchmark = build("m_haldetect", n=150)
    examples = benchmark.examples()

    def weighed(yes: Callable[[int, Example], float]) -> tuple[dict[str, float], float]:
        columns, marks = [], []
        for place, example in enumerate(examples):
            p = yes(place, example)
            columns.append(benchmark.score_candidates(example, [[p, 0.0], [-p, 0.0]]).columns)
            marks.append(-p)
        return scores(columns, benchmark.measures), auroc(marks, [e.answers[0] == "no" for e in examples])

    best, _ = weighed(lambda _, e: 3.0 if e.answers[0] == "yes" else -3.0)
    assert (best["auroc"], best["f1"], best["accuracy"]) == (1.0, 1.0, 1.0)
    blind, _ = weighed(lambda *_: 1.0)
    assert (blind["auroc"], blind["f1"], blind["balanced"]) == (0.5, 0.0, 0.5) and benchmark.chance == 0.5
    rough, exact = weighed(lambda k, e: 0.4 * (1 if e.answers[0] == "yes" else -1) + ((k * 7919) % 13 - 6) / 6)
    assert 0.55 < rough["auroc"] < 0.95 and rough["auroc"] == pytest.approx(exact, abs=0.02)
    assert [c.messages[-1].text for c in benchmark.candidates(examples[0])] == ["yes", "no"]


@pytest.mark.parametrize("by", ["sentence", "segment"])
def test_labels_of_nano_descriptions_are_those_of_the_scene(by):
    """Each part is checked again against its scene: no claim of a right part fails, some claim of a wrong one does."""
    from vistune.evaluation.benchmarks.nano import scenes
    from vistune.world.language.claims import claims

    by_seed = {str(s.seed): s for s in scenes(120, "test", "skewed", 0)}
    counted: Counter[str] = Counter()
    for e in unmade("m_haldetect", by=by, n=200).examples():
        part = e.messages[-1].text.split('"')[1] if e.messages[-1].text.count('"') == 2 else None
        if part is None:
            continue  # a sentence with a label's own quotation marks
        truths = [c.holds(by_seed[e.meta["group"]]) for c in claims(part) if c.kind != "other"]
        counted[e.meta["type"]] += 1
        assert (False in truths) == (e.meta["type"] == "inaccurate"), part
        assert bool(truths) != (e.meta["type"] == "analysis"), part
    assert counted["inaccurate"] > 25 and counted["accurate"] > 60 and counted["analysis"] > 10


def test_hal_rate_of_descriptions():
    benchmark = build("hal_rate", n=60)
    true = measured(benchmark, lambda e: f"{caption(e.meta['facts'], 1, 'long', 'test')} what a day.")
    assert (true["inaccurate"], true["answers_with"]) == (0.0, 0.0) and true["analysis"] > 0.05
    wrong = measured(
        benchmark,
        lambda e: "this is the moon. there is a zebra." + (" there is nothing." if e.meta["facts"].things else ""),
    )
    assert wrong["inaccurate"] == pytest.approx(1 / 3, abs=0.01) and wrong["answers_with"] == 1.0, "no word for a zebra"
    scene = benchmark.examples()[0].meta["facts"]
    found = label_text(f"there is a {scene.things[0].kind}. how nice.", scene)
    assert [s.label for s in found] == ["accurate", "analysis"]


# ---- leading questions and push-back ------------------------------------------------------------------------------------


def talked(benchmark: Benchmark, model: Callable[[list[str], Example], str]) -> dict[str, float]:
    """Dialogues with a model that sees the user's turns so far."""
    items = []
    for example in benchmark.examples():
        asked, said = [example.messages[-1].text], []
        said.append(model(asked, example))
        while (more := benchmark.follow_up(example, said)) is not None:
            asked.append(more.messages[-1].text)
            said.append(model(asked, example))
        items.append(make_item(benchmark, example, Evidence(said, 0.0)))
    return scores(full_columns(benchmark, items), benchmark.measures)


def insisted(asked: list[str]) -> str:
    return asked[-1].split("the answer is ")[1].split(".")[0]


def test_sycophants_and_stubborn_models_are_told_apart():
    benchmark = build("leading", n=80)
    assert Counter(e.meta["type"] for e in benchmark.examples()) == {"pushback": 40, "leading": 40}
    stubborn = talked(benchmark, lambda _, e: e.answers[0])
    assert (stubborn["flip_rate"], stubborn["gave_in"], stubborn["fell_rate"]) == (0.0, 0.0, 0.0)
    assert stubborn["first_accuracy"] == 1.0 == stubborn["leading_accuracy"]
    gives_way = talked(benchmark, lambda asked, e: e.answers[0] if len(asked) == 1 else insisted(asked))
    assert (gives_way["flip_rate"], gives_way["gave_in"], gives_way["last_accuracy"]) == (1.0, 1.0, 0.0)
    always_wrong = talked(benchmark, lambda asked, e: e.meta["wrong"] if len(asked) == 1 else insisted(asked))
    assert (always_wrong["mend_rate"], always_wrong["first_accuracy"], always_wrong["last_accuracy"]) == (1.0, 0.0, 1.0)
    yes = talked(benchmark, lambda *_: "yes")
    assert yes["hoped_rate"] == 1.0 == yes["fell_rate"]
    mute = talked(benchmark, lambda *_: "")
    assert mute["unread"] == 1.0 and mute["flip_rate"] == 0.0


def test_push_back_on_pope_questions(real_data):
    file = real_data("hallucination") / "pope" / "coco_pope_random.json"
    benchmark = build("leading", path=str(file), images=".", limit=40, style="doubt")
    assert benchmark.name == "leading_doubt" and len(benchmark.examples()) == 40
    first = benchmark.examples()[0]
    more = benchmark.follow_up(first, ["Yes."])
    assert more is not None and more.messages[-1].text == "are you sure? Is there a snowboard in the image?"
    found = talked(benchmark, lambda asked, e: e.answers[0] if len(asked) == 1 else "no")
    assert found["flip_rate"] == 0.5 and "fell_rate" not in found
    with pytest.raises(ConfigError, match="'style' is one of"):
        unmade("leading", style="beg")
    assert [said_value(t, "red", "blue") for t in ("It is Red.", "red or blue", "green")] == ["red", None, None]
    assert [said_value(t, "no", "yes") for t in ("No way", "hm")] == ["no", None]


# ---- the shipped model --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    from vistune.models.loading import load_model

    return load_model("nano-vlm")


@pytest.mark.parametrize(
    "kind", ["amber", "chair_length", "mmhal_bench", "gavie", "dnli", "m_haldetect", "hal_rate", "leading"]
)
def test_the_shipped_model_can_be_asked(kind, shipped, tmp_path, monkeypatch):
    benchmark = build(kind, n=8)
    few = benchmark.examples()[:2]
    monkeypatch.setattr(benchmark, "examples", lambda: few)
    monkeypatch.setattr(benchmark, "max_new_tokens", 12)
    result = evaluate(shipped, [benchmark], tmp_path)[benchmark.name]
    assert len(result.items) == 2 and result.main in result.values
    steps = [benchmark.explain(e, item) for e, item in zip(few, result.items, strict=True)]
    assert all(isinstance(text, str) for told in steps for step in told for text in step)
