"""The families of statements. Each takes a random generator and whether the boxes hold towers."""

from __future__ import annotations

import random
from collections.abc import Callable

from vistune.engines.nlvr.boxes import COLOURS, Box, Boxes, Shape
from vistune.engines.nlvr.statements import NUMBERS, Statement, amount, any_box, both, is_are, noun

Family = Callable[[random.Random, bool], Statement]


def _container(rng: random.Random, tower: bool) -> str:
    return "tower" if tower and rng.random() < 0.6 else rng.choice(("box", "box", "grey box"))


def _towers(box: Box) -> Box:
    """The blocks of a tower from the base up."""
    return tuple(sorted(box, key=lambda shape: -shape.y))


def in_a_box(rng: random.Random, tower: bool) -> Statement:
    """There is a box with two yellow items [and a black circle]."""
    first, q1 = noun(rng, tower), amount(rng)
    place = _container(rng, tower)
    if rng.random() < 0.5:
        return Statement(
            f"There is a {place} with {q1.text} {first.text(q1.number)}",
            lambda boxes: any_box(lambda box: q1.test(first.count(box)), boxes),
        )
    second, q2 = noun(rng, tower), amount(rng, 3)
    return Statement(
        f"There is a {place} with {q1.text} {first.text(q1.number)} and {q2.text} {second.text(q2.number)}",
        lambda boxes: any_box(lambda box: both(q1.test(first.count(box)), q2.test(second.count(box))), boxes),
    )


def number_of_boxes(rng: random.Random, tower: bool) -> Statement:
    """Exactly two boxes with a yellow item."""
    q1, q2, what = amount(rng, 3), amount(rng, 3), noun(rng, tower)
    place = _container(rng, tower)
    places = place if q1.number == 1 else (place + "es" if place.endswith("x") else place + "s")

    def truth(boxes: Boxes) -> bool | None:
        passed = [q2.test(what.count(box)) for box in boxes]
        return None if None in passed else q1.test(sum(map(bool, passed)))

    return Statement(f"{is_are(q1.number)} {q1.text} {places} with {q2.text} {what.text(q2.number)}", truth)


def over_all(rng: random.Random, tower: bool) -> Statement:
    """There are exactly 2 blue circles."""
    what, q = noun(rng, tower), amount(rng, 6)
    return Statement(
        f"{is_are(q.number)} {q.text} {what.text(q.number)}",
        lambda boxes: q.test(sum(what.count(box) for box in boxes)),
    )


def each_box(rng: random.Random, tower: bool) -> Statement:
    """Each grey box contains at least one yellow item."""
    what, q = noun(rng, tower), amount(rng, 3)
    lead = rng.choice(
        ("Each box has", "Each grey box contains", "Every box has", "All boxes have", "each box contains")
    )
    return Statement(
        f"{lead} {q.text} {what.text(q.number)}", lambda boxes: both(*(q.test(what.count(box)) for box in boxes))
    )


def no_box(rng: random.Random, tower: bool) -> Statement:
    """There is no box with a black item."""
    what = noun(rng, tower)
    if rng.random() < 0.4:
        return Statement(f"There is no {what.text(1)}", lambda boxes: not any(what.count(box) for box in boxes))
    lead = rng.choice(("There is no box with a", "None of the boxes has a"))
    if rng.random() < 0.3:
        return Statement(
            f"There is a box without a {what.text(1)}", lambda boxes: any(not what.count(box) for box in boxes)
        )
    return Statement(f"{lead} {what.text(1)}", lambda boxes: not any(what.count(box) for box in boxes))


def of_which(rng: random.Random, tower: bool) -> Statement:
    """There is a box with 4 items of which 1 is a blue square."""
    n = rng.choice((2, 3, 4, 5))
    m = rng.randint(1, n - 1)
    what, words = noun(rng, tower, colour=True), rng.random() < 0.4
    total, some = (NUMBERS[n], NUMBERS[m]) if words else (str(n), str(m))
    verb = "is" if m == 1 else "are"
    kind = what.kind
    named = f"{'a ' if m == 1 else ''}{what.text(m)}" if kind else what.colour
    lead = rng.choice((f"There is a box with {total} items of which", f"There is a box with {total} items and"))
    exact = " exactly" if rng.random() < 0.4 else ""
    return Statement(
        f"{lead}{exact} {some} {verb} {named}",
        lambda boxes: any_box(lambda box: both(len(box) == n, what.count(box) == m), boxes),
    )


def only_colour(rng: random.Random, tower: bool) -> Statement:
    """There is a box with only yellow items."""
    colour, place = rng.choice(list(COLOURS)), _container(rng, tower)
    word = "blocks" if tower and rng.random() < 0.7 else rng.choice(("items", "objects"))
    text = rng.choice(
        (f"There is a {place} with only {colour} {word}", f"There is a {place} with all {colour} {word}",
         f"There is one {place} where all the {word} are {colour}")
    )  # fmt: skip
    return Statement(text, lambda boxes: any(box and all(s.colour == colour for s in box) for box in boxes))


def colours(rng: random.Random, tower: bool) -> Statement:
    """There is a box with items of 2 different colours; of the same colour; of all 3 colours."""
    place = _container(rng, tower)
    word = "blocks" if tower else rng.choice(("items", "objects"))
    k = rng.choice((1, 2, 3))
    number = rng.choice((str(k), NUMBERS[k]))
    if k == 1:
        text = f"There is a {place} with all {word} of the same color"
        return Statement(text, lambda boxes: _same_colour(boxes))
    ending = rng.choice((f"{word} of {number} different colors", f"{number} different colors"))
    return Statement(
        f"There is a {place} with {ending}", lambda boxes: any(len({s.colour for s in box}) == k for box in boxes)
    )


def _same_colour(boxes: Boxes) -> bool | None:
    """A lone item leaves readers undecided."""
    if any(len(box) > 1 and len({s.colour for s in box}) == 1 for box in boxes):
        return True
    return None if any(len(box) == 1 for box in boxes) else False


_WALLS: dict[str, tuple[Callable[[Shape], bool], tuple[str, ...]]] = {
    "base": (lambda s: "base" in s.walls(), ("the base", "the bottom of a box", "the bottom", "the base of the box")),
    "top": (lambda s: "top" in s.walls(), ("the top", "the top of a box", "the roof")),
    "left": (lambda s: "left" in s.walls(), ("the left wall", "the left side of a box")),
    "right": (lambda s: "right" in s.walls(), ("the right wall", "right wall of a box")),
    "edge": (lambda s: bool(s.walls()), ("the edge", "the wall", "any edge", "the side of the box", "a wall")),
    "corner": (lambda s: len(s.walls()) >= 2, ("a corner of a box", "the corner", "a corner")),
}


def touching_wall(rng: random.Random, tower: bool) -> Statement:
    """There is a blue triangle closely touching the bottom of a box."""
    touches, phrases = _WALLS[rng.choice([*_WALLS, "base", "edge", "edge"])]
    what, q = noun(rng, tower), amount(rng, 3)
    word = rng.choice(("touching", "touching", "closely touching"))
    phrase = rng.choice(phrases)

    def count(box: Box) -> int:
        return sum(what.matches(s) and touches(s) for s in box)

    choice = rng.random()
    if choice < 0.15:
        return Statement(
            f"There is no {what.text(1)} {word} {phrase}", lambda boxes: not any(count(box) for box in boxes)
        )
    if choice < 0.3:
        return Statement(
            f"{is_are(q.number)} {q.text} {what.text(q.number)} not {word} {phrase}",
            lambda boxes: q.test(sum(what.count(box) - count(box) for box in boxes)),
        )
    if choice < 0.45:
        return Statement(
            f"There is a box with {q.text} {what.text(q.number)} {word} {phrase.replace(' of a box', '')}",
            lambda boxes: any_box(lambda box: q.test(count(box)), boxes),
        )
    return Statement(
        f"{is_are(q.number)} {q.text} {what.text(q.number)} {word} {phrase}",
        lambda boxes: q.test(sum(count(box) for box in boxes)),
    )


def touching_each_other(rng: random.Random, tower: bool) -> Statement:
    """There is a box with a blue item closely touching a yellow item."""
    first, second = noun(rng, tower), noun(rng, tower)

    def test(box: Box) -> bool:
        return any(a is not b and first.matches(a) and second.matches(b) and a.touches(b) for a in box for b in box)

    lead = rng.choice(("There is a box with a", "There is a"))
    return Statement(
        f"{lead} {first.text(1)} closely touching a {second.text(1)}", lambda boxes: any(test(box) for box in boxes)
    )


def stacked(rng: random.Random, tower: bool) -> Statement:
    """There is a tower with a yellow block above a black block."""
    top, low = noun(rng, tower, colour=True), noun(rng, tower, colour=True)
    word = rng.choice(("above", "over", "on top of"))
    place = "tower" if tower else "box"
    adjacent = word == "on top of"

    def test(box: Box) -> bool:
        order = _towers(box)
        pairs = (
            (a, b) for i, a in enumerate(order) for j, b in enumerate(order) if j == i + 1 or (j > i and not adjacent)
        )
        return any(low.matches(a) and top.matches(b) and b.y + b.size <= a.y for a, b in pairs)

    return Statement(
        f"There is a {place} with a {top.text(1)} {word} a {low.text(1)}", lambda boxes: any(test(b) for b in boxes)
    )


def tower_height(rng: random.Random, tower: bool) -> Statement:
    """There is exactly one tower with four blocks [and the top block is yellow]."""
    q, height = amount(rng, 3), amount(rng, 4)
    word = "tower" if q.number == 1 else "towers"
    blocks = "block" if height.number == 1 else "blocks"
    colour, ending = rng.choice(list(COLOURS)), rng.random()

    def truth(boxes: Boxes) -> bool | None:
        passed = []
        for box in boxes:
            end = None if ending >= 0.3 else (_towers(box)[-1] if ending < 0.15 else _towers(box)[0])
            passed.append(both(height.test(len(box)), end is None or end.colour == colour))
        return None if None in passed else q.test(sum(map(bool, passed)))

    tail = f" and the {'top' if ending < 0.15 else 'base'} block is {colour}" if ending < 0.3 else ""
    return Statement(f"{is_are(q.number)} {q.text} {word} with {height.text} {blocks}{tail}", truth)


def tower_end(rng: random.Random, tower: bool) -> Statement:
    """There are two towers with a blue block at the base; there is a black block as the top of a tower."""
    q, colour, top = amount(rng, 3), rng.choice(list(COLOURS)), rng.random() < 0.5
    end = "top" if top else "base"
    plural = q.number > 1
    texts = (
        f"{is_are(q.number)} {q.text} tower{'s' if plural else ''} with a {colour} block at the {end}",
        f"{is_are(q.number)} {q.text} tower{'s' if plural else ''} that has a {colour} {end}",
        f"{is_are(q.number)} {q.text} {colour} block{'s' if plural else ''} as the {end} of a tower",
        f"{is_are(q.number)} {q.text} tower{'s' if plural else ''} with {colour} {end}",
    )
    index = -1 if top else 0
    return Statement(
        rng.choice(texts), lambda boxes: q.test(sum(_towers(box)[index].colour == colour for box in boxes))
    )


def all_towers(rng: random.Random, tower: bool) -> Statement:
    """All the towers have a black block at the top."""
    colour, top = rng.choice(list(COLOURS)), rng.random() < 0.5
    lead = rng.choice(("All the towers have a", "all towers have a", "Each tower has a"))
    index = -1 if top else 0
    return Statement(
        f"{lead} {colour} block at the {'top' if top else 'base'}",
        lambda boxes: all(_towers(box)[index].colour == colour for box in boxes),
    )


def the_tower(rng: random.Random, tower: bool) -> Statement:
    """The tower with exactly three blocks has a blue block at the top: true if one such tower has it."""
    n, colour, top = rng.choice((2, 3, 4)), rng.choice(list(COLOURS)), rng.random() < 0.5
    exact = rng.choice(("", "exactly "))
    index = -1 if top else 0
    end = "top" if top else "base"
    lead = rng.choice((f"the tower with {exact}{NUMBERS[n]} blocks has a {colour} block at the {end}",
                       f"There is a {colour} block as the {end} of a tower with {NUMBERS[n]} blocks",
                       f"There is a {colour} block at the {end} of a tower with {NUMBERS[n]} blocks"))  # fmt: skip
    return Statement(lead, lambda boxes: any(len(box) == n and _towers(box)[index].colour == colour for box in boxes))


def tower_level(rng: random.Random, tower: bool) -> Statement:
    """The third block of a tower from the base is black."""
    level, colour = rng.choice((2, 3)), rng.choice(list(COLOURS))
    ordinal = {2: "second", 3: "third"}[level]
    text = rng.choice((f"The {ordinal} block of a tower from the base is {colour}",
                       f"There is a tower with a {colour} block as the {ordinal} level"))  # fmt: skip
    return Statement(text, lambda boxes: any(len(b) >= level and _towers(b)[level - 1].colour == colour for b in boxes))


COMMON: tuple[Family, ...] = (in_a_box, in_a_box, number_of_boxes, over_all, each_box, no_box, only_colour, colours)
SCATTER: tuple[Family, ...] = (
    touching_wall,
    touching_wall,
    touching_wall,
    touching_each_other,
    of_which,
    over_all,
    in_a_box,
)
TOWER: tuple[Family, ...] = (tower_height, tower_end, tower_end, all_towers, the_tower, tower_level, stacked, in_a_box)
