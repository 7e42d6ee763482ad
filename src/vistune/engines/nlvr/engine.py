"""The engine: pictures and statements in NLVR's style, as instruction data."""

from __future__ import annotations

import random

from vistune.data.example import Example, ImageSource, Provenance, assistant, user
from vistune.engines.base import ENGINES, Engine
from vistune.engines.nlvr.boxes import draw_box, draw_boxes
from vistune.engines.nlvr.statements import sample_pair

#: How every NLVR statement is asked, real or made.
PROMPT = "{sentence} true or false?"


@ENGINES.register("nlvr_style")
class NLVRStyleEngine(Engine):
    """``n`` statements, true and false in equal parts.

    ``split`` True gives three pictures (one a box) of ``image_size`` pixels, else one of 400 x 100.
    """

    def __init__(self, n: int, *, split: bool = True, image_size: int = 64, seed: int = 0) -> None:
        self.n = n
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
        answer = "true" if label else "false"
        prompt = PROMPT.format(sentence=statement.text)
        return Example(
            id=f"nlvr-style-{self.seed}-{index}",
            messages=[user(prompt, images=tuple(range(len(images)))), assistant(answer)],
            images=images,
            answers=[answer],
            provenance=Provenance(source="made", engine="nlvr_style", licence="Apache-2.0"),
            meta={"sentence": statement.text, "label": answer, "style": style},
        )
