"""`vistune robust`: whole commands on few items."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vistune.cli.main import app
from vistune.core.errors import ConfigError
from vistune.experiments.robustness import PICTURES, robust_instructions


def test_pictures(tmp_path: Path) -> None:
    command = ["robust", "pictures", "nano-vlm", "-b", "world_qa:n=6", "--permutations", "2"]
    run = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "run"), "--results", str(tmp_path / "pages")])
    assert run.exit_code == 0, run.output
    (found,) = json.loads((tmp_path / "run" / "robustness.json").read_text())
    assert len(found["changes"]) == sum(len(levels) for _, levels in PICTURES) + 1
    permuted = found["changes"]["visual tokens permuted"]
    assert permuted["items"] == 12, "two orders of six items"
    assert found["changes"]["blind, level 1"]["items"] == 6
    page = (tmp_path / "pages" / "robustness.md").read_text()
    assert "`vistune robust pictures nano-vlm -b world_qa:n=6`" in page and "visual tokens permuted" in page


def test_instructions(tmp_path: Path) -> None:
    command = ["robust", "instructions", "nano-vlm", "-b", "mm_bigbench:n=2,tasks=[colour,existence]", "--json"]
    run = CliRunner().invoke(app, [*command, "--out", str(tmp_path), "--results", str(tmp_path / "pages")])
    assert run.exit_code == 0, run.output
    told = json.loads((tmp_path / "instructions.json").read_text())
    assert told["tasks"] == ["colour", "presence"] and len(told["instructions"]) == 10
    assert sum(told["hits"][0]) == pytest.approx(100)
    assert "## Instructions" in (tmp_path / "pages" / "instructions.md").read_text()


def test_no_models() -> None:
    with pytest.raises(ConfigError, match="at least one model"):
        robust_instructions([], Path("nowhere"))
