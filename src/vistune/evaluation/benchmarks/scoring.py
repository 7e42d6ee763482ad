"""The two ways in which short answers are scored, for benchmarks to derive from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import Benchmark, Scored
from vistune.evaluation.metrics.answers import (
    Mode,
    exact_match,
    parse_pope,
    parse_short,
    parse_yes_no,
    yes_no_columns,
    yes_no_scores,
)


class ExactMatch(Benchmark):
    """Right where the answer equals a reference after normalisation."""

    protocol = "exact match after lower case, without punctuation and articles"

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong."""
        right = float(exact_match(answer, example.answers))
        return Scored(parse_short(answer, example.answers) or None, right, {"items": 1.0, "correct": right})


class YesNo(Benchmark):
    """POPE's measures; ``mode`` says whether answers are read by the official script's rule or strictly."""

    mode: Mode = "official"

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong."""
        columns = yes_no_columns(answer, example.answers[0], self.mode)
        said = parse_pope(answer) if self.mode == "official" else parse_yes_no(answer)
        return Scored(said, columns["tp"] + columns["tn"], columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, precision, recall, F1, yes rate and the unparsed share."""
        return yes_no_scores(sums)
