"""Sights: a custom as it is seen in one picture, from seeds."""

from __future__ import annotations

import random
from dataclasses import dataclass

from vistune.world.regions.atlas import COUNTRIES, FACETS, REGIONS, Custom, custom
from vistune.world.scene import Prior, Split

#: Share of each region where the prior is skewed, in the order of ``REGIONS``; inverted, the order is turned round.
SHARES = (0.6, 0.2, 0.1, 0.05, 0.03, 0.02)


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture's content. ``place``: the country where it was seen, one of the custom's origins. ``variant`` seeds what
    does not matter: ground, light, place and number.
    """

    seed: int
    custom: Custom
    place: str
    variant: int
    split: Split = "train"
    prior: Prior = "skewed"


def region_weights(prior: Prior) -> tuple[float, ...]:
    """How often sights come from each region."""
    return {"skewed": SHARES, "flat": (1 / 6,) * 6, "inverted": SHARES[::-1]}[prior]


def sample_sight(seed: int, *, split: Split = "train", prior: Prior = "skewed", facet: str | None = None) -> Sight:
    """Sight number ``seed`` of a split: the region by the prior, then the country and the facet, each as likely."""
    rng = random.Random(f"sight/{split}/{prior}/{seed}")
    region = rng.choices(list(REGIONS), region_weights(prior))[0]
    place = rng.choice([c.name for c in COUNTRIES.values() if c.region == region])
    chosen = custom(place, facet if facet is not None else rng.choice(FACETS))
    return Sight(seed, chosen, place, rng.randrange(1 << 30), split, prior)
