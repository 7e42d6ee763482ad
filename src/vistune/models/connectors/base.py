"""The face of every connector."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from vistune.core.registry import Registry


class Connector(nn.Module):
    """Features ``[N, rows * cols, d_in]`` of N pictures -> visual tokens ``[N, tokens, d_out]``.

    Sizes are asked of the encoder and the decoder: ``d_in``, ``d_out``, and where a kind needs it ``grid_in`` (rows and
    columns of the features). ``exempt`` says why a connector lacks a property that the test walk asks of every part.
    """

    kind: ClassVar[str]
    exempt: ClassVar[dict[str, str]] = {"neutral": "without a connector there is no way from pictures to text"}

    def grid(self, rows: int, cols: int) -> tuple[int, int]:
        """Grid of the visual tokens for a feature grid of ``rows`` x ``cols``."""
        return rows, cols

    @abstractmethod
    def forward(self, features: Tensor) -> Tensor:
        """``[N, rows * cols, d_in]`` -> ``[N, tokens, d_out]``."""


CONNECTORS: Registry[Connector] = Registry(
    "connector", base=Connector, modules=("vistune.models.connectors.projectors",)
)
