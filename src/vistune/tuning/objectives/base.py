"""What every objective is: a mean over items that it counts, so that micro-batches and processes can be weighed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from torch import Tensor, nn

from vistune.core.registry import Registry
from vistune.data.batch import Batch


@dataclass(slots=True)
class Loss:
    """``value``: the mean over the batch's items, a scalar with gradient. ``parts``: detached scalars to log."""

    value: Tensor
    parts: dict[str, Tensor] = field(default_factory=dict)


class Objective(ABC):
    """One loss. The trainer weighs the means of micro-batches and processes by ``count``."""

    @abstractmethod
    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """The mean loss over the items of ``batch``. ``model`` may be wrapped (DDP, FSDP): call it, whole."""

    def count(self, batch: Batch) -> Tensor:
        """How many items the mean is over: an integer scalar, found without running the model. Default: samples."""
        return (batch.sample.amax(dim=1) + 1).sum()


OBJECTIVES: Registry[Objective] = Registry(
    "objective", base=Objective, modules=("vistune.tuning.objectives.next_token",)
)
