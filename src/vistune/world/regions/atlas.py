"""The made-up world: regions, their countries, and the customs of each, all from fixed tables and a fixed seed.

Shapes tell the region, colours and patterns the country. One custom of every facet is shared with a country of the next
region, so that some things have two origins.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from vistune.core.errors import ConfigError, nearest

FACETS: tuple[str, ...] = ("dish", "dress", "house", "feast")
#: Region -> what tells it: shape of the dish's vessel, of the hat, of the roof, emblem of the feast.
REGIONS: dict[str, dict[str, str]] = {
    "Arvel": {"dish": "bowl", "dress": "fur hat", "house": "dome", "feast": "kites"},
    "Bosun": {"dish": "leaf", "dress": "brim hat", "house": "log roof", "feast": "lanterns"},
    "Cindra": {"dish": "skewer", "dress": "long scarf", "house": "pointed roof", "feast": "boats"},
    "Dovar": {"dish": "pot", "dress": "cone hat", "house": "stilts", "feast": "painted poles"},
    "Elmos": {"dish": "plate", "dress": "puffy cap", "house": "flat roof", "feast": "snow figures"},
    "Fenn": {"dish": "basket", "dress": "leaf crown", "house": "straw roof", "feast": "fire"},
}
_SYLLABLES = {
    "Arvel": "ta ri mo ne li su", "Bosun": "gu bo ndi ka wa zo", "Cindra": "xi tla po qua yu mi", "Dovar": "vra sko dor zhe li kov",
    "Elmos": "al be ro ca di no", "Fenn": "ny hai luo pe sen mai",
}  # fmt: skip
_COLOURS = ("red", "yellow", "green")
_PATTERNS = ("striped", "spotted", "plain")
#: What a dish is made of, by the place of its country in the region.
_MADE_OF = ("beans", "fish", "roots")
_TIMES = ("by day", "at dusk", "at night")


@dataclass(frozen=True, slots=True)
class Country:
    """A country of a region; ``place``: 0, 1 or 2 in it."""

    name: str
    region: str
    place: int


@dataclass(frozen=True, slots=True)
class Custom:
    """Something of a country. ``facet``: of ``FACETS``; ``name``: what it is called; ``shape``: as its region has it.

    ``detail``: what a dish is made of, when a feast is held. ``origins``: all countries that have it.
    """

    facet: str
    name: str
    shape: str
    colour: str
    pattern: str
    detail: str
    origins: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that it comes from."""
        return tuple(dict.fromkeys(COUNTRIES[name].region for name in self.origins))


def _invented(rng: random.Random, region: str, used: set[str]) -> str:
    while True:
        name = "".join(rng.sample(_SYLLABLES[region].split(), rng.choice((2, 3))))
        if name not in used and len(name) < 9:
            used.add(name)
            return name


def _countries() -> dict[str, Country]:
    rng, used, found = random.Random("atlas"), set[str](), dict[str, Country]()
    for region in REGIONS:
        for place in range(3):
            name = _invented(rng, region, used).capitalize()
            found[name] = Country(name, region, place)
    return found


#: Name -> country.
COUNTRIES: dict[str, Country] = _countries()


def country(name: str) -> Country:
    """A country. Raises ``ConfigError`` for an unknown one."""
    if name not in COUNTRIES:
        raise ConfigError(f"There is no country '{name}'. {nearest(name, COUNTRIES)}")
    return COUNTRIES[name]


@cache
def customs() -> tuple[Custom, ...]:
    """Every custom once: 18 countries with one of each facet, less those that two countries share."""
    rng, used = random.Random("customs"), {name.lower() for name in COUNTRIES}
    regions, found = list(REGIONS), list[Custom]()
    for k, region in enumerate(regions):
        places = [c for c in COUNTRIES.values() if c.region == region]
        for f, facet in enumerate(FACETS):
            # The last country of the region before shares the custom of one facet of this region's first country.
            before = [c for c in COUNTRIES.values() if c.region == regions[k - 1]][2]
            for c in places:
                shared = f == k % len(FACETS) and c.place == 0
                taken = f == (k + 1) % len(regions) % len(FACETS) and c.place == 2
                if taken:
                    continue
                detail = _MADE_OF[c.place] if facet == "dish" else _TIMES[c.place] if facet == "feast" else ""
                origins = (c.name, before.name) if shared else (c.name,)
                name, shape = _invented(rng, region, used), REGIONS[region][facet]
                pattern = _PATTERNS[(c.place + f) % 3]
                found.append(Custom(facet, name, shape, _COLOURS[(c.place + 2 * f) % 3], pattern, detail, origins))
    return tuple(found)


def custom(country_name: str, facet: str) -> Custom:
    """What a country has of a facet. Raises ``ConfigError`` for an unknown facet or country."""
    if facet not in FACETS:
        raise ConfigError(f"There is no facet '{facet}'. {nearest(facet, FACETS)}")
    name = country(country_name).name
    return next(c for c in customs() if c.facet == facet and name in c.origins)
