"""What became of a shipped model: an earlier checkpoint and the one shipped now, on the same questions."""

from __future__ import annotations

from collections.abc import Mapping
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


def changes(now: Mapping[str, Result], before: Mapping[str, Result], gaps: Mapping[str, Contrast]) -> dict[str, Any]:
    """Benchmark -> score ``before`` and ``now``, both 95% intervals, the paired ``difference``, scores by type before."""
    found = {}
    for name, result in now.items():
        earlier = before[name]
        found[name] = {
            "before": earlier.score,
            "before_interval": list(earlier.intervals[earlier.main]),
            "now": result.score,
            "now_interval": list(result.intervals[result.main]),
            "difference": [gaps[name].difference, gaps[name].low, gaps[name].high],
            "by_type": earlier.by_type,
        }
    return found


def still_true(stored: Mapping[str, Any], now: Mapping[str, Result]) -> dict[str, Any]:
    """Of the changes that an earlier measurement wrote down, those whose score now is the one that was measured then."""
    return {
        name: change for name, change in stored.items() if name in now and abs(now[name].score - change["now"]) < 1e-9
    }


def trained_kinds(recipe: Any) -> set[str]:
    """Kinds of engine in the mixtures of a recipe's stages."""
    used = {name for stage in recipe.stages for name in stage.data}
    engines = [recipe.data.sets[name].engine for name in used]
    return {engine["kind"] for engine in engines if engine is not None}


def chance_of(kind: str, by_type: Mapping[str, Mapping[str, float]], n: int = 1500) -> float:
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


def change_table(found: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Rows of benchmarks: before, now and the difference with its interval. ``names``: benchmark -> what stands first."""
    lines = ["| benchmark | before | now | difference, 95% interval |", "|---|---|---|---|"]
    for name, shown in names.items():
        if name in found:
            row = found[name]
            lines.append(f"| {shown} | {row['before']:.3f} | {row['now']:.3f} | {_gap(row['difference'])} |")
    return "\n".join(lines) + "\n"


def kind_table(
    results: Mapping[str, Result], found: Mapping[str, Any], chances: Mapping[str, float], trained: set[str]
) -> str:
    """Rows of kinds: questions, chance, before, now, difference; * marks kinds that training did not show."""
    lines = ["| kind | questions | chance | before | now | difference, 95% interval |", "|---|---|---|---|---|---|"]
    for kind in KINDS:
        result = results.get(f"world_{kind}")
        if result is None:
            continue
        change = found.get(f"world_{kind}")
        before, gap = (f"{change['before']:.3f}", _gap(change["difference"])) if change else ("", "")
        mark = "" if kind in trained else " *"
        chance = f"{chances[kind]:.2f}" if kind in chances else ""
        lines.append(f"| {kind}{mark} | {len_of(result)} | {chance} | {before} | {result.score:.3f} | {gap} |")
    return "\n".join(lines) + "\n"


def len_of(result: Result) -> int:
    """Items of a result."""
    return int(sum(facts["items"] for facts in result.by_type.values()))


def _gap(difference: list[float]) -> str:
    gap, low, high = difference
    return f"{gap:+.3f} ({low:+.3f} to {high:+.3f})"
