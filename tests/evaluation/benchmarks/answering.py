"""Answerers for benchmarks: a function from items to answers in place of a model."""

from __future__ import annotations

from collections.abc import Callable

from vistune.data.example import Example
from vistune.evaluation.benchmarks import Benchmark
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import Result, summarise


def answered(benchmark: Benchmark, answer: Callable[[Example], str], examples: list[Example] | None = None) -> Result:
    """The benchmark's result for what ``answer`` says of each item; ``examples``: its items, where they are made already."""
    items = [make_item(benchmark, e, Evidence([answer(e)], 0.0)) for e in examples or benchmark.examples()]
    return summarise(benchmark, items)


def perfect(example: Example) -> str:
    """The first reference."""
    return example.answers[0]


def share(examples: list[Example], holds: Callable[[Example], bool]) -> float:
    """Of the items for which it holds."""
    return sum(map(holds, examples)) / len(examples)
