"""The engine: pictures and statements in NLVR's style, as instruction data."""

from __future__ import annotations

import random

from vistune.data.example import Example, ImageSource, Message, Provenance, assistant, user
from vistune.engines.base import ENGINES, Engine
from vistune.engines.nlvr.boxes import describe_boxes, draw_box, draw_boxes
from vistune.engines.nlvr.statements import more_statements, sample_pair

#: How every NLVR statement is asked, real or made.
PROMPT = "{sentence} true or false?"


@ENGINES.register("nlvr_style")
class NLVRStyleEngine(Engine):
    """``n`` statements, true and false in equal parts.

    ``split`` True gives three pictures (one a box) of ``image_size`` pixels, else one of 400 x 100. ``turns``
    statements share the pictures, so that these are encoded once; ``describe`` lets the conversation open with all
    shapes in words.
    """

    def __init__(
        self,
        n: int,
        *,
        split: bool = True,
        image_size: int = 64,
        turns: int = 1,
        describe: bool = False,
        seed: int = 0,
    ) -> None:
        self.n = n
        self.turns = turns
        self.describe = describe
        self.split = split
        self.image_size = image_size
        self.seed = seed

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < self.n:
            raise IndexError(index)
        rng = random.Random(f"nlvr/{self.seed}/{index}")
        style = "tower" if rng.random() < 0.5 else "scatter"
        label = rng.random() < 0.5
        boxes, statement = sample_pair(rng, style, label)
        pixels = [draw_box(box, self.image_size) for box in boxes] if self.split else [draw_boxes(boxes)]
        images = [ImageSource(array=array) for array in pixels]
        told = [(statement, label), *more_statements(rng, boxes, style, self.turns - 1)]
        asked = [(PROMPT.format(sentence=s.text), "true" if truth else "false") for s, truth in told]
        if self.describe:
            asked.insert(0, ("what is in the boxes?", describe_boxes(boxes)))
        messages: list[Message] = []
        for question, answer in asked:
            shown = () if messages else tuple(range(len(images)))
            messages += [user(question, images=shown), assistant(answer)]
        return Example(
            id=f"nlvr-style-{self.seed}-{index}",
            messages=messages,
            images=images,
            answers=["true" if label else "false"],
            provenance=Provenance(source="made", engine="nlvr_style", licence="Apache-2.0"),
            meta={"sentence": statement.text, "label": "true" if label else "false", "style": style},
        )
