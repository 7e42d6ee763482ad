"""Several processes, and processes that are killed: the same losses as one that runs through."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import toy_run
from nano import recipe_values, write_backbones

from vistune.core.files import read_jsonl
from vistune.models.vlm import VisionLanguageModel
from vistune.tuning.recipe import Recipe
from vistune.tuning.tune import tune

HERE = Path(__file__).parent
ALONE = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "ACCELERATE_USE_CPU": "true"}
if sys.platform.startswith("linux"):
    ALONE["GLOO_SOCKET_IFNAME"] = "lo"  # no look-up of host names


def start(*command: str, launcher: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    begin = [sys.executable, "-m", "accelerate.commands.launch", *launcher] if launcher else [sys.executable]
    environment = {**os.environ, **ALONE, "PYTHONPATH": str(HERE)}
    return subprocess.run([*begin, *command], capture_output=True, text=True, env=environment, timeout=280)


SHARDED = ("--use_fsdp", "--fsdp_version", "2", "--fsdp_auto_wrap_policy", "NO_WRAP")
SHARDED += ("--fsdp_state_dict_type", "FULL_STATE_DICT")


def launcher(*more: str) -> tuple[str, ...]:
    port = str(29500 + os.getpid() % 1000)
    fixed = ("--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", port)
    return ("--num_processes", "2", *fixed, *more)


def losses(folder: Path) -> list[float]:
    return [line["loss"] for line in read_jsonl(folder / "metrics.jsonl")]


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one_with_twice_the_batch(tmp_path: Path) -> None:
    """Tolerance: 1e-5 relative. With one sample a process, one often has a picture where the other has none."""
    one, two = tmp_path / "one", tmp_path / "two"
    toy_run.main(one, 2, 6)
    done = start(str(HERE / "toy_run.py"), str(two), "1", "6", launcher=launcher("--multi_gpu"))
    assert done.returncode == 0, done.stderr
    assert losses(two) == pytest.approx(losses(one), rel=1e-5)
    assert len(losses(two)) == 6


@pytest.mark.slow
def test_sharded_over_two_processes(tmp_path: Path) -> None:
    """FSDP2 over gloo: steps, a checkpoint, and the losses of one process."""
    script = str(HERE / "toy_run.py")
    done = start(script, str(tmp_path / "two"), "3", "4", launcher=launcher(*SHARDED))
    assert done.returncode == 0, done.stderr
    assert "sharded DTensor" in done.stdout
    assert (tmp_path / "two" / "checkpoints" / "checkpoint-4" / "optimizer.bin").exists()
    toy_run.main(tmp_path / "one", 6, 4)
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-5)


def test_killed_and_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``kill -9`` at step 5, after the checkpoint of step 3: the same losses, bit for bit, each step once."""
    monkeypatch.setenv("TOY_DROPOUT", "0.3")
    script = str(HERE / "toy_run.py")
    killed = start(script, str(tmp_path / "cut"), "4", "8", "5")
    assert killed.returncode == -9
    assert len(losses(tmp_path / "cut")) == 4
    toy_run.main(tmp_path / "cut", 4, 8)
    toy_run.main(tmp_path / "whole", 4, 8)
    assert losses(tmp_path / "cut") == losses(tmp_path / "whole")
    assert len(losses(tmp_path / "cut")) == 8


@pytest.mark.slow
@pytest.mark.parametrize("kind", [("--multi_gpu",), SHARDED], ids=["ddp", "fsdp"])
def test_a_whole_run_in_two_processes(tmp_path: Path, kind: tuple[str, ...]) -> None:
    """Text-only and picture samples, one a process: none waits for the other, and the losses are those of one process.

    Tolerance: 1e-4 relative after four steps.
    """
    write_backbones(tmp_path / "parts")
    values = recipe_values(tmp_path / "parts", batch_size=1, train=["*"], steps=6)
    text = {"kind": "world", "n": 20, "tasks": {"text_only": 1.0}}
    seen = {"kind": "world", "n": 20, "image_size": 32, "tasks": {"question": 1.0}}
    values["data"]["sets"] = {"text": {"engine": text}, "seen": {"engine": seen}}
    values["stages"][0]["data"] = {"text": 0.5, "seen": 0.5}
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(Recipe.from_values(values).dump())
    done = start(str(HERE / "nano_run.py"), str(recipe), str(tmp_path / "two"), launcher=launcher(*kind))
    assert done.returncode == 0, done.stderr
    values["stages"][0]["batch_size"] = 2
    tune(Recipe.from_values(values), tmp_path / "one")
    place = Path("stages") / "01-one"
    assert losses(tmp_path / "two" / place) == pytest.approx(losses(tmp_path / "one" / place), rel=1e-4)
    assert len(losses(tmp_path / "two" / place)) == 6
    first, second = (VisionLanguageModel.from_pretrained(tmp_path / name / "model") for name in ("one", "two"))
    other = dict(second.named_parameters())
    assert all(torch.allclose(p, other[name], atol=2e-4) for name, p in first.named_parameters())
