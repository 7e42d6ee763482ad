"""TouchStone (arXiv 2308.16890): answers beside references, by a judge that reads a fine annotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.open_sets import Asked, Beside, first_asked
from vistune.evaluation.benchmarks.tables import need, picture_of, rows_of
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene

if TYPE_CHECKING:
    pass

_FIELDS = ("index", "image", "question", "human_annotation", "gpt4_ha_answer", "category")


@BENCHMARKS.register("touchstone", paper="touchstone")
class TouchStone(Beside):
    """TouchStone: 908 questions of 27 tasks; a judge that reads a fine annotation marks answer and reference, in both orders.

    ``score`` is 100 times the mean mark over all calls that could be read (100 to 1,000), as published; ``relative`` the
    ratio to the reference. File: the TSV with ``index``, ``image`` (base64), ``question``, ``human_annotation``,
    ``gpt4_ha_answer``, ``category``, ``task_name``; an item may have several categories. ``mode`` strict: both orders or none.
    The world's annotation is exact.
    """

    main = "score"
    times = 100.0
    protocol = "OFA-Sys/TouchStone, eval.py: both orders, 100 times the mean over calls that could be read"
    groups = ("description", "recognition", "comprehension", "story", "several pictures")
    not_shares = ("relative", "score", "reference", *groups)
    _WORLD: ClassVar = (
        ("description", []), ("recognition", ["colour", "state"]), ("recognition", ["existence"]),
        ("comprehension", ["relation"]), ("comprehension", ["two_fact", "odd_one_out"]),
    )  # fmt: skip

    images: Path | None = field(default=None, init=False)
    mode: Literal["official", "strict"] = "official"
    n: int = 100
    max_new_tokens: int = 512

    def rubric(self) -> dict[str, Any]:
        """TouchStone's."""
        return {"kind": "touchstone", "mode": self.mode}

    def asked(self, scene: Scene, number: int) -> Asked | None:
        """The tasks in turn."""
        from vistune.world.language import caption

        group, types = self._WORLD[number % len(self._WORLD)]
        if not types:
            return "describe the picture.", caption(scene, scene.seed, "long", self.split), (group,)
        found = first_asked(scene, types, self.split)
        return None if found is None else (found.text, found.answer, (group,))

    def published(self) -> list[Example]:
        """The rows of the table."""
        assert self.path is not None
        made = []
        for number, row in enumerate(rows_of(self.path), 1):
            need(row, _FIELDS, self.path, number)
            groups = [_group(name) for name in str(row["category"]).split(",")]
            source = picture_of(row["image"], self.path.parent, f"{self.path}, record {number}")
            facets = {"task": str(row.get("task_name", "unknown"))}
            asked = str(row["index"]), row["question"], row["gpt4_ha_answer"], groups
            made.append(self._item(*asked, source, row["human_annotation"], facets))
        return made

    def _of_group(self, sums: Mapping[str, NDArray[np.float64]], group: str) -> NDArray[np.float64]:
        return self.times * ratio(sums[f"mark_{group}"], sums[f"items_{group}"])


def _group(category: str) -> str:
    """The ability group of a category's published name, by its first telling word; unknown ones keep their name."""
    said = category.strip().lower()
    words = {
        "descri": "description", "recogni": "recognition", "comprehen": "comprehension", "story": "story",
        "multi": "several pictures",
    }  # fmt: skip
    return next((group for part, group in words.items() if part in said), said)
