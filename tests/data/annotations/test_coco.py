"""COCO files: read back equal, loaded by pycocotools, and the published ones unchanged."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pycocotools.coco import COCO

from vistune.core.errors import DataError
from vistune.data.annotations.coco import (
    CocoAnnotation,
    CocoCategory,
    CocoFile,
    CocoImage,
    mask_of,
    names_of,
    read_coco,
    write_coco,
)

SQUARE = [[2.0, 3.0, 6.0, 3.0, 6.0, 8.0, 2.0, 8.0]]
FILE = CocoFile(
    [CocoImage(1, "a.png", 10, 12, {"license": 3}), CocoImage(7, "b.png", 5, 5)],
    [
        CocoAnnotation(
            1, 1, 2, (2.0, 3.0, 4.0, 5.0), 20.0, 0, SQUARE, (3.0, 4.0, 2, 0.0, 0.0, 0), 1, extra={"score": 0.5}
        ),
        CocoAnnotation(2, 1, 2, (0.0, 0.0, 1.0, 2.0), 2.0, 1, {"size": [12, 10], "counts": [0, 2, 118]}),
    ],
    [CocoCategory(2, "dog", "animal", ("nose", "tail"), ((1, 2),))],
    {"info": {"year": 2026}},
)


def test_what_is_written_is_read_back_equal(tmp_path):
    assert read_coco(write_coco(FILE, tmp_path / "deep" / "instances.json")) == FILE
    captions = CocoFile(FILE.images, [CocoAnnotation(4, 7, caption="ein Hund, é")])
    assert read_coco(write_coco(captions, tmp_path / "captions.json")) == captions
    assert "categories" not in json.loads((tmp_path / "captions.json").read_text())


def test_pycocotools_sees_the_same(tmp_path, capsys):
    loaded = COCO(write_coco(FILE, tmp_path / "instances.json"))
    assert loaded.getCatIds(["dog"]) == [2] and loaded.getImgIds() == [1, 7]
    for annotation in FILE.annotations:
        mask = loaded.annToMask(loaded.anns[annotation.id]).astype(bool)
        np.testing.assert_array_equal(mask_of(annotation, 12, 10), mask)
    filled = np.zeros((12, 10), bool)
    filled[3:8, 2:6] = True
    np.testing.assert_array_equal(mask_of(FILE.annotations[0], 12, 10), filled)
    filled[:] = False
    filled[:2, 0] = True
    np.testing.assert_array_equal(mask_of(FILE.annotations[1], 12, 10), filled)


def test_annotations_by_picture():
    assert {k: [a.id for a in v] for k, v in FILE.of_image().items()} == {1: [1, 2], 7: []}
    assert names_of(FILE.categories) == {2: "dog"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "holds no JSON"),
        ('{"images": []}', "the key 'annotations' is missing; there is images"),
        ('{"images": {}, "annotations": []}', "images: a list was expected, not a dict"),
        ('{"images": [{"id": 1}], "annotations": []}', "image 0: the key 'file_name' is missing"),
        ('{"images": [], "annotations": [3]}', "annotation 0: an object was expected, not a int"),
        (
            '{"images": [], "annotations": [{"id": 1, "image_id": 2, "bbox": [1, 2]}]}',
            "a bbox is x, y, width and height",
        ),
        ('{"images": [], "annotations": [{"id": 1, "image_id": 2, "keypoints": [1, 2]}]}', "visibility each, not 2"),
    ],
)
def test_bad_files_are_told(tmp_path, content, message):
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(DataError, match=message):
        read_coco(tmp_path / "bad.json")


def test_missing_file_and_missing_mask(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        read_coco(tmp_path / "none.json")
    with pytest.raises(DataError, match="Annotation 4 has no segmentation"):
        mask_of(CocoAnnotation(4, 7), 5, 5)


@pytest.mark.parametrize("split", ["train2017", "val2017"])
@pytest.mark.parametrize("what", ["instances", "person_keypoints", "captions"])
def test_published_files_come_out_as_they_went_in(real_data, tmp_path, what, split):
    path = real_data("coco") / "annotations" / f"{what}_{split}.json"
    read = read_coco(path)
    assert json.loads(write_coco(read, tmp_path / "again.json").read_text()) == json.loads(path.read_text())
    assert len(read.images) >= 79 and read.annotations


def test_published_masks_fill_their_boxes(real_data, capsys):
    path = real_data("coco") / "annotations" / "instances_val2017.json"
    read, loaded = read_coco(path), COCO(path)
    sizes = {image.id: (image.height, image.width) for image in read.images}
    for annotation in read.annotations[:150]:
        mask = mask_of(annotation, *sizes[annotation.image_id])
        np.testing.assert_array_equal(mask, loaded.annToMask(loaded.anns[annotation.id]).astype(bool))
        ys, xs = np.nonzero(mask)
        x, y, _, h = annotation.bbox
        assert abs(xs.min() - x) <= 3 and abs(ys.max() + 1 - y - h) <= 3
        assert abs(mask.sum() - annotation.area) <= 0.1 * annotation.area + 60
