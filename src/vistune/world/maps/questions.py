"""Questions about two paths on a map: the better one for a scenario, descriptors, turns, corners, blocks."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from vistune.world.language.wordings import Wordings
from vistune.world.maps.chart import STYLES
from vistune.world.maps.choice import Choice
from vistune.world.maps.judging import DESCRIPTORS, SCENARIOS, Scenario
from vistune.world.maps.view import CORNERS, MapView
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, question

C = Asker[MapView]
PATHS = ("path 1", "path 2")

_BETTER = Wordings(
    ("{s} which path is better: path 1 or path 2?", "{s} which path fits the task better: path 1 or path 2?"),
    ("{s} should it take path 1 or path 2?",),
)
#: Descriptor -> how one asks for the lower value.
_LOWER = {
    "average clearance": "keeps closer to the obstacles on average",
    "least clearance": "comes closer to an obstacle at its closest",
    "greatest clearance": "has the smaller greatest distance from the obstacles",
    "length": "is shorter",
    "sharp turns": "has fewer sharp turns",
    "greatest turn": "has the smaller greatest turn",
    "sum of turns": "turns less in all",
}
_SHARP = Wordings(
    ("does {p} make a sharp turn?", "does {p} turn by more than 90 degrees anywhere?"),
    ("is there a sharp turn in {p}?",),
)
_CORNER = Wordings(
    ("which corner does {p} come nearer: the upper left or the lower right?",),
    ("towards which corner does {p} swing: the upper left or the lower right?",),
)
_BLOCKS = Wordings(("how many blocks are on the map?", "how many blocks are in the way?"), ("count the blocks.",))
_STYLE = Wordings(("is the map made of blocks, a maze or cells?",), ("what is the map: blocks, a maze or cells?",))

#: Answers -> how easily they are found, fitted on maps of the flat prior.
_EASE_SHARP = {"yes": 0.343, "no": 1.0}


def held_out(style: str, scenario: Scenario) -> bool:
    """Whether a style of map and a scenario never meet in training: one pair in ten."""
    return zlib.crc32(f"{style}/{scenario.name}".encode()) % 10 == 3


def word(text: str) -> Program:
    """A fixed text."""
    return call("word", argument=text)


def judged(scenario: Scenario) -> Program:
    """The better path by the unanimous votes of the descriptors that matter."""
    return call("pick", call("first_wins", call("votes", argument=scenario.name)), *map(word, PATHS))


def lower(name: str) -> Program:
    """The path with the lower value of a descriptor."""
    values = (call("descriptor", argument=f"{path}/{name}") for path in PATHS)
    return call("pick", call("less", *values, argument=name), *map(word, PATHS))


def better(c: C) -> Question | None:
    """The better path for a scenario on which the descriptors that matter agree."""
    style, prior = c.view.choice.chart.style, c.view.choice.chart.prior
    usable = [s for s in SCENARIOS if c.split != "train" or not held_out(style, s)]
    if prior != "flat":
        ranked = usable if prior == "skewed" else usable[::-1]
        usable = c.rng.choices(ranked, [1 / (k + 1) for k in range(len(ranked))], k=1)
    scenario = c.one_of(usable)
    asked = question(c, "better", _BETTER, judged(scenario), s=scenario.text)
    return None if asked is None else replace(asked, choices=PATHS)


def perception(c: C) -> Question | None:
    """Which path has the lower value of a descriptor (PathEval's second level)."""
    name = c.one_of(DESCRIPTORS)
    wordings = Wordings(
        (f"which path {_LOWER[name]}: path 1 or path 2?",), (f"say which path {_LOWER[name]}: path 1 or path 2.",)
    )
    asked = question(c, "perception", wordings, lower(name))
    return None if asked is None else replace(asked, choices=PATHS)


def sharp(c: C) -> Question | None:
    """Whether a path has a sharp turn; most have none, so a "no" is asked as often as a "yes" is found."""
    path = c.one_of(PATHS)
    asked = question(c, "sharp", _SHARP, call("exists", call("sharp", argument=path)), p=path)
    if asked is None or not c.chance(min(_EASE_SHARP.values()) / _EASE_SHARP[asked.answer]):
        return None
    return asked


def corner(c: C) -> Question | None:
    """Above or below the middle: the answer is drawn first."""
    path, wanted = c.one_of(PATHS), c.one_of(tuple(CORNERS))
    program = call("pick", call("nearer_upper_left", argument=path), *map(word, CORNERS))
    asked = question(c, "corner", _CORNER, program, p=path)
    return None if asked is None or asked.answer != wanted else replace(asked, choices=tuple(CORNERS))


def blocks(c: C) -> Question | None:
    """How many blocks; maps of the flat prior have 4 to the most alike often."""
    return question(c, "blocks", _BLOCKS, call("count", call("obstacles")))


def style(c: C) -> Question | None:
    """The kind of map."""
    asked = question(c, "style", _STYLE, call("style"))
    return None if asked is None else replace(asked, choices=STYLES)


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "better": better, "perception": perception, "sharp": sharp, "corner": corner, "blocks": blocks, "style": style,
}  # fmt: skip


def ask(
    choice: Choice, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a choice (see ``vistune.world.questions.ask``)."""
    rng = random.Random(f"map question/{seed}/{choice.seed}/{split}")
    return draw_questions(Asker(MapView(choice), rng, split), MAKERS, types, n)
