"""ProVision's 38 generators (arXiv 2412.07012) as a benchmark of perception."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, ClassVar, Literal

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.choice import Ask, Choice, Style
from vistune.evaluation.benchmarks.nano import FIRST_SCENE
from vistune.evaluation.metrics.choices import Mode, choose_letter
from vistune.world.questions.question import Question

Part = Literal["all", "single", "multi"]
#: Skill -> the generators that ask for it; those of several pictures are a skill of their own.
SKILLS: dict[str, tuple[str, ...]] = {
    "object": ("exists_object", "most_object", "least_object", "leftmost", "rightmost", "topmost", "bottommost"),
    "attribute": ("exists_attribute", "attribute_bbox", "typed_attribute_bbox"),
    "relation": ("exists_relation", "relation_bbox", "head_relation"),
    "segmentation": ("same_object_seg", "diff_object_seg"),
    "depth": ("closer_point", "farther_point", "closer_object", "farther_object", "closer_to_anchor", "farther_to_anchor"),
    "scene graph": ("object_qa", "attribute_qa", "relation_qa"),
}  # fmt: skip
_SKILL_OF = {name: skill for skill, own in SKILLS.items() for name in own}


@BENCHMARKS.register("provision", paper="provision")
class ProVision(Choice):
    """Questions with options that programs ask of scene graphs: 24 generators for one picture, 14 for several.

    The authors measure elsewhere: this asks what their data teaches. Nano: scenes, all 38 generators as far as scenes have
    them. ``path``: a folder in Visual Genome's format with the pictures in ``images``, named by id; its graphs have no masks and
    no depth, so these questions are missing. ``part``: one picture, several, or all. Options and their letters ("A. x" or
    "(A) x") are those of the generator; letters are read by VLMEvalKit's rule. By generator, skill and number of pictures.
    """

    protocol = "ProVision's generators with options; letter or option text by VLMEvalKit's rule"
    capabilities = ("perception", "counting", "spatial", "several-pictures", "composition")
    places: ClassVar[int] = 5

    images: Path | None = None
    part: Part = "all"
    n: int = 228
    mode: Mode = "official"
    style: Style = field(default="letters", init=False)
    circular: bool = field(default=False, init=False)
    max_new_tokens: int = 32

    def __post_init__(self) -> None:
        """Graphs and their pictures together."""
        super().__post_init__()
        if (self.path is None) != (self.images is None):
            raise DataError("provision: path and images are given together: graphs, and the folder of their pictures.")

    @property
    def name(self) -> str:
        """With the part where it is not all."""
        return super().name + ("" if self.part == "all" else f"_{self.part}")

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """VLMEvalKit's."""
        return choose_letter(answer, options, self.mode)

    def published_asks(self) -> list[Ask]:
        """Questions of the engine on the annotated pictures, at most ``n``."""
        from vistune.engines import ENGINES

        parts = ("single", "multi") if self.part == "all" else (self.part,)
        engine = ENGINES.build(
            {
                "kind": "provision", "n": self.n, "annotations": str(self.path), "pictures": str(self.images),
                "choices": 1.0, "split": self.split, "tasks": dict.fromkeys(parts, 1.0), "seed": self.seed,
            }
        )  # fmt: skip
        asks: list[Ask] = []
        for example in engine.examples():
            for place, record in enumerate(example.meta.get("questions", ())):
                if record.get("choices"):
                    asks.append(_from_record(f"{example.id}-{place}", record, example))
        return asks[: self.n]

    def nano_asks(self) -> list[Ask]:
        """As many of each generator as scenes have."""
        from vistune.world.graphs.ask import MULTI, SINGLE

        names = [*(SINGLE if self.part != "multi" else ()), *(MULTI if self.part != "single" else ())]
        quota = -(-self.n // len(names))
        made: dict[str, list[Ask]] = {name: [] for name in names}
        for at, scenes, q in self._drawn([n for n in names if n in SINGLE], [n for n in names if n in MULTI]):
            own = made[q.type]
            if len(own) < quota and q.choices:
                own.append(self._ask(at, scenes, q, len(own)))
            if all(len(asks) >= quota for asks in made.values()):
                break
        return [ask for own in made.values() for ask in own][: self.n]

    def _drawn(self, single: Sequence[str], multi: Sequence[str]) -> Iterator[tuple[int, Any, Question]]:
        """(number, scenes, question), from three scenes for each wanted question."""
        from vistune.world import sample_scene
        from vistune.world.graphs import ask, scene_graph

        start = FIRST_SCENE + self.seed * 100_000
        rng = random.Random(f"provision/{self.seed}")
        for at in range(start, start + 3 * self.n):
            several = bool(multi) and (not single or at % 3 == 0)
            count = rng.choice((2, 2, 3)) if several else 1
            scenes = [
                sample_scene(at + 1_000_003 * k, split=self.split, prior=self.prior, min_things=2, max_things=6)
                for k in range(count)
            ]
            graphs = [scene_graph(scene, self.image_size) for scene in scenes]
            for q in ask(graphs, at, multi if several else single, 4, self.split, choices=1.0):
                yield at, scenes, q

    def _ask(self, at: int, scenes: Sequence[Any], q: Question, place: int) -> Ask:
        from vistune.world import render

        pictures = tuple(ImageSource(array=render(scene, self.image_size)) for scene in scenes)
        assert q.choices is not None
        truth = right_option(q.answer, q.choices, q.text)
        skill = _SKILL_OF.get(q.type, "several pictures")
        return Ask(
            f"{q.type}-{at}-{place}", q.text, q.choices, truth, pictures, type=q.type, group=f"scene-{at}",
            buckets=(skill, "single" if len(scenes) == 1 else "multi"), text=q.text,
        )  # fmt: skip


def _from_record(name: str, record: Mapping[str, Any], example: Example) -> Ask:
    options = tuple(record["choices"])
    several = len(example.images) > 1
    skill = _SKILL_OF.get(record["type"], "several pictures")
    return Ask(
        name, record["question"], options, right_option(record["answer"], options, name), tuple(example.images),
        type=record["type"], group=example.id, buckets=(skill, "multi" if several else "single"), text=record["question"],
    )  # fmt: skip


def right_option(answer: str, options: Sequence[str], where: str) -> int:
    """Place of the option that a generator's answer is, such as "B. dog" or "(B) dog". Raises ``DataError`` for none."""
    bare = re.sub(r"^(\([A-Z]\)|[A-Z]\.) ", "", answer)
    if bare not in options:
        raise DataError(f"{where}: the answer '{answer}' is none of {list(options)}.")
    return list(options).index(bare)
