"""Bottleneck adapters: down, activation, up, added to what passes.

Houlsby et al. (2019, arXiv 1902.00751) put one after attention and one after the MLP; Pfeiffer et al. (2021, arXiv
2005.00247) only the second, our default:  x + s (U act(D x + d) + u),  U and u zero at the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from vistune.core.errors import ConfigError, ModelError, nearest
from vistune.models.adapters.base import ADAPTERS, Adapter, Layers, Site
from vistune.models.adapters.folding import (
    declare_biases,
    fold_into_reader,
    fold_into_writer,
    plain_linear,
)
from vistune.models.anatomy import Anatomy

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "none": nn.Identity,
}
SITES = ("before_attention", "after_attention", "before_mlp", "after_mlp")


class Squeeze(nn.Module):
    """One bottleneck: ``[B, L, D] -> [B, L, r] -> [B, L, D]``, added to its input."""

    def __init__(self, width: int, rank: int, activation: str, dropout: float) -> None:
        super().__init__()
        self.down = nn.Linear(width, rank)
        self.activation = ACTIVATIONS[activation]()
        self.dropout = nn.Dropout(dropout)
        self.up = nn.Linear(rank, width)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor, scale: float) -> Tensor:
        """``x [B, L, D]`` -> the same shape and dtype."""
        z = self.dropout(self.activation(self.down(x.to(self.down.weight.dtype))))
        return x + (self.up(z) * scale).to(x.dtype)


@ADAPTERS.register("bottleneck")
class Bottleneck(Adapter):
    """Plain bottleneck adapter at one or several sites of each chosen layer.

    - ``rank`` r, ``scale`` s, ``dropout``; ``activation``: gelu, relu, silu, tanh or none (then it merges).
    - ``site``: one of ``before_attention``, ``after_attention``, ``before_mlp``, ``after_mlp``, or a list of them.

    Raises ``ConfigError`` for parameters that do not fit.
    """

    exempt = {"merge": "its activation is not affine; activation 'none' merges"}

    def __init__(
        self,
        anatomy: Anatomy,
        *,
        layers: Layers = "all",
        part: str = "decoder",
        name: str = "",
        rank: int = 16,
        site: str | Sequence[str] = "after_mlp",
        activation: str = "gelu",
        dropout: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        super().__init__(anatomy, layers=layers, part=part, name=name)
        self.places = [site] if isinstance(site, str) else list(site)
        for place in self.places:
            if place not in SITES:
                raise ConfigError(f"adapter '{self.kind}': there is no site '{place}'. {nearest(place, SITES)}")
        if activation not in ACTIVATIONS:
            raise ConfigError(f"adapter '{self.kind}': activation '{activation}'? {nearest(activation, ACTIVATIONS)}")
        if rank < 1 or not 0 <= dropout < 1:
            raise ConfigError(f"adapter '{self.kind}': rank {rank} must be positive and dropout {dropout} in [0, 1).")
        self.scale = float(scale)
        self.affine = activation == "none"
        self.layers = nn.ModuleDict(
            {
                f"{layer}_{place}": Squeeze(anatomy.width, rank, activation, dropout)
                for layer in self.layer_indices
                for place in self.places
            }
        )

    def sites(self) -> list[Site]:
        """Every chosen site of every chosen layer."""
        return [(i, place, partial(self._edit, f"{i}_{place}")) for i in self.layer_indices for place in self.places]

    def _edit(self, key: str, x: Tensor) -> Tensor:
        return self.layers[key](x, self.scale)

    def check_merge(self, modality: str | None = None) -> None:
        """Merges without an activation, where no norm or scale stands between site and linear."""
        if not self.affine:
            super().check_merge(modality)
        for place in self.places:
            if not self.anatomy.neighbours(place):
                between = self.anatomy.layout.adds[place]
                raise ModelError(f"adapter '{self.label}' at {place} cannot be merged: '{between}' comes between.")
        self._targets()

    def _targets(self) -> dict[tuple[int, str], list[nn.Linear]]:
        """The linears beside each site."""
        return {
            (i, place): [plain_linear(m, p) for p, m in self.anatomy.linears_of(self.anatomy.neighbours(place), i)]
            for i in self.layer_indices
            for place in self.places
        }

    @torch.no_grad()
    def _fold(self, modality: str | None) -> None:
        for (layer, place), linears in self._targets().items():
            squeeze = self.layers[f"{layer}_{place}"]
            assert isinstance(squeeze, Squeeze)
            up, down = self.scale * squeeze.up.weight.double(), squeeze.down.weight
            offset = up @ squeeze.down.bias.double() + self.scale * squeeze.up.bias.double()
            fold = fold_into_reader if place.startswith("before") else fold_into_writer
            for linear in linears:
                fold(linear, up, down, offset)
        declare_biases(self.anatomy)
