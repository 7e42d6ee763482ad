"""What an adapter may know about the tokens that pass through it.

A layer sees hidden states only. An adapter that routes on roles (LaVIN's) needs to know which token belongs to which
sample and where that sample's modality token stands. The model writes this into its ``ContextSlot`` before each
forward; adapters hold the same slot and read it. The model does NOT clear the slot after a forward: gradient
checkpointing runs layers again during the backward pass, and they must see the same context.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from vistune.data.batch import Role


@dataclass(slots=True)
class Anchors:
    """Where each sample's modality token stands: ``first [B, S]`` long, -1 where it is not among the present tokens.

    ``sample [B, L]`` long, 0 at padding (which may use any sample's route); ``complete``: no token lacks its anchor;
    ``empty``: there is no modality token at all (a decoding step).
    """

    first: Tensor
    sample: Tensor
    complete: bool
    empty: bool


@dataclass(slots=True)
class AdapterContext:
    """The tokens of the present forward; B rows, L tokens of THIS call (the whole prompt, or one token while decoding).

    - ``roles`` long ``[B, L]``: a ``Role``; None = no roles known (a plain language model).
    - ``sample`` long ``[B, L]``: index of the sample within its row, -1 = padding; None = one sample a row, no padding.
    - ``image`` long ``[B, L]``: index of the picture a token comes from, -1 elsewhere; None = unknown.
    - ``extras``: what adapters keep between the calls of one generation (tensors whose first dimension is the row). The
      model keeps the same dict from prefill to the last step, and passes None where nothing is decoded (training).
    """

    roles: Tensor | None = None
    sample: Tensor | None = None
    image: Tensor | None = None
    extras: dict[Any, Tensor] | None = None
    _anchors: Anchors | None = field(default=None, init=False, repr=False)

    def modality_anchors(self) -> Anchors | None:
        """Places of the modality tokens, found once a forward; None without roles."""
        if self._anchors is None and self.roles is not None:
            sample = samples_or_rows(self.sample, self.roles)
            first = first_of_sample(self.roles == Role.MODALITY, sample)
            owners = sample.clamp(min=0)
            lacks = (first.gather(1, owners) < 0) & (sample >= 0)
            self._anchors = Anchors(first, owners, not bool(lacks.any()), not bool((first >= 0).any()))
        return self._anchors


@dataclass(slots=True)
class ContextSlot:
    """One box shared by a model and its adapters; ``current`` is the context of the present (or last) forward."""

    current: AdapterContext | None = None


def reorder_extras(extras: dict[Any, Tensor], rows: Tensor) -> None:
    """Keep rows ``rows [R']`` (long, may repeat) of every kept tensor, in place, as beam search asks."""
    for key, value in extras.items():
        extras[key] = value.index_select(0, rows.to(value.device))


def samples_or_rows(sample: Tensor | None, like: Tensor) -> Tensor:
    """``sample [B, L]`` long; where there is none, every token of a row of ``like [B, L]`` belongs to sample 0."""
    return sample if sample is not None else torch.zeros_like(like, dtype=torch.long)


def first_of_sample(wanted: Tensor, sample: Tensor) -> Tensor:
    """Position of the first ``wanted`` token of each sample of each row. -> long ``[B, S]``, -1 where there is none.

    ``wanted [B, L]`` bool, ``sample [B, L]`` long (-1 = padding, which is nobody's); S = samples in the fullest row.
    Never looks across samples or rows, so it is right under packing and under left or right padding.
    """
    rows, length = sample.shape
    count = int(sample.max().item()) + 1 if sample.numel() else 0
    place = torch.arange(length, device=sample.device).expand(rows, length)
    place = place.masked_fill(~wanted | (sample < 0), length)
    first = torch.full((rows, max(count, 1)), length, dtype=torch.long, device=sample.device)
    first = first.scatter_reduce(1, sample.clamp(min=0), place, "amin")
    return first.masked_fill(first == length, -1)


def has_image(roles: Tensor, sample: Tensor | None = None) -> Tensor:
    """Does each token's sample hold a picture? ``roles``, ``sample`` ``[B, L]`` -> bool ``[B, L]``; padding False."""
    sample = samples_or_rows(sample, roles)
    first = first_of_sample(roles == Role.IMAGE, sample)
    return (first.gather(1, sample.clamp(min=0)) >= 0) & (sample >= 0)
