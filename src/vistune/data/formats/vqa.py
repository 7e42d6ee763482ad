"""Simple question-answer JSON: records with a question, an answer or several, and a picture, under the usual names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.example import Example, assistant, user
from vistune.data.formats.base import FORMATS, Format, Place
from vistune.data.formats.pictures import PictureFolder
from vistune.data.formats.records import JsonRecords

QUESTION = ("question", "query", "text")
ANSWER = ("answers", "gt_answers", "answer", "label", "truth")
IMAGE = ("image", "image_name", "image_path", "imgname", "imagename", "images")
NAME = ("question_id", "qid", "id")


class VQASource:
    """An opened file."""

    def __init__(self, path: Path, images: Path | str | None, suffix: str) -> None:
        self.records = JsonRecords(path)
        self.folder = PictureFolder(path.parent, images)
        self.suffix = suffix

    def __len__(self) -> int:
        return len(self.records)

    def place(self, index: int) -> Place:
        """File and line."""
        return self.records.place(index)

    def example(self, index: int) -> Example:
        """Raises ``DataError`` with the reason."""
        record = self.records[index]
        question = _pick(record, QUESTION)
        if question is None or not str(record[question]).strip():
            raise DataError(f"there is no question (one of {', '.join(QUESTION)}; keys: {', '.join(record)})")
        keys = [question, _pick(record, ANSWER), _pick(record, IMAGE), _pick(record, NAME)]
        answers = answers_of(record[keys[1]]) if keys[1] else []
        names = record[keys[2]] if keys[2] else []
        names = names if isinstance(names, list) else [names]
        pictures = [self.folder.find(str(name)) for name in names]
        messages = [user(str(record[question]) + self.suffix, tuple(range(len(pictures))))]
        if answers:
            messages.append(assistant(most_common(answers)))
        name = str(record[keys[3]]) if keys[3] else str(index)
        meta = {key: value for key, value in record.items() if key not in keys}
        return Example(name, messages, pictures, answers=answers, meta=meta)


def _pick(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if record.get(name) is not None), None)


def answers_of(value: Any) -> list[str]:
    """One answer, a list of them, or VQA's list of ``{"answer": ...}``. Raises ``DataError`` for an empty one."""
    values = value if isinstance(value, list) else [value]
    answers = [str(item["answer"] if isinstance(item, dict) and "answer" in item else item) for item in values]
    if not answers or not all(answer.strip() for answer in answers):
        raise DataError("an answer is empty")
    return answers


def most_common(answers: list[str]) -> str:
    """The answer given most often, the first of those: what training learns."""
    return max(answers, key=answers.count)


@FORMATS.register("vqa")
class VQA(Format):
    """Question-answer records. ``images`` is the folder of the pictures; ``suffix`` is added to each question."""

    keys = ("question", "answer", "image")

    def __init__(self, images: Path | str | None = None, suffix: str = "") -> None:
        self.images = images
        self.suffix = suffix

    def open(self, path: Path) -> VQASource:
        """A ``.json`` list or a file with one record a line."""
        return VQASource(path, self.images, self.suffix)

    @classmethod
    def claims(cls, record: dict[str, Any]) -> bool:
        """A question with an answer or a picture, under any of the usual names."""
        return _pick(record, QUESTION) is not None and (
            _pick(record, ANSWER) is not None or _pick(record, IMAGE) is not None
        )
