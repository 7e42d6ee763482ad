"""Stories in pictures, in VIST's JSON (Huang et al., arXiv 1604.03968): ``SPLIT.story-in-sequence.json``.

One object with ``albums``, ``images`` and ``annotations``; each annotation is a list of one storylet, the sentence for one
picture of one story. VIST's own stories have five pictures; the form does not ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, rest, write_json


@dataclass(frozen=True)
class VistImage:
    """A picture of an album. ``id`` is a number written out. ``extra``: ``datetaken``, addresses and what else is there."""

    id: str
    album_id: str
    title: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class VistAlbum:
    """An album. ``vist_label``: what it is about."""

    id: str
    title: str = ""
    vist_label: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Storylet:
    """The sentence of a story for one picture. ``order``: the picture's place in the story, from 0.

    ``text``: in words apart, lower case, as ``tokenised`` makes it; ``original_text``: as it was told.
    """

    storylet_id: str
    story_id: str
    album_id: str
    photo_flickr_id: str
    order: int
    text: str
    original_text: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class VistFile:
    """A split. ``extra``: info and what else stands beside the lists."""

    images: list[VistImage]
    albums: list[VistAlbum]
    storylets: list[Storylet]
    extra: dict[str, Any] = field(default_factory=dict)

    def stories(self) -> Mapping[str, list[Storylet]]:
        """Story id -> its storylets in the order of the story."""
        found: dict[str, list[Storylet]] = {}
        for storylet in self.storylets:
            found.setdefault(storylet.story_id, []).append(storylet)
        return {story: sorted(told, key=lambda one: one.order) for story, told in found.items()}


def tokenised(text: str) -> str:
    """Lower case, marks apart: ``then the cake is cut .``"""
    return " ".join(re.findall(r"[\w'-]+|[^\w\s]", text.lower()))


_IMAGE, _ALBUM = ("id", "album_id", "title"), ("id", "title", "vist_label")
#: Key in the file -> field.
_STORYLET = {
    "storylet_id": "storylet_id", "story_id": "story_id", "album_id": "album_id", "photo_flickr_id": "photo_flickr_id",
    "worker_arranged_photo_order": "order", "text": "text", "original_text": "original_text",
}  # fmt: skip


def write_vist(path: Path | str, file: VistFile) -> Path:
    """Write a split. -> the path."""
    content = {
        **file.extra,
        "images": [{key: getattr(image, key) for key in _IMAGE} | image.extra for image in file.images],
        "albums": [{key: getattr(album, key) for key in _ALBUM} | album.extra for album in file.albums],
        "type": "story-in-sequence",
        "annotations": [
            [{key: getattr(told, name) for key, name in _STORYLET.items()} | told.extra] for told in file.storylets
        ],
    }
    return write_json(path, content)


def read_vist(path: Path | str) -> VistFile:
    """Read a split. Raises ``DataError`` that says what is wrong, and where."""
    content = need(read_json(path), ("images", "albums", "annotations"), str(path))
    images = [
        VistImage(str(r["id"]), str(r["album_id"]), r.get("title") or "", rest(r, _IMAGE))
        for r in (
            need(record, ("id", "album_id"), f"{path}, image {n}")
            for n, record in enumerate(need_list(content["images"], f"{path}, images"))
        )
    ]
    albums = [
        VistAlbum(str(r["id"]), r.get("title") or "", r.get("vist_label") or "", rest(r, _ALBUM))
        for r in (
            need(record, ("id",), f"{path}, album {n}")
            for n, record in enumerate(need_list(content["albums"], f"{path}, albums"))
        )
    ]
    told = need_list(content["annotations"], f"{path}, annotations")
    storylets = [_storylet(record, f"{path}, annotation {n}") for n, record in enumerate(told)]
    return VistFile(images, albums, storylets, rest(content, ("images", "albums", "annotations", "type")))


def _storylet(record: Any, where: str) -> Storylet:
    if not isinstance(record, list) or len(record) != 1:
        raise DataError(f"{where}: a list of one storylet was expected.")
    needed = [key for key in _STORYLET if key not in ("original_text", "storylet_id")]
    told = need(record[0], needed, where)
    values = {name: told.get(key, "") for key, name in _STORYLET.items()}
    # Some numbers are numbers in the published files, others are written out.
    words = {name: str(values[name]) for name in ("storylet_id", "story_id", "album_id", "photo_flickr_id")}
    return Storylet(**{**values, **words, "order": int(values["order"])}, extra=rest(told, _STORYLET))
