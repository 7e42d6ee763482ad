"""``vistune data make KIND`` for every engine of the registry, with annotations, and what other machines need of an engine."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vistune.data.example import Example
from vistune.data.formats import read
from vistune.engines import ENGINES
from vistune.experiments.datasets import make_data

#: An engine that has no size of pictures.
SIZED = {name: name != "nlvr_style" for name in ENGINES.names()}


def said(example: Example) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in example.messages]


@pytest.mark.parametrize("kind", ENGINES.names())
def test_it_is_made_and_read_back(kind: str, tmp_path: Path) -> None:
    size = {"image_size": 32} if SIZED[kind] else {}
    summary = make_data(
        kind, 5, tmp_path, "llava", [f"{name}={value}" for name, value in size.items()], annotations=True
    )
    back = list(read(tmp_path / "data.json", "llava"))
    made = ENGINES.build({"kind": kind, "n": 5, **size})
    assert summary["examples"] == len(back) == 5
    assert [said(example) for example in back] == [said(example) for example in made.examples()]
    for ours, theirs in zip(back, made.examples(), strict=True):
        pictures = [[np.asarray(image.open().convert("RGB")) for image in e.images] for e in (ours, theirs)]
        assert len(pictures[0]) == len(pictures[1])
        assert all(np.array_equal(a, b) for a, b in zip(*pictures, strict=True))
    files = [Path(name) for name in summary["annotations"]]
    # Some list is empty where five examples have nothing for it; not all are.
    assert any(file.is_dir() or file.stat().st_size > 2 for file in files)
    for file in files:
        if file.suffix == ".json" and kind != "nlvr_style":
            json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ENGINES.names())
def test_an_engine_travels_and_makes_the_same_elsewhere(kind: str) -> None:
    """Processes and Ray workers get the engine pickled, before or after it made something."""
    engine = ENGINES.build({"kind": kind, "n": 3})
    fresh = pickle.loads(pickle.dumps(engine))
    here = said(engine[2])
    assert said(fresh[2]) == here
    assert said(pickle.loads(pickle.dumps(engine))[2]) == here


@pytest.mark.parametrize(("kind", "tasks"), [("misleading", {"beside": 1.0}), ("provision", {"multi": 1.0})])
def test_scene_graphs_are_of_the_pictures_beside_them(kind: str, tasks: dict, tmp_path: Path) -> None:
    """Each picture that was written has its graph, under its name, and its things are where the picture shows them."""
    make_data(kind, 4, tmp_path, "llava", ["image_size=64", f"tasks={json.dumps(tasks)}"], annotations=True)
    written = {
        path.relative_to(tmp_path / "data_images").as_posix() for path in (tmp_path / "data_images").rglob("*.png")
    }
    instances = json.loads((tmp_path / "annotations" / "instances.json").read_text())
    assert {image["file_name"] for image in instances["images"]} == written
    names = {image["id"]: image["file_name"] for image in instances["images"]}
    for thing in instances["annotations"]:
        x, y, width, height = (round(v) for v in thing["bbox"])
        with Image.open(tmp_path / "data_images" / names[thing["image_id"]]) as picture:
            pixels = np.asarray(picture.convert("RGB")).astype(int)
        inside = pixels[y : y + height, x : x + width].reshape(-1, 3)
        assert inside.std(0).sum() > 0, "a thing is drawn there, not one flat colour"


def test_captions_in_every_language_are_of_the_scenes(tmp_path: Path) -> None:
    """As many in each, about the same pictures, and the grammar reads its own meaning back."""
    from vistune.data.annotations.coco import read_coco
    from vistune.world.tongues import TONGUES

    make_data("tongues", 6, tmp_path, "llava", ["image_size=64"], annotations=True)
    files = {code: read_coco(tmp_path / "annotations" / f"captions_{code}.json") for code in TONGUES}
    counts = {(len(file.images), len(file.annotations)) for file in files.values()}
    assert len(counts) == 1 and counts.pop()[1] > 0
    said = {code: [a.caption for a in file.annotations] for code, file in files.items()}
    assert len({tuple(captions) for captions in said.values()}) == len(TONGUES)
    assert any("\u0600" <= letter <= "\u06ff" for letter in said["ar"][0] or "")
