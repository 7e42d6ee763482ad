"""Boxes, masks and keypoints: RefCOCO accuracy, COCO AP, cIoU and gIoU, mIoU, PCK and OKS."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Convention = Literal["pixels", "unit", "thousand"]
#: Whether a box must be written as ``[a, b, c, d]``, or any four numbers in a row will do.
Extraction = Literal["brackets", "any"]

#: COCO's falloff of each of the 17 keypoints, nose to ankles.
COCO_SIGMAS = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
)  # fmt: skip


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes ``(x0, y0, x1, y1)``; 0 where the union has no area."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    union = _area(a) + _area(b) - shared
    return shared / union if union > 0 else 0.0


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


_NUMBER = r"(-?\d+(?:\.\d+)?)"
#: Four numbers in square brackets with commas, as lmms-eval looks for them; or four in a row, whatever stands about them.
_BRACKETED = re.compile(r"\[\s*" + r"\s*,\s*".join([_NUMBER] * 4) + r"\s*\]")
_FOUR = re.compile(r"[\[(<{]?\s*" + r"[\s,;><]+".join([_NUMBER] * 4) + r"\s*[\])>}]?")
_TWO = re.compile(r"[\[(<{]?\s*" + r"[\s,;><]+".join([_NUMBER] * 2) + r"\s*[\])>}]?")


@dataclass(frozen=True, slots=True)
class Frame:
    """What the numbers of an answer mean: ``convention`` pixels, shares of the picture ("unit") or thousandths.

    ``size``: the picture's (width, height) in pixels. ``padded``: the model saw the picture padded to a square about its
    middle (LLaVA-1.5), so that its numbers are of that square; else it was stretched. Pixels are never of the square.
    """

    convention: Convention
    size: tuple[int, int]
    padded: bool = False

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """A point in pixels of the picture as it is on disk."""
        if self.convention == "pixels":
            return x, y
        scale = {"unit": 1.0, "thousand": 1000.0}[self.convention]
        width, height = self.size
        side = max(self.size)
        if not self.padded:
            return x / scale * width, y / scale * height
        return x / scale * side - (side - width) / 2, y / scale * side - (side - height) / 2

    def box(self, numbers: Sequence[float]) -> Box:
        """A box in pixels; corners that are the wrong way round are exchanged."""
        (x0, y0), (x1, y1) = self.pixels(numbers[0], numbers[1]), self.pixels(numbers[2], numbers[3])
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def numbers(self, values: Sequence[float]) -> list[float]:
        """Pixels ``x, y, x, y...`` as this frame's numbers: the inverse, for references and tests."""
        width, height = self.size
        side, scale = max(self.size), {"pixels": 1.0, "unit": 1.0, "thousand": 1000.0}[self.convention]
        told = []
        for place, value in enumerate(values):
            own = height if place % 2 else width
            if self.convention == "pixels":
                told.append(float(value))
            elif self.padded:
                told.append((value + (side - own) / 2) / side * scale)
            else:
                told.append(value / own * scale)
        return told


def parse_boxes(answer: str, frame: Frame, extraction: Extraction = "any") -> list[Box]:
    """All boxes of an answer, in pixels. ``brackets``: only ``[a, b, c, d]``; ``any``: any four numbers in a row."""
    pattern = _BRACKETED if extraction == "brackets" else _FOUR
    return [frame.box([float(v) for v in found.groups()]) for found in pattern.finditer(answer)]


def parse_points(answer: str, frame: Frame) -> list[tuple[float, float]]:
    """All points of an answer, in pixels: two numbers in a row each."""
    return [frame.pixels(*(float(v) for v in found.groups())) for found in _TWO.finditer(answer)]


def parse_box(answer: str, convention: Convention, size: tuple[int, int], padded: bool = False) -> Box | None:
    """The first four numbers of an answer as a box in pixels (see ``Frame``); None where there are not four."""
    found = parse_boxes(answer, Frame(convention, size, padded))
    return found[0] if found else None


def iou_older(a: Box, b: Box) -> float:
    """IoU as older scripts take it: corners are whole pixels that belong to the box, so each side is one pixel longer."""
    return iou((a[0], a[1], a[2] + 1, a[3] + 1), (b[0], b[1], b[2] + 1, b[3] + 1))


def centre_inside(answer: Box | None, truth: Box) -> bool:
    """Whether the answer's middle lies in the true box (lmms-eval's Center_ACC)."""
    if answer is None:
        return False
    x, y = (answer[0] + answer[2]) / 2, (answer[1] + answer[3]) / 2
    return truth[0] <= x <= truth[2] and truth[1] <= y <= truth[3]


def grounded(answer: Box | None, truth: Box, threshold: float = 0.5) -> bool:
    """RefCOCO's accuracy of one expression: an IoU of ``threshold`` or more. What cannot be read is wrong."""
    return answer is not None and iou(answer, truth) >= threshold


def matched_boxes(answers: Sequence[Box], truths: Sequence[Box], threshold: float = 0.5) -> tuple[int, int, int]:
    """Hits, wrong answers and missed truths of one picture and class: (tp, fp, fn).

    Each answer in its order takes the free truth that it overlaps most, if by ``threshold`` or more; each truth counts once.
    """
    free = list(range(len(truths)))
    hits = 0
    for answer in answers:
        best = max(free, key=lambda k: iou(answer, truths[k]), default=None)
        if best is not None and iou(answer, truths[best]) >= threshold:
            free.remove(best)
            hits += 1
    return hits, len(answers) - hits, len(free)


def referred_right(answers: Sequence[Box], truths: Sequence[Box], threshold: float = 0.5) -> bool:
    """gRefCOCO's Pr@(F1 = 1): every target found, nothing else said; no target and nothing said is right as well."""
    _, wrong, missed = matched_boxes(answers, truths, threshold)
    return not wrong and not missed


def coco_ap(
    truth: Mapping[str, Any],
    detections: Sequence[Mapping[str, Any]],
    kind: Literal["bbox", "segm", "keypoints"] = "bbox",
) -> dict[str, float]:
    """COCO's twelve figures by pycocotools; ``kind``: bbox, segm or keypoints.

    ``truth``: a COCO file's content; ``detections``: COCO results with scores. Annotations must be numbered from 1: a truth
    of id 0 counts as unmatched there. Raises ``ValueError`` for an id of 0.
    """
    if any(annotation["id"] == 0 for annotation in truth["annotations"]):
        raise ValueError("COCO's evaluation takes an annotation of id 0 for unmatched: number them from 1.")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        coco: Any = COCO()
        coco.dataset = dict(truth)
        coco.createIndex()
        found = coco.loadRes([dict(d) for d in detections]) if detections else COCO()
        judged = COCOeval(coco, found, kind)
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    names = (
        *("AP", "AP50", "AP75", "APsmall", "APmedium", "APlarge"),
        *("AR1", "AR10", "AR100", "ARsmall", "ARmedium", "ARlarge"),
    )
    if kind == "keypoints":
        names = ("AP", "AP50", "AP75", "APmedium", "APlarge", "AR", "AR50", "AR75", "ARmedium", "ARlarge")
    return {name: float(value) for name, value in zip(names, judged.stats, strict=True)}


Mask = NDArray[np.bool_]


def mask_scores(
    answers: Sequence[Mask], truths: Sequence[Mask], thresholds: Sequence[float] = (0.5, 0.7, 0.9)
) -> dict[str, float]:
    """Referring segmentation: ``cIoU`` (sums over the set), ``gIoU`` (mean over pictures, LISA's, not that of boxes),
    ``mIoU`` (the same without the rule for empty ones) and ``precision@X``.

    A picture without a target scores 1 in gIoU where the answer is empty, else 0. cIoU favours large things.
    """
    shared = np.array([np.logical_and(a, t).sum() for a, t in zip(answers, truths, strict=True)], float)
    union = np.array([np.logical_or(a, t).sum() for a, t in zip(answers, truths, strict=True)], float)
    each = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    general = np.where(union == 0, 1.0, shared / (union + 1e-5))
    scores = {
        "cIoU": float(shared.sum() / union.sum()) if union.sum() else 0.0,
        "gIoU": float(general.mean()),
        "mIoU": float(each.mean()),
    }
    return scores | {f"precision@{x}": float((each > x).mean()) for x in thresholds}


#: Fewer pixels than this are taken for no answer by gRefCOCO's evaluation.
LEAST_PIXELS = 50


def generalised_masks(answers: Sequence[Mask], truths: Sequence[Mask], least: int = LEAST_PIXELS) -> dict[str, float]:
    """gRefCOCO's ``gIoU``, ``cIoU``, ``N-acc`` and ``T-acc`` (arXiv 2306.00968); pictures may have no target.

    An answer of fewer than ``least`` pixels is empty. Without a target, an empty answer scores 1 and any other 0, and what
    was said adds to cIoU's union. With one, an empty answer scores 0 and adds the target to the union.
    """
    each, shared, union = [], 0.0, 0.0
    for answer, truth in zip(answers, truths, strict=True):
        empty, target = int(answer.sum()) < least, bool(truth.any())
        both = 0.0 if empty else float(np.logical_and(answer, truth).sum())
        any_of = float((truth if empty else np.logical_or(answer, truth)).sum())
        each.append(both / any_of if target else float(empty))
        shared, union = shared + both, union + any_of
    found = {"gIoU": sum(each) / len(each) if each else 0.0, "cIoU": shared / union if union else 0.0}
    return found | no_target_scores(answers, truths, least)


def no_target_scores(answers: Sequence[Mask], truths: Sequence[Mask], least: int = 1) -> dict[str, float]:
    """gRefCOCO: ``N-acc``, pictures without a target answered empty; ``T-acc``, others answered with something.

    An answer of fewer than ``least`` pixels is empty.
    """
    empty = [int(a.sum()) < least for a in answers]
    without = [e for e, t in zip(empty, truths, strict=True) if not t.any()]
    with_target = [not e for e, t in zip(empty, truths, strict=True) if t.any()]
    return {
        "N-acc": sum(without) / len(without) if without else 0.0,
        "T-acc": sum(with_target) / len(with_target) if with_target else 0.0,
    }


def semantic_miou(answers: Sequence[NDArray], truths: Sequence[NDArray], classes: int, ignore: int = 255) -> float:
    """Mean over classes of summed intersection over summed union; pixels that either side ignores are left out.

    Classes that occur on no side are left out too.
    """
    shared, union = np.zeros(classes), np.zeros(classes)
    for answer, truth in zip(answers, truths, strict=True):
        kept = (truth != ignore) & (answer != ignore)
        a, t = answer[kept].astype(int), truth[kept].astype(int)
        both = np.bincount(a[a == t], minlength=classes)[:classes]
        shared += both
        union += np.bincount(a, minlength=classes)[:classes] + np.bincount(t, minlength=classes)[:classes] - both
    there = union > 0
    return float((shared[there] / union[there]).mean()) if there.any() else 0.0


def pck(answers: NDArray, truths: NDArray, visible: NDArray, boxes: NDArray, share: float = 0.2) -> float:
    """PCK: share of visible points within ``share`` of the longer side of their thing's box.

    ``answers``, ``truths``: ``[things, points, 2]``; ``visible``: ``[things, points]``; ``boxes``: ``[things, 4]``, corners.
    For shares of the picture instead, give it as the box.
    """
    return _within(answers, truths, visible, share * np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))


def pckh(answers: NDArray, truths: NDArray, visible: NDArray, heads: NDArray, share: float = 0.5) -> float:
    """PCKh: within ``share`` of the head's length, ``heads [things]``; shapes as in ``pck``."""
    return _within(answers, truths, visible, share * np.asarray(heads, float))


def _within(answers: NDArray, truths: NDArray, visible: NDArray, reach: NDArray) -> float:
    far = np.linalg.norm(np.asarray(answers, float) - truths, axis=-1)
    seen = np.asarray(visible) > 0
    return float((far <= reach[:, None])[seen].mean()) if seen.any() else 0.0


def oks(
    answer: NDArray,
    truth: NDArray,
    visible: NDArray,
    area: float,
    sigmas: Sequence[float] = COCO_SIGMAS,
    box: Box | None = None,
) -> float:
    """Object keypoint similarity of one thing, ``[points, 2]`` each, as COCO takes it.

    Where no point is visible, the distance is that to the true ``box`` (corners), widened by its own size on every side; 0
    without a box.
    """
    seen = np.asarray(visible) > 0
    if seen.any():
        squared = ((np.asarray(answer, float) - truth) ** 2).sum(-1)
    elif box is None:
        return 0.0
    else:
        low, high = np.array(box[:2], float), np.array(box[2:], float)
        wide = high - low
        outside = np.maximum(0, low - wide - answer) + np.maximum(0, answer - high - wide)
        squared = (outside**2).sum(-1)
        seen = np.ones(len(squared), bool)
    falloff = 2 * (area + np.spacing(1)) * (2 * np.asarray(sigmas)) ** 2
    return float(np.exp(-squared / falloff)[seen].mean())
