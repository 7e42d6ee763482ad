"""RefCOCO, RefCOCO+ and RefCOCOg (arXiv 1608.00272, 1511.02283): a box for each expression."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, Region, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Published, Scored
from vistune.evaluation.benchmarks.nano import endless_scenes, picture, scene_facets
from vistune.evaluation.benchmarks.prompts import check_prompt
from vistune.evaluation.metrics.grounding import (
    Box,
    Convention,
    Extraction,
    Frame,
    centre_inside,
    iou,
    iou_older,
    parse_boxes,
)
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene

Dataset = Literal["refcoco", "refcoco+", "refcocog"]
RefSplit = Literal["train", "val", "testA", "testB"]
#: Stricter thresholds that are told beside 0.5.
STRICTER = (0.7, 0.9)

_FORMAT = (
    "Bounding box coordinates are specified in the format [top-left x, top-left y, bottom-right x, bottom-right y]. "
)
_ASK = " Please provide the bounding box coordinate of the region this sentence describes: {expression}"
#: lmms-eval's request, and the same for other conventions.
PROMPTS: dict[Convention, str] = {
    "unit": f"{_FORMAT}All values are floating point numbers bounded between 0 and 1.{_ASK}",
    "thousand": f"{_FORMAT}All values are integers bounded between 0 and 1000.{_ASK}",
    "pixels": f"{_FORMAT}All values are pixels of a picture that is {{width}} wide and {{height}} high.{_ASK}",
}


def box_text(box: Box, frame: Frame) -> str:
    """A box as a model of this convention writes it; shares with two digits, as vistune's processor writes regions."""
    digits = {"unit": 2, "thousand": 0, "pixels": 0}[frame.convention]
    return "[" + ", ".join(f"{value:.{digits}f}" for value in frame.numbers(box)) + "]"


@BENCHMARKS.register("refcoco")
class RefCOCO(Published):
    """One box for each referring expression; right where its IoU with the true box is 0.5 or more (Acc@0.5).

    ``path``: a list of expressions with boxes (``refcoco_testA.json``: question, question_id, gt_answers), lines by picture
    (InstructDet), or a folder with ``refs(...).json`` and COCO's ``instances.json``, of which ``split`` is taken; ``images``:
    COCO's train2014. ``convention`` and ``padded`` say what a model's numbers mean (shares, thousandths, pixels; of the picture
    padded to a square, as LLaVA-1.5 sees it): a model that answers in another one gets 0. ``extraction: brackets`` takes the
    first [a, b, c, d] as lmms-eval does, ``any`` any four numbers. Unreadable: a zero box, wrong. ``mode: older``: IoU above 0.5
    with sides one pixel longer.
    """

    protocol = "Acc@0.5 of expressions; lmms-eval's request and parsing; unreadable answers are wrong"
    capabilities = ("grounding", "spatial")
    max_new_tokens = 64

    images: Path | None = None
    dataset: Dataset = "refcoco"
    split: RefSplit = "val"
    convention: Convention = "unit"
    padded: bool = False
    extraction: Extraction = "brackets"
    mode: Literal["official", "older"] = "official"
    prompt: str | None = None
    limit: int | None = None
    n: int = 200

    def __post_init__(self) -> None:
        """A request that holds the expression."""
        super().__post_init__()
        if self.prompt is not None:
            check_prompt(self.kind, self.prompt, ("expression",), ("width", "height"))

    @property
    def name(self) -> str:
        """The file's, or set and split."""
        if self.path is None:
            return f"nano_{self.dataset}_{self.split}"
        return self.path.stem if self.path.is_file() else f"{self.dataset}_{self.split}"

    # -- items ---------------------------------------------------------------------------------------------------------

    def published(self) -> list[Example]:
        """One item an expression."""
        assert self.path is not None
        if self.images is None:
            raise DataError(f"{self.path}: the pictures are needed (COCO's train2014): images=FOLDER.")
        found = list(itertools.islice(self._expressions(self.path), self.limit))
        if not found:
            raise DataError(f"{self.path} has no expression of the split '{self.split}'.")
        return [
            self._item(f"{self.name}-{k}", text, box, size, ImageSource(path=self.images / file), file, self.name, {})
            for k, (file, text, box, size) in enumerate(found)
        ]

    def _expressions(self, path: Path) -> Iterator[tuple[str, str, Box, tuple[int, int]]]:
        """(file name, expression, box in pixels, (width, height))."""
        from vistune.data.annotations.refcoco import read_expressions, read_referred_images

        if path.is_dir():
            yield from self._refs(path)
        elif _is_lines(path):
            for image in read_referred_images(path):
                for named in image.named:
                    # An expression for several boxes is another task (gRefCOCO).
                    if len(named.boxes) == 1:
                        x, y, w, h = named.boxes[0]
                        for text in named.expressions:
                            yield image.filename, text, (x, y, x + w, y + h), (image.width, image.height)
        else:
            for e in read_expressions(path):
                yield Path(e.image_path).name, e.text, e.box, (e.width, e.height)

    def _refs(self, folder: Path) -> Iterator[tuple[str, str, Box, tuple[int, int]]]:
        from vistune.data.annotations.coco import read_coco
        from vistune.data.annotations.refcoco import read_refs

        files = sorted(folder.glob("refs(*).json"))
        if len(files) != 1:
            raise DataError(f"{folder}: one file refs(...).json was expected, not {len(files)}.")
        coco = read_coco(folder / "instances.json")
        boxes, sizes = {a.id: a.bbox for a in coco.annotations}, {i.id: (i.width, i.height) for i in coco.images}
        names = {i.id: i.file_name for i in coco.images}
        for ref in read_refs(files[0]):
            box = boxes.get(ref.ann_id)
            if box is None or ref.image_id not in sizes:
                raise DataError(
                    f"{files[0]}: ref {ref.ref_id} names an annotation or picture that instances.json lacks."
                )
            if ref.split == self.split:
                x, y, w, h = box
                for sentence in ref.sentences:
                    yield names[ref.image_id], sentence.sent, (x, y, x + w, y + h), sizes[ref.image_id]

    def nano(self) -> list[Example]:
        """Expressions that fit one thing of a test scene: short (refcoco), without places (refcoco+), long (refcocog).

        testA: people, of whom a scene may have one only; testB, val and train: things of which the scene has two or more of a
        kind, as in RefCOCO's pictures. train: of training scenes.
        """
        from vistune.world.annotate import boxes
        from vistune.world.vocabulary import KIND_BY_NAME

        made: list[Example] = []
        scenes = "train" if self.split == "train" else "test"
        for scene in endless_scenes(self.seed, scenes, self.prior, min_things=2, most=40 * self.n):
            told = self._told(scene)
            placed = boxes(scene, self.image_size) if told else ()
            for index, text in told:
                x0, y0, x1, y1 = (float(v) for v in placed[index])
                if min(x1 - x0, y1 - y0) < self.image_size / 16:
                    continue
                size = (self.image_size, self.image_size)
                kind = "person" if KIND_BY_NAME[scene.things[index].kind].group == "person" else "other"
                identity, shown = f"{self.name}-{scene.seed}-{index}", picture(scene, self.image_size)
                facets = scene_facets(scene)
                made.append(self._item(identity, text, (x0, y0, x1, y1), size, shown, str(scene.seed), kind, facets))
                break
            if len(made) == self.n:
                break
        return made

    def _told(self, scene: Scene) -> list[tuple[int, str]]:
        """Things that the split asks for, with their expressions."""
        from vistune.world.vocabulary import KIND_BY_NAME

        kinds = [thing.kind for thing in scene.things]
        found = []
        for index, kind in enumerate(kinds):
            person = KIND_BY_NAME[kind].group == "person"
            fits = person if self.split == "testA" else kinds.count(kind) > 1 and (self.split != "testB" or not person)
            text = _expression(scene, index, self.dataset) if fits else None
            if text is not None:
                found.append((index, text))
        return found

    def _item(
        self,
        identity: str,
        text: str,
        box: Box,
        size: tuple[int, int],
        image: ImageSource,
        group: str,
        type: str,
        facets: dict[str, str],
    ) -> Example:
        frame = Frame(self.convention, size, self.padded)
        prompt = self.prompt or PROMPTS[self.convention]
        asked = prompt.format(expression=text, width=size[0], height=size[1])
        meta = {"type": type, "group": group, "box": box, "size": size, "facets": {**facets, **_facets(text, box)}}
        region = Region(0, box=box, label=text)
        answers = [box_text(box, frame)]
        return Example(identity, [user(asked, images=(0,))], [image], [region], answers=answers, meta=meta)

    # -- scores --------------------------------------------------------------------------------------------------------

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong at 0.5; beside it stricter thresholds, the IoU, and whether the middle lies in the true box."""
        box, overlap = self._overlap(example, answer)
        right = float(overlap > 0.5 if self.mode == "older" else overlap >= 0.5)
        columns = {"items": 1.0, "correct": right, "iou": overlap, "unparsed": float(box is None)}
        columns |= {f"correct_{x}": float(overlap >= x) for x in STRICTER}
        columns["centre"] = float(centre_inside(box, example.meta["box"]))
        return Scored(None if box is None else _shown(box), right, columns)

    def _overlap(self, example: Example, answer: str) -> tuple[Box | None, float]:
        frame = Frame(self.convention, example.meta["size"], self.padded)
        box = next(iter(parse_boxes(answer, frame, self.extraction)), None)
        measure = iou_older if self.mode == "older" else iou
        return box, 0.0 if box is None else measure(box, example.meta["box"])

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy at 0.5, 0.7 and 0.9, mean IoU, share of middles inside, share unparsed."""
        found = {"accuracy": ratio(sums["correct"], sums["items"])}
        found |= {f"accuracy_{x}": ratio(sums[f"correct_{x}"], sums["items"]) for x in STRICTER}
        return found | {name: ratio(sums[name], sums["items"]) for name in ("iou", "centre", "unparsed")}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The numbers as a box in pixels, the true one, and their overlap."""
        box, overlap = self._overlap(example, str(item["answer"]))
        frame = f"{self.convention}{', of the padded square' if self.padded else ''}"
        return [
            (f"numbers read as {frame}", "none: a zero box" if box is None else f"{_shown(box)} in pixels"),
            ("true box", f"{_shown(example.meta['box'])} of a picture of {example.meta['size']}"),
            ("IoU", f"{overlap:.4f}, {'right' if item['score'] else 'wrong'} at 0.5"),
        ]


def _is_lines(path: Path) -> bool:
    """One object a line (InstructDet), not one list?"""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file.")
    with path.open(encoding="utf-8") as file:
        first = file.readline()
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def _expression(scene: Scene, index: int, dataset: Dataset) -> str | None:
    from vistune.world.language import refer, view_of
    from vistune.world.language.grammar import the

    view = view_of(scene)
    if dataset == "refcoco+":
        phrase = view.describe(index)
        return None if phrase is None else the(phrase)
    if dataset == "refcocog":
        return refer(view, index, "relational") or refer(view, index, "full")
    return refer(view, index, "minimal")


def _facets(text: str, box: Box) -> dict[str, str]:
    """COCO's sizes by area, and how long the expression is."""
    area, words = (box[2] - box[0]) * (box[3] - box[1]), len(text.split())
    size = "small" if area < 32**2 else "medium" if area < 96**2 else "large"
    return {"box": size, "words": "1 to 3" if words <= 3 else "4 to 8" if words <= 8 else "9 or more"}


def _shown(box: Box) -> str:
    return "[" + ", ".join(f"{value:.2f}" for value in box) + "]"
