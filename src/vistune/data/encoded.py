"""``Encoded``: one sample as tokens with roles; and what truncation had to drop."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vistune.data.batch import IGNORE, Role
from vistune.data.example import ImageSource

#: Rows of ``Encoded.table``, and what padding holds there (ids: the tokenizer's pad id).
FIELDS = ("ids", "roles", "turn", "answer", "image", "row", "col", "labels")
FILL = (0, int(Role.PAD), -1, 0, -1, -1, -1, IGNORE)


@dataclass(slots=True)
class Dropped:
    """What was dropped from a sample to make it fit."""

    turns: int = 0
    images: int = 0
    text_tokens: int = 0

    def __bool__(self) -> bool:
        return bool(self.turns or self.images or self.text_tokens)


@dataclass(slots=True)
class TruncationReport:
    """Counts over many samples, for people: ``str(report)`` is one sentence."""

    samples: int = 0
    shortened: int = 0
    rejected: int = 0
    dropped: Dropped = field(default_factory=Dropped)

    def add(self, dropped: Dropped) -> None:
        """Count one sample that was kept."""
        self.samples += 1
        if dropped:
            self.shortened += 1
            self.dropped.turns += dropped.turns
            self.dropped.images += dropped.images
            self.dropped.text_tokens += dropped.text_tokens

    def __str__(self) -> str:
        if not self.shortened and not self.rejected:
            return f"{self.samples} samples, none shortened."
        lost = self.dropped
        return (
            f"{self.shortened} of {self.samples} samples were shortened ({lost.turns} turns, {lost.images} pictures "
            f"and {lost.text_tokens} text tokens dropped); {self.rejected} did not fit and were rejected."
        )


@dataclass(slots=True)
class Encoded:
    """Tokens of one sample. ``table`` is int64 ``[8, L]``, its rows in the order of ``FIELDS``.

    ``ids``, ``roles``, ``turn``, ``answer`` (0 or 1), ``image`` (index into ``images``), ``row``, ``col`` and
    ``labels`` are views ``[L]`` of it, with the meaning they have in ``Batch``. ``prompt`` samples have no labels.
    """

    id: str
    table: np.ndarray
    images: list[ImageSource]
    prompt: bool = False
    dropped: Dropped = field(default_factory=Dropped)

    def __len__(self) -> int:
        return self.table.shape[1]

    @property
    def ids(self) -> np.ndarray:
        """Token ids; the picture placeholder's (or the pad id) where no text stands."""
        return self.table[0]

    @property
    def roles(self) -> np.ndarray:
        """``Role`` of each token."""
        return self.table[1]

    @property
    def turn(self) -> np.ndarray:
        """Index of the message."""
        return self.table[2]

    @property
    def answer(self) -> np.ndarray:
        """1 where the token is part of an assistant's answer."""
        return self.table[3]

    @property
    def image(self) -> np.ndarray:
        """Index into ``images``, -1 for text."""
        return self.table[4]

    @property
    def row(self) -> np.ndarray:
        """Row in the picture's grid, -1 for text."""
        return self.table[5]

    @property
    def col(self) -> np.ndarray:
        """Column in the picture's grid, -1 for text."""
        return self.table[6]

    @property
    def labels(self) -> np.ndarray:
        """The token where it is learned, ``IGNORE`` elsewhere."""
        return self.table[7]
