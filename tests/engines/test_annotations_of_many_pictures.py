"""What ``regions``, ``sequences`` and ``nlvr_style`` write beside their examples: read back, and equal to what was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vistune.core.errors import ConfigError
from vistune.data.annotations.coco import CocoFile, mask_of, names_of, read_coco
from vistune.data.annotations.files import read_json
from vistune.data.annotations.gimmick import read_culture, read_culture_questions, read_facts
from vistune.data.annotations.nlvr import read_nlvr
from vistune.data.annotations.obelics import Picture, read_obelics
from vistune.data.annotations.spot_the_diff import read_spot_the_diff
from vistune.data.annotations.vist import read_vist
from vistune.data.example import Example
from vistune.data.formats import read
from vistune.engines.nlvr.engine import NLVRStyleEngine
from vistune.engines.regions import RegionsEngine
from vistune.engines.sequences import SequencesEngine
from vistune.experiments.datasets import make_data
from vistune.world.regions import COUNTRIES, FACETS, REGIONS, custom, facts

SIZE = 48


def written(folder: Path) -> dict[str, np.ndarray]:
    """File name -> pixels of every picture beside ``data.json``."""
    root = folder / "data_images"
    found = sorted(root.rglob("*.png"))
    return {file.relative_to(root).as_posix(): np.asarray(Image.open(file).convert("RGB")) for file in found}


@pytest.fixture(scope="module")
def sequences(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Example]]:
    folder = tmp_path_factory.mktemp("sequences")
    make_data("sequences", 24, folder, "llava", [f"image_size={SIZE}", "split=test"], annotations=True)
    return folder, list(SequencesEngine(24, image_size=SIZE, split="test").examples())


def test_every_picture_of_a_sequence_has_its_instances_and_captions(sequences: tuple[Path, list[Example]]) -> None:
    folder, examples = sequences
    pictures = written(folder)
    for name in ("instances", "keypoints", "captions"):
        assert {image.file_name for image in read_coco(folder / "annotations" / f"{name}.json").images} == set(pictures)
    captions = read_coco(folder / "annotations" / "captions.json")
    assert {a.image_id for a in captions.annotations} == {image.id for image in captions.images}
    assert len(pictures) == sum(len(example.images) for example in examples)


def test_tracks_follow_things_through_a_story(sequences: tuple[Path, list[Example]]) -> None:
    """A track is one kind, once a picture; what leaves is not in later pictures, what arrives not in earlier ones."""
    folder, examples = sequences
    file = read_coco(folder / "annotations" / "instances.json")
    videos = {video["id"]: video for video in file.extra["videos"]}
    tracks = {track["id"]: track for track in file.extra["tracks"]}
    frames = {image.id: image.extra["frame_index"] for image in file.images}
    seen: dict[int, list[int]] = {track: [] for track in tracks}
    for a in file.annotations:
        track = tracks[a.extra["track_id"]]
        assert (a.category_id, a.extra["video_id"]) == (track["category_id"], track["video_id"])
        seen[track["id"]].append(frames[a.image_id])
    assert all(len(set(at)) == len(at) > 0 for at in seen.values())
    assert [video["name"] for video in videos.values()] == [example.id for example in examples]
    steps = 0
    for video in videos.values():
        told = video["metadata"]
        for k, step in enumerate(told.get("steps", ()) if told["theme"] != "change" else ()):
            at = seen.get(step["track_id"], [])
            steps += len(at) > 0
            assert step["action"] != "arrive" or min(at) == k + 1
            assert step["action"] != "leave" or max(at) == k
    assert steps > 10


def test_stories_are_those_that_were_told(sequences: tuple[Path, list[Example]]) -> None:
    folder, examples = sequences
    file = read_vist(folder / "annotations" / "test.story-in-sequence.json")
    by_album = {album.title: album.id for album in file.albums}
    names = {image.id: image.title for image in file.images}
    pictures = written(folder)
    checked = 0
    for example in examples:
        if example.meta["task"] not in ("story", "sort"):
            continue
        told = [one for one in file.storylets if one.album_id == by_album[example.id]]
        assert [one.order for one in told] == list(range(len(example.images)))
        said = " ".join(one.original_text for one in told)
        heard = example.messages[1].text if example.meta["task"] == "story" else example.messages[0].text
        assert said in heard
        order = example.meta.get("order", list(range(len(told))))
        for one in told:
            shown = np.asarray(example.images[order.index(one.order)].open().convert("RGB"))
            assert np.array_equal(pictures[names[one.photo_flickr_id]], shown)
            checked += 1
        times = {image.id: image.extra["datetaken"] for image in file.images}
        assert [times[one.photo_flickr_id] for one in told] == sorted(times[one.photo_flickr_id] for one in told)
    assert checked > 10


def test_changes_are_those_that_were_told(sequences: tuple[Path, list[Example]]) -> None:
    folder, examples = sequences
    root = folder / "annotations" / "spot_the_diff"
    pairs = {pair.img_id: pair for pair in read_spot_the_diff(root / "test.json")}
    asked = [example for example in examples if str(example.meta["task"]).startswith("change")]
    assert {str(example.meta["number"]) for example in asked} == set(pairs) and len(pairs) > 2
    for example in asked:
        pair = pairs[str(example.meta["number"])]
        for name, image in zip(pair.pictures, example.images, strict=True):
            with Image.open(root / "images" / name) as picture:
                assert np.array_equal(np.asarray(picture), np.asarray(image.open().convert("RGB")))
        if example.meta["task"] == "change":
            assert example.messages[1].text == ". ".join(pair.sentences) + "."


def test_documents_are_those_that_were_shown(sequences: tuple[Path, list[Example]]) -> None:
    folder, examples = sequences
    documents = {d.metadata["url"]: d for d in read_obelics(folder / "annotations" / "documents.jsonl")}
    shown = {example.id: example for example in examples if example.meta["task"] == "document"}
    assert set(documents) == set(shown) and shown
    for name, document in documents.items():
        example = shown[name]
        parts = example.messages[0].parts[: len(document.parts)]
        assert [None if p.image is not None else (p.text or "").strip() for p in parts] == [
            None if isinstance(p, Picture) else p for p in document.parts
        ]
        assert document.metadata["describes"] == example.meta["describes"]


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Example], CocoFile]:
    folder = tmp_path_factory.mktemp("regions")
    settings = [f"image_size={SIZE}", "split=test", "prior=flat", "pictures=2"]
    make_data("regions", 30, folder, "llava", settings, annotations=True)
    examples = list(RegionsEngine(30, image_size=SIZE, split="test", prior="flat", pictures=2).examples())
    return folder, examples, read_coco(folder / "annotations" / "instances.json")


def test_every_sight_has_its_custom_as_an_instance(regions: tuple[Path, list[Example], CocoFile]) -> None:
    folder, examples, file = regions
    assert {image.file_name for image in file.images} == set(written(folder))
    facets = {c.id: c.supercategory for c in file.categories}
    kinds = names_of(file.categories)
    of_image, at = file.of_image(), {image.file_name: image for image in file.images}
    for index, example in enumerate(examples):
        for k in range(len(example.images)):
            image = at[f"0000/{index:07d}-{k}.png"]
            found = of_image[image.id]
            own = [a for a in found if facets[a.category_id or 0] == example.meta["facet"]]
            assert own and {a.extra["attributes"]["name"] for a in own} == {example.meta["title"]}
            assert all(a.extra["attributes"]["countries"] == example.meta["countries"] for a in own)
            assert all(kinds[a.category_id or 0] == "person" for a in found if a not in own)
            for a in found:
                mask = mask_of(a, SIZE, SIZE)
                ys, xs = np.nonzero(mask)
                assert a.area == mask.sum() and a.bbox is not None
                assert (xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1) == a.bbox
    captions = read_coco(folder / "annotations" / "captions.json").of_image()
    first = next(i for i, example in enumerate(examples) if example.images)
    told = [a.caption for a in captions[at[f"0000/{first:07d}-0.png"].id]]
    assert told[1] == examples[first].meta["description"]
    assert (told[0] or "?").rstrip(".") in str(told[1])


def test_culture_is_that_of_the_atlas(regions: tuple[Path, list[Example], CocoFile]) -> None:
    folder, examples, _ = regions
    root = folder / "annotations"
    records = {record.title: record for record in read_culture(root / "customs.json")}
    for country in COUNTRIES:
        for facet in FACETS:
            assert country in records[custom(country, facet).name].countries
    shown = {
        f"0000/{index:07d}-{k}.png": example.meta["title"]
        for index, example in enumerate(examples)
        for k in range(len(example.images))
    }
    assert {file: record.title for record in records.values() for file in record.images} == shown
    asked = {q.ich_image: [] for q in read_culture_questions(root / "questions.json")}
    for q in read_culture_questions(root / "questions.json"):
        asked[q.ich_image].append((q.question, q.answer))
        assert q.title == shown[q.ich_image]
    assert asked == {
        f"0000/{index:07d}-0.png": [(q["question"], q["answer"]) for q in example.meta["questions"]]
        for index, example in enumerate(examples)
        if example.meta["task"] == "question"
    }
    assert read_json(root / "regions.json") == {
        region: [c.name for c in COUNTRIES.values() if c.region == region] for region in REGIONS
    }
    known = read_facts(root / "facts.csv")
    assert len(known) == len(COUNTRIES) * len(FACETS)
    for fact in known:
        assert any(fact.title in told and told.split(": ")[-1] in fact.statement for told in facts(fact.country))


def test_statements_are_those_that_were_asked(tmp_path: Path) -> None:
    """The folder is one of NLVR's: its reader gives the same statements, labels and boxes."""
    engine = NLVRStyleEngine(12, image_size=100, turns=2)
    engine.write_annotations(tmp_path)
    items = {item.identifier: item for item in read_nlvr(tmp_path / "train" / "train.json")}
    back = {example.meta["identifier"]: example for example in read(tmp_path, "nlvr", split="train")}
    assert set(items) == set(back)
    for index, example in enumerate(engine.examples()):
        turns = [m for m in example.messages if m.role == "user"]
        answers = [m.text for m in example.messages if m.role == "assistant"]
        for k, (asked, answer) in enumerate(zip(turns, answers, strict=True)):
            again = back[f"{index}-{k}"]
            assert asked.text == again.messages[0].text and again.answers == [answer]
            assert items[f"{index}-{k}"].label == answer
            for ours, theirs in zip(example.images, again.images, strict=True):
                assert np.array_equal(np.asarray(ours.open()), np.asarray(theirs.open()))
            for box, image in zip(items[f"{index}-{k}"].structured_rep, example.images, strict=True):
                pixels = np.asarray(image.open())
                for shape in box:
                    centre = pixels[shape.y_loc + shape.size * 6 // 10, shape.x_loc + shape.size // 2]
                    colour = {"Yellow": (255, 255, 0), "Black": (0, 0, 0), "#0099ff": (0, 153, 255)}[shape.color]
                    assert tuple(int(v) for v in centre) == colour
    with pytest.raises(ConfigError, match="NLVR has three boxes, not 2"):
        NLVRStyleEngine(1, boxes=2).write_annotations(tmp_path)
