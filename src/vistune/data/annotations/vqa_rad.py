"""Questions in VQA-RAD's JSON (Lau et al., Scientific Data 2018): a list of records, closed and open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vistune.data.annotations.files import need, need_list, read_json, rest, write_json

_KEYS = ("qid", "image_name", "image_organ", "question", "answer", "answer_type", "question_type", "phrase_type")


@dataclass(frozen=True)
class RadQuestion:
    """``answer_type``: CLOSED (yes or no, or one of few that the question names) or OPEN. ``extra``: other keys."""

    qid: int
    image_name: str
    image_organ: str
    question: str
    answer: Any
    answer_type: str
    question_type: str
    phrase_type: str = "freeform"
    extra: dict[str, Any] = field(default_factory=dict)


def write_vqa_rad(path: Path | str, questions: Iterable[RadQuestion]) -> Path:
    """Write questions."""
    return write_json(path, [{**{key: getattr(q, key) for key in _KEYS}, **q.extra} for q in questions])


def read_vqa_rad(path: Path | str) -> list[RadQuestion]:
    """Read questions. Raises ``DataError`` where a key is missing."""
    found = []
    for number, record in enumerate(need_list(read_json(path), str(path))):
        q = need(record, _KEYS, f"{path}, question {number}")
        found.append(RadQuestion(**{key: q[key] for key in _KEYS}, extra=rest(q, _KEYS)))
    return found
