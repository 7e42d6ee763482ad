"""Errands to objects in REVERIE's JSON, and the objects' boxes in a viewpoint's views (arXiv 1904.10151)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vistune.core.errors import DataError
from vistune.data.annotations.files import read_json, write_json

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class ErrandRecord:
    """An object ``object_id`` to be found in building ``scan``; ``path`` leads to a viewpoint that sees it.

    ``name``: the record's id, made of path and object. ``heading``: at the start, radians clockwise from north.
    """

    name: str
    scan: str
    path_id: int
    path: tuple[str, ...]
    heading: float
    object_id: int
    instructions: tuple[str, ...]


@dataclass(frozen=True)
class SeenObject:
    """An object from one viewpoint: ``boxes`` are (view of 36, box ``(x, y, width, height)`` in pixels of 640 x 480)."""

    name: str
    boxes: tuple[tuple[int, Box], ...]


def write_reverie(path: Path, errands: Sequence[ErrandRecord]) -> Path:
    """Write errands."""
    return write_json(
        path,
        [
            {
                "id": errand.name,
                "path": list(errand.path),
                "objId": errand.object_id,
                "instructions": list(errand.instructions),
                "heading": errand.heading,
                "scan": errand.scan,
                "path_id": errand.path_id,
            }
            for errand in errands
        ],
    )


def read_reverie(path: Path) -> list[ErrandRecord]:
    """Read errands. Raises ``DataError`` where the file has another form."""
    try:
        return [
            ErrandRecord(
                record["id"],
                record["scan"],
                int(record["path_id"]),
                tuple(record["path"]),
                float(record["heading"]),
                int(record["objId"]),
                tuple(record["instructions"]),
            )
            for record in read_json(path)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is no REVERIE file: {error!r}.") from None


def write_boxes(path: Path, viewpoint: str, objects: Mapping[int, SeenObject]) -> Path:
    """Write what is seen from one viewpoint (``BBox/SCAN_VIEWPOINT.json``)."""
    found = {
        str(number): {
            "name": seen.name,
            "visible_pos": [view for view, _ in seen.boxes],
            "bbox2d": [list(box) for _, box in seen.boxes],
        }
        for number, seen in objects.items()
    }
    return write_json(path, {viewpoint: found})


def read_boxes(path: Path) -> dict[str, dict[int, SeenObject]]:
    """Viewpoint -> object's number -> how it is seen. Raises ``DataError`` where the file has another form."""
    try:
        return {
            viewpoint: {
                int(number): SeenObject(
                    seen["name"],
                    tuple(
                        (view, (box[0], box[1], box[2], box[3]))
                        for view, box in zip(seen["visible_pos"], seen["bbox2d"], strict=True)
                    ),
                )
                for number, seen in objects.items()
            }
            for viewpoint, objects in read_json(path).items()
        }
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise DataError(f"{path} is no REVERIE box file: {error!r}.") from None
