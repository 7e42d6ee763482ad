"""Result pages: what they hold."""

from __future__ import annotations

import json

from vistune.experiments.results import write_results


def write(folder):
    return write_results(folder, "demo", "vistune run demo", {"score": 0.5}, [("Scores", ("a", "b"), [("x|y", 1)])])


def test_a_page_names_its_command_and_figures(tmp_path):
    page = write(tmp_path).read_text()
    assert "`vistune run demo`" in page and "| x\\|y | 1 |" in page
    facts = json.loads((tmp_path / "demo.json").read_text())
    assert facts["score"] == 0.5 and facts["command"] == "vistune run demo"
