"""RefCOCO-type files in their three JSON forms."""

from __future__ import annotations

import json

import pytest

from vistune.core.errors import DataError
from vistune.data.annotations.refcoco import (
    Expression,
    NamedBoxes,
    Ref,
    ReferredImage,
    read_expressions,
    read_referred_images,
    read_refs,
    sentence,
    write_expressions,
    write_referred_images,
    write_refs,
)

REFS = [
    Ref(1, 55, 9, 18, "a.jpg", "testA", (sentence(1, "the Dog's tail!"), sentence(2, "left  one"))),
    Ref(2, 56, 9, 18, "a.jpg", "val", (sentence(3, "dog 2"),)),
]


def test_refs_are_read_back_equal_with_refers_keys(tmp_path):
    path = write_refs(REFS, tmp_path / "refs(unc).json")
    assert read_refs(path) == REFS
    first = json.loads(path.read_text())[0]
    assert first["sent_ids"] == [1, 2]
    assert first["sentences"][0] == {
        "tokens": ["the", "dog's", "tail"], "raw": "the Dog's tail!", "sent_id": 1, "sent": "the dog's tail",
    }  # fmt: skip
    assert set(first) == {"ref_id", "ann_id", "image_id", "category_id", "file_name", "split", "sent_ids", "sentences"}


def test_single_expressions(tmp_path):
    told = [Expression("a/b.jpg", "old man", (1.5, 0.0, 30.0, 40.25), 64, 48, "refcoco_val")]
    path = write_expressions(told, tmp_path / "x.json")
    assert read_expressions(path) == told
    assert json.loads(path.read_text())[0]["question_id"] == "height64_width48"


def test_pictures_by_line(tmp_path):
    initial = ({"bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 3, 4, 5, 6]]},)
    told = [
        ReferredImage("a.jpg", 64, 48, (NamedBoxes(0, ((1, 2, 3, 4), (5, 6, 7, 8)), ("both dogs", "dogs"), initial),)),
        ReferredImage("b.jpg", 64, 48, (), {"source": "x"}),
    ]
    assert read_referred_images(write_referred_images(told, tmp_path / "x.jsonl")) == told


@pytest.mark.parametrize(
    ("read", "content", "message"),
    [
        (read_refs, '[{"ref_id": 1}]', "ref 0: the key 'ann_id' is missing"),
        (read_refs, "{}", "a list was expected"),
        (read_expressions, '[{"question": 1}]', "expression 0: the key 'image_path' is missing"),
        (
            read_expressions,
            '[{"image_path": "", "question": "", "question_id": "h1", "dataset_name": "", "gt_answers": [1,2,3,4]}]',
            "question_id must be heightH_widthW",
        ),
        (read_referred_images, '{"filename": "a"}', "line 1: the key 'height' is missing"),
        (read_referred_images, "x", "line 1 holds no JSON"),
    ],
)
def test_bad_files_are_told(tmp_path, read, content, message):
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(DataError, match=message):
        read(tmp_path / "bad.json")


@pytest.mark.parametrize(("name", "count"), [("refcoco_testA", 1004), ("refcoco+_testB", 504), ("refcocog_val", 502)])
def test_published_expressions(real_data, tmp_path, name, count):
    path = real_data("refcoco") / f"{name}.json"
    found = read_expressions(path)
    assert len(found) == count
    assert all(0 <= e.box[0] < e.box[2] <= e.width + 1 and e.box[1] < e.box[3] <= e.height + 1 for e in found)
    assert json.loads(write_expressions(found, tmp_path / "again.json").read_text()) == json.loads(path.read_text())


def test_published_pictures_by_line(real_data, tmp_path):
    path = real_data("refcoco") / "refcoco-unc" / "llavainput_testA.json"
    found = read_referred_images(path)
    assert len(found) == 100
    again = write_referred_images(found, tmp_path / "again.jsonl")
    lines = (path.read_text().splitlines(), again.read_text().splitlines())
    assert [json.loads(line) for line in lines[0]] == [json.loads(line) for line in lines[1]]
