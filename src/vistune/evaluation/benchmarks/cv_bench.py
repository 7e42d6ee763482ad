"""CV-Bench (Cambrian-1, arXiv 2406.16860): classic tasks of vision as questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.choice import DIRECTLY, Ask, Choice, Style, bare_prompt
from vistune.evaluation.benchmarks.nano_choices import scene_asks, world_asks
from vistune.evaluation.benchmarks.scene_makers import number_shown, relation_of_two
from vistune.evaluation.benchmarks.tables import Row, letter_place, need, picture_of, rows_of
from vistune.evaluation.metrics.choices import first_letter, single_letter

Reader = Literal["cambrian", "strict"]
#: The three sources whose accuracies make up the score.
SOURCES = ("ADE20K", "COCO", "Omni3D")


@BENCHMARKS.register("cv_bench", paper="cambrian-1")
class CVBench(Choice):
    """Count and relation (2D), depth order and relative distance (3D). The score is **no** mean of items: half the mean of
    ADE20K's and COCO's accuracies (2D), half Omni3D's (3D).

    Files: the published Parquet files or JSON lines (``type``, ``task``, ``image`` or ``filename``, ``question``, ``choices``,
    ``answer`` such as "(C)", ``source``). Nano: scenes for 2D, in two halves that stand for the two sources;
    rooms for 3D. ``mode: cambrian`` reads the **first character** of the answer, so "above" is A; ``strict`` a letter alone.
    """

    protocol = "Cambrian-1: first letter of the answer; ((ADE20K + COCO) / 2 + Omni3D) / 2"
    main = "overall"
    capabilities = ("counting", "spatial")
    places: ClassVar[int] = 6
    styles = ("brackets", "texts")

    images: Path | None = None
    mode: Reader = "cambrian"
    style: Style = "brackets"
    suffix: str = DIRECTLY
    max_new_tokens: int = 512

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """The first character, or a letter alone."""
        letter = first_letter(answer) if self.mode == "cambrian" else single_letter(answer, list(options))
        return letter if letter in options else None

    def prompt_of(self, ask: Ask) -> str:
        """As the file's ``prompt``: the question, "Select from the following choices." and the options; then the suffix."""
        if self.style == "texts":
            return bare_prompt(ask)
        listed = "\n".join(f"({letter}) {text}" for letter, text in zip("ABCDEFGH", ask.options))
        whole = f"{ask.question} Select from the following choices.\n{listed}"
        return f"{whole}\n{self.suffix}" if self.suffix else whole

    def published_asks(self) -> list[Ask]:
        """All records."""
        assert self.path is not None
        return [self._record(row, number) for number, row in enumerate(rows_of(self.path), start=1)]

    def _record(self, row: Row, number: int) -> Ask:
        assert self.path is not None
        need(row, ("question", "choices", "answer", "task", "source"), self.path, number)
        where, options = f"{self.path}, record {number}", tuple(map(str, row["choices"]))
        folder = self.images or (self.path if self.path.is_dir() else self.path.parent)
        picture = picture_of(row.get("image") or row.get("filename"), folder, where)
        source = str(row["source"])
        bucket = source if source in SOURCES else "Omni3D" if row.get("type") == "3D" else source
        return Ask(
            str(row.get("idx", number)), str(row["question"]), options, letter_place(row["answer"], options, where), (picture,),
            type=str(row["task"]), group=str(row.get("filename") or row.get("idx", number)), buckets=(bucket,),
            facets={"type": str(row.get("type", "")), "source": source},
        )  # fmt: skip

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """``overall``, ``2D``, ``3D``, each source, and ``accuracy`` over items beside them. Of a file with one half, that half."""
        found = super().measures(sums)
        asked = [name for name in SOURCES if np.any(sums.get(f"n:{name}", 0))]
        halves = {"2D": [found[n] for n in asked if n != "Omni3D"], "3D": [found[n] for n in asked if n == "Omni3D"]}
        parts = {name: np.mean(own, axis=0) for name, own in halves.items() if own}
        return {"overall": np.mean(list(parts.values()), axis=0), **parts, **found}

    def nano_asks(self) -> list[Ask]:
        """Half 2D, half 3D."""
        flat = scene_asks(
            {"Count": (number_shown,), "Relation": (relation_of_two,)}, self.n - self.n // 2, buckets=lambda _: (),
            **self.drawn,
        )  # fmt: skip
        deep = world_asks(
            "rooms", {"Depth": ("depth_order",), "Distance": ("relative_distance",)}, self.n // 2,
            buckets=lambda _: ("Omni3D",), **self.drawn,
        )  # fmt: skip
        return [*(replace(ask, buckets=(SOURCES[k % 2],)) for k, ask in enumerate(flat)), *deep]
