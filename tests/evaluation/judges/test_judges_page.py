"""The page on judges, and the command that it is about."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vistune.annotators import ANNOTATORS
from vistune.cli.main import app
from vistune.evaluation.judges import RUBRICS, build_judge

PAGE = (Path(__file__).parents[3] / "docs" / "judges.md").read_text(encoding="utf-8")


def test_every_kind_is_on_the_page():
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.M))
    assert set(RUBRICS.names()) | set(ANNOTATORS.names()) <= told


def test_scales_on_the_page():
    for kind, low, high in re.findall(r"^\| `(\w+)` \| `.*` \| (\d)-(\d+) \|", PAGE, flags=re.M):
        assert RUBRICS.get(kind).scale == (float(low), float(high))


def test_snippets_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    RUBRICS.names()
    monkeypatch.setattr(RUBRICS, "_kinds", dict(RUBRICS._kinds))
    names: dict[str, Any] = {"__name__": "snippet"}
    for text in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.M | re.S):
        exec(compile(text, "judges.md", "exec"), names)
    assert names["verdict"].marks["accuracy"] == 10.0
    polite = build_judge("oracle", "politeness").judge([names["item"]] * 2, ["please look", "look"])
    assert [v.marks["score"] for v in polite] == [10.0, 0.0]


def test_the_command(tmp_path):
    done = CliRunner().invoke(
        app,
        [
            "judge",
            "check",
            "oracle",
            "-r",
            "mmhal",
            "-r",
            "touchstone",
            "--n",
            "2",
            "--out",
            str(tmp_path),
            "--json",
            "--strict",
        ],
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [q["judge"]["rubric"] for q in found] == ["mmhal", "touchstone"] and found[0]["faults"] == []
    assert (tmp_path / "quality.html").is_file()
    table = CliRunner().invoke(app, ["judge", "check", "oracle", "-r", "hallusion", "--n", "2", "--out", str(tmp_path)])
    assert "agreement" in table.stdout and "100%" in table.stdout and "quality.html" in table.stdout.replace("\n", "")
