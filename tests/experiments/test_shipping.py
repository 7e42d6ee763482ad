"""Shipped checkpoints: in fp16, without a machine's folders, with cards whose figures are those measured."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file

from vistune.core.errors import ConfigError
from vistune.evaluation.metrics.significance import Contrast
from vistune.experiments import cards
from vistune.experiments.backbones import ship_backbone, shipped, shipped_folder
from vistune.experiments.beside import chance_of, kind_rows, markdown_table, side_by_side, trained_kinds
from vistune.tuning.recipe import Recipe


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
    machine = {"processor": "a fast one", "cores": 8, "threads": 5, "device": "cpu"}
    assert kept["stages"][0]["tokens"] == 1234 and kept["machine"] == kept["stages"][0]["machine"] == machine


def test_a_model_that_went_on_from_another_tells_the_whole_way(run, tmp_path):
    origin = tmp_path / "origin"
    shutil.copytree(run / "model", origin)
    slow = {"processor": "a slow one", "cores": 2, "threads": 1, "device": "cpu"}
    first = {"name": "captions", "steps": 3, "tokens": 10, "seconds": 1.0}
    (origin / "training.json").write_text(json.dumps({"stages": [first], "machine": slow}))
    recipe = {"name": "on", "model": {"from": str(origin)}, "stages": []}
    (run / "recipe.yaml").write_text(json.dumps(recipe))
    kept: dict = {}
    for _ in range(2):  # shipped again, nothing is told twice
        out = ship_backbone("nano-vlm", run, tmp_path / "out")
        kept = json.loads((out / "training.json").read_text())
        assert [(s["name"], s["machine"]["processor"]) for s in kept["stages"]] == [
            ("captions", "a slow one"),
            ("questions", "a fast one"),
        ]
        recipe["model"]["from"] = str(out)
        (run / "recipe.yaml").write_text(json.dumps(recipe))
    told = cards._stage_lines(kept)
    assert told.startswith("captions: 3 steps, 10 tokens, 1 s (1 of 2 cores (a slow one), no GPU); questions: 7 steps")


def test_a_run_that_went_on_from_another_run_tells_that_one_too(run, tmp_path):
    recipe = {"name": "first", "model": {"vision": "nano-vision", "decoder": "nano-lm"}, "stages": []}
    (run / "recipe.yaml").write_text(json.dumps(recipe))
    later = tmp_path / "later"
    shutil.copytree(run, later)
    done = later / "stages/01-questions/done.json"
    done.write_text(json.dumps(json.loads(done.read_text()) | {"name": "requests"}))
    (later / "recipe.yaml").write_text(json.dumps({"name": "on", "model": {"from": str(run / "model")}, "stages": []}))
    (run / "model" / "training.json").unlink()
    out = ship_backbone("nano-vlm-world", later, tmp_path / "out")
    kept = json.loads((out / "training.json").read_text())
    assert [stage["name"] for stage in kept["stages"]] == ["questions", "requests"]


@pytest.mark.parametrize("name", ["nano-vlm", "nano-vlm-world", "nano-lm"])
def test_another_folder_is_refused(name, tmp_path):
    with pytest.raises(ConfigError, match="backbones train"):
        ship_backbone(name, tmp_path, tmp_path / "out")


def test_parameters_are_counted_from_the_file():
    for entry in shipped():
        state = load_file(shipped_folder() / entry["name"] / "model.safetensors")
        assert cards.count_parameters(shipped_folder() / entry["name"]) == sum(t.numel() for t in state.values())
        assert entry["parameters"] == sum(t.numel() for t in state.values())


def test_all_checkpoints_fit_into_the_promised_size():
    assert sum(entry["megabytes"] for entry in shipped()) <= 24.0


class Measured:
    main = "accuracy"

    def __init__(self, score):
        self.score = score
        self.values = {"precision": 0.75}
        self.intervals = dict.fromkeys(("accuracy", "chair_s"), (score - 0.02, score + 0.02))
        self.by_type = {"colour": {"items": 3.0, "score": score}, "count": {"items": 1.0, "score": score}}


def test_two_models_stand_side_by_side():
    first = {"pope_random": Measured(0.95), "world_cells": Measured(0.3), "alone": Measured(0.1)}
    second = {"pope_random": Measured(0.9), "world_cells": Measured(0.7)}
    rest = {"p_value": 0.01, "test": "", "items": 4, "groups": 4, "detectable": 0.1, "needed": 9}
    gaps = {"pope_random": Contrast(-0.05, -0.06, -0.04, **rest), "world_cells": Contrast(0.4, 0.35, 0.45, **rest)}
    rows = side_by_side(["pope_random", "alone"], first, second, gaps)  # type: ignore[arg-type]
    assert rows == [["pope_random", "0.950", "0.900", "-0.050 (-0.060 to -0.040)"]]
    (row,) = kind_rows(first, second, gaps, {"cells": 0.251}, trained=set())  # type: ignore[arg-type]
    assert row == ["cells \\*", "4", "0.25", "0.300", "0.700", "+0.400 (+0.350 to +0.450)"]
    (row,) = kind_rows(first, second, gaps, {"cells": 0.251}, trained={"cells"})  # type: ignore[arg-type]
    assert row[0] == "cells"
    assert markdown_table(("a", "b"), [["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |\n"


def test_kinds_in_the_mixtures_of_a_recipe():
    engine = {"kind": "cells", "n": 9}
    stage = {"name": "on", "train": "*", "steps": 1, "data": {"slides": 1.0}}
    data = {"sets": {"slides": {"engine": engine}, "unused": {"engine": {"kind": "maps", "n": 9}}}}
    recipe = Recipe.from_values({"name": "r", "model": {"from": "nano-vlm"}, "data": data, "stages": [stage]}, [])
    assert trained_kinds(recipe) == {"cells"}


def test_chance_is_a_guess_among_the_options():
    only = {"exists": {"items": 2.0, "score": 1.0}}
    assert chance_of("cells", only, n=60) == 0.5
    mixed = only | {"stain": {"items": 2.0, "score": 1.0}}
    assert chance_of("cells", mixed, n=60) == pytest.approx((0.5 + 0.25) / 2, abs=0.06)


def test_goals_are_judged_by_what_was_measured():
    results = {"world_qa_flat_train": Measured(0.86), "world_qa_flat": Measured(0.7), "pope_random": Measured(0.9)}
    results |= {"chair": Measured(0.18), "pope_adversarial": Measured(0.93)}
    lines = cards._goal_lines(results).splitlines()  # type: ignore[arg-type]
    assert lines[0].endswith("measured 86.0% [84.0%, 88.0%]: reached.")
    assert lines[1].endswith("**not reached**.")
    assert lines[2].endswith(": reached.")
    assert "18.0% [16.0%, 20.0%] of captions" in lines[3] and lines[3].endswith("25.0% are wrong.")
