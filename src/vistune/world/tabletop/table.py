"""``Table``: a gripper above a table with things on it, and the exact step from one state to the next.

The table is a square of side 1: x to the right, y away from the viewer. The gripper's height z goes from 0 (at the
things) to 1 (above all).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["block", "bowl", "cup", "ball"]
KINDS: tuple[Kind, ...] = ("block", "bowl", "cup", "ball")
COLOURS: tuple[str, ...] = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")
#: Radius of a thing on the table, in shares of its side.
RADIUS: dict[str, float] = {"block": 0.055, "bowl": 0.085, "cup": 0.055, "ball": 0.045}
#: Kinds that others can be put onto, or into.
CARRIES = frozenset({"block", "bowl"})
#: Furthest that one action moves the gripper along an axis.
REACH = 0.15
#: The gripper takes hold of what it is this close to, and is low at this height.
GRASP, LOW = 0.03, 0.1
#: Things stay this far from the edge.
EDGE = 0.09


@dataclass(frozen=True, slots=True)
class Item:
    """A thing. ``on``: the place in ``Table.items`` of what it stands on or lies in. ``material`` cannot be seen."""

    kind: Kind
    colour: str
    x: float
    y: float
    on: int | None = None
    material: str | None = None

    @property
    def name(self) -> str:
        """``red block``."""
        return f"{self.colour} {self.kind}"

    @property
    def radius(self) -> float:
        return RADIUS[self.kind]


@dataclass(frozen=True, slots=True)
class Action:
    """Movement of the gripper in shares of the table, at most ``REACH`` an axis; ``grip``: closed, opened or as it is."""

    dx: float = 0.0
    dy: float = 0.0
    dz: float = 0.0
    grip: Literal["close", "open"] | None = None

    @property
    def words(self) -> str:
        """What the action mostly does: ``right``, ``away``, ``down``, ``close``, ``stay``..."""
        if self.grip is not None:
            return self.grip
        moves = {"right": self.dx, "left": -self.dx, "away": self.dy, "near": -self.dy, "up": self.dz, "down": -self.dz}
        best = max(moves, key=lambda name: moves[name])
        return best if moves[best] > 1e-9 else "stay"


@dataclass(frozen=True, slots=True)
class Table:
    """A state. ``held``: the place in ``items`` of what the gripper holds."""

    items: tuple[Item, ...]
    x: float = 0.5
    y: float = 0.5
    z: float = 1.0
    closed: bool = False
    held: int | None = None

    def carried(self, index: int) -> bool:
        """Whether something stands on a thing, or lies in it."""
        return any(item.on == index for item in self.items)

    def level(self, index: int) -> int:
        """How many things are under a thing."""
        below = self.items[index].on
        return 0 if below is None else 1 + self.level(below)

    def with_item(self, index: int, item: Item) -> Table:
        """The state with one thing replaced."""
        items = list(self.items)
        items[index] = item
        return replace(self, items=tuple(items))


def apart(a: Item, b: Item) -> float:
    """Free way between two things on the table; negative where they overlap."""
    return math.hypot(a.x - b.x, a.y - b.y) - a.radius - b.radius


def free(table: Table, index: int, x: float, y: float, gap: float = 0.0) -> bool:
    """Whether a thing can stand on the table at a place."""
    moved = replace(table.items[index], x=x, y=y)
    inside = EDGE - 1e-9 <= x <= 1 - EDGE + 1e-9 and EDGE - 1e-9 <= y <= 1 - EDGE + 1e-9
    others = [o for k, o in enumerate(table.items) if k not in (index, table.held) and o.on is None]
    return inside and all(apart(moved, other) >= gap - 1e-9 for other in others)


def step(table: Table, action: Action) -> Table:
    """The state after an action; what cannot be done is left undone, so that every action is allowed.

    The gripper first moves, with what it holds. Low and closed on nothing, it pushes what stands in its way, until that
    meets another thing or the edge. Then it closes on the nearest thing within ``GRASP`` that carries nothing, or opens:
    what it held is set down on what carries things below it, or on the table if there is room, and else kept.
    """
    after = _moved(table, action)
    if action.grip == "close" and not after.closed:
        return _closed(after)
    if action.grip == "open" and after.closed:
        return _opened(after)
    return after


def _moved(table: Table, action: Action) -> Table:
    dx, dy, dz = (max(-REACH, min(REACH, v)) for v in (action.dx, action.dy, action.dz))
    x, y, z = (max(0.0, min(1.0, v)) for v in (table.x + dx, table.y + dy, table.z + dz))
    if table.held is not None:
        held = replace(table.items[table.held], x=x, y=y)
        return replace(table.with_item(table.held, held), x=x, y=y, z=z)
    if table.closed and table.z <= LOW and z <= LOW and (dx or dy):
        return _pushed(table, x, y, z)
    return replace(table, x=x, y=y, z=z)


def _pushed(table: Table, x: float, y: float, z: float) -> Table:
    """The gripper goes in small steps and takes along the first thing that it touches."""
    small = 30
    now = table
    for k in range(1, small + 1):
        gx, gy = table.x + (x - table.x) * k / small, table.y + (y - table.y) * k / small
        for index, item in enumerate(now.items):
            if item.on is not None or now.carried(index):
                continue
            away = math.hypot(item.x - gx, item.y - gy)
            if away >= item.radius or away < 1e-9:
                continue
            # Out of the way along the line from the gripper to the thing.
            ix, iy = gx + (item.x - gx) / away * item.radius, gy + (item.y - gy) / away * item.radius
            if not free(now, index, ix, iy):
                return replace(now, z=z)
            now = now.with_item(index, replace(item, x=ix, y=iy))
        now = replace(now, x=gx, y=gy)
    return replace(now, z=z)


def under(table: Table) -> int | None:
    """The topmost thing that the gripper is above, within ``GRASP`` of its middle, but for the one it holds."""
    near = [
        (table.level(k), -math.hypot(item.x - table.x, item.y - table.y), k)
        for k, item in enumerate(table.items)
        if k != table.held and math.hypot(item.x - table.x, item.y - table.y) <= GRASP
    ]
    return max(near)[2] if near else None


def _closed(table: Table) -> Table:
    table = replace(table, closed=True)
    found = under(table)
    if table.z > LOW or found is None or table.carried(found):
        return table
    item = replace(table.items[found], on=None, x=table.x, y=table.y)
    return replace(table.with_item(found, item), held=found)


def _opened(table: Table) -> Table:
    if table.held is None:
        return replace(table, closed=False)
    below, held = under(table), table.items[table.held]
    if below is not None and table.items[below].kind in CARRIES and not table.carried(below):
        base = table.items[below]
        item = replace(held, x=base.x, y=base.y, on=below)
    elif free(table, table.held, table.x, table.y):
        item = replace(held, x=table.x, y=table.y, on=None)
    else:
        return table
    return replace(table.with_item(table.held, item), held=None, closed=False)
