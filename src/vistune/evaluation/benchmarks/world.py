"""Benchmarks made by the picture-book world; every right answer is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vistune.data.example import Example, user
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.nano import FIRST_SCENE, picture, scene_facets, scenes
from vistune.evaluation.benchmarks.scoring import ExactMatch
from vistune.world.looks import Look
from vistune.world.scene import Prior, Scene, Split

if TYPE_CHECKING:
    from vistune.world.questions.question import Question


@BENCHMARKS.register("world_qa")
class WorldQA(ExactMatch):
    """``n`` questions about test scenes, two a scene, by type; exact match."""

    capabilities = ("perception", "counting", "spatial")

    n: int = 600
    split: Split = "test"
    prior: Prior = "flat"
    types: list[str] | None = None
    look: Look = "plain"
    image_size: int = 64
    seed: int = 0

    @property
    def name(self) -> str:
        """With the prior, and look and split where they are not the plain one and ``test``."""
        look = "" if self.look == "plain" else f"_{self.look}"
        return f"world_qa_{self.prior}{look}" + ("" if self.split == "test" else f"_{self.split}")

    def examples(self) -> list[Example]:
        """Two questions a scene."""
        from vistune.world.questions import ask

        made: list[Example] = []
        for scene in scenes(self.n, self.split, self.prior, self.seed):
            for i, q in enumerate(ask(scene, scene.seed, types=self.types, n=2, split=self.split)):
                facets = scene_facets(scene) | asked_size(scene, q)
                meta = {"type": q.type, "group": str(scene.seed), "facets": facets}
                identity = f"{self.name}-{scene.seed}-{i}"
                pictures = [picture(scene, self.image_size, self.look)]
                made.append(Example(identity, [user(q.text, images=(0,))], pictures, answers=[q.answer], meta=meta))
            if len(made) >= self.n:
                break
        return made[: self.n]


def asked_size(scene: Scene, asked: Question) -> dict[str, str]:
    """The size of the thing that a question is about, where it is about one: how much of the picture is to be read."""
    things = asked.facts.get("things", ())
    return {"size of the thing": scene.things[things[0]].size} if len(things) == 1 else {}


@BENCHMARKS.register("text_only")
class TextOnly(ExactMatch):
    """``n`` questions that need no picture: what tuning on pictures must not destroy."""

    capabilities = ("language", "knowledge")

    n: int = 300
    split: Split = "val"
    seed: int = 0

    def examples(self) -> list[Example]:
        """Questions of the split, each once."""
        from vistune.world.questions import ask_text_only

        made: dict[str, Example] = {}
        for number in range(self.n * 20):
            q = ask_text_only(FIRST_SCENE + self.seed * 100_000 + number, split=self.split)
            if q.text not in made:
                meta = {"type": q.type, "group": q.text}
                made[q.text] = Example(f"text-{len(made)}", [user(q.text)], answers=[q.answer], meta=meta)
            if len(made) == self.n:
                break
        return list(made.values())
