"""The face of every benchmark."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vistune.core.registry import Registry
from vistune.data.example import Example
from vistune.evaluation.metrics.intervals import ratio


@dataclass(frozen=True, slots=True)
class Scored:
    """One answer: as it was understood (None: not at all), its score in [0, 1], and the counts that go into the measures."""

    parsed: str | None
    score: float
    columns: dict[str, float]


class Benchmark(ABC):
    """Examples to ask, and the official way to score their answers.

    An example's ``meta`` holds ``type`` (for the table by type) and ``group`` (the picture: what intervals resample).
    """

    kind: ClassVar[str]
    #: The measure that stands for the benchmark, and whether more of it is better.
    main: ClassVar[str] = "accuracy"
    higher_is_better: ClassVar[bool] = True
    #: Protocol that is followed, for the report.
    protocol: ClassVar[str] = ""
    #: Raised whenever what is asked, or how it is scored, changes: scores of unequal versions don't compare.
    version: ClassVar[int] = 1
    #: Scores are grades, not right or wrong.
    graded: ClassVar[bool] = False
    max_new_tokens: int = 16
    #: Records that ``examples`` had to leave out because they are broken.
    unreadable: int = 0

    @property
    def name(self) -> str:
        """Name in reports and folders."""
        return self.kind

    @abstractmethod
    def examples(self) -> list[Example]:
        """What is asked; the last message is the user's, ``answers`` hold the references."""

    @abstractmethod
    def score(self, example: Example, answer: str) -> Scored:
        """One answer's score."""

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Counts of a whole group (a picture, a sentence), given its scored items."""
        return {}

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Measures from sums of the columns over items."""
        return {"accuracy": ratio(sums["correct"], sums["items"])}


def unique_ids(examples: Sequence[Example]) -> list[Example]:
    """The examples, an id that came before marked ``id#2``, ``id#3``... (LLaVA files give all turns of a picture one id)."""
    seen: dict[str, int] = {}
    named = []
    for example in examples:
        seen[example.id] = seen.get(example.id, 0) + 1
        times = seen[example.id]
        named.append(example if times == 1 else replace(example, id=f"{example.id}#{times}"))
    return named


BENCHMARKS: Registry[Benchmark] = Registry(
    "benchmark",
    base=Benchmark,
    modules=tuple(f"vistune.evaluation.benchmarks.{m}" for m in ("world", "files", "coco", "nlvr", "captions")),
)
