"""What programs about sites run on, and their steps."""

from __future__ import annotations

from collections.abc import Mapping

from vistune.world.aerial.site import Site
from vistune.world.program import COMMON, Ambiguous, Operation, only

#: In the order of headings: 0, 90, 180, 270 degrees.
DIRECTIONS = ("north", "east", "south", "west")
#: Headings this near to the border between two directions are neither, degrees.
_NEAR = 14.0
#: Differences of places and of shares that are too small to say, as shares of the side and of the picture.
_GAP, _SHARE = 0.07, 0.04


class AerialView:
    """A site with its land shares."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.shares = site.shares()

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about sites."""
        return OPERATIONS

    def runway_seen(self) -> bool:
        """Whether both ends of the runway are on the picture."""
        half = self.site.metres / 2 - 4
        runway = self.site.runway
        return runway is not None and all(abs(v) < half for p in self.site.ring(runway) for v in p)


def _select(attribute: str):
    def run(view: AerialView, _doubt: bool, values: tuple, word: str) -> tuple[int, ...]:
        return tuple(i for i in values[0] if getattr(view.site.things[i], attribute) == word)

    return run


def _query(attribute: str):
    return lambda view, _doubt, values, _x: getattr(view.site.things[only(values[0])[0]], attribute)


def _heading(view: AerialView, _doubt: bool, values: tuple, _argument: None) -> str:
    heading = view.site.things[only(values[0])[0]].heading
    place = round(heading / 90)
    if abs(heading - 90 * place) > 45 - _NEAR:
        raise Ambiguous("It points between two directions.")
    return DIRECTIONS[place % 4]


def _further(axis: str):
    def run(view: AerialView, _doubt: bool, values: tuple, _argument: None) -> bool:
        a, b = (getattr(view.site.things[only(v)[0]], axis) for v in values)
        if abs(a - b) < _GAP * view.site.metres:
            raise Ambiguous("Neither is clearly further.")
        return a > b

    return run


def _share(view: AerialView, _doubt: bool, _values: tuple, land: str) -> float:
    return view.shares[land]


def _larger(_view: AerialView, _doubt: bool, values: tuple, _argument: None) -> bool:
    if abs(values[0] - values[1]) < _SHARE:
        raise Ambiguous("They cover about as much.")
    return values[0] > values[1]


def _most(view: AerialView, _doubt: bool, _values: tuple, _argument: None) -> str:
    first, second = sorted(view.shares.values(), reverse=True)[:2]
    if first - second < _SHARE:
        raise Ambiguous("Two land uses cover about as much.")
    return max(view.shares, key=lambda land: view.shares[land])


def _runway(view: AerialView, _doubt: bool, _values: tuple, _argument: None) -> int:
    if not view.runway_seen():
        raise Ambiguous("No whole runway is on the picture.")
    assert view.site.runway is not None
    return round(view.site.runway.width)


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "things": Operation(0, False, lambda view, _d, _v, _x: tuple(range(len(view.site.things)))),
    "kind": Operation(1, True, _select("kind")),
    "colour": Operation(1, True, _select("colour")),
    "colour_of": Operation(1, False, _query("colour")),
    "heading": Operation(1, False, _heading),
    "north_of": Operation(2, False, _further("y")),
    "east_of": Operation(2, False, _further("x")),
    "share": Operation(0, True, _share),
    "larger": Operation(2, False, _larger),
    "most_land": Operation(0, False, _most),
    "runway": Operation(0, False, _runway),
    "metres": Operation(1, False, lambda _view, _d, values, _x: f"{values[0]} metres"),
    "scene": Operation(0, False, lambda view, _d, _v, _x: view.site.scene),
}
