"""Instruction data in eight languages (tasks of mBLIP, arXiv 2307.06930, and Centurio, arXiv 2501.05122)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world import render, sample_scene
from vistune.world.language.wordings import Wordings
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Scene, Split
from vistune.world.tongues import TONGUES, ask, ask_street, caption, render_street, sample_street, word_box
from vistune.world.tongues.questions import tongue_of

_DESCRIBE = Wordings(
    ("describe the picture in {l}.", "caption in {l}:"), ("what does the picture show? say it in {l}.",)
)
#: Words on boards are small: from this size on they can be read.
LEGIBLE = 96


@ENGINES.register("tongues")
class TonguesEngine(SeededEngine):
    """Scenes asked about and described in several languages.

    ``tasks``: ``question``, ``caption`` and ``text`` (words on boards in the language: read and found; their boxes are in
    ``meta``). ``languages``: codes, by default all. ``english``: share of the questions that are asked in English, with the
    instruction to answer in the language. Text needs an ``image_size`` of about 96 to be read.
    """

    KIND = "tongues"
    TASKS = ("question", "caption", "text")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 96,
        turns: int = 3,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        languages: Sequence[str] | None = None,
        english: float = 0.25,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.languages = list(TONGUES) if languages is None else list(languages)
        for language in self.languages:
            tongue_of(language)
        self.english = english

    def scene(self, number: int) -> Scene:
        """The scene of a number; the same in every language."""
        return sample_scene(number, split=self.split, prior=self.prior)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number. The languages take turns by chance, all alike."""
        task, language = self.draw_task(rng), rng.choice(self.languages)
        facts = {"task": task, "language": language}
        if task == "text":
            street = sample_street(number, language, split=self.split)
            messages, meta = question_turns(ask_street(street, number, n=self.turns))
            boxes = [[round(v, 1) for v in word_box(board, language, self.image_size)] for board in street.boards]
            words = [
                {"word": b.word, "colour": b.colour, "box": box} for b, box in zip(street.boards, boxes, strict=True)
            ]
            return self.example(
                number, messages, [render_street(street, self.image_size)], {**facts, **meta, "words": words}
            )
        scene, english = self.scene(number), language != "en" and rng.random() < self.english
        picture = render(scene, self.image_size)
        if task == "caption":
            said = caption(scene, number, language, rng.choice(("short", "all", "long")))
            asked = _DESCRIBE.pick(rng, self.split).format(l=TONGUES[language].NAME.capitalize())
            return self.example(number, [user(asked, images=(0,)), assistant(said)], [picture], facts)
        found = ask(scene, number, language, n=self.turns, split=self.split)
        if english:
            found = [replace(q, text=in_english(q)) for q in found]
        messages, meta = question_turns(found)
        return self.example(number, messages, [picture], {**facts, "asked_in": "en" if english else language, **meta})


def in_english(question: Question) -> str:
    """The question in English, with the instruction to answer in its language."""
    language = TONGUES[question.facts["language"]].NAME.capitalize()
    return f"{question.facts['english'][0]} Answer in {language}."
