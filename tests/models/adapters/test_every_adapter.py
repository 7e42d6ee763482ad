"""One walk over the registry of adapters: what every kind must have on every architecture."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from models.adapters.harness import (
    adapted,
    cached_logits,
    distance,
    kinds,
    lay_out,
    logits_of,
    outputs,
    samples,
    shake,
)
from models.tiny import DECODERS, ENCODERS, pixels, tiny
from vistune.core.errors import ConfigError, ModelError
from vistune.models.adapters.base import ADAPTERS, build_adapter
from vistune.models.adapters.context import ContextSlot

ARCHITECTURES = [*DECODERS, *ENCODERS]
#: Settings beside the defaults that must keep the properties too.
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("mixture_of_modality", {"router": "frozen"}),
    ("mixture_of_modality", {"router": "one_path", "rank": 12, "groups": 1}),
    ("bottleneck", {"site": ["before_attention", "after_attention", "before_mlp"]}),
    ("bottleneck", {"activation": "none", "site": ["before_attention", "before_mlp"]}),
    ("lora", {"linears": "all", "rslora": True, "layers": [-1]}),
]
EVERY = [(kind, {}) for kind in kinds()] + VARIANTS
every_kind = pytest.mark.parametrize(("kind", "options"), EVERY, ids=lambda v: str(v))
on_decoders = pytest.mark.parametrize("architecture", list(DECODERS))
on_three = pytest.mark.parametrize("architecture", ["llama", "phi3", "clip"])
everywhere = pytest.mark.parametrize("architecture", ARCHITECTURES)
TOLERANCE = 1e-5


@every_kind
@everywhere
def test_at_the_start_the_network_is_the_bare_one_bit_for_bit(kind, options, architecture):
    network, adapter, slot = adapted(kind, architecture, shaken=False, **options)
    with_adapter = outputs(network, adapter, slot, architecture)
    adapter.detach()
    assert torch.equal(with_adapter, outputs(network, adapter, slot, architecture))


@every_kind
@everywhere
def test_trained_it_matters_and_detached_it_is_gone_bit_for_bit(kind, options, architecture):
    network, adapter, slot = adapted(kind, architecture, **options)
    changed = outputs(network, adapter, slot, architecture)
    adapter.detach()
    bare = outputs(network, adapter, slot, architecture)
    assert distance(changed, bare) > 1e-3
    assert torch.equal(outputs(tiny(architecture), adapter, slot, architecture), bare)
    adapter.attach()
    assert torch.equal(outputs(network, adapter, slot, architecture), changed)


@pytest.mark.parametrize("kind", kinds())
@everywhere
def test_the_neutral_setting_is_the_bare_network_whatever_the_weights(kind, architecture):
    network, adapter, slot = adapted(kind, architecture, **ADAPTERS.get(kind).neutral())
    with_adapter = outputs(network, adapter, slot, architecture)
    adapter.detach()
    assert torch.equal(with_adapter, outputs(network, adapter, slot, architecture))


@every_kind
@everywhere
@pytest.mark.parametrize("modality", ["text", "image"])
def test_merged_is_unmerged_or_the_kind_says_why_not(kind, options, architecture, modality):
    network, adapter, slot = adapted(kind, architecture, **options)
    before = outputs(network, adapter, slot, architecture, modality)
    try:
        adapter.merge(modality)
    except ModelError as error:
        assert "merge" in adapter.exempt and adapter.exempt["merge"] in str(error)
        assert torch.equal(outputs(network, adapter, slot, architecture, modality), before)
        return
    assert not adapter.attached and not adapter.needs_modality_token
    assert distance(outputs(network, adapter, slot, architecture, modality), before) < TOLERANCE
    with pytest.raises(ModelError, match="merged"):
        adapter.attach()


@every_kind
@on_three
def test_saved_and_loaded_is_the_same(kind, options, architecture):
    network, adapter, slot = adapted(kind, architecture, **options)
    kept = copy.deepcopy(adapter.state_dict())
    other, fresh, other_slot = adapted(kind, architecture, shaken=False, **options)
    fresh.load_state_dict(kept)
    assert torch.equal(outputs(other, fresh, other_slot, architecture), outputs(network, adapter, slot, architecture))
    assert set(kept) == set(fresh.trainable_names())


@every_kind
@on_decoders
def test_a_batch_of_one_is_a_row_of_a_batch_of_eight(kind, options, architecture):
    network, adapter, slot = adapted(kind, architecture, **options)
    items = samples(8)
    with torch.no_grad():
        together = logits_of(network, slot, lay_out(items, [[i] for i in range(8)], adapter))
        for i in range(8):
            (alone,) = logits_of(network, slot, lay_out(items, [[i]], adapter))
            assert distance(together[i], alone) < TOLERANCE


@every_kind
@on_decoders
def test_padding_on_either_side_and_packing_change_nothing(kind, options, architecture):
    network, adapter, slot = adapted(kind, architecture, **options)
    items = samples(5)
    with torch.no_grad():
        alone = [logits_of(network, slot, lay_out(items, [[i]], adapter))[0] for i in range(5)]
        packings = [([[i] for i in range(5)], "left"), ([[0, 1, 2], [3, 4]], "right"), ([[0, 1], [2, 3, 4]], "left")]
        for rows, side in packings:
            for got, wanted in zip(logits_of(network, slot, lay_out(items, rows, adapter, side)), alone, strict=True):
                assert distance(got, wanted) < TOLERANCE


@every_kind
@on_decoders
@pytest.mark.parametrize("shaken", [True, False])
def test_with_cache_is_without(kind, options, architecture, shaken):
    network, adapter, slot = adapted(kind, architecture, shaken=shaken, **options)
    items = samples(4)
    layout = lay_out(items, [[i] for i in range(4)], adapter, side="left")
    with torch.no_grad():
        whole = torch.stack([x[-4:] for x in logits_of(network, slot, layout)])
        stepwise = cached_logits(network, slot, layout, steps=3)
        assert distance(stepwise, whole) < TOLERANCE
        if not shaken:
            adapter.detach()
            assert torch.equal(cached_logits(network, slot, layout, steps=3), stepwise)


@pytest.mark.parametrize(
    ("kind", "options"), [(k, o) for k, o in EVERY if not adapted(k, "llama", **o)[1].needs_modality_token]
)
@on_decoders
def test_at_the_start_generation_gives_the_same_tokens(kind, options, architecture):
    network, adapter, _ = adapted(kind, architecture, shaken=False, **options)
    prompt = torch.arange(10, 16)[None]
    with_adapter = network.generate(prompt, max_new_tokens=6, do_sample=False)
    adapter.detach()
    assert torch.equal(with_adapter, network.generate(prompt, max_new_tokens=6, do_sample=False))


@every_kind
@pytest.mark.parametrize("architecture", list(ENCODERS))
def test_a_picture_alone_is_a_picture_among_eight(kind, options, architecture):
    network, *_ = adapted(kind, architecture, **options)
    pictures = pixels(8)
    with torch.no_grad():
        together = network(pictures).last_hidden_state
        for i in range(8):
            assert distance(together[i], network(pictures[i : i + 1]).last_hidden_state[0]) < TOLERANCE


@every_kind
@everywhere
def test_only_the_adapter_moves_in_two_steps(kind, options, architecture):
    network, slot = tiny(architecture), ContextSlot()
    network.requires_grad_(False)
    part = "decoder" if architecture in DECODERS else "vision"
    torch.manual_seed(5)
    adapter = build_adapter(
        {"kind": kind, "part": part, "dropout": 0.0, **options}, {part: network}, slot=slot, name="a"
    )
    assert not any(p.requires_grad for p in network.parameters())
    base = copy.deepcopy(network.state_dict())
    start = copy.deepcopy(adapter.state_dict())
    trained = [p for p in (*network.parameters(), *adapter.parameters()) if p.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=1.0)
    for _ in range(2):
        optimiser.zero_grad()
        _loss(network, adapter, slot, architecture).backward()
        optimiser.step()
    assert all(torch.equal(value, base[name]) for name, value in network.state_dict().items())
    still = [name for name, value in adapter.state_dict().items() if torch.equal(value, start[name])]
    assert still == []


def _loss(network, adapter, slot, architecture) -> torch.Tensor:
    if architecture not in DECODERS:
        return network(pixels(2)).last_hidden_state.square().mean()
    items = samples(4)
    rows = logits_of(network, slot, lay_out(items, [[0, 1], [2, 3]], adapter))
    return torch.cat(rows).log_softmax(-1)[:, 5].neg().mean()


@every_kind
@on_three
def test_the_networks_own_names_and_flags_stay(kind, options, architecture):
    bare = tiny(architecture)
    for i, parameter in enumerate(bare.parameters()):
        parameter.requires_grad_(i % 3 == 0)
    flags = {name: p.requires_grad for name, p in bare.named_parameters()}
    part = "decoder" if architecture in DECODERS else "vision"
    adapter = build_adapter({"kind": kind, "part": part, **options}, {part: bare}, name="a")
    assert {name: p.requires_grad for name, p in bare.named_parameters()} == flags
    assert all(p.requires_grad for p in adapter.parameters())


@every_kind
@on_three
def test_at_the_start_mixed_precision_is_the_bare_networks_too(kind, options, architecture):
    network, adapter, slot = adapted(kind, architecture, shaken=False, **options)
    with torch.autocast("cpu", torch.bfloat16):
        with_adapter = outputs(network, adapter, slot, architecture)
        adapter.detach()
        assert torch.equal(with_adapter, outputs(network, adapter, slot, architecture))


def test_all_layers_are_those_that_reach_the_output():
    used = {"vision": 1}
    for spec, wanted in (({}, [0]), ({"layers": "all"}, [0]), ({"layers": [1]}, [1])):
        adapter = build_adapter(
            {"kind": "bottleneck", "part": "vision", **spec}, {"vision": tiny("clip")}, used_layers=used
        )
        assert adapter.layer_indices == wanted
    assert build_adapter("bottleneck", {"decoder": tiny("llama")}, used_layers=used).layer_indices == [0, 1]


@every_kind
def test_a_copied_model_is_its_own(kind, options):
    network, adapter, slot = adapted(kind, "llama", **options)
    holder = torch.nn.ModuleList([network, adapter])
    holder.slot = slot  # type: ignore[assignment]
    before = outputs(network, adapter, slot, "llama")
    twin = copy.deepcopy(holder)
    shake(twin[1], 0.5)  # type: ignore[arg-type]
    changed = outputs(twin[0], twin[1], twin.slot, "llama")  # type: ignore[arg-type]
    assert torch.equal(outputs(network, adapter, slot, "llama"), before)
    assert distance(changed, before) > 1e-3
    twin[1].detach()  # type: ignore[operator]
    assert torch.equal(outputs(network, adapter, slot, "llama"), before)


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"part": "desk"}, "part"),
        ({"layers": [7]}, "layers 0 to 1"),
        ({"layers": "some"}, "all"),
        ({"rank": -3}, "rank"),
        ({"dropout": 1.5}, "dropout"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_bad_argument_is_a_clear_error(kind, wrong, message):
    with pytest.raises(ConfigError, match=message):
        adapted(kind, "llama", **wrong)


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'bottleneck'"):
        build_adapter("botleneck", {"decoder": tiny("llama")})
