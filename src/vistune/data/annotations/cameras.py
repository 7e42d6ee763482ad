"""Cameras in the files of NeRF (``transforms.json``) and ScanNet (a text file of 4 x 4 numbers for each pose)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError

#: NeRF's cameras look along -z with y up, OpenCV's along +z with y down.
_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Pose:
    """The camera of a picture: ``file``; ``to_world`` ``[4, 4]``, camera to world, OpenCV's axes, metres."""

    file: str
    to_world: NDArray[np.float64]


def write_transforms(path: Path, poses: Sequence[Pose], intrinsics: NDArray, width: int, height: int) -> Path:
    """Write all cameras of a room as ``transforms.json``. ``intrinsics``: ``[3, 3]``, pixels."""
    k = intrinsics
    content = {
        "w": width, "h": height, "fl_x": k[0, 0], "fl_y": k[1, 1], "cx": k[0, 2], "cy": k[1, 2],
        "camera_angle_x": 2 * float(np.arctan(width / 2 / k[0, 0])),
        "frames": [{"file_path": p.file, "transform_matrix": (p.to_world @ _FLIP).tolist()} for p in poses],
    }  # fmt: skip
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def read_transforms(path: Path) -> tuple[list[Pose], NDArray[np.float64], int, int]:
    """-> poses, intrinsics ``[3, 3]``, width, height. Raises ``DataError`` where a field is missing."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        width, height = content["w"], content["h"]
        focal = content["fl_x"] if "fl_x" in content else width / 2 / np.tan(content["camera_angle_x"] / 2)
        k = np.array(
            [
                [focal, 0, content.get("cx", width / 2)],
                [0, content.get("fl_y", focal), content.get("cy", height / 2)],
                [0, 0, 1],
            ]
        )
        frames = [
            Pose(frame["file_path"], np.array(frame["transform_matrix"], float) @ _FLIP) for frame in content["frames"]
        ]
    except (KeyError, ValueError) as error:
        raise DataError(f"{path} is no transforms.json: {error!r}.") from None
    return frames, k, width, height


def write_matrix(path: Path, matrix: NDArray) -> Path:
    """Write a matrix as ScanNet does: a row a line."""
    path.write_text("\n".join(" ".join(f"{v:.9f}" for v in row) for row in matrix) + "\n", encoding="ascii")
    return path


def read_matrix(path: Path) -> NDArray[np.float64]:
    """Read a matrix of ``write_matrix``. Raises ``DataError`` unless all rows have as many numbers."""
    rows = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    if not rows or len({len(row) for row in rows}) != 1:
        raise DataError(f"{path}: a matrix has rows of one length.")
    return np.array(rows, float)
