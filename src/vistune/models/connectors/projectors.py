"""Connectors without queries: a linear map, an MLP, and an MLP after neighbouring patches were put together."""

from __future__ import annotations

import math

from torch import Tensor, nn
from transformers.activations import ACT2FN

from vistune.core.errors import ConfigError, ModelError
from vistune.models.connectors.base import CONNECTORS, Connector


def mlp(d_in: int, d_out: int, depth: int, activation: str) -> nn.Sequential:
    """``depth`` linear layers with ``activation`` between them."""
    if depth < 1:
        raise ConfigError(f"An MLP needs a depth of at least 1, not {depth}.")
    if activation not in ACT2FN:
        raise ConfigError(f"There is no activation '{activation}'.")
    layers: list[nn.Module] = [nn.Linear(d_in, d_out)]
    for _ in range(depth - 1):
        layers += [ACT2FN[activation], nn.Linear(d_out, d_out)]
    return nn.Sequential(*layers)


@CONNECTORS.register("linear", paper="limber")
class LinearConnector(Connector):
    """LiMBeR (Merullo et al. 2022): one linear map a token and dropout, no norm."""

    def __init__(self, d_in: int, d_out: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.linear = nn.Linear(d_in, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        """``[N, V, d_in]`` -> ``[N, V, d_out]``."""
        return self.dropout(self.linear(features))


@CONNECTORS.register("mlp")
class MLPConnector(Connector):
    """LLaVA-1.5's projector (Liu et al. 2023): ``depth`` linear layers with GELU between them."""

    def __init__(self, d_in: int, d_out: int, depth: int = 2, activation: str = "gelu") -> None:
        super().__init__()
        self.depth = depth
        self.activation = activation
        self.layers = mlp(d_in, d_out, depth, activation)

    def forward(self, features: Tensor) -> Tensor:
        """``[N, V, d_in]`` -> ``[N, V, d_out]``."""
        return self.layers(features)


@CONNECTORS.register("pixel_shuffle_mlp")
class PixelShuffleMLP(Connector):
    """Each ``factor`` x ``factor`` patches become one token (InternVL, SmolVLM), then an MLP."""

    def __init__(self, d_in: int, d_out: int, factor: int = 2, depth: int = 2, activation: str = "gelu") -> None:
        super().__init__()
        self.factor = factor
        self.layers = mlp(d_in * factor * factor, d_out, depth, activation)

    def grid(self, rows: int, cols: int) -> tuple[int, int]:
        """A ``factor``-th of each side. Raises ``ModelError`` where that is no whole number."""
        if rows % self.factor or cols % self.factor:
            raise ModelError(f"pixel_shuffle_mlp: a grid of {rows} x {cols} does not divide by factor {self.factor}.")
        return rows // self.factor, cols // self.factor

    def forward(self, features: Tensor) -> Tensor:
        """``[N, side * side, d_in]`` -> ``[N, (side / factor)^2, d_out]``."""
        pictures, count, width = features.shape
        side, f = math.isqrt(count), self.factor
        small = self.grid(side, side)[0]
        cells = features.view(pictures, small, f, small, f, width).transpose(2, 3)
        return self.layers(cells.reshape(pictures, small * small, f * f * width))
