"""Numbered marks on the things of a picture, the list of what they lie on, and questions that name things by number.

Set-of-Mark as in List Items One by One (arXiv 2404.16375): a mark lies at the place inside its thing that is farthest from
any edge, and hides less than half of it. Numbers are dealt at random, so that neither size nor order tells them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.world.annotate import masks, relations
from vistune.world.fonts import face
from vistune.world.language.grammar import INVERSE, full_phrase, noun_phrase, the
from vistune.world.language.view import View
from vistune.world.language.wordings import Wordings
from vistune.world.program import Ambiguous, Operation, Program, call
from vistune.world.questions.programs import OPERATIONS as SCENE_OPERATIONS
from vistune.world.questions.programs import the_one
from vistune.world.questions.question import Asker, Question, draw_questions, question, yes_no
from vistune.world.scene import Scene

#: Height of a mark as a share of the picture, and in pixels at least: so that its digit can be read.
_SHARE, _LEAST = 0.075, 11
#: A thing of which a mark would hide more than this gets none.
MOST_HIDDEN = 0.4
_INK, _PAPER = (255, 255, 255), (16, 16, 20)

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """``number`` on thing ``thing``: anchor ``(x, y)``, a pixel of the thing, and the mark's box, ends exclusive."""

    number: int
    thing: int
    x: int
    y: int
    box: Box


def deepest(mask: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The pixel (x, y) of a mask that is farthest from its edge and the picture's; None for an empty mask."""
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return None
    away = np.asarray(distance_transform_edt(np.pad(mask, 1)))[1:-1, 1:-1]
    y, x = np.unravel_index(int(away.argmax()), away.shape)
    return int(x), int(y)


def place_marks(scene: Scene, size: int = 128, seed: int = 0) -> tuple[Mark, ...]:
    """Marks 1 to n for a picture of ``size`` pixels, by number: on all things that are large enough for one.

    Small things are marked first, and no mark lies on another.
    """
    high = max(_LEAST, round(_SHARE * size))
    seen = masks(scene, size)
    free = np.ones((size, size), bool)
    found: list[tuple[int, int, int, Box]] = []
    for index in np.argsort(seen.sum((1, 2)), kind="stable").tolist():
        place = deepest(seen[index] & free)
        if place is None:
            continue
        left = min(max(place[0] - high // 2, 0), size - high)
        top = min(max(place[1] - high // 2, 0), size - high)
        hidden = seen[index, top : top + high, left : left + high].sum() / seen[index].sum()
        if hidden <= MOST_HIDDEN and free[top : top + high, left : left + high].all():
            found.append((index, *place, (left, top, left + high, top + high)))
            free[max(0, top - high) : top + 2 * high, max(0, left - high) : left + 2 * high] = False
    numbers = list(range(1, len(found) + 1))
    random.Random(f"marks/{seed}/{scene.seed}/{scene.split}").shuffle(numbers)
    dealt = (Mark(number, *placed) for number, placed in zip(numbers, found, strict=True))
    return tuple(sorted(dealt, key=lambda mark: mark.number))


def draw_marks(picture: NDArray[np.uint8], marks: Sequence[Mark]) -> NDArray[np.uint8]:
    """The picture, uint8 ``[size, size, 3]``, with the marks on it; nothing changes outside their boxes."""
    canvas = Image.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    for mark in marks:
        x0, y0, x1, y1 = mark.box
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), _PAPER)
        text, room = str(mark.number), x1 - x0 - 2
        pixels = next(p for p in range(2 * room, 0, -1) if _fits(text, p, room))
        left, top, right, low = face("sans", pixels, bold=True).getbbox(text)
        origin = x0 + round((x1 - x0 - left - right) / 2), y0 + round((y1 - y0 - top - low) / 2)
        draw.text(origin, text, _INK, face("sans", pixels, bold=True))
    return np.asarray(canvas)


def _fits(text: str, pixels: int, room: int) -> bool:
    left, top, right, low = face("sans", pixels, bold=True).getbbox(text)
    return right - left <= room and low - top <= room


_LIST = Wordings(
    (
        "list the marked things in the order of their numbers.",
        "what lies under each mark? name them one by one.",
        "go through the marks by number and say what each is on.",
        "name every numbered thing, one a line.",
    ),
    ("one by one: what do the numbers stand on?",),
)


def listing_request(seed: int, split: str = "train") -> str:
    """What one says to get the list."""
    return _LIST.pick(random.Random(f"marks/request/{seed}"), split)


def listing(scene: Scene, marks: Sequence[Mark]) -> str:
    """``1. a red ball``, a line for each mark, by number."""
    return "\n".join(f"{mark.number}. {noun_phrase(full_phrase(scene.things[mark.thing]))}" for mark in marks)


class MarkView(View):
    """A scene whose marked things are named by number."""

    __slots__ = ("marks",)

    def __init__(self, scene: Scene, marks: Sequence[Mark]) -> None:
        super().__init__(scene, relations(scene))
        self.marks = {mark.number: mark.thing for mark in marks}

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about scenes, and those about marks."""
        return OPERATIONS


def _under(view: MarkView, _doubt: bool, _values: tuple, number: str) -> tuple[int, ...]:
    if int(number) not in view.marks:
        raise Ambiguous(f"There is no mark {number}.")
    return (view.marks[int(number)],)


def _number_on(view: MarkView, _doubt: bool, values: tuple, _argument: None) -> str:
    numbers = [number for number, thing in view.marks.items() if thing == values[0][0]]
    if not numbers:
        raise Ambiguous("The thing has no mark.")
    return str(numbers[0])


OPERATIONS: dict[str, Operation] = {
    **SCENE_OPERATIONS,
    "mark": Operation(0, True, _under),
    "number_on": Operation(1, False, _number_on),
}

C = Asker[MarkView]
_WHAT = Wordings(("what is mark {m} on?", "which thing has the number {m}?"), ("name what lies under mark {m}.",))
_COLOUR = Wordings(
    ("which colour is the thing at mark {m}?", "what is the colour under mark {m}?"), ("mark {m} is on which colour?",)
)
_WHICH = Wordings(
    ("which number is on {x}, {m} or {n}?", "is mark {m} or mark {n} on {x}?"), ("say which mark {x} has: {m} or {n}?",)
)
_STANDS = Wordings(("is mark {m} {r} mark {n}?",), ("does the thing of mark {m} stand {r} that of mark {n}?",))
_SAME = Wordings(("are marks {m} and {n} on the same colour?",), ("is the colour under mark {m} that under mark {n}?",))
_SIDES = ("left of", "right of", "in front of", "behind")


def _at(number: int) -> Program:
    return call("mark", argument=str(number))


def _two(c: C) -> tuple[int, int] | None:
    numbers = sorted(c.view.marks)
    return None if len(numbers) < 2 else tuple(c.rng.sample(numbers, 2))  # type: ignore[return-value]


def what_at(c: C) -> Question | None:
    """What a mark is on."""
    if not c.view.marks:
        return None
    m = c.one_of(sorted(c.view.marks))
    return question(c, "what_at", _WHAT, call("name", _at(m)), things=(c.view.marks[m],), m=str(m))


def colour_at(c: C) -> Question | None:
    """The colour of what a mark is on."""
    if not c.view.marks:
        return None
    m = c.one_of(sorted(c.view.marks))
    return question(
        c, "colour_at", _COLOUR, call("get", _at(m), argument="colour"), things=(c.view.marks[m],), m=str(m)
    )


def which_number(c: C) -> Question | None:
    """Which of two numbers is on a thing that is told apart from the others."""
    two = _two(c)
    phrase = None if two is None else c.view.describe(c.view.marks[two[0]])
    if two is None or phrase is None:
        return None
    m, n = (str(number) for number in (two if c.chance(0.5) else two[::-1]))
    program, index = call("number_on", the_one(phrase)), c.view.marks[two[0]]
    asked = question(c, "which_number", _WHICH, program, things=(index,), x=the(phrase), m=m, n=n)
    return None if asked is None else replace(asked, choices=(m, n))


def stands(c: C) -> Question | None:
    """Whether one mark's thing stands so to another's; as often as the other way round."""
    two = _two(c)
    if two is None:
        return None
    first, second = (c.view.marks[m] for m in two)
    held = sorted(r for i, r, j in c.view.known() if (i, j) == (first, second) and r in _SIDES)
    if not held:
        return None
    holds = c.one_of(held)

    def make(c: C, want: bool) -> Question | None:
        relation = holds if want else INVERSE[holds]
        program = call("holds", _at(two[0]), _at(two[1]), argument=relation)
        m, n = (str(number) for number in two)
        return question(c, "stands", _STANDS, program, want=want, things=(first, second), m=m, n=n, r=relation)

    return yes_no(c, make)


def same_colour(c: C) -> Question | None:
    """Whether two marks' things have the same colour: asked where some pair has, and some has not."""
    things = c.view.marks
    pairs = [(m, n) for m in things for n in things if m < n]
    alike = {pair: c.view.things[things[pair[0]]].colour == c.view.things[things[pair[1]]].colour for pair in pairs}
    if len(set(alike.values())) < 2:
        return None
    want = c.chance(0.5)
    m, n = c.one_of([pair for pair in pairs if alike[pair] is want])
    program = call("same", _at(m), _at(n), argument="colour")
    return question(c, "same_colour", _SAME, program, things=(things[m], things[n]), m=str(m), n=str(n))


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "what_at": what_at, "colour_at": colour_at, "which_number": which_number, "stands": stands, "same_colour": same_colour,
}  # fmt: skip


def ask_marks(
    scene: Scene, marks: Sequence[Mark], seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a marked picture (see ``vistune.world.questions.ask``).

    Raises:
        ConfigError: an unknown type.
    """
    rng = random.Random(f"marks/{seed}/{scene.seed}/{split}")
    return draw_questions(Asker(MarkView(scene, marks), rng, split), MAKERS, types, n)
