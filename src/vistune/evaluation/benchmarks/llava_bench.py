"""LLaVA-Bench (arXiv 2304.08485): answers beside those of a text-only model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.open_sets import Asked, Beside, first_asked
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.world.scene import Scene

if TYPE_CHECKING:
    pass


#: Questions, the reference's answers, and what the judge reads.
_FILES = {
    "wild": ("questions.jsonl", "answers_gpt4.jsonl", "context.jsonl"),
    "coco": ("qa90_questions.jsonl", "qa90_gpt4_answer.jsonl", "caps_boxes_coco2014_val_80.jsonl"),
}


@BENCHMARKS.register("llava_bench")
class LlavaBench(Beside):
    """LLaVA-Bench: answers beside those of a text-only model that saw captions (and boxes); 100 times the ratio of mean marks.

    ``style`` wild: folder with ``questions.jsonl``, ``context.jsonl``, ``answers_gpt4.jsonl``, ``images``. coco: folder with
    ``qa90_questions.jsonl``, ``qa90_gpt4_answer.jsonl``, and ``caps_boxes_coco2014_val_80.jsonl`` there or above. By category
    conv, detail, complex. Reviews that cannot be read stay in the means as -1, as officially. ``rules``: the published rule.json.
    """

    protocol = "haotian-liu/LLaVA: reference first, marks 1 to 10, ratio of means, unread reviews stay in as -1"
    groups = ("conv", "detail", "complex")
    not_shares = ("relative", "score", "reference", *groups)

    style: Literal["wild", "coco"] = "wild"
    rules: str | None = None
    n: int = 90
    max_new_tokens: int = 1024

    def rubric(self) -> dict[str, Any]:
        """LLaVA-Bench's, for the setting."""
        return {"kind": "llava_bench", "setting": self.style, "prompt_file": self.rules}

    def asked(self, scene: Scene, number: int) -> Asked | None:
        """Conversation, detail and reasoning in turn."""
        from vistune.world.language import caption

        group = self.groups[number % 3]
        if group == "detail":
            return "describe the picture in detail.", caption(scene, scene.seed, "long", self.split), (group,)
        types = ("colour", "setting", "count") if group == "conv" else ("two_fact", "compare_size")
        found = first_asked(scene, types, self.split)
        return None if found is None else (found.text, found.answer, (group,))

    def published(self) -> list[Example]:
        """The questions with the reference's answers and what the judge reads."""
        wild = self.style == "wild"
        names = _FILES[self.style]
        paths = [self._file(name) for name in names]
        if not paths[2].is_file() and not wild:
            paths[2] = paths[2].parent.parent / names[2]
        answers = {row["question_id"]: row["text"] for row in rows_of(paths[1])}
        told = {row["image"]: _context(row) for row in rows_of(paths[2])}
        made = []
        for number, row in enumerate(rows_of(paths[0]), 1):
            need(row, ("question_id", "image", "text", "category"), paths[0], number)
            name, question = row["image"], row["question_id"]
            if question not in answers or name not in told:
                where = f"{paths[0]}, record {number}"
                raise DataError(f"{where}: no reference or context for question {question}, {name}.")
            source = self._photograph(name if wild else f"COCO_val2014_{name}")
            asked = str(question), row["text"], answers[question], (row["category"],)
            made.append(self._item(*asked, source, told[name], {}, group=name))
        return made


def _context(row: Mapping[str, Any]) -> str:
    """What the judge reads of a picture: sentences, and boxes where there are any."""
    if "caption" in row:
        captions = row["caption"]
        return captions if isinstance(captions, str) else "\n".join(captions)
    boxes = "\n".join(f"{one['category']}: {one['bbox']}" for one in row["instances"])
    return "\n".join(row["captions"]) + "\n\n" + boxes
