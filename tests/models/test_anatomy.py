"""Sites are where they are said to be, on every architecture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import transformers
from torch import Tensor, nn

from models.tiny import DECODERS, ENCODERS, pixels, tiny
from vistune.core.errors import ConfigError, ModelError
from vistune.models.anatomy import PLAIN_SITES, Layout, anatomy_of, register_layout

ARCHITECTURES = [*DECODERS, *ENCODERS]
everywhere = pytest.mark.parametrize("architecture", ARCHITECTURES)


def run(network: nn.Module, architecture: str) -> Tensor:
    with torch.no_grad():
        if architecture in DECODERS:
            return network(torch.arange(10, 17)[None]).logits
        return network(pixels(2)).last_hidden_state


class Recorder:
    """An edit that changes nothing and keeps what passed."""

    def __init__(self) -> None:
        self.seen: list[Tensor] = []

    def __call__(self, x: Tensor) -> Tensor:
        self.seen.append(x.clone())
        return x


@everywhere
def test_sizes_are_read_from_the_network(architecture):
    anatomy = anatomy_of(tiny(architecture))
    assert (anatomy.depth, anatomy.width, anatomy.heads, anatomy.head_dim) == (2, 32, 4, 8)
    assert {"q", "k", "v", "o", "up", "down"} <= set(anatomy.linear_names)


@everywhere
def test_what_enters_attention_and_mlp_is_the_normed_stream_and_what_leaves_is_added(architecture):
    """before_x = norm(stream); stream + after_attention + after_mlp = the layer's output, in a row or in parallel."""
    network = tiny(architecture)
    check_stream(network, lambda: run(network, architecture))


@torch.no_grad()
def check_stream(network: nn.Module, forward: Callable[[], Any]) -> None:
    """Records all plain sites of the last layer in one forward and compares them with one another."""
    anatomy = anatomy_of(network)
    recorders = {site: Recorder() for site in PLAIN_SITES}
    handles = [anatomy.hook(1, site, recorder) for site, recorder in recorders.items()]
    forward()
    at = {site: recorder.seen[0] for site, recorder in recorders.items()}
    assert all(len(r.seen) == 1 for r in recorders.values())
    norms = {site: anatomy.layers[1].get_submodule(path) for site, path in anatomy.layout.norms.items()}
    middle = at["before_layer"] if anatomy.layout.parallel else at["before_layer"] + at["after_attention"]
    assert torch.allclose(norms["before_attention"](at["before_layer"]), at["before_attention"], atol=1e-5)
    assert torch.allclose(norms["before_mlp"](middle), at["before_mlp"], atol=1e-5)
    total = at["before_layer"] + at["after_attention"] + at["after_mlp"]
    assert torch.allclose(total, at["after_layer"], atol=1e-5)
    for handle in handles:
        handle.remove()


@everywhere
def test_every_site_can_be_edited_and_is_itself_again_afterwards(architecture):
    network = tiny(architecture)
    anatomy = anatomy_of(network)
    before = run(network, architecture)
    linears = [f"linear:{name}" for name in anatomy.linear_names]
    inputs = [f"into:{name}" for name in anatomy.layout.linears]
    for site in (*PLAIN_SITES, *linears, *inputs):
        handle = anatomy.hook(0, site, lambda x: x * 1.5 + 0.1)
        assert (run(network, architecture) - before).abs().max() > 1e-4, site
        handle.remove()
        assert torch.equal(run(network, architecture), before), site


@everywhere
def test_a_linears_site_is_that_linears_output(architecture):
    """Also where it is fused with others: the parts side by side are the whole."""
    network = tiny(architecture)
    anatomy = anatomy_of(network)
    for whole, path in anatomy.layout.linears.items():
        parts = anatomy.layout.fused.get(whole, (whole,))
        seen = {part: Recorder() for part in parts}
        full, entering = Recorder(), Recorder()
        handles = [anatomy.hook(1, f"linear:{part}", recorder) for part, recorder in seen.items()]
        handles += [anatomy.hook(1, f"linear:{whole}", full), anatomy.hook(1, f"into:{whole}", entering)]
        run(network, architecture)
        linear = anatomy.layers[1].get_submodule(path)
        with torch.no_grad():
            assert torch.allclose(linear(entering.seen[0]), full.seen[0], atol=1e-6)
        assert torch.equal(torch.cat([seen[part].seen[0] for part in parts], -1), full.seen[0])
        for handle in handles:
            handle.remove()


def test_fused_parts_are_cut_where_the_architecture_cuts_them():
    """Zeroing linear:v of a Phi-3 layer silences its attention; zeroing linear:up its MLP."""
    network = tiny("phi3")
    anatomy = anatomy_of(network)
    for name, site in (("v", "after_attention"), ("up", "after_mlp")):
        recorder = Recorder()
        handles = [anatomy.hook(0, f"linear:{name}", torch.zeros_like), anatomy.hook(0, site, recorder)]
        run(network, "phi3")
        assert not recorder.seen[0].any()
        for handle in handles:
            handle.remove()


def test_layers_are_chosen_by_index_from_either_end():
    anatomy = anatomy_of(tiny("llama"))
    assert anatomy.select("all") == [0, 1] and anatomy.select(-1) == [1] and anatomy.select([1, 0, -1]) == [0, 1]
    for wrong in ("every", [2], -3, [True], ["0"]):
        with pytest.raises(ConfigError, match="layers"):
            anatomy.select(wrong)  # type: ignore[arg-type]


def test_unknown_sites_and_linears_name_the_nearest():
    anatomy = anatomy_of(tiny("llama"))
    with pytest.raises(ConfigError, match="Did you mean 'before_attention'"):
        anatomy.hook(0, "before_atention", torch.relu)
    with pytest.raises(ConfigError, match="no site 'linear:qkv'"):
        anatomy.check_site("linear:qkv")
    with pytest.raises(ConfigError, match="ask for 'qkv'"):
        anatomy_of(tiny("phi3")).linear(0, "q")


_SMALL = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
_TEXT = {**_SMALL, "num_key_value_heads": 2, "vocab_size": 64, "pad_token_id": 0}


def cousins() -> dict[str, tuple[nn.Module, dict[str, Tensor]]]:
    """Networks that are parts of whole VLMs, or near kin of the ones above, with an input each."""
    torch.manual_seed(0)
    t, words, states = transformers, torch.randn(1, 5, 32), torch.randn(2, 5, 32)
    as_is = {"inputs_embeds": states, "attention_mask": None}
    multi = {"rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]}}
    from transformers.models.idefics3.modeling_idefics3 import Idefics3Encoder
    from transformers.models.siglip2.modeling_siglip2 import Siglip2Encoder
    from transformers.models.smolvlm.modeling_smolvlm import SmolVLMEncoder

    small: dict[str, Any] = {**_SMALL, "attn_implementation": "eager"}
    image = {"image_size": 16, "patch_size": 4}
    return {
        "smollm3": (t.SmolLM3Model(t.SmolLM3Config(**_TEXT)), {"inputs_embeds": words}),
        "qwen2-vl": (t.Qwen2VLTextModel(t.Qwen2VLTextConfig(**_TEXT, **multi)), {"inputs_embeds": words}),
        "qwen2.5-vl": (t.Qwen2_5_VLTextModel(t.Qwen2_5_VLTextConfig(**_TEXT, **multi)), {"inputs_embeds": words}),
        "vit": (t.ViTModel(t.ViTConfig(**_SMALL, **image)), {"pixel_values": pixels(2)}),
        "dinov2-registers": (
            t.Dinov2WithRegistersModel(t.Dinov2WithRegistersConfig(**_SMALL, **image)),
            {"pixel_values": pixels(2)},
        ),
        "siglip2": (Siglip2Encoder(t.Siglip2VisionConfig(**small)), as_is),
        "idefics3": (Idefics3Encoder(t.Idefics3VisionConfig(**small)), as_is),
        "smolvlm": (SmolVLMEncoder(t.SmolVLMVisionConfig(**small)), as_is),
    }


@pytest.mark.parametrize("name", list(cousins()))
def test_the_sites_of_their_cousins_too(name):
    network, inputs = cousins()[name]
    check_stream(network.eval(), lambda: network(**inputs))


def test_a_whole_vlm_is_read_by_part():
    vision = transformers.SiglipVisionConfig(**_SMALL, image_size=16, patch_size=4)
    whole = transformers.LlavaForConditionalGeneration(
        transformers.LlavaConfig(vision_config=vision, text_config=transformers.LlamaConfig(**_TEXT))
    )
    assert anatomy_of(whole, "vision").layout.layer == "SiglipEncoderLayer"
    assert anatomy_of(whole, "decoder").layout.layer == "LlamaDecoderLayer"
    with pytest.raises(ModelError, match="several stacks"):
        anatomy_of(whole)


class OddBlock(nn.Module):
    """An architecture of nobody's, layers only."""

    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(4, 1)
        self.think = nn.Linear(4, 4)


def test_an_unknown_architecture_says_what_is_known_and_can_be_registered():
    network = nn.ModuleDict({"blocks": nn.ModuleList([OddBlock()])})
    with pytest.raises(ModelError, match=r"LlamaDecoderLayer.*register_layout"):
        anatomy_of(network)
    register_layout(Layout("OddBlock", "attend", "think", {"up": "thought"}, {}))
    with pytest.raises(ModelError, match="has no thought"):
        anatomy_of(network)
    register_layout(Layout("OddBlock", "attend", "think", {"up": "think"}, {}))
    assert anatomy_of(network).linear(0, "up") is network["blocks"][0].think  # type: ignore[index]


def test_a_model_of_two_towers_asks_for_one():
    config = transformers.CLIPConfig(
        text_config={"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4},
        vision_config={"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4},
    )
    with pytest.raises(ModelError, match="several stacks"):
        anatomy_of(transformers.CLIPModel(config))
