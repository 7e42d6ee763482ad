"""Boxes and points of COCO-format files in words: detection of one class, and keypoints."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.nano import endless_scenes, picture, scene_facets
from vistune.evaluation.benchmarks.prompts import check_prompt
from vistune.evaluation.benchmarks.refcoco import box_text
from vistune.evaluation.metrics.grounding import (
    COCO_SIGMAS,
    Box,
    Convention,
    Frame,
    coco_ap,
    matched_boxes,
    parse_boxes,
    parse_points,
)
from vistune.evaluation.metrics.intervals import ratio

_SCALES: dict[Convention, str] = {
    "unit": "numbers between 0 and 1",
    "thousand": "integers between 0 and 1000",
    "pixels": "pixels",
}
#: COCO's keypoints, in the order of its falloffs.
_NAMES: tuple[str, ...] = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
_SIGMAS: dict[str, float] = dict(zip(_NAMES, COCO_SIGMAS, strict=True))


class _Placed(OfSplit):
    """What both read: a COCO file beside the folder of its pictures, or test scenes."""

    capabilities = ("grounding",)
    #: What a prompt is filled with.
    asks: ClassVar[tuple[str, ...]] = ("name",)

    images: Path | None = None
    convention: Convention = "unit"
    padded: bool = False
    prompt: str | None = None
    limit: int | None = None
    n: int = 200

    def __post_init__(self) -> None:
        """A request that holds what is asked for."""
        super().__post_init__()
        if self.prompt is not None:
            check_prompt(self.kind, self.prompt, self.asks)

    def _frame(self, example: Example) -> Frame:
        return Frame(self.convention, example.meta["size"], self.padded)

    def _coco(self) -> Any:
        from vistune.data.annotations.coco import read_coco

        assert self.path is not None
        if self.images is None:
            raise DataError(f"{self.path}: the folder of the pictures is needed: images=FOLDER.")
        return read_coco(self.path)


@BENCHMARKS.register("detection")
class Detection(_Placed):
    """All boxes of one class in a picture, one question for each picture and class that is there; F1 at IoU 0.5 over the set.

    ``path``: a COCO instances file; ``images``: the folder of its pictures. Each box takes the free truth that it overlaps
    most; crowds are left out. ``exact`` is gRefCOCO's Pr@(F1 = 1). A language model gives no scores, so AP is not a measure of
    answers: ``average_precision`` gives COCO's AP with a constant (or given) score, which then hangs on the order of boxes.
    """

    main = "f1"
    protocol = "boxes of one class in words; F1 at IoU 0.5; AP only by average_precision(), at a constant score"
    max_new_tokens = 256

    def published(self) -> list[Example]:
        """A question for each picture and class, in the file's order."""
        from vistune.data.annotations.coco import names_of

        coco = self._coco()
        names, of_image = names_of(coco.categories), coco.of_image()
        made: list[Example] = []
        for image in coco.images:
            found: dict[int, list[Box]] = {}
            for a in of_image[image.id]:
                if not a.iscrowd and a.bbox is not None and a.category_id is not None:
                    x, y, w, h = a.bbox
                    found.setdefault(a.category_id, []).append((x, y, x + w, y + h))
            for category, boxes in sorted(found.items()):
                shown = ImageSource(path=self.images / image.file_name) if self.images else ImageSource()
                size = (image.width, image.height)
                named = f"{image.id}-{category}", names[category]
                made.append(self._item(*named, boxes, size, shown, str(image.id), {}))
                if self.limit and len(made) == self.limit:
                    return made
        return made

    def nano(self) -> list[Example]:
        """A question for one kind of thing in each test scene."""
        from vistune.world.annotate import boxes

        made = []
        for scene in endless_scenes(self.seed, self.split, self.prior, most=2 * self.n):
            placed = boxes(scene, self.image_size)
            kinds: dict[str, list[Box]] = {}
            for thing, (x0, y0, x1, y1) in zip(scene.things, placed.tolist()):
                if x1 > 0:
                    kinds.setdefault(thing.kind, []).append((x0, y0, x1, y1))
            if not kinds:
                continue
            kind = random.Random(f"detection/{self.seed}/{scene.seed}").choice(sorted(kinds))
            size, shown = (self.image_size, self.image_size), picture(scene, self.image_size)
            identity, facets = f"{self.name}-{scene.seed}", scene_facets(scene)
            made.append(self._item(identity, kind, kinds[kind], size, shown, str(scene.seed), facets))
            if len(made) == self.n:
                break
        return made

    def _item(
        self,
        identity: str,
        name: str,
        boxes: Sequence[Box],
        size: tuple[int, int],
        image: ImageSource,
        group: str,
        facets: dict[str, str],
    ) -> Example:
        prompt = self.prompt or f"Give the box of every {{name}} as [x0, y0, x1, y1], {_SCALES[self.convention]}."
        frame = Frame(self.convention, size, self.padded)
        many = "1" if len(boxes) == 1 else "2" if len(boxes) == 2 else "3 or more"
        meta = {"type": name, "group": group, "boxes": list(boxes), "size": size, "facets": {**facets, "boxes": many}}
        answers = [", ".join(box_text(box, frame) for box in boxes)]
        return Example(identity, [user(prompt.format(name=name), images=(0,))], [image], answers=answers, meta=meta)

    def score(self, example: Example, answer: str) -> Scored:
        """An item's score is its own F1."""
        said = parse_boxes(answer, self._frame(example))
        hits, wrong, missed = matched_boxes(said, example.meta["boxes"])
        own = 2 * hits / (2 * hits + wrong + missed)
        columns = {"items": 1.0, "tp": float(hits), "fp": float(wrong), "fn": float(missed)}
        columns |= {"exact": float(own == 1.0), "unparsed": float(not said)}
        return Scored(f"{len(said)} boxes" if said else None, own, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """F1, precision and recall over all boxes; share of items that are right altogether; share without a box."""
        tp, fp, fn = sums["tp"], sums["fp"], sums["fn"]
        return {
            "f1": ratio(2 * tp, 2 * tp + fp + fn),
            "precision": ratio(tp, tp + fp),
            "recall": ratio(tp, tp + fn),
            "exact": ratio(sums["exact"], sums["items"]),
            "unparsed": ratio(sums["unparsed"], sums["items"]),
        }

    def average_precision(
        self, answers: Mapping[str, str], scores: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """COCO's twelve figures by pycocotools for answers by item. ``scores``: a confidence for each item, else 1.

        Boxes of equal scores are ranked in the order in which they stand.
        """
        examples = self.examples()
        names = {name: k for k, name in enumerate(sorted({str(e.meta["type"]) for e in examples}), 1)}
        pictures = {group: k for k, group in enumerate(dict.fromkeys(str(e.meta["group"]) for e in examples), 1)}
        truth: dict[str, Any] = {"images": [], "annotations": [], "categories": []}
        truth["categories"] = [{"id": k, "name": name} for name, k in names.items()]
        sizes = {str(e.meta["group"]): e.meta["size"] for e in examples}
        truth["images"] = [{"id": k, "width": sizes[g][0], "height": sizes[g][1]} for g, k in pictures.items()]
        found = []
        for e in examples:
            place = {"image_id": pictures[str(e.meta["group"])], "category_id": names[str(e.meta["type"])]}
            for box in e.meta["boxes"]:
                wide = _xywh(box)
                more = {"id": len(truth["annotations"]) + 1, "bbox": wide, "area": wide[2] * wide[3], "iscrowd": 0}
                truth["annotations"].append({**place, **more})
            for box in parse_boxes(answers.get(e.id, ""), self._frame(e)):
                found.append({**place, "bbox": _xywh(box), "score": (scores or {}).get(e.id, 1.0)})
        return coco_ap(truth, found)


@BENCHMARKS.register("keypoints")
class Keypoints(_Placed):
    """One keypoint of a person (or, in the made edition, an animal) as a point; PCK at 0.2 of the longer side of its box.

    ``path``: a COCO person-keypoints file; ``images``: the folder of its pictures. The box of the person is given in the
    question; keypoints that are seen (visibility 2) are asked. ``oks`` is COCO's, of those points, as a mean over things that
    have its falloffs (people). ``share`` changes the radius, and with it what the score is called.
    """

    main = "pck"
    protocol = "PCK: within a share of the longer side of the box; keypoints seen only; box given in the question"
    max_new_tokens = 32
    share = 0.2
    asks: ClassVar[tuple[str, ...]] = ("name", "thing", "box")

    def published(self) -> list[Example]:
        """A question for each keypoint that is seen, in the file's order."""
        coco = self._coco()
        names = {c.id: c.keypoints for c in coco.categories}
        images = {i.id: i for i in coco.images}
        made: list[Example] = []
        for a in coco.annotations:
            if not a.keypoints or a.iscrowd or a.bbox is None or a.area is None:
                continue
            image, rows = images[a.image_id], np.array(a.keypoints).reshape(-1, 3)
            x, y, w, h = a.bbox
            shown = ImageSource(path=self.images / image.file_name) if self.images else ImageSource()
            told = ("person", names[a.category_id or 0], rows, (x, y, x + w, y + h), a.area)
            made += self._points(str(a.id), *told, (image.width, image.height), shown, str(image.id), {})
            if self.limit and len(made) >= self.limit:
                break
        return made[: self.limit]

    def nano(self) -> list[Example]:
        """Two keypoints that are seen of one person or animal in each test scene."""
        from vistune.world.annotate import boxes, masks
        from vistune.world.keypoints import keypoint_names, keypoints

        made: list[Example] = []
        for scene in endless_scenes(self.seed, self.split, self.prior, most=20 * self.n):
            posed = [i for i, thing in enumerate(scene.things) if keypoint_names(thing.kind)]
            if not posed:
                continue
            rng = random.Random(f"keypoints/{self.seed}/{scene.seed}")
            index = rng.choice(posed)
            rows, (x0, y0, x1, y1) = keypoints(scene, self.image_size)[index], boxes(scene, self.image_size)[index]
            if rows is None or x1 <= 0:
                continue
            thing, size, shown = scene.things[index], (self.image_size,) * 2, picture(scene, self.image_size)
            told = (thing.kind, keypoint_names(thing.kind), rows, (float(x0), float(y0), float(x1), float(y1)))
            area = float(masks(scene, self.image_size)[index].sum())
            identity, about = f"{self.name}-{scene.seed}", (str(scene.seed), scene_facets(scene))
            own = list(self._points(identity, *told, area, size, shown, *about))
            made += rng.sample(own, min(2, len(own)))
            if len(made) >= self.n:
                break
        return made[: self.n]

    def _points(
        self,
        identity: str,
        thing: str,
        names: Sequence[str],
        rows: NDArray[Any],
        box: Box,
        area: float,
        size: tuple[int, ...],
        image: ImageSource,
        group: str,
        facets: dict[str, str],
    ) -> Iterator[Example]:
        frame = Frame(self.convention, (size[0], size[1]), self.padded)
        seen = [k for k in range(len(names)) if rows[k, 2] == 2]
        told = all(names[k] in _SIGMAS for k in seen)
        usual = f"Where is the {{name}} of the {{thing}} in {{box}}? Answer [x, y], {_SCALES[self.convention]}."
        prompt = self.prompt or usual
        for k in seen:
            words = names[k].replace("_", " ")
            asked = prompt.format(name=words, thing=thing, box=box_text(box, frame))
            digits = 2 if self.convention == "unit" else 0
            answer = "[" + ", ".join(f"{v:.{digits}f}" for v in frame.numbers(rows[k, :2].tolist())) + "]"
            meta: dict[str, Any] = {"type": words, "group": group, "facets": facets}
            meta |= {"size": (size[0], size[1]), "box": box, "area": area}
            meta |= {"point": (float(rows[k, 0]), float(rows[k, 1])), "of": len(seen)}
            meta["sigma"] = _SIGMAS[names[k]] if told else None
            yield Example(f"{identity}-{names[k]}", [user(asked, images=(0,))], [image], answers=[answer], meta=meta)

    def score(self, example: Example, answer: str) -> Scored:
        """Near enough or not; without a point, wrong."""
        meta = example.meta
        point = next(iter(parse_points(answer, self._frame(example))), None)
        far = math.dist(point, meta["point"]) if point is not None else math.inf
        x0, y0, x1, y1 = meta["box"]
        near = float(far <= self.share * max(x1 - x0, y1 - y0))
        columns = {"items": 1.0, "near": near, "unparsed": float(point is None), "things": 0.0, "oks": 0.0}
        if meta["sigma"] is not None:
            likeness = math.exp(-(far**2) / (2 * meta["area"] * (2 * meta["sigma"]) ** 2))
            # Each thing has weight 1, shared by its points.
            columns |= {"things": 1 / meta["of"], "oks": likeness / meta["of"]}
        return Scored(None if point is None else f"[{point[0]:.2f}, {point[1]:.2f}]", near, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """PCK, mean OKS of people, share without a point."""
        return {
            "pck": ratio(sums["near"], sums["items"]),
            "oks": ratio(sums["oks"], sums["things"]),
            "unparsed": ratio(sums["unparsed"], sums["items"]),
        }


def _xywh(box: Box) -> list[float]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]
