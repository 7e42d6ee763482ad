"""Pictures against captions: Winoground, ARO, SugarCrepe, VL-CheckList, retrieval.

Scores are similarities or likelihoods, higher is better. What a tie counts as is part of each protocol.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def winoground(scores: Array) -> dict[str, float]:
    """Text, image and group score as shares. ``scores``: ``[items, 2 captions, 2 pictures]``; ties are wrong.

    Chance is 25, 25 and 16.7 percent (arXiv 2204.03162).
    """
    s = np.asarray(scores, float)
    text = (s[:, 0, 0] > s[:, 1, 0]) & (s[:, 1, 1] > s[:, 0, 1])
    image = (s[:, 0, 0] > s[:, 0, 1]) & (s[:, 1, 1] > s[:, 1, 0])
    return {"text": float(text.mean()), "image": float(image.mean()), "group": float((text & image).mean())}


def positive_wins(positive: Sequence[float], negative: Sequence[float]) -> float:
    """SugarCrepe, VL-CheckList (ITC): share of items whose true caption scores strictly higher."""
    wins = [p > n for p, n in zip(positive, negative, strict=True)]
    return sum(wins) / len(wins) if wins else 0.0


def aro_pairs(scores: Array, relations: Sequence[str], least: int = 0) -> dict[str, float]:
    """ARO's relation and attribution sets: ``scores`` ``[items, 2]``, the false caption first; ties are wrong.

    ``micro``: mean over items. ``macro``: mean over relations (or pairs of attributes) with ``least`` items at least.
    """
    right = np.argmax(np.asarray(scores, float), axis=1) == 1
    groups: dict[str, list[bool]] = defaultdict(list)
    for ok, relation in zip(right, relations, strict=True):
        groups[relation].append(bool(ok))
    kept = [sum(v) / len(v) for v in groups.values() if len(v) >= least]
    return {"micro": float(right.mean()), "macro": sum(kept) / len(kept) if kept else 0.0}


def aro_order(scores: Array, strict: bool = False) -> float:
    """ARO's order sets: ``[items, 5]``, the true caption first. Officially ties are right, so that a constant gets 100;
    ``strict`` counts them as wrong.
    """
    s = np.asarray(scores, float)
    best = s[:, 1:].max(axis=1)
    return float((s[:, 0] > best).mean() if strict else (s[:, 0] >= best).mean())


def itm_scores(positive: Sequence[float], negative: Sequence[float]) -> dict[str, float]:
    """VL-CheckList (ITM) as shares: a pair matches where its probability is above one half."""
    tp, fn = sum(p > 0.5 for p in positive), sum(p <= 0.5 for p in positive)
    fp, tn = sum(n > 0.5 for n in negative), sum(n <= 0.5 for n in negative)
    precision, recall = tp / (tp + fp) if tp + fp else 0.0, tp / (tp + fn) if tp + fn else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    accuracy = (tp + tn) / max(1, tp + fn + fp + tn)
    return {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1}


def retrieval(similarity: Array, picture_of: Sequence[int], ks: Sequence[int] = (1, 5, 10)) -> dict[str, float]:
    """Recall at k both ways as shares, median ranks and their sum.

    ``similarity``: ``[pictures, captions]``; ``picture_of``: each caption's picture. From a picture any of its captions
    counts. Ties go against the right one, so that a constant scorer gets nothing by the order of the gallery.
    """
    s = np.asarray(similarity, float)
    owner = np.asarray(picture_of)
    to_text = []
    for picture in range(len(s)):
        own = owner == picture
        best = s[picture, own].max()
        to_text.append(int((s[picture, ~own] >= best).sum()))
    own_scores = s[owner, np.arange(s.shape[1])]
    to_image = (s >= own_scores[None]).sum(axis=0) - 1
    found: dict[str, float] = {}
    for name, ranks in (("i2t", np.array(to_text)), ("t2i", to_image)):
        for k in ks:
            found[f"{name}_r{k}"] = float((ranks < k).mean())
        found[f"{name}_median_rank"] = float(np.median(ranks)) + 1
    found["rsum"] = sum(100 * value for name, value in found.items() if "_r" in name and "rank" not in name)
    return found
