"""What is known of sequences of pictures, in the forms of COCO with TAO's tracks, VIST, Spot-the-Diff and OBELICS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from vistune.data.annotations.coco import CocoFile, write_coco
from vistune.data.annotations.obelics import InterleavedDocument, Picture, write_obelics
from vistune.data.annotations.spot_the_diff import Differences, write_spot_the_diff
from vistune.data.annotations.vist import Storylet, VistAlbum, VistFile, VistImage, tokenised, write_vist
from vistune.engines.scene_annotations import coco_files
from vistune.world.render import render
from vistune.world.scene import Scene
from vistune.world.sequences import Document, Story, tell_story
from vistune.world.sequences.telling import changed_words


@dataclass(frozen=True)
class Shown:
    """One example: its name and number, what it shows, and the names of its pictures in the order in which it shows them.

    ``order[k]``: which picture of the story is shown k-th. ``split``: how its texts are worded.
    """

    name: str
    number: int
    task: str
    content: Story | Document
    order: tuple[int, ...]
    files: tuple[str, ...]
    split: str

    def file_of(self, picture: int) -> str:
        """The name of picture number ``picture`` of the story."""
        return self.files[self.order.index(picture)]


def write_sequence_annotations(examples: Sequence[Shown], size: int, folder: Path, split: str) -> list[Path]:
    """Write all of it; -> the files.

    ``instances.json``, ``keypoints.json`` and ``captions.json`` (COCO, of every picture; instances with TAO's videos and
    tracks), ``SPLIT.story-in-sequence.json`` (VIST), ``spot_the_diff/SPLIT.json`` with ``spot_the_diff/images``, and
    ``documents.jsonl`` (OBELICS).
    """
    named = [(file, _scene(e, k)) for e in examples for k, file in enumerate(e.files)]
    files = coco_files(named, size)
    files["instances"] = with_tracks(files["instances"], examples)
    stories = [e for e in examples if e.task in ("story", "story_question", "sort")]
    changes = [e for e in examples if e.task.startswith("change")]
    documents = [e for e in examples if isinstance(e.content, Document)]
    ids = {image.file_name: image.id for image in files["captions"].images}
    return [
        *(write_coco(content, folder / f"{name}.json") for name, content in files.items()),
        write_vist(folder / f"{split}.story-in-sequence.json", vist_file(stories, ids)),
        *_write_changes(changes, size, folder / "spot_the_diff", split),
        write_obelics(folder / "documents.jsonl", [interleaved(e, size) for e in documents]),
    ]


def _scene(example: Shown, place: int) -> Scene:
    return example.content.scenes[example.order[place]]


def with_tracks(file: CocoFile, examples: Sequence[Shown]) -> CocoFile:
    """The instances with TAO's fields (arXiv 2005.10356): a video for each example, a track for each thing in it.

    A picture's ``frame_index`` is its place in the story, wherever the example shows it. The ``metadata`` of a video says
    its task, its theme and its steps: what happens after each picture, to which track.
    """
    place = {name: (number, e, k) for number, e in enumerate(examples, 1) for k, name in enumerate(e.files)}
    images, annotations, tracks = [], [], dict[tuple[int, int], dict[str, int]]()
    of_image = file.of_image()
    for image in file.images:
        video, example, k = place[image.file_name]
        picture = example.order[k]
        images.append(replace(image, extra={"video": example.name, "video_id": video, "frame_index": picture}))
        for a in of_image[image.id]:
            # In documents each picture shows other things.
            content, thing = example.content, a.extra["thing"]
            who = content.stages[picture].who[thing] if isinstance(content, Story) else 1000 * picture + thing
            known = {"id": len(tracks) + 1, "category_id": a.category_id or 0, "video_id": video}
            track = tracks.setdefault((video, who), known)
            annotations.append(replace(a, extra={**a.extra, "video_id": video, "track_id": track["id"]}))
    videos = [
        {"id": number, "name": e.name, "metadata": _metadata(e, number, tracks)} for number, e in enumerate(examples, 1)
    ]
    extra = {**file.extra, "videos": videos, "tracks": list(tracks.values())}
    return CocoFile(images, annotations, file.categories, extra)


def _metadata(example: Shown, video: int, tracks: dict[tuple[int, int], dict[str, int]]) -> dict[str, Any]:
    if isinstance(example.content, Document):
        return {"task": example.task, "theme": "document"}
    steps = []
    for step in example.content.steps:
        track = tracks.get((video, step.who))
        steps.append({"action": step.action, "track_id": track and track["id"], "value": step.value})
    return {"task": example.task, "theme": example.content.theme, "steps": steps}


def vist_file(examples: Sequence[Shown], ids: dict[str, int]) -> VistFile:
    """Stories as told by ``tell_story``: an album for each, dated so that its pictures' times give their order.

    ``ids``: file name -> id in the COCO files, which names the picture here too.
    """
    images, albums, told = [], [], []
    for number, example in enumerate(examples, 1):
        story = example.content
        assert isinstance(story, Story)
        album = str(number)
        albums.append(VistAlbum(album, example.name, story.theme, {"photos": str(len(example.files))}))
        for k, text in enumerate(tell_story(story, example.number, example.split)):
            file = example.file_of(k)
            known = {"file_name": file, "url_o": file, "datetaken": f"2000-01-01 00:{k:02d}:00"}
            images.append(VistImage(str(ids[file]), album, file, known))
            extra = {"tier": "story-in-sequence", "setting": example.task, "worker_id": "vistune"}
            story_id = f"{example.number}"
            told.append(Storylet(str(len(told) + 1), story_id, album, str(ids[file]), k, tokenised(text), text, extra))
    return VistFile(images, albums, told, {"info": {"description": "Stories of the vistune nano world"}})


def _write_changes(examples: Sequence[Shown], size: int, folder: Path, split: str) -> list[Path]:
    pairs = [differences(example) for example in examples]
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for example, pair in zip(examples, pairs, strict=True):
        for scene, name in zip(example.content.scenes, pair.pictures, strict=True):
            Image.fromarray(render(scene, size)).save(folder / "images" / name)
    return [write_spot_the_diff(folder / f"{split}.json", pairs), folder / "images"]


def differences(example: Shown) -> Differences:
    """A sentence for each change; ``nothing changed`` where there is none."""
    story = example.content
    assert isinstance(story, Story)
    told = tuple(changed_words(story, step) for step in story.steps)
    return Differences(str(example.number), told or ("nothing changed",))


def interleaved(example: Shown, size: int) -> InterleavedDocument:
    """A document; its ``describes`` says which picture each text is about, where texts are exchanged too."""
    document = example.content
    assert isinstance(document, Document)
    parts: list[str | Picture] = []
    for part in document.parts():
        if isinstance(part, str):
            parts.append(part)
        else:
            file = example.file_of(part)
            known = {"formatted_filename": file, "original_width": size, "original_height": size, "format": "png"}
            parts.append(Picture(file, known))
    return InterleavedDocument(tuple(parts), {"url": example.name, "describes": list(document.describes)})
