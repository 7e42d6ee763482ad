"""Annotations of documents in published formats: FUNSD forms, SROIE receipts, DocVQA questions.

FUNSD (Jaume et al., arXiv 1905.13538): one JSON file a page, ``{"form": [{id, text, box, label, words, linking}]}``.
SROIE (Huang et al., arXiv 2103.10213): ``box/NAME.csv``, eight corner coordinates and the text of a line, and
``key/NAME.json`` with company, date, address and total. DocVQA (Mathew et al., arXiv 2007.00398): one JSON file a split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, write_json

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class FormEntity:
    """A piece of a form. ``label``: header, question, answer or other; ``linking``: pairs (question id, answer id)."""

    id: int
    text: str
    box: Box
    label: str
    words: tuple[tuple[str, Box], ...]
    linking: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class ReceiptLine:
    """A line of a receipt. ``corners``: x, y of four corners, clockwise from the upper left, in pixels."""

    corners: tuple[int, int, int, int, int, int, int, int]
    text: str


@dataclass(frozen=True)
class DocumentQuestion:
    """A question about the page ``image``, and the answers that count."""

    question_id: int
    question: str
    image: str
    answers: tuple[str, ...]
    types: tuple[str, ...] = ()


def write_funsd(path: Path | str, entities: Iterable[FormEntity]) -> Path:
    """Write one page."""
    form = [
        {
            "id": e.id,
            "text": e.text,
            "box": list(e.box),
            "label": e.label,
            "words": [{"text": text, "box": list(box)} for text, box in e.words],
            "linking": [list(pair) for pair in e.linking],
        }
        for e in entities
    ]
    return write_json(path, {"form": form})


def read_funsd(path: Path | str) -> list[FormEntity]:
    """Read one page. Raises ``DataError`` where the file is not FUNSD's."""
    entities = []
    for number, record in enumerate(need_list(need(read_json(path), ("form",), str(path))["form"], str(path))):
        where = f"{path}, entity {number}"
        entity = need(record, ("id", "text", "box", "label", "words", "linking"), where)
        words = tuple((need(w, ("text", "box"), where)["text"], _box(w["box"], where)) for w in entity["words"])
        linking = tuple((int(a), int(b)) for a, b in entity["linking"])
        box = _box(entity["box"], where)
        entities.append(FormEntity(int(entity["id"]), entity["text"], box, entity["label"], words, linking))
    return entities


def _box(values: Sequence[int], where: str) -> Box:
    if len(values) != 4:
        raise DataError(f"{where}: a box has four numbers, not {len(values)}.")
    x0, y0, x1, y1 = (int(v) for v in values)
    return x0, y0, x1, y1


def write_sroie(folder: Path | str, name: str, lines: Iterable[ReceiptLine], key: Mapping[str, str]) -> list[Path]:
    """Write ``box/NAME.csv`` and ``key/NAME.json``."""
    boxes = Path(folder) / "box" / f"{name}.csv"
    boxes.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(",".join([*map(str, line.corners), line.text]) + "\n" for line in lines)
    boxes.write_text(text, encoding="utf-8")
    return [boxes, write_json(Path(folder) / "key" / f"{name}.json", dict(key))]


def read_sroie(folder: Path | str, name: str) -> tuple[list[ReceiptLine], dict[str, str]]:
    """Lines and key facts of a receipt. Raises ``DataError`` for a line without eight coordinates and a text."""
    path = Path(folder) / "box" / f"{name}.csv"
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    lines = []
    for number, row in enumerate(rows, 1):
        # The text is the rest of the line: commas are part of it, and nothing is quoted.
        parts = row.split(",", 8)
        if not row.strip():
            continue
        try:
            a, b, c, d, e, f, g, h = (int(part) for part in parts[:8])
            lines.append(ReceiptLine((a, b, c, d, e, f, g, h), parts[8]))
        except (ValueError, IndexError):
            raise DataError(f"{path}, line {number}: eight whole numbers and a text were expected.") from None
    return lines, {k: str(v) for k, v in need(read_json(Path(folder) / "key" / f"{name}.json"), (), name).items()}


def write_docvqa(path: Path | str, questions: Iterable[DocumentQuestion], split: str = "train") -> Path:
    """Write the questions of a split."""
    data = [
        {
            "questionId": q.question_id,
            "question": q.question,
            "question_types": list(q.types),
            "image": q.image,
            "answers": list(q.answers),
            "data_split": split,
        }
        for q in questions
    ]
    head = {"dataset_name": "docvqa", "dataset_split": split, "dataset_version": "1.0"}
    return write_json(path, {**head, "data": data})


def read_docvqa(path: Path | str) -> list[DocumentQuestion]:
    """Read the questions of a split; those of the test split have no answers."""
    found = []
    for number, record in enumerate(need_list(need(read_json(path), ("data",), str(path))["data"], str(path))):
        q = need(record, ("questionId", "question", "image"), f"{path}, question {number}")
        answers, types = tuple(q.get("answers", ())), tuple(q.get("question_types") or ())
        found.append(DocumentQuestion(int(q["questionId"]), q["question"], q["image"], answers, types))
    return found
