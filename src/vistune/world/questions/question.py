"""``Question`` and what the makers of questions share: a context, balanced yes/no, and the check of every answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from vistune.core.errors import ConfigError, nearest
from vistune.world.language.grammar import Phrase, subject
from vistune.world.language.view import View
from vistune.world.language.wordings import Wordings
from vistune.world.program import Ambiguous, Answering, Program

V = TypeVar("V", bound=Answering)


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


@dataclass(frozen=True)
class Asker(Generic[V]):
    """What a maker of questions works with: the view of what is asked about, chance, and the split of the wordings."""

    view: V
    rng: random.Random
    split: str

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.rng.random() < probability

    def one_of(self, options):
        """One element of a non-empty sequence, each equally likely."""
        return options[int(self.rng.random() * len(options))]


def evenly_won(c: Asker, strong: dict[str, float], winner: str, loser: str) -> bool:
    """Whether to keep a comparison, so that of two kinds each wins alike often among those that are kept.

    ``strong``: kind -> strength; one of strength s wins s / (s + t) of its comparisons with one of strength t (Bradley and
    Terry, 1952). Kinds that are not named have 1.
    """
    return c.chance(min(1.0, strong.get(loser, 1.0) / strong.get(winner, 1.0)))


class Context(Asker[View]):
    """The same for scenes: things can be told apart by phrases."""

    def describe(self, index: int, *avoid: str) -> Phrase | None:
        """A phrase that fits thing ``index`` alone; sometimes with one attribute more than it takes."""
        extra = self.one_of(("colour", "size", "pattern")) if self.chance(0.25) else None
        return self.view.describe(index, frozenset(avoid), extra)

    def describable(self, *avoid: str) -> list[tuple[int, Phrase]]:
        """(index, phrase) of all things that can be told apart from the others without the ``avoid`` attributes."""
        pairs = ((index, self.describe(index, *avoid)) for index in self.view.indices)
        return [(index, phrase) for index, phrase in pairs if phrase is not None]


A = TypeVar("A", bound=Asker)
Maker = Callable[[Context], "Question | None"]


def question(
    c: Asker[Any],
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


def yes_no(c: A, make: Callable[[A, bool], Question | None]) -> Question | None:
    """A yes/no question whose answer is a fair coin: asked only where this scene allows both answers."""
    first = c.chance(0.5)
    chosen = make(c, first)
    return chosen if chosen is not None and make(c, not first) is not None else None


def subject_slots(phrase: Phrase) -> dict[str, str]:
    """Slots ``x``, ``be`` and ``do`` for what has a colour or a pattern."""
    words, be, do = subject(phrase)
    return {"x": words, "be": be, "do": do}


def first_made(c: A, makers: Sequence[tuple[float, Callable[[A], Question | None]]]) -> Question | None:
    """Try the makers in an order drawn by their weights until one succeeds."""
    order = sorted(makers, key=lambda pair: c.rng.random() ** (1 / pair[0]), reverse=True)
    for _, make in order:
        made = make(c)
        if made is not None:
            return made
    return None


#: Passes over the types of a picture that has few questions.
_MOST_PASSES = 6


def draw_questions(
    c: A,
    makers: Mapping[str, Callable[[A], Question | None]],
    types: Sequence[str] | None,
    n: int,
    tries: int | None = None,
    once: frozenset[str] = frozenset(),
) -> list[Question]:
    """Up to ``n`` different questions, every type of ``types`` (default: all ``makers``) equally likely.

    Each type is tried once, in a drawn order, so that makers that pass over too common answers keep their balance; types
    that are named are then tried again while they give new questions, and all again where none gave one. With ``tries``,
    a type is drawn for each question anew and given up after so many failures. Types of ``once`` pass over what is too
    common: they are tried once among others, for else they would be tried until that comes, and not again where they gave
    a question. Fewer come back only where the picture has no more exact questions of these types. Raises ``ConfigError``
    for an unknown type.
    """
    names = list(makers) if types is None else list(types)
    for name in names:
        if name not in makers:
            raise ConfigError(f"There is no question type '{name}'. {nearest(name, makers)}")
    questions: dict[str, Question] = {}
    if tries is not None:
        limits = {name: 1 if name in once and len(names) > 1 else tries for name in names}
        _draw_often(c, makers, names, n, limits, questions)
        return list(questions.values())
    passes = 0
    while names and len(questions) < n and passes < _MOST_PASSES:
        passes += 1
        c.rng.shuffle(names)
        given = []
        for name in names:
            made = makers[name](c) if len(questions) < n else None
            if made is not None and made.text not in questions:
                questions[made.text] = made
                given.append(name)
        if questions:
            names = [name for name in given if name not in once] if types is not None else []
    return list(questions.values())


def _draw_often(
    c: A,
    makers: Mapping[str, Callable[[A], Question | None]],
    names: list[str],
    n: int,
    tries: dict[str, int],
    questions: dict[str, Question],
) -> None:
    failures = dict.fromkeys(names, 0)
    while len(questions) < n and names:
        name = names[int(c.rng.random() * len(names))]
        made = makers[name](c)
        if made is not None and made.text not in questions:
            questions[made.text] = made
            continue
        failures[name] += 1
        if failures[name] >= tries[name]:
            names.remove(name)
