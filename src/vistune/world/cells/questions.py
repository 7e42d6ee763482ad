"""Questions about slides: counts, kinds, nuclei, divisions, places, sizes; in VQA-RAD's classes too."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from vistune.world.cells.slide import KINDS, SAMPLES, STAINS, Slide
from vistune.world.cells.view import SlideView
from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, question

C = Asker[SlideView]
CELLS = call("cells")

_COUNT = Wordings(("how many {k}s are there?", "how many {k}s can be seen?"), ("count the {k}s.",))
_EXISTS = Wordings(("is there a {k}?", "are {k}s present?"), ("does the slide show {k}s?",))
_MORE = Wordings(("are there more {a}s or more {b}s?",), ("which are more: the {a}s or the {b}s?",))
_DIVIDING = Wordings(
    ("is any cell dividing?", "are there dividing cells?"), ("does the slide show a cell in division?",)
)
_LARGE = Wordings(
    ("does any cell have a large nucleus?", "are there large nuclei?"), ("is a nucleus larger than usual?",)
)
_WHERE = Wordings(("in which quarter is the {x}?", "where is the {x}?"), ("find the {x}: which quarter?",))
_CLUMPED = Wordings(("are the cells clumped or spread?",), ("do the cells lie clumped or spread?",))
_STAIN = Wordings(
    ("what colour is the stain?", "with which colour was the slide stained?"), ("name the stain's colour.",)
)
_SAMPLE = Wordings(("what kind of sample is this?", "what does the slide show?"), ("name the sample.",))
_LONGER = Wordings(
    ("the picture is {m} micrometres wide. is the {x} longer than {n} micrometres?",),
    ("is the {x} more than {n} micrometres long, if the picture is {m} wide?",),
)

#: VQA-RAD's class of each type.
CLASSES = {
    "count": "COUNT", "exists": "PRES", "more": "COUNT", "dividing": "ABN", "large": "ABN", "where": "POS", "clumped": "ATTRIB",
    "stain": "COLOR", "sample": "ORGAN", "longer": "SIZE",
}  # fmt: skip

#: Answers -> how easily they are found, fitted on slides of the flat prior.
_EASE_COUNT = {1: 0.964, 2: 1.0, 3: 0.928, 4: 0.826, 5: 0.791, 6: 0.782}
_EASE_DIVIDING = {"yes": 0.592, "no": 1.0}
_EASE_LARGE = {"yes": 0.682, "no": 1.0}
_EASE_CLUMPED = {"clumped": 0.361, "spread": 1.0}
_EASE_WHERE = {"upper left": 0.952, "upper right": 0.998, "lower left": 1.0, "lower right": 0.93}
#: Kind -> share of flat slides that show it.
_SHARES = {"red cell": 0.34, "white cell": 0.34, "round cell": 0.33, "spindle cell": 0.33, "rod": 0.42, "ball": 0.42}


def word(text: str) -> Program:
    """A fixed text."""
    return call("word", argument=text)


def of_kind(kind: str) -> Program:
    """All cells of a kind."""
    return call("kind", CELLS, argument=kind)


def _evened(c: C, asked: Question | None, ease: dict[str, float]) -> Question | None:
    """The question, or None as often as its answer is easier to come by than the rarest."""
    keep = asked is not None and c.chance(min(ease.values()) / ease[asked.answer])
    return asked if keep else None


def count(c: C) -> Question | None:
    """How many of a kind; the number is drawn first."""
    wanted = c.one_of(tuple(_EASE_COUNT))
    if not c.chance(min(_EASE_COUNT.values()) / _EASE_COUNT[wanted]):
        return None
    kinds = [k for k in KINDS if sum(cell.kind == k for cell in c.view.slide.cells) == wanted]
    if not kinds:
        return None
    kind = c.one_of(kinds)
    return question(c, "count", _COUNT, call("count", of_kind(kind)), k=kind)


def exists(c: C) -> Question | None:
    """Whether a kind is there; its "yes" and "no" are asked alike often."""
    kind = c.one_of(KINDS)
    there = any(cell.kind == kind for cell in c.view.slide.cells)
    share = _SHARES[kind] if there else 1 - _SHARES[kind]
    if not c.chance(min(1.0, (1 - share) / share)):
        return None
    return question(c, "exists", _EXISTS, call("exists", of_kind(kind)), k=kind)


def more(c: C) -> Question | None:
    """Which of the sample's two kinds there are more of."""
    a, b = c.rng.sample(SAMPLES[c.view.slide.sample], 2)
    first, second = (call("count", of_kind(k)) for k in (a, b))
    counts = [sum(cell.kind == k for cell in c.view.slide.cells) for k in (a, b)]
    if counts[0] == counts[1]:
        return None
    program = call("pick", call("more", first, second), word(f"{a}s"), word(f"{b}s"))
    asked = question(c, "more", _MORE, program, a=a, b=b)
    return None if asked is None else replace(asked, choices=(f"{a}s", f"{b}s"))


def _has_round(c: C) -> bool:
    return any(cell.kind == "round cell" for cell in c.view.slide.cells)


def dividing(c: C) -> Question | None:
    """Whether a cell divides; asked of slides with cells that could."""
    asked = question(c, "dividing", _DIVIDING, call("exists", call("dividing", CELLS)))
    return _evened(c, asked, _EASE_DIVIDING) if _has_round(c) else None


def large(c: C) -> Question | None:
    """Whether a nucleus is larger than usual; asked of slides with cells that could have one."""
    asked = question(c, "large", _LARGE, call("exists", call("large_nucleus", CELLS)))
    return _evened(c, asked, _EASE_LARGE) if _has_round(c) else None


def _unique(c: C) -> list[tuple[str, Program, float]]:
    """Words, program and length of cells that are the only ones of their kind, or the only one that divides."""
    cells = c.view.slide.cells
    found = [
        (k, call("only", of_kind(k)), next(x.length for x in cells if x.kind == k))
        for k in KINDS
        if sum(cell.kind == k for cell in cells) == 1
    ]
    parting = [cell for cell in cells if cell.dividing]
    if len(parting) == 1:
        found.append(("dividing cell", call("only", call("dividing", CELLS)), parting[0].length))
    return found


def where(c: C) -> Question | None:
    """The quarter of the picture that the only cell of a kind lies in."""
    options = _unique(c)
    if not options:
        return None
    words, program, _ = c.one_of(options)
    asked = _evened(c, question(c, "where", _WHERE, call("quarter", program), x=words), _EASE_WHERE)
    return None if asked is None else replace(asked, choices=tuple(_EASE_WHERE))


def clumped(c: C) -> Question | None:
    """Whether the cells lie close together."""
    program = call("pick", call("clumped"), word("clumped"), word("spread"))
    asked = _evened(c, question(c, "clumped", _CLUMPED, program), _EASE_CLUMPED)
    return None if asked is None else replace(asked, choices=("clumped", "spread"))


def stain(c: C) -> Question | None:
    """The stain's colour."""
    asked = question(c, "stain", _STAIN, call("stain"))
    return None if asked is None else replace(asked, choices=tuple(STAINS))


def sample(c: C) -> Question | None:
    """Blood, tissue or culture."""
    asked = question(c, "sample", _SAMPLE, call("sample"))
    return None if asked is None else replace(asked, choices=tuple(SAMPLES))


def longer(c: C) -> Question | None:
    """Whether a cell is longer than a length: of a kind that comes in lengths on both sides of it."""
    options = [o for o in _unique(c) if o[0] in _MIDDLES]
    if not options:
        return None
    words, program, _ = c.one_of(options)
    bound, width = _MIDDLES[words], f"{c.view.slide.width:.0f}"
    return question(c, "longer", _LONGER, call("longer", program, argument=bound), x=words, m=width, n=bound)


#: Kinds whose lengths differ enough, and the middle of their lengths.
_MIDDLES = {"rod": "10", "spindle cell": "23.5", "round cell": "13"}

MAKERS: dict[str, Callable[[C], Question | None]] = {
    "count": count, "exists": exists, "more": more, "dividing": dividing, "large": large, "where": where, "clumped": clumped,
    "stain": stain, "sample": sample, "longer": longer,
}  # fmt: skip


def ask(
    slide: Slide, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a slide (see ``vistune.world.questions.ask``)."""
    rng = random.Random(f"cell question/{seed}/{slide.seed}/{split}")
    return draw_questions(Asker(SlideView(slide), rng, split), MAKERS, types, n)
