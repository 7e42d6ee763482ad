"""What can be said of where one goes next: doors, things and rooms, by words that fit one alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from vistune.world.houses.house import House, side, turn
from vistune.world.houses.seeing import SEEN, sightings

#: Metres: the nearest viewpoint to a thing is nearer by this much than the next, and this near.
CLEARLY, AT = 0.35, 2.2
Sort = Literal["door", "thing", "room", "on"]


@dataclass(frozen=True, slots=True)
class Target:
    """A way to name where a step of a walk ends: viewpoint ``goal``, called ``words``.

    ``number``: of the door, thing or room; for "on" (walk on), of the viewpoint. ``way``: the side for "on", else "".
    """

    sort: Sort
    goal: int
    number: int
    words: str
    way: str = ""


def adjoining(house: House, room: int) -> set[int]:
    """A room and those behind its doors."""
    return {room, *(house.doors[d].beyond(room) for d in house.doors_of[room])}


def thing_name(house: House, number: int, rooms: set[int] | None = None) -> str | None:
    """``the sofa`` or ``the red sofa``: what fits it alone among the things of ``rooms`` (default: its own); else None."""
    thing = house.things[number]
    among = {thing.room} if rooms is None else rooms
    rivals = [o for i, o in enumerate(house.things) if i != number and o.room in among and o.kind == thing.kind]
    if not rivals:
        return f"the {thing.kind}"
    return None if any(o.colour == thing.colour for o in rivals) else f"the {thing.colour} {thing.kind}"


@lru_cache(maxsize=4096)
def nearest_place(house: House, number: int) -> int | None:
    """The viewpoint within its room that is clearly the nearest to a thing."""
    thing = house.things[number]
    return _clear_nearest(house, thing.room, thing.x, thing.y)


def _clear_nearest(house: House, room: int, x: float, y: float) -> int | None:
    away = sorted(
        (math.hypot(point.x - x, point.y - y), k)
        for k, point in enumerate(house.viewpoints)
        if point.door is None and point.rooms == (room,)
    )
    if away[0][0] > AT or (len(away) > 1 and away[1][0] - away[0][0] < CLEARLY):
        return None
    return away[0][1]


def entry(house: House, door: int, room: int) -> int | None:
    """The viewpoint within a room that is clearly the nearest to one of its doors."""
    x, y = house.doors[door].position
    return _clear_nearest(house, room, x, y)


def seen(house: House, viewpoint: int, number: int) -> bool:
    """Whether a thing or door clearly shows from a viewpoint."""
    return sightings(house, viewpoint)[number].pixels >= SEEN


def targets(house: House, viewpoint: int, heading: float) -> list[Target]:
    """All that can be named as the end of the next step by somebody who stands and looks so."""
    room = house.room_of(viewpoint, heading)
    return [
        *_doors(house, viewpoint, heading, room),
        *_things(house, viewpoint, room),
        *_into(house, viewpoint, room),
        *_onwards(house, viewpoint, heading, room),
    ]


def _doors(house: House, viewpoint: int, heading: float, room: int) -> list[Target]:
    own = house.viewpoints[viewpoint].door
    doors = [d for d in house.doors_of[room] if d != own]
    first = len(house.things)
    where = {d: sightings(house, viewpoint)[first + d].heading for d in doors}
    sides = {d: side(turn(heading, where[d])) for d in doors}
    beyond = {d: house.rooms[house.doors[d].beyond(room)].kind for d in house.doors_of[room]}
    thresholds = {point.door: k for k, point in enumerate(house.viewpoints) if point.door is not None}
    found = []
    for d in doors:
        if not seen(house, viewpoint, first + d):
            continue
        goal = thresholds[d]
        found.append(Target("door", goal, d, f"the {house.doors[d].colour} door"))
        if list(beyond.values()).count(beyond[d]) == 1:
            found.append(Target("door", goal, d, f"the door to the {beyond[d]}"))
        mine = sides[d]
        if mine is not None and not any(o != d and sides[o] in (mine, None) for o in doors):
            place = {"left": "on your left", "right": "on your right", "ahead": "ahead", "behind": "behind you"}[mine]
            found.append(Target("door", goal, d, f"the door {place}"))
    return found


def _things(house: House, viewpoint: int, room: int) -> list[Target]:
    found = []
    rooms = adjoining(house, room)
    for number in house.things_of[room]:
        goal = nearest_place(house, number)
        if (
            house.things[number].on is not None
            or goal is None
            or goal == viewpoint
            or not seen(house, viewpoint, number)
        ):
            continue
        name = thing_name(house, number, rooms)
        if name is not None:
            found.append(Target("thing", goal, number, name))
            full = f"the {house.things[number].colour} {house.things[number].kind}"
            if full != name:
                found.append(Target("thing", goal, number, full))
    return found


def _into(house: House, viewpoint: int, room: int) -> list[Target]:
    door = house.viewpoints[viewpoint].door
    goal = None if door is None else entry(house, door, room)
    return [] if goal is None else [Target("room", goal, room, f"the {house.rooms[room].kind}")]


def _onwards(house: House, viewpoint: int, heading: float, room: int) -> list[Target]:
    near = [k for k in house.neighbours[viewpoint] if room in house.viewpoints[k].rooms]
    sides = {k: side(turn(heading, house.heading(viewpoint, k))) for k in near}
    found = []
    for k in near:
        mine = sides[k]
        if mine is not None and not any(o != k and sides[o] in (mine, None) for o in near):
            found.append(Target("on", k, k, "", mine))
    return found
