"""Instruction data about slides under a microscope."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from vistune.data.annotations.coco import CocoAnnotation, CocoCategory, CocoFile, CocoImage, write_coco
from vistune.data.annotations.vqa_rad import RadQuestion, write_vqa_rad
from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.cells import KINDS, Slide, ask, masks, render, report, sample_slide, short_caption
from vistune.world.cells.questions import CLASSES
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Prior, Split

_DESCRIBE = Wordings(("what does the slide show?", "describe the slide."), ("say what is on the slide.",))
_REPORT = Wordings(("write a report of the slide.", "give findings and impression."), ("report what you find.",))


@ENGINES.register("cells")
class CellsEngine(SeededEngine):
    """Slides of invented cells; nothing in them is medical advice.

    ``tasks``: ``question``, ``caption`` and ``report`` (findings, with what is absent, and an impression). ``cells``: of a
    kind at most.
    """

    KIND = "cells"
    TASKS = ("question", "caption", "report")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        cells: int = 7,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.cells = cells

    def slide(self, number: int) -> Slide:
        """The slide of a number."""
        return sample_slide(number, split=self.split, prior=self.prior, most=self.cells)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, slide = self.draw_task(rng), self.slide(number)
        picture = render(slide, self.image_size)
        facts = {"task": task, "sample": slide.sample, "stain": slide.stain, "width": slide.width}
        if task == "question":
            messages, meta = question_turns(ask(slide, number, n=self.turns, split=self.split))
            return self.example(number, messages, [picture], {**facts, **meta})
        wordings, answer = (_REPORT, report(slide)) if task == "report" else (_DESCRIBE, short_caption(slide))
        messages = [user(wordings.pick(rng, self.split), images=(0,)), assistant(answer)]
        return self.example(number, messages, [picture], facts)

    def write_annotations(self, folder: Path) -> list[Path]:
        """``instances.json`` (COCO: a polygon, box and area for each cell) and ``questions.json`` (VQA-RAD)."""
        images, annotations, questions = [], [], []
        for index in range(len(self)):
            number = self.number(index)
            slide, name = self.slide(number), f"cells-{self.split}-{number}.png"
            images.append(CocoImage(index + 1, name, self.image_size, self.image_size))
            for k, mask in enumerate(masks(slide, self.image_size)):
                annotations.append(_instance(slide, k, mask, len(annotations) + 1, index + 1, self.image_size))
            for q in ask(slide, number, n=self.turns, split=self.split):
                kind = "CLOSED" if q.choices or q.answer in ("yes", "no") else "OPEN"
                sample = slide.sample.upper()
                questions.append(RadQuestion(len(questions) + 1, name, sample, q.text, q.answer, kind, CLASSES[q.type]))
        categories = [CocoCategory(k + 1, kind, "cell") for k, kind in enumerate(KINDS)]
        return [
            write_coco(CocoFile(images, annotations, categories), folder / "instances.json"),
            write_vqa_rad(folder / "questions.json", questions),
        ]


def _instance(slide: Slide, place: int, mask: np.ndarray, id: int, image: int, size: int) -> CocoAnnotation:
    """COCO's view of a cell: polygon of the rim, box of the mask's pixels, their number."""
    cell = slide.cells[place]
    ring = [round(v / slide.width * size, 2) for point in cell.outline() for v in point]
    ys, xs = np.nonzero(mask)
    box = (
        (float(xs.min()), float(ys.min()), float(xs.max() - xs.min() + 1), float(ys.max() - ys.min() + 1))
        if len(xs)
        else None
    )
    return CocoAnnotation(id, image, KINDS.index(cell.kind) + 1, box, float(mask.sum()), 0, [ring])
