"""Any benchmark of short answers marked by a judge beside its own rule (Tiny LVLM-eHub, arXiv 2308.03729)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored, Way
from vistune.evaluation.benchmarks.judging import JudgeSpec, judge_of
from vistune.evaluation.metrics.intervals import ratio

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Judge, Verdict


@BENCHMARKS.register("judged", paper="lvlm-ehub")
class Judged(Benchmark):
    """The benchmark ``of``, each answer marked right or wrong against the accepted ones by a judge: Tiny LVLM-eHub's five prompts
    (``graders``), of which the majority decides, or an ensemble of judges (``judge={kind: ensemble, of: [...]}``).

    ``accuracy`` counts answers that no judge could be read on as wrong, ``accuracy_read`` leaves them out. ``by_rule`` is the inner
    benchmark's own score, ``agreement`` how often both say the same. The judge of items made by the world is the scene oracle.
    """

    protocol = "Tiny LVLM-eHub: right or wrong by the majority of five prompts, in words of our own"
    capabilities = ("open-answers",)

    def __init__(
        self, of: str | Mapping[str, Any] = "world_qa", judge: JudgeSpec | None = None, graders: int = 5
    ) -> None:
        self.of = BENCHMARKS.build(of)
        if self.of.way != "answer":
            raise ConfigError(f"{self.of.name} is not scored by the text of answers, so a judge has nothing to mark.")
        self.judge, self.graders = judge, graders
        self.max_new_tokens = self.of.max_new_tokens

    @property
    def name(self) -> str:
        """The inner name."""
        return f"{self.of.name}_judged"

    @property
    def way(self) -> Way:
        """A judge's."""
        return "judge"

    @property
    def switches(self) -> dict[str, str]:
        """The inner ones, and the judge with its prompts."""
        own = {} if self.judge is None else {"judge": str(self.judge)}
        return {**self.of.switches, **own, "graders": str(self.graders)}

    def examples(self) -> list[Example]:
        """The inner items. Raises ``ConfigError`` where one has no accepted answer."""
        found = self.of.examples()
        self.unreadable = self.of.unreadable
        without = next((example.id for example in found if not example.answers), None)
        if without is not None:
            raise ConfigError(
                f"{self.of.name}: item '{without}' has no accepted answer, with which a judge could compare."
            )
        return found

    def follow_up(self, example: Example, said: Sequence[str]) -> Example | None:
        """The inner benchmark's."""
        return self.of.follow_up(example, said)

    def build_judge(self) -> Judge:
        """The judge of the rubric ``right_or_wrong``."""
        rubric = {"kind": "right_or_wrong", "graders": self.graders}
        return judge_of(self.judge, rubric, "judged", getattr(self.of, "path", None) is None)

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """The judge's mark, and what the inner benchmark's rule says of the same answer."""
        read = float("score" in verdict.marks)
        right = verdict.marks.get("score", 0.0)
        rule = self.of.score(example, answer).score
        columns = {
            "items": 1.0, "read": read, "right": right, "rule": rule,
            "same": read * float((right >= 0.5) == (rule >= 0.5)),
        }  # fmt: skip
        return Scored(("right" if right >= 0.5 else "wrong") if read else None, right, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracies, the rule's score, and how often judge and rule agree."""
        return {
            "accuracy": ratio(sums["right"], sums["items"]),
            "accuracy_read": ratio(sums["right"], sums["read"]),
            "by_rule": ratio(sums["rule"], sums["items"]),
            "agreement": ratio(sums["same"], sums["read"]),
        }

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What judge and rule say."""
        return [("the judge", str(item["parsed"])), (f"the rule of {self.of.name}", f"{item['columns']['rule']:g}")]
