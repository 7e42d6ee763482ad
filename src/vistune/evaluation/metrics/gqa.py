"""GQA's figures (Hudson and Manning, arXiv 1902.09506; eval.py of the data set): all but accuracy need more than the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from vistune.evaluation.metrics.answers import normalise

#: How a text becomes a prediction: as it is; as LLaVA converts it (lower case, without the last full stops); without case,
#: punctuation and articles (lmms-eval's exact match ignores case and punctuation).
Extraction = Literal["exact", "llava", "loose"]
#: ``(x0, y0, x1, y1)`` in shares of the picture.
Box = tuple[float, float, float, float]


def read_gqa(answer: str, extraction: str = "llava") -> str:
    """The prediction that is compared with the truth; by another name than those of ``Extraction``: the answer itself."""
    if extraction == "llava":
        return answer.rstrip(".").lower()
    return normalise(answer) if extraction == "loose" else answer


def gqa_scores(
    predictions: Mapping[str, str],
    truths: Mapping[str, str],
    *,
    entailed: Mapping[str, Sequence[str]] | None = None,
    kinds: Mapping[str, str] | None = None,
    valid: Mapping[str, Sequence[str]] | None = None,
    plausible: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, float]:
    """GQA's figures as shares, joined by question id: accuracy, binary and open, consistency, validity, plausibility.

    ``kinds``: structural type of each question ("query" is open, all others are binary). ``entailed``: questions whose
    answers follow from a question's; consistency is the mean, over the questions answered rightly that have some, of the
    accuracy on them. ``valid`` and ``plausible``: the answers that a question could have at all, and that make sense in
    the world. A question without a prediction is wrong.
    """
    right = {q: predictions.get(q) == truth for q, truth in truths.items()}
    scores = {"accuracy": _mean(list(right.values()))}
    if kinds is not None:
        scores["open"] = _mean([right[q] for q in truths if kinds[q] == "query"])
        scores["binary"] = _mean([right[q] for q in truths if kinds[q] != "query"])
    if entailed is not None:
        follow = [[right[e] for e in entailed.get(q, ()) if e != q and e in right] for q in truths if right[q]]
        scores["consistency"] = _mean([_mean(found) for found in follow if found])
    for name, allowed in (("validity", valid), ("plausibility", plausible)):
        if allowed is not None:
            scores[name] = _mean([predictions.get(q) in allowed[q] for q in truths])
    return scores


def chi_square(real: Mapping[str, float], told: Mapping[str, float]) -> float:
    """Of one group's histograms, over the true answers only, as the official sum is."""
    return sum((told.get(answer, 0) - n) ** 2 / n for answer, n in real.items() if n)


def gqa_distribution(predictions: Mapping[str, str], truths: Mapping[str, str], groups: Mapping[str, str]) -> float:
    """How far the answers' histograms are from the true ones, per (global) group of questions: chi-square weighted by the
    groups' sizes, over 100; lower is better. Questions without a group are left out.
    """
    told: dict[str, Counter[str]] = {}
    real: dict[str, Counter[str]] = {}
    for q, truth in truths.items():
        if q not in groups:
            continue
        real.setdefault(groups[q], Counter())[truth] += 1
        if q in predictions:
            told.setdefault(groups[q], Counter())[predictions[q]] += 1
    total, weights = 0.0, 0
    for group, counts in real.items():
        total += chi_square(counts, told.get(group, Counter())) * counts.total()
        weights += counts.total()
    return total / weights / 100 if weights else 0.0


def gqa_grounding(attention: Sequence[tuple[Box, float]], regions: Sequence[Box]) -> float:
    """Attention that lies on the regions a question and its answer name: over regions and cells, a cell's weight times the
    share of the cell that is covered. The official sum: a cell under two regions counts twice.

    ``attention``: cells (or objects) with their weight; ``square_cells`` makes them from a map.
    """
    return sum(weight * _covered(cell, region) for region in regions for cell, weight in attention)


def square_cells(attention: Sequence[Sequence[float]]) -> list[tuple[Box, float]]:
    """A square map as cells. The official script takes the first index for x."""
    n = len(attention)
    return [((i / n, j / n, (i + 1) / n, (j + 1) / n), attention[i][j]) for i in range(n) for j in range(n)]


def _covered(cell: Box, region: Box) -> float:
    wide = min(cell[2], region[2]) - max(cell[0], region[0])
    high = min(cell[3], region[3]) - max(cell[1], region[1])
    area = (cell[2] - cell[0]) * (cell[3] - cell[1])
    return wide * high / area if wide > 0 and high > 0 and area > 0 else 0.0


def _mean(values: Sequence[float | bool]) -> float:
    return sum(values) / len(values) if values else 0.0
