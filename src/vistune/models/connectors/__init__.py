"""Connectors: a vision encoder's features to visual tokens of the decoder's width."""

from vistune.models.connectors.base import CONNECTORS, Connector

__all__ = ["CONNECTORS", "Connector"]
