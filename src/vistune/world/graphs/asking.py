"""How ProVision words its questions: a sentence or a noun phrase with a lead, short answers or multiple choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from vistune.world.graphs.view import GraphView
from vistune.world.language.grammar import NUMBERS
from vistune.world.language.wordings import Wordings
from vistune.world.program import Ambiguous, Program, call
from vistune.world.questions.question import Asker, Question

#: What comes before a noun phrase to make a request of it.
LEADS = Wordings(
    ("what is {p}?", "can you tell me {p}?", "tell me {p}.", "identify {p}.", "determine {p}."), ("provide {p}.",)
)
LISTS = Wordings(
    ("Choices:", "Options:", "Selections:", "Choose one:", "Answer with one of these:"),
    ("Possible answers:", "Pick from:"),
)
#: How an option is marked.
MARKS = Wordings(("{letter}. {option}", "({letter}) {option}"))
LETTERS = "ABCD"
THINGS = Program("things")


@dataclass(frozen=True)
class GraphAsker(Asker[GraphView]):
    """Asks about graphs; a share ``choices`` of the questions come with options."""

    choices: float = 0.5


GraphMaker = Callable[[GraphAsker], Question | None]


@dataclass(frozen=True, slots=True)
class Forms:
    """The wordings of a generator: whole ``sentences``, and noun ``phrases`` for a lead."""

    sentences: Wordings
    phrases: Wordings

    def pick(self, c: GraphAsker) -> tuple[str, bool]:
        """A template, and whether it (or its lead) is held out of training."""
        if c.chance(0.5):
            template = self.sentences.pick(c.rng, c.split)
            return template, self.sentences.is_held_out(template)
        lead, template = LEADS.pick(c.rng, c.split), self.phrases.pick(c.rng, c.split)
        held_out = LEADS.is_held_out(lead) or self.phrases.is_held_out(template)
        return lead.format(p=template), held_out


def only(found: Program) -> Program:
    """The one object of a set."""
    return Program("only", (found,))


def labelled(label: str, words: Iterable[str] = (), among: Program = THINGS) -> Program:
    """The objects of a name that have all these attributes (and perhaps more)."""
    found = call("label", among, argument=label)
    for word in words:
        found = call("attribute", found, argument=word)
    return found


def made(
    c: GraphAsker,
    type: str,
    forms: Forms,
    program: Program,
    wrong: Iterable[str] | Callable[[str], Iterable[str]],
    things: tuple[int, ...] = (),
    listed: bool = False,
    **slots: str,
) -> Question | None:
    """The question with its one answer, or None.

    ``wrong`` are answers that are surely not right, for the options; or how they follow from the answer. ``listed``: with
    options, unless no question is to have any.
    """
    try:
        answer = program.answer(c.view)
    except Ambiguous:
        return None
    template, held_out = forms.pick(c)
    facts = {"things": things, "reason": None, "negative": None}
    asked = Question(type, template.format(**slots), answer, program, None, True, facts, template, held_out)
    found = wrong(answer) if callable(wrong) else wrong
    others = [option for option in dict.fromkeys(found) if option != answer]
    return with_options(c, asked, others) if others and c.chance(1.0 if listed and c.choices else c.choices) else asked


def offering(asked: Question | None, names: Sequence[str]) -> Question | None:
    """A question that names what its answer may be: these are its choices, if it has no lettered ones."""
    return asked if asked is None or asked.choices else replace(asked, choices=tuple(names))


def with_options(c: GraphAsker, asked: Question, wrong: list[str]) -> Question:
    """The question with up to four options in an order drawn at random; the answer is the option as it stands."""
    assert asked.program is not None
    options = [asked.answer, *c.rng.sample(wrong, min(len(wrong), len(LETTERS) - 1))]
    c.rng.shuffle(options)
    mark, listed = MARKS.pick(c.rng, c.split), LISTS.pick(c.rng, c.split)
    shown = [mark.format(letter=LETTERS[n], option=option) for n, option in enumerate(options)]
    gap = "\n" if c.chance(0.5) else " "
    return replace(
        asked,
        text=f"{asked.text}{gap}{listed}{gap}{gap.join(shown)}",
        answer=shown[options.index(asked.answer)],
        program=_choice(asked.program, options, shown),
        choices=tuple(options),
        facts={**asked.facts, "answer": asked.answer},
        held_out=asked.held_out or LISTS.is_held_out(listed),
    )


def _choice(program: Program, options: list[str], shown: list[str]) -> Program:
    result = call("word", argument=shown[-1])
    for option, text in zip(options[-2::-1], shown[-2::-1]):
        if option in NUMBERS:
            test = call("equal", program, call("number", argument=str(NUMBERS.index(option))))
        else:
            test = call("is", program, argument=option)
        result = call("pick", test, call("word", argument=text), result)
    return result
