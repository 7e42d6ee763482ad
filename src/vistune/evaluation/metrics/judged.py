"""What becomes of judges' marks: MM-Vet, LLaVA-Bench, MMHal-Bench; and how far a judge is to be trusted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

MMVET_CAPABILITIES = ("rec", "ocr", "know", "gen", "spat", "math")


def mm_vet(marks: Mapping[str, float], capabilities: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Total and each capability in percent; an item counts in each of its capabilities. Items without a mark are left out
    of nothing: they count as 0.
    """
    groups: dict[str, list[float]] = defaultdict(list)
    for item, abilities in capabilities.items():
        mark = marks.get(item, 0.0)
        groups["total"].append(mark)
        for ability in abilities:
            groups[ability].append(mark)
    return {name: 100 * sum(values) / len(values) for name, values in groups.items()}


def parse_marks(review: str) -> tuple[float, float]:
    """LLaVA-Bench: the two marks in the first line, by blanks or a comma; (-1, -1) where there are not two."""
    first = review.split("\n")[0].replace(",", " ").split()
    try:
        left, right = (float(part) for part in first)
    except ValueError:
        return -1.0, -1.0
    return left, right


def llava_bench(marks: Sequence[tuple[float, float]], kinds: Sequence[str]) -> dict[str, float]:
    """100 times the model's mean mark over the reference's: a ratio of means, per category and of all.

    ``marks``: (reference, model). What could not be read stays in as (-1, -1), as in the original.
    """
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for pair, kind in zip(marks, kinds, strict=True):
        groups["all"].append(pair)
        groups[kind].append(pair)
    return {k: 100 * sum(m for _, m in v) / s if (s := sum(r for r, _ in v)) else 0.0 for k, v in groups.items()}


def parse_mmhal(reply: str) -> int:
    """MMHal-Bench: the one "rating: n" from 0 to 6 in a reply; 0 where there is none, or several."""
    found = [n for n in range(7) if f"rating: {n}" in reply.lower()]
    return found[0] if len(found) == 1 else 0


def mmhal(ratings: Sequence[int], types: int = 8) -> dict[str, float]:
    """Mean rating, share of hallucinations (below 3), and the mean of each type (the number of an item modulo ``types``)."""
    found = {"score": float(np.mean(ratings)), "hallucination": float(np.mean([r < 3 for r in ratings]))}
    return found | {f"type_{k}": float(np.mean(ratings[k::types])) for k in range(min(types, len(ratings)))}


def parse_gavie(reply: str) -> tuple[float, float] | None:
    """GAVIE: relevancy and accuracy, 0 to 10; None where one is missing."""
    marks = [re.search(rf"{name}\D*?(\d+(?:\.\d+)?)", reply, re.IGNORECASE) for name in ("relevancy", "accuracy")]
    if marks[0] is None or marks[1] is None:
        return None
    return float(marks[0][1]), float(marks[1][1])


def cohen_kappa(first: Sequence[object], second: Sequence[object]) -> float:
    """Agreement of two judges beyond chance; 1 where both always say the same one thing."""
    names = sorted({*map(str, first), *map(str, second)})
    a, b = ([names.index(str(v)) for v in values] for values in (first, second))
    same = float(np.mean([x == y for x, y in zip(a, b, strict=True)]))
    by_chance = sum((a.count(k) / len(a)) * (b.count(k) / len(b)) for k in range(len(names)))
    return 1.0 if by_chance == 1 else (same - by_chance) / (1 - by_chance)


def position_bias(first_order: Sequence[str], swapped: Sequence[str]) -> dict[str, float]:
    """How a judge of pairs hangs on their order. Verdicts name the place: "first", "second" or "tie".

    ``consistent``: the same answer wins in both orders. ``first``: share of all verdicts for the first place, of those that
    are no ties.
    """
    other = {"first": "second", "second": "first", "tie": "tie"}
    same = [other[b] == a for a, b in zip(first_order, swapped, strict=True)]
    decided = [v for v in (*first_order, *swapped) if v != "tie"]
    firsts = decided.count("first") / len(decided) if decided else 0.5
    return {"consistent": sum(same) / len(same), "first": firsts}


def length_slope(marks: Sequence[float], lengths: Sequence[float]) -> float:
    """Marks gained by each doubling of an answer's length (least squares); about 0 for a fair judge of equal content."""
    x = np.log2(np.asarray(lengths, float))
    x = x - x.mean()
    spread = float((x**2).sum())
    return float((x * (np.asarray(marks, float) - np.mean(marks))).sum() / spread) if spread else 0.0
