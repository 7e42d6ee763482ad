"""The quickstart: LaVIN's adapters on freshly made instruction data, measured before and after."""

from __future__ import annotations

from pathlib import Path

from vistune.experiments.run import RunResult, load_recipe, run_recipe


def quickstart(out_dir: Path) -> RunResult:
    """Run the shipped recipe ``quickstart``."""
    return run_recipe(load_recipe("quickstart", []), out_dir)
