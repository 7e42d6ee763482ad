"""The engine of rooms, and the files that it writes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from vistune.data.annotations.cameras import read_matrix, read_transforms
from vistune.data.annotations.ply import read_ply
from vistune.data.annotations.scanqa import read_scanqa
from vistune.engines import ENGINES
from vistune.engines.rooms import RoomsEngine
from vistune.world.rooms import axis_boxes, point_cloud
from vistune.world.rooms.questions import room_view


def test_boxes_name_their_things_both_ways() -> None:
    engine = RoomsEngine(60, tasks={"ground": 1.0, "dense": 1.0})
    seen = set()
    for index in range(60):
        example, room = engine[index], engine.room(engine.number(index))
        for turn, i in enumerate(example.meta.get("things", ())):
            request, answer = (m.text for m in example.messages[2 * turn : 2 * turn + 2])
            text = answer if example.meta["task"] == "ground" else request
            numbers = np.array([int(n) for n in re.findall(r"\d+", re.search(r"\[.*]", text)[0])])
            box = (numbers + 0.5) / 100 * np.array(example.meta["sides"] * 2)
            assert np.abs(box - axis_boxes(room)[i]).max() < 0.03
            seen.add(example.meta["task"])
            if example.meta["task"] == "ground":
                assert str(room_view(room).names[i]) in request
    assert seen == {"ground", "dense"}


def test_views_have_two_pictures_and_more_cameras_more() -> None:
    views = RoomsEngine(8, tasks={"views": 1.0})
    assert all(len(example.images) == 2 for example in views.examples())
    many = ENGINES.build({"kind": "rooms", "n": 4, "cameras": 3, "tasks": {"question": 1.0}, "image_size": 24})
    assert all(len(example.images) == 3 for example in many.examples())


def test_files_are_read_back_equal(tmp_path: Path) -> None:
    engine = RoomsEngine(3, image_size=24)
    files = engine.write_annotations(tmp_path)
    assert all(file.exists() for file in files)
    for index in range(3):
        room = engine.room(engine.number(index))
        folder = tmp_path / f"room{engine.number(index):08d}"
        cloud, made = read_ply(folder / "points.ply"), point_cloud(room, 24, 24)
        assert set(cloud) == set(made)
        assert (cloud["points"] == made["points"].astype(np.float32)).all() and (
            cloud["normals"] == made["normals"]
        ).all()
        for name in ("colours", "ids"):
            assert (cloud[name] == made[name]).all() and cloud[name].dtype == made[name].dtype
        poses, intrinsics, width, height = read_transforms(folder / "transforms.json")
        assert (width, height) == (24, 24)
        assert np.allclose(intrinsics, room.cameras[0].intrinsics(24, 24))
        for k, camera in enumerate(room.cameras):
            assert np.allclose(poses[k].to_world @ camera.extrinsics, np.eye(4), atol=1e-9)
            assert np.allclose(read_matrix(folder / "pose" / f"{k}.txt"), poses[k].to_world, atol=1e-8)
    questions = read_scanqa(tmp_path / "questions.json")
    assert questions and all(q.answers for q in questions)
