"""Sentences with times, in the JSON of ActivityNet Captions (arXiv 1705.00754)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vistune.core.errors import DataError


@dataclass(frozen=True)
class TimedCaptions:
    """Of one video: ``duration`` and ``timestamps`` (start, end) in seconds, a sentence for each."""

    video: str
    duration: float
    timestamps: tuple[tuple[float, float], ...]
    sentences: tuple[str, ...]


def write_dense_captions(path: Path, videos: Sequence[TimedCaptions]) -> Path:
    """Write the captions of all videos."""
    content = {v.video: {"duration": v.duration, "timestamps": v.timestamps, "sentences": v.sentences} for v in videos}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def read_dense_captions(path: Path) -> list[TimedCaptions]:
    """Read them. Raises ``DataError`` where a field is missing, or times and sentences do not go together."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        videos = [
            TimedCaptions(
                name,
                float(v["duration"]),
                tuple((float(a), float(b)) for a, b in v["timestamps"]),
                tuple(v["sentences"]),
            )
            for name, v in content.items()
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path} has no dense captions: {error!r}.") from None
    for video in videos:
        if len(video.timestamps) != len(video.sentences):
            counts = f"{len(video.timestamps)} times for {len(video.sentences)} sentences"
            raise DataError(f"{path}: '{video.video}' has {counts}.")
    return videos
