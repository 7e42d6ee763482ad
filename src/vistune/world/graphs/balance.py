"""What keeps questions about graphs from being answered without the picture: thinned answers, options of one form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from vistune.world.graphs.asking import GraphAsker
from vistune.world.graphs.graph import CATEGORIES
from vistune.world.language.grammar import NUMBERS
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS, SIZES

C = GraphAsker
T = TypeVar("T")
#: Numbers -> how easily they are found in scenes of the flat prior where the number is drawn first.
EASE_COUNT = {1: 0.789, 2: 0.122, 3: 0.052, 4: 0.027}
#: The same for objects with given attributes, and for two pictures together.
EASE_COUNT_LOOKS = {1: 0.888, 2: 0.097, 3: 0.0132}
EASE_SUM = {2: 0.649, 3: 0.21, 4: 0.104, 5: 0.0266}
EASE_SUM_LOOKS = {2: 0.885, 3: 0.0987}
#: The share of higher numbers that is asked about: they are rare, and all the same one of their options.
_HIGHER_ASKED = 0.1
#: The shares of the scenes' answers that are asked about: most things are plain, and pairs that differ in depth are rarer.
_PLAIN_ASKED = 0.25
_SIDE_ASKED = 0.4


def drawn_number(c: C, by_number: dict[int, list[T]], ease: dict[int, float]) -> tuple[int, T] | None:
    """A number, each that is there alike likely, and one of what there are so many of; most of the common ones are passed
    over, so that those of ``ease`` are asked about alike often.
    """
    if not by_number:
        return None
    number = c.one_of(sorted(by_number))
    if not c.chance(min(ease.values()) / ease[number] if number in ease else _HIGHER_ASKED):
        return None
    return number, c.one_of(by_number[number])


def near_numbers(number: int, ease: dict[int, float]) -> list[str]:
    """Wrong counts: the others of those that are asked about alike often, so that the options do not tell which is right.

    For higher numbers as ProVision takes them: one less, one and two more. (Its options for one are two to four, and for
    three: two, four and five; five among them says that it is not one.)
    """
    near = tuple(ease) if number in ease else (number - 1, number + 1, number + 2)
    return [NUMBERS[n] for n in near if n < len(NUMBERS)]


def other_values(label: str, category: str) -> list[str]:
    """Values for the options: those that the drawn world gives to things of the name, else all words of the category.

    A value that never occurs would be seen through: nothing here is plaid.
    """
    kind = KIND_BY_NAME.get(label)
    if kind is not None:
        own = {"colour": tuple(COLOURS), "size": tuple(SIZES), "pattern": PATTERNS, "state": kind.states}
        if category in own:
            return sorted(own[category])
    return [word for word, named in CATEGORIES.items() if named == category]


def alike_high(labels: Iterable[str]) -> bool:
    """Whether nobody can tell by their names which of some things is higher, or farther: what flies is high and far away,
    and a bird may sit on the ground.
    """
    kinds = [KIND_BY_NAME.get(label) for label in labels]
    return len({kind.states or "sky" if kind is not None and kind.place == "sky" else "ground" for kind in kinds}) == 1


def common_enough(c: C, value: str) -> bool:
    """Pass over most questions about plain things."""
    return value != "plain" or c.chance(_PLAIN_ASKED)


def sides_thinned(c: C, i: int, j: int) -> bool:
    """Whether to ask about a pair: most of those that stand left or right of each other, and no more, are passed over."""
    held = {r for a, r, b in c.view.pairs() if (a, b) == (i, j)}
    return held not in ({"left of"}, {"right of"}) or c.chance(_SIDE_ASKED)
