"""LoRA against peft's own model with the same weights, and what peft must not leave behind."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model

from models.adapters.harness import adapted, distance, outputs, shake
from models.tiny import tiny
from vistune.core.errors import ConfigError, ModelError
from vistune.models.adapters.base import build_adapter


@pytest.mark.parametrize("rslora", [False, True])
def test_it_equals_pefts_own_model_with_the_same_weights(rslora):
    network, adapter, slot = adapted("lora", "llama", rank=4, alpha=6, linears=["q", "down"], rslora=rslora)
    config = LoraConfig(r=4, lora_alpha=6, target_modules=["q_proj", "down_proj"], use_rslora=rslora)
    peer: Any = get_peft_model(tiny("llama"), config)
    weights: Any = adapter.weights
    for name, parameter in peer.named_parameters():
        if "lora_" in name:
            path, _, side = name.removeprefix("base_model.model.").partition(".lora_")
            parameter.data.copy_(weights[path.replace(".", "_")][side[0]].weight)
    assert distance(outputs(network, adapter, slot, "llama"), outputs(peer, adapter, slot, "llama")) < 1e-6


def test_the_network_keeps_its_names_and_carries_nothing_of_peft():
    bare, (network, adapter, _) = tiny("llama"), adapted("lora", "llama", linears="all")
    assert set(network.state_dict()) == set(bare.state_dict())
    assert not hasattr(network, "peft_config")
    assert {type(m).__name__ for m in network.modules()} == {type(m).__name__ for m in bare.modules()}
    assert all(name.startswith("weights.model_layers_") for name in adapter.trainable_names())
    assert len(adapter.trainable_names()) == 2 * 7 * 2


def test_rank_zero_has_no_weights():
    network, adapter, _ = adapted("lora", "llama", rank=0)
    assert adapter.trainable_names() == [] and adapter.attached
    adapter.merge()
    assert all(torch.equal(v, tiny("llama").state_dict()[k]) for k, v in network.state_dict().items())


def test_two_loras_on_the_same_linears_add_up():
    network, first, slot = adapted("lora", "llama")
    alone = outputs(network, first, slot, "llama")
    second = build_adapter({"kind": "lora", "rank": 2}, {"decoder": network}, slot=slot, name="second").eval()
    assert torch.equal(outputs(network, first, slot, "llama"), alone)
    shake(second)
    both = outputs(network, first, slot, "llama")
    first.merge()
    second.merge()
    assert distance(both, alone) > 1e-3
    assert distance(outputs(network, first, slot, "llama"), both) < 1e-5


def test_a_merge_with_weights_that_are_not_finite_is_refused():
    network, adapter, _ = adapted("lora", "llama")
    base = copy.deepcopy(network.state_dict())
    list(adapter.parameters())[-1].data.fill_(float("nan"))
    with pytest.raises(ModelError, match="not finite"):
        adapter.merge()
    assert all(torch.equal(v, base[k]) for k, v in network.state_dict().items())


@pytest.mark.parametrize(
    ("architecture", "linears", "message"),
    [
        ("llama", "kv", "no linear 'kv'"),
        ("llama", ["q", "gate_up"], "no linear 'gate_up'"),
        ("phi3", ["q", "v"], "ask for 'qkv'"),
        ("clip", "gate", "no linear 'gate'"),
    ],
)
def test_linears_that_are_not_there(architecture, linears, message):
    with pytest.raises(ConfigError, match=message):
        adapted("lora", architecture, linears=linears)


def test_a_fused_linear_is_asked_for_whole():
    _, by_parts, _ = adapted("lora", "phi3", linears=["q", "k", "v"])
    _, whole, _ = adapted("lora", "phi3", linears="qkv")
    assert by_parts.trainable_names() == whole.trainable_names() and len(whole.trainable_names()) == 4


def test_it_does_not_merge_past_something_that_edits_the_bare_linear():
    network, adapter, slot = adapted("lora", "llama")
    adapter.detach()
    earlier = adapter.anatomy.hook(0, "linear:q", lambda x: 2 * x)
    adapter.attach()
    before = outputs(network, adapter, slot, "llama")
    with pytest.raises(ModelError, match="merge that first"):
        adapter.merge()
    assert torch.equal(outputs(network, adapter, slot, "llama"), before)
    earlier.remove()
    adapter.merge()
