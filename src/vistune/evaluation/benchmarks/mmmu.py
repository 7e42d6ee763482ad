"""MMMU (arXiv 2311.16502): college questions, options and open answers."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, ClassVar

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, Message, Part
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.choice import DIRECTLY, Ask, Choice, Fill, Style, option_lines
from vistune.evaluation.benchmarks.nano_choices import world_asks
from vistune.evaluation.benchmarks.tables import Row, need, picture_of, rows_of
from vistune.evaluation.metrics.choices import (
    LETTERS,
    mmmu_open_right,
    parse_mmmu_choice,
    parse_mmmu_open,
    place_columns,
)

SHORTLY = "Answer the question using a single word or phrase."
#: Discipline -> subjects.
DISCIPLINES: dict[str, tuple[str, ...]] = {
    "Art and Design": ("Art", "Art_Theory", "Design", "Music"),
    "Business": ("Accounting", "Economics", "Finance", "Manage", "Marketing"),
    "Science": ("Biology", "Chemistry", "Geography", "Math", "Physics"),
    "Health and Medicine": (
        "Basic_Medical_Science", "Clinical_Medicine", "Diagnostics_and_Laboratory_Medicine", "Pharmacy", "Public_Health",
    ),
    "Humanities and Social Science": ("History", "Literature", "Sociology", "Psychology"),
    "Tech and Engineering": (
        "Agriculture", "Architecture_and_Engineering", "Computer_Science", "Electronics", "Energy_and_Power", "Materials",
        "Mechanical_Engineering",
    ),
}  # fmt: skip
_OF_SUBJECT = {subject: discipline for discipline, own in DISCIPLINES.items() for subject in own}
_MARK = re.compile(r"<image (\d+)>")
#: What the world's disciplines ask: kind -> (types with options, types with an open answer).
_NANO: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "charts": (("extreme", "greater", "colour", "title", "trend"), ("value", "total", "difference")),
    "cells": (("stain", "sample", "more", "where"), ("count",)),
    "maps": (("better", "perception", "corner", "style"), ("blocks",)),
    "pages": (("above", "best", "dearer"), ("field", "cell", "price", "items")),
}


@BENCHMARKS.register("mmmu")
class MMMU(Choice):
    """Questions of 30 college subjects, with options or an open answer, pictures in the text; accuracy over all items.

    Files: the Parquet files as published, one or a folder of them (``id``, ``question``, ``options``, ``answer``,
    ``question_type``, ``image_1``...), or the same fields as JSON. Nano: legible charts and pages, cells and maps are the
    disciplines; their numbers are open questions. An answer that names no option is **drawn at random**, as the authors do
    (``fill: random``, seed 42, by item); ``fill: wrong`` is stricter. VLMEvalKit makes open questions into choices of two,
    lmms-eval reads letters otherwise.
    """

    protocol = (
        "MMMU eval_utils.py: letters or texts of options, the last of several; none: random (seed 42); open: its rules"
    )
    capabilities = ("science", "knowledge", "reasoning", "text-in-pictures")
    places: ClassVar[int] = 8
    styles = ("brackets",)

    n: int = 200
    image_size: int = 96
    style: Style = field(default="brackets", init=False)
    fill: Fill = "random"
    max_new_tokens: int = 128

    def __post_init__(self) -> None:
        """No circles."""
        super().__post_init__()
        if self.circular:
            raise ConfigError("mmmu: open questions have no options to turn; leave circular out.")

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """The authors' for options."""
        return parse_mmmu_choice(answer, options)

    def prompt_of(self, ask: Ask) -> str:
        """The question; options with a blank line after them, and the authors' request for a letter or a short answer."""
        if not ask.options:
            return f"{ask.question}\n{SHORTLY}"
        return "\n".join([ask.question, *option_lines(ask.options, "brackets"), "", DIRECTLY])

    def message(self, ask: Ask) -> Message:
        """Pictures stand where the text has ``<image 1>``; those that it does not name come first."""
        return Message("user", interleaved(self.prompt_of(ask), len(ask.images)))

    def example(self, ask: Ask) -> Example:
        """With the accepted answers of an open question as references."""
        if ask.options:
            return super().example(ask)
        made = super().example(replace(ask, options=(ask.more["answers"][0],), truth=0))
        made.messages = [self.message(ask)]
        made.answers = list(ask.more["answers"])
        made.meta |= {"choices": [], "truth": -1}
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """By the rule for options, or for open answers."""
        if example.meta["choices"]:
            return super().score(example, answer)
        said = parse_mmmu_open(answer)
        right = float(mmmu_open_right(example.answers, said))
        columns = dict.fromkeys(place_columns(None, 0, 0, self.places), 0.0)
        columns |= {"items": 1.0, "correct": right, "even": 0.0}
        for name in example.meta["buckets"]:
            columns |= {f"n:{name}": 1.0, f"right:{name}": right}
        told = "; ".join(str(value) for value in said)
        return Scored(told if answer.strip() else None, right, self.with_all_buckets(columns))

    def candidates(self, example: Example) -> list[Example]:
        """Letters; an open question has none."""
        if not example.meta["choices"]:
            raise ConfigError("mmmu: an open question has no options to weigh; choose extraction 'rule'.")
        return super().candidates(example)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Of an open answer, what was taken from it."""
        if example.meta["choices"]:
            return super().explain(example, item)
        return [("taken from the answer", str(item["parsed"])), ("accepted", "; ".join(example.answers))]

    def published_asks(self) -> list[Ask]:
        """All records that have an answer; with ``extraction: likelihood`` those with options."""
        assert self.path is not None
        asks = [self._record(row, number) for number, row in enumerate(rows_of(self.path), start=1)]
        return [ask for ask in asks if ask.options or self.extraction != "likelihood"]

    def _record(self, row: Row, number: int) -> Ask:
        assert self.path is not None
        need(row, ("id", "question", "options", "answer", "question_type"), self.path, number)
        where = f"{self.path}, record {number}"
        options = () if row["question_type"] != "multiple-choice" else tuple(map(str, listed(row["options"], where)))
        if not row["answer"] or row["answer"] == "?":
            raise DataError(f"{where}: the test split keeps its answers back; use dev or validation.")
        folder = self.path if self.path.is_dir() else self.path.parent
        shown = [row[f"image_{k}"] for k in range(1, 8) if row.get(f"image_{k}") is not None]
        pictures = tuple(picture_of(value, folder, where) for value in shown)
        subject = "_".join(str(row["id"]).split("_")[1:-1]) or str(row.get("subfield", "all"))
        bucket = _OF_SUBJECT.get(subject, subject)
        facets = {"subject": subject, "question_type": str(row["question_type"])}
        answers: tuple[str, ...] = () if options else tuple(map(str, listed(row["answer"], where)))
        truth = LETTERS.find(str(row["answer"])) if options else 0
        if options and not 0 <= truth < len(options):
            raise DataError(f"{where}: the answer '{row['answer']}' is no letter of {len(options)} options.")
        return Ask(
            str(row["id"]), str(row["question"]), options, truth, pictures, type=subject, buckets=(bucket,), facets=facets,
            more={"answers": answers},
        )  # fmt: skip

    def nano_asks(self) -> list[Ask]:
        """Four disciplines, three questions in four with options."""
        rng, asks = random.Random(f"mmmu/{self.seed}"), list[Ask]()
        share = self.n // len(_NANO)
        for kind, (chosen, opened) in _NANO.items():
            made = world_asks(kind, {"choice": chosen, "open": opened}, 2 * share, buckets=lambda _: (), **self.drawn)
            whole = [
                replace(ask, buckets=(kind,), type=ask.more["question_type"]) for ask in made if ask.type == "choice"
            ]
            free = [_opened(ask, kind) for ask in made if ask.type == "open"]
            if self.extraction != "likelihood":
                whole = [*whole[: share - share // 4], *free[: share // 4]]
            asks += whole[:share]
        rng.shuffle(asks)
        return [replace(ask, question=f"<image 1> {ask.question}") for ask in asks]


def _opened(ask: Ask, kind: str) -> Ask:
    """The same question without options; numbers are accepted as words and digits."""
    from vistune.world.language.grammar import NUMBERS

    right = ask.options[ask.truth]
    answers = (right, str(NUMBERS.index(right))) if right in NUMBERS else (right,)
    return replace(
        ask, options=(), truth=0, buckets=(kind,), type=ask.more["question_type"], more={**ask.more, "answers": answers}
    )


def listed(value: Any, where: str) -> Sequence[Any]:
    """A list, or the text of one as the files have it ("['a', 'b']"); another text is a list of itself."""
    if not isinstance(value, str):
        return list(value)
    if not value.strip().startswith("["):
        return [value]
    try:
        return list(ast.literal_eval(value))
    except (ValueError, SyntaxError) as error:
        raise DataError(f"{where}: '{value[:60]}' is no list.") from error


def interleaved(text: str, pictures: int) -> list[Part]:
    """Text and pictures as the marks ``<image k>`` say, k from 1; pictures without a mark first, unknown marks stay text."""
    named = {int(k) - 1 for k in _MARK.findall(text)}
    parts = [Part(image=k) for k in range(pictures) if k not in named]
    end = 0
    for found in _MARK.finditer(text):
        place = int(found[1]) - 1
        if place >= pictures:
            continue
        if found.start() > end:
            parts.append(Part(text=text[end : found.start()]))
        parts.append(Part(image=place))
        end = found.end()
    return [*parts, Part(text=text[end:])] if text[end:] else parts
