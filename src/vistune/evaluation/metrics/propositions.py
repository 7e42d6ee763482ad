"""DNLI (KnowAda, arXiv 2411.09018; moranyanuka/KnowAda, eval/generate_propositions.py): what a caption says of what the true
one says, proposition by proposition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio


@dataclass(frozen=True, slots=True)
class Judged:
    """Counts of the judgments on a caption's propositions; None where the judge's reply could not be read. ``truth``:
    propositions of the true caption; 0 where that is not known (the caption has no part in recalls).
    """

    counts: tuple[int, int, int] | None
    truth: int


def dnli_columns(judged: Judged, mode: Mode = "official") -> dict[str, float]:
    """One caption's shares, to be averaged over captions.

    ``official``: a caption without propositions has no precision (it is left out of that mean, as pandas does), and one whose
    reply could not be read is counted with -1 of everything, so that both of its precisions are 1. ``strict``: the first has
    precision 0 of what is entailed, the second is left out.
    """
    failed = judged.counts is None
    counts = judged.counts if judged.counts is not None else (-1, -1, -1)
    own = -1 if judged.counts is None else sum(judged.counts)
    entailed, contradicted, neutral = counts
    kept = float(not failed or mode == "official")
    with_own = kept * float(own != 0 or mode == "strict")
    with_truth = kept * float(judged.truth > 0)
    over, under = own or 1, judged.truth or 1
    return {
        "with_own": with_own,
        "with_truth": with_truth,
        "entailed_own": with_own * entailed / over,
        "contradicted_own": with_own * contradicted / over,
        "entailed_truth": with_truth * entailed / under,
        "contradicted_truth": with_truth * contradicted / under,
        "neutral_truth": with_truth * neutral / under,
        "propositions": float(max(own, 0)),
        "failed": float(failed),
        "all": 1.0,
    }


def dnli_measures(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Means over captions: descriptiveness (entailed) and contradiction, each over the caption's own propositions (precision)
    and over the true caption's (recall, which may pass 1); neutral recall; propositions a caption; share of failed replies.
    """
    return {
        "descriptiveness_precision": ratio(sums["entailed_own"], sums["with_own"]),
        "descriptiveness_recall": ratio(sums["entailed_truth"], sums["with_truth"]),
        "contradiction_precision": ratio(sums["contradicted_own"], sums["with_own"]),
        "contradiction_recall": ratio(sums["contradicted_truth"], sums["with_truth"]),
        "neutral_recall": ratio(sums["neutral_truth"], sums["with_truth"]),
        "propositions": ratio(sums["propositions"], sums["all"]),
        "failed": ratio(sums["failed"], sums["all"]),
    }
