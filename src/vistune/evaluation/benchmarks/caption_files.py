"""Files of captions as the field keeps them: COCO's JSON, Karpathy's splits, BLIP's lists, xFlickrCO's lines, Flickr8k."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json

_SPLITS = {"train": ("train", "restval")}


@dataclass(frozen=True, slots=True)
class Captioned:
    """A picture's file (relative to the folder of the pictures) and all its captions. ``id``: as the file numbers it."""

    id: str
    file: str
    captions: tuple[str, ...]


def read_captioned(path: Path, split: str = "test") -> list[Captioned]:
    """The pictures of a split with their captions. Raises ``DataError`` that says what is wrong, and where.

    - a folder with ``captions.txt``: Flickr8k;
    - an object with ``images`` and ``annotations``: COCO (the file is the split);
    - an object with ``images`` that hold ``sentences`` and ``split``: Karpathy's ``dataset_coco.json``, ``dataset_flickr30k.json``;
    - a list with ``image`` and ``caption``: BLIP's ``coco_karpathy_test.json``, ``flickr30k_test.json``;
    - lines with ``sentences`` and ``img_path``: xFlickrCO.
    """
    if path.is_dir():
        return _flickr8k(path, split)
    if path.suffix == ".jsonl":
        return _lines(path)
    content = read_json(path)
    if isinstance(content, list):
        return _listed(content, path)
    need(content, ("images",), str(path))
    images = need_list(content["images"], f"{path}, images")
    if "annotations" in content:
        return _coco(content, path)
    return _karpathy(images, path, split)


def _flickr8k(path: Path, split: str) -> list[Captioned]:
    from vistune.data.formats import read

    made = read(path, "flickr8k", split=split, per="picture")
    return [Captioned(e.id, f"Images/{e.meta['image_id']}", tuple(e.answers)) for e in made]


def _lines(path: Path) -> list[Captioned]:
    if not path.is_file():
        raise DataError(f"{path}: there is no such file.")
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path}, line {number}"
        try:
            record = need(json.loads(line), ("sentences", "id", "img_path"), where)
        except json.JSONDecodeError as error:
            raise DataError(f"{where} holds no JSON ({error}).") from error
        found.append(Captioned(str(record["id"]), record["img_path"], tuple(record["sentences"])))
    return found


def _listed(content: list[Any], path: Path) -> list[Captioned]:
    found = []
    for number, record in enumerate(content):
        need(record, ("image", "caption"), f"{path}, record {number}")
        told = record["caption"]
        found.append(Captioned(str(number), record["image"], (told,) if isinstance(told, str) else tuple(told)))
    return found


def _coco(content: Mapping[str, Any], path: Path) -> list[Captioned]:
    """Joined by the picture's id; pictures without a caption are left out."""
    captions: dict[Any, list[str]] = {}
    for number, record in enumerate(need_list(content["annotations"], f"{path}, annotations")):
        need(record, ("image_id", "caption"), f"{path}, annotation {number}")
        captions.setdefault(record["image_id"], []).append(record["caption"])
    images = [need(record, ("id", "file_name"), f"{path}, image {n}") for n, record in enumerate(content["images"])]
    return [Captioned(str(i["id"]), i["file_name"], tuple(captions[i["id"]])) for i in images if i["id"] in captions]


def _karpathy(images: list[Any], path: Path, split: str) -> list[Captioned]:
    wanted = _SPLITS.get(split, (split,))
    found = []
    for number, record in enumerate(images):
        need(record, ("filename", "split", "sentences"), f"{path}, image {number}")
        if record["split"] in wanted:
            identity = str(record.get("cocoid", record.get("imgid", number)))
            file = "/".join(filter(None, (record.get("filepath"), record["filename"])))
            found.append(Captioned(identity, file, tuple(s["raw"] for s in record["sentences"])))
    if not found:
        known = sorted({str(record["split"]) for record in images})
        raise DataError(f"{path} has no picture of the split '{split}'; it has {', '.join(known) or 'none'}.")
    return found
