"""``Batch``: tokens with their roles, ready for a model.

Shape legend, the same in the whole library: B rows, L tokens, N pictures in the batch, V visual tokens
a picture, D width.
Several samples may share a row (packing): ``sample`` tells them apart, and nothing may cross it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor

#: Label of a token that is not learned, as everywhere in PyTorch.
IGNORE = -100


class Role(IntEnum):
    """What a token is. ``PAD`` fills rows up, ``PROMPT`` is a learned soft prompt, ``MODALITY`` drives routers."""

    PAD = 0
    TEXT = 1
    IMAGE = 2
    PROMPT = 3
    REGION = 4
    MODALITY = 5


@dataclass(slots=True)
class Batch:
    """Input of a ``VisionLanguageModel``. All token tensors are ``[B, L]``.

    - ``input_ids`` long: text tokens; at other roles the image placeholder or the pad id.
    - ``roles`` long: a ``Role``.
    - ``sample`` long: index of the sample within its row, -1 for padding.
    - ``turn`` long: index of the message within its sample, -1 for padding.
    - ``answer`` bool: the token is part of an assistant's answer (its end mark included).
    - ``image`` long: index into the batch's pictures ``0..N-1``, -1 for tokens that are no picture's.
    - ``row``, ``col`` long: place of a visual token in its picture's grid, -1 elsewhere.
    - ``labels`` long: the token itself where it is learned, ``IGNORE`` elsewhere (not shifted).
    - ``grids`` long ``[N, 2]``: rows and columns of each picture's token grid.
    - ``pixel_values`` float ``[N, 3, H, W]``, or ``features`` float ``[N, V', D']`` (a frozen encoder's cached output).
    - ``ids``: the samples' ids in reading order (row by row), for records.
    """

    input_ids: Tensor
    roles: Tensor
    sample: Tensor
    turn: Tensor
    answer: Tensor
    image: Tensor
    row: Tensor
    col: Tensor
    grids: Tensor
    labels: Tensor | None = None
    pixel_values: Tensor | None = None
    features: Tensor | None = None
    ids: list[str] = field(default_factory=list)

    def tensors(self) -> dict[str, Tensor]:
        """The tensors that are set, by name: what a ``Trainer`` moves between devices."""
        named = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in named if isinstance(value, Tensor)}

    def to(self, device: torch.device | str, **kwargs: Any) -> Batch:
        """The same batch with every tensor on ``device``."""
        return replace(self, **{name: value.to(device, **kwargs) for name, value in self.tensors().items()})
