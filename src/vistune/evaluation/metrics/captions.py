"""Captions: BLEU, ROUGE-L and CIDEr-D by the definitions of pycocoevalcap.

Tokens are ``ptb_words``, a Python edition of the official Java tokenizer. Scores equal the official scorers' on equal tokens.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.tokens import ptb_words

Gram = tuple[str, ...]
#: A text's words; ``str.split`` for text that is tokenised already.
Tokenize = Callable[[str], list[str]]
#: The longest n-grams that are counted.
LONGEST = 4


def grams(tokens: Sequence[str], n: int) -> Counter[Gram]:
    """n-grams with their counts."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def bleu_columns(caption: str, references: Sequence[str], tokenize: Tokenize = ptb_words) -> dict[str, float]:
    """One caption's clipped matches, its n-grams and the closest reference length (ties: the shorter)."""
    said, truths = tokenize(caption), [tokenize(r) for r in references]
    closest = min((abs(len(t) - len(said)), len(t)) for t in truths)[1]
    columns = {"length": float(len(said)), "reference": float(closest)}
    for n in range(1, LONGEST + 1):
        best: Counter[Gram] = Counter()
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
    for n in range(1, LONGEST + 1):
        product = product * (np.asarray(sums[f"match_{n}"]) + tiny) / (np.asarray(sums[f"total_{n}"]) + small)
        scores[f"bleu_{n}"] = product ** (1 / n) * short
    return scores


def rouge_l(caption: str, references: Sequence[str], tokenize: Tokenize = ptb_words, beta: float = 1.2) -> float:
    """F of the longest common subsequence; precision and recall each take their best reference (pycocoevalcap)."""
    said = tokenize(caption)
    precision = recall = 0.0
    for reference in references:
        truth = tokenize(reference)
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


class _Vector(NamedTuple):
    """A caption's tf-idf weights by n, their norms, and its number of bigrams (the length that is compared)."""

    weights: list[dict[Gram, float]]
    norms: list[float]
    bigrams: int


class CiderD:
    """CIDEr-D (Vedantam et al. 2015): tf-idf cosine of 1- to 4-grams, clipped, with a Gaussian on the length difference.

    Document frequencies come from the references of all pictures that are evaluated: never compare over other sets.
    """

    def __init__(self, references: Sequence[Sequence[str]], tokenize: Tokenize = ptb_words, sigma: float = 6.0) -> None:
        self.tokenize, self.sigma = tokenize, sigma
        self.pictures = len(references)
        self.frequency: Counter[Gram] = Counter()
        for captions in references:
            tokens = [tokenize(caption) for caption in captions]
            self.frequency.update({gram for t in tokens for n in range(1, LONGEST + 1) for gram in grams(t, n)})

    def _vector(self, text: str) -> _Vector:
        tokens = self.tokenize(text)
        weights = [
            {
                gram: count * (math.log(self.pictures) - math.log(max(1.0, self.frequency[gram])))
                for gram, count in grams(tokens, n).items()
            }
            for n in range(1, LONGEST + 1)
        ]
        norms = [math.sqrt(sum(value**2 for value in vector.values())) for vector in weights]
        return _Vector(weights, norms, max(0, len(tokens) - 1))

    def score(self, caption: str, references: Sequence[str]) -> float:
        """One caption's score, 0 to 10."""
        said = self._vector(caption)
        total = sum(self._likeness(said, self._vector(reference)) for reference in references)
        return 10.0 * total / (LONGEST * len(references))

    def _likeness(self, said: _Vector, truth: _Vector) -> float:
        """Sum over n of the clipped cosines, discounted by the difference in length."""
        total = 0.0
        for mine, theirs, own, other in zip(said.weights, truth.weights, said.norms, truth.norms):
            if own and other:
                dot = sum(min(value, theirs[gram]) * theirs[gram] for gram, value in mine.items() if gram in theirs)
                total += dot / (own * other)
        return total * math.exp(-((said.bigrams - truth.bigrams) ** 2) / (2 * self.sigma**2))


def mean_scores(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Mean of every ``mean_*`` column."""
    return {k.removeprefix("mean_"): ratio(v, sums["items"]) for k, v in sums.items() if k.startswith("mean_")}


def sacrebleu_columns(answer: str, reference: str) -> dict[str, float]:
    """One translation's counts as sacreBLEU takes them (13a tokens, case kept)."""
    counted = _sacrebleu().corpus_score([answer], [[reference]])
    columns = {"system": float(counted.sys_len), "reference": float(counted.ref_len)}
    for n, (hits, total) in enumerate(zip(counted.counts, counted.totals), 1):
        columns |= {f"match_{n}": float(hits), f"total_{n}": float(total)}
    return columns


def sacrebleu_score(sums: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Corpus BLEU of 0 to 100 from summed counts, smoothed as sacreBLEU does. Not comparable with pycocoevalcap's BLEU."""
    bleu = _sacrebleu()
    rows = zip(
        *(np.asarray(sums[f"{name}_{n}"]) for name in ("match", "total") for n in range(1, LONGEST + 1)),
        np.asarray(sums["system"]),
        np.asarray(sums["reference"]),
    )
    found = []
    for *counts, said, truth in rows:
        hits, totals = counts[:LONGEST], counts[LONGEST:]
        whole = [int(v) for v in hits], [int(v) for v in totals], int(said), int(truth)
        found.append(bleu.compute_bleu(*whole, smooth_method="exp").score)
    return np.array(found)


def _sacrebleu() -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU()
