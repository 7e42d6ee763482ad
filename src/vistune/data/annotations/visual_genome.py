"""Visual Genome's scene graphs (Krishna et al. 2017): objects, attributes and relationships of each picture.

A folder holds ``image_data.json``, ``objects.json``, ``attributes.json``, ``relationships.json`` and
``region_descriptions.json``; each is a list with one entry a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, write_json


@dataclass(frozen=True, slots=True)
class GraphObject:
    """A thing: its names, box (``x``, ``y``, ``width``, ``height`` in pixels), attributes and WordNet synsets."""

    object_id: int
    names: tuple[str, ...]
    x: int
    y: int
    width: int
    height: int
    attributes: tuple[str, ...] = ()
    synsets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphRelation:
    """``subject`` (an object id) stands in ``predicate`` to ``object``."""

    relationship_id: int
    subject: int
    predicate: str
    object: int
    synsets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegionDescription:
    """A phrase about a region of the picture, in pixels."""

    region_id: int
    phrase: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ImageGraph:
    """The scene graph of one picture of ``width`` x ``height`` pixels."""

    image_id: int
    url: str
    width: int
    height: int
    objects: tuple[GraphObject, ...] = ()
    relations: tuple[GraphRelation, ...] = ()
    regions: tuple[RegionDescription, ...] = field(default=())


def write_visual_genome(graphs: Iterable[ImageGraph], folder: Path | str) -> list[Path]:
    """Write the five files into a folder. -> their paths."""
    folder = Path(folder)
    listed = list(graphs)
    files: dict[str, list[dict[str, Any]]] = {
        "image_data": [
            {
                "image_id": g.image_id,
                "url": g.url,
                "width": g.width,
                "height": g.height,
                "coco_id": None,
                "flickr_id": None,
            }
            for g in listed
        ],
        "objects": [{"image_id": g.image_id, "objects": [_object(o) for o in g.objects]} for g in listed],
        "attributes": [
            {
                "image_id": g.image_id,
                "attributes": [_object(o) | ({"attributes": o.attributes} if o.attributes else {}) for o in g.objects],
            }
            for g in listed
        ],
        "relationships": [{"image_id": g.image_id, "relationships": _relationships(g)} for g in listed],
        "region_descriptions": [
            {"id": g.image_id, "regions": [_region(r, g.image_id) for r in g.regions]} for g in listed
        ],
    }
    return [write_json(folder / f"{name}.json", content) for name, content in files.items()]


def _object(o: GraphObject) -> dict[str, Any]:
    place = {"x": o.x, "y": o.y, "w": o.width, "h": o.height}
    return {"object_id": o.object_id, "names": o.names, "synsets": o.synsets, "merged_object_ids": [], **place}


def _relationships(graph: ImageGraph) -> list[dict[str, Any]]:
    by_id = {o.object_id: o for o in graph.objects}

    def end(object_id: int) -> dict[str, Any]:
        record = _object(by_id[object_id])
        record["name"] = record.pop("names")[0]
        return record

    return [
        {
            "relationship_id": r.relationship_id,
            "predicate": r.predicate,
            "synsets": r.synsets,
            "subject": end(r.subject),
            "object": end(r.object),
        }
        for r in graph.relations
    ]


def _region(r: RegionDescription, image_id: int) -> dict[str, Any]:
    place = {"x": r.x, "y": r.y, "width": r.width, "height": r.height}
    return {"region_id": r.region_id, "image_id": image_id, "phrase": r.phrase, **place}


def read_visual_genome(folder: Path | str) -> list[ImageGraph]:
    """Read a folder; ``attributes``, ``relationships`` and ``region_descriptions`` may be missing.

    Raises ``DataError`` that says what is wrong, and where.
    """
    folder = Path(folder)
    graphs: dict[int, ImageGraph] = {}
    for record in _entries(folder / "image_data.json", ("image_id", "url", "width", "height")):
        size = (record["width"], record["height"])
        graphs[record["image_id"]] = ImageGraph(record["image_id"], record["url"], *size)
    objects = {
        entry["image_id"]: {r["object_id"]: _read_object(r, folder / "objects.json") for r in entry["objects"]}
        for entry in _entries(folder / "objects.json", ("image_id", "objects"))
    }
    for entry in _optional(folder / "attributes.json", ("image_id", "attributes")):
        known = objects.get(entry["image_id"], {})
        for record in entry["attributes"]:
            if record["object_id"] in known and record.get("attributes"):
                named = tuple(record["attributes"])
                known[record["object_id"]] = replace(known[record["object_id"]], attributes=named)
    for image_id, found in objects.items():
        graphs[image_id] = replace(_of(graphs, image_id, folder), objects=tuple(found.values()))
    for entry in _optional(folder / "relationships.json", ("image_id", "relationships")):
        relations = tuple(_read_relation(r, folder / "relationships.json") for r in entry["relationships"])
        graphs[entry["image_id"]] = replace(_of(graphs, entry["image_id"], folder), relations=relations)
    for entry in _optional(folder / "region_descriptions.json", ("id", "regions")):
        regions = tuple(_read_region(r, folder / "region_descriptions.json") for r in entry["regions"])
        graphs[entry["id"]] = replace(_of(graphs, entry["id"], folder), regions=regions)
    return list(graphs.values())


def _of(graphs: Mapping[int, ImageGraph], image_id: int, folder: Path) -> ImageGraph:
    if image_id not in graphs:
        raise DataError(f"{folder}: image {image_id} has annotations but is not in image_data.json.")
    return graphs[image_id]


def _entries(path: Path, keys: tuple[str, ...]) -> list[Mapping[str, Any]]:
    listed = need_list(read_json(path), str(path))
    return [need(record, keys, f"{path}, entry {number}") for number, record in enumerate(listed)]


def _optional(path: Path, keys: tuple[str, ...]) -> list[Mapping[str, Any]]:
    return _entries(path, keys) if path.exists() else []


def _read_object(record: Any, path: Path) -> GraphObject:
    need(record, ("object_id", "x", "y", "w", "h"), f"{path}, an object")
    names = tuple(record["names"]) if "names" in record else (record["name"],)
    place = (record["x"], record["y"], record["w"], record["h"])
    return GraphObject(record["object_id"], names, *place, synsets=tuple(record.get("synsets", ())))


def _read_relation(record: Any, path: Path) -> GraphRelation:
    need(record, ("relationship_id", "predicate", "subject", "object"), f"{path}, a relationship")
    ends = (record["subject"]["object_id"], record["predicate"], record["object"]["object_id"])
    return GraphRelation(record["relationship_id"], *ends, synsets=tuple(record.get("synsets", ())))


def _read_region(record: Any, path: Path) -> RegionDescription:
    need(record, ("region_id", "phrase", "x", "y", "width", "height"), f"{path}, a region")
    place = (record["x"], record["y"], record["width"], record["height"])
    return RegionDescription(record["region_id"], record["phrase"], *place)
