"""Instruction data from benchmarks: the answers are right by the benchmark's own scoring, and nothing tested is learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from vistune.core.errors import ConfigError
from vistune.data.example import Example
from vistune.data.formats import read
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark
from vistune.experiments.instructions import answered, benchmark_data


class Splitless(Benchmark):
    """A benchmark that has nothing to train on."""

    def examples(self) -> list[Example]:
        return []


KINDS = ("mme", "pope", "vqav2", "scienceqa", "mmcomposition", "refcoco", "detection", "coco_captions", "vsr")


@pytest.mark.parametrize("kind", KINDS)
def test_answers_score_as_right(kind: str) -> None:
    benchmark = BENCHMARKS.build({"kind": kind, "n": 8, "split": "train", "seed": 50})
    asked = benchmark.examples()
    told = list(answered(benchmark, asked))
    assert len(told) == len(asked)
    by_id = {example.id: example for example in asked}
    for example in told:
        assert [m.role for m in example.messages[-2:]] == ["user", "assistant"]
        question = by_id[example.id]
        assert example.messages[:-1] == question.messages
        if not benchmark.graded:
            assert benchmark.score(question, example.messages[-1].text).score == 1.0


def test_an_item_without_a_right_reference_is_left_out() -> None:
    benchmark = BENCHMARKS.build({"kind": "mme", "n": 8, "split": "train"})
    first, second, *_ = benchmark.examples()
    second.answers[:] = ["perhaps"]
    assert [example.id for example in answered(benchmark, [first, second])] == [first.id]


def test_training_and_test_share_no_picture() -> None:
    def pictures(split: str) -> set[bytes]:
        items = BENCHMARKS.build({"kind": "refcoco", "n": 40, "split": split}).examples()
        return {image.array.tobytes() for e in items for image in e.images if image.array is not None}

    train, test = pictures("train"), pictures("val")
    assert len(train) > 30
    assert not train & test


def test_written_data_is_read_back(tmp_path: Path) -> None:
    summary = benchmark_data(["mme:n=4", "vsr:n=6,seed=3"], tmp_path)
    found = read(Path(summary["path"]))
    assert summary["examples"] == len(found) == sum(c["written"] for c in summary["benchmarks"].values())
    told = [found[i] for i in range(len(found))]
    assert {e.messages[-1].text for e in told} == {"Yes", "No", "true", "false"}
    assert all(e.images and e.messages[-1].role == "assistant" for e in told)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (f"{__name__}:Splitless", "no 'split'"),
        ("m_haldetect", "asked by likelihood"),
        ("mm_vet", "asked by judge"),
        ("scienceqa:path=somewhere", "add split=train"),
    ],
)
def test_what_is_no_answer_to_learn_from(spec: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=reason):
        benchmark_data([spec], tmp_path)
