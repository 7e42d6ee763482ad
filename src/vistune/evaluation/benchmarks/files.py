"""Benchmarks read from files: any question set in a supported format, and POPE's published files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.metrics.answers import (
    Mode,
    exact_match,
    normalise,
    parse_pope,
    parse_yes_no,
    yes_no_columns,
    yes_no_scores,
)


def as_question(example: Example) -> Example:
    """A training conversation as a question: its last answer becomes the reference."""
    if example.messages and example.messages[-1].role == "assistant":
        answers = example.answers or [example.messages[-1].text]
        return replace(example, messages=example.messages[:-1], answers=answers)
    return example


@BENCHMARKS.register("vqa_file")
class VQAFile(Benchmark):
    """Questions of a file or folder in any supported format; exact match with the given answers."""

    protocol = "exact match after lower case, without punctuation and articles"

    def __init__(
        self, path: str, format: str = "auto", limit: int | None = None, suffix: str = "", max_new_tokens: int = 32
    ) -> None:
        self.path, self.format, self.limit, self.suffix = Path(path), format, limit, suffix
        self.max_new_tokens = max_new_tokens

    @property
    def name(self) -> str:
        """With the file's name."""
        return f"vqa_{self.path.stem}"

    def examples(self) -> list[Example]:
        """Every readable record that ends with an answer or has answers. Raises ``DataError`` if there is none."""
        from vistune.data.formats import read

        made = []
        for example in read(self.path, format=self.format):
            question = as_question(example)
            if not question.answers:
                continue
            question.meta.setdefault("type", str(question.meta.get("question_type", "all")))
            question.meta.setdefault("group", question.id)
            if self.suffix:
                last = question.messages[-1]
                question.messages[-1] = replace(last, parts=[*last.parts, *user(self.suffix).parts])
            made.append(question)
            if self.limit and len(made) == self.limit:
                break
        if not made:
            raise DataError(f"{self.path} holds no question with an answer.")
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong."""
        right = exact_match(answer, example.answers)
        return Scored(normalise(answer), float(right), {"items": 1.0, "correct": float(right)})


@BENCHMARKS.register("pope_file")
class PopeFile(Benchmark):
    """A published POPE file (``coco_pope_random.json``: one JSON object a line) and the folder of its pictures."""

    protocol = "AoiDragon/POPE: published questions, official parsing"

    def __init__(self, path: str, images: str, mode: Mode = "official", limit: int | None = None) -> None:
        self.path, self.images, self.limit = Path(path), Path(images), limit
        self.mode: Mode = mode

    @property
    def name(self) -> str:
        """With the file's name."""
        return self.path.stem

    def examples(self) -> list[Example]:
        """One question a line."""
        from vistune.core.files import read_jsonl

        if not self.path.is_file():
            raise DataError(f"There is no POPE file {self.path}.")
        made = []
        for i, line in enumerate(read_jsonl(self.path)[: self.limit]):
            picture = [ImageSource(path=self.images / line["image"])]
            meta = {"type": self.path.stem, "group": line["image"]}
            messages = [user(line["text"], images=(0,))]
            made.append(Example(str(line.get("question_id", i)), messages, picture, answers=[line["label"]], meta=meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong by the official rule, or ``strict``."""
        columns = yes_no_columns(answer, example.answers[0], self.mode)
        said = parse_pope(answer) if self.mode == "official" else parse_yes_no(answer)
        return Scored(said, columns["tp"] + columns["tn"], columns)

    measures = staticmethod(yes_no_scores)  # type: ignore[assignment]
