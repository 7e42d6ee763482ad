"""MM-Vet, LLaVA-Bench and TouchStone: published files, published reviews, and the exact judge on the world's editions."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from vistune.annotators.base import Annotator, Reply
from vistune.core.errors import ConfigError, DataError
from vistune.core.files import read_jsonl
from vistune.data.example import Example
from vistune.evaluation.benchmarks.llava_bench import LlavaBench
from vistune.evaluation.benchmarks.mm_vet import MmVet
from vistune.evaluation.benchmarks.open_sets import OpenSet
from vistune.evaluation.benchmarks.touchstone import TouchStone
from vistune.evaluation.metrics.judged import llava_bench, mm_vet
from vistune.evaluation.records import Evidence, make_item, plain_verdict
from vistune.evaluation.results import Result, summarise


def judged(benchmark: OpenSet, examples: list[Example], answers: list[str]) -> Result:
    judge = benchmark.build_judge()
    items = []
    for example, answer, verdict in zip(examples, answers, judge.judge(examples, answers)):
        items.append(make_item(benchmark, example, Evidence([answer], 0.0, verdict=plain_verdict(verdict, judge))))
    return summarise(benchmark, items)


class Says(Annotator):
    """Replies that are known beforehand, in order; the last one goes on."""

    kind = "says"

    def __init__(self, replies: list[str]) -> None:
        self.replies, self.asked = replies, []

    def ask(self, examples, asking=None):
        found = []
        for example in examples:
            found.append(Reply(self.replies[min(len(self.asked), len(self.replies) - 1)]))
            self.asked.append(example)
        return found


@pytest.mark.parametrize("part", [MmVet, LlavaBench, TouchStone])
def test_the_exact_judge_knows_right_from_wrong(part: type[OpenSet]) -> None:
    benchmark = part(n=24)
    examples = benchmark.examples()
    assert len(examples) == 24 and len({e.id for e in examples}) == 24
    right = judged(benchmark, examples, [e.answers[0] for e in examples])
    empty = judged(benchmark, examples, ["" for _ in examples])
    shifted = judged(benchmark, examples, [e.answers[0] for e in (*examples[5:], *examples[:5])])
    best, least, wrong = (r.values[benchmark.main] for r in (right, empty, shifted))
    assert best > wrong > least or best > wrong >= least
    if part is MmVet:
        assert best == pytest.approx(1.0, abs=0.08)
    else:
        assert right.values["relative"] == pytest.approx(100.0, abs=2.0)
    assert all(e.images and e.meta["context"] for e in examples)


def test_mm_vets_published_questions(real_data) -> None:
    benchmark = MmVet(path=str(real_data("mm-vet")), images="nowhere", judge="oracle")
    examples = benchmark.examples()
    assert len(examples) == 218
    first = examples[0]
    assert first.answers == ["-1<AND>-5"] and first.meta["groups"] == ["ocr", "math"]
    assert examples[1].meta["group"] == examples[2].meta["group"], "two questions about one picture"
    marks = {e.id: (k % 11) / 10 for k, e in enumerate(examples)}
    benchmark.judge = Says([f"{marks[e.id]:.1f}" for e in examples])
    told = judged(benchmark, examples, ["x"] * 218)
    wanted = mm_vet(marks, {e.id: e.meta["groups"] for e in examples})
    assert {name: 100 * value for name, value in told.values.items()} == pytest.approx(wanted)


def test_published_reviews_of_llava_15_7b_give_the_published_ratio(real_data) -> None:
    folder = real_data("llava-bench") / "in-the-wild"
    reviews = {row["question_id"]: row for row in read_jsonl(folder / "reviews" / "llava-v1.5-7b-eval1.jsonl")}
    answers = {row["question_id"]: row["text"] for row in read_jsonl(folder / "answers" / "llava-v1.5-7b.jsonl")}
    benchmark = LlavaBench(path=str(folder), judge="oracle", rules=str(folder.parent / "rule.json"))
    examples = benchmark.examples()
    assert len(examples) == 60
    says = Says([reviews[int(e.id)]["content"] for e in examples])
    benchmark.judge = says
    told = judged(benchmark, examples, [answers[int(e.id)] for e in examples])
    pairs = [tuple(reviews[int(e.id)]["tuple"]) for e in examples]
    wanted = llava_bench(pairs, [e.meta["category"] for e in examples])
    assert told.values["relative"] == pytest.approx(wanted["all"])
    for group in ("conv", "detail", "complex"):
        assert told.values[group] == pytest.approx(wanted[group])
    text = says.asked[0].messages[-1].text
    assert "Diamond Head" in text and answers[0] in text and "[Assistant 2]" in text


def test_llava_benchs_photographs(real_data) -> None:
    folder = real_data("llava-bench") / "coco2014_val_qa_eval"
    benchmark = LlavaBench(path=str(folder), style="coco", judge="oracle")
    examples = benchmark.examples()
    assert len(examples) == 90
    assert {e.meta["category"] for e in examples} == {"conv", "detail", "complex"}
    assert "[0." in examples[0].meta["context"] and examples[0].images[0].path is not None
    assert len({e.meta["group"] for e in examples}) == 30


def test_touchstones_table(tmp_path: Path) -> None:
    """The published columns; pictures in base64; an item of two categories; a call that fails is left out."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    picture = base64.b64encode(buffer.getvalue()).decode()
    names = ["index", "image", "question", "human_annotation", "gpt4_ha_answer", "category", "task_name"]
    rows = [
        ["0", picture, "what is it?", "a red square", "It is red.", "Basic Descriptive Ability", "overall"],
        [
            "1",
            picture,
            "a story?",
            "a red square",
            "Once.",
            "Visual Storytelling Ability,Visual Comprehension Ability",
            "story",
        ],
    ]
    path = tmp_path / "touchstone.tsv"
    path.write_text("\n".join("\t".join(row) for row in [names, *rows]) + "\n")
    benchmark = TouchStone(path=str(path), judge="oracle")
    examples = benchmark.examples()
    assert examples[1].meta["groups"] == ["story", "comprehension"]
    examples[0].images[0].open()
    benchmark.judge = Says(["8 6", "7 9", "9 2", *["no score"] * 9])
    told = judged(benchmark, examples, ["one", "two"])
    # Item 0: reference first 8, answer 6; then answer 7, reference 9. Item 1: answer 2 of the first order only.
    assert told.values["score"] == pytest.approx(100 * (6 + 7 + 2) / 3)
    assert told.values["reference"] == pytest.approx(100 * (8 + 9 + 9) / 3)
    assert told.values["story"] == told.values["comprehension"] == pytest.approx(200)
    path.write_text("index\timage\n0\tx\n")
    with pytest.raises(DataError, match="record 1: no question"):
        TouchStone(path=str(path)).examples()


def test_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name one, such as judge"):
        MmVet(path=str(tmp_path)).build_judge()
    with pytest.raises(ConfigError, match="'style' is one of"):
        LlavaBench(style="wlid")  # type: ignore[arg-type]
    odd = {"imagename": "a", "question": "q", "answer": "a", "capability": ["oc"]}
    (tmp_path / "mm-vet.json").write_text(json.dumps({"v": odd}))
    with pytest.raises(DataError, match="no ability 'oc'"):
        MmVet(path=str(tmp_path)).examples()
