"""The scripted expert: from any state towards a goal, one action at a time."""

from __future__ import annotations

import math
from dataclasses import replace

from vistune.world.tabletop.goal import AT_EDGE, CLEAR, EDGES, NEAR, SIDES, Goal, reached, stands
from vistune.world.tabletop.table import EDGE, LOW, REACH, Action, Table, free

#: Actions that an episode may take.
MOST = 60
_HIGH = 0.7


def place_for(table: Table, goal: Goal) -> tuple[float, float] | None:
    """Where the thing of a goal must be set down; None if there is no room."""
    item = table.items[goal.item]
    if goal.what in ("on", "in"):
        assert goal.other is not None
        base = table.items[goal.other]
        return None if table.carried(goal.other) else (base.x, base.y)
    for x, y in _candidates(table, goal):
        if free(table, goal.item, x, y, gap=0.02):
            there = table.with_item(goal.item, replace(item, x=x, y=y, on=None))
            if stands(replace(there, held=None), goal.what, goal.item, goal.other) is True:
                return x, y
    return None


def _candidates(table: Table, goal: Goal) -> list[tuple[float, float]]:
    """Places that reach the goal, those that ask for the shortest way first."""
    item = table.items[goal.item]
    grid = [k / 40 for k in range(41)]
    if goal.what in EDGES:
        ex, ey = EDGES[goal.what]
        at = [d for d in grid if EDGE <= d <= AT_EDGE - 0.05]
        found = [(0.5 + ex * (0.5 - d), v) if ex else (v, 0.5 + ey * (0.5 - d)) for d in at for v in grid]
    else:
        assert goal.other is not None
        base, (sx, sy) = table.items[goal.other], SIDES[goal.what]
        least = item.radius + base.radius + CLEAR / 2
        steps = [least + k * 0.02 for k in range(8) if least + k * 0.02 <= NEAR - 0.03]
        offs = (0.0, 0.03, -0.03, 0.06, -0.06)
        found = [(base.x + sx * d + abs(sy) * o, base.y + sy * d + abs(sx) * o) for d in steps for o in offs]
    return sorted(found, key=lambda place: math.hypot(place[0] - item.x, place[1] - item.y))


def act(table: Table, goal: Goal) -> Action | None:
    """The expert's next action; None where the goal is reached, or cannot be."""
    if reached(table, goal):
        return Action(dz=REACH) if table.z < _HIGH else None
    item = table.items[goal.item]
    if table.held is None:
        if table.closed:
            return Action(grip="open")
        if table.carried(goal.item):
            return None
        return _go(table, item.x, item.y) or _lower(table) or Action(grip="close")
    if table.held != goal.item:
        return None
    place = place_for(table, goal)
    if place is None:
        return None
    return _go(table, *place) or _lower(table) or Action(grip="open")


def _go(table: Table, x: float, y: float) -> Action | None:
    """Towards a place above the things: up first, then along; None when there."""
    if abs(x - table.x) < 1e-6 and abs(y - table.y) < 1e-6:
        return None
    if table.z < _HIGH:
        return Action(dz=REACH)
    dx, dy = (max(-REACH, min(REACH, v)) for v in (x - table.x, y - table.y))
    return Action(dx, dy)


def _lower(table: Table) -> Action | None:
    return Action(dz=-min(REACH, table.z)) if table.z > LOW else None
