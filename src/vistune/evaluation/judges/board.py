"""All that a judge says of answers of known quality: marks of single answers, and who wins in each pair, in both orders."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from vistune.data.example import Example
from vistune.evaluation.judges.base import Judge, Verdict
from vistune.evaluation.judges.known import LEVELS, Known, pairs_of
from vistune.evaluation.judges.pairs import Pairwise
from vistune.evaluation.metrics.intervals import intervals, ratio

#: Marks that differ by less than this are equal.
_SAME = 1e-9
Interval = tuple[float, float]


def interval_of_mean(
    values: Sequence[float], groups: Sequence[str], weights: Sequence[float] | None = None
) -> Interval | None:
    """95% interval of the mean (the sum over the sum of ``weights``), whole scenes resampled; None for one scene."""
    if len(set(groups)) < 2:
        return None
    columns = [{"top": v, "bottom": w} for v, w in zip(values, weights or [1.0] * len(values))]
    return intervals(columns, groups, lambda sums: {"mean": ratio(sums["top"], sums["bottom"])})["mean"]


class Board:
    """All that one judge said: marks of single answers, and what wins in each pair, in both orders."""

    def __init__(self, judge: Judge, known: Sequence[Known]) -> None:
        self.judge, self.known, self.rubric = judge, known, judge.rubric
        self.verdicts: list[Verdict] = []
        self.span = self.rubric.scale[1] - self.rubric.scale[0]
        self.pairs = [(k, a, b) for k in known for a, b in pairs_of(k)]
        #: (scene, level, shown) -> main mark.
        self.marks: dict[tuple[str, str, str], float] = {}
        #: For each pair, "first", "second" or "tie" with a shown first, and with b shown first; None where unread.
        self.orders: list[tuple[str, str] | None] = []
        self.identical: list[str] = []
        self._single()
        if isinstance(self.rubric, Pairwise):
            self._compare(self._sides_of_pairwise)
        elif getattr(self.rubric, "together", False):
            self._compare(self._sides_of_several)

    def _ask(self, examples: Sequence[Example], answers: Sequence[str | Sequence[str]]) -> list[Verdict]:
        verdicts = self.judge.judge(examples, answers)
        self.verdicts += verdicts
        return verdicts

    def _single(self) -> None:
        """Every answer by itself; true ones also against a wrong annotation and none."""
        wanted = [(k, level, "right") for k in self.known for level in k.answers]
        wanted += [(k, "correct", shown) for k in self.known for shown in self.shown()]
        examples = [self._item(k, self._beside(k), shown) for k, level, shown in wanted]
        verdicts = self._ask(examples, [k.answers[level] for k, level, _ in wanted])
        for (k, level, shown), verdict in zip(wanted, verdicts):
            mark = verdict.marks.get(self.rubric.main)
            if mark is not None and verdict.parsed:
                self.marks[k.name, level, shown] = mark

    def _item(self, known: Known, reference: str | None = None, shown: str = "right") -> Example:
        return known.example(reference, shown, self.rubric.pictures)

    def _beside(self, known: Known) -> str | None:
        """What a pairwise rubric sets an answer beside: always the same, so that marks compare."""
        return known.answers["all wrong"] if isinstance(self.rubric, Pairwise) else None

    def shown(self) -> tuple[str, ...]:
        """Controls that the rubric can have: without context, a blank one is none."""
        return ("shuffled", "blank") if self.rubric.uses_context else ("shuffled",)

    def _compare(self, sides: Callable[[list[tuple[Known, str, str]]], list[tuple[str, str] | None]]) -> None:
        same = [(k, "correct", "correct") for k in self.known]
        found = sides([*self.pairs, *same])
        self.orders = found[: len(self.pairs)]
        self.identical = [verdict for both in found[len(self.pairs) :] if both is not None for verdict in both]

    def _sides_of_pairwise(self, pairs: list[tuple[Known, str, str]]) -> list[tuple[str, str] | None]:
        """``a`` as the reference and ``b`` as the answer; where the rubric shows one order only, the other way round too."""
        rubric = self.rubric
        assert isinstance(rubric, Pairwise)
        both = len(rubric.orders) > 1
        tasks = [(self._item(k, k.answers[a]), k.answers[b]) for k, a, b in pairs]
        if not both:
            tasks += [(self._item(k, k.answers[b]), k.answers[a]) for k, a, b in pairs]
        verdicts = self._ask([e for e, _ in tasks], [a for _, a in tasks])
        found: list[tuple[str, str] | None] = []
        for place in range(len(pairs)):
            texts = [r.text for r in verdicts[place].replies]
            if not both:
                texts += [r.text for r in verdicts[place + len(pairs)].replies]
            read = [rubric.pair(text) for text in texts]
            found.append(None if len(read) < 2 or None in read else (_winner(read[0]), _winner(read[1])))
        return found

    def _sides_of_several(self, pairs: list[tuple[Known, str, str]]) -> list[tuple[str, str] | None]:
        """Both answers in one prompt, in both orders."""
        main = self.rubric.main
        examples = [self._item(k) for k, _, _ in pairs]
        there = self._ask(examples, [[k.answers[a], k.answers[b]] for k, a, b in pairs])
        back = self._ask(examples, [[k.answers[b], k.answers[a]] for k, a, b in pairs])
        found: list[tuple[str, str] | None] = []
        for first, second in zip(there, back):
            read = [(v.marks[main], v.marks[f"{main}_2"]) if v.parsed else None for v in (first, second)]
            found.append(None if None in read else (_winner(read[0]), _winner(read[1])))
        return found

    def preferences(self) -> list[str | None]:
        """For each pair which is better: "a", "b" or "tie"; None where unread. Where orders disagree, nothing is preferred."""
        if self.orders:
            return [None if both is None else _agreed(*both) for both in self.orders]
        found: list[str | None] = []
        for k, a, b in self.pairs:
            marks = self.marks.get((k.name, a, "right")), self.marks.get((k.name, b, "right"))
            found.append(None if marks[0] is None or marks[1] is None else _better(marks[0], marks[1]))
        return found

    def levels(self) -> dict[str, tuple[float, float, float]]:
        """Level -> mean mark with its interval over scenes."""
        found = {}
        for level in LEVELS:
            marks = {k: m for (k, name, shown), m in self.marks.items() if (name, shown) == (level, "right")}
            if marks:
                mean = statistics.fmean(marks.values())
                found[level] = (mean, *(interval_of_mean([*marks.values()], [*marks]) or (mean, mean)))
        return found


def _winner(pair: tuple[float, float] | None) -> str:
    assert pair is not None
    return {"a": "first", "b": "second", "tie": "tie"}[_better(*pair)]


def _agreed(there: str, back: str) -> str:
    """Who wins in both orders (in the second one b is shown first), "a" or "b"; else "tie"."""
    winner = {"first": "a", "second": "b", "tie": "tie"}[there]
    return winner if winner == {"first": "b", "second": "a", "tie": "tie"}[back] else "tie"


def _better(a: float, b: float) -> str:
    return "tie" if abs(a - b) < _SAME else "a" if a > b else "b"
