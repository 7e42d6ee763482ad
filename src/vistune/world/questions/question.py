"""``Question`` and what the makers of questions share: a context, balanced yes/no, and the check of every answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vistune.world.language.grammar import Phrase, subject
from vistune.world.language.view import View
from vistune.world.language.wordings import Wordings
from vistune.world.questions.programs import Ambiguous, Program


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its one right answer.

    ``program`` gives the answer when run on the scene (None for questions that need no picture). ``choices`` are the
    options of a multiple-choice question, in the order A, B, C, D. ``facts``: ``things`` (indices that the question is
    about), ``reason`` (a true sentence that supports the answer, or None), ``negative`` (how a "no" of an existence
    question was drawn: random, popular or adversarial). ``held_out`` says that the wording never occurs in training.
    """

    type: str
    text: str
    answer: str
    program: Program | None = None
    choices: tuple[str, ...] | None = None
    needs_image: bool = True
    facts: dict[str, Any] = field(default_factory=dict)
    wording: str = ""
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What a maker of questions works with."""

    view: View
    rng: random.Random
    split: str

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.rng.random() < probability

    def one_of(self, options):
        """One element of a non-empty sequence, each equally likely."""
        return options[int(self.rng.random() * len(options))]

    def describe(self, index: int, *avoid: str) -> Phrase | None:
        """A phrase that fits thing ``index`` alone; sometimes with one attribute more than it takes."""
        extra = self.one_of(("colour", "size", "pattern")) if self.chance(0.25) else None
        return self.view.describe(index, frozenset(avoid), extra)

    def describable(self, *avoid: str) -> list[tuple[int, Phrase]]:
        """(index, phrase) of all things that can be told apart from the others without the ``avoid`` attributes."""
        pairs = ((index, self.describe(index, *avoid)) for index in self.view.indices)
        return [(index, phrase) for index, phrase in pairs if phrase is not None]


Maker = Callable[[Context], "Question | None"]
YesNoMaker = Callable[[Context, bool], "Question | None"]


def question(
    c: Context,
    type: str,
    wordings: Wordings,
    program: Program,
    *,
    want: bool | None = None,
    things: tuple[int, ...] = (),
    reason: str | None = None,
    negative: str | None = None,
    **slots: str,
) -> Question | None:
    """Word a question and answer it by its program. None if it has no exact answer, or another than ``want``."""
    try:
        answer = program.answer(c.view)
    except Ambiguous:
        return None
    if want is not None and answer != ("yes" if want else "no"):
        return None
    template = wordings.pick(c.rng, c.split)
    facts = {"things": things, "reason": reason, "negative": negative}
    held_out = wordings.is_held_out(template)
    return Question(type, template.format(**slots), answer, program, None, True, facts, template, held_out)


def yes_no(c: Context, make: YesNoMaker) -> Question | None:
    """A yes/no question whose answer is a fair coin: asked only where this scene allows both answers."""
    first = c.chance(0.5)
    chosen = make(c, first)
    return chosen if chosen is not None and make(c, not first) is not None else None


def subject_slots(phrase: Phrase) -> dict[str, str]:
    """Slots ``x``, ``be`` and ``do`` for what has a colour or a pattern."""
    words, be, do = subject(phrase)
    return {"x": words, "be": be, "do": do}


def first_made(c: Context, makers: tuple[tuple[float, Maker], ...]) -> Question | None:
    """Try the makers in an order drawn by their weights until one succeeds."""
    order = sorted(makers, key=lambda pair: c.rng.random() ** (1 / pair[0]), reverse=True)
    for _, make in order:
        made = make(c)
        if made is not None:
            return made
    return None
