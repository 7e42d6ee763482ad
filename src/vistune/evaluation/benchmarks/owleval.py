"""OwlEval (mPLUG-Owl, arXiv 2304.14178): open questions about pictures, marked by a judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.judging import ByJudge, JudgeSpec
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.intervals import ratio

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Verdict

_NANO_QUESTIONS = ("describe the picture.", "tell me about everything in the picture.", "what do you see here?")


@BENCHMARKS.register("owleval")
class OwlEval(ByJudge):
    """82 open questions on 50 pictures, marked by a judge beside a published model's answer; the authors had people grade.

    Files: ``questions.jsonl`` and ``cases`` with the pictures; the answers of ``reference`` in ``answer``. The score is 100 times
    the ratio of the means of both answers' marks (LLaVA-Bench's rubric, the judge sees the picture). Nano: descriptions of
    scenes beside a true one. People's grades A to D are not to be had, so figures do not compare with the paper's.
    """

    protocol = (
        "pairwise marks from 1 to 10 beside a published answer (LLaVA-Bench's rubric); people graded in the paper"
    )
    main = "relative"
    not_shares = ("relative", "score", "reference")
    capabilities = ("open-answers", "reasoning")

    reference: str = "mPLUG_Owl_7b"
    n: int = 50
    limit: int | None = None
    judge: JudgeSpec | None = "oracle"
    max_new_tokens: int = 512

    def rubric(self) -> dict[str, Any]:
        """LLaVA-Bench's, with the picture."""
        return {"kind": "llava_bench", "pictures": True}

    def published(self) -> list[Example]:
        """Questions with the reference's answers."""
        assert self.path is not None
        file = self.path / "answer" / f"{self.reference}_answer.jsonl"
        if not file.is_file():
            known = ", ".join(sorted(p.stem.removesuffix("_answer") for p in (self.path / "answer").glob("*.jsonl")))
            raise DataError(f"There are no answers {file}. There are those of: {known or 'nobody'}.")
        answers = {row["question_id"]: row["answer"] for row in rows_of(file)}
        made = []
        for number, row in enumerate(rows_of(self.path / "questions.jsonl")[: self.limit], start=1):
            need(row, ("image", "question_id", "question"), self.path / "questions.jsonl", number)
            if row["question_id"] not in answers:
                raise DataError(f"{file} has no answer to question {row['question_id']}.")
            meta = {
                "type": str(row.get("ability", "all")), "group": row["image"], "context": "The picture is shown.",
                "category": "conv", "facets": {"category": "; ".join(row.get("category", []))},
            }  # fmt: skip
            shown = [ImageSource(path=self.path / "cases" / row["image"])]
            answer = [str(answers[row["question_id"]])]
            asked = [user(row["question"], images=(0,))]
            made.append(Example(str(row["question_id"]), asked, shown, answers=answer, meta=meta))
        return made

    def nano(self) -> list[Example]:
        """Requests to describe scenes, with a true short description as reference."""
        from vistune.world.language import caption

        made = []
        for number, scene in enumerate(scenes(self.n, self.split, self.prior, self.seed, min_things=2)):
            text = caption(scene, scene.seed, level="short", split=self.split)
            meta: dict[str, Any] = {"type": "description", "group": str(scene.seed), "facets": scene_facets(scene)}
            meta |= {"context": text, "facts": scene}
            messages = [user(_NANO_QUESTIONS[number % len(_NANO_QUESTIONS)], images=(0,))]
            shown = [picture(scene, self.image_size)]
            made.append(Example(f"owleval-{scene.seed}", messages, shown, answers=[text], meta=meta))
        return made

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """Both marks; the item's score is the model's mark on a scale from 0 to 1."""
        own, other = (verdict.marks.get(name, -1.0) for name in ("score", "reference"))
        columns = {"items": 1.0, "score": own, "reference": other}
        return Scored(f"{own:g}" if verdict.parsed else None, max(0.0, own) / 10, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """100 times the ratio of the means, and both means."""
        mean = {name: ratio(sums[name], sums["items"]) for name in ("score", "reference")}
        return {"relative": 100 * ratio(mean["score"], mean["reference"]), **mean}
