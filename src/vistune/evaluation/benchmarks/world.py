"""Benchmarks made by the picture-book world; every right answer is exact."""

from __future__ import annotations

from vistune.data.example import Example, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.benchmarks.nano import FIRST_SCENE, picture, scene_facets, scenes
from vistune.evaluation.benchmarks.scoring import ExactMatch, YesNo
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.chair import ThingWords, chair_columns, chair_scores
from vistune.world.looks import Look
from vistune.world.questions.pope import PopeSetting
from vistune.world.scene import Prior, Split


@BENCHMARKS.register("world_qa")
class WorldQA(ExactMatch):
    """``n`` questions about test scenes, two a scene, by type; exact match."""

    def __init__(
        self,
        n: int = 600,
        split: Split = "test",
        prior: Prior = "flat",
        types: list[str] | None = None,
        look: Look = "plain",
        image_size: int = 64,
        seed: int = 0,
    ) -> None:
        self.n, self.types = n, types
        self.split: Split = split
        self.prior: Prior = prior
        self.look: Look = look
        self.image_size, self.seed = image_size, seed

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
                meta = {"type": q.type, "group": str(scene.seed), "facets": scene_facets(scene)}
                identity = f"{self.name}-{scene.seed}-{i}"
                pictures = [picture(scene, self.image_size, self.look)]
                made.append(Example(identity, [user(q.text, images=(0,))], pictures, answers=[q.answer], meta=meta))
            if len(made) >= self.n:
                break
        return made[: self.n]


@BENCHMARKS.register("text_only")
class TextOnly(ExactMatch):
    """``n`` questions that need no picture: what tuning on pictures must not destroy."""

    def __init__(self, n: int = 300, split: Split = "val", seed: int = 0) -> None:
        self.n, self.seed = n, seed
        self.split: Split = split

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


@BENCHMARKS.register("pope")
class Pope(YesNo):
    """POPE over ``n`` test scenes with three or more kinds: six questions each, by the official building and parsing rules."""

    protocol = "AoiDragon/POPE: three positives and three negatives a picture; official parsing"

    def __init__(
        self,
        n: int = 100,
        setting: PopeSetting = "random",
        split: Split = "test",
        prior: Prior = "skewed",
        mode: Mode = "official",
        image_size: int = 64,
        seed: int = 0,
    ) -> None:
        self.n = n
        self.setting: PopeSetting = setting
        self.split: Split = split
        self.prior: Prior = prior
        self.mode: Mode = mode
        self.image_size, self.seed = image_size, seed

    @property
    def name(self) -> str:
        """With the setting and, where it is not the usual one, the prior."""
        return f"pope_{self.setting}" + ("" if self.prior == "skewed" else f"_{self.prior}")

    def examples(self) -> list[Example]:
        """Six questions a scene."""
        from vistune.world.questions.pope import pope_probes, scene_kinds

        pool = scenes(self.n * 6, self.split, self.prior, self.seed, min_things=3)
        chosen = [scene for scene in pool if len(scene_kinds(scene)) >= 3][: self.n]
        made = []
        for i, probe in enumerate(pope_probes(chosen, self.setting, self.seed)):
            scene = chosen[probe.scene]
            meta = {"type": self.setting, "group": str(scene.seed), "facets": scene_facets(scene)}
            pictures = [picture(scene, self.image_size)]
            made.append(
                Example(f"{self.name}-{i}", [user(probe.text, images=(0,))], pictures, answers=[probe.label], meta=meta)
            )
        return made


@BENCHMARKS.register("chair")
class Chair(Benchmark):
    """CHAIR on captions of ``n`` test scenes; truth is the exact list of things."""

    main = "chair_s"
    higher_is_better = False
    protocol = "LisaAnne/Hallucination: mentions by synonym table; truth from the scene"

    def __init__(
        self,
        n: int = 200,
        split: Split = "test",
        prior: Prior = "skewed",
        prompt: str = "describe the picture.",
        max_new_tokens: int = 96,
        mode: Mode = "official",
        image_size: int = 64,
        seed: int = 0,
    ) -> None:
        self.n, self.prompt = n, prompt
        self.mode: Mode = mode
        self.split: Split = split
        self.prior: Prior = prior
        self.max_new_tokens, self.image_size, self.seed = max_new_tokens, image_size, seed

    @property
    def name(self) -> str:
        """With the prior where it is not the usual one."""
        return "chair" if self.prior == "skewed" else f"chair_{self.prior}"

    def examples(self) -> list[Example]:
        """One request a scene; references are the names of its things."""
        made = []
        for scene in scenes(self.n, self.split, self.prior, self.seed):
            things = sorted({thing.kind for thing in scene.things})
            meta = {"type": "caption", "group": str(scene.seed), "facets": scene_facets(scene)}
            pictures = [picture(scene, self.image_size)]
            messages = [user(self.prompt, images=(0,))]
            made.append(Example(f"{self.name}-{scene.seed}", messages, pictures, answers=things, meta=meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Score 1 for a caption without a hallucinated thing."""
        from vistune.world.language import synonyms

        mentioned = ThingWords(synonyms(), mode=self.mode).mentions(answer)
        columns = chair_columns(mentioned, set(example.answers))
        return Scored(", ".join(mentioned), 1.0 - columns["with_hallucination"], columns)

    measures = staticmethod(chair_scores)  # type: ignore[assignment]
