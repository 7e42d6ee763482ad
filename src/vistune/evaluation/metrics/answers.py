"""Short answers: exact match after normalisation, and the parsing of yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.intervals import ratio

Mode = Literal["official", "strict"]
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = re.compile(r"[^\w\s]")


def normalise(text: str) -> str:
    """Lower case, without punctuation and articles, single blanks."""
    return " ".join(_ARTICLES.sub(" ", _PUNCTUATION.sub(" ", text.lower())).split())


def parse_short(answer: str, references: Sequence[str]) -> str:
    """The answer as it is compared: normalised, or, where a reference is one character (a choice), without its bracket."""
    if any(len(r.strip()) == 1 for r in references):
        return answer.strip().strip("().:").lower()
    return normalise(answer)


def exact_match(answer: str, references: Sequence[str]) -> bool:
    """Equal to a reference after ``parse_short``; an answer of which nothing is left is wrong."""
    said = parse_short(answer, references)
    return bool(said) and said in {parse_short(r, references) for r in references}


def parse_pope(answer: str) -> str:
    """POPE's own rule (AoiDragon/POPE, evaluate.py): text before the first full stop, commas removed, split on blanks; a
    word ``No``, ``not`` or ``no`` means no, and everything else means yes, the empty answer too.
    """
    words = answer.split(".")[0].replace(",", "").split(" ")
    return "no" if any(word in ("No", "not", "no") for word in words) else "yes"


def parse_yes_no(answer: str) -> str | None:
    """``strict``: the first word that is yes or no, in any case; None where there is neither."""
    found = re.search(r"\b(yes|no)\b", answer.lower())
    return found.group(1) if found else None


def yes_no_columns(answer: str, label: str, mode: Mode = "official") -> dict[str, float]:
    """One item's counts for ``yes_no_scores``. An unparsed strict answer is wrong and counts as neither yes nor no."""
    said = parse_pope(answer) if mode == "official" else parse_yes_no(answer)
    truth = "no" if label == "no" else "yes"
    return {
        "items": 1.0,
        "tp": float(said == "yes" == truth),
        "fp": float(said == "yes" != truth),
        "tn": float(said == "no" == truth),
        "fn": float(said == "no" != truth),
        "lost_yes": float(said is None and truth == "yes"),
        "unparsed": float(said is None),
    }


def yes_no_scores(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """POPE's measures, positive = yes, as shares: accuracy, precision, recall, F1, share of yes, share unparsed."""
    tp, fp, fn = sums["tp"], sums["fp"], sums["fn"] + sums["lost_yes"]
    return {
        "accuracy": ratio(tp + sums["tn"], sums["items"]),
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "yes_rate": ratio(tp + fp, sums["items"]),
        "unparsed": ratio(sums["unparsed"], sums["items"]),
    }
