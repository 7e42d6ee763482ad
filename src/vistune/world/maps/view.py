"""What programs about two paths on a map run on, and their steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from vistune.world.maps.chart import HALF
from vistune.world.maps.choice import Choice
from vistune.world.maps.judging import BY_NAME, describe, turns, unanimous, votes
from vistune.world.program import COMMON, Ambiguous, Operation

#: Corner -> its place on the map. Start and goal lie in the other two.
CORNERS = {"the upper left": (-HALF, HALF), "the lower right": (HALF, -HALF)}
#: Turns this near to 90 degrees are neither sharp nor not.
_NEAR_SHARP = 6.0
_NEAR_CORNER = 8.0


class MapView:
    """A choice with the descriptors of its paths."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.plans = {"path 1": choice.first, "path 2": choice.second}
        self.described = {name: describe(choice.chart, plan) for name, plan in self.plans.items()}
        self.zones = dict(choice.zones)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about maps."""
        return OPERATIONS

    def corner_distance(self, path: str, corner: str) -> float:
        """How near a path comes to a corner."""
        points = self.plans[path].points
        return min(_distance(CORNERS[corner], a, b) for a, b in pairwise(points))


def _distance(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    share = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy)))
    return math.dist(p, (a[0] + share * dx, a[1] + share * dy))


def _descriptor(view: MapView, _doubt: bool, _values: tuple, key: str) -> float:
    path, name = key.split("/")
    return view.described[path][name]


def _less(view: MapView, _doubt: bool, values: tuple, name: str) -> bool:
    if abs(values[0] - values[1]) < view.zones[name] or values[0] == values[1]:
        raise Ambiguous(f"The paths are too alike in {name}.")
    return values[0] < values[1]


def _votes(view: MapView, _doubt: bool, _values: tuple, scenario: str) -> tuple[int, ...]:
    return votes(BY_NAME[scenario], view.described["path 1"], view.described["path 2"], view.zones)


def _first_wins(_view: MapView, _doubt: bool, values: tuple, _argument: None) -> bool:
    winner = unanimous(values[0])
    if winner is None:
        raise Ambiguous("The votes are not unanimous.")
    return winner == 1


def _sharp(view: MapView, doubt: bool, _values: tuple, path: str) -> tuple[int, ...]:
    bound = 90 + (_NEAR_SHARP if doubt else -_NEAR_SHARP)
    return tuple(k for k, turn in enumerate(turns(view.plans[path].points)) if turn > bound)


def _nearer(view: MapView, _doubt: bool, _values: tuple, path: str) -> bool:
    left, right = (view.corner_distance(path, corner) for corner in CORNERS)
    if abs(left - right) < _NEAR_CORNER:
        raise Ambiguous("It comes about as near to both corners.")
    return left < right


def _obstacles(view: MapView, _doubt: bool, _values: tuple, _argument: None) -> tuple[int, ...]:
    if view.choice.chart.style != "blocks":
        raise Ambiguous("Walls and cells grow together and cannot be counted.")
    return tuple(range(len(view.choice.chart.obstacles)))


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "descriptor": Operation(0, True, _descriptor),
    "less": Operation(2, True, _less),
    "votes": Operation(0, True, _votes),
    "first_wins": Operation(1, False, _first_wins),
    "sharp": Operation(0, True, _sharp, doubtful=True),
    "nearer_upper_left": Operation(0, True, _nearer),
    "obstacles": Operation(0, False, _obstacles),
    "style": Operation(0, False, lambda view, _d, _v, _x: view.choice.chart.style),
}
