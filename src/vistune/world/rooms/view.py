"""What programs about rooms run on: a room as one camera sees it, and the steps about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from vistune.world.program import COMMON, Ambiguous, Operation
from vistune.world.rooms.facts import SEEN, UNSEEN, seen_pixels
from vistune.world.rooms.furniture import FURNISHINGS
from vistune.world.rooms.room import Furniture, Room

#: Distances are compared only if they differ by this much, in metres and as a share of the smaller one.
CLEARLY, SHARE = 0.35, 1.2
#: Directions are said only this far (degrees) from the border between them.
AWAY = 20.0


class RoomView:
    """A room with the facts of camera number ``camera`` worked out once."""

    def __init__(self, room: Room, camera: int = 0) -> None:
        self.room = room
        self.things: tuple[Furniture, ...] = room.things
        self.camera = camera
        pixels = np.stack([seen_pixels(room, number) for number in range(len(room.cameras))])
        self.pixels = pixels
        self.seen = tuple(int(i) for i in np.flatnonzero(pixels[camera] >= SEEN))
        self.doubtful = frozenset(int(i) for i in np.flatnonzero((pixels[camera] < SEEN) & (pixels[camera] >= UNSEEN)))
        self.names = {i: self._name(i) for i in range(len(self.things))}
        self.told = {name: i for i, name in self.names.items() if name is not None}
        self.centres = np.array([thing.centre for thing in self.things]).reshape(-1, 3)
        self.picture, self.depths = room.cameras[camera].project(self.centres, 64, 64)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about rooms."""
        return OPERATIONS

    def _name(self, index: int) -> str | None:
        """``the small red chair``: the fewest attributes that fit this thing alone in the room; None if none do."""
        thing = self.things[index]
        rivals = [other for i, other in enumerate(self.things) if i != index and other.kind == thing.kind]
        usable = [name for name in ("colour", "size", "material") if getattr(thing, name) not in ("medium", "plain")]
        for length in range(len(usable) + 1):
            for chosen in combinations(usable, length):
                if not any(all(getattr(r, n) == getattr(thing, n) for n in chosen) for r in rivals):
                    words = [getattr(thing, n) for n in ("size", "colour", "material") if n in chosen]
                    return " ".join(["the", *words, thing.kind])
        return None

    def named(self) -> list[int]:
        """The seen things that have a name of their own."""
        return [i for i in self.seen if self.names[i] is not None]

    def gap(self, i: int, j: int) -> float:
        """Metres between the middles of two things."""
        return float(np.linalg.norm(self.centres[i] - self.centres[j]))

    def away(self, i: int) -> float:
        """Metres from the camera to the middle of a thing."""
        return float(np.linalg.norm(self.centres[i] - np.asarray(self.room.cameras[self.camera].position)))


def _thing(view: RoomView, _doubt: bool, _values: tuple, name: str) -> int:
    if name not in view.told:
        raise Ambiguous(f"'{name}' is not in this room, or not alone.")
    return view.told[name]


def _nearer_to_camera(view: RoomView, doubt: bool, values: tuple, _argument: None) -> bool:
    return _shorter(view.away(values[0]), view.away(values[1]), doubt)


def _nearer_to(view: RoomView, doubt: bool, values: tuple, _argument: None) -> bool:
    anchor, a, b = values
    return _shorter(view.gap(anchor, a), view.gap(anchor, b), doubt)


def _shorter(first: float, second: float, doubt: bool) -> bool:
    low, high = sorted((first, second))
    return doubt if high - low < CLEARLY or high < SHARE * low else first < second


def _left(view: RoomView, doubt: bool, values: tuple, _argument: None) -> bool:
    """By the middles on the picture, 64 px wide: less than 6 px apart is doubtful."""
    x, y = (view.picture[i, 0] for i in values)
    return doubt if abs(x - y) < 6 else bool(x < y)


def _taller(view: RoomView, doubt: bool, values: tuple, _argument: None) -> bool:
    a, b = (view.things[i].extent[2] for i in values)
    return doubt if max(a, b) < 1.12 * min(a, b) else a > b


def metres(distance: float) -> int:
    """A distance in whole metres. Raises ``Ambiguous`` where it is not near a whole number."""
    whole = round(distance)
    if abs(distance - whole) > 0.3 or whole < 1:
        raise Ambiguous(f"{distance:.2f} m is not near a whole number of metres.")
    return whole


def side_of(view: RoomView, three: tuple[int, int, int]) -> str | None:
    """Where the last is for somebody who stands at the first and looks at the second; None if it is not clear."""
    stand, face, target = (view.centres[i, :2] for i in three)
    ahead, there = face - stand, target - stand
    if min(math.hypot(*ahead), math.hypot(*there)) < 0.5:
        return None
    angle = math.degrees(math.atan2(ahead[0] * there[1] - ahead[1] * there[0], float(ahead @ there)))
    if AWAY <= abs(angle) <= 135 - AWAY:
        return "left" if angle > 0 else "right"
    return "behind" if abs(angle) >= 135 + AWAY else None


def _turned(view: RoomView, _doubt: bool, values: tuple, _argument: None) -> str:
    side = side_of(view, values)
    if side is None:
        raise Ambiguous("It is not clearly left, right or behind.")
    return side


def _on(view: RoomView, doubt: bool, values: tuple, _argument: None) -> tuple[int, ...]:
    known = [*view.seen, *(view.doubtful if doubt else ())]
    return tuple(i for i in known if view.things[i].on == values[0])


def _kind(view: RoomView, doubt: bool, values: tuple, kind: str) -> tuple[int, ...]:
    """Seen things of a kind; with ``doubt`` those too of which only a corner shows."""
    known = [*values[0], *(view.doubtful if doubt else ())]
    return tuple(i for i in known if view.things[i].kind == kind)


def _in_either(view: RoomView, doubt: bool, _values: tuple, kind: str) -> tuple[int, ...]:
    """Things of a kind that the first two cameras show, each once; with ``doubt`` those too of which only a corner shows."""
    most = view.pixels[:2].max(0)
    least = UNSEEN if doubt else SEEN
    return tuple(i for i, thing in enumerate(view.things) if thing.kind == kind and most[i] >= least)


def _filter(attribute: str) -> Operation:
    return Operation(
        1,
        True,
        lambda view, _d, values, word: tuple(i for i in values[0] if getattr(view.things[i], attribute) == word),
    )


def _seen_from(view: RoomView, _doubt: bool, values: tuple, _argument: None) -> tuple[int, ...]:
    pixels = view.pixels[:, values[0]]
    if ((pixels < SEEN) & (pixels >= UNSEEN)).any():
        raise Ambiguous("Only a corner of it shows in one of the views.")
    return tuple(int(k) for k in np.flatnonzero(pixels >= SEEN))


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "seen": Operation(0, False, lambda view, _d, _v, _x: view.seen),
    "thing": Operation(0, True, _thing),
    "kind": Operation(1, True, _kind, doubtful=True),
    "colour": _filter("colour"),
    "colour_of": Operation(1, False, lambda view, _d, values, _x: view.things[values[0]].colour),
    "name": Operation(1, False, lambda view, _d, values, _x: f"the {view.things[values[0][0]].kind}"),
    "metres_away": Operation(1, False, lambda view, _d, values, _x: metres(view.away(values[0]))),
    "metres_between": Operation(2, False, lambda view, _d, values, _x: metres(view.gap(*values))),
    "nearer_to_camera": Operation(2, False, _nearer_to_camera, doubtful=True),
    "nearer_to": Operation(3, False, _nearer_to, doubtful=True),
    "left_of": Operation(2, False, _left, doubtful=True),
    "taller": Operation(2, False, _taller, doubtful=True),
    "turned": Operation(3, False, _turned),
    "on": Operation(1, False, _on, doubtful=True),
    "in_either": Operation(0, True, _in_either, doubtful=True),
    "seen_from": Operation(1, False, _seen_from),
    "views": Operation(1, False, lambda _view, _d, values, _x: VIEWS[values[0]]),
}
#: How views are named when there are two.
VIEWS = {(0,): "the first", (1,): "the second", (0, 1): "both", (): "neither"}

KIND_NAMES = tuple(FURNISHINGS)
