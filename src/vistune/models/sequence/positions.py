"""Position schemes: at which position of the decoder's rotary embedding each token stands, as functions of a Sequence.

All schemes restart at each sample, skip padding and give a text token after a picture an integer position. Positions
may be fractional (float32): nothing may turn them into integers on the way to the decoder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence as Items
from typing import ClassVar

import torch
from torch import Tensor

from vistune.core.errors import ConfigError
from vistune.core.registry import Registry
from vistune.models.sequence.sequence import Sequence, sample_starts


class PositionScheme:
    """Base of position schemes. A kind says how far a picture's tokens reach; text tokens advance by one.

    ``default``: the positions are the token's place in its sample, which decoders find by themselves.
    """

    kind: ClassVar[str]
    default: ClassVar[bool] = False

    def positions(self, seq: Sequence, training: bool = False) -> Tensor:
        """-> ``[B, L]`` long or float32; 0 at padding."""
        raise NotImplementedError

    def advance(self, last: Tensor) -> Tensor:
        """Positions ``[B]`` of the answer tokens that follow answer tokens at ``last [B]``."""
        return last + 1

    @classmethod
    def neutral(cls) -> dict[str, object] | None:
        """Parameters with which the scheme equals ``sequential``; None where there are none (see ``exempt``)."""
        return None

    #: Properties that a kind cannot have, each with the reason in one line.
    exempt: ClassVar[dict[str, str]] = {}


POSITIONS: Registry[PositionScheme] = Registry("position scheme", base=PositionScheme)


def opening(seq: Sequence) -> Tensor:
    """bool ``[B, L]``: the first token of each picture."""
    before = torch.nn.functional.pad(seq.image[:, :-1], (1, 0), value=-1)
    return seq.visual & (seq.image != before)


def _laid_out(seq: Sequence, spans: Tensor, offsets: Tensor) -> Tensor:
    """Positions from how far each picture reaches; text tokens advance by one.

    ``spans [B, L]``: how far the picture of a visual token advances the position; ``offsets [B, L]``: where a visual
    token stands, counted from its picture's first position. -> ``[B, L]`` of their type.
    """
    one = torch.ones_like(spans)
    steps = torch.where(seq.visual, torch.where(opening(seq), spans, 0), one) * seq.real
    ends = steps.cumsum(1)
    origins = sample_starts(ends - steps, seq.sample)
    return torch.where(seq.visual, ends - spans + offsets, ends - one).sub(origins) * seq.real


@POSITIONS.register("sequential")
class Sequential(PositionScheme):
    """0, 1, 2, ... within each sample: what language models are trained with."""

    default = True

    @classmethod
    def neutral(cls) -> dict[str, object]:
        """It is the neutral scheme."""
        return {}

    def positions(self, seq: Sequence, training: bool = False) -> Tensor:
        """-> long ``[B, L]``."""
        place = torch.arange(seq.shape[1], device=seq.roles.device).expand(seq.shape)
        return (place - sample_starts(place, seq.sample)) * seq.real


def ring(row: Tensor, col: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    """Ring of cell (row, col) in a grid of rows x cols, counted from the border: the nearest of the four sides."""
    return torch.stack([row, col, rows - 1 - row, cols - 1 - col]).amin(dim=0)


@POSITIONS.register("concentric", paper="cca")
class Concentric(PositionScheme):
    """Concentric positions of CCA, "Mitigating Object Hallucination via Concentric Causal Attention" (2024), 4.1.

    A picture whose first position is p0 has its token (u, v) at p0 + ring(u, v), ring counted from the border, and
    the text after it starts at p0 + R, R = ceil(min(H, W) / 2) rings: the centre is nearest to the text. Rings are per
    picture and per sample; any grid. (The released code keeps the last sample's positions for the whole batch; that
    makes a sample depend on its neighbours, so it is not offered.)
    """

    exempt = {"neutral": "the tokens of a ring share a position, whatever the grid"}

    def positions(self, seq: Sequence, training: bool = False) -> Tensor:
        """-> long ``[B, L]``."""
        rows, cols = seq.visual_grids()
        spans = (torch.minimum(rows, cols) + 1) // 2
        return _laid_out(seq, spans, ring(seq.row, seq.col, rows, cols))


@POSITIONS.register("variable_increment", paper="v2pe")
class VariableIncrement(PositionScheme):
    """Variable visual position encoding of V2PE (arXiv 2412.09616), section 3.2: visual tokens advance by delta <= 1.

        p_0 = 0;   p_i = p_{i-1} + 1 for text,   p_{i-1} + delta for visual tokens

    and the first text after a picture stands at ceil(last position) + 1, so that text stays on integers (as released).
    ``delta``: one value for all pictures. ``deltas``: in training, each picture draws one of these anew (``"powers"``:
    1, 1/2, ..., 1/256); ``delta`` then holds for evaluation and decoding. Powers of two are exact in float32.
    """

    exempt = {}

    def __init__(self, delta: float = 1.0, deltas: Items[float] | str | None = None) -> None:
        drawn = [2.0**-k for k in range(9)] if deltas == "powers" else deltas
        if isinstance(drawn, str):
            raise ConfigError(f"variable_increment: deltas '{drawn}' is neither 'powers' nor a list of numbers.")
        for value in (delta, *(drawn or ())):
            if not 0 < value <= 1 or math.isnan(value):
                raise ConfigError(f"variable_increment: delta {value} must be above 0 and at most 1.")
        self.delta = float(delta)
        self.deltas = None if drawn is None else [float(value) for value in drawn]
        self.generator: torch.Generator | None = None

    @classmethod
    def neutral(cls) -> dict[str, object]:
        """delta = 1 is the ordinary numbering."""
        return {"delta": 1.0}

    def draw(self, pictures: int, training: bool) -> Tensor:
        """The pictures' deltas, float32 ``[N]`` on the CPU; ``generator`` (default: torch's own) draws them."""
        if not training or self.deltas is None:
            return torch.full((pictures,), self.delta)
        chosen = torch.randint(len(self.deltas), (pictures,), generator=self.generator)
        return torch.tensor(self.deltas, dtype=torch.float32)[chosen]

    def positions(self, seq: Sequence, training: bool = False) -> Tensor:
        """-> float32 ``[B, L]``."""
        deltas = self.draw(max(1, len(seq.grids)), training).to(seq.roles.device)[seq.image.clamp(min=0)]
        rows, cols = seq.visual_grids()
        index = seq.row * cols + seq.col
        opens_sample = self._opens_sample(seq).to(deltas.dtype)
        # Products first: delta * count is exact for powers of two; the slack keeps ceil right for other deltas.
        spans = opens_sample + torch.ceil((rows * cols - opens_sample) * deltas - 1e-4)
        return _laid_out(seq, spans, (index + 1 - opens_sample) * deltas + opens_sample - 1)

    @staticmethod
    def _opens_sample(seq: Sequence) -> Tensor:
        """bool ``[B, L]``: the token's picture is the first thing in its sample, so it starts at 0 and not at delta."""
        place = torch.arange(seq.shape[1], device=seq.roles.device).expand(seq.shape)
        start = sample_starts(place, seq.sample)
        return seq.visual & (seq.image == seq.image.gather(1, start))
