"""DNLI (KnowAda, arXiv 2411.09018; moranyanuka/KnowAda, eval/generate_propositions.py): what a caption says of what the true
one says, proposition by proposition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio

Judgment = Literal["entailed", "contradicted", "neutral"]
JUDGMENTS: tuple[Judgment, ...] = ("entailed", "contradicted", "neutral")


@dataclass(frozen=True, slots=True)
class Judged:
    """Judgments on a caption's propositions; None where the judge's reply could not be read. ``truth``: propositions of the
    true caption.
    """

    judgments: tuple[Judgment, ...] | None
    truth: int


def dnli_columns(judged: Judged, mode: Mode = "official") -> dict[str, float]:
    """One caption's shares, to be averaged over captions.

    ``official``: a caption without propositions has no precision (it is left out of that mean, as pandas does), and one whose
    reply could not be read is counted with -1 of everything, so that both of its precisions are 1. ``strict``: the first has
    precision 0 of what is entailed, the second is left out.
    """
    counts = _counts(judged.judgments)
    failed = counts is None
    if counts is None:
        counts = (-1, -1, -1, -1)
    entailed, contradicted, neutral, own = counts
    kept = float(not failed or mode == "official")
    with_own = kept * float(own != 0 or mode == "strict")
    over, under = (own or 1, judged.truth or 1)
    return {
        "captions": kept,
        "with_own": with_own,
        "entailed_own": with_own * entailed / over,
        "contradicted_own": with_own * contradicted / over,
        "entailed_truth": kept * entailed / under,
        "contradicted_truth": kept * contradicted / under,
        "neutral_truth": kept * neutral / under,
        "propositions": max(own, 0),
        "failed": float(failed),
        "all": 1.0,
    }


def _counts(judgments: Sequence[Judgment] | None) -> tuple[int, int, int, int] | None:
    if judgments is None:
        return None
    found = [list(judgments).count(name) for name in JUDGMENTS]
    return found[0], found[1], found[2], len(judgments)


def dnli_measures(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Means over captions: descriptiveness (entailed) and contradiction, each over the caption's own propositions (precision)
    and over the true caption's (recall, which may pass 1); neutral recall; propositions a caption; share of failed replies.
    """
    return {
        "descriptiveness_precision": ratio(sums["entailed_own"], sums["with_own"]),
        "descriptiveness_recall": ratio(sums["entailed_truth"], sums["captions"]),
        "contradiction_precision": ratio(sums["contradicted_own"], sums["with_own"]),
        "contradiction_recall": ratio(sums["contradicted_truth"], sums["captions"]),
        "neutral_recall": ratio(sums["neutral_truth"], sums["captions"]),
        "propositions": ratio(sums["propositions"], sums["all"]),
        "failed": ratio(sums["failed"], sums["all"]),
    }


def read_propositions(reply: str) -> list[str] | None:
    """Propositions of a reply in the official JSON form; None where it is none."""
    found = _entries(reply)
    texts = [entry.get("proposition") for entry in found or []]
    return None if found is None or not all(isinstance(text, str) for text in texts) else [str(t) for t in texts]


def read_judgments(reply: str, count: int) -> tuple[Judgment, ...] | None:
    """Judgments of a reply in the official JSON form; None where it is none, or not of ``count`` propositions.

    The official script takes the counts that the judge adds up in its ``summary``; here they are counted.
    """
    found = _entries(reply)
    if found is None or len(found) != count:
        return None
    words = [str(entry.get("judgment", "")).strip().lower() for entry in found]
    return tuple(word for word in words if word in JUDGMENTS) if set(words) <= set(JUDGMENTS) else None  # type: ignore[return-value]


def _entries(reply: str) -> list[dict] | None:
    text = re.sub(r"^\s*```(?:json)?|```\s*$", "", reply.strip())
    try:
        found = json.loads(text)
    except ValueError:
        return None
    entries = found.get("propositions") if isinstance(found, dict) else None
    return entries if isinstance(entries, list) and all(isinstance(e, dict) for e in entries) else None
