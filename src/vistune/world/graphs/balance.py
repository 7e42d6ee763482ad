"""What keeps questions about graphs from being answered without the picture: thinned answers, options of one form."""

from __future__ import annotations

from vistune.world.graphs.asking import GraphAsker
from vistune.world.graphs.graph import CATEGORIES
from vistune.world.language.grammar import NUMBERS
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS, SIZES

C = GraphAsker
#: Numbers -> how easily they are found in scenes of the flat prior: high counts are asked about whenever they can be.
EASE_COUNT = {1: 0.85, 2: 0.13, 3: 0.08}
#: The same for objects with given attributes, of which there is mostly one.
EASE_COUNT_LOOKS = {1: 1.0, 2: 0.07, 3: 0.025}
#: The shares of the scenes' answers that are asked about: most things are plain, and pairs that differ in depth are rarer.
_PLAIN_ASKED = 0.25
_SIDE_ASKED = 0.4


def accept(c: C, number: int, ease: dict[int, float] = EASE_COUNT) -> bool:
    return c.chance(min(ease.values()) / ease[min(number, 3)])


def near_numbers(number: int, least: int = 1) -> list[str]:
    """Wrong counts: the others of the first four from ``least`` on, so that the options do not tell which is right.

    For higher numbers as ProVision takes them: one less, one and two more. (Its options for one are two to four, and for
    three: two, four and five; five among them says that it is not one.)
    """
    first = range(least, least + 4)
    near = first if number in first else (number - 1, number + 1, number + 2)
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


def flies(label: str) -> bool:
    """Whether things of the name live in the sky of the drawn world."""
    return label in KIND_BY_NAME and KIND_BY_NAME[label].place == "sky"


def common_enough(c: C, value: str) -> bool:
    """Pass over most questions about plain things."""
    return value != "plain" or c.chance(_PLAIN_ASKED)


def sides_thinned(c: C, i: int, j: int) -> bool:
    """Whether to ask about a pair: most of those that stand left or right of each other, and no more, are passed over."""
    held = {r for a, r, b in c.view.pairs() if (a, b) == (i, j)}
    return held not in ({"left of"}, {"right of"}) or c.chance(_SIDE_ASKED)
