"""`vistune walks`: made houses written, walked by a script, scored from files; published splits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vistune.cli.main import app
from vistune.core.errors import DataError
from vistune.evaluation.walks import nano_course, random_walker, read_course, score_course, walk_course


def told(*arguments: str) -> dict:
    run = CliRunner().invoke(app, ["walks", *arguments, "--json"])
    assert run.exit_code == 0, run.output
    return json.loads(run.output)


def written(path: Path, runs) -> str:
    lines = [{"instr_id": name, "trajectory": [[point, 0.0, 0.0] for point in run.path]} for name, run in runs.items()]
    path.write_text(json.dumps(lines))
    return str(path)


def test_a_made_course_is_walked_and_scored_from_its_files(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["walks", "course", str(tmp_path), "--n", "6"])
    assert run.exit_code == 0 and "R2R_nano.json, and 1 files of graphs." in run.output
    split = tmp_path / "R2R_nano.json"
    course = read_course(split, tmp_path / "connectivity")
    assert course.tasks == nano_course(6).tasks
    runs = walk_course(course, random_walker)
    file = written(tmp_path / "runs.json", runs)
    found = told("score", file, "--split", str(split), "--out", str(tmp_path / "told"))["runs"]
    assert found["values"] == score_course(runs, nano_course(6)).values
    assert len((tmp_path / "told" / "r2r.jsonl").read_text().splitlines()) == 18
    assert json.loads((tmp_path / "told" / "r2r.summary.json").read_text())["protocol"].startswith("R2R")


def test_bounds_of_made_houses() -> None:
    found = told("bounds", "--n", "6")
    assert all(found["shortest"]["values"][m] == 1.0 for m in ("SR", "SPL", "nDTW", "CLS"))
    assert found["standing"]["values"]["SR"] == 0.0 and found["standing"]["values"]["TL"] == 0.0
    assert found["standing"]["values"]["SPL"] <= found["random"]["values"]["SPL"] <= found["shortest"]["values"]["SPL"]


def test_errands_keep_what_counts_as_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = nano_course(1, errands=True)
    (errand,) = whole.errands
    own = (errand.scan, errand.object_id)
    made = replace(whole, seen_from={own: whole.seen_from[own]})
    monkeypatch.setattr("vistune.evaluation.walks.nano_course", lambda *_: made)
    run = CliRunner().invoke(app, ["walks", "course", str(tmp_path), "--n", "1", "--errands"])
    assert run.exit_code == 0 and "boxes" in run.output
    split, boxes = tmp_path / "REVERIE_nano.json", tmp_path / "BBox"
    course = read_course(split, tmp_path / "connectivity", boxes)
    assert course.seen_from == made.seen_from and course.errands == made.errands
    found = told("bounds", "--split", str(split), "--boxes", str(boxes))
    assert [found["shortest"]["values"][m] for m in ("SR", "SPL", "RGS", "RGSPL")] == [1.0] * 4
    assert found["standing"]["values"]["RGS"] == 0.0


def test_published_splits(real_data, tmp_path: Path) -> None:
    folder = real_data("r2r")
    found = told("bounds", "--split", str(folder / "R2R_val_seen.json"))
    assert found["shortest"]["values"]["SPL"] == pytest.approx(1.0)
    course = read_course(folder / "R2R_val_seen.json", folder / "connectivity")
    file = written(tmp_path / "agent.json", walk_course(course, random_walker))
    scored = told("score", file, "--split", str(folder / "R2R_val_seen.json"))["agent"]
    assert scored["values"] == found["random"]["values"]


def test_a_file_that_lacks_runs(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["walks", "course", str(tmp_path), "--n", "1"])
    (tmp_path / "runs.json").write_text("[]")
    run = CliRunner().invoke(
        app, ["walks", "score", str(tmp_path / "runs.json"), "--split", str(tmp_path / "R2R_nano.json")]
    )
    assert isinstance(run.exception, DataError) and "3 of 3 instructions have no run" in str(run.exception)
