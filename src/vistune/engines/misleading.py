"""Instruction data that tempts: leading questions, false suppositions, text beside the picture, false instructions."""

from __future__ import annotations

import random
from pathlib import Path

from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_record, question_turns
from vistune.engines.scene_annotations import write_scene_annotations
from vistune.world import render, sample_scene
from vistune.world.questions.misleading import INSTRUCTIONS, ask_misleading, beside, instruction
from vistune.world.scene import Prior, Scene, Split

_HOW = ("match", "corrupt", "irrelevant")


@ENGINES.register("misleading")
class MisleadingEngine(SeededEngine):
    """Scenes with words that may lead away from them; the answer is always the picture's.

    ``tasks``: ``question`` (leading ones, and ones that suppose what may not be there), ``beside`` (a text that matches,
    contradicts or is irrelevant; ``meta`` has what the text alone would say) and ``instruct`` (negative and positive
    instructions). ``labels`` writes words on things.
    """

    KIND = "misleading"
    TASKS = ("question", "beside", "instruct")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 3,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        things: int = 5,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.things = things

    def scene(self, number: int) -> Scene:
        """The scene of a number."""
        return sample_scene(number, split=self.split, prior=self.prior, min_things=1, max_things=self.things)

    def write_annotations(self, folder: Path) -> list[Path]:
        """What is known of the scenes: COCO, RefCOCO and Visual Genome files; -> the files. The text beside is in ``meta``."""
        named = [(f"{index // 1000:04d}/{index:07d}-0.png", self.scene(self.number(index))) for index in range(self.n)]
        return write_scene_annotations(named, self.image_size, folder)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, scene = self.draw_task(rng), self.scene(number)
        picture = render(scene, self.image_size)
        if task == "beside":
            how = rng.choice(_HOW)
            found = beside(scene, number, how, self.split)
            if found is not None:
                facts = {"task": task, "how": how, "text": found.text, "text_answer": found.text_answer}
                messages = [user(found.prompt, images=(0,)), assistant(found.answer)]
                return self.example(number, messages, [picture], {**facts, "questions": [question_record(found.asked)]})
        if task == "instruct":
            sorts = ("true",) if rng.random() < 0.5 else rng.sample(INSTRUCTIONS[:-1], len(INSTRUCTIONS) - 1)
            made = next((i for s in sorts if (i := instruction(scene, number, s, self.split)) is not None), None)
            if made is not None:
                messages = [user(made.text, images=(0,)), assistant(made.response)]
                return self.example(number, messages, [picture], {"task": task, "sort": made.sort})
        found = ask_misleading(scene, number, n=self.turns, split=self.split)
        if not found:
            found = ask_misleading(scene, number, ["leading"], 1, self.split)
        messages, meta = question_turns(found)
        return self.example(number, messages, [picture], {"task": "question", **meta})
