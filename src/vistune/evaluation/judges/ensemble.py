"""Several judges as one: each marks by itself, and their marks are put together."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, get_args

from vistune.annotators.base import Usage
from vistune.core.errors import ConfigError, nearest
from vistune.data.example import Example
from vistune.evaluation.judges.base import Judge, Rubric, Verdict, build_judge, build_rubric

Combine = Literal["majority", "mean", "median"]


class Ensemble(Judge):
    """The verdict of several judges: other models, other prompts, or both. (Tiny LVLM-eHub, arXiv 2308.03729, has five prompts.)

    ``combine``: the ``majority`` of equal marks (a tie is the low end of the scale: wrong), their ``mean`` or ``median``; unless
    told, the majority where a rubric ends in a verdict and the mean where it gives grades. Judges whose reply cannot be read, or
    never came, have no part in it; an item that nobody marked has no mark. ``spread`` is the standard deviation over judges.

    Raises ``ConfigError`` for fewer than two judges, or rubrics of several kinds.
    """

    def __init__(self, judges: Sequence[Judge], combine: Combine | None = None) -> None:
        if len(judges) < 2:
            raise ConfigError(f"An ensemble has at least two judges, not {len(judges)}: list them in 'of'.")
        kinds = sorted({judge.rubric.kind for judge in judges})
        if len(kinds) > 1:
            raise ConfigError(
                f"The judges of an ensemble use one rubric, not {' and '.join(kinds)}: marks would not mean the same."
            )
        if combine is not None and combine not in get_args(Combine):
            raise ConfigError(f"Marks are not put together by '{combine}'. {nearest(combine, get_args(Combine))}")
        super().__init__(judges[0].annotator, judges[0].rubric)
        self.judges = list(judges)
        self.combine: Combine = combine or ("majority" if self.rubric.verdict else "mean")

    @property
    def usage(self) -> Usage:
        """Of all annotators together; one that several judges share is counted once."""
        told = {id(judge.annotator): judge.annotator.usage for judge in self.judges}.values()
        return Usage(**{f.name: sum(getattr(usage, f.name) for usage in told) for f in fields(Usage)})

    def identity(self) -> dict[str, Any]:
        """Every judge's, and how marks are put together."""
        members = [judge.identity() for judge in self.judges]
        told = {"kind": "ensemble", "name": " + ".join(m["judge"]["name"] for m in members), "combine": self.combine}
        return {"judge": {**told, "of": members}, **self.rubric.identity(), "votes": sum(j.votes for j in self.judges)}

    def judge(self, examples: Sequence[Example], answers: Sequence[str | Sequence[str]]) -> list[Verdict]:
        """One verdict an item, in order."""
        rounds = [judge.judge(examples, answers) for judge in self.judges]
        return [combined([told[k] for told in rounds], self.combine, self.rubric) for k in range(len(examples))]


def combined(verdicts: Sequence[Verdict], combine: Combine, rubric: Rubric) -> Verdict:
    """Several judges' verdicts of one item as one."""
    replies = [reply for verdict in verdicts for reply in verdict.replies]
    used = [verdict for verdict in verdicts if verdict.parsed and verdict.marks]
    if not used:
        error = next((verdict.error for verdict in verdicts if verdict.error), None)
        return Verdict({}, False, replies, error)
    marks, spread = {}, {}
    for name in dict.fromkeys(name for verdict in used for name in verdict.marks):
        values = [verdict.marks[name] for verdict in used if name in verdict.marks]
        marks[name] = _one(values, combine, rubric.scale[0])
        spread[name] = statistics.pstdev(values)
    return Verdict(marks, True, replies, None, spread)


def _one(values: Sequence[float], combine: Combine, low: float) -> float:
    if combine == "mean":
        return statistics.fmean(values)
    if combine == "median":
        return float(statistics.median(values))
    first, *others = Counter(values).most_common(2)
    return low if others and others[0][1] == first[1] else first[0]


def build_ensemble(parameters: Mapping[str, Any], rubric: str | Mapping[str, Any] | Rubric, **context: Any) -> Ensemble:
    """The judges of ``{kind: ensemble, of: [oracle, {kind: openai, model: m, rubric: {prompt_file: mine.txt}}]}``.

    A judge's own ``rubric`` holds parameters that go before those of the benchmark's: another prompt, another number of graders.
    Raises ``ConfigError``.
    """
    given = dict(parameters)
    members, combine = given.pop("of", None), given.pop("combine", None)
    given.pop("kind", None)
    if given:
        raise ConfigError(
            f"An ensemble has 'of' and 'combine', not '{next(iter(given))}'. Its judges have their own settings."
        )
    if not isinstance(members, Sequence) or isinstance(members, str):
        raise ConfigError("An ensemble lists its judges: {kind: ensemble, of: [oracle, {kind: openai, model: MODEL}]}.")
    return Ensemble([_member(member, rubric, context) for member in members], combine)


def _member(spec: Any, rubric: str | Mapping[str, Any] | Rubric, context: Mapping[str, Any]) -> Judge:
    if not isinstance(spec, Mapping) or "rubric" not in spec:
        return build_judge(spec, rubric, **context)
    own = dict(spec)
    changed = own.pop("rubric")
    if not isinstance(changed, Mapping) or isinstance(rubric, Rubric):
        raise ConfigError(
            "In an ensemble a judge's 'rubric' is a mapping of parameters, such as {prompt_file: mine.txt}."
        )
    base = {"kind": rubric} if isinstance(rubric, str) else dict(rubric)
    return build_judge(own, build_rubric({**base, **changed}), **context)
