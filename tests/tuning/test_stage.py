"""Patterns, the parameter table and the optimiser's groups."""

from __future__ import annotations

import pytest
from toy import ToyModel

from vistune.core.errors import ConfigError
from vistune.tuning.recipe import StageConfig
from vistune.tuning.stage import freeze_except, matches, optimizer_groups, parameter_table


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("connector.*", "connector.weight", True),
        ("connector", "connector.weight", True),
        ("connect", "connector.weight", False),
        ("decoder.layers.1", "decoder.layers.1.weight", True),
        ("decoder.layers.1", "decoder.layers.11.weight", False),
        ("*", "head.weight", True),
        ("*.bias", "decoder.mix.bias", True),
        ("decoder.layers.[02].*", "decoder.layers.2.w", True),
    ],
)
def test_patterns(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


def test_table_counts_parts_and_patterns() -> None:
    model = ToyModel()
    table = freeze_except(model, ["connector.*", "*.bias"], ["vision"])
    live = {name for name, p in model.named_parameters() if p.requires_grad}
    assert live == {"connector.weight", "connector.bias", "decoder.mix.bias", "decoder.norm.bias"}
    assert table.total == sum(p.numel() for p in model.parameters())
    assert table.trainable == 16 * 16 + 16 + 16 + 16
    assert table.parts["connector"] == (272, 272)
    assert table.parts["vision"][1] == 0
    assert table.patterns == {"connector.*": 272, "*.bias": 48}
    assert table.rows()[-1] == ("total", f"{table.total:,}", "304", f"{304 / table.total:.1%}")
    assert parameter_table(model).trainable == 304


def test_freezing_again_forgets_the_stage_before() -> None:
    model = ToyModel()
    freeze_except(model, ["*"])
    assert freeze_except(model, ["head"]).trainable == model.head.weight.numel()


@pytest.mark.parametrize(
    ("train", "freeze", "words"),
    [
        (["conector.*"], [], r"'conector\.\*' matches no parameter\. Did you mean 'connector\.\*'\?"),
        (["decoder.mx.*"], [], r"Did you mean 'decoder\.mix\.\*'\?"),
        (["connector"], ["visoin"], r"'visoin' matches no parameter\. Did you mean 'vision\.\*'\?"),
        (["connector"], ["connector.*"], r"Nothing is left to train"),
    ],
)
def test_a_pattern_that_matches_nothing_is_an_error(train: list[str], freeze: list[str], words: str) -> None:
    model = ToyModel()
    with pytest.raises(ConfigError, match=words):
        freeze_except(model, train, freeze)


def stage(**changes: object) -> StageConfig:
    settings = {"name": "x", "train": ["*"], "data": "d", "steps": 1, "weight_decay": 0.1}
    return StageConfig.model_validate({**settings, **changes})


def test_biases_and_norms_do_not_decay() -> None:
    model = ToyModel()
    freeze_except(model, ["*"])
    groups = optimizer_groups(model, stage(lr=0.5))
    still = next(group for group in groups if group["weight_decay"] == 0.0)
    decaying = next(group for group in groups if group["weight_decay"] == 0.1)
    names = {id(p): name for name, p in model.named_parameters()}
    assert {names[id(p)] for p in decaying["params"]} == {
        "vision.0.weight",
        "connector.weight",
        "decoder.embed.weight",
        "decoder.mix.weight",
        "head.weight",
    }
    assert len(still["params"]) + len(decaying["params"]) == len(names)
    assert {group["lr"] for group in groups} == {0.5}


def test_rates_by_pattern_the_first_counts() -> None:
    model = ToyModel()
    freeze_except(model, ["connector", "head"])
    rates = stage(lr={"connector.bias": 1.0, "connector": 2.0, "*": 3.0})
    by_rate = {group["lr"]: sum(p.numel() for p in group["params"]) for group in optimizer_groups(model, rates)}
    assert by_rate == {1.0: 16, 2.0: 256, 3.0: model.head.weight.numel()}


def test_a_parameter_without_a_rate_is_an_error() -> None:
    model = ToyModel()
    freeze_except(model, ["connector", "head"])
    with pytest.raises(ConfigError, match=r"no pattern of 'lr' covers the trainable parameter 'head\.weight'"):
        optimizer_groups(model, stage(lr={"connector": 2.0}))
