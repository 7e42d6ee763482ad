"""Seeds, devices, progress."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from vistune.core import progress
from vistune.core.device import describe_machine, peak_memory, pick_device, pick_dtype, setup_allocator, total_memory
from vistune.core.seeding import Seed, seed_everything


def test_streams_are_stable_and_independent() -> None:
    # A written-down number: other versions and machines must draw the same.
    assert Seed(0).number("order") == 5231958647509549229
    numbers = {Seed(seed).number(name, k) for seed in range(3) for name in ("a", "b") for k in range(3)}
    assert len(numbers) == 18
    assert Seed(1).derive("a").number("b") != Seed(1).number("a", "b")


def test_everything_is_seeded() -> None:
    def draw() -> tuple[float, float, float]:
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    seed_everything(3)
    first = draw()
    seed_everything(Seed(3))
    assert draw() == first
    seed_everything(4)
    assert all(a != b for a, b in zip(draw(), first))


def test_generators_of_a_stream() -> None:
    seed = Seed(5)
    assert seed.python("x").random() == seed.python("x").random()
    assert seed.numpy("x").random() == seed.numpy("x").random()
    assert torch.equal(torch.rand(3, generator=seed.torch("x")), torch.rand(3, generator=seed.torch("x")))


def test_allocator_says_what_it_did() -> None:
    code = "from vistune.core.device import setup_allocator as s; a = s(); print(a.tuned, a.reason, s() is a)"
    on = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    environment = {**os.environ, "VISTUNE_ALLOCATOR": "0"}
    off = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert off == "False VISTUNE_ALLOCATOR is off True\n"
    if sys.platform.startswith("linux") and "glibc" in str(os.confstr("CS_GNU_LIBC_VERSION")):
        assert on.startswith("True") or "another allocator" in on
    assert setup_allocator() is setup_allocator()


def test_precision_follows_the_device() -> None:
    cpu = torch.device("cpu")
    assert pick_device("cpu") == cpu
    assert pick_dtype("auto", cpu) is torch.float32
    assert pick_dtype("bf16", cpu) is torch.bfloat16
    assert pick_dtype("fp32", cpu) is torch.float32


def test_memory_is_measured() -> None:
    before = peak_memory()
    held = torch.ones(30_000_000)
    assert peak_memory() >= max(before, held.numel() * 4)
    assert peak_memory() < total_memory()


def test_machine_is_described() -> None:
    facts = describe_machine()
    assert facts["torch"] == torch.__version__ or torch.__version__.startswith(str(facts["torch"]))
    assert {"python", "transformers", "processor", "cores", "threads", "device"} <= facts.keys()


def test_progress_is_silent_for_programs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv(progress.QUIET_SWITCH, "1")
    with progress.TrainingProgress("stage", 3) as bar:
        bar.update(1, loss=2.0)
    assert list(progress.track(range(3), "items")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_progress_shows_loss_speed_and_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "is_quiet", lambda: False)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress.TrainingProgress("stage", 3) as bar:
        bar.update(2, loss=2.5, tokens_per_s=1234.0, memory=3 << 20)
    shown = capsys.readouterr().err
    for words in ("stage", "loss 2.500", "1,234 tok/s", "3 MiB"):
        assert words in shown
