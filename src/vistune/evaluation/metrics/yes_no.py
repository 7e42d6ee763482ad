"""Probes with yes and no beside POPE: MME, HallusionBench, AMBER's questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

MME_PERCEPTION = (
    "existence", "count", "position", "color", "posters", "celebrity", "scene", "landmark", "artwork", "OCR",
)  # fmt: skip
MME_COGNITION = ("commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning")


def parse_mme(answer: str) -> str | None:
    """MME's rule: lower case without full stops; yes, no, y or n alone; else yes, then no, among the first four letters.

    So "know.." is a no and "I don't know" neither (None).
    """
    said = answer.lower().strip().replace(".", "")
    if said in ("yes", "no"):
        return said
    if len(said) == 1:
        return {"y": "yes", "n": "no"}.get(said)
    start = said[:4]
    return "yes" if "yes" in start else "no" if "no" in start else None


@dataclass(frozen=True, slots=True)
class MmeItem:
    """A question: its subtask, picture (two questions each), truth and the model's answer."""

    task: str
    image: str
    truth: str
    answer: str


def mme_scores(items: Iterable[MmeItem]) -> dict[str, dict[str, float]]:
    """Subtask -> ``acc`` (of questions), ``acc_plus`` (of pictures with all right) as shares, ``score`` (200 at most).

    ``perception`` and ``cognition`` sum up what there is of their subtasks: 2000 and 800 where all are there.
    """
    by_task: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        by_task[item.task][item.image].append(parse_mme(item.answer) == item.truth.strip().lower().rstrip("."))
    found: dict[str, dict[str, float]] = {}
    for task, images in by_task.items():
        right = [ok for answers in images.values() for ok in answers]
        acc = sum(right) / len(right)
        plus = sum(all(answers) for answers in images.values()) / len(images)
        found[task] = {"questions": len(right), "acc": acc, "acc_plus": plus, "score": 100 * (acc + plus)}
    for name, tasks in (("perception", MME_PERCEPTION), ("cognition", MME_COGNITION)):
        there = [found[task]["score"] for task in tasks if task in found]
        if there:
            found[name] = {"score": sum(there)}
    return found


@dataclass(frozen=True, slots=True)
class HallusionItem:
    """``category``: VD or VS. ``visual_input``: 0 none, 1 original, 2 edited. ``verdict``: correct, incorrect, unclear."""

    category: str
    subcategory: str
    set_id: str
    figure_id: str
    question_id: str
    visual_input: int
    verdict: str


def hallusion_correct(item: HallusionItem) -> bool:
    """Correct by the judge; without a picture, a supplement question may also be answered unclearly."""
    no_picture = item.category == "VS" and item.figure_id == "0"
    return item.verdict == "correct" or (no_picture and item.verdict == "unclear")


def hallusion_scores(items: Sequence[HallusionItem]) -> dict[str, float]:
    """HallusionBench as shares: ``aAcc`` of questions, ``fAcc`` of figures with all right (no figure 0 of VS), ``qAcc`` of
    questions right for all figures, and ``easy`` and ``hard`` (edited pictures).
    """
    right = [hallusion_correct(item) for item in items]
    figures: dict[tuple, list[bool]] = defaultdict(list)
    questions: dict[tuple, list[bool]] = defaultdict(list)
    for item, ok in zip(items, right, strict=True):
        place = (item.category, item.subcategory, item.set_id)
        questions[*place, item.question_id].append(ok)
        if not (item.category == "VS" and item.figure_id == "0"):
            figures[*place, item.figure_id].append(ok)

    def share(values: Sequence[bool]) -> float:
        return sum(values) / len(values) if values else 0.0

    hard = [ok for item, ok in zip(items, right, strict=True) if item.visual_input == 2]
    easy = [ok for item, ok in zip(items, right, strict=True) if item.visual_input != 2]
    return {
        "aAcc": share(right),
        "fAcc": share([all(group) for group in figures.values()]),
        "qAcc": share([all(group) for group in questions.values()]),
        "easy": share(easy),
        "hard": share(hard),
    }


def parse_verdict(reply: str) -> str:
    """A judge's word on HallusionBench: "incorrect" is looked for before "correct"; else unclear."""
    said = reply.lower()
    return "incorrect" if "incorrect" in said else "correct" if "correct" in said else "unclear"


def amber_scores(answers: Sequence[str], truths: Sequence[str], existence: bool = False) -> dict[str, float]:
    """AMBER's discriminative part as shares: exactly "Yes" or "No", with **no** as the positive class.

    F1's divisor has 0.0001 added, 0.001 for existence questions, as the original adds it.
    """
    told_no = sum(a == "No" for a in answers)
    real_no = sum(t.lower() == "no" for t in truths)
    both = sum(a == "No" and t.lower() == "no" for a, t in zip(answers, truths, strict=True))
    right = sum(a.lower() == t.lower() and a in ("Yes", "No") for a, t in zip(answers, truths, strict=True))
    precision, recall = both / told_no if told_no else 0.0, both / real_no if real_no else 0.0
    extra = 0.001 if existence else 0.0001
    f1 = 2 * precision * recall / (precision + recall + extra)
    return {"accuracy": right / len(truths) if truths else 0.0, "precision": precision, "recall": recall, "f1": f1}


def amber_generative(
    mentioned: Sequence[str],
    truth: set[str],
    likely: Set[str] = frozenset(),
    safe: Mapping[str, set[str]] | None = None,
) -> dict[str, float]:
    """Counts of one AMBER description for corpus sums: nouns, hallucinated, truth, covered, likely and mentioned so.

    ``mentioned``: counted nouns; ``likely``: annotated hallucination targets; ``safe``: noun -> truths that it stands for.
    """
    safe = safe or {}
    wrong = [noun for noun in mentioned if noun not in truth and not (safe.get(noun, set()) & truth)]
    covered = {t for t in truth if t in mentioned or any(t in safe.get(noun, set()) for noun in mentioned)}
    return {
        "nouns": float(len(mentioned)),
        "wrong": float(len(wrong)),
        "any_wrong": float(bool(wrong)),
        "truth": float(len(truth)),
        "covered": float(len(covered)),
        "likely": float(len(likely)),
        "likely_said": float(len(likely & set(mentioned))),
        "items": 1.0,
    }
