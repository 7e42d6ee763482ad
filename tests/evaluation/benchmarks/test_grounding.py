"""RefCOCO, detection and keypoints: published files and made scenes, conventions, chance, and what cannot be read."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from answering import answered, perfect

from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.data.processor import relative_box
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.benchmarks.detection import Detection, Keypoints
from vistune.evaluation.benchmarks.refcoco import RefCOCO, box_text
from vistune.evaluation.metrics.grounding import Frame, iou

CONVENTIONS = ("unit", "thousand", "pixels")


@pytest.mark.parametrize("name", ["refcoco_testA", "refcoco+_testB", "refcocog_val"])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_published_expressions(real_data, name, convention) -> None:
    file = real_data("refcoco") / f"{name}.json"
    benchmark = RefCOCO(path=str(file), images="train2014", convention=convention, padded=convention == "unit")
    examples = benchmark.examples()
    assert len(examples) == len(json.loads(file.read_text())) and benchmark.name == name
    found = answered(benchmark, perfect, examples)
    assert found.values["accuracy"] == 1.0 and found.values["iou"] > 0.95 and found.values["unparsed"] == 0.0
    assert answered(benchmark, lambda _: "", examples).values == pytest.approx(
        {**dict.fromkeys(found.values, 0.0), "unparsed": 1.0}
    )
    assert answered(benchmark, lambda _: "[0, 0, 0, 0]", examples).values["accuracy"] == 0.0


def test_first_published_expression(real_data) -> None:
    benchmark = RefCOCO(path=str(real_data("refcoco") / "refcoco_testA.json"), images="train2014", limit=1)
    (example,) = benchmark.examples()
    assert example.messages[0].text.endswith("region this sentence describes: old man")
    assert example.meta["box"] == (297.04, 0.0, 480.0, 420.45) and example.meta["size"] == (480, 640)
    assert example.images[0].path == Path("train2014/COCO_train2014_000000357010.jpg")
    assert example.answers == ["[0.62, 0.00, 1.00, 0.66]"]


def test_a_model_of_another_convention_gets_nothing(real_data) -> None:
    file = str(real_data("refcoco") / "refcocog_val.json")
    thousand = RefCOCO(path=file, images="x", convention="thousand").examples()
    wrong = dict(zip([e.id for e in thousand], [e.answers[0] for e in thousand]))
    assert answered(RefCOCO(path=file, images="x"), lambda e: wrong[e.id]).values["accuracy"] < 0.02
    padded = answered(RefCOCO(path=file, images="x", padded=True), perfect).values["accuracy"]
    stretched = answered(RefCOCO(path=file, images="x"), perfect).values["accuracy"]
    mixed = {e.id: e.answers[0] for e in RefCOCO(path=file, images="x", padded=True).examples()}
    assert padded == stretched == 1.0
    assert answered(RefCOCO(path=file, images="x"), lambda e: mixed[e.id]).values["accuracy"] < 0.95, (
        "padding must be told"
    )


def test_lines_by_picture(real_data) -> None:
    file = real_data("refcoco") / "refcoco-unc" / "llavainput_testA.json"
    benchmark = RefCOCO(path=str(file), images="x")
    examples = benchmark.examples()
    wanted = sum(
        len(b["expressions"])
        for line in file.read_text().splitlines()
        for b in json.loads(line)["bboxes"]
        if len(b["bbox"]) == 1
    )
    assert len(examples) == wanted
    assert examples[0].meta["box"] == pytest.approx((419.02, 286.13, 611.95, 391.6))


def test_refs_beside_instances(tmp_path) -> None:
    """REFER's records as JSON, and COCO's instances: written by the engine in the published form."""
    from vistune.engines.scene_annotations import write_scene_annotations
    from vistune.world import sample_scene

    scenes = [(f"{k}.png", sample_scene(520_000 + k, split="val")) for k in range(4)]
    write_scene_annotations(scenes, 64, tmp_path)
    benchmark = RefCOCO(path=str(tmp_path), images=str(tmp_path), split="val")
    examples = benchmark.examples()
    assert examples and benchmark.name == "refcoco_val" and answered(benchmark, perfect, examples).score == 1.0
    with pytest.raises(DataError, match="no expression of the split 'testA'"):
        RefCOCO(path=str(tmp_path), images=str(tmp_path), split="testA").examples()


def test_bad_files(tmp_path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        RefCOCO(path=str(tmp_path / "none.json"), images="x").examples()
    with pytest.raises(DataError, match="images=FOLDER"):
        RefCOCO(path=str(tmp_path)).examples()
    file = tmp_path / "bad.json"
    file.write_text(
        json.dumps([{"image_path": "a", "question": "b", "question_id": "h1", "dataset_name": "c", "gt_answers": [1]}])
    )
    with pytest.raises(DataError, match="expression 0: question_id must be heightH_widthW"):
        RefCOCO(path=str(file), images="x").examples()


def item(box=(10.0, 10.0, 20.0, 20.0), size=(100, 100)) -> Example:
    return Example("x", [], meta={"box": box, "size": size})


def test_scores_by_hand() -> None:
    benchmark = RefCOCO()
    assert benchmark.score(item(), "It is [0.10, 0.10, 0.20, 0.15].").score == 1.0, "exactly one half counts"
    assert benchmark.score(item(), "[0.10, 0.10, 0.20, 0.14]").score == 0.0
    scored = benchmark.score(item(), "[0.10, 0.10, 0.20, 0.18] or [0.1, 0.1, 0.2, 0.2]")
    assert scored.columns["correct_0.7"] == 1.0 and scored.columns["correct_0.9"] == 0.0, "the first box counts"
    assert scored.columns["iou"] == pytest.approx(0.8) and scored.columns["centre"] == 1.0
    assert benchmark.score(item(), "(0.1, 0.1, 0.2, 0.2)").parsed is None
    assert RefCOCO(extraction="any").score(item(), "(0.1, 0.1, 0.2, 0.2)").score == 1.0
    turned = benchmark.score(item(), "[0.2, 0.2, 0.1, 0.1]")
    assert turned.score == 1.0 and turned.parsed == "[10.00, 10.00, 20.00, 20.00]"
    # Eleven pixels of eleven by sixteen against eleven by eleven: 121 / 176.
    older = RefCOCO(mode="older").score(item(), "[0.10, 0.10, 0.20, 0.25]")
    assert older.columns["iou"] == pytest.approx(121 / 176)
    assert RefCOCO(mode="older").score(item((0.0, 0.0, 9.0, 9.0)), "[0.0, 0.0, 0.09, 0.19]").score == 0.0, (
        "not above one half"
    )


def test_steps_of_a_score() -> None:
    benchmark = RefCOCO(n=2)
    example = benchmark.examples()[0]
    steps = dict(benchmark.explain(example, {"answer": "no idea", "score": 0.0}))
    assert steps["numbers read as unit"] == "none: a zero box" and steps["IoU"].startswith("0.0000")


@pytest.mark.parametrize(
    ("dataset", "split"), [("refcoco", "val"), ("refcoco", "testA"), ("refcoco+", "testB"), ("refcocog", "val")]
)
def test_made_expressions(dataset, split) -> None:
    from vistune.world import sample_scene
    from vistune.world.language import resolve

    benchmark = RefCOCO(dataset=dataset, split=split, n=30)
    examples = benchmark.examples()
    assert len(examples) == 30 and answered(benchmark, perfect, examples).score == 1.0
    kinds = Counter(e.meta["type"] for e in examples)
    assert split == "val" or kinds == {"person" if split == "testA" else "other": 30}
    for example in examples[:10]:
        scene = sample_scene(int(example.meta["group"]), split="test", prior="flat", min_things=2)
        text = example.regions[0].label
        assert text is not None and resolve(text, scene) == [int(example.id.rsplit("-", 1)[1])], "it fits one thing"
        if dataset == "refcoco+":
            assert not any(f" {word} " in text for word in ("left", "right", "behind", "front", "above", "below", "on"))
        if split == "testB":
            thing = scene.things[int(example.id.rsplit("-", 1)[1])]
            assert sum(other.kind == thing.kind for other in scene.things) > 1, "another of its kind is there"
    longer = np.mean([len(e.regions[0].label.split()) for e in examples])  # type: ignore[union-attr]
    assert longer > 5 if dataset == "refcocog" else longer < 5


def test_boxes_are_what_vistunes_processor_writes() -> None:
    for example in RefCOCO(n=10).examples():
        assert relative_box(example.regions[0], example.images[0]) == example.answers[0]


def test_constant_boxes_score_low() -> None:
    benchmark = RefCOCO(n=60)
    found = answered(benchmark, lambda _: "[0.25, 0.25, 0.75, 0.75]")
    assert found.values["accuracy"] < 0.1 and found.values["unparsed"] == 0.0


# -- detection ---------------------------------------------------------------------------------------------------------


def test_detection_of_coco(real_data) -> None:
    folder = real_data("coco")
    files = {"path": folder / "annotations" / "instances_val2017.json", "images": folder / "val2017"}
    rough = answered(Detection(**files), perfect).values["f1"]
    assert 0.95 < rough < 1.0, "shares with two digits lose the smallest boxes"
    benchmark = Detection(**files, convention="thousand")
    examples = benchmark.examples()
    found = answered(benchmark, perfect, examples)
    assert found.values["f1"] == 1.0 and found.values["exact"] == 1.0
    assert answered(benchmark, lambda _: "none", examples).values["f1"] == 0.0
    some = examples[:20]
    benchmark.examples = lambda: some  # type: ignore[method-assign]
    figures = benchmark.average_precision({e.id: e.answers[0] for e in some})
    assert figures["AP50"] == pytest.approx(1.0) and figures["AP"] > 0.9
    assert benchmark.average_precision({})["AP"] == 0.0


def test_f1_is_over_all_boxes() -> None:
    benchmark = Detection(n=3)
    one, two, three = benchmark.examples()
    for example, boxes in ((one, 1), (two, 2), (three, 3)):
        example.meta["boxes"] = [(20.0 * k, 0.0, 20.0 * k + 10, 10.0) for k in range(boxes)]
        example.meta["size"] = (64, 64)
    frame = Frame("unit", (64, 64))
    told = {
        one.id: box_text((0, 0, 10, 10), frame),
        two.id: f"{box_text((0, 0, 10, 10), frame)} {box_text((0, 0, 10, 9), frame)} {box_text((40, 40, 60, 60), frame)}",
        three.id: "",
    }
    found = answered(benchmark, lambda e: told[e.id], [one, two, three]).values
    # Hits 1 + 1; wrong 2; missed 1 + 3.
    assert (
        found["precision"] == 0.5 and found["recall"] == pytest.approx(2 / 6) and found["f1"] == pytest.approx(4 / 10)
    )
    assert found["exact"] == found["unparsed"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_made_detection_and_keypoints(convention) -> None:
    for kind in ("detection", "keypoints"):
        benchmark = BENCHMARKS.build({"kind": kind, "n": 40, "convention": convention})
        examples = benchmark.examples()
        assert len(examples) == 40 and answered(benchmark, perfect, examples).score == 1.0
        assert answered(benchmark, lambda _: "", examples).score == 0.0


# -- keypoints ---------------------------------------------------------------------------------------------------------


def test_keypoints_of_coco(real_data) -> None:
    folder = real_data("coco")
    benchmark = Keypoints(
        path=str(folder / "annotations" / "person_keypoints_val2017.json"), images=str(folder / "val2017"), limit=150
    )
    examples = benchmark.examples()
    assert len(examples) == 150 and {"nose", "left knee"} <= {e.meta["type"] for e in examples}
    found = answered(benchmark, perfect, examples)
    assert found.values["pck"] == 1.0 and found.values["oks"] > 0.7


def test_radius_and_oks_by_hand() -> None:
    meta = {
        "box": (0.0, 0.0, 50.0, 20.0),
        "size": (100, 100),
        "point": (20.0, 20.0),
        "area": 400.0,
        "sigma": 0.1,
        "of": 4,
    }
    example = Example("x", [], meta=meta)
    benchmark = Keypoints()
    near, far = benchmark.score(example, "[0.30, 0.20]"), benchmark.score(example, "[0.30, 0.21]")
    assert near.score == 1.0 and far.score == 0.0, "ten pixels are a fifth of fifty"
    assert near.columns["things"] == 0.25
    assert near.columns["oks"] == pytest.approx(math.exp(-100 / (2 * 400 * 0.04)) / 4)
    assert benchmark.score(example, "there").parsed is None


def test_made_boxes_are_those_of_the_masks() -> None:
    """A slow look at the pixels' masks finds the boxes again."""
    from vistune.world import sample_scene
    from vistune.world.annotate import masks

    for example in Detection(n=8).examples():
        scene = sample_scene(int(example.meta["group"]), split="test", prior="flat")
        found = []
        for thing, mask in zip(scene.things, masks(scene, 64)):
            if thing.kind == example.meta["type"] and mask.any():
                ys, xs = np.nonzero(mask)
                found.append((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
        assert sorted(found) == sorted(example.meta["boxes"]) and all(iou(a, a) == 1 for a in example.meta["boxes"])


@pytest.mark.parametrize("kind", ["refcoco", "detection", "keypoints"])
def test_the_shipped_model_can_be_asked(kind, tmp_path) -> None:
    from vistune.evaluation.runner import evaluate
    from vistune.models.loading import load_model

    benchmark = BENCHMARKS.build({"kind": kind, "n": 2})
    benchmark.max_new_tokens = 8
    found = evaluate(load_model("nano-vlm"), [benchmark], tmp_path)[benchmark.name]
    assert len(found.items) == 2 and 0 <= found.score <= 1
