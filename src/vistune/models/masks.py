"""From "who may look at whom" to what a decoder of ``transformers`` takes: per kind of layer and attention function."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vistune.core.errors import ModelError

#: Attention functions that take boolean masks; ``eager`` adds the mask to the scores, so it needs numbers.
_BOOLEAN = ("sdpa", "flex_attention")


def layer_kinds(config: Any) -> set[str]:
    """Kinds of attention layers in a decoder, ``full_attention`` and ``sliding_attention``. Raises ``ModelError``."""
    kinds: set[str] = set(getattr(config, "layer_types", None) or ())
    if not kinds:
        kinds = {"full_attention" if getattr(config, "sliding_window", None) is None else "sliding_attention"}
    strange = kinds - {"full_attention", "sliding_attention"}
    if strange:
        raise ModelError(f"The decoder '{config.model_type}' has layers of the kind {', '.join(sorted(strange))}.")
    return kinds


def decoder_mask(config: Any, allowed: Tensor, dtype: torch.dtype) -> Tensor | dict[str, Tensor]:
    """Boolean ``allowed [B, 1, n, L]`` (the queries are the last n tokens) -> the decoder's ``attention_mask``.

    Ready-made masks switch off what ``transformers`` does itself, so sliding windows are put in here: by kind of layer
    where there are several. Numbers of ``dtype`` for eager attention. Raises ``ModelError`` for FlashAttention, which
    takes no such masks.
    """
    kinds = layer_kinds(config)
    made = {}
    for kind in kinds:
        mask = allowed & _window(config.sliding_window, allowed) if kind == "sliding_attention" else allowed
        made[kind] = _in_form(mask, config._attn_implementation, dtype)
    return made if len(made) > 1 else made[next(iter(kinds))]


def _window(size: int, allowed: Tensor) -> Tensor:
    """bool ``[n, L]``: the key is one of the ``size`` tokens up to the query, or after it."""
    queries, length = allowed.shape[-2:]
    place = torch.arange(length, device=allowed.device)
    return place[None, :] > place[length - queries :, None] - size


def _in_form(mask: Tensor, implementation: str | None, dtype: torch.dtype) -> Tensor:
    if implementation in _BOOLEAN:
        return mask
    if implementation is not None and "flash" in implementation:
        raise ModelError(
            f"'{implementation}' cannot express this attention mask (padding on the left, packing, or an attention "
            "scheme other than causal). Load the model with attn_implementation='sdpa'."
        )
    return torch.zeros_like(mask, dtype=dtype).masked_fill_(~mask, torch.finfo(dtype).min)
