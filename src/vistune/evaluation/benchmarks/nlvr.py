"""NLVR (Suhr et al. 2017) from its published folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vistune.data.example import Example, as_question
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.metrics.intervals import ratio

_TRUTH = re.compile(r"\b(true|false|yes|no)\b")


def parse_truth(answer: str) -> str | None:
    """``true`` or ``false``: the first such word (yes and no count); None where there is none."""
    found = _TRUTH.search(answer.lower())
    return {"yes": "true", "no": "false"}.get(found.group(1), found.group(1)) if found else None


@BENCHMARKS.register("nlvr")
class NLVR(Benchmark):
    """Accuracy over pictures, and consistency: sentences that are judged right on every one of their pictures.

    ``majority`` is the accuracy of always saying the commoner label. ``boxes`` shows the three boxes as three pictures.
    """

    protocol = "lil-lab/nlvr: accuracy per picture; consistency over sentences with all their pictures and permutations"
    capabilities = ("composition", "counting", "spatial")
    max_new_tokens = 4

    path: Path
    split: str = "dev"
    boxes: bool = True
    limit: int | None = None

    @property
    def name(self) -> str:
        """With the split."""
        return f"nlvr_{self.split}"

    def examples(self) -> list[Example]:
        """A question for each picture (permutation) that is there."""
        from vistune.data.formats import read

        made = []
        for example in read(self.path, "nlvr", split=self.split, boxes=self.boxes):
            question = as_question(example)
            question.answers = [example.meta["label"]]
            sentence = example.meta["sentence"].lower()
            question.meta["type"] = "tower" if "tower" in sentence or "block" in sentence else "scatter"
            question.meta["group"] = example.meta["identifier"].split("-")[0]
            made.append(question)
            if self.limit and len(made) == self.limit:
                break
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong; an answer that is neither true nor false is wrong."""
        said = parse_truth(answer)
        right = float(said == example.answers[0])
        label = float(example.answers[0] == "true")
        columns = {"items": 1.0, "correct": right, "label_true": label, "unparsed": float(said is None)}
        return Scored(said, right, columns)

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """One sentence: was it right everywhere?"""
        return {"sentences": 1.0, "consistent": float(all(item["score"] == 1.0 for item in items))}

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, consistency, the majority baseline, and the share that could not be read."""
        share = ratio(sums["label_true"], sums["items"])
        return {
            "accuracy": ratio(sums["correct"], sums["items"]),
            "consistency": ratio(sums["consistent"], sums["sentences"]),
            "majority": np.maximum(share, 1 - share),
            "unparsed": ratio(sums["unparsed"], sums["items"]),
        }
