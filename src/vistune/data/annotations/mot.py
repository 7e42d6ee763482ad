"""Tracks of boxes in the text form of MOTChallenge (arXiv 1603.00831)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vistune.core.errors import DataError


@dataclass(frozen=True)
class TrackBox:
    """Track ``track`` in ``frame`` (both from 1): left, top, width and height in pixels."""

    frame: int
    track: int
    left: float
    top: float
    width: float
    height: float


def write_tracks(path: Path, boxes: Sequence[TrackBox]) -> Path:
    """Write the true boxes of a video, a line each; confidence is 1, world coordinates are unknown (-1)."""
    lines = [f"{b.frame},{b.track},{b.left:g},{b.top:g},{b.width:g},{b.height:g},1,-1,-1,-1" for b in boxes]
    path.write_text("\n".join(lines) + "\n" if lines else "", encoding="ascii")
    return path


def read_tracks(path: Path) -> list[TrackBox]:
    """Read them. Raises ``DataError`` with the number of a line that cannot be read."""
    boxes = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        try:
            values = line.split(",")
            frame, track, left, top, width, height = values[:6]
            boxes.append(TrackBox(int(frame), int(track), float(left), float(top), float(width), float(height)))
        except ValueError:
            raise DataError(f"{path}, line {number}: '{line[:60]}' is no box of a track.") from None
    return boxes
