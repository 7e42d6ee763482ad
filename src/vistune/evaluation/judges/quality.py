"""How far a judge is to be trusted: measured on answers of known quality, beside the scene oracle."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from vistune.annotators.oracle import Oracle
from vistune.core.errors import ConfigError, MissingExtra
from vistune.data.example import Example
from vistune.evaluation.judges.base import Judge, Verdict
from vistune.evaluation.judges.known import LEVELS, Known, known_answers, pairs_of, ranks
from vistune.evaluation.judges.pairs import Pairwise
from vistune.evaluation.metrics.intervals import intervals, ratio
from vistune.evaluation.metrics.judged import cohen_kappa, length_slope, position_bias

#: Marks that differ by less than this are equal.
_SAME = 1e-9
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. ``interval``: 95%, over scenes. ``fault``: what is wrong with it, in words; None where nothing is. ``items``: how
    many it was taken of.
    """

    name: str
    value: float
    meaning: str
    interval: tuple[float, float] | None = None
    fault: str | None = None
    items: int = 0


@dataclass(slots=True)
class Quality:
    """A judge's figures. ``levels``: mean mark of each level with its 95% interval."""

    judge: dict[str, Any]
    scenes: int
    measures: list[Measure] = field(default_factory=list)
    levels: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    scale: tuple[float, float] = (0.0, 10.0)
    usage: dict[str, float] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        """All that is wrong with the judge; an empty list: nothing was found."""
        return [m.fault for m in self.measures if m.fault is not None]

    def value(self, name: str) -> float:
        """One figure by name. Raises ``KeyError`` where this rubric has none."""
        return {m.name: m.value for m in self.measures}[name]

    def summary(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "faults": self.faults}


def check_judge(judge: Judge, n: int = 40, seed: int = 0, repeats: int = 2) -> Quality:
    """Ask a judge about ``n`` scenes' answers of known quality, and measure it.

    ``repeats``: how often the first ten scenes' true and slightly wrong answers are judged again, for the spread. Costs about
    25 requests a scene with a pairwise rubric, 10 with others. Raises ``ConfigError`` for a rubric that marks no descriptions.
    """
    if judge.rubric.kind == "choice":
        raise ConfigError(
            "The rubric 'choice' reads letters and marks no descriptions: there is nothing to check it on."
        )
    known = known_answers(n, seed)
    board, truth = _Board(judge, known), _Board(Judge(Oracle(), judge.rubric), known)
    quality = Quality(judge.identity(), len(known), scale=judge.rubric.scale)
    quality.levels = board.levels()
    quality.measures = [
        *_agreement(board, truth), *_positions(board), *_length(board, truth), *_controls(board), *_readable(board),
        *_spread(judge, known[:10], repeats),
    ]  # fmt: skip
    quality.usage = judge.usage.values()
    return quality


class _Board:
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
            back = {"first": "b", "second": "a", "tie": "tie"}
            there = {"first": "a", "second": "b", "tie": "tie"}
            return [
                None if both is None else there[both[0]] if there[both[0]] == back[both[1]] else "tie"
                for both in self.orders
            ]
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
                found[level] = (mean, *(_interval([*marks.values()], [*marks]) or (mean, mean)))
        return found


def _winner(pair: tuple[float, float] | None) -> str:
    assert pair is not None
    return {"a": "first", "b": "second", "tie": "tie"}[_better(*pair)]


def _better(a: float, b: float) -> str:
    return "tie" if abs(a - b) < _SAME else "a" if a > b else "b"


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else float("nan")


def _interval(
    values: Sequence[float], groups: Sequence[str], weights: Sequence[float] | None = None
) -> Interval | None:
    """95% interval of the mean (the sum over the sum of ``weights``), whole scenes resampled; None for one scene."""
    if len(set(groups)) < 2:
        return None
    columns = [{"top": v, "bottom": w} for v, w in zip(values, weights or [1.0] * len(values))]
    return intervals(columns, groups, lambda sums: {"mean": ratio(sums["top"], sums["bottom"])})["mean"]


def _agreement(board: _Board, truth: _Board) -> list[Measure]:
    """With the known order, and with the oracle's preferences and marks."""
    said, exact = board.preferences(), truth.preferences()
    told_apart = [
        (k.name, float(p == ("a" if LEVELS[a] > LEVELS[b] else "b")))
        for (k, a, b), p, x in zip(board.pairs, said, exact)
        if p is not None and x in ("a", "b") and LEVELS[a] != LEVELS[b]
    ]
    names, right = [name for name, _ in told_apart], [hit for _, hit in told_apart]
    share = _mean(right)
    both = [(x, y) for x, y in zip(said, exact) if x is not None and y is not None]
    kappa = cohen_kappa([x for x, _ in both], [y for _, y in both]) if both else float("nan")
    keys = sorted(board.marks.keys() & truth.marks.keys())
    mine, theirs = [board.marks[key] for key in keys], [truth.marks[key] for key in keys]
    told = [key for key in keys if key[2] == "right"]
    rank = _tau([board.marks[key] for key in told], ranks([key[1] for key in told]))
    return [
        Measure(
            "agreement", share, "pairs that the rubric can tell apart in which the better answer is preferred",
            _interval(right, names), _fault(not share >= 0.8, "prefers the better answer in only", share), len(right),
        ),
        Measure("kappa", kappa, "Cohen's kappa with the oracle's preferences (better, worse, equal)", None,
                _fault(not kappa >= 0.4, "agrees with the oracle hardly beyond chance: kappa", kappa, False), len(both)),
        Measure("tau", _tau(mine, theirs), "Kendall's tau-b with the oracle's marks", None, None, len(keys)),
        Measure("tau to rank", rank, "Kendall's tau-b with the known order of the answers", None, None, len(told)),
    ]  # fmt: skip


def _tau(first: Sequence[float], second: Sequence[float]) -> float:
    try:
        from scipy.stats import kendalltau
    except ImportError as error:
        raise MissingExtra("scipy", "judge", "Kendall's tau") from error
    if len(set(first)) < 2 or len(set(second)) < 2:
        return float("nan")
    tau, _ = kendalltau(first, second)
    return float(tau)  # type: ignore[arg-type]


def _fault(wrong: bool, words: str, value: float, percent: bool = True) -> str | None:
    return f"{words} {100 * value:.0f}%" if wrong and percent else f"{words} {value:.2f}" if wrong else None


def _positions(board: _Board) -> list[Measure]:
    """Consistency over both orders, share of the first place, and ties of identical answers."""
    orders = [both for both in board.orders if both is not None]
    if not orders:
        return []
    from scipy.stats import binomtest

    bias = position_bias([a for a, _ in orders], [b for _, b in orders])
    decided = [v for both in orders for v in both if v != "tie"] + [v for v in board.identical if v != "tie"]
    firsts = decided.count("first")
    share = firsts / len(decided) if decided else 0.5
    chance = float(binomtest(firsts, len(decided)).pvalue) if decided else 1.0
    favours = chance < 0.01 and abs(share - 0.5) > 0.05
    ties = board.identical.count("tie") / len(board.identical) if board.identical else float("nan")
    side = "first" if share > 0.5 else "second"
    return [
        Measure("consistent", bias["consistent"], "pairs with the same winner in both orders", None,
                _fault(bias["consistent"] < 0.8, "names the same winner in both orders in only", bias["consistent"]), len(orders)),
        Measure("first", share, "verdicts for the answer shown first, of those that are no ties", None,
                _fault(favours, f"favours the {side} place: the first wins", share), len(decided)),
        Measure("identical tie", ties, "identical answers that get equal marks", None,
                _fault(ties < 0.9, "gives identical answers equal marks in only", ties), len(board.identical)),
    ]  # fmt: skip


def _length(board: _Board, truth: _Board) -> list[Measure]:
    """Marks gained by each doubling of the length where nothing more is said, within scenes, beyond what the rubric itself gives
    for it (the oracle's marks); as a share of the scale.
    """
    marks, lengths, names = [], [], []
    for k in board.known:
        keys = [(k.name, level, "right") for level in ("correct", "padded", "padded more", "repeated")]
        keys = [key for key in keys if key in board.marks and key in truth.marks]
        if len(keys) < 2:
            continue
        gained = [(board.marks[key] - truth.marks[key]) / board.span for key in keys]
        long = [float(np.log2(len(k.answers[key[1]].split()))) for key in keys]
        marks += [value - statistics.fmean(gained) for value in gained]
        lengths += [value - statistics.fmean(long) for value in long]
        names += [k.name] * len(keys)
    if not marks:
        return []
    value = length_slope(marks, [2**x for x in lengths])
    interval = _interval([m * x for m, x in zip(marks, lengths)], names, [x * x for x in lengths])
    wrong = abs(value) > 0.01 and interval is not None and (interval[0] > 0 or interval[1] < 0)
    words = f"marks {'rise' if value > 0 else 'fall'} with length alone, by this share of the scale for each doubling:"
    meaning = "share of the scale gained by each doubling of the length of equally true answers, beyond the oracle's"
    return [Measure("length slope", value, meaning, interval, _fault(wrong, words, value), len(marks))]


def _controls(board: _Board) -> list[Measure]:
    """What true answers lose where the annotation is another picture's, or missing."""
    found = []
    for shown in board.shown():
        drops = [
            (k.name, (board.marks[k.name, "correct", "right"] - board.marks[k.name, "correct", shown]) / board.span)
            for k in board.known
            if (k.name, "correct", "right") in board.marks and (k.name, "correct", shown) in board.marks
        ]
        value = _mean([d for _, d in drops])
        interval = _interval([d for _, d in drops], [name for name, _ in drops])
        what = "another picture's annotation" if shown == "shuffled" else "no annotation"
        words = f"a true answer loses little with {what}, of the scale only"
        found.append(
            Measure(f"drop {shown}", value, f"share of the scale that true answers lose with {what}",
                    interval, _fault(not value >= 0.2, words, value), len(drops))
        )  # fmt: skip
    return found


def _readable(board: _Board) -> list[Measure]:
    """Items whose replies could not be read, or never came."""
    count = len(board.verdicts)
    failed = sum(v.error is not None for v in board.verdicts) / count
    unread = sum(not v.parsed and v.error is None for v in board.verdicts) / count
    return [
        Measure("unread", unread, "items whose reply could not be read", None,
                _fault(unread > 0.05, "sends replies that cannot be read in", unread), count),
        Measure("failed", failed, "items without a reply", None, _fault(failed > 0.05, "does not reply in", failed), count),
    ]  # fmt: skip


def _spread(judge: Judge, known: Sequence[Known], repeats: int) -> list[Measure]:
    """How far a mark moves when the same is asked again."""
    if repeats < 2:
        return []
    again = Judge(judge.annotator, judge.rubric, votes=repeats, tries=judge.tries)
    tasks = [(k, level) for k in known for level in ("correct", "one wrong") if level in k.answers]
    beside = [k.answers["all wrong"] if judge.rubric.pairwise else None for k, _ in tasks]
    examples = [k.example(reference, pictures=judge.rubric.pictures) for (k, _), reference in zip(tasks, beside)]
    verdicts = again.judge(examples, [k.answers[level] for k, level in tasks])
    spreads = [v.spread[judge.rubric.main] for v in verdicts if judge.rubric.main in v.spread]
    return [
        Measure("spread", _mean(spreads), f"standard deviation of a mark over {repeats} runs", None, None, len(spreads))
    ]
