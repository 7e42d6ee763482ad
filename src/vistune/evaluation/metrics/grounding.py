"""Boxes, masks and keypoints: RefCOCO accuracy, COCO AP, cIoU and gIoU, mIoU, PCK and OKS."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import MissingExtra

Box = tuple[float, float, float, float]
Convention = Literal["pixels", "unit", "thousand"]

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


_FOUR = re.compile(r"[\[(<{]?\s*" + r"[\s,;><]+".join([r"(-?\d+(?:\.\d+)?)"] * 4) + r"\s*[\])>}]?")


def parse_box(answer: str, convention: Convention, size: tuple[int, int], padded: bool = False) -> Box | None:
    """The first four numbers of an answer as a box in pixels; None where there are not four.

    ``convention``: pixels, shares of the picture ("unit"), or thousandths. ``size``: (width, height). ``padded``: the
    model saw the picture padded to a square about its middle (LLaVA-1.5), so its shares are of that square. Corners that
    are the wrong way round are exchanged.
    """
    found = _FOUR.search(answer)
    if found is None:
        return None
    x0, y0, x1, y1 = (float(v) for v in found.groups())
    width, height = size
    if convention != "pixels":
        scale = 1.0 if convention == "unit" else 1000.0
        side_x, side_y = (max(size), max(size)) if padded else (width, height)
        off_x, off_y = ((side_x - width) / 2, (side_y - height) / 2) if padded else (0.0, 0.0)
        x0, x1 = (v / scale * side_x - off_x for v in (x0, x1))
        y0, y1 = (v / scale * side_y - off_y for v in (y0, y1))
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def grounded(answer: Box | None, truth: Box, threshold: float = 0.5) -> bool:
    """RefCOCO's accuracy of one expression: an IoU of ``threshold`` or more. What cannot be read is wrong."""
    return answer is not None and iou(answer, truth) >= threshold


def coco_ap(
    truth: Mapping[str, Any],
    detections: Sequence[Mapping[str, Any]],
    kind: Literal["bbox", "segm", "keypoints"] = "bbox",
) -> dict[str, float]:
    """COCO's twelve figures by pycocotools; ``kind``: bbox, segm or keypoints.

    ``truth``: a COCO file's content; ``detections``: COCO results with scores. Annotations must be numbered from 1: a truth
    of id 0 counts as unmatched there. Raises ``ValueError`` for an id of 0, ``MissingExtra`` without pycocotools.
    """
    if any(annotation["id"] == 0 for annotation in truth["annotations"]):
        raise ValueError("COCO's evaluation takes an annotation of id 0 for unmatched: number them from 1.")
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise MissingExtra("pycocotools", "dev", "COCO AP") from error
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
    """Share of visible points within ``share`` of the longer side of their thing's box.

    ``answers``, ``truths``: ``[things, points, 2]``; ``visible``: ``[things, points]``; ``boxes``: ``[things, 4]``.
    """
    far = np.linalg.norm(np.asarray(answers, float) - truths, axis=-1)
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])[:, None]
    seen = np.asarray(visible, bool)
    return float((far <= share * sides)[seen].mean()) if seen.any() else 0.0


def oks(answer: NDArray, truth: NDArray, visible: NDArray, area: float, sigmas: Sequence[float] = COCO_SIGMAS) -> float:
    """Object keypoint similarity of one thing: ``[points, 2]`` each; 0 where no point is visible."""
    seen = np.asarray(visible) > 0
    if not seen.any():
        return 0.0
    squared = ((np.asarray(answer, float) - truth) ** 2).sum(-1)
    falloff = 2 * area * (2 * np.asarray(sigmas)) ** 2 + np.spacing(1)
    return float(np.exp(-squared / falloff)[seen].mean())
