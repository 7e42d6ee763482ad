"""Instruction data in eight languages (tasks of mBLIP, arXiv 2307.06930, and Centurio, arXiv 2501.05122)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vistune.data.annotations.coco import CocoAnnotation, CocoFile, CocoImage, write_coco
from vistune.data.example import Example, Message, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.engines.scene_annotations import write_scene_annotations
from vistune.world import render, sample_scene
from vistune.world.annotate import boxes
from vistune.world.language.captions import Level
from vistune.world.language.wordings import Wordings
from vistune.world.legible import LEGIBLE
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Scene, Split
from vistune.world.tongues import TONGUES, ask, ask_street, caption, pointings, render_street, sample_street, word_box
from vistune.world.tongues.questions import tongue_of

_DESCRIBE = Wordings(
    ("describe the picture in {l}.", "caption in {l}:"), ("what does the picture show? say it in {l}.",)
)
_LEVELS: tuple[Level, ...] = ("short", "all", "long")


@ENGINES.register("tongues")
class TonguesEngine(SeededEngine):
    """Scenes asked about and described in several languages.

    ``tasks``: ``question``, ``caption`` and ``text`` (words on boards in the language: read and found; their boxes are in
    ``meta``); by name only ``instruction`` (told in the language to describe the picture and to point to things; boxes in
    shares of width and height: x0, y0, x1, y1). ``languages``: codes, by default all. ``english``: share of the questions
    that are asked in English, with the instruction to answer in the language. At the default size words on boards can be read.
    """

    KIND = "tongues"
    TASKS = ("question", "caption", "text", "instruction")
    BY_NAME = ("instruction",)

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = LEGIBLE["boards"],
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

    def write_annotations(self, folder: Path) -> list[Path]:
        """COCO, RefCOCO and Visual Genome files of the scenes, and ``captions_CODE.json``: COCO captions in each language, one
        of each length a scene. Streets are left out: their words and boxes are in ``meta``. -> the files.
        """
        named = []
        for index in range(self.n):
            number = self.number(index)
            if self.draw_task(self.stream(number)) != "text":
                named.append((f"{index // 1000:04d}/{index:07d}-0.png", self.scene(number)))
        files = write_scene_annotations(named, self.image_size, folder)
        images = [CocoImage(k, name, self.image_size, self.image_size) for k, (name, _) in enumerate(named, start=1)]
        for language in self.languages:
            told = [
                (image.id, caption(scene, scene.seed, language, level))
                for image, (_, scene) in zip(images, named)
                for level in _LEVELS
            ]
            captions = [CocoAnnotation(k, image_id, caption=text) for k, (image_id, text) in enumerate(told, start=1)]
            content = CocoFile(images, captions, extra={"info": {"language": language}})
            files.append(write_coco(content, folder / f"captions_{language}.json"))
        return files

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number. The languages take turns by chance, all alike."""
        task, language = self.draw_task(rng), rng.choice(self.languages)
        facts = {"task": task, "language": language}
        if task == "text":
            return self._street(number, language, facts)
        scene, english = self.scene(number), language != "en" and rng.random() < self.english
        picture = render(scene, self.image_size)
        if task == "caption":
            said = caption(scene, number, language, rng.choice(_LEVELS))
            asked = _DESCRIBE.pick(rng, self.split).format(l=TONGUES[language].NAME.capitalize())
            return self.example(number, [user(asked, images=(0,)), assistant(said)], [picture], facts)
        if task == "instruction":
            messages, things = self._told(scene, number, language, rng.choice(_LEVELS))
            return self.example(number, messages, [picture], {**facts, "things": things})
        found = ask(scene, number, language, n=self.turns, split=self.split)
        if english:
            found = [replace(q, text=in_english(q)) for q in found]
        messages, meta = question_turns(found)
        return self.example(number, messages, [picture], {**facts, "asked_in": "en" if english else language, **meta})

    def _street(self, number: int, language: str, facts: dict[str, Any]) -> Example:
        street = sample_street(number, language, split=self.split)
        messages, meta = question_turns(ask_street(street, number, n=self.turns))
        words = [
            {"word": b.word, "colour": b.colour, "box": [round(v, 1) for v in word_box(b, language, self.image_size)]}
            for b in street.boards
        ]
        return self.example(
            number, messages, [render_street(street, self.image_size)], {**facts, **meta, "words": words}
        )

    def _told(self, scene: Scene, number: int, language: str, level: Level) -> tuple[list[Message], list[int]]:
        """Turns that ask for a caption and then for the places of things; -> them and the things' indices."""
        request = TONGUES[language].DESCRIBE[level == "long"]
        messages = [user(request, images=(0,)), assistant(caption(scene, number, language, level))]
        found, things = boxes(scene, self.image_size) / self.image_size, []
        for pointing in pointings(scene, number, language, self.turns - 1):
            box = found[pointing.index]
            if box.any():
                messages += [user(pointing.text), assistant("[" + ", ".join(f"{v:.2f}" for v in box) + "]")]
                things.append(pointing.index)
        return messages, things


def in_english(question: Question) -> str:
    """The question in English, with the instruction to answer in its language."""
    language = TONGUES[question.facts["language"]].NAME.capitalize()
    return f"{question.facts['english'][0]} Answer in {language}."
