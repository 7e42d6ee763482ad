"""Attention schemes: who may look at whom. Boolean masks, True = may attend.

A scheme writes only its own rule. The base class adds what always holds: nothing crosses samples, padding is never
seen, a padded row sees itself (so that no softmax is empty), and a modality token sees itself alone and is seen by
nobody (LaVIN).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from vistune.core.registry import Registry
from vistune.data.batch import Role
from vistune.models.sequence.positions import ring
from vistune.models.sequence.sequence import Sequence


class AttentionScheme(ABC):
    """Whom tokens see."""

    kind: ClassVar[str]
    #: Properties that a kind cannot have, each with the reason in one line.
    exempt: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def rule(self, sequence: Sequence, queries: slice) -> Tensor:
        """bool ``[B, Lq, L]`` (or broadcastable): the scheme's own rule for the tokens ``queries``."""

    @property
    def causal(self) -> bool:
        """Is the rule plain causal attention?"""
        return False

    @classmethod
    def neutral(cls) -> dict[str, Any] | None:
        """Parameters at which the scheme equals ``causal``; None where there are none."""
        return None

    def allowed(self, sequence: Sequence, last: int | None = None) -> Tensor | None:
        """Mask for all tokens, or the ``last`` n queries: bool ``[B, 1, Lq, L]``.

        None where plain causal attention without a mask does the same (one sample a row, padding only on the right).
        """
        if self.causal and _maskless(sequence, last):
            return None
        length = sequence.shape[1]
        queries = slice(0 if last is None else length - last, length)
        sample, roles = sequence.sample, sequence.roles
        same = sample[:, queries, None] == sample[:, None, :]
        own = torch.arange(length, device=roles.device)
        itself = own[queries, None] == own[None, :]
        modality = roles == Role.MODALITY
        closed = modality[:, queries, None] | modality[:, None, :]
        seen = self.rule(sequence, queries) & same & sequence.real[:, None, :] & ~closed
        return (seen | itself)[:, None]


def _maskless(sequence: Sequence, last: int | None) -> bool:
    """Would plain causal attention give every real token the same?"""
    real = sequence.real
    if bool((sequence.roles == Role.MODALITY).any()) or bool((sequence.sample > 0).any()):
        return False
    if last is not None:
        return bool(real.all())
    return bool((real[:, :-1] >= real[:, 1:]).all())


def causal_rule(sequence: Sequence, queries: slice) -> Tensor:
    """bool ``[1, Lq, L]``: a token sees itself and those before it."""
    place = torch.arange(sequence.shape[1], device=sequence.roles.device)
    return (place[queries, None] >= place[None, :])[None]


def same_picture(sequence: Sequence, queries: slice) -> Tensor:
    """bool ``[B, Lq, L]``: both are visual tokens of one picture."""
    visual, image = sequence.visual, sequence.image
    return visual[:, queries, None] & visual[:, None, :] & (image[:, queries, None] == image[:, None, :])


ATTENTION: Registry[AttentionScheme] = Registry("attention scheme", base=AttentionScheme)


@ATTENTION.register("causal")
class Causal(AttentionScheme):
    """Each token sees itself and what stands before it."""

    @property
    def causal(self) -> bool:
        """Yes."""
        return True

    @classmethod
    def neutral(cls) -> dict[str, Any]:
        """It is the neutral scheme itself."""
        return {}

    def rule(self, sequence: Sequence, queries: slice) -> Tensor:
        """bool ``[1, Lq, L]``."""
        return causal_rule(sequence, queries)


@ATTENTION.register("bidirectional_visual")
class BidirectionalVisual(AttentionScheme):
    """Tokens of one picture see each other both ways; all else is causal."""

    exempt = {"neutral": "its rule has no parameter"}

    def rule(self, sequence: Sequence, queries: slice) -> Tensor:
        """bool ``[B, Lq, L]``."""
        return causal_rule(sequence, queries) | same_picture(sequence, queries)


@ATTENTION.register("concentric", paper="cca")
class ConcentricCausal(AttentionScheme):
    """CCA (Xing et al. 2024): within a picture a token sees its own ring and those farther out; all else is causal."""

    exempt = {"neutral": "its rule has no parameter"}

    def rule(self, sequence: Sequence, queries: slice) -> Tensor:
        """bool ``[B, Lq, L]``."""
        rings = ring(sequence.row, sequence.col, *sequence.visual_grids())
        outward = rings[:, None, :] <= rings[:, queries, None]
        return torch.where(same_picture(sequence, queries), outward, causal_rule(sequence, queries))


@ATTENTION.register("modality_mutual", paper="aki")
class ModalityMutual(AttentionScheme):
    """AKI (Wang et al. 2025): visual tokens also see the question that follows them, up to the first answer after it.

    The opened block holds the text between a picture and the next answer of its sample, the assistant's header
    included. Answers stay unseen, so no label leaks.
    """

    exempt = {"neutral": "its rule has no parameter"}

    def rule(self, sequence: Sequence, queries: slice) -> Tensor:
        """bool ``[B, Lq, L]``."""
        answer = sequence.answer
        # Answers begun before each token: equal counts mean that no answer starts between two tokens.
        begins = answer & ~torch.nn.functional.pad(answer[:, :-1], (1, 0))
        begun = begins.long().cumsum(1)
        together = begun[:, queries, None] == begun[:, None, :]
        question = ~sequence.visual & ~answer
        opened = sequence.visual[:, queries, None] & question[:, None, :] & together
        return causal_rule(sequence, queries) | opened
