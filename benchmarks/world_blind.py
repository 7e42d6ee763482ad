"""What can be answered without the picture, for every kind of the nano world and every type of question.

On the flat prior; one process; writes the table that the documentation shows:

    python benchmarks/world_blind.py [KIND ...] [--types TYPE ...] [--wanted 250] [--n 16000] [--out docs/results]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from vistune.data.blind import LEAST, Asked, asked_in, blind_baselines
from vistune.data.example import Example
from vistune.engines import ENGINES

#: Engines whose examples carry no questions of the world's own.
WITHOUT = {"nlvr_style"}
#: Types whose question says what sort of answer is wanted: each sort is measured on its own.
BY_SORT = {
    "provision": (("attribute_qa", "typed_attribute_bbox", "common_attribute", "compare_attribute"),
                  ("colour", "size", "pattern", "state")),
}  # fmt: skip
#: The bound, in points above chance.
BOUND = 10
#: Of some 260 types a few read above it by chance: those are asked again, with so many times as many questions.
_AGAIN = 4
#: Examples of a part at most, where more would take long; enough for 100 questions of the rarest type.
MOST = {
    "aerial": 9000,
    "houses": 3000,
    "maps": 2000,
    "rooms": 2000,
    "sequences": 4000,
    "tabletop": 4000,
    "video": 9000,
    "world": 7000,
}
#: Examples between two looks at whether all types have enough questions.
_LOOK = 50
#: What engines draw pictures with, and how many pictures each gives.
_DRAWERS = {"render": 0, "render_plan": 0, "render_street": 0, "render_clip": 8, "around": 4}


def _parts(kind: str) -> list[dict[str, Any]]:
    """What an engine is built with; each part is asked until all of its types have enough questions.

    Languages other than English ask the same questions with the same answers. With two pictures "which image" is a
    choice of two. Questions that need no picture (``text_only``) are left out.
    """
    from vistune.world.pairs import EDITS
    from vistune.world.questions import QUESTION_TYPES

    def tasks(*names: str, **more: Any) -> list[dict[str, Any]]:
        return [{"tasks": {name: 1}, **more} for name in names]

    one_edit = [part for edit in EDITS for part in tasks("fits", "which_text", "which_picture", edits=[edit])]
    seen = [name for name in QUESTION_TYPES if name != "text_only"]
    parts = {
        "houses": tasks("question", "plan"),
        "marks": tasks("question", "pointed", image_size=96),
        "misleading": tasks("question", "beside"),
        "pages": tasks("question", "across"),
        "pairs": [*one_edit, *tasks("negative")],
        "provision": tasks("single", "multi", images=2),
        "rooms": tasks("question", "views", "total"),
        "sequences": tasks("story_question", "change_question", "views", "document"),
        "tongues": tasks("question", "text", languages=["en"]),
        "world": [{"types": seen, "labels": True, "caption_share": 0.0, "prior": None, "priors": ["flat"]}],
    }
    return parts.get(kind, tasks("question"))


class OnceEach:
    """Stands in for ``draw_questions``: each type once about each picture, but those of which enough are known.

    A type is tried as often as its engine tries it.
    """

    def __init__(self, kind: str, wanted: int, types: Collection[str]) -> None:
        self.kind, self.wanted, self.types = kind, wanted, types
        self.asked: list[Asked] = []
        self.counts: Counter[str] = Counter()
        self.given: defaultdict[str, set[str]] = defaultdict(set)

    def __call__(
        self,
        c: Any,
        makers: Mapping[str, Callable[[Any], Any]],
        types: Sequence[str] | None,
        n: int,
        tries: int | None = None,
        once: Collection[str] = (),
    ) -> list[Any]:
        """The questions about one picture, ``n`` or more."""
        found = []
        for name in makers if types is None else types:
            if self.enough(self.given[name]):
                continue
            limit = 1 if tries is None or name in once else tries
            made = next((q for _ in range(limit) if (q := makers[name](c)) is not None), None)
            if made is not None:
                self.given[name].add(self.sort(made.type, made.text))
                found.append(made)
        # An engine may need a question: one that is not kept.
        return found or [q for name in types or makers if (q := makers[name](c)) is not None][:1]

    def enough(self, types: Collection[str]) -> bool:
        """Whether these types are known, and have all the questions that are wanted."""
        return bool(types) and all(self.counts[t] >= self.wanted or not self.wants(t) for t in types)

    def wants(self, type: str) -> bool:
        """Whether a type is measured."""
        return not self.types or type in self.types

    def sort(self, type: str, text: str) -> str:
        """The type, and what sort of answer the question wants where that makes a type of its own."""
        types, sorts = BY_SORT.get(self.kind, ((), ()))
        named = [sort for sort in sorts if sort in text.split()]
        return f"{type}, {named[0]}" if type in types and named else type

    def add(self, example: Example, group: int) -> set[str]:
        """Keep the questions of an example; -> their types."""
        if not example.meta.get("questions"):
            return set()
        found = [
            Asked(self.sort(q.type, q.question), q.question, q.answer, group, q.choices) for q in asked_in([example])
        ]
        for asked in found:
            if self.wants(asked.type) and self.counts[asked.type] < self.wanted:
                self.counts[asked.type] += 1
                self.asked.append(asked)
        return {asked.type for asked in found}


def gather(kind: str, n: int, wanted: int, types: Collection[str] = ()) -> list[Asked]:
    """Questions until each type has ``wanted``, or ``n`` examples of a part are made. ``types``: by default all."""
    drawer = OnceEach(kind, wanted, types)
    _undraw(kind, drawer)
    groups: dict[Any, int] = {}
    n = min(n, MOST.get(kind, n))
    for part in _parts(kind):
        parameters = {"prior": "flat", "image_size": 32, **part}
        engine = ENGINES.build({"kind": kind, "n": n, **{k: v for k, v in parameters.items() if v is not None}})
        met: set[str] = set()
        with _unmasked() if part.get("tasks") == {"multi": 1} else nullcontext():
            for index, example in _examples(engine, n):
                # Examples about one house vary together.
                place = example.meta.get("scan", f"{index}")
                met |= drawer.add(example, groups.setdefault(place, len(groups)))
                if index % _LOOK == _LOOK - 1 and drawer.enough(met):
                    break
    return drawer.asked


def _examples(engine: Any, n: int) -> Iterator[tuple[int, Example]]:
    return ((index, engine[index]) for index in range(n))


def _undraw(kind: str, drawer: OnceEach) -> None:
    """In this process makers are asked through ``drawer``, and no pictures are drawn: nobody is going to look at them."""
    module = sys.modules[ENGINES.get(kind).__module__]
    for name, pictures in _DRAWERS.items():
        if hasattr(module, name):
            setattr(module, name, lambda *_, pictures=pictures, **__: _blank(pictures))
    for each in list(sys.modules.values()):
        if each.__name__.startswith("vistune.world.") and hasattr(each, "draw_questions"):
            each.draw_questions = drawer  # pyright: ignore[reportAttributeAccessIssue]


def _unmasked() -> AbstractContextManager[Any]:
    """Within it graphs have no masks and boxes: questions about several pictures are about what things are."""
    from vistune.world.graphs import graph

    blank = np.zeros((1, 1))
    return patch.multiple(
        graph,
        instance_map=lambda *_: blank,
        surface_depth=lambda *_: blank,
        boxes=lambda scene, *_: np.zeros((len(scene.things), 4)),
    )


def _blank(pictures: int) -> Any:
    blank = np.zeros((1, 1, 3), np.uint8)
    return [blank] * pictures if pictures else blank


def measure(kind: str, n: int, wanted: int, types: Collection[str] = ()) -> dict[str, dict[str, float]]:
    """Type -> figures. Types that are too rare to say anything are printed."""
    asked = gather(kind, n, wanted, types)
    counts = Counter(question.type for question in asked)
    rare = {name: count for name, count in sorted(counts.items()) if count < LEAST}
    if rare:
        print(f"{kind}: too few to measure: {rare}")
    return {
        name: {"questions": b.questions, "chance": b.chance, "majority": b.majority, "words": b.words,
               "options": b.options, "above_chance": b.above_chance, "margin": b.margin}
        for name, b in blind_baselines(asked).items()
    }  # fmt: skip


def looked_at_twice(kind: str, n: int, wanted: int, types: Collection[str] = ()) -> dict[str, dict[str, float]]:
    """The same, where types that read above the bound are asked again, with ``_AGAIN`` times as many questions."""
    found = measure(kind, n, wanted, types)
    high = [name for name, b in found.items() if b["above_chance"] > BOUND]
    return {**found, **measure(kind, _AGAIN * n, _AGAIN * wanted, high)} if high else found


def page(kinds: dict[str, dict[str, dict[str, float]]]) -> str:
    """The results as a page."""
    every = [(f"{kind} {name}", b) for kind, types in kinds.items() for name, b in types.items()]
    above = [name for name, b in every if b["above_chance"] > BOUND]
    surely = [name for name, b in every if b["above_chance"] - b["margin"] > BOUND]
    kept = f"All {len(every)} types keep it." if not above else f"Measured above it: {', '.join(above)}"
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
        "little high. Types that read above the bound at first were asked again, with up to four times as many questions. "
        "Made by `python benchmarks/world_blind.py`.",
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
    """Measure; print the types above the bound; write both files, keeping what is not measured now."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("kinds", nargs="*")
    options.add_argument("--types", nargs="*", default=(), help="measure these alone; the others stay as they are")
    options.add_argument("--n", type=int, default=16_000, help="examples of each part of a kind at most")
    options.add_argument("--wanted", type=int, default=250, help="questions of each type")
    options.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "results")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    file = chosen.out / "blind.json"
    for kind in chosen.kinds or [name for name in ENGINES.names() if name not in WITHOUT]:
        began = time.perf_counter()
        types = looked_at_twice(kind, chosen.n, chosen.wanted, chosen.types)
        above = {name: round(b["above_chance"], 1) for name, b in types.items() if b["above_chance"] > BOUND}
        took = time.perf_counter() - began
        print(
            f"{kind}: {len(types)} types, {took:.0f} s, more than {BOUND} points above chance: {above or 'none'}",
            flush=True,
        )
        kinds = json.loads(file.read_text(encoding="utf-8"))["kinds"] if file.exists() else {}
        kinds[kind] = dict(sorted({**kinds.get(kind, {}), **types}.items())) if chosen.types else types
        file.write_text(json.dumps({"kinds": kinds}, indent=1) + "\n", encoding="utf-8")
        (chosen.out / "blind.md").write_text(page(kinds), encoding="utf-8")


if __name__ == "__main__":
    main()
