"""Losses, one file each, by kind."""

from vistune.tuning.objectives.base import OBJECTIVES, Loss, Objective

__all__ = ["OBJECTIVES", "Loss", "Objective"]
