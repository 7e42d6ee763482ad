"""Short answers marked by judges beside the benchmark's own rule."""

from __future__ import annotations

import pytest
from probing import Says, build, measured

from vistune.core.errors import ConfigError
from vistune.evaluation.benchmarks import BENCHMARKS


def test_short_answers_are_marked_beside_their_rule() -> None:
    """LVLM-eHub's word match takes what is denied; the judges don't."""
    benchmark = build("judged", of={"kind": "word_classes", "n": 44})
    assert benchmark.name == "nano_word_classes_judged" and benchmark.switches["graders"] == "5"
    right = measured(benchmark, lambda e: f"a {e.answers[0]}")
    assert right == {"accuracy": 1.0, "accuracy_read": 1.0, "by_rule": 1.0, "agreement": 1.0}
    also = measured(benchmark, lambda e: f"a {e.answers[0]}, a rabbit, a drum and a bus")
    assert also["by_rule"] == 1.0 and also["accuracy"] < 0.1, "naming everything is right by word match alone"
    judges = {"kind": "ensemble", "of": [Says("hm"), Says("hm")]}
    benchmark = build("judged", of={"kind": "word_classes", "n": 44}, judge=judges)
    unread = measured(benchmark, lambda e: e.answers[0])
    assert (unread["accuracy"], unread["by_rule"], unread["agreement"]) == (0.0, 1.0, 0.0)


def test_five_prompts_decide() -> None:
    said: list[str] = []

    def reply(text: str) -> str:
        said.append(text)
        return "right" if len(said) % 5 in (1, 2, 3) else "wrong"

    benchmark = build("judged", of={"kind": "world_qa", "n": 4}, judge=Says(reply))
    assert measured(benchmark, lambda e: "x")["accuracy"] == 1.0, "three of five"
    assert len(said) == 20 and len({text.splitlines()[0] for text in said}) == 5


def test_what_cannot_be_judged() -> None:
    with pytest.raises(ConfigError, match="not scored by the text"):
        BENCHMARKS.build({"kind": "judged", "of": "aro"})
