"""LVLM-eHub's scores (Xu et al., arXiv 2306.09265; utils of OpenGVLab/Multi-Modality-Arena): word match, and what builds on it.

What that repository calls VQA accuracy is word match: right if any truth occurs in the answer as a whole word. It is not
the soft accuracy of VQA, and it takes "it is not a cat" for "cat".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from vistune.evaluation.metrics.vqa import normalise_vqa

_SPECIAL = re.compile(r"[^a-zA-Z0-9\s]")


def has_word(text: str, word: str) -> bool:
    r"""Whether ``word`` occurs between word borders (regex ``\b``). An empty word occurs in every text that has a border, and
    one that ends in a sign ("Name:") only where a letter or digit comes right after it.
    """
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def plain_words(text: str) -> str:
    """Letters, digits and blanks only, in lower case: for classes and read text. Letters of other scripts go too."""
    return _SPECIAL.sub("", text).lower()


def vqa_word_match(answer: str, truths: Sequence[str], mode: str = "official") -> bool:
    """Word match after VQA's normal form of both sides, for questions.

    ``official`` keeps truths of which nothing is left, which match nearly everything; ``strict`` leaves them out.
    """
    said = normalise_vqa(answer)
    wanted = [normalise_vqa(truth) for truth in truths]
    return any(has_word(said, truth) for truth in wanted if truth or mode == "official")


def plain_word_match(answer: str, truths: Sequence[str], mode: str = "official") -> bool:
    """Word match of ``plain_words``, for classification and OCR; ``mode`` as above."""
    said = plain_words(answer)
    wanted = [plain_words(truth) for truth in truths]
    return any(has_word(said, truth) for truth in wanted if truth or mode == "official")


def reciprocal_rank(answer: str, ranked: Sequence[str]) -> float:
    """Visual dialogue: 1 over the place of the first candidate, best first, that word match finds in the answer; 0 if none."""
    said = normalise_vqa(answer)
    for place, truth in enumerate(ranked, 1):
        if has_word(said, normalise_vqa(truth)):
            return 1 / place
    return 0.0


def shared_words(answer: str, truth: str) -> dict[str, float]:
    """Key information: counts for a corpus F1, each word of the truth used once. Case and punctuation count."""
    said, wanted = Counter(answer.split()), Counter(truth.split())
    shared = sum((said & wanted).values())
    return {"said_words": float(said.total()), "true_words": float(wanted.total()), "shared_words": float(shared)}


def per_class(right: Mapping[str, bool], classes: Mapping[str, str]) -> float:
    """Mean over classes of the share that is right."""
    by_class: dict[str, list[bool]] = {}
    for item, ok in right.items():
        by_class.setdefault(classes[item], []).append(ok)
    return sum(sum(found) / len(found) for found in by_class.values()) / len(by_class) if by_class else 0.0


def prefix_scores(losses: Sequence[Sequence[float]]) -> list[float]:
    """Scores of candidate answers by prefix (ImageNetVC): softmax over candidates of 1 / mean loss, averaged over pictures.

    ``losses[picture][candidate]``: mean cross-entropy over question **and** candidate, as the original takes it; a loss of
    0 would divide by zero there and is taken as 1e-9. The sum is 1 for each picture, so a picture's choice is soft.
    """
    totals = [0.0] * len(losses[0])
    for row in losses:
        inverse = [1 / max(loss, 1e-9) for loss in row]
        highest = max(inverse)
        weights = [math.exp(value - highest) for value in inverse]
        for k, weight in enumerate(weights):
            totals[k] += weight / sum(weights) / len(losses)
    return totals
