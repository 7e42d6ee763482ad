"""Multiple choice: ScienceQA, MMBench, SEED-Bench, MMMU, CV-Bench, AI2D, NExT-QA, on published formats and on the world."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vistune.core.errors import ConfigError, DataError
from vistune.decoding.likelihoods import candidate_logprobs
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.results import full_columns
from vistune.evaluation.runner import evaluate


def png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8, 3), 120, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def build(kind: str, **parameters: Any) -> Any:
    return BENCHMARKS.build({"kind": kind, **parameters})


def measured(benchmark, answer, examples=None) -> dict[str, float]:
    """Measures where ``answer(example)`` answers; for likelihoods it gives the place that is likeliest."""
    items = []
    for example in examples or benchmark.examples():
        said = answer(example)
        if benchmark.way == "likelihood":
            rows = [[-0.1 if k == said else -2.0] for k in range(len(benchmark.candidates(example)))]
            scored = benchmark.score_candidates(example, rows)
        else:
            scored = benchmark.score(example, said)
        items.append(
            {"id": example.id, "group": example.meta["group"], "score": scored.score, "columns": scored.columns}
        )
    return scores(full_columns(benchmark, items), benchmark.measures)


SMALL = {
    "scienceqa": {"n": 30}, "mmbench": {"n": 24}, "seed_bench": {"n": 18, "part": "image"}, "mmmu": {"n": 24},
    "cv_bench": {"n": 24}, "ai2d": {"n": 22}, "nextqa": {"n": 10}, "provision": {"n": 38},
}  # fmt: skip


@pytest.mark.parametrize("kind", SMALL)
def test_the_worlds_edition(kind: str) -> None:
    """Unique and the same each time; perfect answers are all right, empty ones all wrong; every place is right about as often."""
    benchmark = build(kind, **SMALL[kind])
    examples, again = benchmark.examples(), build(kind, **SMALL[kind]).examples()
    assert len({e.id for e in examples}) == len(examples) >= 0.8 * SMALL[kind]["n"]
    assert [(e.id, e.messages[-1].text, e.answers) for e in examples] == [
        (e.id, e.messages[-1].text, e.answers) for e in again
    ]
    assert all(len(set(e.meta["choices"])) == len(e.meta["choices"]) for e in examples), "no option twice"
    right = (lambda e: e.meta["truth"]) if benchmark.way == "likelihood" else (lambda e: e.answers[0])
    found = measured(benchmark, right, examples)
    assert found[benchmark.main] == found["accuracy"] == 1
    if benchmark.way == "answer":
        benchmark.fill = "wrong"
        assert measured(benchmark, lambda _: "", examples)["accuracy"] == 0


@pytest.mark.parametrize("kind", ["scienceqa", "ai2d", "mmbench"])
def test_one_letter_for_all_gets_chance(kind: str) -> None:
    """Right options stand at every place of every number of options alike often, to within the last block of each sort."""
    extra = {"circular": False} if kind == "mmbench" else {}
    benchmark = build(kind, **{**SMALL[kind], "n": 60}, **extra)
    examples = benchmark.examples()
    for letter in "AB":
        found = measured(benchmark, lambda _, said=letter: said, examples)
        assert abs(found["accuracy"] - found["chance"]) < 0.1
        assert found[f"place_{'AB'.index(letter) + 1}"] == 1 and found["place_spread"] > 30


# ---- the base ----


def test_circles_count_only_where_all_rotations_are_right() -> None:
    benchmark = build("mmbench", n=12)
    examples = benchmark.examples()
    copies = Counter(e.id.rsplit("@", 1)[0] for e in examples)
    by_id = {e.id: e for e in examples}
    for name, count in copies.items():
        own = [by_id[f"{name}@{turn}"] for turn in range(count)]
        assert count == len(own[0].meta["choices"])
        assert {e.meta["choices"][e.meta["truth"]] for e in own} == {own[0].answers[1]}
        assert sorted(e.meta["truth"] for e in own) == list(range(count)), "the right one stands everywhere once"
    always_a = measured(benchmark, lambda _: "A", examples)
    assert always_a["accuracy"] == 0 and always_a["vanilla"] > 0
    expected = sum(c**-c for c in copies.values()) / len(copies)
    assert always_a["chance"] == pytest.approx(expected)
    # One wrong copy of one question fails that question alone.
    spoilt = next(iter(copies))
    found = measured(benchmark, lambda e: "Z" if e.id == f"{spoilt}@1" else e.answers[0], examples)
    assert found["accuracy"] == pytest.approx(1 - 1 / len(copies)) and found["vanilla"] == 1
    category = by_id[f"{spoilt}@0"].meta["type"]
    same = [n for n in copies if by_id[f"{n}@0"].meta["type"] == category]
    assert found[category] == pytest.approx(1 - 1 / len(same))


@pytest.mark.parametrize("kind", ["scienceqa", "mmbench", "cv_bench"])
def test_options_can_be_weighed_without_being_shown(kind: str) -> None:
    extra = {"circular": False} if kind == "mmbench" else {}
    benchmark = build(kind, n=12, style="texts", extraction="likelihood", **extra)
    examples = benchmark.examples()
    for example in examples:
        assert "A. " not in example.messages[-1].text and "(A)" not in example.messages[-1].text
        assert [c.messages[-1].text for c in benchmark.candidates(example)] == example.meta["choices"]
    assert measured(benchmark, lambda e: e.meta["truth"], examples)["accuracy"] == 1


def test_names_tell_measures_apart() -> None:
    assert build("mmbench").name == "nano_mmbench" and build("mmbench", circular=False).name == "nano_mmbench_vanilla"
    assert build("ai2d", circular=True, extraction="likelihood").name == "nano_ai2d_circular_likelihood"
    assert build("seed_bench", part="video").name == "nano_seed_bench_video"
    assert build("seed_bench", extraction="rule", style="letters").name == "nano_seed_bench_rule"


def test_an_explained_score_tells_options_rule_and_truth() -> None:
    benchmark = build("scienceqa", n=3)
    example = benchmark.examples()[0]
    told = dict(benchmark.explain(example, {"answer": "The answer is B", "parsed": None}))
    assert told["extraction"] == "by the rule: no option" and told["right"].startswith(example.answers[0])
    assert told["options"].startswith(f"A: {example.meta['choices'][0]}; B: ")


def test_likelihood_by_mean_and_by_sum() -> None:
    for by, place in (("mean", 1), ("sum", 0)):
        benchmark = build("seed_bench", n=9, part="image", by=by)
        example = next(e for e in benchmark.examples() if len(e.meta["choices"]) == 4)
        rows = [[-1.0], [-0.8, -0.8, -0.8], [-2.0], [-2.0, -2.0]]
        assert benchmark.score_candidates(example, rows).parsed == example.meta["choices"][place]


def test_a_random_choice_is_seeded_by_item_and_named() -> None:
    benchmark = build("mmmu", n=32)
    examples = [e for e in benchmark.examples() if e.meta["choices"]]
    assert benchmark.switches["fill"] == "random"
    first = [benchmark.score(e, "?").score for e in examples]
    assert first == [benchmark.score(e, "no idea").score for e in examples], "the answer does not change the draw"
    assert 0 < sum(first) < len(first) and benchmark.score(examples[0], "?").parsed is None
    assert "seed 42" in dict(benchmark.explain(examples[0], {"answer": "?"}))["fill"]
    benchmark.fill = "wrong"
    assert sum(benchmark.score(e, "?").score for e in examples) == 0


def test_judges_match_what_the_rule_cannot_read() -> None:
    from vistune.evaluation.judges.base import Verdict

    benchmark = build("mmbench", n=6, circular=False, extraction="judge")
    example = benchmark.examples()[0]
    truth = example.meta["truth"]
    assert benchmark.way == "judge"
    assert benchmark.score_judged(example, "hm", Verdict({"option": float(truth)}, True, [])).score == 1
    assert benchmark.score_judged(example, "hm", Verdict({"option": -1.0}, True, [])).parsed is None
    assert benchmark.score_judged(example, "hm", Verdict({}, False, [])).score == 0
    assert benchmark.score_judged(example, example.answers[0], Verdict({"option": -1.0}, True, [])).score == 1, (
        "the rule comes first"
    )
    judge = benchmark.build_judge()
    (verdict,) = judge.judge([example], [f"it must be {example.answers[1]}, I am sure of that and of nothing else"])
    assert verdict.marks["option"] == truth


@pytest.mark.parametrize(
    ("kind", "switch"),
    [
        ("mmbench", "mode"),
        ("scienceqa", "split"),
        ("seed_bench", "by"),
        ("cv_bench", "extraction"),
        ("ai2d", "style"),
        ("mmmu", "fill"),
    ],
)
def test_unknown_switches_are_told(kind: str, switch: str) -> None:
    with pytest.raises(ConfigError, match=f"'{switch}' is one of"):
        build(kind, **{switch: "nonsense"})


def test_candidates_stand_on_the_tokens_of_the_prompt(shipped_vlm) -> None:
    """Prefix stability: prompt and option are tokenised together, and the prompt's tokens stay what they are alone."""
    benchmark = build("seed_bench", n=9, part="image")
    example = benchmark.examples()[0]
    group = benchmark.candidates(example)
    whole = [candidate_logprobs(shipped_vlm, [[one]])[0][0] for one in group]
    shared = candidate_logprobs(shipped_vlm, [group])[0]
    for one, other, candidate in zip(whole, shared, group):
        assert one == pytest.approx(other, abs=1e-4)
        assert len(one) == len(shipped_vlm.answer_ids(candidate)) >= 2, "the end mark counts"
    with_letters = build("seed_bench", n=9, part="image", style="letters")
    assert [c.messages[-1].text for c in with_letters.candidates(with_letters.examples()[0])] == list("ABCD")[
        : len(group)
    ]
    assert all(c.messages[:-1] == example.messages for c in group)


@pytest.fixture(scope="module")
def shipped_vlm():
    from vistune.models.loading import load_model

    return load_model("nano-vlm")


def test_the_shipped_model_can_be_asked(shipped_vlm, tmp_path) -> None:
    chosen = [
        build("scienceqa", n=5, max_new_tokens=4), build("mmbench", n=6, circular=False, max_new_tokens=4),
        build("seed_bench", n=9, part="image"), build("mmmu", n=4, max_new_tokens=4), build("cv_bench", n=4, max_new_tokens=4),
    ]  # fmt: skip
    results = evaluate(shipped_vlm, chosen, tmp_path)
    assert all(0 <= result.score <= 1 and len(result.items) >= 3 for result in results.values())
    assert results["nano_seed_bench_image"].beside["unparsed"] == 0


# ---- published files ----


def test_scienceqa_conversations(real_data) -> None:
    folder = real_data("scienceqa")
    benchmark = build("scienceqa", path=str(folder / "llava_test_CQM-A.json"))
    examples = benchmark.examples()
    assert benchmark.name == "scienceqa" and len(examples) == 1500
    raw = json.loads((folder / "llava_test_CQM-A.json").read_text(encoding="utf-8"))
    direct = "\nAnswer with the option's letter from the given choices directly."
    for record, example in zip(raw, examples):
        asked = record["conversations"][0]["value"].replace("<image>", "").strip()
        assert example.messages[-1].text == asked + direct, "the file's prompt to the letter"
        assert example.answers[0] == record["conversations"][1]["value"]
        assert bool(example.images) == ("image" in record) == ("IMG" in example.meta["buckets"])
    assert measured(benchmark, lambda e: e.answers[0], examples)["IMG"] == 1
    answers = Counter(e.answers[0] for e in examples)
    assert measured(benchmark, lambda _: "A", examples)["accuracy"] == answers["A"] / 1500
    # A letter beyond the options is read, and wrong.
    two = next(e for e in examples if len(e.meta["choices"]) == 2)
    assert benchmark.score(two, "E").parsed is None and benchmark.score(two, "E").score == 0


def test_scienceqa_problems(tmp_path) -> None:
    """The official form (lupantech/ScienceQA): problems by id, and splits."""
    problem = {
        "question": "Which is hot?", "choices": ["ice", "fire", "snow"], "answer": 1, "hint": "Think.", "image": "image.png",
        "task": "closed choice", "grade": "grade8", "subject": "natural science", "topic": "physics", "split": "test",
    }  # fmt: skip
    (tmp_path / "problems.json").write_text(
        json.dumps({"7": problem, "8": {**problem, "image": None, "hint": "", "grade": "grade2"}})
    )
    (tmp_path / "pid_splits.json").write_text(json.dumps({"test": ["7", "8"], "val": ["9"]}))
    first, second = build("scienceqa", path=str(tmp_path)).examples()
    assert first.messages[-1].text.startswith("Context: Think.\nWhich is hot?\nA. ice\nB. fire\nC. snow\nAnswer")
    assert str(first.images[0].path).endswith("test/7/image.png")
    assert first.meta["buckets"] == ["IMG", "TXT", "NAT", "G7-12"] and second.meta["buckets"] == ["NO", "NAT", "G1-6"]
    assert first.answers == ["B", "fire"]
    with pytest.raises(DataError, match=r"lacks 1 problems of 'val'; the first is 9"):
        build("scienceqa", path=str(tmp_path), split="val").examples()
    (tmp_path / "problems.json").write_text("{")
    with pytest.raises(DataError, match="is not JSON"):
        build("scienceqa", path=str(tmp_path)).examples()


def write_tsv(path, rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)


MMBENCH_ROW = {
    "index": 241, "question": "What is it?", "hint": "Look.", "A": "a cat", "B": "a dog", "C": "nan", "D": "", "answer": "B",
    "category": "identity", "l2-category": "finegrained_perception (instance-level)", "image": base64.b64encode(png()).decode(),
}  # fmt: skip


def test_mmbench_table(tmp_path) -> None:
    """VLMEvalKit's TSV: base64 pictures, empty options left out, a picture by another row's index."""
    write_tsv(
        tmp_path / "a.tsv", [MMBENCH_ROW, {**MMBENCH_ROW, "index": 242, "image": "241", "C": "a hen", "answer": "A"}]
    )
    benchmark = build("mmbench", path=str(tmp_path / "a.tsv"))
    examples = benchmark.examples()
    assert [e.id for e in examples] == ["241@0", "241@1", "242@0", "242@1", "242@2"]
    assert examples[0].messages[-1].text == (
        "Hint: Look.\nQuestion: What is it?\nOptions:\nA. a cat\nB. a dog\n"
        "Please select the correct answer from the options above. \n"
    )
    assert examples[1].messages[-1].text.split("\n")[3:5] == ["A. a dog", "B. a cat"] and examples[1].answers[0] == "A"
    assert examples[2].images[0].size() == (8, 8)
    llava = build("mmbench", path=str(tmp_path / "a.tsv"), prompt="llava", circular=False).examples()[0]
    assert llava.messages[-1].text.startswith("Look.\nWhat is it?\nA. a cat\nB. a dog\nAnswer with the option's letter")
    assert measured(benchmark, lambda e: f"The answer is ({e.answers[0]}).", examples)["accuracy"] == 1
    assert measured(benchmark, lambda e: e.answers[1], examples)["accuracy"] == 1, "option texts are read too"
    assert build("mmbench", path=str(tmp_path / "a.tsv"), limit=1).examples()[-1].id == "241@1"


def test_mmbench_table_with_its_own_copies(tmp_path) -> None:
    turned = {**MMBENCH_ROW, "index": 1_000_241, "A": "a dog", "B": "a cat", "answer": "A"}
    write_tsv(tmp_path / "a.tsv", [MMBENCH_ROW, turned])
    examples = build("mmbench", path=str(tmp_path / "a.tsv")).examples()
    assert [(e.id, e.answers[0]) for e in examples] == [("241@0", "B"), ("241@1", "A")], "not turned once more"
    assert [e.id for e in build("mmbench", path=str(tmp_path / "a.tsv"), circular=False).examples()] == ["241"]
    write_tsv(tmp_path / "b.tsv", [{**MMBENCH_ROW, "answer": "nan"}])
    with pytest.raises(DataError, match=r"b.tsv, record 1: there is no answer"):
        build("mmbench", path=str(tmp_path / "b.tsv")).examples()
    with pytest.raises(DataError, match="There is no file"):
        build("mmbench", path=str(tmp_path / "c.tsv")).examples()


def test_seed_bench_json(tmp_path) -> None:
    """The form of AILab-CVC/SEED-Bench's DATASET.md, version 1."""
    image = {
        "answer": "A", "choice_a": "One", "choice_b": "Two", "choice_c": "Three", "choice_d": "Four",
        "data_id": "1454426_2591111986", "data_type": "image", "question_id": "101669", "question_type_id": 5,
        "question": "How many towels are in the image?",
    }  # fmt: skip
    video = {
        **image,
        "data_id": "94328.webm",
        "data_type": "video",
        "question_id": "v1738",
        "question_type_id": 10,
        "answer": "B",
    }
    (tmp_path / "SEED-Bench.json").write_text(json.dumps({"questions": [image, video], "question_type": {}}))
    (tmp_path / "1454426_2591111986").write_bytes(png())
    (tmp_path / "94328").mkdir()
    for k in range(20):
        (tmp_path / "94328" / f"{k:03}.png").write_bytes(png())
    benchmark = build("seed_bench", path=str(tmp_path / "SEED-Bench.json"))
    first, second = benchmark.examples()
    assert first.messages[-1].text == "How many towels are in the image?", "no letters, no options"
    assert [c.messages[-1].text for c in benchmark.candidates(first)] == ["One", "Two", "Three", "Four"]
    assert (len(second.images), second.images[0].path.name, second.images[-1].path.name) == (8, "001.png", "018.png")
    assert [e.id for e in build("seed_bench", path=str(tmp_path / "SEED-Bench.json"), part="image").examples()] == [
        "101669"
    ]
    found = measured(benchmark, lambda e: 0, [first, second])
    assert (found["accuracy"], found["image"], found["video"], found["Instances Counting"]) == (0.5, 1, 0, 1)
    assert benchmark.chance == 0.25
    # Equal likelihoods: the first, as arg-sort gives it.
    assert (
        benchmark.score_candidates(first, [[-1.0]] * 4).score == 1
        and benchmark.score_candidates(second, [[-1.0]] * 4).score == 0
    )
    del image["choice_d"]
    (tmp_path / "SEED-Bench.json").write_text(json.dumps({"questions": [image]}))
    with pytest.raises(DataError, match="record 1: no choice_d"):
        benchmark.examples()


def mmmu_rows():
    return [
        {
            "id": "validation_Art_Theory_3", "question": "<image 1> Who made <image 2>?", "options": "['Bosch', \"<image 3>\"]",
            "answer": "B", "question_type": "multiple-choice", "image_1": {"bytes": png(), "path": "1.png"},
            "image_2": {"bytes": png(), "path": None}, "image_3": {"bytes": png(), "path": None}, "image_4": None,
        },
        {
            "id": "validation_Math_1", "question": "What is x in <image 1>?", "options": "[]", "answer": "['12', '12.0']",
            "question_type": "open", "image_1": {"bytes": png(), "path": None},
        },
    ]  # fmt: skip


def test_mmmu_parquet(tmp_path) -> None:
    parquet, pyarrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    parquet.write_table(pyarrow.Table.from_pylist(mmmu_rows()), tmp_path / "a.parquet")
    benchmark = build("mmmu", path=str(tmp_path / "a.parquet"))
    choice, opened = benchmark.examples()
    parts = [(p.image, p.text) for p in choice.messages[-1].parts]
    ending = "\n\nAnswer with the option's letter from the given choices directly."
    assert parts == [
        (0, None),
        (None, " Who made "),
        (1, None),
        (None, "?\n(A) Bosch\n(B) "),
        (2, None),
        (None, ending),
    ]
    assert choice.meta["buckets"] == ["Art and Design"] and choice.meta["type"] == "Art_Theory"
    assert opened.messages[-1].text == "What is x in ?\nAnswer the question using a single word or phrase."
    assert opened.answers == ["12", "12.0"] and opened.meta["buckets"] == ["Science"]
    found = measured(benchmark, lambda e: "(B)" if e.meta["choices"] else "so x is 12.", [choice, opened])
    assert found["accuracy"] == found["Science"] == found["Art and Design"] == 1
    assert benchmark.score(opened, "x = 13").score == 0 and benchmark.score(opened, "").parsed is None
    assert benchmark.score(choice, "(A) no, (B)").score == 1, "the last of several"
    weighed = build("mmmu", path=str(tmp_path / "a.parquet"), extraction="likelihood").examples()
    assert [e.id for e in weighed] == ["validation_Art_Theory_3"], "open questions have nothing to weigh"
    with pytest.raises(ConfigError, match="leave circular out"):
        build("mmmu", circular=True)
    rows = [{**mmmu_rows()[0], "answer": "?"}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "b.parquet")
    with pytest.raises(DataError, match="test split keeps its answers"):
        build("mmmu", path=str(tmp_path / "b.parquet")).examples()


def test_cv_bench_is_a_mean_of_means(tmp_path) -> None:
    """nyu-visionx/CV-Bench: JSON lines with ``filename``; 2D is the mean of two sources, and the whole that of 2D and 3D."""
    row = {
        "idx": 0, "type": "2D", "task": "Count", "question": "How many?", "choices": ["2", "1"], "answer": "(B)",
        "filename": "a.png", "source": "ADE20K", "prompt": "How many? Select from the following choices.\n(A) 2\n(B) 1",
    }  # fmt: skip
    rows = [row, {**row, "idx": 1, "source": "COCO", "answer": "(A)"}, {**row, "idx": 2, "source": "COCO"}]
    rows.append({**row, "idx": 3, "type": "3D", "task": "Depth", "source": "Omni3D"})
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "test.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    benchmark = build("cv_bench", path=str(tmp_path / "test.jsonl"))
    examples = benchmark.examples()
    assert (
        examples[0].messages[-1].text
        == row["prompt"] + "\nAnswer with the option's letter from the given choices directly."
    )
    found = measured(benchmark, lambda _: "(B) 1", examples)
    assert (found["ADE20K"], found["COCO"], found["Omni3D"], found["2D"], found["3D"]) == (1, 0.5, 1, 0.75, 1)
    assert found["overall"] == 0.875 != found["accuracy"] == 0.75
    assert benchmark.score(examples[1], "above it").score == 1, "the first character is read"
    assert (
        build("cv_bench", path=str(tmp_path / "test.jsonl"), mode="strict").score(examples[1], "above it").parsed
        is None
    )
    flat = measured(benchmark, lambda _: "B", examples[:3])
    assert flat["overall"] == flat["2D"] == 0.75, "of one half, that half"


def test_ai2d_records(real_data) -> None:
    path = real_data("vqa-annotations") / "ai2diagram_test.json"
    benchmark = build("ai2d", path=str(path), style="texts")
    examples = benchmark.examples()
    assert len(examples) + benchmark.unreadable == 300 and benchmark.unreadable < 15
    truths = {r["question_id"]: r["gt_answers"].strip() for r in json.loads(path.read_text(encoding="utf-8"))}
    assert all(e.answers == [truths[e.id.split("#")[0]]] or e.answers[0] in truths.values() for e in examples)
    assert all(len(e.meta["choices"]) == 4 for e in examples)
    assert measured(benchmark, lambda e: f"{e.answers[0].upper()}.", examples)["accuracy"] == 1
    lettered = build("ai2d", path=str(path), limit=20)
    assert measured(lettered, lambda e: f"({e.answers[0].lower()}).")["accuracy"] == 1
    assert measured(lettered, lambda e: f"It is {e.answers[0]}")["accuracy"] == 0, "lmms-eval wants the letter alone"
    assert (
        measured(build("ai2d", path=str(path), limit=20, mode="vlmevalkit"), lambda e: f"It is {e.answers[0]}")[
            "accuracy"
        ]
        == 1
    )


def test_nextqa_csv(tmp_path, real_data) -> None:
    rows = (real_data("metric-checks") / "nextqa" / "val.csv").read_text(encoding="utf-8").splitlines()[:4]
    (tmp_path / "val.csv").write_text("\n".join(rows))
    with pytest.raises(DataError, match="There is no video 4010069381"):
        build("nextqa", path=str(tmp_path / "val.csv")).examples()
    for line in csv.DictReader(rows):
        (tmp_path / line["video"]).mkdir(exist_ok=True)
        for k in range(10):
            (tmp_path / line["video"] / f"{k}.png").write_bytes(png())
    benchmark = build("nextqa", path=str(tmp_path / "val.csv"), frames=4)
    examples = benchmark.examples()
    assert examples[0].id == "4010069381_6" and examples[0].meta["type"] == "CH" and len(examples[0].images) == 4
    assert (
        examples[0]
        .messages[-1]
        .text.startswith("how do the two man play the instrument\nA. roll the handle\nB. tap their feet\n")
    )
    assert measured(benchmark, lambda e: f"({e.answers[0]})", examples)["C"] == 1
