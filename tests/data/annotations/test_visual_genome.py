"""Visual Genome's files."""

from __future__ import annotations

import json

import pytest

from vistune.core.errors import DataError
from vistune.data.annotations.visual_genome import (
    GraphObject,
    GraphRelation,
    ImageGraph,
    RegionDescription,
    read_visual_genome,
    write_visual_genome,
)

GRAPHS = [
    ImageGraph(
        3,
        "a.jpg",
        64,
        48,
        (
            GraphObject(10, ("dog",), 1, 2, 30, 20, ("brown", "big"), ("dog.n.01",)),
            GraphObject(11, ("cup", "mug"), 40, 2, 5, 6),
        ),
        (GraphRelation(100, 10, "left of", 11, ("left.r.01",)),),
        (RegionDescription(7, "a big dog", 1, 2, 30, 20),),
    ),
    ImageGraph(4, "b.jpg", 10, 10),
]


def test_graphs_are_read_back_equal(tmp_path):
    paths = write_visual_genome(GRAPHS, tmp_path)
    assert sorted(p.name for p in paths) == sorted(
        f"{name}.json" for name in ("image_data", "objects", "attributes", "relationships", "region_descriptions")
    )
    assert read_visual_genome(tmp_path) == GRAPHS


def test_relationships_have_the_published_layout(tmp_path):
    write_visual_genome(GRAPHS, tmp_path)
    entry = json.loads((tmp_path / "relationships.json").read_text())[0]
    subject = entry["relationships"][0]["subject"]
    assert entry["image_id"] == 3 and subject["name"] == "dog" and "names" not in subject
    assert (subject["x"], subject["y"], subject["w"], subject["h"]) == (1, 2, 30, 20)
    listed = json.loads((tmp_path / "attributes.json").read_text())[0]["attributes"]
    assert listed[0]["attributes"] == ["brown", "big"] and "attributes" not in listed[1]


def test_objects_alone_are_enough(tmp_path):
    write_visual_genome(GRAPHS, tmp_path)
    for name in ("attributes", "relationships", "region_descriptions"):
        (tmp_path / f"{name}.json").unlink()
    first = read_visual_genome(tmp_path)[0]
    assert [o.names for o in first.objects] == [("dog",), ("cup", "mug")]
    assert not first.relations and not first.objects[0].attributes


def test_bad_folders_are_told(tmp_path):
    with pytest.raises(DataError, match=r"image_data\.json: there is no such file"):
        read_visual_genome(tmp_path)
    write_visual_genome(GRAPHS, tmp_path)
    (tmp_path / "image_data.json").write_text("[]")
    with pytest.raises(DataError, match="image 3 has annotations but is not in image_data.json"):
        read_visual_genome(tmp_path)
    (tmp_path / "objects.json").write_text('[{"image_id": 3}]')
    with pytest.raises(DataError, match="entry 0: the key 'objects' is missing"):
        read_visual_genome(tmp_path)
