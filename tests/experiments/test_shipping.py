"""Shipped checkpoints: in fp16, without a machine's folders, with cards whose figures are those measured."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file

from vistune.core.errors import ConfigError
from vistune.experiments import cards
from vistune.experiments.backbones import ship_backbone, shipped, shipped_folder


@pytest.fixture
def run(tmp_path):
    """What ``backbones train nano-vlm`` leaves."""
    folder = tmp_path / "run"
    shutil.copytree(shipped_folder() / "nano-vlm", folder / "model")
    config = json.loads((folder / "model/config.json").read_text())
    config["text_config"]["_name_or_path"] = "/somebody/home/nano-lm"
    (folder / "model/config.json").write_text(json.dumps(config))
    stage = {"name": "questions", "steps": 7, "loss": 0.5, "tokens": 1234, "seconds": 3.0, "trainable": 9, "memory": 1}
    (folder / "stages/01-questions").mkdir(parents=True)
    (folder / "stages/01-questions/done.json").write_text(json.dumps(stage))
    machine = {"processor": "a fast one", "cores": 8, "threads": 5, "device": "cpu", "torch": "2"}
    (folder / "environment.json").write_text(json.dumps({"machine": machine}))
    return folder


def test_a_shipped_model_is_half_as_large_and_names_no_folder(run, tmp_path):
    out = ship_backbone("nano-vlm", run, tmp_path / "out")
    assert "/somebody" not in (out / "config.json").read_text()
    assert {tensor.dtype for tensor in load_file(out / "model.safetensors").values()} == {torch.float16}
    kept = json.loads((out / "training.json").read_text())
    assert kept["stages"][0]["tokens"] == 1234
    assert kept["machine"] == {"processor": "a fast one", "cores": 8, "threads": 5, "device": "cpu"}


@pytest.mark.parametrize("name", ["nano-vlm", "nano-lm"])
def test_another_folder_is_refused(name, tmp_path):
    with pytest.raises(ConfigError, match="backbones train"):
        ship_backbone(name, tmp_path, tmp_path / "out")


def test_parameters_are_counted_from_the_file():
    for entry in shipped():
        state = load_file(shipped_folder() / entry["name"] / "model.safetensors")
        assert cards.count_parameters(shipped_folder() / entry["name"]) == sum(t.numel() for t in state.values())
        assert entry["parameters"] == sum(t.numel() for t in state.values())


def test_all_checkpoints_fit_into_the_promised_size():
    assert sum(entry["megabytes"] for entry in shipped()) <= 16.0


def test_goals_are_judged_by_what_was_measured():
    class Measured:
        main = "accuracy"

        def __init__(self, score):
            self.score = score
            self.values = {"precision": 0.75}
            self.intervals = dict.fromkeys(("accuracy", "chair_s"), (score - 0.02, score + 0.02))

    results = {"world_qa_flat_train": Measured(0.86), "world_qa_flat": Measured(0.7), "pope_random": Measured(0.9)}
    results |= {"chair": Measured(0.18), "pope_adversarial": Measured(0.93)}
    lines = cards._goal_lines(results).splitlines()  # type: ignore[arg-type]
    assert lines[0].endswith("measured 86.0% [84.0%, 88.0%]: reached.")
    assert lines[1].endswith("**not reached**.")
    assert lines[2].endswith(": reached.")
    assert "18.0% [16.0%, 20.0%] of captions" in lines[3] and lines[3].endswith("25.0% are wrong.")
