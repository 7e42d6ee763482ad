"""Connectors: what each does to features, and what holds for every kind."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from vistune.core.errors import ConfigError, ModelError
from vistune.models.connectors import CONNECTORS

SIZES: dict[str, Any] = {"d_in": 6, "d_out": 10, "grid_in": (4, 6)}


@pytest.mark.parametrize("kind", CONNECTORS.names())
def test_tokens_are_as_many_as_the_grid_says(kind: str):
    connector = CONNECTORS.build(kind, **SIZES)
    rows, cols = connector.grid(4, 6)
    assert connector(torch.randn(3, 24, 6)).shape == (3, rows * cols, 10)


@pytest.mark.parametrize("kind", CONNECTORS.names())
def test_pictures_do_not_mix(kind: str):
    connector = CONNECTORS.build(kind, **SIZES).eval()
    features = torch.randn(3, 24, 6)
    whole = connector(features)
    assert torch.allclose(connector(features[1:2]), whole[1:2], atol=1e-6)


@pytest.mark.parametrize("kind", CONNECTORS.names())
def test_each_says_what_it_is_at_its_neutral_setting_or_why_it_has_none(kind: str):
    assert CONNECTORS.get(kind).exempt["neutral"]


def test_pixel_shuffle_puts_neighbours_together():
    connector: Any = CONNECTORS.build(
        {"kind": "pixel_shuffle_mlp", "factor": 2, "depth": 1}, d_in=1, d_out=4, grid_in=(4, 6)
    )
    with torch.no_grad():
        connector.layers[0].weight.copy_(torch.eye(4))
        connector.layers[0].bias.zero_()
    numbered = torch.arange(24.0).view(1, 24, 1)
    assert connector(numbered)[0, 0].tolist() == [0, 1, 6, 7]
    assert connector(numbered)[0, 4].tolist() == [14, 15, 20, 21], "token (1, 1) of a 2 x 3 grid"
    assert connector.grid(4, 6) == (2, 3)


def test_an_mlp_has_the_depth_and_widths_that_were_asked_for():
    connector: Any = CONNECTORS.build({"kind": "mlp", "depth": 3, "hidden": 7, "activation": "silu"}, **SIZES)
    widths = [
        (layer.in_features, layer.out_features) for layer in connector.layers if isinstance(layer, torch.nn.Linear)
    ]
    assert widths == [(6, 7), (7, 7), (7, 10)]
    x = torch.randn(1, 24, 6)
    silu = torch.nn.functional.silu
    by_hand = connector.layers[4](silu(connector.layers[2](silu(connector.layers[0](x)))))
    assert torch.equal(connector(x), by_hand)


def test_the_linear_map_drops_out_in_training_only():
    connector: Any = CONNECTORS.build({"kind": "linear", "dropout": 0.5}, **SIZES)
    x = torch.randn(2, 24, 6)
    assert bool((connector.train()(x) == 0).any())
    assert torch.equal(connector.eval()(x), connector.linear(x))
    plain: Any = CONNECTORS.build("linear", **SIZES)
    assert torch.equal(plain.train()(x), plain.linear(x)), "no dropout unless asked for"


@pytest.mark.parametrize(
    ("spec", "error", "told"),
    [
        ({"kind": "pixel_shuffle_mlp", "factor": 4}, ModelError, "4 x 6 patches does not divide by factor 4"),
        ({"kind": "mlp", "depth": 0}, ConfigError, "depth 0"),
        ({"kind": "mlp", "activation": "gelo"}, ConfigError, "Did you mean 'gelu"),
        ({"kind": "linear", "dropout": 1.0}, ConfigError, "dropout"),
        ({"kind": "linear", "dropuot": 0.1}, ConfigError, "Did you mean 'dropout'"),
    ],
)
def test_wrong_settings(spec: dict[str, Any], error: type[Exception], told: str):
    with pytest.raises(error, match=told):
        CONNECTORS.build(spec, **SIZES)
