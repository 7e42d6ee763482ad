"""Statements about three boxes, each with the function that decides its truth.

Families follow what people wrote for NLVR's training pictures: counts in a box, in each box, over all boxes; shapes
that touch walls or each other; colours; towers. A bare number ("there are two circles") is only used where "exactly"
and "at least" agree.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from vistune.engines.nlvr.boxes import COLOURS, SHAPES, Box, Boxes, Shape, sample_boxes

#: Boxes that ``share_true`` looks at.
_SAMPLE = 60

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence and whether it is true; ``None`` where readers would disagree."""

    text: str
    truth: Callable[[Boxes], bool | None]


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of shape: any of ``colour`` and ``kind`` may be open."""

    colour: str | None
    kind: str | None
    word: str

    def matches(self, shape: Shape) -> bool:
        """Whether the noun names this shape."""
        return self.colour in (None, shape.colour) and self.kind in (None, shape.kind)

    def count(self, shapes: Iterable[Shape]) -> int:
        """How many of the shapes it names."""
        return sum(self.matches(shape) for shape in shapes)

    def text(self, number: int) -> str:
        """Words for one or several, without article."""
        word = self.word if number == 1 else f"{self.word}s"
        return f"{self.colour} {word}" if self.colour else word


def noun(rng: random.Random, tower: bool, colour: bool | None = None) -> Noun:
    """A random noun; blocks and items in towers, shapes and items elsewhere."""
    named = rng.random() < 0.75 if colour is None else colour
    chosen = rng.choice(list(COLOURS)) if named else None
    if tower:
        return Noun(chosen, None, rng.choice(("block", "block", "block", "item", "square")))
    if rng.random() < 0.35:
        return Noun(chosen, None, rng.choice(("item", "item", "object")))
    kind = rng.choice(SHAPES)
    return Noun(chosen, kind, kind)


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity in words with its test; ``number`` decides singular and plural."""

    text: str
    number: int
    test: Callable[[int], bool | None]


def amount(rng: random.Random, most: int = 4) -> Amount:
    """ "a", "two", "exactly three", "at least 2", "only one"..."""
    n = rng.choices(range(1, most + 1), [8, 5, 3, 2, 1, 1, 1][:most])[0]
    digits = str(n) if rng.random() < 0.4 else NUMBERS[n]
    form = rng.random()
    if form < 0.3:
        if n == 1:
            return Amount("a" if rng.random() < 0.7 else digits, 1, lambda count: count >= 1)
        return Amount(digits, n, lambda count: None if count > n else count == n)
    if form < 0.6:
        return Amount(f"exactly {digits}", n, lambda count: count == n)
    if form < 0.85:
        return Amount(f"at least {digits}", n, lambda count: count >= n)
    if form < 0.93:
        return Amount(f"only {digits}", n, lambda count: count == n)
    return Amount(f"at most {digits}", n, lambda count: count <= n)


def article(text: str) -> str:
    """Mend "a" before a vowel sound."""
    return text.replace("a item", "an item").replace("a object", "an object")


def is_are(number: int) -> str:
    """Verb for a number."""
    return "There is" if number == 1 else "There are"


def any_box(test: Callable[[Box], bool | None], boxes: Boxes) -> bool | None:
    """True if some box passes; undecided if only an undecided one could."""
    results = [test(box) for box in boxes]
    return True if True in results else (None if None in results else False)


def both(*results: bool | None) -> bool | None:
    """Logical and with undecided."""
    return False if False in results else (None if None in results else True)


def make_statement(rng: random.Random, style: str) -> Statement:
    """One random statement that suits the ``style`` of the boxes."""
    from vistune.engines.nlvr.families import COMMON, SCATTER, TOWER

    families = [*COMMON, *(TOWER * 2 if style == "tower" else SCATTER * 2)]
    statement = rng.choice(families)(rng, style == "tower")
    text = article(statement.text)
    if rng.random() < 0.25:
        text = text[0].lower() + text[1:]
    return Statement(text + ("." if rng.random() < 0.6 else ""), statement.truth)


def sample_pair(
    rng: random.Random, style: str, label: bool, tries: int = 30, boxes: int = 3
) -> tuple[Boxes, Statement]:
    """``boxes`` boxes and a statement whose truth about them is ``label``.

    The statement is drawn first and boxes are looked for that make it so: words alone then say little about the label.
    """
    while True:
        statement = make_statement(rng, style)
        for _ in range(tries):
            drawn = sample_boxes(rng, style, boxes)
            if statement.truth(drawn) is label:
                return drawn, statement


@lru_cache(maxsize=8)
def _some_boxes(style: str, number: int) -> tuple[Boxes, ...]:
    """A fixed sample, to see how often a statement is true."""
    rng = random.Random(f"{style}/{number}")
    return tuple(sample_boxes(rng, style, number) for _ in range(_SAMPLE))


def share_true(statement: Statement, style: str, number: int) -> float:
    """About how often the statement holds of random boxes; those where readers would disagree are left out."""
    truths = [truth for boxes in _some_boxes(style, number) if (truth := statement.truth(boxes)) is not None]
    return (sum(truths) + 0.5) / (len(truths) + 1)


def more_statements(
    rng: random.Random, boxes: Boxes, style: str, count: int, tries: int = 200
) -> list[tuple[Statement, bool]]:
    """Up to ``count`` further statements about the same boxes with their truth.

    A statement that holds of a share p of all boxes is kept with probability 1 - p where it is true and p where it is
    false: true and false come out equally often for each wording, so that words alone say nothing about the label.
    """
    found: list[tuple[Statement, bool]] = []
    for _ in range(tries):
        if len(found) == count:
            break
        statement = make_statement(rng, style)
        truth = statement.truth(boxes)
        if truth is None:
            continue
        share = share_true(statement, style, len(boxes))
        if rng.random() < (1 - share if truth else share):
            found.append((statement, truth))
    return found
