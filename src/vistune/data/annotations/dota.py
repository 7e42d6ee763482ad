"""Rotated boxes in DOTA's text files (Xia et al., arXiv 1711.10398).

Two head lines (``imagesource:``, ``gsd:``), then a line for each thing: four corners clockwise, category, difficult (0, 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vistune.core.errors import DataError

Corners = tuple[float, float, float, float, float, float, float, float]


@dataclass(frozen=True)
class RotatedBox:
    """``corners``: x, y of four corners in pixels, clockwise as seen on the picture."""

    corners: Corners
    category: str
    difficult: int = 0


def write_dota(path: Path | str, boxes: Iterable[RotatedBox], source: str, metres_per_pixel: float | None) -> Path:
    """Write one picture's file. ``metres_per_pixel``: the ground sample distance, None where it is not known."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"imagesource:{source}", f"gsd:{'null' if metres_per_pixel is None else repr(metres_per_pixel)}"]
    for box in boxes:
        lines.append(" ".join([*(f"{v:.1f}" for v in box.corners), box.category, str(box.difficult)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read_dota(path: Path | str) -> tuple[list[RotatedBox], str, float | None]:
    """Boxes, source and ground sample distance. The head lines may be missing. Raises ``DataError`` for other lines."""
    path, boxes, source, gsd = Path(path), [], "", None
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    for number, row in enumerate(rows, 1):
        if row.startswith("imagesource:"):
            source = row.partition(":")[2]
        elif row.startswith("gsd:"):
            value = row.partition(":")[2].strip()
            gsd = None if value in ("", "null", "None") else float(value)
        elif row.strip():
            parts = row.split()
            try:
                a, b, c, d, e, f, g, h = (float(part) for part in parts[:8])
                boxes.append(RotatedBox((a, b, c, d, e, f, g, h), parts[8], int(parts[9]) if len(parts) > 9 else 0))
            except (ValueError, IndexError):
                raise DataError(f"{path}, line {number}: eight numbers, a category and 0 or 1 were expected.") from None
    return boxes, source, gsd
