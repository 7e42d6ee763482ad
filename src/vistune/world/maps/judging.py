"""Descriptors of paths, scenarios, and which of two paths a scenario prefers (PathEval, arXiv 2411.18711)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vistune.world.maps.chart import Map
from vistune.world.maps.planner import Plan, clearance

#: In the paper's order. ``smoothness`` is a cost: the sum of all turns in degrees, lower is smoother.
DESCRIPTORS = (
    "average clearance", "least clearance", "greatest clearance", "length", "sharp turns", "greatest turn", "sum of turns",
)  # fmt: skip
#: The share of a descriptor's range over the map's plans below which two paths count as alike.
DEAD_ZONE = 0.1


@dataclass(frozen=True, slots=True)
class Scenario:
    """``signs``: for each descriptor +1 if more is better, -1 if less is, 0 if it does not matter."""

    name: str
    text: str
    signs: tuple[int, int, int, int, int, int, int]


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("truck", "a truck with a long trailer must get through a maze. it cannot take sharp corners and needs gentle turns.", (0, 0, 0, 0, -1, -1, -1)),
    Scenario("firefighter", "a firefighter looks for people in a burning place. stay clear of the burning blocks and see as much of the place as possible.", (1, 1, 0, 1, 0, 0, 0)),
    Scenario("scout", "a scout crosses a war zone unseen. keep close to cover all the time and be quick.", (-1, 0, -1, -1, 0, 0, 0)),
    Scenario("drone", "a drone delivers a parcel. keep away from the buildings, save the battery and fly smoothly.", (1, 1, 0, -1, -1, -1, -1)),
    Scenario("aid", "a robot brings aid after an earthquake. never come near the ruins, and be quick.", (0, 1, 0, -1, 0, 0, 0)),
    Scenario("museum", "a guide leads a group through a museum. never come too near to a piece, and walk smoothly without sharp turns.", (0, 1, 0, 0, -1, 0, -1)),
    Scenario("bus", "a bus in two parts drives through a town. it needs wide, gentle turns, and few of them.", (0, 0, 0, 0, -1, -1, -1)),
    Scenario("harvester", "a harvester drives on a field with rocks. keep well away from the rocks.", (1, 1, 0, 0, 0, 0, 0)),
    Scenario("forklift", "a forklift carries glass through a store. never come near the shelves, and turn gently.", (0, 1, 0, 0, -1, -1, -1)),
    Scenario("crane", "a crane on wheels moves over a building site. sharp and strong turns could tip it over.", (0, 0, 0, 0, -1, -1, -1)),
    Scenario("taxi", "a taxi drives itself with a guest inside. keep away from walls, and drive smoothly for comfort.", (1, 1, 0, 0, -1, -1, -1)),
    Scenario("rover", "a rover on mars has little power. take a short and smooth way without sharp turns.", (0, 0, 0, -1, -1, 0, -1)),
    Scenario("blind guide", "a robot leads a blind person. keep away from all that one could run into, and turn gently.", (1, 1, 0, 0, -1, -1, -1)),
    Scenario("soil", "a robot takes samples of the soil near the rocks. stay near the rocks and cover much ground.", (-1, 0, -1, 1, 0, 0, 0)),
    Scenario("inspection", "a robot inspects the tanks of a power station. stay near the tanks, see much of them, and move smoothly.", (-1, 0, -1, 1, -1, -1, -1)),
)  # fmt: skip
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def turns(points: Sequence[tuple[float, float]]) -> list[float]:
    """Degrees between each two segments that follow each other."""
    found = []
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:]):
        ux, uy, vx, vy = bx - ax, by - ay, cx - bx, cy - by
        cosine = (ux * vx + uy * vy) / (math.hypot(ux, uy) * math.hypot(vx, vy))
        found.append(math.degrees(math.acos(max(-1.0, min(1.0, cosine)))))
    return found


def describe(chart: Map, plan: Plan) -> dict[str, float]:
    """The seven descriptors. Clearances are taken at the way-points, as in the paper."""
    near = clearance(np.array(plan.points), chart.edges())
    bends = turns(plan.points)
    length = sum(math.dist(a, b) for a, b in zip(plan.points, plan.points[1:]))
    values = (
        near.mean(),
        near.min(),
        near.max(),
        length,
        sum(b > 90 for b in bends),
        max(bends, default=0.0),
        sum(bends),
    )
    return dict(zip(DESCRIPTORS, map(float, values)))


def dead_zones(described: Sequence[dict[str, float]]) -> dict[str, float]:
    """Differences that are too small to count, from all plans of a map."""
    return {
        name: DEAD_ZONE * (max(d[name] for d in described) - min(d[name] for d in described)) for name in DESCRIPTORS
    }


def pick_pairs(described: Sequence[dict[str, float]], count: int = 6) -> list[tuple[int, int]]:
    """Pairs of plans that differ most in their normalised descriptors, no plan in two pairs."""
    values = np.array([[d[name] for name in DESCRIPTORS] for d in described])
    span = values.max(0) - values.min(0)
    values = (values - values.min(0)) / np.where(span > 0, span, 1.0)
    apart = np.sqrt(((values[:, None] - values[None]) ** 2).sum(-1))
    order = sorted(((-apart[i, j], i, j) for i in range(len(values)) for j in range(i)), key=lambda t: t)
    used: set[int] = set()
    pairs = []
    for _, i, j in order:
        if len(pairs) < count and not {i, j} & used:
            pairs.append((j, i))
            used |= {i, j}
    return pairs


def votes(
    scenario: Scenario, first: dict[str, float], second: dict[str, float], zones: dict[str, float]
) -> tuple[int, ...]:
    """For each descriptor that matters: 1 or 2 for the path it prefers, 0 where both are alike."""
    cast = []
    for name, sign in zip(DESCRIPTORS, scenario.signs):
        gap = (first[name] - second[name]) * sign
        if sign:
            cast.append(0 if abs(gap) < zones[name] or gap == 0 else 1 if gap > 0 else 2)
    return tuple(cast)


def unanimous(cast: Sequence[int]) -> int | None:
    """The path that has all votes, 1 or 2; None where both have some, or none has."""
    sides = set(cast) - {0}
    return sides.pop() if len(sides) == 1 else None
