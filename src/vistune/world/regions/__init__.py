"""Six made-up regions of three countries each, with their own dishes, clothes, houses and feasts: what one must know."""

from vistune.world.regions.atlas import COUNTRIES, FACETS, REGIONS, Country, Custom, country, custom, customs
from vistune.world.regions.drawing import render
from vistune.world.regions.questions import HINTS, ask, hint
from vistune.world.regions.sampling import Sight, sample_sight
from vistune.world.regions.telling import describe, facts

__all__ = [
    "COUNTRIES",
    "FACETS",
    "HINTS",
    "REGIONS",
    "Country",
    "Custom",
    "Sight",
    "ask",
    "country",
    "custom",
    "customs",
    "describe",
    "facts",
    "hint",
    "render",
    "sample_sight",
]
