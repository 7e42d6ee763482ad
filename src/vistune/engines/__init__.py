"""Engines turn scenes, annotations or examples into instruction data."""

from vistune.engines.base import ENGINES, Engine

__all__ = ["ENGINES", "Engine"]
