"""The runner: nothing is asked twice, batches do not matter, bad pictures are set aside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.metrics.answers import exact_match
from vistune.evaluation.runner import compare, evaluate


class Echo:
    """Answers the first word of each question, and remembers what it was asked. ``fail_at`` stops it, as a kill would."""

    eos_token_ids = (0,)
    pad_token_id = 0

    def __init__(self, fail_at: int | None = None) -> None:
        self.asked: list[str] = []
        self.fail_at = fail_at
        self.words = ["</s>"]
        self.tokenizer = SimpleNamespace(decode=lambda ids, **_: " ".join(self.words[i] for i in ids if i))

    def prepare(self, examples):
        self.asked += [e.id for e in examples]
        if self.fail_at is not None and len(self.asked) > self.fail_at:
            raise KeyboardInterrupt
        first = []
        for example in examples:
            for source in example.images:
                source.open()
            word = example.messages[-1].text.split()[0]
            if word not in self.words:
                self.words.append(word)
            first.append(self.words.index(word))
        return first

    def logits(self, tokens):
        out = torch.full((len(tokens), 64), -10.0)
        out[torch.arange(len(tokens)), torch.tensor(tokens)] = 10.0
        return out

    def prefill(self, inputs):
        return self.logits(inputs), SimpleNamespace(reorder=lambda rows: None)

    def step(self, state, tokens):
        return self.logits([0] * len(tokens)), state


class Words(Benchmark):
    """Items whose right answer is the first word, but for every third."""

    kind = "words"

    def __init__(self, n: int = 20, broken: Path | None = None) -> None:
        self.n, self.broken = n, broken

    def examples(self):
        made = []
        for i in range(self.n):
            images = [ImageSource(path=self.broken)] if self.broken and i == 4 else []
            answer = "other" if i % 3 == 0 else f"w{i}"
            meta = {"type": "odd" if i % 2 else "even", "group": str(i // 2)}
            made.append(Example(f"q{i}", [user(f"w{i} {'x ' * (i % 7)}")], images, answers=[answer], meta=meta))
        return made

    def score(self, example, answer):
        right = float(exact_match(answer, example.answers))
        return Scored(answer, right, {"items": 1.0, "correct": right})


def test_scores_types_and_records(tmp_path):
    result = evaluate(Echo(), [Words(20)], tmp_path)["words"]
    assert result.score == pytest.approx(13 / 20)
    assert result.by_type["even"] == {"items": 10.0, "score": pytest.approx(0.6)}
    low, high = result.intervals["accuracy"]
    assert low < result.score < high
    lines = [json.loads(line) for line in (tmp_path / "words.jsonl").read_text().splitlines()]
    assert len(lines) == 20
    assert {"id", "question", "references", "answer", "parsed", "score", "seconds"} <= set(lines[0])
    assert [item["id"] for item in result.items] == [f"q{i}" for i in range(20)]


def test_a_killed_run_asks_nothing_twice(tmp_path):
    first = Echo(fail_at=8)
    with pytest.raises(KeyboardInterrupt):
        evaluate(first, [Words(20)], tmp_path, batch_size=4)
    with (tmp_path / "words.jsonl").open("a") as file:
        file.write('{"id": "q1')  # torn by the kill
    second = Echo()
    result = evaluate(second, [Words(20)], tmp_path, batch_size=4)["words"]
    answered_before = set(first.asked[:8])
    assert not answered_before & set(second.asked)
    assert len(second.asked) == 12
    assert result.values == evaluate(Echo(), [Words(20)], tmp_path / "fresh")["words"].values


def test_fresh_asks_again(tmp_path):
    evaluate(Echo(), [Words(6)], tmp_path)
    again = Echo()
    evaluate(again, [Words(6)], tmp_path, resume=False)
    assert len(again.asked) == 6


def test_batch_size_does_not_matter(tmp_path):
    results = [evaluate(Echo(), [Words(20)], tmp_path / str(b), batch_size=b)["words"] for b in (1, 3, 20)]
    assert [[i["answer"] for i in r.items] for r in results[1:]] == [[i["answer"] for i in results[0].items]] * 2


def test_a_broken_picture_is_set_aside(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    result = evaluate(Echo(), [Words(10, broken)], tmp_path / "out")["words"]
    assert len(result.items) == 9
    told = json.loads((tmp_path / "out" / "rejected.jsonl").read_text())
    assert told["id"] == "q4"
    assert "broken.png" in told["reason"]


def test_compare_pairs_items(tmp_path):
    left = evaluate(Echo(), [Words(20)], tmp_path / "a")["words"]
    worse = [{**i, "score": 0.0, "columns": {"items": 1.0, "correct": 0.0}} for i in left.items]
    gap, low, _ = compare(Words(20), left, replace(left, items=worse))
    assert gap == pytest.approx(13 / 20)
    assert low > 0.3


def test_unknown_benchmark_is_told():
    with pytest.raises(ConfigError, match="Did you mean 'pope'"):
        BENCHMARKS.build("popee")


@pytest.mark.parametrize("setting", ["random", "popular", "adversarial"])
def test_world_pope_is_balanced(setting):
    examples = BENCHMARKS.build({"kind": "pope", "setting": setting, "n": 10}).examples()
    assert len(examples) == 60
    assert sum(e.answers == ["yes"] for e in examples) == 30
    assert all(e.messages[-1].text.startswith("Is there a") for e in examples)


@pytest.mark.parametrize("spec", ["world_qa", "text_only", "chair"])
def test_world_benchmarks_are_fixed_and_their_truth_scores_full(spec):
    first = BENCHMARKS.build({"kind": spec, "n": 12})
    again = BENCHMARKS.build({"kind": spec, "n": 12}).examples()
    examples = first.examples()
    assert [(e.id, e.messages[-1].text, e.answers) for e in examples] == [
        (e.id, e.messages[-1].text, e.answers) for e in again
    ]
    assert len(examples) == 12
    for example in examples:
        truth = " and ".join(example.answers) if spec == "chair" else example.answers[0]
        assert first.score(example, truth).score == 1.0
        assert first.score(example, "a zzz dinosaur").score == (1.0 if spec == "chair" else 0.0)


def test_nlvr_consistency_by_hand(real_data):
    benchmark = BENCHMARKS.build({"kind": "nlvr", "path": str(real_data("nlvr")), "limit": 40})
    examples = benchmark.examples()
    assert all(len(e.images) == 3 for e in examples)
    right = {"group": "1", "score": 1.0}
    wrong = {"group": "1", "score": 0.0}
    assert benchmark.group_columns([right, right]) == {"sentences": 1.0, "consistent": 1.0}
    assert benchmark.group_columns([right, wrong]) == {"sentences": 1.0, "consistent": 0.0}
    assert benchmark.score(examples[0], "It is True.").parsed == "true"
    assert benchmark.score(examples[0], "who knows").score == 0.0


def test_flickr_captions_score_their_own_references_high(real_data):
    benchmark = BENCHMARKS.build({"kind": "captions", "path": str(real_data("flickr8k")), "limit": 20})
    example = benchmark.examples()[0]
    assert len(example.answers) == 5
    own = benchmark.score(example, example.answers[0]).columns["mean_cider"]
    assert own > 2.0 > benchmark.score(example, "a spoon").columns["mean_cider"]
