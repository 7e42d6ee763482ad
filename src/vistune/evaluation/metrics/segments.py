"""M-HalDetect (arXiv 2308.06394): spans of a description labelled accurate, inaccurate, analysis or unsure, and how well a
detector tells them apart; the reward by which the best of several answers is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.evaluation.metrics.intervals import ratio

SegmentLabel = Literal["accurate", "inaccurate", "analysis", "unsure"]
LABELS: tuple[str, ...] = get_args(SegmentLabel)
#: Scores in (0, 1) are counted in so many bins; an area under the curve is exact but for ties within a bin.
BINS = 50
_SENTENCE = re.compile(r"[^.!?]+[.!?]*\s*")


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters ``start`` to ``end`` of an answer, and its label."""

    start: int
    end: int
    label: SegmentLabel


def read_label(text: str) -> SegmentLabel:
    """A published label in any case ("ACCURATE"). Raises ``DataError``."""
    name = text.strip().lower()
    if name not in LABELS:
        raise DataError(f"'{text}' is no label of a segment: expected {', '.join(LABELS)}.")
    return cast("SegmentLabel", name)


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, without the blanks around it."""
    found = []
    for match in _SENTENCE.finditer(text):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        end = match.end() - (len(match[0]) - len(match[0].rstrip()))
        if end > start:
            found.append((start, end))
    return found


def sentence_segments(text: str, segments: Sequence[Segment]) -> list[Segment]:
    """Sentences with the label that their segments give them.

    A segment belongs to the sentence of its first character that is no blank. Any inaccurate one makes a sentence
    inaccurate; else any unsure one unsure; one of analysis alone is analysis; the others are accurate. Sentences without a
    segment are left out.
    """
    held: dict[tuple[int, int], set[str]] = {}
    for segment in segments:
        span = text[segment.start : segment.end]
        first = segment.start + len(span) - len(span.lstrip())
        home = next((s for s in sentences(text) if s[0] <= first < s[1]), None)
        if home is not None:
            held.setdefault(home, set()).add(segment.label)
    return [Segment(*place, _together(labels)) for place, labels in sorted(held.items())]


def _together(labels: set[str]) -> SegmentLabel:
    for label in ("inaccurate", "unsure"):
        if label in labels:
            return label
    return "analysis" if labels == {"analysis"} else "accurate"


def shares(segments: Sequence[Segment]) -> dict[str, float]:
    """Share of each label; unsure ones are left out of all but their own."""
    known = [s.label for s in segments if s.label != "unsure"]
    found = {name: known.count(cast("SegmentLabel", name)) / len(known) if known else 0.0 for name in LABELS[:3]}
    return found | {"unsure": (len(segments) - len(known)) / len(segments) if segments else 0.0}


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Probability that a positive has a higher score than a negative, ties one half (Mann-Whitney). 0.5 without both kinds."""
    values, truth = np.asarray(scores, float), np.asarray(positive, bool)
    up, down = values[truth], values[~truth]
    if not len(up) or not len(down):
        return 0.5
    ordered = np.sort(down)
    below, upto = np.searchsorted(ordered, up, "left"), np.searchsorted(ordered, up, "right")
    return float((below + upto).sum() / 2 / (len(up) * len(down)))


def detection_columns(score: float, inaccurate: bool) -> dict[str, float]:
    """One span's counts for ``detection_measures``. ``score``: how likely it is inaccurate, 0 to 1; above 0.5 is a verdict."""
    found = {f"{kind}_{b}": 0.0 for kind in ("bad", "good") for b in range(BINS)}
    place = min(BINS - 1, max(0, int(score * BINS)))
    found[f"{'bad' if inaccurate else 'good'}_{place}"] = 1.0
    told = score > 0.5
    return {
        "spans": 1.0,
        "bad": float(inaccurate),
        "told": float(told),
        "hit": float(told and inaccurate),
        "right": float(told == inaccurate),
        **found,
    }


def detection_measures(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """``auroc`` (from counts in ``BINS`` bins), accuracy, precision, recall and F1 of "inaccurate", ``balanced`` (mean recall of
    both kinds), ``inaccurate`` (its share) and ``told`` (the share that is taken for it).
    """
    bad = np.stack([sums[f"bad_{b}"] for b in range(BINS)])
    good = np.stack([sums[f"good_{b}"] for b in range(BINS)])
    under = np.cumsum(good, axis=0) - good
    wins = (bad * (under + good / 2)).sum(axis=0)
    pairs = bad.sum(axis=0) * good.sum(axis=0)
    recall = ratio(sums["hit"], sums["bad"])
    passed = ratio(sums["right"] - sums["hit"], sums["spans"] - sums["bad"])
    return {
        "auroc": np.where(pairs > 0, ratio(wins, pairs), 0.5),
        "accuracy": ratio(sums["right"], sums["spans"]),
        "balanced": (recall + passed) / 2,
        "precision": ratio(sums["hit"], sums["told"]),
        "recall": recall,
        "f1": ratio(2 * sums["hit"], sums["told"] + sums["bad"]),
        "inaccurate": ratio(sums["bad"], sums["spans"]),
        "told": ratio(sums["told"], sums["spans"]),
    }


def reward(accurate: Sequence[float]) -> float:
    """Reward of an answer: mean over its sentences of log p(accurate). An answer of no sentence has none: minus infinity."""
    return float(np.log(np.clip(accurate, 1e-12, 1.0)).mean()) if len(accurate) else float("-inf")


def best_of(answers: Sequence[Sequence[float]], worst: bool = False) -> int:
    """Place of the answer with the highest reward (the lowest, for the control); the first of equal ones."""
    rewards = [reward(probabilities) for probabilities in answers]
    return rewards.index(min(rewards) if worst else max(rewards))
