"""``HouseWalk``: a simulator of walks in a house, after that of R2R. Its state is a value, its steps are exact."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, nearest
from vistune.world.houses.graph import path
from vistune.world.houses.house import House, turn
from vistune.world.houses.seeing import FIELD, HEADINGS, Candidate, candidates, look, view_index

#: One turn of the head, in radians, and how far one can look up and down.
TURN = 2 * math.pi / HEADINGS
ACTIONS = ("left", "right", "up", "down", "forward", "stop")


@dataclass(frozen=True, slots=True)
class Pose:
    """Where somebody stands and looks: heading clockwise from north (0 to 2 pi), elevation up; ``stopped``: the end."""

    viewpoint: int
    heading: float = 0.0
    elevation: float = 0.0
    stopped: bool = False


@dataclass(frozen=True, eq=False)
class Observation:
    """What is seen: ``rgb`` uint8 ``[size, size, 3]``, the nearest of the 36 views, all candidates, and ``ahead``: those

    in the field of view, the one nearest to the middle of the picture first (the first is where "forward" leads).
    """

    rgb: NDArray[np.uint8]
    view: int
    candidates: tuple[Candidate, ...]
    ahead: tuple[Candidate, ...]


class HouseWalk:
    """Walks in one house: every pose comes from a pose and an action, and nothing else is remembered.

    Actions: "left" and "right" (30 degrees), "up" and "down" (30 degrees, at most once from the horizon), "forward" (to
    the candidate nearest to the middle of the picture), "stop", or the number of a candidate viewpoint, to which one turns
    and walks.
    """

    def __init__(self, house: House, size: int = 64) -> None:
        self.house = house
        self.size = size
        self._reached: dict[tuple[int, float], frozenset[int]] = {}

    def reset(self, viewpoint: int | str, heading: float = 0.0) -> Pose:
        """The pose to begin with, at a viewpoint given by number or name. Raises ``ConfigError`` for an unknown one."""
        number = self.house.by_name.get(viewpoint, -1) if isinstance(viewpoint, str) else viewpoint
        if not 0 <= number < len(self.house.viewpoints):
            last = len(self.house.viewpoints) - 1
            raise ConfigError(f"House {self.house.scan} has no viewpoint {viewpoint!r}: give a name or 0 to {last}.")
        return Pose(number, heading % (2 * math.pi))

    def step(self, pose: Pose, action: str | int) -> Pose:
        """The pose after an action; the same pose where "forward" or a further turn leads nowhere, or after "stop".

        Raises:
            ConfigError: an unknown action, or a viewpoint that is no candidate.
        """
        if pose.stopped:
            return pose
        if isinstance(action, int):
            if action not in self.house.neighbours[pose.viewpoint]:
                near = ", ".join(map(str, self.house.neighbours[pose.viewpoint]))
                raise ConfigError(f"From viewpoint {pose.viewpoint} one cannot walk to {action}: only to {near}.")
            return Pose(action, self.house.heading(pose.viewpoint, action), 0.0)
        if action not in ACTIONS:
            raise ConfigError(f"There is no action '{action}' in a house. {nearest(action, ACTIONS)}")
        if action == "stop":
            return replace(pose, stopped=True)
        if action in ("left", "right"):
            way = TURN if action == "right" else -TURN
            return replace(pose, heading=(pose.heading + way) % (2 * math.pi))
        if action in ("up", "down"):
            level = round(pose.elevation / TURN) + (1 if action == "up" else -1)
            return replace(pose, elevation=max(-1, min(1, level)) * TURN)
        ahead = self.ahead(pose)
        return Pose(ahead[0].viewpoint, pose.heading, pose.elevation) if ahead else pose

    def ahead(self, pose: Pose) -> tuple[Candidate, ...]:
        """Candidates within the field of view, the one nearest to the middle first."""
        half = math.radians(FIELD) / 2
        inside = [c for c in candidates(self.house, pose.viewpoint) if abs(turn(pose.heading, c.heading)) <= half]
        return tuple(sorted(inside, key=lambda c: abs(turn(pose.heading, c.heading))))

    def observe(self, pose: Pose) -> Observation:
        """What is seen from a pose."""
        view = look(self.house, pose.viewpoint, pose.heading, pose.elevation, height=self.size, width=self.size)
        near = tuple(candidates(self.house, pose.viewpoint))
        return Observation(view.rgb, view_index(pose.heading, pose.elevation), near, self.ahead(pose))

    def expert(self, pose: Pose, goal: int) -> str:
        """The next action of who takes the shortest way to a viewpoint: turns, "forward", "stop".

        Where a viewpoint stands so close beside another that no turn brings it into the middle, the shortest way without it.
        """
        if pose.viewpoint == goal:
            return "stop"
        after = self._next(pose, goal)
        ahead = self.ahead(pose)
        if ahead and ahead[0].viewpoint == after:
            return "forward"
        away = turn(pose.heading, self.house.heading(pose.viewpoint, after))
        return "right" if away > 0 else "left"

    def _next(self, pose: Pose, goal: int) -> int:
        """The viewpoint to walk to."""
        way = path(self.house, pose.viewpoint, goal)
        if all(b in self._faced(a, pose.heading) for a, b in pairwise(way)):
            return way[1]
        # From the goal backwards: the metres from each viewpoint, over steps that can be taken.
        far, waiting = {goal: 0.0}, [(0.0, goal)]
        while waiting:
            metres, here = heappop(waiting)
            for near in self.house.neighbours[here]:
                total = metres + self.house.distance(near, here)
                if here in self._faced(near, pose.heading) and total < far.get(near, math.inf):
                    far[near] = total
                    heappush(waiting, (total, near))
        steps = {
            k: far[k] + self.house.distance(pose.viewpoint, k)
            for k in self._faced(pose.viewpoint, pose.heading)
            if k in far
        }
        return min(steps, key=lambda k: steps[k]) if steps else way[1]

    def _faced(self, viewpoint: int, heading: float) -> frozenset[int]:
        """The viewpoints that "forward" leads to from one, after turns from a heading."""
        key = viewpoint, round(heading / TURN % 1, 4) % 1
        if key not in self._reached:
            poses = [Pose(viewpoint, (heading + k * TURN) % (2 * math.pi)) for k in range(12)]
            self._reached[key] = frozenset(ahead[0].viewpoint for pose in poses if (ahead := self.ahead(pose)))
        return self._reached[key]
