"""Houses from seeds."""

from __future__ import annotations

import random
from functools import lru_cache

from vistune.core.errors import ConfigError
from vistune.world.houses.furnish import furnish, is_furnished, put_windows
from vistune.world.houses.house import Array, Door, House, Landmark, Space
from vistune.world.houses.layout import lay_out
from vistune.world.houses.places import stand_in, viewpoints_of
from vistune.world.scene import Prior, Split

_PLANS, _FURNISHINGS = 500, 12


@lru_cache(maxsize=48)
def sample_house(
    seed: int, *, split: Split = "train", prior: Prior = "skewed", min_rooms: int = 4, max_rooms: int = 7
) -> House:
    """House number ``seed`` of a split. Training lacks the held-out pairs of colour and kind of thing.

    Raises:
        ConfigError: an impossible number of rooms.
    """
    if not 2 <= min_rooms <= max_rooms:
        raise ConfigError(f"A house has {min_rooms} to {max_rooms} rooms: give at least 2, and not more than the most.")
    rng = random.Random(f"house/{split}/{prior}/{seed}")
    count = rng.randint(min_rooms, max_rooms)
    for _ in range(_PLANS):
        plan = lay_out(rng, count, prior)
        house = None if plan is None else _house(rng, seed, split, prior, *plan)
        if house is not None:
            return house
    raise ConfigError(f"No house of {min_rooms} to {max_rooms} rooms was found for seed {seed}: ask for fewer rooms.")


def _house(
    rng: random.Random, seed: int, split: Split, prior: Prior, rooms: list[Space], doors: list[Door]
) -> House | None:
    scan = f"{split}{'' if prior == 'skewed' else prior[0]}{seed:07d}"
    things: list[Landmark] = []
    inner: list[list[Array]] = []
    for number, room in enumerate(rooms):
        mine = [door for door in doors if number in door.rooms]
        for _ in range(_FURNISHINGS):
            made = furnish(rng, number, room, mine, len(things), split, prior)
            spots = stand_in(room, mine, made) if is_furnished(room, made) else None
            if spots is not None:
                things += made
                inner.append(spots)
                break
        else:
            return None
    points, edges = viewpoints_of(scan, rooms, doors, things, inner)
    if not _joined(len(points), edges):
        return None
    windows = put_windows(rng, rooms, things)
    return House(
        seed, scan, tuple(rooms), tuple(doors), tuple(things), tuple(windows), tuple(points), tuple(edges), prior, split
    )


def _joined(count: int, edges: list[tuple[int, int]]) -> bool:
    """Whether every viewpoint can be reached from every other."""
    group = list(range(count))
    for a, b in edges:
        group = [group[a] if g == group[b] else g for g in group]
    return len(set(group)) == 1
