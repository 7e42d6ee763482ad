"""Captions: BLEU, ROUGE-L and CIDEr-D by the definitions of pycocoevalcap, on a plain word tokenizer.

The official tokenizer is Stanford's PTB in Java; ``words`` is a Python stand-in, so scores may differ in the third digit.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.intervals import ratio

_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
Grams = Counter[tuple[str, ...]]


def words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return _TOKEN.findall(text.lower())


def grams(tokens: Sequence[str], n: int) -> Grams:
    """n-grams with their counts."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def bleu_columns(caption: str, references: Sequence[str]) -> dict[str, float]:
    """One caption's clipped matches, its n-grams and the closest reference length (ties: the shorter)."""
    said, truths = words(caption), [words(r) for r in references]
    closest = min((abs(len(t) - len(said)), len(t)) for t in truths)[1]
    columns = {"length": float(len(said)), "reference": float(closest)}
    for n in range(1, 5):
        best: Counter[tuple[str, ...]] = Counter()
        for truth in truths:
            best |= grams(truth, n)
        mine = grams(said, n)
        columns[f"match_{n}"] = float(sum((mine & best).values()))
        columns[f"total_{n}"] = float(max(0, len(said) - n + 1))
    return columns


def bleu_scores(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Corpus BLEU-1 to BLEU-4 with brevity penalty exp(1 - r / c) (Papineni et al. 2002)."""
    tiny, small = 1e-15, 1e-9
    length, reference = np.asarray(sums["length"], float), np.asarray(sums["reference"], float)
    short = np.exp(np.minimum(0.0, 1 - (reference + 0.0) / np.maximum(length, tiny)))
    scores, product = {}, np.ones_like(length)
    for n in range(1, 5):
        product = product * (np.asarray(sums[f"match_{n}"]) + tiny) / (np.asarray(sums[f"total_{n}"]) + small)
        scores[f"bleu_{n}"] = product ** (1 / n) * short
    return scores


def rouge_l(caption: str, references: Sequence[str], beta: float = 1.2) -> float:
    """F of the longest common subsequence; precision and recall each take their best reference (pycocoevalcap)."""
    said = words(caption)
    precision = recall = 0.0
    for reference in references:
        truth = words(reference)
        common = _lcs(said, truth)
        precision = max(precision, common / len(said) if said else 0.0)
        recall = max(recall, common / len(truth) if truth else 0.0)
    if not precision or not recall:
        return 0.0
    return (1 + beta**2) * precision * recall / (recall + beta**2 * precision)


def _lcs(a: Sequence[str], b: Sequence[str]) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for j, y in enumerate(b, start=1):
            before, row[j] = row[j], before + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


class CiderD:
    """CIDEr-D (Vedantam et al. 2015): tf-idf cosine of 1- to 4-grams, clipped, with a Gaussian on the length difference.

    Document frequencies come from the references of all pictures that are evaluated: never compare over other sets.
    """

    def __init__(self, references: Sequence[Sequence[str]], sigma: float = 6.0) -> None:
        self.sigma = sigma
        self.pictures = len(references)
        self.frequency: Counter[tuple[str, ...]] = Counter()
        for captions in references:
            seen = {gram for caption in captions for n in range(1, 5) for gram in grams(words(caption), n)}
            self.frequency.update(seen)

    def _vector(self, text: str) -> tuple[list[dict[tuple[str, ...], float]], list[float], int]:
        """tf-idf by n, their norms, and the number of bigrams (the length that is compared)."""
        tokens = words(text)
        vectors, norms = [], []
        for n in range(1, 5):
            vector = {
                gram: count * (math.log(self.pictures) - math.log(max(1.0, self.frequency[gram])))
                for gram, count in grams(tokens, n).items()
            }
            vectors.append(vector)
            norms.append(math.sqrt(sum(value**2 for value in vector.values())))
        return vectors, norms, max(0, len(tokens) - 1)

    def score(self, caption: str, references: Sequence[str]) -> float:
        """One caption's score, 0 to 10."""
        said, said_norms, said_length = self._vector(caption)
        total = 0.0
        for reference in references:
            truth, norms, length = self._vector(reference)
            penalty = math.exp(-((said_length - length) ** 2) / (2 * self.sigma**2))
            for n in range(4):
                dot = sum(min(v, truth[n].get(g, 0.0)) * truth[n].get(g, 0.0) for g, v in said[n].items())
                if said_norms[n] and norms[n]:
                    total += penalty * dot / (said_norms[n] * norms[n])
        return 10.0 * total / (4 * len(references))


def mean_scores(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Mean of every ``mean_*`` column."""
    return {k.removeprefix("mean_"): ratio(v, sums["items"]) for k, v in sums.items() if k.startswith("mean_")}
