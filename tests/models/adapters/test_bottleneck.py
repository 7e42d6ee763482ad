"""The bottleneck adapter against its equation, at each of its sites."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models.adapters.harness import adapted, distance, outputs
from vistune.core.errors import ConfigError, ModelError
from vistune.models.adapters.base import build_adapter


def test_it_is_its_equation():
    _, adapter, _ = adapted("bottleneck", "llama", rank=5, scale=0.3, activation="tanh")
    squeeze = adapter.layers["0_after_mlp"]  # type: ignore[index]
    x = torch.randn(2, 3, 32)
    wanted = x + 0.3 * (
        torch.tanh(x @ squeeze.down.weight.T + squeeze.down.bias) @ squeeze.up.weight.T + squeeze.up.bias
    )
    assert torch.allclose(squeeze(x, 0.3), wanted, atol=1e-5)


@pytest.mark.parametrize("site", ["before_attention", "after_attention", "before_mlp", "after_mlp"])
@pytest.mark.parametrize("architecture", ["llama", "phi3", "phi", "clip", "gemma2", "dinov2", "dinov2-giant"])
def test_without_activation_it_folds_where_nothing_stands_between(site, architecture):
    network, adapter, slot = adapted("bottleneck", architecture, site=site, activation="none")
    before = outputs(network, adapter, slot, architecture)
    if architecture in ("gemma2", "dinov2", "dinov2-giant") and site.startswith("after"):
        with pytest.raises(ModelError, match="comes between"):
            adapter.merge()
        assert torch.equal(outputs(network, adapter, slot, architecture), before)
        return
    adapter.merge()
    assert distance(outputs(network, adapter, slot, architecture), before) < 1e-5


def test_two_sites_fold_together_and_a_refusal_folds_nothing():
    network, adapter, slot = adapted("bottleneck", "llama", site=["before_mlp", "after_mlp"], activation="none")
    before = outputs(network, adapter, slot, "llama")
    adapter.merge()
    assert distance(outputs(network, adapter, slot, "llama"), before) < 1e-5
    network, adapter, slot = adapted("bottleneck", "gemma2", site=["before_mlp", "after_mlp"], activation="none")
    before = outputs(network, adapter, slot, "gemma2")
    with pytest.raises(ModelError):
        adapter.merge()
    adapter.detach()
    bare = outputs(network, adapter, slot, "gemma2")
    adapter.attach()
    assert torch.equal(outputs(network, adapter, slot, "gemma2"), before)
    assert distance(bare, before) > 1e-3


def test_houlsbys_two_sites_are_two_bottlenecks_a_layer():
    _, adapter, _ = adapted("bottleneck", "llama", site=["after_attention", "after_mlp"], layers=[1])
    assert sorted({n.split(".")[1] for n in adapter.trainable_names()}) == ["1_after_attention", "1_after_mlp"]


def test_weights_stay_in_single_precision_beside_a_half_precision_network():
    network, adapter, slot = adapted("bottleneck", "clip", shaken=False)
    network.to(torch.bfloat16)
    x = torch.randn(1, 4, 32, dtype=torch.bfloat16)
    squeeze = adapter.layers["0_after_mlp"]  # type: ignore[index]
    nn.init.normal_(squeeze.up.weight)
    assert squeeze(x, 1.0).dtype == torch.bfloat16 and squeeze.down.weight.dtype == torch.float32
    assert not torch.equal(squeeze(x, 1.0), x) and torch.equal(squeeze(x, 0.0), x)
    assert slot.current is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"site": "after_mpl"}, "after_mlp"), ({"activation": "gleu"}, "gelu"), ({"rank": 0}, "positive")],
)
def test_settings_that_do_not_fit(wrong, message):
    with pytest.raises(ConfigError, match=message):
        build_adapter({"kind": "bottleneck", **wrong}, {"decoder": adapted("lora", "llama")[0]})
