"""What happens at the decoder's head: which tokens it reads, and the next-token loss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from vistune.core.errors import ModelError
from vistune.data.batch import IGNORE


@contextmanager
def head_reads(head: Any, chosen: Tensor | None) -> Iterator[None]:
    """Inside the block the head computes logits for the tokens ``chosen [B, L]`` bool only, as one row ``[1, K, V]``.

    Most tokens of a training batch are prompts and pictures; a vocabulary of 100,000 logits for each is wasted on them.
    """
    if chosen is None:
        yield
        return
    if not isinstance(head, nn.Module):
        raise ModelError("This decoder has no head module, so logits_to_keep must be a number.")
    handle = head.register_forward_pre_hook(partial(_only, chosen))
    try:
        yield
    finally:
        handle.remove()


def _only(chosen: Tensor, _: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
    return (args[0][chosen].unsqueeze(0), *args[1:])


def token_loss(logits: Tensor, labels: Tensor, sample: Tensor, items: Tensor | int | None = None) -> Tensor:
    """Next-token cross-entropy in fp32: the mean over supervised tokens, or their sum over ``items``.

    ``logits [B, L, V]``, ``labels [B, L]`` unshifted; nothing crosses ``sample [B, L]``. 0 where nothing is supervised.
    """
    if logits.dim() != 3 or logits.shape[1] != labels.shape[1]:
        raise ModelError("The loss needs the logits of all tokens: leave logits_to_keep at 0 when labels are given.")
    wanted = torch.where(sample[:, 1:] == sample[:, :-1], labels[:, 1:], IGNORE)
    learned = wanted != IGNORE
    total = nn.functional.cross_entropy(logits[:, :-1][learned].float(), wanted[learned], reduction="sum")
    return total / (learned.sum().clamp(min=1) if items is None else items)
