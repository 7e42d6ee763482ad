"""The decoder's input before it is run, and what is a function of it: positions and attention."""

from vistune.models.sequence.attention import ATTENTION, AttentionScheme
from vistune.models.sequence.positions import POSITIONS, PositionScheme
from vistune.models.sequence.sequence import Sequence

__all__ = ["ATTENTION", "POSITIONS", "AttentionScheme", "PositionScheme", "Sequence"]
