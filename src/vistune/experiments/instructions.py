"""Instruction data from benchmarks: what a benchmark asks, answered with a reference that it scores as right itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import assistant
from vistune.experiments.datasets import FILES
from vistune.experiments.specs import parse_spec

if TYPE_CHECKING:
    from vistune.data.example import Example
    from vistune.evaluation.benchmarks.base import Benchmark


def benchmark_data(specs: Sequence[str], out: Path, format: str = "chat") -> dict[str, Any]:
    """Write the training splits of benchmarks as instruction data under ``out``, and count: benchmark -> written, left out.

    A spec without ``split`` takes ``split=train``: nothing that is tested is learned. Raises ``ConfigError`` for a benchmark
    that has no splits, one with files whose split is not named, or one whose answers are not texts with a score each.
    """
    from vistune.core.progress import track
    from vistune.data.formats import FORMATS, write
    from vistune.evaluation.benchmarks import BENCHMARKS

    FORMATS.get(format)
    made: list[Example] = []
    counts: dict[str, dict[str, int]] = {}
    for text in track(specs, "instruction data", total=len(specs)):
        benchmark = BENCHMARKS.build(_training(parse_spec(text)))
        if benchmark.way != "answer":
            raise ConfigError(f"'{text}' is asked by {benchmark.way}: its references are not answers to learn from.")
        asked = benchmark.examples()
        told = list(answered(benchmark, asked))
        if not told:
            raise DataError(f"'{text}': no reference is scored as right, so that there is nothing to learn from.")
        counts[text] = {"written": len(told), "left_out": len(asked) - len(told)}
        made += [replace(example, id=f"{text}/{example.id}") for example in told]
    out.mkdir(parents=True, exist_ok=True)
    target = out / FILES.get(format, "data")
    return {"examples": write(made, target, format), "path": str(target), "benchmarks": counts}


def answered(benchmark: Benchmark, asked: Sequence[Example]) -> Iterator[Example]:
    """The items with an answer: the first of those references that score best.

    Items without a reference that is wholly right are left out, but where scores are grades.
    """
    for example in asked:
        scores = [benchmark.score(example, text).score for text in example.answers]
        best = max(scores, default=0.0)
        if best == 1.0 or (scores and benchmark.graded):
            text = example.answers[scores.index(best)]
            yield replace(example, messages=[*example.messages, assistant(text)], answers=[], meta=_kept(example.meta))


def _kept(meta: dict[str, Any]) -> dict[str, Any]:
    return {name: meta[name] for name in ("type", "group") if name in meta}


def _training(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with ``split=train`` for what the world makes; with files the split must be named, for many have none."""
    from vistune.evaluation.benchmarks import BENCHMARKS

    kind, splits = spec["kind"], "split" in inspect.signature(BENCHMARKS.get(spec["kind"])).parameters
    if "path" in spec and splits and "split" not in spec:
        raise ConfigError(
            f"'{kind}' with files: add split=train, and see that {spec['path']} holds training data. Files without splits are "
            "read whole."
        )
    if "path" not in spec and not splits:
        raise ConfigError(f"Benchmark '{kind}' has no 'split': what it asks is for testing only.")
    return spec if "path" in spec else {"split": "train", **spec}
