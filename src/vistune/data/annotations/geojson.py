"""Polygons, lines and points with properties as GeoJSON (RFC 7946), in the units of the map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, write_json

Point = tuple[float, float]
Geometry = Literal["Point", "LineString", "Polygon"]


@dataclass(frozen=True)
class Feature:
    """A geometry: one point, the points of a line, or a polygon's ring without its last point said again."""

    geometry: Geometry
    points: tuple[Point, ...]
    properties: dict[str, Any] = field(default_factory=dict)


def write_geojson(path: Path | str, features: Iterable[Feature]) -> Path:
    """Write a ``FeatureCollection``."""
    written = [{"type": "Feature", "geometry": _geometry(f), "properties": f.properties} for f in features]
    return write_json(path, {"type": "FeatureCollection", "features": written})


def _geometry(feature: Feature) -> dict[str, Any]:
    points: Any = [list(point) for point in feature.points]
    if feature.geometry == "Point":
        points = points[0]
    elif feature.geometry == "Polygon":
        points = [[*points, points[0]]]
    return {"type": feature.geometry, "coordinates": points}


def read_geojson(path: Path | str) -> list[Feature]:
    """Read a ``FeatureCollection``. Raises ``DataError`` for other geometries, holes, and rings that do not close."""
    content = need(read_json(path), ("features",), str(path))
    features = []
    for number, record in enumerate(need_list(content["features"], str(path))):
        where = f"{path}, feature {number}"
        geometry = need(need(record, ("geometry",), where)["geometry"], ("type", "coordinates"), where)
        kind, points = geometry["type"], geometry["coordinates"]
        if kind == "Point":
            points = [points]
        elif kind == "Polygon":
            if len(points) != 1 or len(points[0]) < 4 or points[0][0] != points[0][-1]:
                raise DataError(f"{where}: a polygon of one closed ring was expected.")
            points = points[0][:-1]
        elif kind != "LineString":
            raise DataError(f"{where}: a Point, LineString or Polygon was expected, not {kind}.")
        features.append(
            Feature(kind, tuple((float(p[0]), float(p[1])) for p in points), record.get("properties") or {})
        )
    return features
