"""Every benchmark runs, end to end, in its quick form. Figures are not looked at: they mean nothing there."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
#: ``startup`` waits for a whole quickstart's first step: a test of its own.
PARTS = ("collation", "world_speed", "language_speed", "decoding", "evaluation", "memory")


def run_all(names: str, out: Path) -> dict:
    command = [sys.executable, str(BENCHMARKS / "run_all.py"), "--quick", "--only", names, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((out / "speed.json").read_text())


@pytest.mark.slow
def test_the_quick_benchmarks_fill_the_table(tmp_path):
    found = run_all(",".join(PARTS), tmp_path)
    assert tuple(found["parts"]) == PARTS
    for lines in found["parts"].values():
        assert lines
        assert all(line["ours"] > 0 for line in lines if "skipped" not in line)
    text = (tmp_path / "speed.md").read_text()
    assert "Made with `--quick`" in text
    labels = {line["what"]: line for lines in found["parts"].values() for line in lines}
    for kind in ("foreign", "own"):  # counts don't depend on time: nothing is run more often than by hand
        forwards = labels[f"forwards with methods off, {kind} model"]
        assert forwards["measured"] == 1.0
        assert forwards["ours"] >= 5  # four tokens and a picture
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == len(labels) + len(PARTS)


@pytest.mark.slow
def test_training_sides_learn_the_same_and_are_compared(tmp_path):
    lines = {line["what"]: line for line in run_all("training", tmp_path)["parts"]["training"]}
    bare = lines["training, even lengths: vistune beside bare loop"]
    assert bare["measured"] == pytest.approx(bare["ours"] / bare["beside"])
    assert "training, even lengths: vistune beside vistune, loop by hand" in lines
    if importlib.util.find_spec("trl") is None:
        assert "not installed" in lines["training beside TRL"]["skipped"]
        return
    packed = lines["training, tail lengths: vistune, packed beside TRL, prompt/completion"]
    ours, theirs = (float(word) for word in packed["note"].removeprefix("computed per real token ").split(" and "))
    assert ours < theirs
    assert "Packing is not supported" in lines["TRL SFT with packing=True on pictures"]["skipped"]


@pytest.mark.slow
def test_the_wait_for_the_first_step_is_found(tmp_path):
    lines = {line["what"]: line for line in run_all("startup", tmp_path)["parts"]["startup"]}
    first = lines["vistune quickstart, first training step"]
    assert first["ours"] > lines["import vistune, in a fresh process"]["ours"]
    assert first["goal"] == 15.0
