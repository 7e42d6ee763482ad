"""Interventions act inside their block and leave no trace."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.tiny import DECODERS, ENCODERS, pixels, tiny
from vistune.core.errors import ConfigError, ModelError
from vistune.data.batch import Role
from vistune.data.example import Example, ImageSource, user
from vistune.models.adapters.context import AdapterContext, ContextSlot
from vistune.models.anatomy import anatomy_of
from vistune.models.interventions import AddToResidual, Intervention, PermuteVisualTokens, ScaleHeads, intervene
from vistune.models.loading import load_model
from vistune.models.sequence.attention import ATTENTION
from vistune.models.sequence.positions import PositionScheme, opening

ARCHITECTURES = [*DECODERS, *ENCODERS]
everywhere = pytest.mark.parametrize("architecture", ARCHITECTURES)


def run(network: nn.Module, architecture: str) -> Tensor:
    with torch.no_grad():
        if architecture in DECODERS:
            return network(torch.arange(10, 17)[None]).logits
        return network(pixels(2)).last_hidden_state


def hooks_of(network: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in network.modules())


class Times(Intervention):
    """Multiplies what passes; keeps what it was told."""

    def __init__(self, factor: float, site: str = "after_mlp") -> None:
        super().__init__(site)
        self.factor = factor
        self.calls: list[tuple[int, AdapterContext | None]] = []

    def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
        self.calls.append((layer, context))
        return x * self.factor


@everywhere
def test_inside_it_acts_and_leaving_restores_bit_for_bit(architecture):
    network = tiny(architecture)
    before = run(network, architecture)
    steering = AddToResidual(torch.ones(32), layers=[0], strength=0.5)
    with intervene(network, ScaleHeads({1: [2]}), steering, Times(2.0)):
        assert (run(network, architecture) - before).abs().max() > 1e-3
    assert torch.equal(run(network, architecture), before)
    assert hooks_of(network) == 0


@everywhere
def test_neutral_settings_change_nothing(architecture):
    network = tiny(architecture)
    before = run(network, architecture)
    neutral = (ScaleHeads({0: [0, 1, 2, 3]}, factor=1.0), AddToResidual(torch.ones(2, 32), strength=0.0), Times(1.0))
    with intervene(network, *neutral):
        assert torch.equal(run(network, architecture), before)


@everywhere
def test_a_knocked_out_head_adds_nothing(architecture):
    """Zeroing all but one head leaves that head's columns of the output projection, and its bias, alone."""
    network = tiny(architecture)
    anatomy = anatomy_of(network)
    projection = anatomy.linear(0, "o")
    seen: list[Tensor] = []
    handle = projection.register_forward_hook(lambda m, args, out: seen.append(out))
    entering: list[Tensor] = []
    keep = anatomy.hook(0, "into:o", lambda x: entering.append(x) or x)
    with intervene(network, ScaleHeads({0: [0, 1, 3]}, factor=0.0)):
        run(network, architecture)
    part = slice(16, 24)
    wanted = entering[0][..., part] @ projection.weight[:, part].T  # type: ignore[index]
    if projection.bias is not None:
        wanted = wanted + projection.bias  # type: ignore[operator]
    assert torch.allclose(seen[0], wanted, atol=1e-5)
    handle.remove()
    keep.remove()


def test_steering_adds_the_vector_to_the_stream_that_leaves_the_layer():
    network = tiny("llama")
    anatomy = anatomy_of(network)
    vector = torch.randn(2, 32)
    seen: list[Tensor] = []
    handle = anatomy.hook(1, "before_layer", lambda x: seen.append(x) or x)
    run(network, "llama")
    with intervene(network, AddToResidual(vector, layers=[0], strength=2.0)):
        run(network, "llama")
    assert torch.allclose(seen[1] - seen[0], (2.0 * vector[0]).expand_as(seen[0]), atol=1e-5)
    handle.remove()


def test_roles_come_from_the_models_context():
    network = tiny("llama")
    roles = torch.tensor([[1, 2, 2, 1, 1, 1, 1]])
    network.slot = ContextSlot(AdapterContext(roles))  # type: ignore[assignment]
    anatomy = anatomy_of(network)
    seen: list[Tensor] = []
    handle = anatomy.hook(1, "before_layer", lambda x: seen.append(x) or x)
    run(network, "llama")
    with intervene(network, AddToResidual(torch.ones(32), layers=[0], roles=[Role.IMAGE])):
        run(network, "llama")
    moved = (seen[1] - seen[0]).abs().amax(-1)[0] > 0.5
    assert moved.tolist() == [False, True, True, False, False, False, False]
    handle.remove()
    probe = Times(1.0)
    with intervene(network, probe):
        run(network, "llama")
    assert [layer for layer, _ in probe.calls] == [0, 1]
    assert all(context is network.slot.current for _, context in probe.calls)  # type: ignore[union-attr]


def test_roles_without_a_context_are_an_error():
    network = tiny("llama")
    with (
        intervene(network, AddToResidual(torch.ones(32), roles=[Role.IMAGE])),
        pytest.raises(ModelError, match="roles"),
    ):
        run(network, "llama")
    assert hooks_of(network) == 0


def test_an_error_inside_restores_too():
    network = tiny("llama")
    before = run(network, "llama")
    with pytest.raises(RuntimeError, match="broken"), intervene(network, Times(3.0)):
        raise RuntimeError("broken")
    assert torch.equal(run(network, "llama"), before) and hooks_of(network) == 0


def test_a_wrong_setting_hooks_nothing():
    network = tiny("llama")
    for wrong in (
        ScaleHeads({0: [4]}),
        AddToResidual(torch.ones(31)),
        Times(1.0, site="elsewhere"),
        ScaleHeads({9: [0]}),
    ):
        with pytest.raises(ConfigError), intervene(network, Times(2.0), wrong):
            pass
        assert hooks_of(network) == 0


def test_parts_of_a_model_are_found_by_name_and_order_is_kept():
    both = nn.ModuleDict({"vision": tiny("clip"), "decoder": tiny("llama")})
    both.vision = both["vision"]
    both.decoder = both["decoder"]
    vision, words = run(both["vision"], "clip"), run(both["decoder"], "llama")
    with intervene(both, ScaleHeads({0: [1]}, part="vision")):
        assert (run(both["vision"], "clip") - vision).abs().max() > 1e-3
        assert torch.equal(run(both["decoder"], "llama"), words)

    class Plus(Times):
        def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
            return x + self.factor

    seen: list[Tensor] = []
    network = both["decoder"]
    keep = anatomy_of(network).hook(1, "after_mlp", lambda x: seen.append(x) or x)
    with intervene(network, Times(0.0), Plus(3.0)):
        handle = anatomy_of(network).hook(1, "after_mlp", lambda x: seen.append(x) or x)
        run(network, "llama")
        handle.remove()
    assert torch.equal(seen[1], torch.full_like(seen[1], 3.0))
    keep.remove()


def test_nested_blocks_undo_only_themselves():
    network = tiny("llama")
    with intervene(network, Times(2.0)):
        outer = run(network, "llama")
        with intervene(network, Times(3.0)):
            assert not torch.equal(run(network, "llama"), outer)
        assert torch.equal(run(network, "llama"), outer)


class OnePlace(PositionScheme):
    """All tokens of a picture at one position."""

    kind = "one_place"

    def positions(self, seq, training=False):
        steps = (~seq.visual).long() + opening(seq).long()
        return (steps.cumsum(1) - 1) * seq.real


def next_logits(model, examples) -> Tensor:
    return model.prefill(model.prepare(examples))[0]


@pytest.fixture(scope="module")
def asked():
    rng = np.random.default_rng(0)
    pictures = [ImageSource(array=rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)) for _ in range(3)]
    return [
        Example("a", [user("what is there?", images=(0,))], pictures[:1]),
        Example("b", [user("is there a dog in both?", images=(0, 1))], pictures[1:]),
    ]


def test_where_order_says_nothing_a_permutation_changes_nothing(asked):
    """No position, and attention both ways within a picture: the decoder sees a bag of visual tokens (exactly)."""
    model = load_model("nano-vlm")
    plain = next_logits(model, asked[:1])
    with intervene(model, PermuteVisualTokens(seed=1)):
        assert (next_logits(model, asked[:1]) - plain).abs().max() > 1e-3, (
            "causal attention and positions tell the order"
        )
    model.attention, model.positions = ATTENTION.build("bidirectional_visual"), OnePlace()
    bag = next_logits(model, asked[:1])
    for seed in range(3):
        with intervene(model, PermuteVisualTokens(seed=seed)):
            assert torch.allclose(next_logits(model, asked[:1]), bag, atol=2e-4)


def test_permutation_of_no_share_is_none_and_a_batch_changes_nothing(asked):
    model = load_model("nano-vlm")
    plain = next_logits(model, asked)
    with intervene(model, PermuteVisualTokens(share=0.0)):
        assert torch.equal(next_logits(model, asked), plain)
    with intervene(model, PermuteVisualTokens(seed=3)):
        together = next_logits(model, asked)
        alone = torch.cat([next_logits(model, [example]) for example in asked])
    assert torch.allclose(together, alone, atol=2e-4)
    half = PermuteVisualTokens(seed=0, share=0.5).order(64)
    assert sorted(half) == list(range(64)) and 0 < (half != np.arange(64)).sum() <= 32
    with pytest.raises(ConfigError, match="0 to 1"):
        PermuteVisualTokens(share=2.0)
