"""Follow an instruction by its words alone.

Written apart from what makes instructions (``instructions``, ``naming``), so that each can be held against the other: it
reads clauses, finds what they name in the house's plan, and walks.
"""

from __future__ import annotations

import cmath
import math
import re

from vistune.core.errors import DataError
from vistune.world.houses.graph import path
from vistune.world.houses.house import House

_STOPS = ("stop", "wait", "that is the place")
_TURNS = {"left": ("turn left", "go left", "make a left turn"), "right": ("turn right", "go right", "make a right turn"),
          "behind": ("turn around", "turn back"), "ahead": ("go straight ahead", "keep straight")}  # fmt: skip
_ON = ("walk on", "go on", "move forward")
_INTO = re.compile(r"^(?:go into|step into|enter) the (.+)$")
_TO = re.compile(r"^(?:walk|go|head|make|move|step)\b.*?\b(?:to|for) (the .+)$")
_DOOR = re.compile(r"^the (?:(\w+) )?door(?: to the ([a-z ]+)| on your (left|right)| (ahead)| (behind) you)?$")


class Lost(DataError):
    """The words do not lead to one place from here."""


def follow(house: House, start: int, heading: float, text: str) -> list[int]:
    """The viewpoints that somebody walks who does what ``text`` says. Raises ``Lost``."""
    walked = [start]
    for clause in _clauses(text):
        goal, must = _read(house, walked[-1], heading, clause)
        steps = path(house, walked[-1], goal)
        if len(steps) < 2:
            raise Lost(f"'{clause}' leads nowhere from viewpoint {walked[-1]}.")
        bearing = _bearing(house, steps[0], steps[1], heading)
        if must is not None and _quarter(bearing) != must:
            raise Lost(f"'{clause}' says {must}, but the way there is elsewhere.")
        a, b = (house.viewpoints[k] for k in steps[-2:])
        heading = math.atan2(b.x - a.x, b.y - a.y)
        walked += steps[1:]
    return walked


def _clauses(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[.;]|, then ", text)]
    return [part for part in parts if part and not part.startswith(_STOPS)]


def _read(house: House, here: int, heading: float, clause: str) -> tuple[int, str | None]:
    """Where a clause leads, and the side to which it says that one turns."""
    rest, must = clause.removeprefix("go through it and "), None
    for way, words in _TURNS.items():
        for word in words:
            if rest.startswith(f"{word} and "):
                rest, must = rest[len(word) + 5 :], way
    rest = re.sub(r"past the [a-z ]+? to the ", "to the ", rest)
    room = _standing_in(house, here, heading)
    if rest in _ON:
        return _onwards(house, here, heading, room, must or "ahead"), must
    into = _INTO.match(rest)
    if into:
        if house.rooms[room].kind != into[1]:
            raise Lost(f"'{clause}': there is no {into[1]} before viewpoint {here}.")
        point = house.viewpoints[here]
        return _nearest(house, room, point.x, point.y), must
    to = _TO.match(rest)
    if to is None:
        raise Lost(f"'{clause}' cannot be read.")
    door = _DOOR.match(to[1])
    return (_door(house, here, heading, room, door) if door else _thing(house, room, to[1])), must


def _standing_in(house: House, here: int, heading: float) -> int:
    """The room whose rectangle holds a point half a metre ahead, for who stands on a threshold; else the room around."""
    point = house.viewpoints[here]
    x, y = point.x, point.y
    if point.door is not None:
        x, y = x + 0.1 * math.sin(heading), y + 0.1 * math.cos(heading)
    for number, room in enumerate(house.rooms):
        if room.x0 < x < room.x1 and room.y0 < y < room.y1:
            return number
    raise Lost(f"Viewpoint {here} faces no room.")


def _bearing(house: House, here: int, there: int, heading: float) -> float:
    a, b = house.viewpoints[here], house.viewpoints[there]
    return _turned(b.x - a.x, b.y - a.y, heading)


def _turned(dx: float, dy: float, heading: float) -> float:
    """Degrees to the right (0 to 360) of a direction for who looks along ``heading``."""
    # A complex number turned: north is 1, east is i.
    return math.degrees(cmath.phase(complex(dy, dx) * cmath.exp(-1j * heading))) % 360


def _quarter(degrees: float) -> str:
    return ("ahead", "right", "behind", "left")[int((degrees + 45) // 90) % 4]


def _nearest(house: House, room: int, x: float, y: float) -> int:
    inside = [k for k, p in enumerate(house.viewpoints) if p.door is None and p.rooms[0] == room]
    return min(inside, key=lambda k: (house.viewpoints[k].x - x) ** 2 + (house.viewpoints[k].y - y) ** 2)


def _onwards(house: House, here: int, heading: float, room: int, way: str) -> int:
    near = [
        k
        for a, b in house.edges
        if here in (a, b)
        for k in (b if a == here else a,)
        if room in house.viewpoints[k].rooms and _quarter(_bearing(house, here, k, heading)) == way
    ]
    if len(near) != 1:
        raise Lost(f"{len(near)} ways lead {way} from viewpoint {here}.")
    return near[0]


def _door(house: House, here: int, heading: float, room: int, words: re.Match[str]) -> int:
    colour, beyond, hand, ahead, behind = words.groups()
    own = house.viewpoints[here].door
    found = []
    for number, door in enumerate(house.doors):
        if room not in door.rooms or number == own:
            continue
        other = door.rooms[0] + door.rooms[1] - room
        x, y = door.position
        point = house.viewpoints[here]
        where = _quarter(_turned(x - point.x, y - point.y, heading))
        wanted = hand or ahead or behind
        if (colour in (None, door.colour)) and beyond in (None, house.rooms[other].kind) and wanted in (None, where):
            found.append(number)
    if len(found) != 1:
        raise Lost(f"'{words[0]}' fits {len(found)} doors from viewpoint {here}.")
    return next(k for k, p in enumerate(house.viewpoints) if p.door == found[0])


def _thing(house: House, room: int, words: str) -> int:
    number = named_thing(house, words, room)
    thing = house.things[number]
    return _nearest(house, room, thing.x, thing.y)


def named_thing(house: House, words: str, room: int) -> int:
    """The number of ``the sofa`` or ``the red sofa`` in a room. Raises ``Lost`` unless one thing fits."""
    *before, kind = words.removeprefix("the ").split()
    found = [
        i
        for i, t in enumerate(house.things)
        if t.room == room and t.kind == kind and all(word == t.colour for word in before)
    ]
    if len(found) != 1:
        raise Lost(f"'{words}' fits {len(found)} things in room {room}.")
    return found[0]


def read_errand(house: House, text: str) -> int:
    """The thing that an errand is about. Raises ``Lost``."""
    rooms = [n for n, room in enumerate(house.rooms) if re.search(rf"\bthe {room.kind}\b", text)]
    if len(rooms) != 1:
        raise Lost(f"'{text}' names {len(rooms)} rooms of this house.")
    kinds = "|".join(sorted({thing.kind for thing in house.things}))
    named = re.search(rf"\bthe (?:\w+ )?(?:{kinds})\b", text.replace(f"the {house.rooms[rooms[0]].kind}", ""))
    if named is None:
        raise Lost(f"'{text}' names no thing of this house.")
    return named_thing(house, named[0], rooms[0])
