"""Walks in words in R2R's JSON, graphs of viewpoints in Matterport's connectivity JSON (arXiv 1711.07280).

Also FGR2R's parts of instructions (arXiv 2004.02707): which words lead along which viewpoints.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import read_json, write_json


@dataclass(frozen=True)
class WalkRecord:
    """A path through building ``scan`` with its instructions.

    ``heading``: at the start, radians clockwise from north. ``distance``: metres, or None where a file has none.
    ``parts``: for each instruction its parts in order, each (words, first, last) with places in ``path`` from 0; empty
    where a file has none.
    """

    path_id: int
    scan: str
    heading: float
    path: tuple[str, ...]
    distance: float | None
    instructions: tuple[str, ...]
    parts: tuple[tuple[tuple[str, int, int], ...], ...] = ()


@dataclass(frozen=True)
class ConnectedViewpoint:
    """A viewpoint: ``pose`` is a row-major 4 x 4 matrix, its translation at 3, 7 and 11 in metres.

    ``visible`` and ``unobstructed`` tell for each viewpoint of the file whether it is seen and can be walked to.
    """

    image_id: str
    pose: tuple[float, ...]
    included: bool
    visible: tuple[bool, ...]
    unobstructed: tuple[bool, ...]
    height: float

    @property
    def position(self) -> tuple[float, float, float]:
        """Metres."""
        return self.pose[3], self.pose[7], self.pose[11]


def write_r2r(path: Path, walks: Sequence[WalkRecord]) -> Path:
    """Write walks; parts, where there are any, in FGR2R's ``new_instructions`` and ``chunk_view``."""
    return write_json(path, [_record(walk) for walk in walks])


def _record(walk: WalkRecord) -> dict[str, Any]:
    record: dict[str, Any] = {} if walk.distance is None else {"distance": walk.distance}
    record |= {
        "scan": walk.scan,
        "path_id": walk.path_id,
        "path": list(walk.path),
        "heading": walk.heading,
        "instructions": list(walk.instructions),
    }
    if walk.parts:
        # FGR2R keeps the words as the text of a Python list, and counts viewpoints from 1.
        record["new_instructions"] = json.dumps([[words.split() for words, _, _ in parts] for parts in walk.parts])
        record["chunk_view"] = [[[first + 1, last + 1] for _, first, last in parts] for parts in walk.parts]
    return record


def read_r2r(path: Path) -> list[WalkRecord]:
    """Read walks. Raises ``DataError`` where the file has another form."""
    try:
        return [_walk(record) for record in read_json(path)]
    except (KeyError, TypeError, ValueError, AttributeError, SyntaxError) as error:
        raise DataError(f"{path} is no R2R file: {error!r}.") from None


def _walk(record: Mapping[str, Any]) -> WalkRecord:
    parts = ()
    if "chunk_view" in record:
        words = ast.literal_eval(record["new_instructions"])
        parts = tuple(
            tuple((" ".join(said), first - 1, last - 1) for said, (first, last) in zip(texts, views, strict=True))
            for texts, views in zip(words, record["chunk_view"], strict=True)
        )
    distance = record.get("distance")
    return WalkRecord(
        int(record["path_id"]),
        record["scan"],
        float(record["heading"]),
        tuple(record["path"]),
        None if distance is None else float(distance),
        tuple(record["instructions"]),
        parts,
    )


def write_connectivity(path: Path, viewpoints: Sequence[ConnectedViewpoint]) -> Path:
    """Write the graph of one building (``SCAN_connectivity.json``)."""
    return write_json(
        path,
        [
            {
                "image_id": point.image_id,
                "pose": list(point.pose),
                "included": point.included,
                "visible": list(point.visible),
                "unobstructed": list(point.unobstructed),
                "height": point.height,
            }
            for point in viewpoints
        ],
    )


def read_connectivity(path: Path) -> list[ConnectedViewpoint]:
    """Read the graph of one building. Raises ``DataError`` where the file has another form."""
    try:
        points = [
            ConnectedViewpoint(
                record["image_id"],
                tuple(float(value) for value in record["pose"]),
                bool(record["included"]),
                tuple(record["visible"]),
                tuple(record["unobstructed"]),
                float(record["height"]),
            )
            for record in read_json(path)
        ]
    except (KeyError, TypeError, ValueError, AttributeError, SyntaxError) as error:
        raise DataError(f"{path} is no connectivity file: {error!r}.") from None
    for point in points:
        if len(point.pose) != 16 or len(point.visible) != len(points) or len(point.unobstructed) != len(points):
            raise DataError(
                f"{path}: viewpoint {point.image_id} needs a pose of 16 numbers and a truth for each viewpoint."
            )
    return points


def walking_graph(viewpoints: Sequence[ConnectedViewpoint]) -> dict[str, dict[str, float]]:
    """Viewpoint -> those that one can walk to, with metres; only included ones, as R2R's simulator reads it."""
    return {
        point.image_id: {
            other.image_id: math.dist(point.position, other.position)
            for other, free in zip(viewpoints, point.unobstructed)
            if free and other.included
        }
        for point in viewpoints
        if point.included
    }
