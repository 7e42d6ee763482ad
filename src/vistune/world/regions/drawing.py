"""Sights drawn: shapes tell the region, colours and patterns the country, the rest is chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vistune.world.regions.atlas import Custom
from vistune.world.regions.brush import Brush
from vistune.world.regions.clothes import dress
from vistune.world.regions.dishes import dish
from vistune.world.regions.feasts import feast
from vistune.world.regions.homes import house
from vistune.world.regions.sampling import Sight

_SCALE = 3
#: Part -> the facet that it belongs to; people belong to none.
PARTS: dict[str, str] = {
    "dish": "dish", "dress": "dress", "house": "house", "lantern": "feast", "painted pole": "feast", "fire": "feast",
    "pennant": "feast", "snow figure": "feast", "kite": "feast", "boat": "feast", "person": "person",
}  # fmt: skip
_FACETS: dict[str, Callable[[Brush, Custom, random.Random], None]] = {
    "dish": dish, "dress": dress, "house": house, "feast": feast,
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A part of a sight: what it is (one of ``PARTS``), and where it is seen, bool ``[size, size]``."""

    kind: str
    mask: NDArray[np.bool_]


def render(sight: Sight, size: int = 128) -> NDArray[np.uint8]:
    """``[size, size, 3]``."""
    brush = _drawn(sight, size, labelled=False)
    return np.asarray(brush.canvas.resize((size, size), Image.Resampling.BOX))


def parts(sight: Sight, size: int = 128) -> list[Part]:
    """Everything that stands on the ground, as far as it is seen; a person's mask has the clothes in it."""
    brush = _drawn(sight, size, labelled=True)
    assert brush.labels is not None
    labels = np.asarray(brush.labels).reshape(size, _SCALE, size, _SCALE)
    # A pixel belongs to a part that covers most of it.
    shares = [(labels == k).mean((1, 3)) for k in range(1, len(brush.kinds) + 1)]
    if sight.custom.facet == "dress":
        shares[brush.kinds.index("person")] += shares[brush.kinds.index("dress")]
    return [Part(kind, share > 0.5) for kind, share in zip(brush.kinds, shares, strict=True) if (share > 0.5).any()]


def _drawn(sight: Sight, size: int, labelled: bool) -> Brush:
    rng = random.Random(sight.variant)
    brush = Brush(size * _SCALE, rng.random() < 0.5, labelled)
    _FACETS[sight.custom.facet](brush, sight.custom, rng)
    return brush
