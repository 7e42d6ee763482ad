"""R2R, connectivity and REVERIE files: written and read back, and the published ones."""

from __future__ import annotations

import json
import math

import pytest

from vistune.core.errors import DataError
from vistune.data.annotations.r2r import (
    ConnectedViewpoint,
    WalkRecord,
    read_connectivity,
    read_r2r,
    walking_graph,
    write_connectivity,
    write_r2r,
)
from vistune.data.annotations.reverie import (
    ErrandRecord,
    SeenObject,
    read_boxes,
    read_reverie,
    write_boxes,
    write_reverie,
)

POSE = (1.0, 0.0, 0.0, 2.5, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 1.5, 0.0, 0.0, 0.0, 1.0)


def test_walks_come_back_as_they_went(tmp_path) -> None:
    parts = ((("walk to the door that isn't red", 0, 1), ("stop there", 1, 2)),)
    walks = [
        WalkRecord(7, "house", 1.5, ("a", "b", "c"), 9.25, ("Walk. ", "Go!"), parts),
        WalkRecord(8, "house", 0.0, ("a",), None, ()),
    ]
    file = write_r2r(tmp_path / "r2r.json", walks)
    assert read_r2r(file) == walks
    first = json.loads(file.read_text())[0]
    assert first["chunk_view"] == [[[1, 2], [2, 3]]] and isinstance(first["new_instructions"], str)
    assert "distance" not in json.loads(file.read_text())[1]


def test_graphs_come_back_as_they_went(tmp_path) -> None:
    points = [
        ConnectedViewpoint("a", POSE, True, (False, True), (False, True), 1.5),
        ConnectedViewpoint("b", (*POSE[:3], 5.5, *POSE[4:]), True, (True, False), (True, False), 1.5),
    ]
    assert read_connectivity(write_connectivity(tmp_path / "c.json", points)) == points
    assert walking_graph(points) == {"a": {"b": 3.0}, "b": {"a": 3.0}}
    left_out = [points[0], ConnectedViewpoint("b", POSE, False, (True, False), (True, False), 1.5)]
    assert walking_graph(left_out) == {"a": {}}


def test_errands_come_back_as_they_went(tmp_path) -> None:
    tasks = [ErrandRecord("3_9", "house", 3, ("a", "b"), 0.5, 9, ("bring me the cup.",))]
    assert read_reverie(write_reverie(tmp_path / "r.json", tasks)) == tasks
    seen = {9: SeenObject("cup", ((3, (1, 2, 3, 4)), (15, (0, 0, 640, 480)))), 10: SeenObject("bath#cabinet", ())}
    assert read_boxes(write_boxes(tmp_path / "b.json", "view", seen)) == {"view": seen}


@pytest.mark.parametrize("read", [read_r2r, read_connectivity, read_reverie, read_boxes])
def test_other_files_are_refused(tmp_path, read) -> None:
    for k, content in enumerate(('[{"path": 3}]', "[5]", '{"a": [1]}', "no json")):
        file = tmp_path / f"{k}.json"
        file.write_text(content)
        with pytest.raises(DataError, match=str(k)):
            read(file)


def test_a_graph_needs_a_truth_for_each_viewpoint(tmp_path) -> None:
    file = write_connectivity(tmp_path / "c.json", [ConnectedViewpoint("a", POSE, True, (), (False,), 1.5)])
    with pytest.raises(DataError, match="16 numbers"):
        read_connectivity(file)


@pytest.mark.parametrize(("split", "count"), [("train", 445), ("val_seen", 28), ("val_unseen", 455)])
def test_published_walks(real_data, tmp_path, split, count) -> None:
    folder = real_data("r2r")
    walks = read_r2r(folder / f"R2R_{split}.json")
    assert len(walks) == count
    file = write_r2r(tmp_path / "again.json", walks)
    assert json.loads(file.read_text()) == json.loads((folder / f"R2R_{split}.json").read_text())
    graphs = {
        scan: walking_graph(read_connectivity(folder / "connectivity" / f"{scan}_connectivity.json"))
        for scan in {walk.scan for walk in walks}
    }
    for walk in walks:
        graph = graphs[walk.scan]
        assert all(b in graph[a] for a, b in zip(walk.path, walk.path[1:]))
        length = sum(graph[a][b] for a, b in zip(walk.path, walk.path[1:]))
        assert walk.distance is not None and math.isclose(length, walk.distance, abs_tol=0.02)


def test_published_graphs_come_out_as_they_went_in(real_data, tmp_path) -> None:
    files = sorted((real_data("r2r") / "connectivity").glob("*.json"))
    assert len(files) == 12
    for file in files:
        again = write_connectivity(tmp_path / file.name, read_connectivity(file))
        assert json.loads(again.read_text()) == json.loads(file.read_text())


@pytest.mark.parametrize(("split", "count"), [("train", 286), ("val_seen", 36), ("val_unseen", 828)])
def test_published_errands(real_data, tmp_path, split, count) -> None:
    file = real_data("reverie") / f"REVERIE_{split}.json"
    tasks = read_reverie(file)
    assert len(tasks) == count
    assert json.loads(write_reverie(tmp_path / "again.json", tasks).read_text()) == json.loads(file.read_text())


def test_published_boxes(real_data, tmp_path) -> None:
    files = sorted((real_data("reverie") / "BBox").glob("*.json"))
    assert len(files) == 150
    for file in files:
        ((viewpoint, seen),) = read_boxes(file).items()
        assert file.stem.endswith(viewpoint)
        assert json.loads(write_boxes(tmp_path / "b.json", viewpoint, seen).read_text()) == json.loads(file.read_text())
        assert all(
            0 <= view < 36 and x + w <= 640 and y + h <= 480 for s in seen.values() for view, (x, y, w, h) in s.boxes
        )
