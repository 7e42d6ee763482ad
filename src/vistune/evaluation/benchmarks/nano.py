"""What the nano editions of benchmarks are made of: test scenes, their pictures, and questions of any engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vistune.data.example import Example, ImageSource, user
from vistune.world.looks import Look, apply_look
from vistune.world.scene import Prior, Scene, Split

#: Test scenes of benchmarks start here, away from those that galleries show.
FIRST_SCENE = 500_000
#: Seed of engines' test examples: away from those of training sets, whose seeds are small.
FIRST_SEED = 900


def scenes(n: int, split: Split, prior: Prior, seed: int, min_things: int = 1) -> list[Scene]:
    """``n`` scenes from the numbers that are kept for benchmarks."""
    from vistune.world import sample_scene

    start = FIRST_SCENE + seed * 100_000
    return [sample_scene(start + i, split=split, prior=prior, min_things=min_things) for i in range(n)]


def endless_scenes(
    seed: int, split: Split = "test", prior: Prior = "flat", min_things: int = 1, most: int = 100_000
) -> Iterator[Scene]:
    """The same scenes one by one, for benchmarks that take what fits; ``most`` of them at most."""
    from vistune.world import sample_scene

    start = FIRST_SCENE + seed * 100_000
    for i in range(min(most, 100_000)):
        yield sample_scene(start + i, split=split, prior=prior, min_things=min_things)


def split_of(name: str) -> Split:
    """The world's split that a split of some files stands for: ``train`` (or ``minitrain``...), ``val`` or ``dev``, else test."""
    return "train" if "train" in name else "val" if "val" in name or name == "dev" else "test"


def picture(scene: Scene, size: int, look: Look = "plain") -> ImageSource:
    """The scene drawn, ``size`` pixels on a side."""
    from vistune.world import render

    return ImageSource(array=apply_look(render(scene, size), look))


def scene_facets(scene: Scene) -> dict[str, str]:
    """How many things, and the prior: what a score is taken apart by."""
    count = len(scene.things)
    return {"things": str(count) if count < 6 else "6 or more", "prior": scene.prior}


def engine_questions(
    kind: str,
    n: int,
    *,
    split: Split = "test",
    prior: Prior = "flat",
    seed: int = 0,
    keep: Callable[[dict[str, Any]], bool] | None = None,
    per_picture: int = 2,
    **parameters: Any,
) -> list[Example]:
    """``n`` questions of the engine ``kind``, each an item with all pictures of its example.

    ``keep`` chooses by what the engine recorded (``type``, ``question``, ``answer``, ``choices``...; see
    ``engines.base.question_record``); ``parameters`` go to the engine. ``meta`` holds the record as well as ``type`` and
    ``group``. Fewer than ``n`` come back only where ``20 * n`` pictures do not have so many.
    """
    from vistune.engines import ENGINES

    engine = ENGINES.build(
        {"kind": kind, "n": 20 * n, "split": split, "prior": prior, "seed": FIRST_SEED + seed, **parameters}
    )
    made: list[Example] = []
    for index in range(len(engine)):
        source = engine[index]
        asked = source.meta.get("questions", ())
        wanted = [question for question in asked if keep is None or keep(question)][:per_picture]
        made += [_item(source, question, place) for place, question in enumerate(wanted)]
        if len(made) >= n:
            break
    return made[:n]


def _item(source: Example, question: dict[str, Any], place: int) -> Example:
    return Example(
        f"{source.id}-{place}",
        [user(question["question"], images=tuple(range(len(source.images))))],
        source.images,
        answers=[question["answer"]],
        provenance=source.provenance,
        meta={**source.meta, **question, "group": source.id},
    )


def balanced(examples: Sequence[Example], n: int, key: str = "type") -> list[Example]:
    """``n`` of the examples, as evenly over the values of ``meta[key]`` as there are, in their order."""
    by_value: dict[str, list[Example]] = {}
    for example in examples:
        by_value.setdefault(str(example.meta.get(key)), []).append(example)
    chosen: set[str] = set()
    depth = 0
    while len(chosen) < min(n, len(examples)):
        for own in by_value.values():
            if depth < len(own) and len(chosen) < n:
                chosen.add(own[depth].id)
        depth += 1
    return [example for example in examples if example.id in chosen]
