"""Several judges as one: outvoted, averaged, left out; and benchmarks that are marked so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vistune.annotators.base import Annotator, Reply
from vistune.core.errors import ConfigError
from vistune.data.example import Example, user
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.judges.base import build_judge
from vistune.evaluation.judges.ensemble import Ensemble
from vistune.evaluation.runner import evaluate
from vistune.models.loading import load_model

ITEM = Example("q", [user("what is it?")], answers=["a cat"])


class Says(Annotator):
    kind = "says"

    def __init__(self, reply: Any) -> None:
        self.reply: Any = reply if callable(reply) else lambda _: reply

    def ask(self, examples, asking=None):
        replies = [Reply(self.reply(e.messages[-1].text), self.kind) for e in examples]
        self.usage.add(replies)
        return replies


class Fails(Annotator):
    kind = "fails"

    def ask(self, examples, asking=None):
        return [Reply(error="no line") for _ in examples]


def verdict(replies, rubric="right_or_wrong", combine=None):
    members = [reply if isinstance(reply, Annotator) else Says(reply) for reply in replies]
    judge = build_judge({"kind": "ensemble", "of": members, "combine": combine} if combine else
                        {"kind": "ensemble", "of": members}, rubric)  # fmt: skip
    return judge.judge([ITEM], ["a kitten"])[0]


@pytest.mark.parametrize(
    ("replies", "score"),
    [
        (["right", "right", "wrong"], 1.0),
        (["right", "wrong", "wrong"], 0.0),
        (["right", "wrong"], 0.0),
        (["right", "hm", "hm"], 1.0),
        (["right", Fails()], 1.0),
    ],
)
def test_the_majority_decides_and_a_tie_is_wrong(replies, score) -> None:
    found = verdict(replies)
    assert found.marks == {"score": score} and found.parsed and found.error is None
    assert len(found.replies) == len(replies)


def test_where_nobody_can_be_read_there_is_no_mark() -> None:
    assert (verdict(["hm", "hm"]).marks, verdict(["hm", "hm"]).parsed) == ({}, False)
    assert verdict([Fails(), Fails()]).error == "no line"


def test_grades_are_averaged_and_verdicts_are_not() -> None:
    replies = [f"RELEVANCY: {r}\nACCURACY: {a}" for r, a in ((8, 2), (6, 2), (1, 8))]
    mean = verdict(replies, "gavie")
    assert mean.marks == {"relevancy": 5.0, "accuracy": 4.0}
    assert mean.spread["accuracy"] == pytest.approx(8**0.5)
    assert verdict(replies, "gavie", "median").marks == {"relevancy": 6.0, "accuracy": 2.0}
    assert verdict(replies, "gavie", "majority").marks == {"relevancy": 0.0, "accuracy": 2.0}, (
        "three of one each: low end"
    )


def test_options_are_outvoted() -> None:
    item = Example("q", [user("what is it?")], answers=["cat"], meta={"options": {"A": "cat", "B": "dog", "C": "cup"}})
    judge = build_judge({"kind": "ensemble", "of": [Says("B"), Says("A"), Says("B")]}, "choice")
    assert judge.judge([item], ["dog"])[0].marks == {"option": 1.0}
    torn = build_judge({"kind": "ensemble", "of": [Says("B"), Says("A")]}, "choice")
    assert torn.judge([item], ["dog"])[0].marks == {"option": -1.0}, "a tie means none"


def test_prompts_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"{name}: {{question}} {{reference}} {{answer}}")
    said = Says(lambda text: "right" if text.startswith(("one", "Compare")) else "wrong")
    own = [{"kind": said, "rubric": {"prompt_file": str(tmp_path / name)}} for name in ("one", "two")]
    # An annotator that is there already cannot be part of a mapping: judges may be given whole.
    judges = [build_judge(said, {"kind": "right_or_wrong", **member["rubric"]}) for member in own]
    ensemble = build_judge({"kind": "ensemble", "of": judges}, "right_or_wrong")
    assert isinstance(ensemble, Ensemble)
    found = ensemble.judge([ITEM], ["a cat"])[0]
    assert (found.marks, found.spread) == ({"score": 0.0}, {"score": 0.5})
    told = ensemble.identity()
    assert [m["prompt"] for m in told["judge"]["of"]] == ["one", "two"] and told["judge"]["combine"] == "majority"
    assert told["rubric"] == "right_or_wrong" and told["votes"] == 2
    by_spec = build_judge(
        {"kind": "ensemble", "of": ["oracle", {"kind": "oracle", "rubric": {"graders": 3}}]},
        {"kind": "right_or_wrong", "graders": 1},
    )
    assert isinstance(by_spec, Ensemble)
    assert [judge.rubric.graders for judge in by_spec.judges] == [1, 3]  # type: ignore[attr-defined]


def test_usage_is_counted_once() -> None:
    shared, other = Says("right"), Says("wrong")
    ensemble = Ensemble([build_judge(a, "right_or_wrong") for a in (shared, shared, other)])
    ensemble.judge([ITEM, ITEM], ["a", "b"])
    assert ensemble.usage.requests == 6


def test_one_judge_three_times_is_that_judge() -> None:
    alone = build_judge("oracle", "right_or_wrong")
    three = build_judge({"kind": "ensemble", "of": ["oracle"] * 3}, "right_or_wrong")
    answers = ["a cat", "a dog", "it is not a cat", "a kitten"]
    items = [ITEM] * 4
    assert [v.marks for v in three.judge(items, answers)] == [v.marks for v in alone.judge(items, answers)]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"kind": "ensemble", "of": ["oracle"]}, "at least two judges"),
        ({"kind": "ensemble"}, "lists its judges"),
        ({"kind": "ensemble", "of": "oracle"}, "lists its judges"),
        ({"kind": "ensemble", "of": ["oracle", "oracle"], "combine": "majorty"}, "Did you mean 'majority'"),
        ({"kind": "ensemble", "of": ["oracle", "oracle"], "votes": 3}, "not 'votes'"),
        ({"kind": "ensemble", "of": ["oracle", {"kind": "oracle", "rubric": "gavie"}]}, "is a mapping"),
    ],
)
def test_bad_specs(spec, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        build_judge(spec, "right_or_wrong")


def test_rubrics_do_not_mix() -> None:
    with pytest.raises(ConfigError, match="gavie and right_or_wrong"):
        Ensemble([build_judge("oracle", "gavie"), build_judge("oracle", "right_or_wrong")])


def test_any_judged_benchmark_takes_an_ensemble(tmp_path: Path) -> None:
    spec = {"kind": "ensemble", "of": ["oracle", "oracle"]}
    model = load_model("nano-vlm")
    one = evaluate(model, [BENCHMARKS.build({"kind": "dnli", "n": 3})], tmp_path / "one")["nano_dnli"]
    two = evaluate(model, [BENCHMARKS.build({"kind": "dnli", "n": 3, "judge": spec})], tmp_path / "two")["nano_dnli"]
    assert one.values == two.values
    assert two.judge["judge"]["name"] == "oracle + oracle"
