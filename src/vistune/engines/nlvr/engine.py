"""The engine: pictures and statements in NLVR's style, as instruction data."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image

from vistune.core.errors import ConfigError
from vistune.data.annotations.nlvr import NlvrItem, NlvrShape, write_nlvr
from vistune.data.example import Example, ImageSource, Message, Provenance, assistant, user
from vistune.engines.base import ENGINES, Engine
from vistune.engines.nlvr.boxes import Boxes, describe_boxes, draw_box, draw_boxes
from vistune.engines.nlvr.statements import Statement, more_statements, sample_pair

#: How every NLVR statement is asked, real or made.
PROMPT = "{sentence} true or false?"
#: Colour of a shape -> its name in NLVR's files.
_COLOURS = {"yellow": "Yellow", "black": "Black", "blue": "#0099ff"}


@ENGINES.register("nlvr_style")
class NLVRStyleEngine(Engine):
    """``n`` conversations about ``boxes`` grey boxes: statements, true and false in equal parts, or a description.

    ``split`` True gives one picture of ``image_size`` pixels a box, else one of 400 x 100 with all three. ``turns``
    statements share the pictures, so that these are encoded once; later ones can partly be inferred from earlier ones,
    so few are better. A share ``describe`` of the conversations names all shapes instead: no statement stands beside a
    description, from which its truth could be read.
    """

    def __init__(
        self,
        n: int,
        *,
        boxes: int = 3,
        split: bool = True,
        image_size: int = 64,
        turns: int = 1,
        describe: float = 0.0,
        seed: int = 0,
    ) -> None:
        if boxes not in (1, 2, 3) or (boxes < 3 and not split):
            raise ConfigError(f"nlvr_style: boxes is 1, 2 or 3 (3 where split is false), not {boxes}.")
        if not 0.0 <= describe <= 1.0:
            raise ConfigError(f"nlvr_style: describe is a share between 0 and 1, not {describe}.")
        self.n = n
        self.boxes = boxes
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
        rng, style, boxes, statement, label = self._sampled(index)
        pixels = [draw_box(box, self.image_size) for box in boxes] if self.split else [draw_boxes(boxes)]
        images = [ImageSource(array=array) for array in pixels]
        if rng.random() < self.describe:
            asked = [("what is in the boxes?", describe_boxes(boxes))]
        else:
            told = self._told(rng, style, boxes, statement, label)
            asked = [(PROMPT.format(sentence=s.text), "true" if truth else "false") for s, truth in told]
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

    def _sampled(self, index: int) -> tuple[random.Random, str, Boxes, Statement, bool]:
        """Of an example: its random stream, the style of its boxes, the boxes, its first statement, and whether it is true."""
        rng = random.Random(f"nlvr/{self.seed}/{index}")
        style = "tower" if rng.random() < 0.5 else "scatter"
        label = rng.random() < 0.5
        boxes, statement = sample_pair(rng, style, label, boxes=self.boxes)
        return rng, style, boxes, statement, label

    def _told(
        self, rng: random.Random, style: str, boxes: Boxes, statement: Statement, label: bool
    ) -> list[tuple[Statement, bool]]:
        return [(statement, label), *more_statements(rng, boxes, style, self.turns - 1)]

    def write_annotations(self, folder: Path) -> list[Path]:
        """``train/train.json`` and ``train/images``, as NLVR publishes them: the format ``nlvr`` reads the folder. -> both.

        Every statement of an example is an item of its scene; examples that only describe have one too.

        Raises:
            ConfigError: fewer than three boxes, where NLVR has three.
        """
        if self.boxes != 3:
            raise ConfigError(f"nlvr_style: NLVR has three boxes, not {self.boxes}: leave --annotations out.")
        items: list[NlvrItem] = []
        images = folder / "train" / "images"
        for index in range(self.n):
            rng, style, boxes, statement, label = self._sampled(index)
            describes = rng.random() < self.describe
            told = [(statement, label)] if describes else self._told(rng, style, boxes, statement, label)
            directory = str(index // 1000)
            (images / directory).mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(draw_boxes(boxes))
            for k, (said, truth) in enumerate(told):
                name = f"{index}-{k}"
                picture.save(images / directory / f"train-{name}-0.png")
                items.append(NlvrItem(name, directory, said.text, "true" if truth else "false", structured(boxes)))
        return [write_nlvr(folder / "train" / "train.json", items), images]


def structured(boxes: Boxes) -> tuple[tuple[NlvrShape, ...], ...]:
    """Boxes as NLVR's ``structured_rep``."""
    return tuple(tuple(NlvrShape(s.x, s.y, s.kind, _COLOURS[s.colour], s.size) for s in box) for box in boxes)
