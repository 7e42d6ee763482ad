"""Captions of sites, and what changed between two dates."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from vistune.world.aerial.sampling import colours_of, draw_thing, fits
from vistune.world.aerial.site import KINDS, LANDS, Site
from vistune.world.language.grammar import number_word

_PLACES = {
    "farmland": "farmland", "town": "a town", "harbour": "a harbour", "airport": "an airport", "works": "works",
    "forest": "a forest",
}  # fmt: skip
_LAND_WORDS = {
    "field": "fields", "meadow": "meadows", "wood": "wood", "water": "water", "town": "built-up land", "yard": "paved yards",
}  # fmt: skip


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _counted(site: Site) -> list[str]:
    counts = {k: sum(t.kind == k for t in site.things) for k in KINDS}
    return [f"{number_word(n) if n > 1 else 'a'} {k}{'s' if n > 1 else ''}" for k, n in counts.items() if n]


def short_caption(site: Site) -> str:
    """The place and how many things of each kind."""
    things = _counted(site)
    return f"{_PLACES[site.scene]} seen from above" + (f", with {_listed(things)}." if things else ".")


def long_caption(site: Site) -> str:
    """The same with land use, largest first, and where each thing is: its colour and part of the picture."""
    shares = site.shares()
    lands = sorted((land for land in LANDS if shares[land] >= 0.05), key=lambda land: -shares[land])
    covered = [f"{100 * shares[land]:.0f} per cent {_LAND_WORDS[land]}" for land in lands]
    told = [short_caption(site), f"the land is {_listed(covered)}."]
    for thing in site.things:
        told.append(f"a {thing.colour} {thing.kind} is in the {part(site, thing.x, thing.y)}.")
    return " ".join(told)


def part(site: Site, x: float, y: float) -> str:
    """``north-west``, ``middle``, ...: the third of the picture in each direction."""
    bound = site.metres / 6
    rows = "north" if y > bound else "south" if y < -bound else ""
    columns = "east" if x > bound else "west" if x < -bound else ""
    return "-".join(filter(None, (rows, columns))) or "middle"


@dataclass(frozen=True, slots=True)
class Change:
    """What happened between two dates: a thing came, left or changed its colour; ``thing`` is its place in the list."""

    what: str
    text: str
    thing: int


_COME = {"house": "was built", "ship": "came in", "plane": "landed", "car": "came", "tank": "was built"}
_GONE = {"house": "was pulled down", "ship": "left", "plane": "took off", "car": "left", "tank": "was pulled down"}


def later(site: Site, seed: int) -> tuple[Site, Change | None]:
    """The site at a later date with one thing changed. No change, and None, where nothing fits."""
    rng = random.Random(f"later/{site.split}/{site.seed}/{seed}")
    what = rng.choice(("came", "left", "painted"))
    things = list(site.things)
    if what == "came":
        lands = {"house": "town", "ship": "water", "plane": "yard", "car": "road", "tank": "yard"}
        kinds = [k for k in KINDS if k != "plane" or site.runway is not None]
        for _ in range(60):
            kind = rng.choice(kinds)
            if lands[kind] == "road" and not site.roads:
                continue
            thing = draw_thing(site, rng, kind, lands[kind])
            if thing is not None and fits(site, thing, things):
                text = f"a {thing.colour} {kind} {_COME[kind]} in the {part(site, thing.x, thing.y)}."
                return replace(site, things=(*things, thing)), Change(what, text, len(things))
    if not things:
        return site, None
    place = rng.randrange(len(things))
    thing = things[place]
    where = part(site, thing.x, thing.y)
    others = [c for c in colours_of(thing.kind, site.split) if c != thing.colour]
    if what == "painted" and thing.kind in ("house", "tank") and others:
        colour = rng.choice(others)
        things[place] = replace(thing, colour=colour)
        text = f"the {thing.colour} {thing.kind} in the {where} was painted {colour}."
        return replace(site, things=tuple(things)), Change("painted", text, place)
    del things[place]
    text = f"the {thing.colour} {thing.kind} in the {where} {_GONE[thing.kind]}."
    return replace(site, things=tuple(things)), Change("left", text, place)
