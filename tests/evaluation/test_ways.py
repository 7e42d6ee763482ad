"""The three ways of asking: answers (also over several turns), likelihoods, and answers that a judge marks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_runner import Echo

from vistune.annotators.base import Annotator, Reply
from vistune.core.errors import ConfigError
from vistune.data.example import Example, assistant, user
from vistune.decoding import DECODERS
from vistune.evaluation.benchmarks import Benchmark, Scored
from vistune.evaluation.judges.base import Judge, Marks, Rubric
from vistune.evaluation.runner import evaluate


class Weighed(Benchmark):
    """Two candidates an item; the right one is the longer."""

    kind = "weighed"
    way = "likelihood"  # type: ignore[assignment]

    def examples(self):
        return [Example(f"q{i}", [user(f"w{i}")], answers=["b b"], meta={"facets": {"half": i % 2}}) for i in range(6)]

    def candidates(self, example):
        return [replace(example, messages=[*example.messages, assistant(text)]) for text in ("a", "b b")]

    def score_candidates(self, example, logprobs):
        best = max((0, 1), key=lambda k: sum(logprobs[k]) / len(logprobs[k]))
        return Scored("ab"[best], float(best), {"items": 1.0, "correct": float(best)})


class Weighing(Echo):
    """Likes the second of two answers for even items, the first for odd ones."""

    def __init__(self) -> None:
        super().__init__()
        self.weighed: list[str] = []

    def answer_ids(self, example):
        return [1] * len(example.messages[-1].text.split()) + [0]

    def prepare(self, examples):
        self.weighed += [e.id for e in examples]
        return [int(e.id[1:]) for e in examples]

    def prefill(self, inputs):
        import torch

        class State:
            def __init__(self, rows):
                self.rows = rows

            def reorder(self, rows):
                self.rows = self.rows[rows]

        state = State(torch.tensor(inputs))
        return self.told(state), state

    def told(self, state):
        """Even items go on with token 1, odd ones end."""
        import torch

        likes = torch.where(state.rows % 2 == 0, 1, 0)
        return torch.nn.functional.one_hot(likes, 4).float() * 3

    def step(self, state, tokens):
        return self.told(state), state


def test_likelihoods_are_recorded_and_scored(tmp_path: Path) -> None:
    model = Weighing()
    result = evaluate(model, [Weighed()], tmp_path, batch_size=4)["weighed"]
    # Even items like token 1: of "b b", whose end mark they dislike, the mean is higher than of "a".
    assert [item["parsed"] for item in result.items] == ["b", "a", "b", "a", "b", "a"]
    assert [len(row) for row in result.items[0]["logprobs"]] == [2, 3]
    assert result.by_facet == {"half": {"0": {"items": 3.0, "score": 1.0}, "1": {"items": 3.0, "score": 0.0}}}
    again = Weighing()
    assert evaluate(again, [Weighed()], tmp_path)["weighed"].values == result.values
    assert again.weighed == []


def test_a_method_cannot_change_likelihoods(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="decoding method changes nothing"):
        evaluate(Weighing(), [Weighed()], tmp_path, method=DECODERS.build("vcd"))


class Dialogue(Benchmark):
    """Asks on until the model has spoken three times; right where the turns came in order."""

    kind = "dialogue"

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    def examples(self):
        return [Example(f"q{i}", [user(f"one{i} ...")], answers=[f"three{i}"]) for i in range(3)]

    def follow_up(self, example, said):
        number = example.id[1:]
        if len(said) == 3 or (number == "2" and len(said) == 2):
            return None
        return replace(example, messages=[user(f"{('two', 'three')[len(said) - 1]}{number} ...")])

    def score_dialogue(self, example, said):
        self.seen.append(list(said))
        right = float(said[-1] == example.answers[0])
        return Scored(said[-1], right, {"items": 1.0, "correct": right})


class Listening(Echo):
    """Repeats the first word, and remembers the whole conversation of each prompt."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[list[str]] = []

    def prepare(self, examples):
        self.heard += [[m.text for m in e.messages] for e in examples]
        return super().prepare(examples)


def test_dialogues_go_on_with_the_models_own_answers(tmp_path: Path) -> None:
    model = Listening()
    result = evaluate(model, [Dialogue()], tmp_path)["dialogue"]
    assert [item.get("said") for item in result.items] == [
        ["one0", "two0", "three0"],
        ["one1", "two1", "three1"],
        ["one2", "two2"],
    ]
    assert [item["score"] for item in result.items] == [1.0, 1.0, 0.0]
    assert ["one0 ...", "one0", "two0 ...", "two0", "three0 ..."] in model.heard
    again = Listening()
    assert evaluate(again, [Dialogue()], tmp_path)["dialogue"].values == result.values
    assert again.heard == []


class Length(Rubric):
    """Marks an answer by its length."""

    kind = "length"

    def requests(self, example, answers):
        return [Example(example.id, [user(f"mark: {answers[0]}")])]

    def read(self, replies):
        return Marks({"score": float(replies[0])})

    def words(self):
        return "mark:"


class Counting(Annotator):
    """Counts letters; fails on items that it is told to fail on."""

    kind = "counting"

    def __init__(self, fails: tuple[str, ...] = (), name: str = "counting") -> None:
        super().__init__()
        self.fails, self.asked, self._name = fails, [], name

    @property
    def name(self) -> str:
        return self._name

    def identity(self):
        return {"kind": self.kind, "name": self._name}

    def ask(self, examples, asking=None):
        self.asked += [e.id for e in examples]
        return [
            Reply("", error="no answer came") if e.id in self.fails else Reply(str(len(e.messages[-1].text) - 6))
            for e in examples
        ]


class Judged(Benchmark):
    """The mark over ten is the score."""

    kind = "judged"
    way = "judge"  # type: ignore[assignment]
    main = "mark"
    graded = True

    def __init__(self, judge: Annotator, n: int = 20) -> None:
        self.judge, self.n = judge, n

    def build_judge(self):
        return Judge(self.judge, Length())

    def examples(self):
        return [Example(f"q{i}", [user(f"{'w' * (i % 5 + 1)} ...")]) for i in range(self.n)]

    def score_judged(self, example, answer, verdict):
        mark = verdict.marks.get("score", 0.0)
        return Scored(str(mark), mark / 10, {"items": 1.0, "mark": mark})

    def measures(self, sums):
        return {"mark": sums["mark"] / sums["items"]}


def test_answers_are_judged_once(tmp_path: Path) -> None:
    judge, model = Counting(), Echo()
    result = evaluate(model, [Judged(judge)], tmp_path)["judged"]
    assert result.values["mark"] == 3.0
    assert result.judge["rubric"] == "length"
    assert len(judge.asked) == 20
    same, silent = Counting(), Echo()
    assert evaluate(silent, [Judged(same)], tmp_path)["judged"].values == result.values
    assert (same.asked, silent.asked) == ([], [])
    other, silent = Counting(name="another"), Echo()
    evaluate(silent, [Judged(other)], tmp_path)
    assert (len(other.asked), silent.asked) == (20, []), "another judge marks the answers that are there"


def test_what_could_not_be_judged_is_told_and_judged_later(tmp_path: Path) -> None:
    result = evaluate(Echo(), [Judged(Counting(fails=("q3",)))], tmp_path)["judged"]
    assert len(result.items) == 19
    told = json.loads((tmp_path / "rejected.jsonl").read_text())
    assert told == {"benchmark": "judged", "id": "q3", "reason": "not judged: no answer came"}
    mended = Counting()
    result = evaluate(Echo(), [Judged(mended)], tmp_path)["judged"]
    assert (len(result.items), mended.asked) == (20, ["q3"])
    assert (tmp_path / "rejected.jsonl").read_text() == ""
