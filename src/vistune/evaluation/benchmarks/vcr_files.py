"""SNLI-VE and VCR as their files have them: statements and questions about pictures, with choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.core.files import read_jsonl
from vistune.evaluation.benchmarks.tables import need, read_json

#: SNLI-VE's labels, in the order in which they are choices.
ENTAILMENT = ("entailment", "neutral", "contradiction")
_PLACES = ("person on the left", "person in the middle", "person on the right")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A question with choices of which ``truth`` (from 0) is right; ``image``: a file relative to the folder of pictures."""

    id: str
    image: str
    question: str
    choices: tuple[str, ...]
    truth: int


def read_chosen(path: Path) -> list[Chosen]:
    """Lines of SNLI-VE (``snli_ve_dev.jsonl``, or SNLI's own ``snli_1.0_dev.jsonl``), or of VCR (``val.jsonl``, whose boxes are
    read from ``vcr1images`` beside it).

    Statements without an agreed label are left out. Raises ``DataError`` for a missing file, or lines of another form.
    """
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    rows = read_jsonl(path)
    if rows and "answer_choices" in rows[0]:
        return [_vcr(row, path, number) for number, row in enumerate(rows, start=1)]
    return [found for number, row in enumerate(rows, start=1) if (found := _snli(row, path, number)) is not None]


def _snli(row: Mapping[str, Any], path: Path, number: int) -> Chosen | None:
    need(row, ("sentence2", "gold_label", "pairID"), path, number)
    if row["gold_label"] == "-":
        return None
    if row["gold_label"] not in ENTAILMENT:
        raise DataError(f"{path}, record {number}: the label '{row['gold_label']}' is none of {', '.join(ENTAILMENT)}.")
    image = next((str(row[key]) for key in ("Flickr30K_ID", "Flikr30kID") if row.get(key)), None)
    if image is None:
        need(row, ("captionID",), path, number)
        image = str(row["captionID"]).split("#")[0]
    name = Path(image).stem + ".jpg"
    question = f'Does the image entail this statement: "{row["sentence2"]}"'
    return Chosen(str(row["pairID"]), name, question, ENTAILMENT, ENTAILMENT.index(row["gold_label"]))


def _vcr(row: Mapping[str, Any], path: Path, number: int) -> Chosen:
    need(
        row,
        ("annot_id", "img_fn", "metadata_fn", "objects", "question", "answer_choices", "answer_label"),
        path,
        number,
    )
    told = read_json(path.parent / "vcr1images" / row["metadata_fn"])
    lists = [row["question"], *row["answer_choices"]]
    names = named_people(lists, row["objects"], told["boxes"], told["width"])
    question, *choices = (_sentence(tokens, names) for tokens in lists)
    return Chosen(str(row["annot_id"]), str(row["img_fn"]), question, tuple(choices), int(row["answer_label"]))


def _sentence(tokens: Sequence[str | list[int]], names: Sequence[str]) -> str:
    """Words joined by blanks, none before a mark; of several things that a word stands for, the first, as the original does."""
    text = " ".join(names[token[0]] if isinstance(token, list) else token for token in tokens)
    for mark in ",.?":
        text = text.replace(f" {mark}", mark)
    return text


def named_people(
    lists: Sequence[Sequence[Any]], objects: Sequence[str], boxes: Sequence[Sequence[float]], width: float
) -> list[str]:
    """Names of the objects, where people that are spoken of are called by their place: one by the third in which the left edge of
    the box is, two and three by their order, more by the third of their middle (``another`` for a third that is taken).
    """
    spoken = dict.fromkeys(
        t[0] for tokens in lists for t in tokens if isinstance(t, list) and objects[t[0]] == "person"
    )
    people, names = list(spoken), list(objects)
    middle = {p: (boxes[p][0] + boxes[p][2]) / 2 for p in people}
    order = sorted(people, key=lambda p: middle[p])
    if len(people) == 1:
        names[people[0]] = _PLACES[_third(boxes[people[0]][0], width)]
    elif len(people) == 2:
        names[order[0]], names[order[1]] = _PLACES[0], _PLACES[2]
    elif len(people) == 3:
        for place, person in enumerate(order):
            names[person] = _PLACES[place]
    else:
        taken: set[str] = set()
        for person in people:
            name = _PLACES[_third(middle[person], width)]
            names[person] = f"another {name}" if name in taken else name
            taken.add(name)
    return names


def _third(x: float, width: float) -> int:
    return 0 if x <= width / 3 else 1 if x <= 2 * width / 3 else 2
