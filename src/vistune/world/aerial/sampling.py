"""Sites from seeds: land split into parcels by roads and hedges, then things put where they belong."""

from __future__ import annotations

import math
import random
import zlib
from dataclasses import replace

from vistune.core.errors import ConfigError, nearest
from vistune.world.aerial.site import CLASSES, Block, Parcel, Point, Site, Structure
from vistune.world.scene import Prior, Split

#: Scene -> how likely each land use is on its parcels.
_USES: dict[str, dict[str, float]] = {
    "farmland": {"field": 6, "meadow": 2, "wood": 1, "town": 0.6},
    "town": {"town": 6, "meadow": 1.5, "wood": 0.7, "yard": 0.5},
    "harbour": {"yard": 2, "town": 2, "meadow": 1},
    "airport": {"meadow": 3, "field": 2, "wood": 1, "town": 0.7},
    "works": {"yard": 4, "meadow": 1.5, "town": 1, "wood": 0.5},
    "forest": {"wood": 6, "meadow": 2, "field": 0.6, "water": 0.7},
}
#: Kind -> colours, length and width in metres.
_LOOKS: dict[str, tuple[tuple[str, ...], tuple[float, float], tuple[float, float]]] = {
    "house": (("red", "brown", "grey", "blue"), (20, 30), (0.6, 0.8)),
    "ship": (("white", "red", "blue", "grey"), (34, 60), (0.24, 0.32)),
    "plane": (("white", "yellow", "red", "grey"), (30, 42), (0.9, 1.05)),
    "car": (("red", "blue", "white", "yellow"), (11, 13), (0.48, 0.55)),
    "tank": (("white", "grey", "yellow", "brown"), (20, 32), (1.0, 1.0)),
}
ROAD = 12.0
#: Free space about each thing, metres.
_MARGIN = 3.5


def held_out(kind: str, colour: str) -> bool:
    """Whether a kind of thing never has a colour in training."""
    return zlib.crc32(f"above/{kind}/{colour}".encode()) % 6 == 3


def colours_of(kind: str, split: Split) -> list[str]:
    """The colours that a kind comes in, in a split."""
    return [colour for colour in _LOOKS[kind][0] if split != "train" or not held_out(kind, colour)]


def sample_site(
    seed: int, *, split: Split = "train", prior: Prior = "skewed", scene: str | None = None, most: int = 6
) -> Site:
    """Site number ``seed`` of a split. ``most``: things of a kind at most (1 to 12).

    Prior: skewed sites are mostly farmland with few things, inverted ones the reverse, flat ones alike.

    Raises:
        ConfigError: an unknown scene, or ``most`` that does not fit.
    """
    if scene is not None and scene not in CLASSES:
        raise ConfigError(f"There is no scene from above '{scene}'. {nearest(str(scene), CLASSES)}")
    if not 1 <= most <= 12:
        raise ConfigError(f"Sites have 1 to 12 things of a kind at most, not {most}.")
    rng = random.Random(f"aerial/{split}/{prior}/{seed}")
    weights = {"skewed": (6, 5, 4, 3, 2, 1), "flat": (1,) * 6, "inverted": (1, 2, 3, 4, 5, 6)}[prior]
    chosen = scene or rng.choices(CLASSES, weights)[0]
    metres = rng.uniform(260, 360)
    site = Site(seed, chosen, metres, rng.uniform(0, 360), (), (), None, (), prior, split)
    site = _land(site, rng)
    return replace(site, things=tuple(_things(site, rng, most)))


def _land(site: Site, rng: random.Random) -> Site:
    """Parcels and roads; the harbour's water and the airport's runway come first."""
    far = site.metres * 0.75
    whole, parcels, runway, roads = Block(-far, -far, far, far), [], None, []
    if site.scene == "harbour":
        shore = rng.uniform(-0.12, 0.1) * site.metres
        parcels.append(Parcel("water", Block(-far, shore, far, far), rng.randrange(3), True))
        roads.append(Block(-far, shore - ROAD, far, shore))
        whole = Block(-far, -far, far, shore - ROAD)
    if site.scene == "airport":
        low = rng.uniform(-0.28, 0.02) * site.metres
        air = Block(-far, low, far, low + 0.34 * site.metres)
        length = rng.choice((120, 160, 200, 240))
        middle = rng.uniform(-0.05, 0.05) * site.metres
        runway = Block(middle - length / 2, low + 14, middle + length / 2, low + 32)
        parcels += [Parcel("meadow", Block(air.u0, low, air.u1, low + 46), 1, True),
                    Parcel("yard", Block(air.u0, low + 46, air.u1, air.v1), 0, True)]  # fmt: skip
        upper, lower = Block(-far, air.v1, far, far), Block(-far, -far, far, low)
        for part in (upper, lower):
            _split(part, rng, 2, True, parcels, roads, site.scene)
    else:
        _split(whole, rng, 4, True, parcels, roads, site.scene)
    return replace(site, parcels=tuple(parcels), roads=tuple(roads), runway=runway)


def _split(
    block: Block, rng: random.Random, depth: int, road: bool, parcels: list[Parcel], roads: list[Block], scene: str
) -> None:
    """Cut a block in two by a road or a hedge until the pieces are parcels."""
    if depth == 0 or min(block.width, block.height) < 70 or max(block.width, block.height) < 130:
        uses = _USES[scene]
        land = rng.choices(list(uses), list(uses.values()))[0]
        parcels.append(Parcel(land, block, rng.randrange(3), rng.random() < 0.5))
        return
    gap = ROAD if road else 3.0
    share = rng.uniform(0.38, 0.62)
    if block.width > block.height:
        at = block.u0 + share * block.width
        first, second = replace(block, u1=at - gap / 2), replace(block, u0=at + gap / 2)
        cut = replace(block, u0=at - gap / 2, u1=at + gap / 2)
    else:
        at = block.v0 + share * block.height
        first, second = replace(block, v1=at - gap / 2), replace(block, v0=at + gap / 2)
        cut = replace(block, v0=at - gap / 2, v1=at + gap / 2)
    if road:
        roads.append(cut)
    again = road and rng.random() < 0.4
    for part in (first, second):
        _split(part, rng, depth - 1, again, parcels, roads, scene)


def _number(rng: random.Random, prior: Prior, most: int) -> int:
    share = rng.random()
    share = {"skewed": share**2, "flat": share, "inverted": 1 - share**2}[prior]
    return min(most, 1 + int(share * most))


def _things(site: Site, rng: random.Random, most: int) -> list[Structure]:
    """Some of each kind that has its land on the picture."""
    placed: list[Structure] = []
    lands = {parcel.land for parcel in site.parcels}
    wanted = [("plane", "yard")] if site.runway is not None else []
    wanted += [("ship", "water"), ("tank", "yard"), ("house", "town"), ("car", "road")]
    for kind, land in wanted:
        if (land == "road" and not site.roads) or (land != "road" and land not in lands):
            continue
        if kind == "tank" and site.scene == "airport":
            continue
        if rng.random() < 0.2 and kind not in ("plane", "ship"):
            continue
        target = _number(rng, site.prior, most)
        if kind == "house":
            target = min(12, target + rng.randint(0, 2))
        for _ in range(target * 14):
            if sum(t.kind == kind for t in placed) == target:
                break
            thing = draw_thing(site, rng, kind, land)
            if thing is not None and fits(site, thing, placed):
                placed.append(thing)
    return placed


def draw_thing(site: Site, rng: random.Random, kind: str, land: str) -> Structure | None:
    _, lengths, widths = _LOOKS[kind]
    length = rng.uniform(*lengths)
    width = length * rng.uniform(*widths)
    room = math.hypot(length, width) / 2 + 1
    if land == "road":
        road = rng.choice(site.roads)
        across = road.width < road.height
        heading = (90.0 * rng.randrange(0, 4, 2) if across else 90.0 * rng.randrange(1, 4, 2)) - site.turn
        lane = rng.choice((-1, 1)) * ROAD * 0.23
        # Within the road from bumper to bumper.
        u = (road.u0 + road.u1) / 2 + lane if across else rng.uniform(road.u0 + length / 2, road.u1 - length / 2)
        v = rng.uniform(road.v0 + length / 2, road.v1 - length / 2) if across else (road.v0 + road.v1) / 2 + lane
        width = min(width, ROAD * 0.42)
    else:
        parcels = [p for p in site.parcels if p.land == land and min(p.block.width, p.block.height) > 2 * room]
        if not parcels:
            return None
        block = rng.choice(parcels).block.inset(room)
        u, v = rng.uniform(block.u0, block.u1), rng.uniform(block.v0, block.v1)
        turned = kind in ("ship", "plane")
        heading = rng.uniform(0, 360) if turned else 90.0 * rng.randrange(4) - site.turn + rng.uniform(-4, 4)
    x, y = site.world(u, v)
    return Structure(kind, rng.choice(colours_of(kind, site.split)), x, y, length, width, heading % 360)


def fits(site: Site, thing: Structure, placed: list[Structure]) -> bool:
    """On the picture, off the runway, and with space about it."""
    half = site.metres / 2 - 2
    if any(abs(v) > half for corner in thing.corners() for v in corner):
        return False
    return not any(overlap(thing, other, _MARGIN) for other in placed)


def overlap(a: Structure, b: Structure, margin: float = 0.0) -> bool:
    """Whether two rotated boxes come nearer than ``margin`` (by the axis test: exact for 0, on the safe side otherwise)."""
    if math.dist((a.x, a.y), (b.x, b.y)) > (math.hypot(a.length, a.width) + math.hypot(b.length, b.width)) / 2 + margin:
        return False
    for thing in (a, b):
        for angle in (thing.heading, thing.heading + 90):
            axis = (math.sin(math.radians(angle)), math.cos(math.radians(angle)))
            one, two = (_span(t.corners(), axis) for t in (a, b))
            if one[0] > two[1] + margin or two[0] > one[1] + margin:
                return False
    return True


def _span(points: tuple[Point, ...], axis: Point) -> Point:
    along = [p[0] * axis[0] + p[1] * axis[1] for p in points]
    return min(along), max(along)
