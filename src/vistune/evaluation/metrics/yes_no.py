"""Probes with yes and no beside POPE: MME and HallusionBench. (POPE: ``answers``; AMBER: ``amber``.)"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.answers import parse_yes_no
from vistune.evaluation.metrics.intervals import ratio

MME_PERCEPTION = (
    "existence", "count", "position", "color", "posters", "celebrity", "scene", "landmark", "artwork", "OCR",
)  # fmt: skip
MME_COGNITION = ("commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning")
MME_TASKS = MME_PERCEPTION + MME_COGNITION


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


def mme_columns(task: str, truth: str, answer: str) -> dict[str, float]:
    """One question's counts for ``mme_measures``. Truths are read as answers are: "Yes", "yes." """
    right = parse_mme(answer) == truth.strip().lower().replace(".", "")
    found = {f"{kind}_{name}": 0.0 for name in MME_TASKS for kind in ("asked", "right")}
    return found | {f"asked_{task}": 1.0, f"right_{task}": float(right)}


def mme_pair_columns(task: str, right: Sequence[bool]) -> dict[str, float]:
    """A picture's counts: whether all of its questions (two) are right."""
    found = {f"{kind}_{name}": 0.0 for name in MME_TASKS for kind in ("pictures", "both")}
    return found | {f"pictures_{task}": 1.0, f"both_{task}": float(all(right))}


def mme_measures(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """``total``, ``perception`` and ``cognition``: sums of the subtasks' scores, 100 (acc + acc+) each, 200 at most; and each
    subtask's score, ``TASK_acc`` and ``TASK_acc_plus`` (shares). Subtasks that are not there have no part.
    """
    found: dict[str, NDArray[np.float64]] = {}
    for task in MME_TASKS:
        if np.any(sums[f"asked_{task}"] > 0):
            acc = ratio(sums[f"right_{task}"], sums[f"asked_{task}"])
            plus = ratio(sums[f"both_{task}"], sums[f"pictures_{task}"])
            found |= {task: 100 * (acc + plus), f"{task}_acc": acc, f"{task}_acc_plus": plus}
    zero = np.zeros_like(next(iter(sums.values())))
    parts = {
        name: sum((found[task] for task in tasks if task in found), zero)
        for name, tasks in (("perception", MME_PERCEPTION), ("cognition", MME_COGNITION))
    }
    return {"total": parts["perception"] + parts["cognition"], **parts, **found}


def mme_scores(items: Iterable[MmeItem]) -> dict[str, dict[str, float]]:
    """The same of a list of items: subtask -> ``questions``, ``acc``, ``acc_plus``, ``score``; ``perception`` and ``cognition``
    -> ``score``.
    """
    by_picture: dict[tuple[str, str], list[MmeItem]] = defaultdict(list)
    for item in items:
        by_picture[item.task, item.image].append(item)
    sums: dict[str, float] = defaultdict(float)
    for (task, _), own in by_picture.items():
        rows = [mme_columns(task, item.truth, item.answer) for item in own]
        for row in (*rows, mme_pair_columns(task, [row[f"right_{task}"] > 0 for row in rows])):
            for name, value in row.items():
                sums[name] += value
    told = {name: float(value[0]) for name, value in mme_measures({k: np.array([v]) for k, v in sums.items()}).items()}
    found: dict[str, dict[str, float]] = {}
    for task in (name for name in MME_TASKS if name in told):
        own = {"acc": told[f"{task}_acc"], "acc_plus": told[f"{task}_acc_plus"], "score": told[task]}
        found[task] = {"questions": sums[f"asked_{task}"], **own}
    for name, tasks in (("perception", MME_PERCEPTION), ("cognition", MME_COGNITION)):
        if any(task in found for task in tasks):
            found[name] = {"score": told[name]}
    return found


Verdict = Literal["correct", "incorrect", "unclear"]
#: What makes a question hard: an edited picture (the published table), or any but a set's first one (the script as it is now).
HardBy = Literal["visual_input", "figure"]


@dataclass(frozen=True, slots=True)
class HallusionItem:
    """``category``: VD or VS. ``visual_input``: 0 none, 1 original, 2 edited. ``truth``: yes or no."""

    category: str
    subcategory: str
    set_id: str
    figure_id: str
    question_id: str
    visual_input: int
    verdict: str
    truth: str = "yes"

    @property
    def no_picture(self) -> bool:
        """Whether it is a supplement question without its picture."""
        return self.category == "VS" and self.figure_id == "0"

    @property
    def correct(self) -> bool:
        """Correct by the judge; without a picture, a supplement question may also be answered unclearly."""
        return self.verdict == "correct" or (self.no_picture and self.verdict == "unclear")

    def is_hard(self, by: HardBy) -> bool:
        """Whether it counts as hard."""
        return self.visual_input == 2 if by == "visual_input" else self.figure_id != "0"


def hallusion_columns(item: HallusionItem) -> dict[str, float]:
    """One question's counts. It is taken for answered with yes where it is right and the truth is yes, or wrong and it is no."""
    yes = item.truth == "yes"
    return {
        "asked": 1.0,
        "right": float(item.correct),
        "unclear": float(item.verdict == "unclear"),
        "truth_yes": float(yes),
        "said_yes": float(item.correct == yes),
        "wrong": float(not item.correct),
        "wrong_yes": float(not item.correct and not yes),
    }


def hallusion_group_columns(items: Sequence[HallusionItem], by: HardBy = "visual_input") -> dict[str, float]:
    """Counts of figures and of questions over all their figures, of one set or of several.

    A question (category, subcategory, set, question) is right where it is right for each of its pictures; ``easy`` and ``hard``
    count it over its easy and its hard ones alone.
    """
    figures: dict[tuple, list[bool]] = defaultdict(list)
    questions: dict[str, dict[tuple, list[bool]]] = {name: defaultdict(list) for name in ("pairs", "easy", "hard")}
    for item in items:
        place = (item.category, item.subcategory, item.set_id)
        if not item.no_picture:
            figures[*place, item.figure_id].append(item.correct)
        for name in ("pairs", "hard" if item.is_hard(by) else "easy"):
            questions[name][*place, item.question_id].append(item.correct)
    found = {"figures": float(len(figures)), "figures_right": float(sum(map(all, figures.values())))}
    for name, groups in questions.items():
        found |= {name: float(len(groups)), f"{name}_right": float(sum(map(all, groups.values())))}
    return found


def hallusion_measures(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """HallusionBench as shares (tianyi-lab/HallusionBench, utils.py): ``aAcc`` of questions, ``fAcc`` of figures with all
    questions right, ``qAcc`` of questions right for all figures, ``easy`` and ``hard`` of those over easy and hard pictures.

    ``yes_difference``: share of answers taken for yes less the share of true yes. ``false_yes``: of the wrong answers, those
    whose truth is no. ``unclear``: share of verdicts that are neither.
    """
    found = {
        "aAcc": ratio(sums["right"], sums["asked"]),
        "fAcc": ratio(sums["figures_right"], sums["figures"]),
        "qAcc": ratio(sums["pairs_right"], sums["pairs"]),
        "easy": ratio(sums["easy_right"], sums["easy"]),
        "hard": ratio(sums["hard_right"], sums["hard"]),
    }
    return {
        **found,
        "yes_difference": ratio(sums["said_yes"], sums["asked"]) - ratio(sums["truth_yes"], sums["asked"]),
        "false_yes": ratio(sums["wrong_yes"], sums["wrong"]),
        "unclear": ratio(sums["unclear"], sums["asked"]),
    }


def hallusion_scores(items: Sequence[HallusionItem], by: HardBy = "visual_input") -> dict[str, float]:
    """The measures of a list of items."""
    sums: dict[str, float] = defaultdict(float, hallusion_group_columns(items, by))
    for item in items:
        for name, value in hallusion_columns(item).items():
            sums[name] += value
    arrays: dict[str, Any] = {name: np.array([value]) for name, value in sums.items()}
    return {name: float(value[0]) for name, value in hallusion_measures(arrays).items()}


def parse_verdict(reply: str) -> str:
    """A judge's word on HallusionBench: "incorrect" is looked for before "correct"; else unclear."""
    said = reply.lower()
    return "incorrect" if "incorrect" in said else "correct" if "correct" in said else "unclear"


def verdict_by_rule(answer: str, truth: str) -> str:
    """A verdict without a judge: the first word that is yes or no against the truth; unclear where there is neither."""
    said = parse_yes_no(answer)
    return "unclear" if said is None else "correct" if said == truth else "incorrect"
