"""What can be answered without the picture, for every kind of the nano world and every type of question.

On the flat prior; writes the table that the documentation shows:

    python benchmarks/world_blind.py [KIND ...] [--n 6000] [--wanted 500] [--out docs/results]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from vistune.data.blind import LEAST, Asked, asked_in, blind_baselines
from vistune.engines import ENGINES

#: Engines whose examples carry no questions of the world's own.
WITHOUT = {"nlvr_style"}
#: More questions than this of one type tell no more.
MOST = 800
#: Types whose question says what sort of answer is wanted: each sort is measured on its own.
BY_SORT = {
    "provision": (("attribute_qa", "typed_attribute_bbox", "common_attribute"), ("colour", "size", "pattern", "state")),
}
#: The bound, in points above chance.
BOUND = 10
#: Questions about one picture at most: so many that rare types have their turn. Not for engines that try a type several
#: times, which would find what was passed over: those are asked as they are by default.
TURNS = 24


def _settings() -> dict[str, dict[str, Any]]:
    """What engines are built with, where that is more than questions on the flat prior.

    Languages other than English ask the same questions with the same answers. With two pictures "which image" is a
    choice of two. Questions that need no picture (``text_only``) are left out.
    """
    from vistune.world.questions import QUESTION_TYPES

    seen = [name for name in QUESTION_TYPES if name != "text_only"]
    return {
        "houses": {"tasks": {"question": 1, "plan": 1}},
        "misleading": {"tasks": {"question": 1, "beside": 2}},
        "pairs": {"turns": 1, "tasks": {"fits": 2, "which_text": 2, "which_picture": 2, "negative": 1}},
        "provision": {"images": 2, "turns": 3, "tasks": {"single": 3, "multi": 2}},
        "rooms": {"tasks": {"question": 4, "views": 1}},
        "sequences": {"tasks": {"story_question": 2, "change_question": 2, "views": 1, "document": 1}},
        "tabletop": {"turns": 4},
        "tongues": {"languages": ["en"], "tasks": {"question": 1, "text": 1}},
        "world": {"types": seen, "labels": True, "turns": 4, "caption_share": 0.0, "prior": None, "priors": ["flat"]},
    }


def _undrawn(kind: str) -> None:
    """In this process the engine draws no pictures: nobody is going to look at them."""
    module = sys.modules[ENGINES.get(kind).__module__]
    if hasattr(module, "render"):
        module.render = _blank  # pyright: ignore[reportAttributeAccessIssue]


def _blank(*_: Any, **__: Any) -> np.ndarray:
    return np.zeros((1, 1, 3), np.uint8)


def _asked(kind: str, start: int, n: int) -> list[Asked]:
    _undrawn(kind)
    parameters = {"prior": "flat", "turns": TURNS, **_settings().get(kind, {})}
    if "question" in getattr(ENGINES.get(kind), "TASKS", ()):
        parameters.setdefault("tasks", {"question": 1})
    parameters = {name: value for name, value in parameters.items() if value is not None}
    engine = ENGINES.build({"kind": kind, "n": start + n, "image_size": 32, **parameters})
    found = []
    for group in range(start, start + n):
        example = engine[group]
        if example.meta.get("questions"):
            found += [Asked(_sort(kind, q), q.question, q.answer, group, q.choices) for q in asked_in([example])]
    return found


def _sort(kind: str, asked: Asked) -> str:
    types, sorts = BY_SORT.get(kind, ((), ()))
    named = [sort for sort in sorts if sort in asked.question.split()]
    return f"{asked.type}, {named[0]}" if asked.type in types and named else asked.type


def gather(kind: str, n: int, wanted: int, workers: int, chunk: int = 50) -> tuple[list[Asked], int]:
    """(questions, examples made): until each type that was met has ``wanted`` questions, or ``n`` examples are made."""
    asked: list[Asked] = []
    counts: Counter[str] = Counter()
    done = 0
    with ProcessPoolExecutor(workers) as pool:
        while done < n:
            starts = range(done, done + 4 * chunk, chunk)
            for part in pool.map(_asked, [kind] * len(starts), starts, [chunk] * len(starts)):
                for question in part:
                    counts[question.type] += 1
                    if counts[question.type] <= MOST:
                        asked.append(question)
            done += len(starts) * chunk
            if min(counts.values(), default=0) >= wanted:
                break
    return asked, done


def measure(kind: str, n: int, wanted: int, workers: int) -> dict[str, dict[str, float]]:
    """Type -> figures. Types that are too rare to say anything are printed."""
    asked, done = gather(kind, n, wanted, workers)
    counts = Counter(question.type for question in asked)
    rare = {name: count for name, count in sorted(counts.items()) if count < LEAST}
    if rare:
        print(f"{kind}: too few in {done:,} examples: {rare}")
    return {
        name: {"questions": b.questions, "chance": b.chance, "majority": b.majority, "words": b.words,
               "options": b.options, "above_chance": b.above_chance, "margin": b.margin}
        for name, b in blind_baselines(asked).items()
    }  # fmt: skip


def page(kinds: dict[str, dict[str, dict[str, float]]]) -> str:
    """The results as a page."""
    every = [(f"{kind} {name}", b) for kind, types in kinds.items() for name, b in types.items()]
    above = [name for name, b in every if b["above_chance"] > BOUND]
    surely = [name for name, b in every if b["above_chance"] - b["margin"] > BOUND]
    kept = "All types keep it." if not above else f"Measured above it: {', '.join(above)}"
    if above:
        kept += f"; beyond the interval: {', '.join(surely) or 'none'}."
    lines = [
        "# Without the picture",
        "",
        f"The bound is {BOUND} points above chance on the flat prior, for every type of question. " + kept,
        "",
        "Chance: one of the options, which are the choices shown, yes and no, what the question offers by name, or "
        "all answers of the type. Commonest: the option that is right most often. By words: a linear classifier "
        "on the words of the question. By options: one on the options themselves. Each learns from one half of the "
        "pictures and answers the other half, and the other way round. Above: the best of the three over chance, in points, "
        "with a 95% interval; the best of three is read, so where questions are few it lies a "
        "little high. Made by `python benchmarks/world_blind.py`.",
        "",
    ]
    for kind, types in sorted(kinds.items()):
        lines += [
            f"## {kind}",
            "",
            "| type | questions | chance | commonest | by words | by options | above |",
            "|---|---|---|---|---|---|---|",
        ]
        for name, b in types.items():
            shares = " | ".join(f"{100 * b[key]:.1f}" for key in ("chance", "majority", "words", "options"))
            lines.append(f"| {name} | {b['questions']:,} | {shares} | {b['above_chance']:+.1f} ± {b['margin']:.1f} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Measure; print the types above the bound; write both files, keeping kinds that are not measured now."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("kinds", nargs="*")
    options.add_argument("--n", type=int, default=6000, help="examples of a kind at most")
    options.add_argument("--wanted", type=int, default=500, help="questions of each type that are enough")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "results")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    file = chosen.out / "blind.json"
    for kind in chosen.kinds or [name for name in ENGINES.names() if name not in WITHOUT]:
        types = measure(kind, chosen.n, chosen.wanted, chosen.workers)
        above = {name: round(b["above_chance"], 1) for name, b in types.items() if b["above_chance"] > BOUND}
        print(f"{kind}: {len(types)} types, more than {BOUND} points above chance: {above or 'none'}", flush=True)
        kinds = json.loads(file.read_text(encoding="utf-8"))["kinds"] if file.exists() else {}
        kinds[kind] = types
        file.write_text(json.dumps({"kinds": kinds}, indent=1) + "\n", encoding="utf-8")
        (chosen.out / "blind.md").write_text(page(kinds), encoding="utf-8")


if __name__ == "__main__":
    main()
