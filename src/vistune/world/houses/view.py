"""What programs about houses run on: somebody who stands in one, or its plan with a walk on it."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from vistune.world.houses.graph import path
from vistune.world.houses.house import House, side, turn
from vistune.world.houses.seeing import SEEN, UNSEEN, sightings
from vistune.world.program import COMMON, Ambiguous, Operation

#: Distances and areas are compared only if the larger is this much larger.
SHARE = 1.25


@dataclass(frozen=True)
class Stand:
    """Somebody in a house at a viewpoint, looking along ``heading``."""

    house: House
    viewpoint: int
    heading: float


@dataclass(frozen=True)
class Plan:
    """The plan of a house with a walk drawn on it."""

    house: House
    way: tuple[int, ...]


def sample_stand(house: House, seed: int) -> Stand:
    """A place within a room of a house, every room alike often, and a heading: a multiple of 30 degrees."""
    rng = random.Random(f"stand/{house.prior}/{house.scan}/{seed}")
    room = rng.randrange(len(house.rooms))
    places = [k for k, point in enumerate(house.viewpoints) if point.rooms == (room,)]
    return Stand(house, rng.choice(places), rng.randrange(12) * math.pi / 6)


def sample_plan(house: House, seed: int) -> Plan:
    """A plan with the shortest walk between places in two rooms."""
    rng = random.Random(f"plan/{house.prior}/{house.scan}/{seed}")
    first, last = rng.sample(range(len(house.rooms)), 2)
    start, goal = (rng.choice([k for k, p in enumerate(house.viewpoints) if p.rooms == (r,)]) for r in (first, last))
    return Plan(house, path(house, start, goal))


class StandView:
    """What is around somebody; things and doors of the room in which they stand."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.house = stand.house
        self.room = self.house.room_of(stand.viewpoint, stand.heading)
        self.spots = sightings(self.house, stand.viewpoint)
        mine = [*self.house.things_of[self.room], *(len(self.house.things) + d for d in self.house.doors_of[self.room])]
        self.seen = tuple(i for i in mine if self.spots[i].pixels >= SEEN)
        self.doubtful = frozenset(i for i in mine if UNSEEN <= self.spots[i].pixels < SEEN)
        # What is in the room, but behind something, must not be denied.
        self.hidden = frozenset(i for i in mine if self.spots[i].pixels < UNSEEN)
        # What shows through a door, or only a little, may not share a name with what is asked about.
        self.elsewhere = frozenset(
            i for i, spot in enumerate(self.spots) if spot.pixels >= UNSEEN and i not in self.seen
        )
        self.told = {name: i for i in self.seen if (name := self._name(i)) is not None}
        self.names = {i: name for name, i in self.told.items()}

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about what is around."""
        return STAND_OPERATIONS

    def kind(self, number: int) -> str:
        """Of a thing, or "door"."""
        return self.house.things[number].kind if number < len(self.house.things) else "door"

    def colour(self, number: int) -> str:
        """Of a thing or a door."""
        first = len(self.house.things)
        return self.house.things[number].colour if number < first else self.house.doors[number - first].colour

    def _name(self, number: int) -> str | None:
        """``the sofa``, ``the red sofa``: what fits this one alone among all that shows at all; else None."""
        rivals = [i for i in (*self.seen, *self.elsewhere) if i != number and self.kind(i) == self.kind(number)]
        if not rivals:
            return f"the {self.kind(number)}"
        if any(self.colour(i) == self.colour(number) for i in rivals):
            return None
        return f"the {self.colour(number)} {self.kind(number)}"

    def side(self, number: int) -> str | None:
        """Ahead, right, behind, left; None near the borders."""
        return side(turn(self.stand.heading, self.spots[number].heading))


def _named(view: StandView, _doubt: bool, _values: tuple, name: str) -> int:
    if name not in view.told:
        raise Ambiguous(f"'{name}' does not show here, or is not alone.")
    return view.told[name]


def _kind(view: StandView, doubt: bool, values: tuple, kind: str) -> tuple[int, ...]:
    known = [*values[0], *(view.doubtful | view.hidden if doubt else ())]
    return tuple(i for i in known if view.kind(i) == kind)


def _side(view: StandView, _doubt: bool, values: tuple, _argument: None) -> str:
    found = view.side(values[0])
    if found is None:
        raise Ambiguous("It is between two sides.")
    return found


def _nearer(view: StandView, doubt: bool, values: tuple, _argument: None) -> bool:
    a, b = (view.spots[i].distance for i in values)
    return doubt if max(a, b) < SHARE * min(a, b) else a < b


STAND_OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "seen": Operation(0, False, lambda view, _d, _v, _x: view.seen),
    "named": Operation(0, True, _named),
    "kind": Operation(1, True, _kind, doubtful=True),
    "colour": Operation(
        1, True, lambda view, _d, values, word: tuple(i for i in values[0] if view.colour(i) == word)
    ),
    "colour_of": Operation(1, False, lambda view, _d, values, _x: view.colour(values[0])),
    "side_of": Operation(1, False, _side),
    "nearer": Operation(2, False, _nearer, doubtful=True),
    "room": Operation(0, False, lambda view, _d, _v, _x: view.house.rooms[view.room].kind),
}  # fmt: skip


class PlanView:
    """A plan: rooms by their kinds (where a kind is there once), doors by their colours."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.house = plan.house
        kinds = [room.kind for room in self.house.rooms]
        self.told = {kind: r for r, kind in enumerate(kinds) if kinds.count(kind) == 1}

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about plans."""
        return PLAN_OPERATIONS

    def joined(self, a: int, b: int) -> tuple[int, ...]:
        """The doors between two rooms."""
        return tuple(d for d, door in enumerate(self.house.doors) if set(door.rooms) == {a, b})

    def doors_between(self, a: int, b: int) -> int:
        """The fewest doors that one must pass from a room to another."""
        far, queue = {a: 0}, deque([a])
        while queue:
            room = queue.popleft()
            for d in self.house.doors_of[room]:
                other = self.house.doors[d].beyond(room)
                if other not in far:
                    far[other] = far[room] + 1
                    queue.append(other)
        return far[b]


def _room(view: PlanView, _doubt: bool, _values: tuple, kind: str) -> int:
    if kind not in view.told:
        raise Ambiguous(f"The house has no {kind}, or several.")
    return view.told[kind]


def _through(view: PlanView, _doubt: bool, values: tuple, colour: str) -> int:
    doors = [d for d in view.house.doors_of[values[0]] if view.house.doors[d].colour == colour]
    if len(doors) != 1:
        raise Ambiguous(f"There is no {colour} door here.")
    return view.house.doors[doors[0]].beyond(values[0])


def _larger(view: PlanView, doubt: bool, values: tuple, _argument: None) -> bool:
    a, b = (view.house.rooms[r].area for r in values)
    return doubt if max(a, b) < SHARE * min(a, b) else a > b


def _left(view: PlanView, doubt: bool, values: tuple, _argument: None) -> bool:
    """By the middles: less than a metre apart is doubtful."""
    a, b = (view.house.rooms[r].middle[0] for r in values)
    return doubt if abs(a - b) < 1.0 else a < b


def _way_room(place: int) -> Operation:
    return Operation(
        0, False, lambda view, _d, _v, _x: view.house.viewpoints[view.plan.way[place]].rooms[0]
    )  # fmt: skip


PLAN_OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "room": Operation(0, True, _room),
    "kind_of": Operation(1, False, lambda view, _d, values, _x: view.house.rooms[values[0]].kind),
    "doors_of": Operation(1, False, lambda view, _d, values, _x: view.house.doors_of[values[0]]),
    "doors_to": Operation(2, False, lambda view, _d, values, _x: view.joined(*values)),
    "door_colour": Operation(1, False, lambda view, _d, values, _x: view.house.doors[values[0][0]].colour),
    "doors_between": Operation(2, False, lambda view, _d, values, _x: view.doors_between(*values)),
    "through": Operation(1, True, _through),
    "larger": Operation(2, False, _larger, doubtful=True),
    "left_of": Operation(2, False, _left, doubtful=True),
    "way_start": _way_room(0),
    "way_end": _way_room(-1),
    "way_doors": Operation(
        0, False, lambda view, _d, _v, _x: sum(view.house.viewpoints[k].door is not None for k in view.plan.way)
    ),
}  # fmt: skip


@lru_cache(maxsize=256)
def stand_view(stand: Stand) -> StandView:
    """The view of somebody, kept."""
    return StandView(stand)
