"""Tiny random networks of every architecture that has a layout, made in milliseconds from a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import transformers as t
from torch import nn

_TEXT: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "attn_implementation": "eager",
}
_HEAD: dict[str, Any] = {"head_dim": 8}
_GEMMA: dict[str, Any] = {**_TEXT, **_HEAD, "query_pre_attn_scalar": 8, "sliding_window": 64}
_VISION: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 16,
    "patch_size": 4,
    "attn_implementation": "eager",
}

DECODERS: dict[str, Callable[[], nn.Module]] = {
    "llama": lambda: t.LlamaForCausalLM(t.LlamaConfig(**_TEXT)),
    "qwen2": lambda: t.Qwen2ForCausalLM(t.Qwen2Config(**_TEXT)),
    "qwen3": lambda: t.Qwen3ForCausalLM(t.Qwen3Config(**_TEXT, **_HEAD)),
    "mistral": lambda: t.MistralForCausalLM(t.MistralConfig(**_TEXT, **_HEAD)),
    "gemma": lambda: t.GemmaForCausalLM(t.GemmaConfig(**_TEXT, **_HEAD)),
    "gemma2": lambda: t.Gemma2ForCausalLM(t.Gemma2Config(**_GEMMA)),
    "gemma3": lambda: t.Gemma3ForCausalLM(t.Gemma3TextConfig(**_GEMMA)),
    "phi3": lambda: t.Phi3ForCausalLM(t.Phi3Config(**_TEXT)),
    "phi": lambda: t.PhiForCausalLM(t.PhiConfig(**_TEXT)),
}
ENCODERS: dict[str, Callable[[], nn.Module]] = {
    "clip": lambda: t.CLIPVisionModel(t.CLIPVisionConfig(**_VISION)),
    "siglip": lambda: t.SiglipVisionModel(t.SiglipVisionConfig(**_VISION)),
    "dinov2": lambda: t.Dinov2Model(t.Dinov2Config(**_VISION)),
    "dinov2-giant": lambda: t.Dinov2Model(t.Dinov2Config(**_VISION, use_swiglu_ffn=True)),
}


def tiny(architecture: str, seed: int = 0, attention: str | None = None) -> Any:
    """A tiny network in evaluation mode; weights large enough that every part matters."""
    torch.manual_seed(seed)
    network = {**DECODERS, **ENCODERS}[architecture]().eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            spread = 0.3 if parameter.dim() > 1 and "norm" not in name else 0.1
            parameter.add_(torch.randn_like(parameter) * spread)
    if attention is not None:
        network.set_attn_implementation(attention)  # type: ignore[operator]
    return network


def pixels(rows: int, seed: int = 1) -> torch.Tensor:
    """Random pictures ``[rows, 3, 16, 16]``."""
    made = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randn(3, 16, 16, generator=made) for _ in range(rows)])
