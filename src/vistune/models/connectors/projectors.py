"""Connectors without queries: a linear map, an MLP, and an MLP after neighbouring patches were put together."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from transformers.activations import ACT2FN

from vistune.core.errors import ConfigError, ModelError, nearest
from vistune.models.connectors.base import CONNECTORS, Connector


def mlp(
    d_in: int, d_out: int, depth: int = 2, hidden: int | None = None, activation: str = "gelu", bias: bool = True
) -> nn.Sequential:
    """``depth`` linear layers of inner width ``hidden`` (default ``d_out``) with ``activation`` between them.

    Raises ``ConfigError`` for a depth below 1 or an activation that transformers does not know.
    """
    if depth < 1:
        raise ConfigError(f"connector: depth {depth} must be at least 1.")
    if activation not in ACT2FN:
        raise ConfigError(f"connector: there is no activation '{activation}'. {nearest(activation, ACT2FN)}")
    widths = [d_in, *[hidden or d_out] * (depth - 1), d_out]
    layers: list[nn.Module] = [nn.Linear(widths[0], widths[1], bias=bias)]
    for before, after in pairwise(widths[1:]):
        layers += [ACT2FN[activation], nn.Linear(before, after, bias=bias)]
    return nn.Sequential(*layers)


@CONNECTORS.register("linear", paper="limber")
class LinearConnector(Connector):
    """LiMBeR (Merullo et al., 2022): one linear map a token, no norm; ``dropout`` after it (0 unless asked for)."""

    def __init__(self, d_in: int, d_out: int, dropout: float = 0.0) -> None:
        super().__init__()
        if not 0 <= dropout < 1:
            raise ConfigError(f"connector 'linear': dropout {dropout} must be at least 0 and below 1.")
        self.linear = nn.Linear(d_in, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        """``[N, V, d_in]`` -> ``[N, V, d_out]``."""
        return self.dropout(self.linear(features))


@CONNECTORS.register("mlp")
class MLPConnector(Connector):
    """LLaVA-1.5's projector (Liu et al., 2023): ``depth`` linear layers with GELU between them.

    LaVIN's is ``{kind: mlp, hidden: 128, activation: silu}``.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        depth: int = 2,
        hidden: int | None = None,
        activation: str = "gelu",
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.depth = depth
        self.activation = activation
        self.layers = mlp(d_in, d_out, depth, hidden, activation, bias)

    def forward(self, features: Tensor) -> Tensor:
        """``[N, V, d_in]`` -> ``[N, V, d_out]``."""
        return self.layers(features)


@CONNECTORS.register("pixel_shuffle_mlp")
class PixelShuffleMLP(Connector):
    """Each ``factor`` x ``factor`` patches become one token (InternVL, SmolVLM), then an MLP.

    ``grid_in`` (asked of the encoder) are the rows and columns of the features.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        grid_in: tuple[int, int],
        factor: int = 2,
        depth: int = 2,
        hidden: int | None = None,
        activation: str = "gelu",
    ) -> None:
        super().__init__()
        if factor < 1:
            raise ConfigError(f"connector 'pixel_shuffle_mlp': factor {factor} must be at least 1.")
        self.factor = factor
        self.rows, self.cols = self.grid(*grid_in)
        self.layers = mlp(d_in * factor * factor, d_out, depth, hidden, activation)

    def grid(self, rows: int, cols: int) -> tuple[int, int]:
        """A ``factor``-th of each side. Raises ``ModelError`` where that is no whole number."""
        if rows % self.factor or cols % self.factor:
            raise ModelError(
                f"connector 'pixel_shuffle_mlp': a grid of {rows} x {cols} patches does not divide by factor "
                f"{self.factor}."
            )
        return rows // self.factor, cols // self.factor

    def forward(self, features: Tensor) -> Tensor:
        """``[N, h * w, d_in]`` -> ``[N, (h / r) (w / r), d_out]``; a token holds its r x r patches row by row."""
        pictures, _, width = features.shape
        f = self.factor
        cells = features.view(pictures, self.rows, f, self.cols, f, width).transpose(2, 3)
        return self.layers(cells.reshape(pictures, self.rows * self.cols, f * f * width))
