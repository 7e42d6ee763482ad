"""The command line as a user meets it: help, exit codes, one-sentence errors."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def vistune(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vistune.cli.main", *arguments], capture_output=True, text=True, timeout=120
    )


COMMANDS = [
    ["quickstart"],
    ["run"],
    ["eval"],
    ["chat"],
    ["generate"],
    ["data", "make"],
    ["data", "convert"],
    ["data", "inspect"],
    ["data", "show"],
    ["backbones", "list"],
    ["backbones", "train"],
    ["papers"],
    ["reproduce"],
    ["export"],
    ["info"],
    ["judge", "check"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(command):
    done = vistune(*command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"Example: vistune {' '.join(command)}" in " ".join(done.stdout.split())


def test_nothing_heavy_is_imported_for_help():
    code = "import sys, vistune, vistune.cli.main; print([m for m in ('torch','transformers','matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_papers_as_json():
    entries = json.loads(vistune("papers", "--json").stdout)
    assert len(entries) == 114
    assert {"name", "title", "year", "kinds", "status"} <= set(entries[0])


def test_a_model_as_json_counts_in_numbers():
    parts = json.loads(vistune("info", "nano-vlm", "--json").stdout)
    counts = {part["part"]: part["parameters"] for part in parts}
    assert counts.pop("all") == sum(counts.values()) > 3_000_000
    assert "3,518,080" in vistune("info", "nano-vlm").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["papers", "lavine"], 2, "Did you mean 'lavin'"),
        (["data", "make", "wold", "--n", "3"], 2, "Did you mean 'world'"),
        (["data", "inspect", "nothing-here.json"], 3, "nothing-here.json"),
        (["generate", "nano-vml", "hello"], 4, "Did you mean 'nano-vlm'"),
        (["run", "nlrv"], 2, "Did you mean 'nlvr'"),
        (["backbones", "train", "nano-l"], 2, "Did you mean 'nano-lm'"),
    ],
)
def test_a_mistake_is_one_sentence(arguments, code, said):
    done = vistune(*arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_debug_shows_the_traceback():
    assert "Traceback" in vistune("--debug", "papers", "lavine").stderr
