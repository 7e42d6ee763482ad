"""Pictures with numbered marks, and things that are pointed at.

List Items One by One (arXiv 2404.16375), Draw-and-Understand (arXiv 2403.20271), REF-VLM (arXiv 2503.07413).
"""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
from PIL import Image, ImageDraw

from vistune.data.example import Example, Message, Part, Region, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.engines.scene_annotations import write_scene_annotations
from vistune.world import render, sample_scene
from vistune.world.annotate import to_coco_rle
from vistune.world.language.grammar import a, full_phrase
from vistune.world.language.wordings import Wordings
from vistune.world.marks import Mark, ask_marks, draw_marks, listing, listing_request, place_marks
from vistune.world.pointing import Form, Pointer, point_at
from vistune.world.scene import Prior, Scene, Split

#: What is asked of a place -> its wordings.
_ASKED = {
    "name_of_region": Wordings(("what is this?", "which thing is meant here?"), ("name what is shown here.",)),
    "colour_of_region": Wordings(("what colour is this?", "which colour does this have?"), ("say its colour.",)),
    "region_caption": Wordings(("describe this.", "what does this look like?"), ("say what you see here.",)),
}


@ENGINES.register("marks")
class MarksEngine(SeededEngine):
    """Things named by number, or pointed at.

    ``tasks``: ``listing`` (name all marked things by number), ``question`` (on a marked picture), ``pointed`` (an unmarked
    picture and a place in it, an ``Example.regions``: what is there, its colour, or a description). ``forms``: of
    pointing, each as likely; ``noise`` jitters boxes. ``meta`` has the marks: number, thing, anchor and box in pixels.
    """

    KIND = "marks"
    TASKS = ("listing", "question", "pointed")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 128,
        turns: int = 3,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        things: int = 6,
        forms: tuple[Form, ...] = get_args(Form),
        noise: float = 0.0,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.things = things
        self.forms = tuple(forms)
        self.noise = noise

    def scene(self, number: int) -> Scene:
        """The scene of a number."""
        least = min(3, self.things)
        return sample_scene(number, split=self.split, prior=self.prior, min_things=least, max_things=self.things)

    def write_annotations(self, folder: Path) -> list[Path]:
        """What is known of the scenes: COCO, RefCOCO and Visual Genome files; -> the files. The marks are in ``meta``."""
        named = [(f"{index // 1000:04d}/{index:07d}-0.png", self.scene(self.number(index))) for index in range(self.n)]
        return write_scene_annotations(named, self.image_size, folder)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, scene = self.draw_task(rng), self.scene(number)
        marks = place_marks(scene, self.image_size, number) if task != "pointed" else ()
        if task == "listing" and marks:
            request = listing_request(number, self.split)
            said = [user(request, images=(0,)), assistant(listing(scene, marks))]
            return self._marked(number, scene, marks, said, {"task": task})
        found = ask_marks(scene, marks, number, n=self.turns, split=self.split) if marks else []
        if found:
            messages, meta = question_turns(found)
            return self._marked(number, scene, marks, messages, {"task": "question", **meta})
        return self._pointed(number, scene, rng)

    def _marked(
        self, number: int, scene: Scene, marks: tuple[Mark, ...], messages: list[Message], meta: dict
    ) -> Example:
        picture = draw_marks(render(scene, self.image_size), marks)
        told = [{**asdict(mark), "box": list(mark.box)} for mark in marks]
        return self.example(number, messages, [picture], {**meta, "marks": told})

    def _pointed(self, number: int, scene: Scene, rng: random.Random) -> Example:
        index = rng.randrange(len(scene.things))
        form = rng.choice(self.forms)
        shown = point_at(scene, index, form, size=self.image_size, seed=number, noise=self.noise)
        type, thing = rng.choice(sorted(_ASKED)), scene.things[index]
        wording = _ASKED[type].pick(rng, self.split)
        answers = {
            "name_of_region": a(thing.kind),
            "colour_of_region": thing.colour,
            "region_caption": a(full_phrase(thing)),
        }
        messages = [
            Message("user", [Part(image=0), Part(text=wording), Part(region=0)]),
            assistant(answers[type]),
        ]
        record = {"type": type, "question": wording, "answer": answers[type], "program": None}
        record["held_out"] = _ASKED[type].is_held_out(wording)
        meta = {"task": "pointed", "form": form, "thing": index, "questions": [record]}
        if shown.scribble is not None:
            meta["scribble"] = [list(place) for place in shown.scribble]
        regions = [region_of(shown, self.image_size, thing.kind)]
        return self.example(number, messages, [render(scene, self.image_size)], meta, regions=regions)


def region_of(pointer: Pointer, size: int, label: str | None = None) -> Region:
    """A pointer as an ``Example`` holds it: a scribble as the mask of its line, as wide as a fiftieth of the picture."""
    mask = pointer.mask
    if pointer.scribble is not None:
        canvas = Image.new("1", (size, size))
        draw = ImageDraw.Draw(canvas)
        draw.line(pointer.scribble, 1, max(1, size // 50))
        draw.point([(int(x), int(y)) for x, y in pointer.scribble], 1)
        mask = np.asarray(canvas)
    rle = None if mask is None else to_coco_rle(mask)
    return Region(image=0, box=pointer.box, point=pointer.point, mask=rle, label=label)
