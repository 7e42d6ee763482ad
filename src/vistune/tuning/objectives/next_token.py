"""Next-token prediction on what is to be learned: the mean cross-entropy over supervised tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from vistune.data.batch import IGNORE, Batch
from vistune.tuning.objectives.base import OBJECTIVES, Loss, Objective


def targets(batch: Batch) -> Tensor:
    """What each position must predict: the next token's label, ``IGNORE`` at sample ends. -> long ``[B, L]``.

    Nothing crosses from one packed sample to the next.
    """
    if batch.labels is None:
        raise ValueError("The batch has no labels.")
    following = torch.full_like(batch.labels, IGNORE)
    same = batch.sample[:, 1:] == batch.sample[:, :-1]
    following[:, :-1] = torch.where(same, batch.labels[:, 1:], IGNORE)
    return following


@OBJECTIVES.register("next_token")
class NextToken(Objective):
    """Cross-entropy of the answer tokens.

    ``smoothing`` moves that share of the target's probability to all words. ``z_loss`` weighs the squared
    log-normaliser, which keeps logits from drifting (PaLM, section 5).
    """

    def __init__(self, smoothing: float = 0.0, z_loss: float = 0.0) -> None:
        self.smoothing = smoothing
        self.z_loss = z_loss

    def count(self, batch: Batch) -> Tensor:
        """Supervised tokens."""
        return (targets(batch) != IGNORE).sum()

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """Mean over supervised tokens; 0 where there is none.

        The head runs only on columns in which some row learns a token: pictures and shared prompts cost no logits.
        """
        wanted = targets(batch)
        learned = wanted != IGNORE
        columns = learned.any(dim=0).nonzero().squeeze(1)
        tensors = batch.tensors()
        tensors.pop("labels", None)  # the loss is ours; the model need not compute one of its own
        logits = model(**tensors, logits_to_keep=columns).logits  # [B, columns, vocabulary]
        learned, wanted = learned[:, columns], wanted[:, columns]
        chosen = logits[learned].float()  # [supervised tokens, vocabulary]
        count = learned.sum().clamp(min=1)
        entropy = functional.cross_entropy(chosen, wanted[learned], reduction="sum", label_smoothing=self.smoothing)
        value = entropy / count
        if not self.z_loss:
            return Loss(value)
        drift = self.z_loss * chosen.logsumexp(-1).square().sum() / count
        return Loss(value + drift, {"z_loss": drift.detach()})
