"""What can be answered without the picture, for every kind of the nano world and every type of question.

On the flat prior; writes the table that the documentation shows:

    python benchmarks/world_blind.py [KIND ...] [--n 4000] [--out docs/results]
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from vistune.data.blind import Asked, asked_in, blind_baselines
from vistune.engines import ENGINES

#: Engines whose examples carry no questions of the world's own.
WITHOUT = {"nlvr_style"}
#: What an engine is built with. Languages other than English ask the same questions with the same answers. With two
#: pictures "which image" is a choice of two.
PARAMETERS: dict[str, dict[str, Any]] = {
    "world": {"priors": ["flat"], "tasks": {"question": 1}},
    "tongues": {"languages": ["en"]},
    "provision": {"images": 2},
}
CHUNK = 100


def _asked(kind: str, start: int, n: int) -> list[Asked]:
    parameters = {**({} if kind == "world" else {"prior": "flat"}), **PARAMETERS.get(kind, {})}
    if "question" in getattr(ENGINES.get(kind), "TASKS", ()):
        parameters["tasks"] = {"question": 1}
    engine = ENGINES.build({"kind": kind, "n": start + n, "image_size": 32, **parameters})
    found = []
    for group in range(start, start + n):
        example = engine[group]
        if example.meta.get("questions"):
            found += [Asked(q.type, q.question, q.answer, group, q.choices) for q in asked_in([example])]
    return found


def measure(kind: str, n: int) -> dict[str, dict[str, float]]:
    """Type -> figures."""
    with ProcessPoolExecutor() as pool:
        starts = range(0, n, CHUNK)
        parts = pool.map(_asked, [kind] * len(starts), starts, [CHUNK] * len(starts))
        asked = [question for part in parts for question in part]
    return {
        name: {"questions": b.questions, "chance": b.chance, "majority": b.majority, "words": b.words,
               "above_chance": b.above_chance}
        for name, b in blind_baselines(asked).items()
    }  # fmt: skip


def page(kinds: dict[str, dict[str, dict[str, float]]]) -> str:
    """The results as a page."""
    lines = [
        "# Without the picture",
        "",
        "Flat prior. Chance: one of the choices, of the answers that the question names, or of the type's answers. "
        "Commonest: the type's commonest answer. By words: a linear classifier on the words of the question. "
        "Made by `python benchmarks/world_blind.py`.",
        "",
    ]
    for kind, types in sorted(kinds.items()):
        lines += [
            f"## {kind}",
            "",
            "| type | questions | chance | commonest | by words | above |",
            "|---|---|---|---|---|---|",
        ]
        for name, b in types.items():
            shares = " | ".join(f"{100 * b[key]:.1f}" for key in ("chance", "majority", "words"))
            lines.append(f"| {name} | {b['questions']:,} | {shares} | {b['above_chance']:+.1f} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Measure; print the types above the bound; write both files, keeping kinds that are not measured now."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("kinds", nargs="*")
    options.add_argument("--n", type=int, default=4000)
    options.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "results")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    file = chosen.out / "blind.json"
    kinds = json.loads(file.read_text(encoding="utf-8"))["kinds"] if file.exists() else {}
    for kind in chosen.kinds or [name for name in ENGINES.names() if name not in WITHOUT]:
        kinds[kind] = measure(kind, chosen.n)
        above = {name: round(b["above_chance"], 1) for name, b in kinds[kind].items() if b["above_chance"] > 10}
        print(f"{kind}: {len(kinds[kind])} types, more than 10 points above chance: {above or 'none'}")
    file.write_text(json.dumps({"examples": chosen.n, "kinds": kinds}, indent=1) + "\n", encoding="utf-8")
    (chosen.out / "blind.md").write_text(page(kinds), encoding="utf-8")


if __name__ == "__main__":
    main()
