"""Benchmarks read from files: any question set in a supported format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.example import Example, Part, as_question
from vistune.evaluation.benchmarks.base import BENCHMARKS, unique_ids
from vistune.evaluation.benchmarks.scoring import ExactMatch


def with_suffix(example: Example, suffix: str) -> Example:
    """The example with ``suffix`` on a line of its own after the question (``Answer with one word.``)."""
    if not suffix:
        return example
    last = example.messages[-1]
    asked = replace(last, parts=[*last.parts, Part(text=suffix if suffix[0].isspace() else f"\n{suffix}")])
    return replace(example, messages=[*example.messages[:-1], asked])


@BENCHMARKS.register("vqa_file")
class VQAFile(ExactMatch):
    """Questions of a file or folder in any supported format; exact match with the given answers.

    ``images`` is the folder of the pictures where the format does not say; ``suffix`` comes on a line of its own after
    each question ("Answer with one word.").
    """

    capabilities = ("perception",)

    path: Path
    format: str = "auto"
    images: Path | None = None
    limit: int | None = None
    suffix: str = ""
    max_new_tokens: int = 32

    @property
    def name(self) -> str:
        """With the file's name."""
        return f"vqa_{self.path.stem}"

    def examples(self) -> list[Example]:
        """Every readable record that ends with an answer or has answers. Raises ``DataError`` if there is none."""
        from vistune.data.formats import read

        made = []
        options: dict[str, Any] = {} if self.images is None else {"images": self.images}
        found = read(self.path, format=self.format, **options)
        for example in found:
            question = as_question(example)
            if not question.answers:
                continue
            question.meta.setdefault("type", str(question.meta.get("question_type", "all")))
            path = question.images[0].path if question.images else None
            question.meta.setdefault("group", str(path or question.id))
            made.append(with_suffix(question, self.suffix))
            if self.limit and len(made) == self.limit:
                break
        self.unreadable = found.rejections.count
        if not made:
            raise DataError(f"{self.path} holds no question with an answer.")
        return unique_ids(made)
