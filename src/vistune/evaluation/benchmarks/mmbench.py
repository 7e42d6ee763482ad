"""MMBench (arXiv 2307.06281), circular, as VLMEvalKit asks and reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.choice import DIRECTLY, Ask, Choice, bare_prompt, option_lines
from vistune.evaluation.benchmarks.nano_choices import scene_asks, world_asks
from vistune.evaluation.benchmarks.scene_makers import (
    asked,
    kind_shown,
    nearer_of_two,
    number_shown,
    part_of_picture,
    place_shown,
    relation_of_two,
    standing_on,
    use_of_thing,
)
from vistune.evaluation.benchmarks.tables import Row, letter_place, need, picture_of, present, rows_of
from vistune.evaluation.metrics.choices import LETTERS, Mode, choose_letter

Prompt = Literal["vlmevalkit", "llava"]
#: Copies of a question have its index plus a multiple of this.
COPY = 1_000_000
_SCENES = {
    "coarse_perception": (place_shown,),
    "finegrained_perception (instance-level)": (kind_shown, asked("colour"), part_of_picture, number_shown, asked("pattern")),
    "finegrained_perception (cross-instance)": (relation_of_two, nearer_of_two, asked("compare_count")),
    "relation_reasoning": (standing_on, asked("hider"), asked("two_fact")),
    "attribute_reasoning": (use_of_thing,),
}  # fmt: skip


#: What one must read off a chart and think about.
_READ_OFF = ("difference", "total", "above", "greater", "extreme", "trend")


@BENCHMARKS.register("mmbench")
class MMBench(Choice):
    """Questions with two to four options in six abilities; a question is right where **all** rotations of its options are.

    File: the published TSV (``index``, ``question``, ``hint``, ``A`` to ``D``, ``answer``, ``category``, ``l2-category``,
    ``image`` in base64), with or without its rotated copies. Nano: six abilities from scenes and legible charts. Letters are
    extracted by VLMEvalKit's rule without a judge; with ``extraction: judge`` a judge matches what it cannot read, where the
    original at last draws at random. ``prompt: llava`` words it as LLaVA does. ``circular: false`` is another measure.
    """

    protocol = "VLMEvalKit: circular, letter or option text by rule, nothing found is wrong"
    capabilities = ("perception", "spatial", "reasoning", "robustness")
    styles = ("letters", "texts")

    n: int = 120
    mode: Mode = "official"
    circular: bool = True
    prompt: Prompt = "vlmevalkit"
    max_new_tokens: int = 1024

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """VLMEvalKit's."""
        return choose_letter(answer, options, self.mode)

    def prompt_of(self, ask: Ask) -> str:
        """VLMEvalKit's prompt or LLaVA's."""
        if self.style == "texts":
            return bare_prompt(ask)
        if self.prompt == "llava":
            return "\n".join([*filter(None, [ask.hint, ask.question]), *option_lines(ask.options, "letters"), DIRECTLY])
        lines = [f"Hint: {ask.hint}"] if ask.hint else []
        lines += [f"Question: {ask.question}", "Options:", *option_lines(ask.options, "letters")]
        return "\n".join(lines) + "\nPlease select the correct answer from the options above. \n"

    def published_asks(self) -> list[Ask]:
        """First copies; ``published`` adds those that the file has itself."""
        assert self.path is not None
        return [ask for ask in table_asks(self.path) if ask.more["index"] < COPY]

    def published(self) -> list[Example]:
        """The file's own copies where it has any, else made ones."""
        assert self.path is not None
        rows = table_asks(self.path)
        if not self.circular or all(ask.more["index"] < COPY for ask in rows):
            return super().published()
        kept = sorted({ask.more["index"] for ask in rows if ask.more["index"] < COPY})[: self.limit]
        return [self.example(_as_copy(ask)) for ask in rows if ask.more["index"] % COPY in kept]

    def nano_asks(self) -> list[Ask]:
        """Five abilities from scenes; logic from charts."""
        share, name = self.n // 6, "logic_reasoning"
        asks = scene_asks(_SCENES, self.n - share, **self.drawn)
        return [*asks, *world_asks("charts", {name: _READ_OFF}, share, **self.drawn)]


def _as_copy(ask: Ask) -> Ask:
    index = ask.more["index"]
    return replace(ask, id=f"{index % COPY}@{index // COPY}", turn=index // COPY)


def table_asks(path: Path) -> list[Ask]:
    """Questions of a TSV as VLMEvalKit publishes them, rotated copies among them; ``more`` holds the ``index``.

    Raises ``DataError`` for missing columns, and for a split without answers.
    """
    rows = rows_of(path)
    pictures = {str(row.get("index")): row.get("image") for row in rows}
    return [_ask(row, number, path, pictures) for number, row in enumerate(rows, start=1)]


def _ask(row: Row, number: int, path: Path, pictures: Mapping[str, Any]) -> Ask:
    need(row, ("index", "question", "A", "B", "answer"), path, number)
    where = f"{path}, record {number}"
    options = tuple(str(row[letter]) for letter in LETTERS[:4] if present(row.get(letter)))
    if not present(row["answer"]):
        raise DataError(f"{where}: there is no answer. The test split keeps its answers back; use the dev split.")
    l2, category = (str(row.get(name) or row.get(name.replace("-", "_")) or "") for name in ("l2-category", "category"))
    index = int(float(row["index"]))
    return Ask(
        str(index), str(row["question"]), options, letter_place(row["answer"], options, where),
        (_shown(row, path, pictures, where),), str(row["hint"]) if present(row.get("hint")) else "",
        type=category or "all", group=str(index % COPY), buckets=(l2,) if l2 else (), more={"index": index},
    )  # fmt: skip


def _shown(row: Row, path: Path, pictures: Mapping[str, Any], where: str) -> ImageSource:
    """The row's picture, or that of the row whose index stands in its place."""
    value = row.get("image") or row.get("image_path")
    if isinstance(value, str) and len(value) <= 64 and value in pictures:
        value = pictures[value]
    return picture_of(value, path if path.is_dir() else path.parent, where)
