"""Instruction data from the picture-book world: every answer is exact, every example a function of its index."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example, ImageSource, Message, Provenance, assistant, user
from vistune.engines.base import ENGINES, Engine, question_record
from vistune.world.lengths import Length
from vistune.world.looks import Look, apply_look
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Scene, Split

TASKS = ("caption", "question", "conversation", "text_only", "reason")

#: Scenes of different engines must not coincide: the engine's seed moves its scenes this far apart.
_SEED_STRIDE = 10_000_000
#: Where a scene has no question of the wanted types, another is drawn this far away, this often.
_ATTEMPT_STRIDE = 100_003
_ATTEMPTS = 60


@ENGINES.register("world")
class WorldEngine(Engine):
    """Examples about rendered scenes.

    ``tasks`` gives the weight of each task: ``caption`` (name or describe the whole picture), ``question`` (one
    question), ``conversation`` (up to ``turns`` turns about one picture, a share ``caption_share`` of them opens with a
    caption), ``reason`` (one question, answered with why) and ``text_only`` (no picture). ``types`` restricts the
    questions. ``priors`` are drawn from in turn.
    ``look`` is the camera (``vistune.world.looks``). ``length`` asks for scenes with more things than training has
    (``vistune.world.lengths``), in place of ``max_things``; ``labels`` writes words on things.
    """

    def __init__(
        self,
        n: int,
        *,
        tasks: dict[str, float] | None = None,
        split: Split = "train",
        priors: Sequence[Prior] = ("skewed",),
        max_things: int = 5,
        image_size: int = 64,
        turns: int = 4,
        caption_share: float = 0.4,
        types: list[str] | None = None,
        look: Look = "plain",
        length: Length | None = None,
        labels: bool = False,
        seed: int = 0,
    ) -> None:
        self.n = n
        self.tasks = {"conversation": 1.0} if tasks is None else tasks
        for task in self.tasks:
            if task not in TASKS:
                raise ConfigError(f"The world engine has no task '{task}'. {nearest(task, TASKS)}")
        self.split: Split = split
        self.priors = tuple(priors)
        self.max_things = max_things
        self.image_size = image_size
        self.turns = turns
        self.caption_share = caption_share
        self.types = types
        self.look: Look = look
        self.length: Length | None = length
        self.labels = labels
        self.seed = seed

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < self.n:
            raise IndexError(index)
        number, rng, task = self._drawn(index)
        name = f"world-{self.split}-{number}"
        if task == "text_only":
            return self._text_only(name, rng)
        scene, messages, asked = self._scene_with(task, index, number, rng)
        questions = {"questions": [question_record(question) for question in asked]} if asked else {}
        return Example(
            id=name,
            messages=messages,
            images=[ImageSource(array=self._render(scene))],
            provenance=Provenance(source="world", engine="world", licence="Apache-2.0"),
            meta={"task": task, "scene": scene.seed, "prior": scene.prior, **questions},
        )

    def _drawn(self, index: int) -> tuple[int, random.Random, str]:
        """Number, random stream and task of example ``index``."""
        number = self.seed * _SEED_STRIDE + index
        rng = random.Random(f"{number}/{self.split}")
        return number, rng, rng.choices(list(self.tasks), list(self.tasks.values()))[0]

    def write_annotations(self, folder: Path) -> list[Path]:
        """COCO, RefCOCO and Visual Genome files of all pictures; -> the files.

        Pictures are named as the writers of ``vistune.data.formats`` store them in their folder of pictures.
        """
        from vistune.engines.scene_annotations import write_scene_annotations

        scenes: list[tuple[str, Scene]] = []
        for index in range(self.n):
            number, rng, task = self._drawn(index)
            if task != "text_only":
                scene, _, _ = self._scene_with(task, index, number, rng)
                scenes.append((f"{index // 1000:04d}/{index:07d}-0.png", scene))
        return write_scene_annotations(scenes, self.image_size, folder)

    def scene(self, index: int, attempt: int = 0) -> Scene:
        """The scene of example ``index``; further ``attempt`` give other scenes for the same example."""
        from vistune.world import sample_scene
        from vistune.world.lengths import sample_length

        number = self.seed * _SEED_STRIDE + attempt * _ATTEMPT_STRIDE + index
        prior = self.priors[index % len(self.priors)]
        if self.length is not None:
            return sample_length(number, self.length, split=self.split, prior=prior, labels=self.labels)
        return sample_scene(number, split=self.split, prior=prior, max_things=self.max_things, labels=self.labels)

    def _scene_with(
        self, task: str, index: int, number: int, rng: random.Random
    ) -> tuple[Scene, list[Message], list[Question]]:
        """The first scene that has something to say for the task (not each scene has a question of each type)."""
        for attempt in range(_ATTEMPTS):
            scene = self.scene(index, attempt)
            messages, asked = getattr(self, f"_{task}")(scene, number, rng)
            if messages:
                return scene, messages, asked
        raise DataError(
            f"world: {_ATTEMPTS} scenes in a row have no question of the types {', '.join(self.types or [])}. "
            "Name more types, or raise max_things."
        )

    def _render(self, scene: Scene):
        from vistune.world import render

        return apply_look(render(scene, self.image_size), self.look)

    def _caption(self, scene: Scene, number: int, rng: random.Random) -> tuple[list[Message], list[Question]]:
        from vistune.world.language import caption, caption_request

        level = rng.choice(("all", "all", "short", "long"))
        request = caption_request(level, number, split=self.split)
        return [user(request, images=(0,)), assistant(caption(scene, number, level=level, split=self.split))], []

    def _question(self, scene: Scene, number: int, _rng: random.Random) -> tuple[list[Message], list[Question]]:
        from vistune.world.questions import ask

        found = ask(scene, number, types=self.types, n=1, split=self.split)
        return [part for q in found for part in (user(q.text, images=(0,)), assistant(q.answer))], found

    def _reason(self, scene: Scene, number: int, rng: random.Random) -> tuple[list[Message], list[Question]]:
        from vistune.world.language import view_of
        from vistune.world.language.dialogue import with_explanation
        from vistune.world.questions import ask

        found = ask(scene, number, types=self.types, n=1, split=self.split)
        told = [with_explanation(q, view_of(scene), rng, self.split) for q in found]
        return [part for q, why in told for part in (user(q, images=(0,)), assistant(why))], found

    def _conversation(self, scene: Scene, number: int, _rng: random.Random) -> tuple[list[Message], list[Question]]:
        from vistune.world.language.dialogue import talk

        messages: list[Message] = []
        said = talk(scene, number, self.turns, self.split, caption_share=self.caption_share, types=self.types)
        for question, answer, _ in said:
            messages += [user(question, images=() if messages else (0,)), assistant(answer)]
        return messages, [question for _, _, question in said if question is not None]

    def _text_only(self, name: str, rng: random.Random) -> Example:
        from vistune.world.questions import ask_text_only

        question = ask_text_only(rng.randrange(1 << 40), split=self.split)
        return Example(
            id=name,
            messages=[user(question.text), assistant(question.answer)],
            provenance=Provenance(source="world", engine="world", licence="Apache-2.0"),
            meta={"task": "text_only"},
        )
