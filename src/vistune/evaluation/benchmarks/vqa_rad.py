"""VQA-RAD: questions about radiology pictures, closed and open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from vistune.data.annotations.vqa_rad import read_vqa_rad
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.nano import engine_questions
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, find_file, told
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.medical import closed_right, normalise_medical, open_overlap

#: ``overlap``: LLaVA-Med's (closed: the truth is in the answer; open: recall of words). ``exact``: equal in normal form,
#: as systems that choose among known answers are scored.
Extraction = Literal["overlap", "exact"]


@BENCHMARKS.register("vqa_rad")
class VQARad(ShortAnswer):
    """VQA-RAD: accuracy of closed questions, word recall of open ones, as LLaVA-Med reports them; the main one is closed.

    Reads ``testset.json`` and ``images/``. ``extraction`` "exact" scores both by equality. LLaVA-Med's closed rule wants
    "yes" or "no" in the answer, so closed questions with another truth are lost; ``mode`` "strict" mends that, and counts
    a repeated word once. ``style`` "plain" asks the question alone. Nano: slides of invented cells.
    """

    main = "closed"
    protocol = "LLaVA-Med run_eval: closed by containment of yes or no, open by recall of words"
    capabilities = ("perception", "science")
    graded = True
    max_new_tokens = 32

    STYLES = ("plain", "llava")

    extraction: Extraction = "overlap"
    mode: Mode = "official"
    style: str = "plain"

    def published(self) -> list[Example]:
        """The questions of the file. ``question_type`` may name several classes; the first is the type."""
        assert self.path is not None
        file = find_file(self.path, ("testset.json", "*test*.json", "*.json"), "the questions")
        made = []
        for q in read_vqa_rad(file)[: self.limit]:
            closed = q.answer_type.strip().upper() == "CLOSED"
            kind = str(q.question_type).split(",")[0].strip()
            facets = {"organ": q.image_organ, "answer": "closed" if closed else "open"}
            meta = {"type": kind, "group": q.image_name, "facets": facets, "closed": closed}
            shown = [self.picture(q.image_name, "images")]
            made.append(self.item(str(q.qid), q.question, shown, [str(q.answer)], **meta))
        return made

    def nano(self) -> list[Example]:
        """Two questions a slide; closed are those with yes and no."""
        from vistune.world.cells.questions import CLASSES

        asked = engine_questions(
            "cells", self.n, split=self.split, prior=self.prior, seed=self.seed, tasks={"question": 1.0}, turns=8,
            image_size=self.image_size,
        )  # fmt: skip
        made = []
        for e in asked:
            closed = e.answers[0] in ("yes", "no")
            facets = {"organ": e.meta["sample"].upper(), "answer": "closed" if closed else "open"}
            meta = {"type": CLASSES[e.meta["type"]], "group": e.meta["group"], "facets": facets, "closed": closed}
            made.append(self.item(e.id, e.meta["question"], e.images, e.answers, **meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong for closed questions; recall for open ones."""
        truth, closed = example.answers[0], bool(example.meta["closed"])
        if self.extraction == "exact":
            equal = float(normalise_medical(answer) == normalise_medical(truth))
            overlap = dict.fromkeys(("recall", "precision", "f1"), equal)
            right = equal
        else:
            overlap, right = open_overlap(answer, truth, self.mode), float(closed_right(answer, truth, self.mode))
        columns = {"closed_items": float(closed), "closed_right": right * closed, "open_items": float(not closed)}
        columns |= {name: value * (not closed) for name, value in overlap.items()}
        return Scored(normalise_medical(answer) or None, right if closed else overlap["recall"], columns)

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Closed accuracy; recall, precision and F1 of open answers."""
        opened = {f"open_{name}": ratio(sums[name], sums["open_items"]) for name in ("recall", "precision", "f1")}
        return {"closed": ratio(sums["closed_right"], sums["closed_items"]), **opened}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Normal forms and the rule."""
        rule = "closed: the answer holds the truth" if example.meta["closed"] else "open: share of the truth's words"
        return [
            ("normal form", told(normalise_medical(item["answer"]))),
            ("truth in normal form", told(normalise_medical(example.answers[0]))),
            ("rule", "equal" if self.extraction == "exact" else rule),
        ]
