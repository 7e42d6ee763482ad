"""How far a judge is to be trusted: measured on answers of known quality, beside the scene oracle."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from vistune.annotators.oracle import Oracle
from vistune.core.errors import ConfigError
from vistune.evaluation.judges.base import Judge
from vistune.evaluation.judges.board import Board, Interval, interval_of_mean
from vistune.evaluation.judges.known import LEVELS, Known, known_answers, ranks
from vistune.evaluation.metrics.judged import cohen_kappa, length_slope, position_bias

#: Measure -> (what it is, what is said where it is at fault).
_WORDS = {
    "agreement": (
        "pairs that the rubric can tell apart in which the better answer is preferred",
        "prefers the better answer in only {} of the pairs that can be told apart",
    ),
    "kappa": (
        "Cohen's kappa with the oracle's preferences (better, worse, equal)",
        "agrees with the oracle hardly beyond chance (kappa {})",
    ),
    "tau": ("Kendall's tau-b with the oracle's marks", ""),
    "tau to rank": ("Kendall's tau-b with the known order of the answers", ""),
    "consistent": (
        "pairs with the same winner in both orders",
        "names the same winner in both orders in only {} of the pairs",
    ),
    "first": (
        "verdicts for the answer shown first, of those that are no ties",
        "favours one place: the answer shown first wins {} of what is decided",
    ),
    "identical tie": ("identical answers that get equal marks", "gives equal marks to only {} of identical answers"),
    "length slope": (
        "share of the scale gained by each doubling of the length of equally true answers, beyond the oracle's",
        "marks change with length alone, by {} of the scale for each doubling",
    ),
    "drop shuffled": (
        "share of the scale that true answers lose with another picture's annotation",
        "true answers lose only {} of the scale with another picture's annotation",
    ),
    "drop blank": (
        "share of the scale that true answers lose with no annotation",
        "true answers lose only {} of the scale with no annotation",
    ),
    "unread": ("items whose reply could not be read", "sends replies that cannot be read for {} of the items"),
    "failed": ("items without a reply", "does not reply for {} of the items"),
    "spread": ("standard deviation of a mark when the same is asked again", ""),
}


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
        """For JSON; what has no figure is null."""
        told = {**asdict(self), "faults": self.faults}
        for measure in told["measures"]:
            if measure["value"] != measure["value"]:
                measure["value"] = None
        return told


def check_judge(judge: Judge, n: int = 40, seed: int = 0, repeats: int = 2) -> Quality:
    """Ask a judge about ``n`` scenes' answers of known quality, and measure it.

    ``repeats``: how often the first ten scenes' true and slightly wrong answers are judged again, for the spread. Costs about
    45 requests a scene with ``touchstone``, 32 with other rubrics that show two answers and with ``dnli``, 12 with others.
    Raises ``ConfigError`` for a rubric that marks no descriptions.
    """
    if judge.rubric.kind == "choice":
        raise ConfigError("The rubric 'choice' reads letters and marks no descriptions: nothing to check it on.")
    known = known_answers(n, seed)
    board, truth = Board(judge, known), Board(Judge(Oracle(), judge.rubric), known)
    quality = Quality(judge.identity(), len(known), scale=judge.rubric.scale)
    quality.levels = board.levels()
    quality.measures = [
        *_agreement(board, truth), *_positions(board), *_length(board, truth), *_controls(board), *_readable(board),
        *_spread(judge, known[:10], repeats),
    ]  # fmt: skip
    quality.usage = judge.usage.values()
    return quality


def _measure(name: str, value: float, items: int, wrong: bool = False, interval: Interval | None = None) -> Measure:
    meaning, fault = _WORDS[name]
    told = "no figure" if value != value else f"{value:.2f}" if name == "kappa" else f"{100 * value:.0f}%"
    return Measure(name, value, meaning, interval, fault.replace("{}", told) if wrong else None, items)


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else float("nan")


def _agreement(board: Board, truth: Board) -> list[Measure]:
    """With the known order, and with the oracle's preferences and marks."""
    said, exact = board.preferences(), truth.preferences()
    told_apart = [
        (k.name, float(p == ("a" if LEVELS[a] > LEVELS[b] else "b")))
        for (k, a, b), p, x in zip(board.pairs, said, exact)
        if p is not None and x in ("a", "b") and LEVELS[a] != LEVELS[b]
    ]
    right = [hit for _, hit in told_apart]
    share, interval = _mean(right), interval_of_mean(right, [name for name, _ in told_apart])
    both = [(x, y) for x, y in zip(said, exact) if x is not None and y is not None]
    kappa = cohen_kappa([x for x, _ in both], [y for _, y in both]) if both else float("nan")
    keys = sorted(board.marks.keys() & truth.marks.keys())
    tau = _tau([board.marks[key] for key in keys], [truth.marks[key] for key in keys])
    told = [key for key in keys if key[2] == "right"]
    rank = _tau([board.marks[key] for key in told], ranks([key[1] for key in told]))
    return [
        _measure("agreement", share, len(right), not share >= 0.8, interval),
        _measure("kappa", kappa, len(both), not kappa >= 0.4),
        _measure("tau", tau, len(keys)),
        _measure("tau to rank", rank, len(told)),
    ]


def _tau(first: Sequence[float], second: Sequence[float]) -> float:
    from scipy.stats import kendalltau

    if len(set(first)) < 2 or len(set(second)) < 2:
        return float("nan")
    tau, _ = kendalltau(first, second)
    return float(tau)  # type: ignore[arg-type]


def _positions(board: Board) -> list[Measure]:
    """Consistency over both orders, share of the first place, and ties of identical answers."""
    orders = [both for both in board.orders if both is not None]
    if not orders:
        return []
    from scipy.stats import binomtest

    consistent = position_bias([a for a, _ in orders], [b for _, b in orders])["consistent"]
    decided = [v for both in orders for v in both if v != "tie"] + [v for v in board.identical if v != "tie"]
    firsts = decided.count("first")
    share = firsts / len(decided) if decided else 0.5
    chance = float(binomtest(firsts, len(decided)).pvalue) if decided else 1.0
    ties = board.identical.count("tie") / len(board.identical) if board.identical else float("nan")
    return [
        _measure("consistent", consistent, len(orders), consistent < 0.8),
        _measure("first", share, len(decided), chance < 0.01 and abs(share - 0.5) > 0.05),
        _measure("identical tie", ties, len(board.identical), not ties >= 0.9),
    ]


def _length(board: Board, truth: Board) -> list[Measure]:
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
    interval = interval_of_mean([m * x for m, x in zip(marks, lengths)], names, [x * x for x in lengths])
    sure = interval is not None and (interval[0] > 0 or interval[1] < 0)
    return [_measure("length slope", value, len(marks), sure and abs(value) > 0.01, interval)]


def _controls(board: Board) -> list[Measure]:
    """What true answers lose where the annotation is another picture's, or missing."""
    found = []
    for shown in board.shown():
        pairs = [((k.name, "correct", "right"), (k.name, "correct", shown)) for k in board.known]
        pairs = [(there, here) for there, here in pairs if there in board.marks and here in board.marks]
        drops = [(board.marks[there] - board.marks[here]) / board.span for there, here in pairs]
        value, interval = _mean(drops), interval_of_mean(drops, [there[0] for there, _ in pairs])
        found.append(_measure(f"drop {shown}", value, len(drops), not value >= 0.2, interval))
    return found


def _readable(board: Board) -> list[Measure]:
    """Items whose replies could not be read, or never came."""
    count = len(board.verdicts)
    failed = sum(v.error is not None for v in board.verdicts) / count
    unread = sum(not v.parsed and v.error is None for v in board.verdicts) / count
    return [_measure("unread", unread, count, unread > 0.05), _measure("failed", failed, count, failed > 0.05)]


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
    return [_measure("spread", _mean(spreads), len(spreads))]
