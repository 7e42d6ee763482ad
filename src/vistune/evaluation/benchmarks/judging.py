"""What benchmarks that a judge marks share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vistune.core.errors import ConfigError
from vistune.evaluation.benchmarks.base import OfSplit, Way

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Judge

#: An annotator's kind, or its parameters with the judge's own (``{kind: openai, model: ..., votes: 3}``).
JudgeSpec = str | Mapping[str, Any]


def judge_of(spec: JudgeSpec | None, rubric: str | Mapping[str, Any], kind: str, nano: bool) -> Judge:
    """The judge of a benchmark; the scene oracle for a nano edition where none is named.

    Raises ``ConfigError`` for a published edition without a judge: only the world is known exactly.
    """
    from vistune.evaluation.judges.base import build_judge

    if spec is None and not nano:
        raise ConfigError(f"{kind} is marked by a judge: name one, such as judge={{kind: openai, model: MODEL}}.")
    return build_judge("oracle" if spec is None else spec, rubric)


class ByJudge(OfSplit):
    """A benchmark whose answers a ``judge`` marks; the scene oracle for the nano edition where none is named."""

    graded = True

    judge: JudgeSpec | None = None

    @property
    def way(self) -> Way:
        """A judge marks."""
        return "judge"

    @abstractmethod
    def rubric(self) -> str | Mapping[str, Any]:
        """The rubric, with its parameters where it has some."""

    def build_judge(self) -> Judge:
        """The judge with the rubric."""
        return judge_of(self.judge, self.rubric(), self.kind, self.path is None)
