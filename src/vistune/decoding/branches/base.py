"""The face of a decoding method, and the plausibility cut that several share."""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from vistune.core.registry import Registry
from vistune.data.example import Example


class DecodingMethod(ABC):
    """A prompt's variants, and how their logits become one.

    ``branches`` gives K variants of an example, K the same for all; the loop runs them as rows of one batch and feeds the
    chosen token to all. ``combine`` sees the next-token logits ``[K, B, vocabulary]`` fp32 and gives ``[B, vocabulary]``
    (B counts the unfinished examples, and their beams). Where the first variant is the example itself, the method can run
    together with others (see ``together``). A method keeps nothing from one step to the next.
    """

    kind: ClassVar[str]
    exempt: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def branches(self, example: Example, rng: random.Random) -> list[Example]:
        """K variants of ``example``; ``rng`` is the example's own, the same whatever the batch."""

    @abstractmethod
    def combine(self, logits: Tensor, step: int) -> Tensor:
        """``[K, B, vocabulary]`` at new token number ``step`` (from 0) -> ``[B, vocabulary]``."""

    @classmethod
    @abstractmethod
    def neutral(cls) -> DecodingMethod:
        """The method at a setting where decoding must equal plain decoding, in every mode."""


DECODERS: Registry[DecodingMethod] = Registry(
    "decoder",
    base=DecodingMethod,
    modules=("vistune.decoding.branches.ritual", "vistune.decoding.branches.vcd"),
)


def plausible(logits: Tensor, reference: Tensor, beta: float) -> Tensor:
    """Keep tokens whose probability under ``reference`` is at least ``beta`` times its best one's; others -inf.

    Adaptive plausibility (Li et al. 2023, contrastive decoding, eq. 2). ``beta`` 0 keeps all.
    """
    if beta <= 0:
        return logits
    floor = reference.amax(-1, keepdim=True) + math.log(beta)
    return logits.masked_fill(reference < floor, -torch.inf)
