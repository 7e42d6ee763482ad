"""Questions about 3D scenes in ScanQA's JSON (arXiv 2112.10482)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vistune.core.errors import DataError


@dataclass(frozen=True)
class SceneQuestion:
    """A question about scene ``scene_id``; ``object_ids`` and ``object_names`` are what it is about."""

    scene_id: str
    question_id: str
    question: str
    answers: tuple[str, ...]
    object_ids: tuple[int, ...] = ()
    object_names: tuple[str, ...] = ()


def write_scanqa(path: Path, questions: Sequence[SceneQuestion]) -> Path:
    """Write questions."""
    path.write_text(json.dumps([asdict(q) for q in questions], indent=1) + "\n", encoding="utf-8")
    return path


def read_scanqa(path: Path) -> list[SceneQuestion]:
    """Read questions; a test file has no answers. Raises ``DataError`` where a field is missing."""
    try:
        return [
            SceneQuestion(
                q["scene_id"], q["question_id"], q["question"], tuple(q.get("answers", ())),
                tuple(q.get("object_ids", ())), tuple(q.get("object_names", ())),
            )
            for q in json.loads(path.read_text(encoding="utf-8"))
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is no ScanQA file: {error!r}.") from None
