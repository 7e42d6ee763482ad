"""GAVIE (LRV-Instruction, arXiv 2306.14565): instructions, some with something false in them, marked by a judge."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.judging import ByJudge
from vistune.evaluation.benchmarks.nano import picture, scene_facets
from vistune.evaluation.benchmarks.tables import need, read_json, rows_of
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene, Split

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Verdict

#: What an instruction is: about something that is not there, about something that is there but not so, with a false fact, or true.
SORTS = ("nonexistent", "existent", "knowledge", "positive")
_OF_WORLD = {"nonexistent": ("absent_thing",), "existent": ("wrong_look", "wrong_place"), "positive": ("true",)}


@BENCHMARKS.register("gavie", paper="lrv-instruction")
class GavieBench(ByJudge):
    """Instructions and questions, many of which suppose something false. A judge that reads dense captions with boxes gives
    ``relevancy`` (does it follow the instruction) and ``accuracy`` (is it right about the picture), 0 to 10 each; no reference.

    ``path``: ``evaluation_set.json``; ``regions``: the annotations that the judge reads (image id -> list of ``caption`` and
    ``bbox``, as in ``vg_annotation.json``); ``images``: pictures by id. ``official`` writes the width as the height, as the
    released script does. One system's answer is marked at a time; the paper shows several in one prompt. The nano edition tells
    the kinds of instruction apart: nonexistent thing, existent thing (a wrong look or place), knowledge manipulation, positive.
    """

    main = "accuracy"
    protocol = "FuxiaoLiu/LRV-Instruction, evaluate.py: relevancy and accuracy 0-10 by a judge, one answer a prompt"
    capabilities = ("hallucination", "open-answers", "robustness")
    not_shares = ("relevancy", "accuracy", *SORTS)
    max_new_tokens = 96

    images: Path | None = None
    regions: Path | None = None
    mode: Mode = "official"

    def published(self) -> list[Example]:
        """The instructions of the file, with what the judge reads of each picture."""
        from vistune.evaluation.judges.marks import region_lines

        assert self.path is not None
        if self.regions is None:
            raise DataError("GAVIE's judge reads dense captions with boxes: give regions (vg_annotation.json).")
        known = read_json(self.regions)
        made = []
        for number, row in enumerate(rows_of(self.path), start=1):
            text = row.get("question", row.get("instruction"))
            need(row, ("image_id",), self.path, number)
            if not isinstance(text, str):
                need(row, ("question",), self.path, number)
            image = str(row["image_id"])
            if image not in known:
                raise DataError(f"{self.path}, record {number}: {self.regions} has no picture {image}.")
            lines = region_lines([(box["caption"], tuple(box["bbox"])) for box in known[image]], self.mode)
            source = ImageSource(path=(self.images or Path()) / f"{image}.jpg")
            meta = {"type": str(row.get("task", "all")), "group": image, "facets": {}, "context": lines}
            made.append(Example(f"{number - 1:04d}", [user(str(text), images=(0,))], [source], meta=meta))
        return made

    def nano(self) -> list[Example]:
        """As many of each kind of instruction."""
        from vistune.evaluation.benchmarks.knowing import scene_stream

        made: dict[str, list[Example]] = {sort: [] for sort in SORTS}
        for number, scene in enumerate(scene_stream(self.split, self.prior, self.seed)):
            waiting = [sort for sort in SORTS if len(made[sort]) < self.n // len(SORTS)]
            if not waiting:
                break
            for sort in waiting[number % len(waiting) :] + waiting[: number % len(waiting)]:
                asked = _instruction(scene, sort, self.split)
                if asked is not None:
                    facets = {**scene_facets(scene), "instruction": "true" if sort == "positive" else "false"}
                    meta = {"type": sort, "group": str(scene.seed), "facets": facets, "facts": scene}
                    meta["context"] = _regions(scene, self.image_size, self.mode)
                    named, source = f"{sort}-{len(made[sort]):03d}", picture(scene, self.image_size)
                    messages = [user(asked[0], images=(0,))]
                    made[sort].append(Example(named, messages, [source], answers=[asked[1]], meta=meta))
                    break
        return [example for own in made.values() for example in own]

    def rubric(self) -> str:
        """GAVIE's."""
        return "gavie"

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """Both marks; a reply without them has no part in the means."""
        read = float({"relevancy", "accuracy"} <= set(verdict.marks))
        marks = {name: read * verdict.marks.get(name, 0.0) for name in ("relevancy", "accuracy")}
        columns = {"items": read, **marks}
        for sort in SORTS:
            own = float(example.meta["type"] == sort)
            columns |= {f"items_{sort}": own * read, f"accuracy_{sort}": own * marks["accuracy"]}
        told = f"relevancy {marks['relevancy']:g}, accuracy {marks['accuracy']:g}" if read else None
        return Scored(told, (marks["relevancy"] + marks["accuracy"]) / 20, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Mean relevancy and accuracy, and the accuracy of each kind of instruction that is there."""
        found = {name: ratio(sums[name], sums["items"]) for name in ("accuracy", "relevancy")}
        there = [sort for sort in SORTS if np.any(sums[f"items_{sort}"] > 0)]
        return found | {sort: ratio(sums[f"accuracy_{sort}"], sums[f"items_{sort}"]) for sort in there}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What the judge was shown, and its marks."""
        steps = [("the judge reads", str(example.meta["context"]) or "nothing"), ("marks", str(item["parsed"]))]
        return [*steps, ("a right response", example.answers[0])] if example.answers else steps


def _instruction(scene: Scene, sort: str, split: Split) -> tuple[str, str] | None:
    """An instruction of a kind and a right response; None where the scene does not allow it."""
    from vistune.world.questions.misleading import instruction

    if sort == "knowledge":
        return _manipulated(scene)
    names = _OF_WORLD[sort]
    made = instruction(scene, scene.seed, names[scene.seed % len(names)], split)
    return None if made is None else (made.text, made.response)


def _manipulated(scene: Scene) -> tuple[str, str] | None:
    """A false fact of the animal that is seen (knowledge manipulation): ``explain why the cow says "woof".``"""
    from vistune.world.questions.knowledge import ANIMALS
    from vistune.world.vocabulary import KIND_BY_NAME

    rng = random.Random(f"gavie/{scene.seed}")
    here = [t.kind for t in scene.things if KIND_BY_NAME[t.kind].group == "animal" and ANIMALS[t.kind][1]]
    if len(here) != 1:
        return None
    sound = str(ANIMALS[here[0]][1])
    others = sorted({s for _, s, _ in ANIMALS.values() if s and s != sound})
    text = rng.choice(('explain why the {x} says "{y}".', 'tell me how often the {x} in the picture says "{y}".'))
    return text.format(x=here[0], y=rng.choice(others)), f"the {here[0]} says {sound}."


def _regions(scene: Scene, size: int, mode: Mode) -> str:
    """Every thing with its box in pixels, and the setting as a region of its own."""
    from vistune.evaluation.judges.marks import region_lines
    from vistune.world.language.grammar import full_phrase, noun_phrase
    from vistune.world.sampling import box_of

    told: list[tuple[str, tuple[float, float, float, float]]] = [(f"the {scene.setting}", (0.0, 0.0, size, size))]
    for thing in scene.things:
        x0, y0, x1, y1 = (round(v * size) for v in box_of(thing))
        told.append((noun_phrase(full_phrase(thing)), (x0, y0, x1 - x0, y1 - y0)))
    return region_lines(told, mode)
