"""A shipped model and another that was tried in its place, on the same questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vistune.evaluation.metrics.significance import Contrast
    from vistune.evaluation.results import Result

#: Every kind of picture of which nano-vlm is asked; clips of eight frames and two pictures at most else.
KINDS = (
    "aerial", "cells", "charts", "houses", "maps", "misleading", "pages", "pairs", "provision", "regions", "rooms",
    "sequences", "tabletop", "tongues", "video",
)  # fmt: skip
KIND_BENCHMARKS = tuple(f"world_kind:engine={kind},n=300" for kind in KINDS)


def changes(tried: Mapping[str, Result], shipped: Mapping[str, Result], gaps: Mapping[str, Contrast]) -> dict[str, Any]:
    """Benchmark -> scores of the ``shipped`` and the ``tried`` model with 95% intervals, and the paired ``difference``."""
    found = {}
    for name, result in tried.items():
        stands = shipped[name]
        found[name] = {
            "shipped": stands.score,
            "shipped_interval": list(stands.intervals[stands.main]),
            "tried": result.score,
            "tried_interval": list(result.intervals[result.main]),
            "difference": [gaps[name].difference, gaps[name].low, gaps[name].high],
            "by_type": result.by_type,
        }
    return found


def still_true(stored: Mapping[str, Any], shipped: Mapping[str, Result]) -> dict[str, Any]:
    """Of the changes that an earlier measurement wrote down, those whose shipped score is the one that was measured then."""
    return {
        name: change
        for name, change in stored.items()
        if name in shipped and abs(shipped[name].score - change["shipped"]) < 1e-9
    }


def trained_kinds(recipe: Any) -> set[str]:
    """Kinds of engine in the mixtures of a recipe's stages."""
    used = {name for stage in recipe.stages for name in stage.data}
    engines = [recipe.data.sets[name].engine for name in used]
    return {engine["kind"] for engine in engines if engine is not None}


def chance_of(kind: str, by_type: Mapping[str, Mapping[str, float]], n: int = 400) -> float:
    """The share that a guess among the options of each question gets right, at the given numbers of items by type.

    Options are counted on ``n`` questions of the training split: the choices shown, yes and no, what an "or" names, else
    the answers of the type (``vistune.data.blind``).
    """
    from vistune.data.blind import asked, chance
    from vistune.evaluation.benchmarks.kinds import WorldKind

    drawn: dict[str, list[Any]] = {}
    for example in WorldKind(kind, n=n, split="train", image_size=32).examples():
        told = example.meta
        question = asked(told["type"], told["question"], example.answers[0], 0, told.get("choices"))
        drawn.setdefault(told["type"], []).append(question)
    counts = {name: facts["items"] for name, facts in by_type.items() if name in drawn}
    return sum(n * chance(drawn[name]) for name, n in counts.items()) / sum(counts.values())


def change_table(found: Mapping[str, Any], names: Sequence[str]) -> str:
    """Rows of the benchmarks ``names``: shipped, tried and the difference with its interval."""
    lines = ["| benchmark | shipped | tried | difference, 95% interval |", "|---|---|---|---|"]
    for name in names:
        if name in found:
            row = found[name]
            lines.append(f"| {name} | {row['shipped']:.3f} | {row['tried']:.3f} | {_gap(row['difference'])} |")
    return "\n".join(lines) + "\n"


def kind_table(
    results: Mapping[str, Result], found: Mapping[str, Any], chances: Mapping[str, float], trained: set[str]
) -> str:
    """Rows of kinds: questions, chance, shipped, tried, difference; * marks kinds that the tried one's training left out.

    Without ``found`` the last two columns are not there.
    """
    columns = ["kind", "questions", "chance", "shipped", *(["tried", "difference, 95% interval"] if found else [])]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for kind in KINDS:
        result = results.get(f"world_{kind}")
        if result is None:
            continue
        cells = [kind, str(len_of(result)), f"{chances[kind]:.2f}" if kind in chances else "", f"{result.score:.3f}"]
        if found:
            cells[0] += "" if kind in trained else " \\*"
            change = found.get(f"world_{kind}")
            cells += [f"{change['tried']:.3f}", _gap(change["difference"])] if change else ["", ""]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def mixing_table(rows: Sequence[Mapping[str, float]]) -> str:
    """Weights between the two models: the tried one's ``share`` and what was measured with it."""
    names = list(dict.fromkeys(name for row in rows for name in row if name != "share"))
    lines = [f"| share of the tried | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for row in rows:
        cells = [f"{row[name]:.3f}" if name in row else "" for name in names]
        lines.append(f"| {row['share']:g} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def len_of(result: Result) -> int:
    """Items of a result."""
    return int(sum(facts["items"] for facts in result.by_type.values()))


def _gap(difference: list[float]) -> str:
    gap, low, high = difference
    return f"{gap:+.3f} ({low:+.3f} to {high:+.3f})"
