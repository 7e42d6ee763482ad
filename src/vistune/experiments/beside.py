"""Two shipped models on the same questions: tables of their scores, chance, and the paired differences."""

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
    for example in WorldKind(engine=kind, n=n, split="train", image_size=32).examples():
        told = example.meta
        question = asked(told["type"], told["question"], example.answers[0], 0, told.get("choices"))
        drawn.setdefault(told["type"], []).append(question)
    counts = {name: facts["items"] for name, facts in by_type.items() if name in drawn}
    return sum(n * chance(drawn[name]) for name, n in counts.items()) / sum(counts.values())


def side_by_side(
    names: Sequence[str], first: Mapping[str, Result], second: Mapping[str, Result], gaps: Mapping[str, Contrast]
) -> list[list[str]]:
    """Rows of the benchmarks ``names``: both scores and the paired difference with its 95% interval."""
    return [
        [name, f"{first[name].score:.3f}", f"{second[name].score:.3f}", _gap(gaps[name])]
        for name in names
        if name in second
    ]


def kind_rows(
    first: Mapping[str, Result],
    second: Mapping[str, Result],
    gaps: Mapping[str, Contrast],
    chances: Mapping[str, float],
    trained: set[str],
) -> list[list[str]]:
    """Rows of kinds of picture: questions, chance, both scores, the difference; * marks kinds that ``trained`` lacks."""
    rows = []
    for kind in KINDS:
        name = f"world_{kind}"
        if name in second:
            (_, *scores) = side_by_side([name], first, second, gaps)[0]
            title = kind if kind in trained else f"{kind} \\*"
            rows.append([title, str(len_of(second[name])), f"{chances[kind]:.2f}", *scores])
    return rows


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of a page, with a line's end after it."""
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def len_of(result: Result) -> int:
    """Items of a result."""
    return int(sum(facts["items"] for facts in result.by_type.values()))


def _gap(gap: Contrast) -> str:
    return f"{gap.difference:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
