"""HallusionBench (arXiv 2310.14566): the same question with the picture, an edited picture, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored, Way
from vistune.evaluation.benchmarks.judging import JudgeSpec, judge_of
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.yes_no import (
    HallusionItem,
    HardBy,
    hallusion_columns,
    hallusion_group_columns,
    hallusion_measures,
    verdict_by_rule,
)

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Judge, Verdict

_FIELDS = (
    "category", "subcategory", "visual_input", "set_id", "figure_id", "question_id", "question", "gt_answer",
    "gt_answer_details",
)  # fmt: skip
_SHOWN = ("none", "original", "edited")


@BENCHMARKS.register("hallusion_bench")
class HallusionBench(OfSplit):
    """Yes-no questions in sets: of an original figure and edited ones (VD), and of common knowledge with no figure, one that
    agrees and one that does not (VS). ``aAcc``: questions right; ``fAcc``: figures with all questions right; ``qAcc``: questions
    right for all their figures; ``easy`` and ``hard``: the same over original (or no) and edited figures alone.

    ``path``: ``HallusionBench.json`` or its folder; ``images``: the unpacked ``hallusion_bench``. A judge marks answers against a
    sentence (``extraction=judge``, official: correct, incorrect or unclear; unclear counts as right where there is no figure);
    ``rule`` takes the first yes or no instead, as other tools do. ``by``: hard by edited figures, as in the published table
    (430 questions), or by any figure but a set's first, as the script counts now (452).
    """

    main = "aAcc"
    protocol = "tianyi-lab/HallusionBench: a judge against the reference sentence; figures and question pairs"
    capabilities = ("hallucination", "perception", "knowledge", "text-in-pictures")
    max_new_tokens = 64

    images: Path | None = None
    extraction: Literal["judge", "rule"] = "judge"
    judge: JudgeSpec | None = None
    by: HardBy = "visual_input"

    def __post_init__(self) -> None:
        """The world's sets are balanced."""
        super().__post_init__()
        self.chance = 0.5 if self.path is None else None

    @property
    def way(self) -> Way:
        """A judge's, or by the rule."""
        return "judge" if self.extraction == "judge" else "answer"

    def published(self) -> list[Example]:
        """All questions of the file."""
        assert self.path is not None
        file = self.path / "HallusionBench.json" if self.path.is_dir() else self.path
        folder = self.images or file.parent / "hallusion_bench"
        made = []
        for number, row in enumerate(rows_of(file), start=1):
            need(row, _FIELDS, file, number)
            if row["category"] not in ("VD", "VS") or str(row["visual_input"]) not in ("0", "1", "2"):
                raise DataError(f"{file}, record {number}: category VD or VS and visual_input 0, 1 or 2 are expected.")
            shown = row.get("filename") if str(row["visual_input"]) != "0" else None
            pictures = [ImageSource(path=folder / str(shown).removeprefix("./"))] if shown else []
            truth = "yes" if str(row["gt_answer"]) == "1" else "no"
            made.append(
                hallusion_example(
                    (row["category"], row["subcategory"], row["set_id"], row["figure_id"], row["question_id"]),
                    int(row["visual_input"]), row["question"], pictures, [row["gt_answer_details"]], truth,
                )
            )  # fmt: skip
        return made

    def nano(self) -> list[Example]:
        """Sets about edited scenes, and about what one knows with and without a picture."""
        from vistune.evaluation.benchmarks.hallusion_nano import figure_sets, knowledge_sets

        made = figure_sets(self.n * 2 // 3 // 4, self.split, self.prior, self.image_size, self.seed)
        return made + knowledge_sets((self.n - len(made)) // 6, self.split, self.prior, self.image_size, self.seed)

    def build_judge(self) -> Judge:
        """The judge of the rubric ``hallusion``."""
        return judge_of(self.judge, "hallusion", self.kind, self.path is None)

    def score(self, example: Example, answer: str) -> Scored:
        """By the rule."""
        return self._scored(example, verdict_by_rule(answer, str(example.meta["facets"]["truth"])))

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """By the judge's word; a reply that cannot be read is unclear, as in the original."""
        word = next((name for name in ("incorrect", "correct") if verdict.marks.get(name)), "unclear")
        return self._scored(example, word)

    def _scored(self, example: Example, verdict: str) -> Scored:
        item = _item_of(example.id, example.meta["facets"], verdict)
        columns = hallusion_columns(item)
        return Scored(verdict, columns["right"], columns)

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Figures and questions of a set that are wholly right."""
        told = [_item_of(item["id"], item["facets"], str(item["parsed"])) for item in items]
        return hallusion_group_columns(told, self.by)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """aAcc, fAcc, qAcc, easy, hard, and the bias to yes."""
        return hallusion_measures(sums)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The verdict and what it counts for."""
        told = _item_of(example.id, example.meta["facets"], str(item["parsed"]))
        allowed = "without a picture unclear is right too" if told.no_picture else "only correct is right"
        steps = [
            ("truth", f"{told.truth}: {example.answers[0]}"),
            ("verdict", told.verdict),
            ("counts as right", allowed),
        ]
        if self.extraction == "rule":
            steps.insert(0, ("rule", "the first word that is yes or no; neither is unclear"))
        return [*steps, ("right", str(told.correct).lower()), ("hard", str(told.is_hard(self.by)).lower())]


def hallusion_example(
    place: tuple[str, str, str, str, str],
    shown: int,
    question: str,
    pictures: list[ImageSource],
    references: list[str],
    truth: str,
    **meta: Any,
) -> Example:
    """One question. ``place``: category, subcategory, set, figure and question; ``shown``: 0 none, 1 original, 2 edited."""
    category, subcategory, set_id = place[:3]
    facets = {"category": category, "subcategory": subcategory, "picture": _SHOWN[shown], "truth": truth}
    told = {"type": f"{category} {subcategory}", "group": "_".join((category, subcategory, set_id)), "facets": facets}
    asked = user(question, images=tuple(range(len(pictures))))
    return Example("_".join(place), [asked], pictures, answers=references, meta={**told, **meta})


def _item_of(identity: str, facets: Mapping[str, str], verdict: str) -> HallusionItem:
    category, subcategory, *rest = identity.split("_")
    set_id, figure, question = rest[-3:]
    return HallusionItem(
        category, subcategory, set_id, figure, question, _SHOWN.index(facets["picture"]), verdict, facets["truth"]
    )
