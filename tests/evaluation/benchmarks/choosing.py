"""Building multiple-choice benchmarks and answering them, for tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from vistune.data.example import Example
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.results import full_columns


def png(value: int = 120) -> bytes:
    """A grey picture of 8 x 8 pixels as a file."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def build(kind: str, **parameters: Any) -> Any:
    """A benchmark."""
    return BENCHMARKS.build({"kind": kind, **parameters})


def measured(
    benchmark: Any, answer: Callable[[Example], Any], examples: Sequence[Example] | None = None
) -> dict[str, float]:
    """Measures where ``answer(example)`` answers; for likelihoods it gives the place that is likeliest."""
    items = []
    for example in examples or benchmark.examples():
        said = answer(example)
        if benchmark.way == "likelihood":
            rows = [[-0.1 if k == said else -2.0] for k in range(len(benchmark.candidates(example)))]
            scored = benchmark.score_candidates(example, rows)
        else:
            scored = benchmark.score(example, said)
        items.append(
            {
                "id": example.id, "group": example.meta["group"], "score": scored.score, "columns": scored.columns,
                "parsed": scored.parsed,
            }
        )  # fmt: skip
    return scores(full_columns(benchmark, items), benchmark.measures)
