"""A dry run tells what would happen, leaves nothing behind, and fails as the run would."""

from __future__ import annotations

from pathlib import Path

import pytest
from nano import recipe_values, write_backbones

from vistune.core.errors import ConfigError
from vistune.tuning.estimate import plan
from vistune.tuning.recipe import Recipe


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backbones")
    write_backbones(folder)
    return folder


def test_a_dry_run(parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = Recipe.from_values(recipe_values(parts, steps=None, epochs=3, batch_size=5, accumulation=2))
    found = plan(recipe)
    stage = found.stages[0]
    assert stage.steps == 12  # 3 epochs x 40 examples / (5 x 2)
    assert stage.samples_per_step == 10
    assert stage.epochs == {"world": 3.0}
    assert stage.parameters.patterns.keys() == {"connector.*", "decoder.*"}
    assert stage.seconds is not None
    assert stage.seconds > 0
    assert "micro-batches" in stage.how
    assert found.available > stage.memory > 4 * stage.parameters.total
    assert Recipe.parse(found.recipe_yaml) == recipe
    titles = [title for title, columns, rows in found.tables() if all(len(row) == len(columns) for row in rows)]
    assert titles[:3] == ["Stage 'one': parameters", "Stage 'one': what 'train' matches", "Stage 'one': data"]
    assert len(titles) == 4
    assert found.as_dict()["stages"][0]["parameters"]["trainable"] == stage.parameters.trainable
    assert not list(tmp_path.iterdir())


def test_memory_by_formula(parts: Path) -> None:
    stage = plan(Recipe.from_values(recipe_values(parts)), measure=False).stages[0]
    assert stage.seconds is None
    assert stage.memory == 4 * stage.parameters.total + 12 * stage.parameters.trainable
    assert stage.how.startswith("formula")


def test_faults_are_those_of_the_run(parts: Path) -> None:
    with pytest.raises(ConfigError, match="matches no parameter"):
        plan(Recipe.from_values(recipe_values(parts, train="conector")), measure=False)
    with pytest.raises(ConfigError, match="no pattern of 'lr' covers"):
        plan(Recipe.from_values(recipe_values(parts, lr={"connector": 1e-3})), measure=False)
