"""A-OKVQA: knowledge about photographs, answered freely or by choosing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Literal

from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.nano import picture, scene_facets
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, find_file, records, told
from vistune.evaluation.benchmarks.vqa import ten_truths
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.choices import LETTERS, choose_letter
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import direct_answer_accuracy, normalise_vqa

#: ``direct``: a free answer. ``choice``: one of four, by letter.
By = Literal["direct", "choice"]
CHOOSE = "Answer with the option's letter from the given choices directly."
_KEYS = (
    "question_id", "image_id", "question", "choices", "correct_choice_idx", "direct_answers", "difficult_direct_answer",
)  # fmt: skip


@BENCHMARKS.register("aokvqa")
class AOKVQA(ShortAnswer):
    """A-OKVQA: knowledge questions about COCO photographs, ``by`` "direct" answers (matches over three) or "choice" of four.

    Reads ``aokvqa_v1p0_val.json``; direct answers leave the questions out that are marked as too hard for them. Official:
    a direct answer must equal the annotators' as written; ``mode`` "strict" compares normal forms. A choice is read from a
    letter, else from an option's text; the authors map what is left by word vectors, here it is wrong. Nano: as OK-VQA's.
    """

    protocol = "allenai/aokvqa: matches over three, nothing normalised; choices by LLaVA's letters"
    capabilities = ("perception", "knowledge")
    graded = True

    by: By = "direct"
    mode: Mode = "official"

    def __post_init__(self) -> None:
        """A choice is one of four."""
        super().__post_init__()
        self.chance = 0.25 if self.by == "choice" and self.path is not None else None

    @property
    def name(self) -> str:
        """With the way of answering where it is a choice."""
        return super().name + ("_choice" if self.by == "choice" else "")

    def instruction(self) -> str:
        """LLaVA's for letters or for short answers."""
        choosing = self.by == "choice" and self.suffix is None and self.style == "llava"
        return CHOOSE if choosing else super().instruction()

    def _item(
        self, identity: str, question: str, shown: Any, choices: list[str], truth: int, truths: list[str], **meta: Any
    ) -> Example:
        if self.by == "direct":
            return self.item(identity, question, shown, truths, **meta)
        listed = "\n".join(f"{LETTERS[k]}. {choice}" for k, choice in enumerate(choices))
        options = {"choices": choices, "truth": LETTERS[truth]}
        return self.item(identity, f"{question}\n{listed}", shown, [LETTERS[truth]], **options, **meta)

    def published(self) -> list[Example]:
        """The questions of the file; hard ones only where they are chosen."""
        assert self.path is not None
        file = find_file(self.path, ("aokvqa_*.json", "*.json"), "the questions")
        made = []
        for r in records(file, _KEYS):
            if self.by == "direct" and r["difficult_direct_answer"]:
                continue
            shown = [self.picture(f"{int(r['image_id']):012d}.jpg")]
            meta = {"type": "all", "group": str(r["image_id"])}
            asked = str(r["question_id"]), r["question"], shown, list(r["choices"]), int(r["correct_choice_idx"])
            made.append(self._item(*asked, [str(a) for a in r["direct_answers"]], **meta))
            if self.limit and len(made) == self.limit:
                break
        return made

    def nano(self) -> list[Example]:
        """One question a scene; wrong options are true of other animals."""
        from vistune.evaluation.benchmarks.knowing import knowledge_items

        made = []
        for known in knowledge_items(self.n, self.split, self.prior, self.seed):
            rng = random.Random(f"options/{known.scene.seed}")
            choices = [known.answer, *rng.sample(known.others, min(3, len(known.others)))]
            rng.shuffle(choices)
            shown, facets = [picture(known.scene, self.image_size)], scene_facets(known.scene)
            meta = {"type": known.family, "group": str(known.scene.seed), "facets": facets}
            asked = f"aokvqa-{known.scene.seed}", known.text, shown, choices, choices.index(known.answer)
            made.append(self._item(*asked, ten_truths(known.answer), **meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Matches over three; or right or wrong."""
        if self.by == "choice":
            told_ = choose_letter(answer, dict(zip(LETTERS, example.meta["choices"], strict=False)))
            right = float(told_ == example.meta["truth"])
            return Scored(told_, right, {"items": 1.0, "score": right})
        said, truths = answer.strip(), example.answers
        if self.mode == "strict":
            said, truths = normalise_vqa(said), [normalise_vqa(truth) for truth in truths]
        score = direct_answer_accuracy(said, truths)
        return Scored(said or None, score, {"items": 1.0, "score": score})

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Accuracy."""
        return {"accuracy": ratio(sums["score"], sums["items"])}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The letter, or the matches."""
        if self.by == "choice":
            return [("letter", told(item["parsed"])), ("right letter", example.meta["truth"])]
        matches = sum(truth == item["parsed"] for truth in example.answers)
        return [("equal answers", f"{matches} of {len(example.answers)}"), ("rule", "min(1, matches / 3)")]
