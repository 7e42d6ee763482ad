"""What tests of probes and judged benchmarks share: items made once, measures without intervals, a judge that is a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vistune.annotators.base import Annotator, Reply
from vistune.data.example import Example
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.records import Evidence, make_item, plain_verdict
from vistune.evaluation.results import full_columns

Answer = Callable[[Example], str]


class Says(Annotator):
    """A judge that says one thing, or what a function of the request says."""

    kind = "says"

    def __init__(self, reply: str | Callable[[str], str]) -> None:
        self.reply: Callable[[str], str] = reply if callable(reply) else lambda _: reply

    def ask(self, examples, asking=None):
        replies = [Reply(self.reply(e.messages[-1].text), self.kind) for e in examples]
        self.usage.add(replies)
        return replies


def unmade(kind: str, **parameters) -> Benchmark:
    """A benchmark whose items are made whenever they are asked for."""
    return BENCHMARKS.build({"kind": kind, **parameters})


def build(kind: str, **parameters) -> Benchmark:
    """A benchmark whose items are made once."""
    benchmark = unmade(kind, **parameters)
    made = benchmark.examples()
    benchmark.examples = lambda: made  # type: ignore[method-assign]
    return benchmark


def measured(benchmark: Benchmark, answer: Answer) -> dict[str, float]:
    """The measures of what ``answer`` says; marked by the judge where there is one."""
    examples = benchmark.examples()
    said = [answer(example) for example in examples]
    evidence = [Evidence([text], 0.0) for text in said]
    if benchmark.way == "judge":
        judge = benchmark.build_judge()
        verdicts = judge.judge(examples, said)
        evidence = [replace(e, verdict=plain_verdict(v, judge)) for e, v in zip(evidence, verdicts, strict=True)]
    items = [make_item(benchmark, example, found) for example, found in zip(examples, evidence, strict=True)]
    return scores(full_columns(benchmark, items), benchmark.measures)


def write(path: Path, content: object) -> Path:
    """A file of text, or of a value as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path
