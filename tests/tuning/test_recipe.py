"""Recipes: what is right loads and dumps whole, what is wrong is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

import vistune
from vistune.core.errors import ConfigError
from vistune.tuning.recipe import Recipe, load_recipe

GOOD = """\
name: demo
seed: 3
model:
  from: nano-vlm
  adapters: {small: {kind: lora, rank: 4}}
data:
  root: /data
  sets:
    mine: {path: "${data.root}/train.json", format: llava}
    made: {engine: {kind: world, n: 100}}
stages:
  - name: align
    train: connector.*
    data: mine
    steps: 10
  - name: tune
    train: [connector.*, adapters.*]
    data: {mine: 0.7, made: 0.3}
    epochs: 2
    lr: {adapters.*: 1e-3, connector.*: 1e-4}
    packing: {length: 256}
evaluation: [world_qa, {kind: pope, setting: random}]
"""


def fault(text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Recipe.parse(text, list(overrides), "recipe.yaml")
    return str(caught.value)


def test_a_good_recipe() -> None:
    recipe = Recipe.parse(GOOD)
    assert recipe.stages[0].train == ["connector.*"]
    assert recipe.stages[0].data == ["mine"]
    assert recipe.stages[1].lr == {"adapters.*": 1e-3, "connector.*": 1e-4}
    assert recipe.data.sets["mine"].path == "/data/train.json"
    assert recipe.evaluation == [{"kind": "world_qa"}, {"kind": "pope", "setting": "random"}]
    assert recipe.decoding == {"kind": "greedy"}
    assert Recipe.parse(recipe.dump()) == recipe


def test_overrides() -> None:
    recipe = Recipe.parse(GOOD, ["stages.tune.lr=2e-4", "data.root=/other", "stages.0.packing=false", "model.from=x"])
    assert recipe.stages[1].lr == 2e-4
    assert recipe.data.sets["mine"].path == "/other/train.json"
    assert recipe.model.from_ == "x"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    steps: 10", "    step: 10", "line 15, stages.0.step: unknown key 'step'. Did you mean 'steps'?"),
        ("    steps: 10", "    steps: ten", "line 15, stages.0.steps: should be a valid integer"),
        ("    steps: 10", "    steps: 10\n    epochs: 1", "line 12, stages.0: a stage has either 'steps' or 'epochs'."),
        ("data: mine", "data: mien", "stage 'align': there is no data set 'mien'. Did you mean 'mine'?"),
        (
            "kind: world,",
            "kind: wrld,",
            "line 10, data.sets.made.engine.kind: There is no engine 'wrld'. Did you mean 'world'?",
        ),
        ("n: 100", "m: 100", "engine 'world' has no parameter 'm'."),
        ("n: 100", "n: few", "engine 'world': 'n': should be a valid integer"),
        ("from: nano-vlm", "from: a\n  vision: b", "give either 'from' or parts (vision), not both."),
        ("from: nano-vlm", "vision: nano-vision", "give 'from' (a checkpoint), or both 'vision' and 'decoder'."),
        ("format: llava", "engine: {kind: world, n: 1}", "a data set has either a 'path' or an 'engine'."),
        ("format: llava", "format: lava", "There is no format 'lava'. Did you mean 'llava'?"),
        ("format: llava", "format: {kind: llava, image: x}", "format 'llava' has no parameter 'image'."),
        ("rank: 4", "rnak: 4", "adapter 'lora' has no parameter 'rnak'. Did you mean 'rank'?"),
        ("kind: lora", "kind: lara", "Did you mean 'lora'?"),
        ("from: nano-vlm", "from: nano-vlm\n  connector: mlpp", "Did you mean 'mlp'?"),
        ("mine: 0.7", "mine: 0", "the weight of 'mine' must be above 0"),
        ("name: tune", "name: align", "two stages are called 'align'."),
        ("epochs: 2", "epochs: 2\n    group_by_length: true", "'packing' and 'group_by_length' both remove padding"),
        ("epochs: 2", "epochs: 2\n    eval_every: 5", "'eval_every' needs 'eval_data'"),
        ("epochs: 2", "epochs: 2\n    objective: next_tokn", "Did you mean 'next_token'?"),
        ("epochs: 2", "epochs: 2\n    objective: {kind: next_token, smooth: 0.1}", "Did you mean 'smoothing'?"),
        ("length: 256", "length: 2", "line 21, stages.1.packing.length: should be greater than or equal to 8"),
        ("epochs: 2", "epochs: 2\n    precision: fp16", "'fp16' is not one of the choices."),
        ("root: /data", "root:", "it needs 'data.root', which is not set. Give it: data.root=VALUE."),
        ("seed: 3", "seed: -3", "line 2, seed: should be greater than or equal to 0"),
        ("name: demo", "name: a/b", "line 1, name"),
    ],
)
def test_faults(old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert words in fault(GOOD.replace(old, new, 1))


def test_several_faults_are_told_together() -> None:
    message = fault(GOOD.replace("steps: 10", "step: 10").replace("epochs: 2", "epoch: 2"))
    assert message.startswith("recipe.yaml has 2 faults:")
    assert "line 15" in message
    assert "line 19" in message


def test_every_shipped_recipe_loads() -> None:
    folder = Path(vistune.__file__).parent / "recipes"
    found = sorted(folder.glob("*.yaml"))
    assert found
    for path in found:
        recipe = load_recipe(path, ["data.root=/somewhere"])
        assert recipe.stages or recipe.evaluation
        assert Recipe.parse(recipe.dump()) == recipe
