"""Guided dialogues with exact checkers: what is asked turn by turn, and what is right given what was said before.

After "Visual AI and linguistic intelligence through steerability and composability" (arXiv 2312.12383), whose tasks these follow
in kind. The paper reports counts and grades of difficulty; steps, checks and figures here are our own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np

from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks import nano
from vistune.world.language.grammar import NUMBERS, a
from vistune.world.scene import Scene

#: ``step``: work on the task; ``correction``: a new condition that must be obeyed at once; ``recall``: a fact of earlier on.
Part = Literal["step", "correction", "recall"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What the guide says, the pictures that come with it, what is right, and of which part of the dialogue it is.

    ``delta``: for a recall, how many turns ago the fact was told. ``accepted``: answers that are right; a set of words is right
    where it holds them all and none of ``refused`` (``all_of``), or exactly one of them (``one_of``).
    """

    text: str
    accepted: tuple[str, ...]
    part: Part = "step"
    pictures: tuple[ImageSource, ...] = ()
    delta: int = 0
    refused: tuple[str, ...] = ()
    all_of: bool = False
    one_of: bool = False

    def right(self, answer: str) -> bool:
        """Is the answer right?"""
        held = len(named(answer, self.accepted))
        enough = held == len(self.accepted) if self.all_of else held == 1 if self.one_of else held > 0
        return enough and not named(answer, self.refused)

    @property
    def best(self) -> str:
        """A right answer."""
        return " and ".join(self.accepted) if self.all_of else self.accepted[0]


def named(answer: str, words: Sequence[str]) -> list[str]:
    """Those of the words (or phrases) that an answer holds, as whole words in any case."""
    said = " ".join(re.findall(r"[a-z0-9]+", answer.lower()))
    return [word for word in words if f" {word.lower()} " in f" {said} "]


def number_turn(text: str, n: int, part: Part = "step", delta: int = 0, pictures: tuple[ImageSource, ...] = ()) -> Turn:
    """A turn whose answer is a number, as a word or in digits, and no other number."""
    told = NUMBERS[n] if n < len(NUMBERS) else str(n)
    others = [w for k, word in enumerate(NUMBERS) if k != n for w in (word, str(k))]
    return Turn(text, tuple(dict.fromkeys((told, str(n)))), part, pictures, delta, tuple(others))


Dialogue = tuple[Turn, ...]


def recipe(scene: Scene, rng: random.Random, picture: ImageSource) -> Dialogue | None:
    """From what is there to what can be made of it, until something is taken away."""
    kinds = sorted({thing.kind for thing in scene.things})
    if len(kinds) < 3:
        return None
    from vistune.world.vocabulary import KINDS

    absent = [kind.name for kind in KINDS if kind.name not in kinds]
    one, two, three = rng.sample(kinds, 3)
    missing = rng.sample(absent, 2)
    listed = rng.sample([one, two, three, missing[0]], 4)
    first, second, third = rng.sample(["alpha", "beta", "gamma"], 3)
    book = (
        f"plan {first} needs {a(one)} and {a(two)}. plan {second} needs {a(two)} and {a(three)}. "
        f"plan {third} needs {a(three)} and {a(missing[1])}."
    )
    options = f"{first}, {second} or {third}"
    return (
        Turn(
            f"which of these are in the picture: {', '.join(listed)}?", (one, two, three), pictures=(picture,),
            refused=(missing[0],), all_of=True,
        ),
        Turn(f"{book} which plan cannot be made: {options}?", (third,), refused=(first, second)),
        Turn(
            f"now the {one} is taken away. which plan can still be made: {options}?", (second,), "correction",
            refused=(first, third),
        ),
        Turn(f"and if the {one} comes back and the {three} goes?", (first,), "correction", refused=(second, third)),
        Turn("which thing did I take away first?", (one,), "recall", delta=2, refused=(two, three)),
    )  # fmt: skip


def builder(scene: Scene, rng: random.Random, picture: ImageSource) -> Dialogue | None:
    """The order of placement, read off the picture, turned round by a correction that has to last."""
    things = sorted(scene.things, key=lambda thing: thing.x)
    names = [thing.kind for thing in things]
    if not 3 <= len(things) <= 5 or len(set(names)) < len(names):
        return None
    gaps = [right.x - left.x for left, right in pairwise(things)]
    if min(gaps) < 0.05:
        return None
    first = rng.choice(["I build from left to right.", "we go from left to right."])
    return (
        Turn(f"{first} what comes first?", (names[0],), pictures=(picture,), refused=tuple(names[1:])),
        Turn("and what comes after it?", (names[1],), refused=tuple(names[2:])),
        Turn("no, start from the right. what comes first now?", (names[-1],), "correction", refused=tuple(names[:-1])),
        Turn("and what comes after it?", (names[-2],), "correction", refused=tuple(names[:-2])),
        Turn("what was first when we began on the left?", (names[0],), "recall", delta=4, refused=tuple(names[1:])),
        Turn(f"what colour is the {names[0]}?", (things[0].colour,)),
    )


def tally(scene: Scene, rng: random.Random, picture: ImageSource) -> Dialogue | None:
    """Counting over two pictures: the second only comes at the second turn."""
    other = _second(scene)
    shared = sorted({t.kind for t in scene.things} & {t.kind for t in other.things})
    if not shared:
        return None
    kind = rng.choice(shared)
    counts = [sum(t.kind == kind for t in s.things) for s in (scene, other)]
    colours = sorted({t.colour for s in (scene, other) for t in s.things if t.kind == kind})
    left_out = rng.choice(colours)
    kept = sum(t.kind == kind and t.colour != left_out for s in (scene, other) for t in s.things)
    more = "first" if counts[0] > counts[1] else "second" if counts[1] > counts[0] else "neither"
    if sum(counts) >= len(NUMBERS):
        return None

    size = picture.open().size[0]
    places = ("first", "second", "neither")
    return (
        number_turn(f"count the things of the kind {kind} in this picture.", counts[0], pictures=(picture,)),
        number_turn("here is a second picture. how many are in it?", counts[1], pictures=(nano.picture(other, size),)),
        number_turn("how many are there in both together?", sum(counts)),
        number_turn(f"leave the {left_out} ones out. how many in both now?", kept, "correction"),
        Turn(
            "which picture has more of them: the first, the second, or neither?", (more,),
            refused=tuple(place for place in places if place != more),
        ),
        number_turn("how many did the first picture have?", counts[0], "recall", delta=5),
    )  # fmt: skip


def _second(scene: Scene) -> Scene:
    """Another scene of the same split and prior."""
    from vistune.world import sample_scene

    return sample_scene(scene.seed + 50_000, split=scene.split, prior=scene.prior, min_things=3)


#: Lines of three on a board of cells 0 to 8.
_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
CELLS = tuple(f"{row} {column}" for row in ("top", "middle", "bottom") for column in ("left", "centre", "right"))


def board_picture(board: Sequence[str], size: int) -> ImageSource:
    """Noughts (blue) and crosses (red) on a grid, ``size`` pixels on a side."""
    return _board_picture(tuple(board), size)


@lru_cache(maxsize=512)
def _board_picture(board: tuple[str, ...], size: int) -> ImageSource:
    from PIL import Image, ImageDraw

    big = 4 * size
    image = Image.new("RGB", (big, big), "white")
    pen = ImageDraw.Draw(image)
    step, line = big / 3, max(1, big // 40)
    for k in (1, 2):
        pen.line((k * step, 0, k * step, big), "black", line)
        pen.line((0, k * step, big, k * step), "black", line)
    for cell, mark in enumerate(board):
        row, column = divmod(cell, 3)
        x0, y0, x1, y1 = (v * step + m * step for v, m in ((column, 0.2), (row, 0.2), (column, 0.8), (row, 0.8)))
        if mark == "x":
            pen.line((x0, y0, x1, y1), (200, 30, 30), 2 * line)
            pen.line((x0, y1, x1, y0), (200, 30, 30), 2 * line)
        elif mark == "o":
            pen.ellipse((x0, y0, x1, y1), outline=(30, 60, 200), width=2 * line)
    return ImageSource(array=np.asarray(image.resize((size, size), Image.Resampling.LANCZOS)))


def winner(board: Sequence[str]) -> str:
    """x, o, or "" for nobody."""
    return next((board[i] for i, j, k in _LINES if board[i] and board[i] == board[j] == board[k]), "")


def board_game(scene: Scene, rng: random.Random, picture: ImageSource) -> Dialogue | None:
    """Reading a board of noughts and crosses that is drawn anew each turn: a winning cell, then with one cell forbidden."""
    size = picture.open().size[0]
    for _ in range(50):
        board = [""] * 9
        for turn, cell in enumerate(rng.sample(range(9), 5)):
            board[cell] = "ox"[turn % 2]
        wins = [c for c in range(9) if not board[c] and winner([*board[:c], "x", *board[c + 1 :]]) == "x"]
        if winner(board) or not wins:
            continue
        free = [c for c in range(9) if not board[c]]
        after = list(board)
        after[wins[0]] = "o"
        left = [c for c in range(9) if not after[c]]
        names = ", ".join(CELLS[c] for c in rng.sample(free, len(free)))
        return (
            Turn(
                f"noughts and crosses. which of these cells lets cross win: {names}?", tuple(CELLS[c] for c in wins),
                pictures=(board_picture(board, size),), refused=tuple(CELLS[c] for c in free if c not in wins),
            ),
            Turn(
                f"nought takes {CELLS[wins[0]]}. name a cell that is free.", tuple(CELLS[c] for c in left),
                pictures=(board_picture(after, size),), refused=tuple(CELLS[c] for c in range(9) if c not in left),
            ),
            Turn(
                f"not {CELLS[left[0]]}. name another free cell.", tuple(CELLS[c] for c in left[1:]), "correction",
                refused=(CELLS[left[0]], *(CELLS[c] for c in range(9) if c not in left)),
            ),
            Turn("which cell did nought take?", (CELLS[wins[0]],), "recall", delta=2),
        )  # fmt: skip
    return None


def survey(scene: Scene, rng: random.Random, picture: ImageSource) -> Dialogue | None:
    """Land seen from above at two dates: counting, what changed, and what was so before it."""
    from vistune.world.aerial import KINDS, later, render, sample_site

    site = sample_site(scene.seed, split=scene.split, prior=scene.prior)
    after, change = later(site, scene.seed)
    if change is None:
        return None
    thing = (after if change.what == "came" else site).things[change.thing]
    counts = [sum(t.kind == thing.kind for t in s.things) for s in (site, after)]
    others = [kind for kind in KINDS if kind != thing.kind]
    other = rng.choice(others)
    beside = sum(t.kind == other for t in site.things)
    if counts[0] == beside or max(counts) >= len(NUMBERS):
        return None
    size = picture.open().size[0]
    shown = [ImageSource(array=render(s, size)) for s in (site, after)]
    events = ("came", "left", "painted")
    more, less = (thing.kind, other) if counts[0] > beside else (other, thing.kind)
    pair = rng.sample([thing.kind, other], 2)
    return (
        number_turn(
            f"this is land seen from above. count the things of the kind {thing.kind}.", counts[0],
            pictures=(shown[0],),
        ),
        Turn(f"which is there more often: {pair[0]} or {pair[1]}?", (more,), refused=(less,)),
        Turn(
            "here is the same land at a later date. one thing changed. what happened to it: it came, it left or it was "
            "painted?", (change.what,), pictures=(shown[1],), refused=tuple(e for e in events if e != change.what),
        ),
        Turn(f"of which kind is it: {', '.join(KINDS)}?", (thing.kind,), refused=tuple(others)),
        number_turn(
            f"from now on speak of the later picture only. how many things of the kind {thing.kind} are there?",
            counts[1], "correction",
        ),
        number_turn(
            f"and how many of the kind {thing.kind} did the first picture have?", counts[0], "recall", delta=5
        ),
    )  # fmt: skip


TASKS = {"recipe": recipe, "builder": builder, "tally": tally, "board": board_game, "survey": survey}
