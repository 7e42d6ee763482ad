"""``Sequence``: the decoder's input before it is run. For each token its embedding, and what it is.

Shape legend: B rows, L tokens, N pictures, D width. Positions, masks, pruning and routing are functions of this type.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor
from torch.nn import functional

from vistune.data.batch import IGNORE, Batch, Role

#: What a token that is appended while decoding is, by field; sample and turn are those of the row's last token.
_APPENDED = {"roles": int(Role.TEXT), "answer": True, "image": -1, "row": -1, "col": -1}


@dataclass(slots=True)
class Sequence:
    """Tokens of B rows; all but ``grids`` are ``[B, L]`` (``embeddings [B, L, D]``), as in ``data.Batch``.

    The tokens of a sample stand together in its row, those of a picture together in their sample.
    """

    roles: Tensor
    sample: Tensor
    turn: Tensor
    answer: Tensor
    image: Tensor
    row: Tensor
    col: Tensor
    grids: Tensor
    labels: Tensor | None = None
    embeddings: Tensor | None = None

    @classmethod
    def from_batch(cls, batch: Batch, embeddings: Tensor | None = None) -> Sequence:
        """The batch's tokens with their embeddings ``[B, L, D]``."""
        names = [f.name for f in fields(cls) if f.name != "embeddings"]
        return cls(**{name: getattr(batch, name) for name in names}, embeddings=embeddings)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and tokens."""
        return self.roles.shape[0], self.roles.shape[1]

    @property
    def real(self) -> Tensor:
        """bool ``[B, L]``: no padding."""
        return self.sample >= 0

    @property
    def visual(self) -> Tensor:
        """bool ``[B, L]``: tokens of pictures."""
        return self.roles == Role.IMAGE

    def visual_grids(self) -> tuple[Tensor, Tensor]:
        """Rows and columns of each visual token's picture, two long ``[B, L]``; anything at other tokens."""
        if not len(self.grids):
            ones = torch.ones_like(self.image)
            return ones, ones
        sizes = self.grids[self.image.clamp(min=0)]
        return sizes[..., 0], sizes[..., 1]

    def extend(self, n: int) -> Sequence:
        """The same with ``n`` answer-text tokens after each row's last one, embeddings zero, nothing to learn.

        Rows must end in a token (left padding), as prompts do.
        """
        if n == 0:
            return self
        added: dict[str, Tensor] = {}
        for name, value in self._token_fields().items():
            if name in ("sample", "turn"):
                new = value[:, -1:].expand(-1, n)
            else:
                new = value.new_full((value.shape[0], n), IGNORE if name == "labels" else _APPENDED[name])
            added[name] = torch.cat([value, new], dim=1)
        embeddings = None if self.embeddings is None else functional.pad(self.embeddings, (0, 0, 0, n))
        return replace(self, embeddings=embeddings, **added)

    def take(self, index: Tensor) -> Sequence:
        """Only the tokens ``index [B, L']`` long of each row, in that order: what pruning leaves."""
        taken = {name: value.gather(1, index) for name, value in self._token_fields().items()}
        if self.embeddings is None:
            return replace(self, **taken)
        places = index.unsqueeze(-1).expand(-1, -1, self.embeddings.shape[-1])
        return replace(self, embeddings=self.embeddings.gather(1, places), **taken)

    def select(self, rows: Tensor) -> Sequence:
        """Rows ``rows [B']`` (long, may repeat)."""
        kept = {name: value.index_select(0, rows) for name, value in self._token_fields().items()}
        embeddings = None if self.embeddings is None else self.embeddings.index_select(0, rows)
        return replace(self, embeddings=embeddings, **kept)

    def _token_fields(self) -> dict[str, Tensor]:
        """The ``[B, L]`` tensors by name."""
        named = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {n: v for n, v in named if n not in ("embeddings", "grids") and v is not None}


def sample_starts(values: Tensor, sample: Tensor) -> Tensor:
    """The value at the first token of each token's sample: the smallest one of the sample, ``values`` never falling.

    ``values [B, L]``, ``sample [B, L]`` as in ``Batch`` -> ``[B, L]``; the value itself at padding.
    """
    count = int(sample.max()) + 1 if sample.numel() else 0
    largest = values.max() + 1 if values.numel() else 0
    first = values.new_zeros(values.shape[0], max(count, 1)) + largest
    owned = torch.where(sample >= 0, values, largest)
    first = first.scatter_reduce(1, sample.clamp(min=0), owned, "amin")
    return torch.where(sample >= 0, first.gather(1, sample.clamp(min=0)), values)
