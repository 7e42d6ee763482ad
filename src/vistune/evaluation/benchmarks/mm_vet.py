"""MM-Vet (arXiv 2308.02490): questions that need several abilities at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError, nearest
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.open_sets import Asked, OpenSet, first_asked
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.judged import MMVET_CAPABILITIES
from vistune.world.scene import Scene

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Verdict


@BENCHMARKS.register("mm_vet")
class MmVet(OpenSet):
    """218 questions that need several of six abilities at once; a judge gives each answer 0.0 to 1.0 against a reference.

    ``total`` and each ability (an item counts in each of its own) are means in percent. File: ``mm-vet.json`` with ``<AND>`` and
    ``<OR>`` in references; ``images``: the folder of pictures. The official score is the mean of five runs of the judge:
    ``judge={kind: openai, model: MODEL, votes: 5}``. The world's edition has recognition, places, arithmetic and descriptions.
    """

    main = "total"
    protocol = (
        "yuweihao/MM-Vet: few-shot judge, 0.0 to 1.0, an item counts in each of its abilities; votes: 5 officially"
    )
    groups = MMVET_CAPABILITIES
    _WORLD: ClassVar = (
        (("rec",), ["colour", "state", "pattern"]), (("spat",), ["relation"]), (("math", "rec"), ["count"]),
        (("rec", "spat"), ["two_fact"]), (("math",), ["compare_count"]), (("gen", "rec"), []),
    )  # fmt: skip

    def rubric(self) -> str:
        """MM-Vet's."""
        return "mm_vet"

    def asked(self, scene: Scene, number: int) -> Asked | None:
        """The kinds in turn."""
        from vistune.world.language import caption

        groups, types = self._WORLD[number % len(self._WORLD)]
        if not types:
            return "describe the picture.", caption(scene, scene.seed, "all", self.split), groups
        found = first_asked(scene, types, self.split)
        return None if found is None else (found.text, found.answer, groups)

    def published(self) -> list[Example]:
        """The questions of the file."""
        path = self._file("mm-vet.json")
        made = []
        for number, row in enumerate(rows_of(path), 1):
            need(row, ("id", "imagename", "question", "answer", "capability"), path, number)
            unknown = [a for a in row["capability"] if a not in self.groups]
            if unknown:
                known = nearest(unknown[0], self.groups)
                raise DataError(f"{path}, record {number}: no ability '{unknown[0]}'. {known}")
            source = self._photograph(row["imagename"])
            facets = {"source": str(row.get("imagesource", "unknown"))}
            told = row["id"], row["question"], row["answer"], row["capability"]
            made.append(self._item(*told, source, "", facets, group=row["imagename"]))
        return made

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """The mark; 0 where it could not be read."""
        mark = verdict.marks.get("score", 0.0)
        columns = self._columns(example, {"items": 1.0, "mark": mark})
        return Scored(f"{mark:.1f}" if verdict.parsed else None, mark, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Total and abilities."""
        found = {"total": ratio(sums["mark_all"], sums["items_all"])}
        return found | {group: ratio(sums[f"mark_{group}"], sums[f"items_{group}"]) for group in self.groups}
