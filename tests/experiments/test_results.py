"""Result pages: what they hold, and notes on figures that stand."""

from __future__ import annotations

import json

import pytest

from vistune.core.errors import DataError
from vistune.experiments.results import add_note, write_results


def write(folder):
    return write_results(folder, "demo", "vistune run demo", {"score": 0.5}, [("Scores", ("a", "b"), [("x|y", 1)])])


def test_a_page_names_its_command_and_figures(tmp_path):
    page = write(tmp_path).read_text()
    assert "`vistune run demo`" in page and "| x\\|y | 1 |" in page
    facts = json.loads((tmp_path / "demo.json").read_text())
    assert facts["score"] == 0.5 and facts["command"] == "vistune run demo"


def test_a_note_stands_in_both_files_until_the_command_runs_again(tmp_path):
    plain = write(tmp_path).read_text()
    add_note(tmp_path, "demo", "an older one.")
    page = add_note(tmp_path, "demo", "of an earlier model.").read_text()
    assert page.count("Note: ") == 1 and page.replace("Note: of an earlier model.\n\n", "") == plain
    assert json.loads((tmp_path / "demo.json").read_text())["note"] == "of an earlier model."
    assert write(tmp_path).read_text() == plain
    assert "note" not in json.loads((tmp_path / "demo.json").read_text())


def test_there_is_nothing_to_note_without_results(tmp_path):
    with pytest.raises(DataError, match="no results of the name 'demo'"):
        add_note(tmp_path, "demo", "x")
    write(tmp_path)
    (tmp_path / "demo.md").write_text("# by hand")
    with pytest.raises(DataError, match="no page of results"):
        add_note(tmp_path, "demo", "x")
