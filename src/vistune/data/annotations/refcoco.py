"""Referring expressions in the forms of RefCOCO, RefCOCO+ and RefCOCOg (Kazemzadeh et al. 2014; Yu et al. 2016).

The published sets keep their refs in a pickle beside COCO's instances. Pickles run code when they are read, so the
same records are kept as JSON here (``refs(unc).json``). Two further JSON forms are in use and are read and written too:
one expression with its box each, and one picture a line (InstructDet).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, rest, write_json

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One expression: as it was said (``raw``), cleaned (``sent``), and in words (``tokens``)."""

    sent_id: int
    raw: str
    sent: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """All expressions for one instance. ``ann_id`` names the instance in the COCO file beside it."""

    ref_id: int
    ann_id: int
    image_id: int
    category_id: int
    file_name: str
    split: str
    sentences: tuple[Sentence, ...]

    @property
    def sent_ids(self) -> tuple[int, ...]:
        return tuple(sentence.sent_id for sentence in self.sentences)


def sentence(sent_id: int, raw: str) -> Sentence:
    """A sentence from its raw words: lower case, no marks but apostrophes."""
    tokens = tuple(re.findall(r"[\w']+", raw.lower()))
    return Sentence(sent_id, raw, " ".join(tokens), tokens)


_REF = ("ref_id", "ann_id", "image_id", "category_id", "file_name", "split")


def read_refs(path: Path | str) -> list[Ref]:
    """Read refs in REFER's record form, kept as JSON. Raises ``DataError`` that says what is wrong, and where."""
    refs: list[Ref] = []
    for number, record in enumerate(need_list(read_json(path), str(path))):
        where = f"{path}, ref {number}"
        need(record, (*_REF, "sentences"), where)
        sentences = tuple(
            Sentence(s["sent_id"], s["raw"], s["sent"], tuple(s["tokens"]))
            for s in (need(s, ("sent_id", "raw", "sent", "tokens"), where) for s in record["sentences"])
        )
        refs.append(Ref(**{key: record[key] for key in _REF}, sentences=sentences))
    return refs


def write_refs(refs: list[Ref], path: Path | str) -> Path:
    """Write refs in REFER's record form, as JSON. -> the path."""
    return write_json(
        path,
        [
            {key: getattr(ref, key) for key in _REF}
            | {
                "sent_ids": ref.sent_ids,
                "sentences": [
                    {"tokens": s.tokens, "raw": s.raw, "sent_id": s.sent_id, "sent": s.sent} for s in ref.sentences
                ],
            }
            for ref in refs
        ],
    )


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression with its box ``(x0, y0, x1, y1)`` in pixels, for a picture of ``height`` x ``width``."""

    image_path: str
    text: str
    box: Box
    height: int
    width: int
    dataset_name: str


_SIZE = re.compile(r"height(\d+)_width(\d+)")


def read_expressions(path: Path | str) -> list[Expression]:
    """Read the form with one expression a record (``question``, ``question_id``, ``gt_answers``).

    Raises ``DataError`` that says what is wrong, and where.
    """
    found: list[Expression] = []
    for number, record in enumerate(need_list(read_json(path), str(path))):
        where = f"{path}, expression {number}"
        need(record, ("image_path", "question", "question_id", "dataset_name", "gt_answers"), where)
        size = _SIZE.fullmatch(record["question_id"])
        if size is None or len(record["gt_answers"]) != 4:
            raise DataError(f"{where}: question_id must be heightH_widthW and gt_answers four numbers.")
        x0, y0, x1, y1 = record["gt_answers"]
        height, width = int(size[1]), int(size[2])
        box = (x0, y0, x1, y1)
        found.append(Expression(record["image_path"], record["question"], box, height, width, record["dataset_name"]))
    return found


def write_expressions(expressions: list[Expression], path: Path | str) -> Path:
    """Write the form with one expression a record. -> the path."""
    records = [
        {
            "image_path": e.image_path,
            "question": e.text,
            "question_id": f"height{e.height}_width{e.width}",
            "dataset_name": e.dataset_name,
            "gt_answers": e.box,
        }
        for e in expressions
    ]
    return write_json(path, records)


@dataclass(frozen=True, slots=True)
class NamedBoxes:
    """What some expressions refer to: one box or several, each ``(x, y, width, height)`` in pixels.

    ``initial``: the annotations that the boxes came from, as they are in the file.
    """

    bbox_id: int
    boxes: tuple[Box, ...]
    expressions: tuple[str, ...]
    initial: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReferredImage:
    """One picture with all that is referred to in it."""

    filename: str
    height: int
    width: int
    named: tuple[NamedBoxes, ...]
    extra: dict[str, Any] = field(default_factory=dict)


_IMAGE = ("filename", "height", "width", "bboxes")
_NAMED = ("bbox_id", "bbox", "expressions", "bboxes_init_anno")


def read_referred_images(path: Path | str) -> list[ReferredImage]:
    """Read the form with one picture a line. Raises ``DataError`` that says what is wrong, and where."""
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file.")
    found: list[ReferredImage] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path}, line {number}"
        try:
            record = need(json.loads(line), _IMAGE, where)
        except json.JSONDecodeError as error:
            raise DataError(f"{where} holds no JSON ({error}).") from error
        named = tuple(_named(item, where) for item in record["bboxes"])
        size = (record["filename"], record["height"], record["width"])
        found.append(ReferredImage(*size, named, rest(record, _IMAGE)))
    return found


def _named(record: Any, where: str) -> NamedBoxes:
    need(record, ("bbox_id", "bbox", "expressions"), where)
    boxes = tuple((x, y, w, h) for x, y, w, h in record["bbox"])
    initial = tuple(record.get("bboxes_init_anno", ()))
    return NamedBoxes(record["bbox_id"], boxes, tuple(record["expressions"]), initial, rest(record, _NAMED))


def write_referred_images(images: list[ReferredImage], path: Path | str) -> Path:
    """Write the form with one picture a line. -> the path."""
    lines = []
    for image in images:
        named = [
            {"bbox_id": n.bbox_id, "bbox": n.boxes, "expressions": n.expressions}
            | ({"bboxes_init_anno": n.initial} if n.initial else {})
            | n.extra
            for n in image.named
        ]
        size = {"filename": image.filename, "height": image.height, "width": image.width}
        lines.append(json.dumps(size | {"bboxes": named} | image.extra, ensure_ascii=False))
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path
