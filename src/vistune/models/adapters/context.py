"""What an adapter may know about the tokens that pass through it.

A layer sees hidden states only. An adapter that routes on roles (LaVIN's) needs to know which token belongs to which sample
and where that sample's modality token stands. The model writes this into its ``ContextSlot`` before each forward; adapters
hold the same slot and read it. The model does NOT clear the slot after a forward: gradient checkpointing runs layers
again during the backward pass, and they must see the same context.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from vistune.data.batch import Role


@dataclass(slots=True)
class AdapterContext:
    """The tokens of the present forward; B rows, L tokens of THIS call (the whole prompt, or one token while decoding).

    - ``roles`` long ``[B, L]``: a ``Role``; None = no roles known (a plain language model).
    - ``sample`` long ``[B, L]``: index of the sample within its row, -1 for padding; None = one sample a row, no padding.
    - ``image`` long ``[B, L]``: index of the picture a token comes from, -1 elsewhere; None = unknown.
    - ``extras``: what adapters keep between the calls of one generation (tensors whose first dimension is the row). The
      model keeps the same dict from prefill to the last step, and passes None where nothing is decoded (training).
    """

    roles: Tensor | None = None
    sample: Tensor | None = None
    image: Tensor | None = None
    extras: dict[Any, Tensor] | None = None


@dataclass(slots=True)
class ContextSlot:
    """One box shared by a model and its adapters; ``current`` is the context of the present (or last) forward."""

    current: AdapterContext | None = field(default=None)


def reorder_extras(extras: dict[Any, Tensor], rows: Tensor) -> None:
    """Keep rows ``rows [R']`` (long, may repeat) of every kept tensor, in place: what beam search asks of a KV cache."""
    for key, value in extras.items():
        extras[key] = value.index_select(0, rows.to(value.device))


def samples_or_rows(context: AdapterContext, like: Tensor) -> Tensor:
    """``sample [B, L]`` long; where the context has none, every token of a row belongs to sample 0. ``like [B, L, ...]``."""
    if context.sample is not None:
        return context.sample
    return torch.zeros(like.shape[:2], dtype=torch.long, device=like.device)


def find_in_sample(wanted: Tensor, sample: Tensor) -> Tensor:
    """Position of the first ``wanted`` token of each token's own sample. -> long ``[B, L]``, -1 where there is none.

    ``wanted [B, L]`` bool, ``sample [B, L]`` long (-1 = padding, which finds nothing). Never looks across samples or rows,
    so it is right under packing and under left or right padding.
    """
    length = sample.shape[1]
    owners = sample.masked_fill(~wanted, -2)  # -2 matches nobody, padding (-1) included
    same = (sample.unsqueeze(2) == owners.unsqueeze(1)) & (sample >= 0).unsqueeze(2)  # [B, L, L]
    place = torch.arange(length, device=sample.device).expand_as(same)
    first = place.masked_fill(~same, length).amin(dim=2) if length else sample.clone()
    return first.masked_fill(first == length, -1)


def has_image(roles: Tensor, sample: Tensor) -> Tensor:
    """Does each token's own sample hold a picture? ``roles``, ``sample`` ``[B, L]`` -> bool ``[B, L]``, False at padding."""
    return find_in_sample(roles == Role.IMAGE, sample) >= 0
