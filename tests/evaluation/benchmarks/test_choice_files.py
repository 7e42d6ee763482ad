"""Multiple choice on the published formats: ScienceQA, MMBench, SEED-Bench, MMMU, CV-Bench, AI2D, NExT-QA."""

from __future__ import annotations

import base64
import csv
import json
from collections import Counter

import pytest
from choosing import build, measured, png

from vistune.core.errors import ConfigError, DataError


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
