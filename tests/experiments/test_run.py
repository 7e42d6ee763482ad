"""A recipe from data to report: who measures when several processes tune."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vistune.experiments.run import run_recipe
from vistune.tuning import tune as tuning
from vistune.tuning.feed import Member
from vistune.tuning.recipe import Recipe

RECIPE = """
name: tiny
model: {from: nano-vlm}
data: {sets: {world: {engine: {kind: world, n: 4}}}}
stages: [{name: one, train: [connector.*], data: world, steps: 1}]
evaluation: [{kind: text_only, n: 2}]
"""


@pytest.mark.parametrize(("rank", "world"), [(0, 1), (0, 2), (1, 2)])
def test_only_the_first_process_measures(
    rank: int, world: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vistune.evaluation import runner
    from vistune.experiments import run
    from vistune.models import loading

    happened: list[str] = []

    def tuned(recipe: Recipe, out: Path, **_: Any) -> tuning.TuneResult:
        happened.append("tune")
        return tuning.TuneResult(out, out / "model", [])

    monkeypatch.setattr(tuning, "this_member", lambda: Member(rank, world))
    monkeypatch.setattr(tuning, "tune", tuned)
    monkeypatch.setattr(loading, "load_model", lambda name: name)
    monkeypatch.setattr(runner, "evaluate", lambda model, benchmarks, out, **_: happened.append(Path(out).name) or {})
    monkeypatch.setattr(run, "_report", lambda *_: None)
    result = run_recipe(Recipe.parse(RECIPE), tmp_path)
    told = {(0, 1): ["before", "tune", "evaluation"], (0, 2): ["tune", "before", "evaluation"], (1, 2): ["tune"]}
    assert happened == told[rank, world]
    assert result.leader == (rank == 0)
