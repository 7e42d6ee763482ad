"""Several methods at once."""

from __future__ import annotations

import random
from collections.abc import Sequence as Items

import torch
from torch import Tensor

from vistune.core.errors import ConfigError
from vistune.data.example import Example
from vistune.decoding.branches.base import DecodingMethod


class Together(DecodingMethod):
    """Methods whose first branch is the plain prompt, side by side: they share it, and their changes add up.

    With plain logits l and each method's own result c_m: l' = l + sum of (c_m - l), so RITUAL with VCD is
    l + 3 l_transformed + (l - l_noised), as RITUAL's authors combine them. A token that one method rules out stays out.
    Branches do not multiply: K = 1 + sum of (K_m - 1). Raises ``ConfigError`` for a method that changes the first branch.
    """

    def __init__(self, methods: Items[DecodingMethod]) -> None:
        self.methods = list(methods)
        self._counts: list[int] = []

    def branches(self, example: Example, rng: random.Random) -> list[Example]:
        """The plain prompt, then every method's other variants."""
        seeds = [rng.getrandbits(64) for _ in self.methods]
        variants = [m.branches(example, random.Random(seed)) for m, seed in zip(self.methods, seeds)]
        for method, own in zip(self.methods, variants):
            if own[0] is not example:
                name = type(method).__name__
                raise ConfigError(
                    f"{name} changes the plain prompt itself, so it cannot run together with other methods. Use it alone."
                )
        self._counts = [len(own) - 1 for own in variants]
        return [example, *(variant for own in variants for variant in own[1:])]

    def combine(self, logits: Tensor, step: int) -> Tensor:
        """``[K, B, vocabulary]`` -> ``[B, vocabulary]``."""
        plain, others = logits[:1], logits[1:].split(self._counts)
        total = plain[0].clone()
        for method, own in zip(self.methods, others):
            total += method.combine(torch.cat([plain, own]), step) - plain[0]
        return total

    @classmethod
    def neutral(cls) -> Together:
        """No method at all."""
        return cls([])


def as_one(method: DecodingMethod | Items[DecodingMethod] | None) -> DecodingMethod | None:
    """What the loop runs: nothing, the one method, or several together."""
    if method is None or isinstance(method, DecodingMethod):
        return method
    methods = list(method)
    return Together(methods) if len(methods) > 1 else next(iter(methods), None)
