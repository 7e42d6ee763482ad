"""What benchmarks that a judge marks share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vistune.core.errors import ConfigError

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
