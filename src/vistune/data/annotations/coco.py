"""COCO's annotation files: instances, keypoints and captions (Lin et al. 2014; Chen et al. 2015).

One JSON object with ``images``, ``annotations`` and, but for captions, ``categories``. What a file holds beyond the
fields named here is kept in ``extra`` and written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, rest, write_json


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One picture: its file's name and its size in pixels."""

    id: int
    file_name: str
    width: int
    height: int
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CocoCategory:
    """A category. ``skeleton``: pairs of keypoints that are joined, by their places in ``keypoints``, from 1."""

    id: int
    name: str
    supercategory: str = ""
    keypoints: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CocoAnnotation:
    """One instance, or one caption. What a kind of file does not have is None.

    ``bbox``: (x, y, width, height) in pixels. ``segmentation``: polygons (lists of x, y, x, y...) or run lengths.
    ``keypoints``: x, y, visibility for each (0 not labelled, 1 hidden, 2 seen), flat.
    """

    id: int
    image_id: int
    category_id: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    iscrowd: int | None = None
    segmentation: dict[str, Any] | list[list[float]] | None = None
    keypoints: tuple[float, ...] | None = None
    num_keypoints: int | None = None
    caption: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CocoFile:
    """A whole file. ``extra``: info, licences and what else stands beside the lists."""

    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    categories: list[CocoCategory] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def of_image(self) -> dict[int, list[CocoAnnotation]]:
        """Image id -> its annotations, in order; an empty list for a picture without any."""
        found: dict[int, list[CocoAnnotation]] = {image.id: [] for image in self.images}
        for annotation in self.annotations:
            found.setdefault(annotation.image_id, []).append(annotation)
        return found


_IMAGE = ("id", "file_name", "width", "height")
_CATEGORY = ("id", "name", "supercategory", "keypoints", "skeleton")
_ANNOTATION = (
    "id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "keypoints", "num_keypoints", "caption",
)  # fmt: skip


def read_coco(path: Path | str) -> CocoFile:
    """Read an instances, keypoints or captions file. Raises ``DataError`` that says what is wrong, and where."""
    content = need(read_json(path), ("images", "annotations"), str(path))
    images = [_image(r, f"{path}, image {n}") for n, r in enumerate(need_list(content["images"], f"{path}, images"))]
    listed = need_list(content["annotations"], f"{path}, annotations")
    annotations = [_annotation(r, f"{path}, annotation {n}") for n, r in enumerate(listed)]
    categories = [_category(r, f"{path}, category {n}") for n, r in enumerate(content.get("categories", ()))]
    return CocoFile(images, annotations, categories, rest(content, ("images", "annotations", "categories")))


def _image(record: Any, where: str) -> CocoImage:
    need(record, _IMAGE, where)
    return CocoImage(*(record[key] for key in _IMAGE), extra=rest(record, _IMAGE))


def _category(record: Any, where: str) -> CocoCategory:
    need(record, ("id", "name"), where)
    return CocoCategory(
        record["id"],
        record["name"],
        record.get("supercategory", ""),
        tuple(record.get("keypoints", ())),
        tuple((a, b) for a, b in record.get("skeleton", ())),
        rest(record, _CATEGORY),
    )


def _annotation(record: Any, where: str) -> CocoAnnotation:
    need(record, ("id", "image_id"), where)
    values = {key: record.get(key) for key in _ANNOTATION}
    if values["bbox"] is not None:
        if len(values["bbox"]) != 4:
            raise DataError(f"{where}: a bbox is x, y, width and height, not {values['bbox']}.")
        values["bbox"] = tuple(values["bbox"])
    if values["keypoints"] is not None:
        if len(values["keypoints"]) % 3:
            raise DataError(f"{where}: keypoints are x, y and visibility each, not {len(values['keypoints'])} numbers.")
        values["keypoints"] = tuple(values["keypoints"])
    return CocoAnnotation(**values, extra=rest(record, _ANNOTATION))


def write_coco(file: CocoFile, path: Path | str) -> Path:
    """Write a file that ``pycocotools.coco.COCO`` loads and ``read_coco`` reads back equal. -> the path."""
    content: dict[str, Any] = {
        **file.extra,
        "images": [{key: getattr(image, key) for key in _IMAGE} | image.extra for image in file.images],
        "annotations": [_without_none(a, _ANNOTATION) | a.extra for a in file.annotations],
    }
    if file.categories:
        content["categories"] = [_category_record(category) for category in file.categories]
    return write_json(path, content)


def _without_none(value: Any, keys: Iterable[str]) -> dict[str, Any]:
    return {key: getattr(value, key) for key in keys if getattr(value, key) is not None}


def _category_record(category: CocoCategory) -> dict[str, Any]:
    record: dict[str, Any] = {"supercategory": category.supercategory, "id": category.id, "name": category.name}
    if category.keypoints:
        record |= {"keypoints": category.keypoints, "skeleton": category.skeleton}
    return record | category.extra


def mask_of(annotation: CocoAnnotation, height: int, width: int) -> NDArray[np.bool_]:
    """The mask of an instance, bool ``[height, width]``. Raises ``DataError`` where it has no segmentation."""
    from pycocotools import mask as coco

    shape: Any = annotation.segmentation
    if shape is None:
        raise DataError(f"Annotation {annotation.id} has no segmentation.")
    if isinstance(shape, list):
        rle = coco.merge(coco.frPyObjects(shape, height, width))
    elif isinstance(shape["counts"], list):
        rle = coco.frPyObjects(shape, height, width)
    else:
        rle = shape
    return np.asarray(coco.decode(rle)).astype(bool)  # type: ignore[arg-type]


def names_of(categories: Iterable[CocoCategory]) -> Mapping[int, str]:
    """Category id -> name."""
    return {category.id: category.name for category in categories}
