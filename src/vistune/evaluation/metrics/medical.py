"""Answers about medical pictures as LLaVA-Med scores them (Li et al., arXiv 2306.00890; llava/eval/run_eval.py)."""

from __future__ import annotations

from collections import Counter

from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.vqa import normalise_vqa


def normalise_medical(text: str) -> str:
    """Lower case, VQA's normal form, and no commas."""
    return normalise_vqa(text.lower()).replace(",", "")


def closed_right(answer: str, truth: str, mode: Mode = "official") -> bool:
    """A closed question. ``official``: the answer must hold "yes" or "no" as letters, and the truth as letters.

    So "normal" is a "no", "no, yes" is both, and "female" is wrong however it is answered (it holds neither). ``strict``:
    the answer's words hold the truth, and of yes and no only the right one.
    """
    said, wanted = normalise_medical(answer), normalise_medical(truth)
    if mode == "official":
        return ("yes" in said or "no" in said) and wanted in said
    words = said.split()
    if wanted in ("yes", "no"):
        return {word for word in words if word in ("yes", "no")} == {wanted}
    return f" {wanted} " in f" {said} "


def open_overlap(answer: str, truth: str, mode: Mode = "official") -> dict[str, float]:
    """An open question: recall (the figure that is reported), precision and F1 of words.

    ``official`` counts a word that both have as often as the answer says it, so saying it twice raises recall above what
    was found; ``strict`` counts it as often as both have it.
    """
    said, wanted = Counter(normalise_medical(answer).split()), Counter(normalise_medical(truth).split())
    both = said.keys() & wanted.keys()
    found = sum(said[word] if mode == "official" else min(said[word], wanted[word]) for word in both)
    missed = sum(n for word, n in wanted.items() if word not in said) if mode == "official" else wanted.total() - found
    if not found:
        return {"recall": 0.0, "precision": 0.0, "f1": 0.0}
    recall, precision = found / (found + missed), found / said.total()
    return {"recall": recall, "precision": precision, "f1": 2 * precision * recall / (precision + recall)}
