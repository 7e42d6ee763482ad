"""Phrasing templates with a held-out part that training never sees."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wordings:
    """Templates that mean the same. ``held_out`` ones are used by the val and test splits only."""

    train: tuple[str, ...]
    held_out: tuple[str, ...] = ()

    def pick(self, rng: random.Random, split: str = "train") -> str:
        """One template: of ``train`` for the train split, of all for val and test."""
        options = self.train if split == "train" else self.train + self.held_out
        return options[int(rng.random() * len(options))]

    def is_held_out(self, template: str) -> bool:
        """Whether ``template`` is one that training never sees."""
        return template in self.held_out
