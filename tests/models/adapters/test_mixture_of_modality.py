"""LaVIN's adapter against its equations, and what its router may and may not depend on."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.adapters.harness import (
    HIDDEN,
    Sample,
    adapted,
    cached_logits,
    distance,
    lay_out,
    logits_of,
    outputs,
    samples,
    shake,
)
from models.tiny import pixels, tiny
from vistune.core.errors import ConfigError, ModelError
from vistune.models.adapters.base import build_adapter, merge_all
from vistune.models.adapters.context import AdapterContext, reorder_extras

KIND = "mixture_of_modality"


def routes(network: nn.Module, adapter: Any, slot: Any, layout: Any) -> Tensor:
    """Router weights ``[layers, B, 2]`` that a forward kept for decoding."""
    extras: dict[Any, Tensor] = {}
    slot.current = AdapterContext(layout.roles, layout.sample, extras=extras)
    with torch.no_grad():
        network(inputs_embeds=layout.embeds, attention_mask=layout.mask, position_ids=layout.positions)
    return torch.stack([extras[(adapter.name, layer)] for layer in adapter.layer_indices])


def test_it_is_the_published_equation():
    """x + s (w0 (B0 z + b0) + w1 (B1 z + b1)), B as grouped 1x1 convolutions, w from the modality token's state."""
    _, adapter, slot = adapted(KIND, "llama", rank=6, scale=0.7, temperature=5.0)
    x = torch.randn(2, 5, 32)
    roles = torch.tensor([[5, 1, 1, 1, 1], [0, 5, 2, 1, 1]])
    slot.current = AdapterContext(roles, torch.tensor([[0] * 5, [-1, 0, 0, 0, 0]]))
    paths: Any = adapter.layers["1"]
    got = adapter._edit(1, x)
    z = x @ paths.down.weight.T + paths.down.bias
    ups = []
    for i in range(2):
        convolution = nn.Conv1d(6, 32, 1, groups=2)
        convolution.weight.data = paths.up[i].transpose(1, 2).reshape(32, 3, 1)
        convolution.bias = nn.Parameter(paths.bias[i])
        ups.append(convolution(z.transpose(1, 2)).transpose(1, 2))
    token = torch.stack([x[0, 0], x[1, 1]])
    w = torch.softmax(token @ paths.router.weight.T / 5.0, dim=-1)[:, None, :]
    wanted = x + 0.7 * (w[..., :1] * ups[0] + w[..., 1:] * ups[1])
    assert torch.allclose(got, wanted, atol=1e-5)


def test_initialisation_is_the_papers():
    _, adapter, _ = adapted(KIND, "llama", shaken=False)
    for paths in adapter.layers.values():
        assert not paths.up.any() and not paths.bias.any() and not paths.down.bias.any()
        bound = (6 / (32 + 8)) ** 0.5  # Xavier uniform
        assert 0.9 * bound < paths.down.weight.abs().max() <= bound
        assert paths.router.bias is None
    assert adapter.layers["0"].dropout.p == 0.1
    assert adapter.modality_embeddings().shape == (2, 32)


def test_the_modality_token_changes_nothing_while_both_paths_are_equal():
    network, adapter, slot = adapted(KIND, "llama")
    with torch.no_grad():
        for paths in adapter.layers.values():
            paths.up[1] = paths.up[0]
            paths.bias[1] = paths.bias[0]
    before = outputs(network, adapter, slot, "llama")
    with torch.no_grad():
        adapter.modality.weight.copy_(torch.randn(2, 32) * 10)
    assert distance(outputs(network, adapter, slot, "llama"), before) < 1e-5
    with torch.no_grad():
        adapter.layers["0"].up[1] += 1.0
    moved = outputs(network, adapter, slot, "llama")
    with torch.no_grad():
        adapter.modality.weight.copy_(torch.randn(2, 32))
    assert distance(outputs(network, adapter, slot, "llama"), moved) > 1e-3


def test_the_router_depends_on_the_modality_alone():
    network, adapter, slot = adapted(KIND, "llama", temperature=1.0)
    items = samples(4)
    other = [Sample(torch.randn_like(s.embeddings), s.picture) for s in items]
    rows = [[i] for i in range(4)]
    first = routes(network, adapter, slot, lay_out(items, rows, adapter))
    second = routes(network, adapter, slot, lay_out(other, rows, adapter, side="left"))
    assert torch.allclose(first, second, atol=1e-6)
    assert torch.allclose(first[:, 0], first[:, 2], atol=1e-6) and torch.allclose(first[:, 1], first[:, 3], atol=1e-6)
    assert (first[:, 0] - first[:, 1]).abs().min() > 1e-3
    alone = adapter.modality_routes("image")
    assert all(torch.allclose(first[layer, 0], alone[layer], atol=1e-6) for layer in alone)
    text = adapter.modality_routes("text")
    assert all(torch.allclose(first[layer, 1], text[layer], atol=1e-6) for layer in text)


def test_every_tokens_weights_are_its_own_samples_under_packing():
    network, adapter, slot = adapted(KIND, "llama", temperature=1.0)
    items = samples(4)
    layout = lay_out(items, [[0, 1], [3, 2]], adapter, side="left")
    slot.current = AdapterContext(layout.roles, layout.sample)
    seen: list[Tensor] = []
    inner = adapter.path_weights
    adapter.path_weights = lambda layer, x: seen.append(inner(layer, x)) or seen[-1]  # type: ignore[method-assign]
    with torch.no_grad():
        network(inputs_embeds=layout.embeds, attention_mask=layout.mask, position_ids=layout.positions)
    by_modality = {True: adapter.modality_routes("image"), False: adapter.modality_routes("text")}
    for spot, (row, place) in enumerate(layout.spots):
        wanted = by_modality[items[[0, 1, 3, 2][spot]].picture][1]
        assert torch.allclose(seen[1][row, place], wanted.expand(place.stop - place.start, 2), atol=1e-6)


def test_decoding_uses_the_kept_weights_and_follows_reordered_rows():
    network, adapter, slot = adapted(KIND, "llama", temperature=1.0)
    layout = lay_out(samples(2), [[0], [1]], adapter, side="left")
    extras: dict[Any, Tensor] = {}
    slot.current = AdapterContext(layout.roles, layout.sample, extras=extras)
    with torch.no_grad():
        network(inputs_embeds=layout.embeds, attention_mask=layout.mask, position_ids=layout.positions)
        kept = {key: value.clone() for key, value in extras.items()}
        step = AdapterContext(torch.ones(2, 1, dtype=torch.long), torch.zeros(2, 1, dtype=torch.long), extras=extras)
        slot.current = step
        x = torch.randn(2, 1, 32)
        weights = adapter.path_weights(1, x)
        assert torch.equal(weights[:, 0], kept[("probe", 1)])
        reorder_extras(extras, torch.tensor([1, 0]))
        assert torch.equal(adapter.path_weights(1, x)[:, 0], kept[("probe", 1)].flip(0))


def test_what_is_kept_for_decoding_is_the_last_samples():
    network, adapter, slot = adapted(KIND, "llama", temperature=1.0)
    kept = routes(network, adapter, slot, lay_out(samples(3), [[0, 1], [1, 2], [2]], adapter))
    image, text = adapter.modality_routes("image")[1], adapter.modality_routes("text")[1]
    assert torch.allclose(kept[1], torch.stack([text, image, image]), atol=1e-6)
    assert not torch.allclose(text, image, atol=1e-3)


def test_gradient_checkpointing_gives_the_same_gradients():
    """Layers run again in the backward pass, after the forward: the context must still be there."""
    gradients = []
    for checkpointing in (False, True):
        network, adapter, slot = adapted(KIND, "llama", dropout=0.0)
        network.requires_grad_(False)
        if checkpointing:
            network.gradient_checkpointing_enable({"use_reentrant": False})
        network.train()
        layout = lay_out(samples(4), [[0, 1], [2, 3]], adapter)
        torch.cat(logits_of(network, slot, layout)).square().mean().backward()
        gradients.append([p.grad.clone() for p in adapter.parameters()])
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(*gradients, strict=True))
    assert all(g.any() for g in gradients[1])


def test_the_state_while_decoding_is_not_routed_on():
    """The released pitfall: at a step, position 0 is the new token; w must come from the prompt's modality token."""
    network, adapter, slot = adapted(KIND, "llama", temperature=0.2)
    layout = lay_out([samples(1)[0]] * 2, [[0], [1]], adapter)
    layout.embeds[1, -1] += 3.0  # only the last token differs
    with torch.no_grad():
        stepwise = cached_logits(network, slot, layout, steps=2)
        whole = torch.stack([x[-3:] for x in logits_of(network, slot, layout)])
    assert distance(stepwise, whole) < 1e-5


@pytest.mark.parametrize("architecture", ["llama", "qwen3", "gemma3", "mistral", "phi3", "phi"])
def test_merged_for_one_modality_it_needs_no_modality_token(architecture):
    for modality in ("image", "text"):
        network, adapter, slot = adapted(KIND, architecture, temperature=0.5)
        before = outputs(network, adapter, slot, architecture, modality)
        other = outputs(network, adapter, slot, architecture, "text" if modality == "image" else "image")
        adapter.merge(modality)
        assert distance(outputs(network, adapter, slot, architecture, modality), before) < 1e-5
        wrong = outputs(network, adapter, slot, architecture, "text" if modality == "image" else "image")
        assert distance(wrong, other) > 1e-3


def test_merged_with_dropout_on_it_is_still_the_evaluated_network_and_modes_stay():
    network, adapter, slot = adapted(KIND, "llama", dropout=0.5)
    before = outputs(network, adapter, slot, "llama", "image")
    network.train()
    adapter.train()
    context = slot.current
    adapter.merge("image")
    assert network.training and adapter.training and slot.current is context
    network.eval()
    assert distance(outputs(network, adapter, slot, "llama", "image"), before) < 1e-5


@pytest.mark.parametrize("architecture", ["llama", "qwen3", "qwen2", "gemma2", "phi"])
def test_a_merged_network_is_saved_and_loaded_by_transformers(architecture, tmp_path):
    network, adapter, slot = adapted(KIND, architecture)
    adapter.merge("image")
    network.save_pretrained(tmp_path)
    again = type(network).from_pretrained(tmp_path, attn_implementation="eager").eval()
    assert torch.equal(outputs(again, adapter, slot, architecture), outputs(network, adapter, slot, architecture))


def test_alone_it_merges_only_next_to_its_linears():
    """What acts between an adapter and its linears must be folded first, or the order of the maps would change."""
    network, adapter, slot = adapted(KIND, "llama")
    before = copy.deepcopy(network.state_dict())
    for spec in ({"kind": "bottleneck", "site": "before_attention"}, {"kind": "lora"}):
        other = build_adapter(spec, {"decoder": network}, slot=slot, name="other")
        with pytest.raises(ModelError, match="merge that first"):
            adapter.merge("image")
        other.detach()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    adapter.detach()
    with pytest.raises(ModelError, match="detached"):
        adapter.merge("image")


def test_many_adapters_merge_together_in_the_right_order():
    network, first, slot = adapted(KIND, "llama", temperature=0.5)
    affine = {"kind": "bottleneck", "activation": "none"}
    specs: list[dict[str, Any]] = [
        {**affine, "site": "before_attention"},
        {"kind": "lora", "linears": "all"},
        {**affine, "site": "after_mlp"},
        {"kind": "lora", "rank": 2},
        {**affine, "site": ["after_mlp", "before_mlp"]},
    ]
    others = [build_adapter(s, {"decoder": network}, slot=slot, name=str(i)).eval() for i, s in enumerate(specs)]
    for other in others:
        shake(other)
    wanted = outputs(network, first, slot, "llama", "image")
    merge_all([first, *others], "image")
    assert distance(outputs(network, first, slot, "llama", "image"), wanted) < 1e-5


def test_one_that_cannot_be_merged_stops_all_before_anything_is_folded():
    network, first, slot = adapted(KIND, "llama")
    curved = build_adapter("bottleneck", {"decoder": network}, slot=slot, name="curved").eval()
    shake(curved)
    before = outputs(network, first, slot, "llama", "image")
    with pytest.raises(ModelError, match="curved"):
        merge_all([first, curved], "image")
    assert torch.equal(outputs(network, first, slot, "llama", "image"), before)


def test_the_encoders_router_reads_each_pictures_own_class_token():
    network, adapter, _ = adapted(KIND, "clip", router="cls", temperature=0.2)
    pictures = pixels(8)
    with torch.no_grad():
        together = network(pictures).last_hidden_state
        assert distance(network(pictures[3:4]).last_hidden_state[0], together[3]) < 1e-5
        swapped = pictures.clone()
        swapped[0] = 5.0
        assert distance(network(swapped).last_hidden_state[3], together[3]) < 1e-5
        x = torch.randn(3, 17, 32)
        weights = adapter.path_weights(0, x)
        wanted = torch.softmax(x[:, 0] @ adapter.layers["0"].router.weight.T / 0.2, -1)
    assert torch.allclose(weights[:, 0], wanted, atol=1e-6) and weights.std() > 0.01
    with pytest.raises(ModelError, match="each picture"):
        adapter.merge()


def test_one_path_of_three_halves_the_rank_has_about_the_weights_of_two_routed_ones():
    def count(**options: Any) -> int:
        adapter = build_adapter({"kind": KIND, **options}, {"decoder": tiny("llama")})
        return sum(p.numel() for n, p in adapter.named_parameters() if not n.startswith("modality"))

    routed, single = count(rank=8), count(rank=12, router="one_path")
    assert abs(routed - single) / routed < 0.06


@pytest.mark.parametrize(
    ("architecture", "wrong", "message"),
    [
        ("llama", {"router": "cls"}, "not for the decoder"),
        ("clip", {"router": "modality"}, "not for the vision"),
        ("siglip", {"router": "cls"}, "class token"),
        ("llama", {"rank": 7}, "must divide"),
        ("llama", {"groups": 3, "rank": 9}, "must divide"),
        ("llama", {"temperature": 0}, "temperature"),
    ],
)
def test_settings_that_do_not_fit(architecture, wrong, message):
    with pytest.raises(ConfigError, match=message):
        adapted(KIND, architecture, **wrong)


def test_without_roles_or_without_the_token_it_says_so():
    network, adapter, slot = adapted(KIND, "llama")
    embeds = torch.randn(1, 4, 32)
    with pytest.raises(ModelError, match="no token roles"):
        network(inputs_embeds=embeds)
    slot.current = AdapterContext(torch.ones(1, 4, dtype=torch.long))
    with pytest.raises(ModelError, match="no modality token"):
        network(inputs_embeds=embeds)
    slot.current = AdapterContext(torch.full((1, 6), 5))
    with pytest.raises(ModelError, match="removes tokens"):
        network(inputs_embeds=embeds)
    with pytest.raises(ConfigError, match="image' or 'text"):
        adapter.merge()
    with pytest.raises(ConfigError, match="not sound"):
        adapter.merge("sound")


def test_padding_never_makes_nan():
    network, adapter, slot = adapted(KIND, "llama")
    layout = lay_out(samples(3), [[0], [1], [2]], adapter, side="left")
    layout.mask[layout.mask < 0] = HIDDEN
    assert all(torch.isfinite(x).all() for x in logits_of(network, slot, layout))
