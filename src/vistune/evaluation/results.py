"""Results: measures of scored items with intervals, and differences between results on the same items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from vistune.core.errors import DataError
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.metrics.answers import parse_yes_no
from vistune.evaluation.metrics.intervals import intervals, paired_difference, scores
from vistune.evaluation.metrics.significance import Contrast, groups_needed, mcnemar, permutation, smallest_detectable
from vistune.evaluation.records import Item

#: Difference, and the ends of its 95% interval.
Gap = tuple[float, float, float]


@dataclass(slots=True)
class Result:
    """One benchmark's outcome: measures with intervals, accuracy by type, and each item."""

    name: str
    main: str
    higher_is_better: bool
    protocol: str
    values: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    by_type: dict[str, dict[str, float]]
    #: Beside every score: mean answer length in words, seconds an item, items, rejected items, the share of answers that could
    #: not be read and, where there are yes-no questions, the share of yes; of a judge: its tokens and cost.
    beside: dict[str, float]
    items: list[Item] = field(default_factory=list)
    version: int = 1
    mode: str = ""
    #: The choices of protocol in force: prompt, extraction, mode, longest answer...
    switches: dict[str, str] = field(default_factory=dict)
    #: Facet (number of things, prior...) -> value -> items and mean score.
    by_facet: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    #: The main measure for blind guessing; None where it is not known.
    chance: float | None = None
    capabilities: tuple[str, ...] = ()
    #: Measures that are no shares of 1.
    not_shares: tuple[str, ...] = ()
    #: Who marked the answers: judge, rubric, prompt hash; empty where nobody did.
    judge: dict[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The measure that stands for the benchmark."""
        return self.values[self.main]

    def scaled(self, measure: str, value: float) -> float:
        """A share in percent; other measures as they are."""
        return value if measure in self.not_shares else 100 * value

    def figure(self, measure: str, value: float) -> str:
        """A measure's value with as many digits as it deserves."""
        digits = 2 if measure in self.not_shares and abs(value) < 100 else 1
        return f"{self.scaled(measure, value):.{digits}f}"

    def summary(self) -> dict[str, Any]:
        """Everything but the items."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "items"}


def summarise(benchmark: Benchmark, items: Sequence[Item], *, rejected: int = 0) -> Result:
    """Measures of scored items. Raises ``DataError`` where there is no item."""
    if not items:
        raise DataError(f"Benchmark '{benchmark.name}' has no answered item.")
    columns = full_columns(benchmark, items)
    return Result(
        name=benchmark.name,
        main=benchmark.main,
        higher_is_better=benchmark.higher_is_better,
        protocol=benchmark.protocol,
        values=scores(columns, benchmark.measures),
        intervals=intervals(columns, [item["group"] for item in items], benchmark.measures),
        by_type=_means((item["type"], item["score"]) for item in items),
        beside=_beside(items, rejected),
        items=list(items),
        version=benchmark.version,
        mode=getattr(benchmark, "mode", ""),
        switches=benchmark.switches,
        by_facet=_by_facet(items),
        chance=benchmark.chance,
        capabilities=benchmark.capabilities,
        not_shares=benchmark.not_shares,
        judge=next((item["verdict"]["judge"] for item in items if item.get("verdict")), {}),
    )


def full_columns(benchmark: Benchmark, items: Sequence[Item]) -> list[dict[str, float]]:
    """Items' columns, with each group's own counts on its first item."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item["group"], []).append(item)
    extra = {members[0]["id"]: benchmark.group_columns(members) for members in groups.values()}
    names = {name for columns in extra.values() for name in columns}
    zero = dict.fromkeys(sorted(names), 0.0)
    return [{**item["columns"], **zero, **extra.get(item["id"], {})} for item in items]


def _means(scores: Iterable[tuple[str, float]]) -> dict[str, dict[str, float]]:
    """Number of items and mean score of each value, sorted by value."""
    groups: dict[str, list[float]] = {}
    for value, score in scores:
        groups.setdefault(value, []).append(score)
    return {value: {"items": float(len(own)), "score": sum(own) / len(own)} for value, own in sorted(groups.items())}


def _by_facet(items: Sequence[Item]) -> dict[str, dict[str, dict[str, float]]]:
    names = dict.fromkeys(name for item in items for name in item.get("facets", {}))
    return {
        name: _means((item["facets"][name], item["score"]) for item in items if name in item.get("facets", {}))
        for name in names
    }


def _beside(items: Sequence[Item], rejected: int) -> dict[str, float]:
    """What makes a score readable: how long, how fast, how often yes, how much was not understood."""
    found = {
        "words": sum(len(item["answer"].split()) for item in items) / len(items),
        "seconds": sum(item["seconds"] for item in items) / len(items),
        "items": float(len(items)),
        "rejected": float(rejected),
        "unparsed": sum(item["parsed"] is None for item in items) / len(items),
    }
    answers = [item["answer"] for item in items if {r.lower() for r in item["references"]} <= {"yes", "no"}]
    if answers:
        found["yes_rate"] = sum(parse_yes_no(answer) == "yes" for answer in answers) / len(answers)
    verdicts = [item["verdict"] for item in items if item.get("verdict")]
    for name in ("prompt_tokens", "completion_tokens", "cost") if verdicts else ():
        found[f"judge_{name}"] = float(sum(verdict[name] for verdict in verdicts))
    return found


def compare(benchmark: Benchmark, left: Result, right: Result) -> Gap:
    """Difference of the main measure, ``left - right``, on the items that both answered: (difference, low, high).

    Paired bootstrap over groups (pictures): both see the same resamples. Raises ``DataError`` where no item is common.
    """
    a, b = _common(benchmark, left, right)
    groups = [item["group"] for item in a]
    return paired_difference(
        full_columns(benchmark, a), full_columns(benchmark, b), groups, benchmark.measures, benchmark.main
    )


def contrast(benchmark: Benchmark, left: Result, right: Result) -> Contrast:
    """``compare`` with a test of no difference, and how many groups it would take.

    McNemar's exact test where each group is one item that is right or wrong, else a permutation of whole groups. Raises
    ``DataError`` where no item is common.
    """
    a, b = _common(benchmark, left, right)
    groups = [item["group"] for item in a]
    columns = full_columns(benchmark, a), full_columns(benchmark, b)
    gap = paired_difference(*columns, groups, benchmark.measures, benchmark.main)
    alone = len(set(groups)) == len(groups)
    if alone and benchmark.main == "accuracy" and {item["score"] for item in (*a, *b)} <= {0.0, 1.0}:
        p_value, test = mcnemar([i["score"] == 1.0 for i in a], [i["score"] == 1.0 for i in b]), "McNemar, exact"
    else:
        p_value, test = permutation(*columns, groups, benchmark.measures, benchmark.main), "permutation of groups"
    count = len(set(groups))
    # The spread of the difference over groups, from the width of its bootstrap interval.
    deviation = (gap[2] - gap[1]) / (2 * 1.959964) * count**0.5
    return Contrast(
        *gap, p_value, test, len(a), count, smallest_detectable(deviation, count), groups_needed(deviation, gap[0])
    )


def _common(benchmark: Benchmark, left: Result, right: Result) -> tuple[list[Item], list[Item]]:
    others: Mapping[str, Item] = {item["id"]: item for item in right.items}
    pairs = [(item, others[item["id"]]) for item in left.items if item["id"] in others]
    if not pairs:
        raise DataError(f"Two results of '{benchmark.name}' have no item in common.")
    return [p[0] for p in pairs], [p[1] for p in pairs]


def compare_all(benchmark: Benchmark, results: Mapping[str, Result]) -> dict[str, Gap]:
    """Each run's difference to the first one, by name."""
    names = list(results)
    return {name: compare(benchmark, results[name], results[names[0]]) for name in names[1:]}
