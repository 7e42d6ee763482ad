"""What the world engine writes of its scenes, against pixels and pycocotools."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from pycocotools.coco import COCO

from vistune.data.annotations.coco import mask_of, names_of, read_coco, write_coco
from vistune.data.annotations.refcoco import read_expressions, read_refs
from vistune.data.annotations.visual_genome import read_visual_genome
from vistune.engines.scene_annotations import coco_files, refs_of, visual_genome_graphs
from vistune.engines.world import WorldEngine
from vistune.experiments.datasets import make_data
from vistune.world import instance_map, relations, sample_scene
from vistune.world.keypoints import keypoint_names
from vistune.world.language.refer import resolve

SIZE = 128


@pytest.fixture(scope="module")
def scenes():
    return [(f"{i}.png", sample_scene(i, prior="flat", split="test", max_things=7, labels=True)) for i in range(120)]


@pytest.fixture(scope="module")
def files(scenes):
    return coco_files(scenes, SIZE)


def test_instances_are_the_pixels(scenes, files):
    instances = files["instances"]
    names, of_image = names_of(instances.categories), instances.of_image()
    for image, (name, scene) in zip(instances.images, scenes):
        assert (image.file_name, image.width, image.height) == (name, SIZE, SIZE)
        seen = instance_map(scene, SIZE)
        assert len(of_image[image.id]) == len(scene.things)
        for a in of_image[image.id]:
            thing, mask = scene.things[a.extra["thing"]], mask_of(a, SIZE, SIZE)
            np.testing.assert_array_equal(mask, seen == a.extra["thing"])
            ys, xs = np.nonzero(mask)
            assert a.bbox == (xs.min(), ys.min(), xs.max() + 1 - xs.min(), ys.max() + 1 - ys.min())
            assert a.area == mask.sum() and a.iscrowd == 0 and names[a.category_id] == thing.kind
            assert a.extra["attributes"]["colour"] == thing.colour
            assert a.extra["attributes"].get("label") == thing.label
            assert 0 <= a.extra["occlusion"] < 1
    assert len({a.id for a in instances.annotations}) == len(instances.annotations)


def test_keypoints_are_those_of_people_and_animals(scenes, files):
    found = files["keypoints"]
    categories = {c.id: c for c in found.categories}
    assert Counter(len(c.keypoints) for c in found.categories) == {13: 4, 6: 8}
    assert len(found.annotations) == sum(bool(keypoint_names(t.kind)) for _, s in scenes for t in s.things)
    for a in found.annotations:
        points = np.reshape(a.keypoints, (-1, 3))
        assert len(points) == len(categories[a.category_id].keypoints)
        assert a.num_keypoints == (points[:, 2] > 0).sum() > 0
        mask = mask_of(a, SIZE, SIZE)
        for x, y, v in points:
            if v == 2:
                assert mask[max(int(y) - 1, 0) : int(y) + 2, max(int(x) - 1, 0) : int(x) + 2].any()


def test_files_are_read_back_equal_and_pycocotools_loads_them(files, tmp_path, capsys):
    for name, file in files.items():
        path = write_coco(file, tmp_path / f"{name}.json")
        assert read_coco(path) == file
        loaded = COCO(path)
        assert len(loaded.anns) == len(file.annotations) and len(loaded.imgs) == len(file.images)
    assert all(len({a.caption for a in listed}) >= 2 for listed in files["captions"].of_image().values())


def test_refs_fit_one_instance_only(scenes, files):
    refs, expressions = refs_of(scenes, files["instances"])
    boxes = {a.id: a for a in files["instances"].annotations}
    assert len(refs) > 200
    for ref in refs:
        scene = scenes[ref.image_id - 1][1]
        instance = boxes[ref.ann_id]
        assert ref.split == "test" and ref.category_id == instance.category_id
        assert all(resolve(s.raw, scene) == [instance.extra["thing"]] for s in ref.sentences)
    ids = [i for ref in refs for i in ref.sent_ids]
    assert ids == list(range(1, len(ids) + 1))
    assert [e.text for e in expressions] == [s.raw for ref in refs for s in ref.sentences]


def test_scene_graphs_say_the_relations(scenes):
    for graph, (_, scene) in zip(visual_genome_graphs(scenes, SIZE), scenes):
        first = min(o.object_id for o in graph.objects)
        assert [o.names[0] for o in graph.objects] == [t.kind for t in scene.things]
        assert {o.attributes[0] for o in graph.objects} == {t.colour for t in scene.things}
        said = {(r.subject - first, r.predicate, r.object - first) for r in graph.relations}
        assert set(relations(scene)) <= said
        assert all(r != "on" or scene.things[i].support == j for i, r, j in said)


def test_data_make_writes_them_all(tmp_path):
    parameters = ["labels=true", "length=longer", "image_size=48", "tasks={conversation: 1, text_only: 0.2}"]
    summary = make_data("world", 30, tmp_path, "llava", parameters, annotations=True)
    assert len(summary["annotations"]) == 10
    folder = tmp_path / "annotations"
    instances = read_coco(folder / "instances.json")
    records = json.loads((tmp_path / "data.json").read_text())
    pictures = [record["image"] for record in records if "image" in record]
    assert 0 < len(pictures) < 30
    assert [p.split("/", 1)[1] for p in pictures] == [image.file_name for image in instances.images]
    assert {len(v) for v in instances.of_image().values()} == {6, 7}
    assert {r.image_id for r in read_refs(folder / "refs(vistune).json")} <= {i.id for i in instances.images}
    assert len(read_expressions(folder / "expressions.json")) > 100
    assert len(read_visual_genome(folder / "visual_genome")) == len(pictures)


def test_annotations_are_of_the_pictures_in_the_examples(tmp_path):
    engine = WorldEngine(12, types=["odd_one_out"], tasks={"question": 1}, image_size=40)
    engine.write_annotations(tmp_path)
    instances = read_coco(tmp_path / "instances.json")
    for example, listed in zip(engine.examples(), instances.of_image().values()):
        scene = sample_scene(example.meta["scene"], max_things=5)
        assert [a.extra["thing"] for a in listed] == list(range(len(scene.things)))
        np.testing.assert_array_equal(mask_of(listed[0], 40, 40), instance_map(scene, 40) == 0)
