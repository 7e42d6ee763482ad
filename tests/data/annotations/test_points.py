"""PLY files, cameras, ScanQA."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vistune.core.errors import DataError
from vistune.data.annotations.cameras import read_matrix, read_transforms
from vistune.data.annotations.ply import read_ply, write_ply
from vistune.data.annotations.scanqa import SceneQuestion, read_scanqa, write_scanqa


@pytest.mark.parametrize("text", [False, True])
def test_a_cloud_is_read_back_equal(tmp_path: Path, text: bool) -> None:
    rng = np.random.default_rng(0)
    cloud = {
        "points": rng.normal(size=(50, 3)).astype(np.float32),
        "normals": rng.normal(size=(50, 3)).astype(np.float32),
        "colours": rng.integers(0, 256, (50, 3)).astype(np.uint8),
        "label": rng.integers(-3, 9, 50).astype(np.int16),
    }
    read = read_ply(write_ply(tmp_path / "a.ply", cloud, text))
    assert set(read) == set(cloud)
    for name, array in cloud.items():
        assert read[name].dtype == array.dtype and (read[name] == array).all()


def test_files_of_others_are_read(tmp_path: Path) -> None:
    """By hand: big-endian, a comment, a face element after the vertices."""
    header = (
        "ply\nformat binary_big_endian 1.0\ncomment made by hand\nelement vertex 2\nproperty float x\nproperty float y\n"
        "property float z\nproperty uchar alpha\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n"
    )
    rows = b"".join(np.array(p, ">f4").tobytes() + bytes([a]) for p, a in (((1, 2, 3), 9), ((4, 5, 6.5), 255)))
    (tmp_path / "b.ply").write_bytes(header.encode() + rows + b"\x01\x00\x00\x00\x00")
    read = read_ply(tmp_path / "b.ply")
    assert read["points"].tolist() == [[1, 2, 3], [4, 5, 6.5]]
    assert read["alpha"].tolist() == [9, 255]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"solid cube", "no PLY file"),
        (b"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nend_header\n1\n2\n", "cut off: 2 of 3"),
        (b"ply\nformat ascii 1.0\nelement face 3\nproperty float x\nend_header\n1\n2\n", "order of elements"),
        (b"ply\nformat ascii 1.0\nelement vertex 1\nproperty list uchar int x\nend_header\n1\n", "type 'list'"),
    ],
)
def test_broken_files_are_said_clearly(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "c.ply").write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_ply(tmp_path / "c.ply")


def test_lengths_must_agree(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'ids' has 3 rows for 2 points"):
        write_ply(tmp_path / "d.ply", {"points": np.zeros((2, 3)), "ids": np.zeros(3)})


def test_nerf_files_without_focal_lengths_are_read(tmp_path: Path) -> None:
    """The published form of synthetic scenes: one angle; axes turned from OpenCV's."""
    matrix = [[1, 0, 0, 2.0], [0, 1, 0, 3.0], [0, 0, 1, 4.0], [0, 0, 0, 1]]
    content = {
        "w": 100,
        "h": 80,
        "camera_angle_x": np.pi / 2,
        "frames": [{"file_path": "a", "transform_matrix": matrix}],
    }
    (tmp_path / "t.json").write_text(json.dumps(content))
    poses, k, width, height = read_transforms(tmp_path / "t.json")
    assert (width, height) == (100, 80)
    assert np.allclose(k, [[50, 0, 50], [0, 50, 40], [0, 0, 1]])
    assert poses[0].to_world[:3, 3].tolist() == [2, 3, 4]
    assert poses[0].to_world[:3, 2].tolist() == [0, 0, -1]
    (tmp_path / "u.json").write_text("{}")
    with pytest.raises(DataError, match=r"no transforms\.json"):
        read_transforms(tmp_path / "u.json")
    (tmp_path / "m.txt").write_text("1 2\n3\n")
    with pytest.raises(DataError, match="rows of one length"):
        read_matrix(tmp_path / "m.txt")


def test_scanqa_is_read_back(tmp_path: Path) -> None:
    made = [
        SceneQuestion("s0", "q0", "what is it?", ("a cup", "cup"), (3,), ("cup",)),
        SceneQuestion("s1", "q1", "?", ()),
    ]
    assert read_scanqa(write_scanqa(tmp_path / "q.json", made)) == made
    (tmp_path / "r.json").write_text('[{"scene_id": "s"}]')
    with pytest.raises(DataError, match="no ScanQA"):
        read_scanqa(tmp_path / "r.json")
