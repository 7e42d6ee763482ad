"""Multiple-choice questions: an open question with two to four options, exactly one of them right."""

from __future__ import annotations

from dataclasses import replace

from vistune.world.language.grammar import NUMBERS, a
from vistune.world.language.wordings import Wordings
from vistune.world.questions import relations, several, simple
from vistune.world.questions.programs import Program, call
from vistune.world.questions.question import Context, Question
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, KINDS, PATTERNS, SETTINGS, SIZES

LETTERS = "ABCD"
#: Between the letter and the option, and between options; the last is held out.
FORMATS = Wordings(("({letter}) {option}", "{letter}. {option}"), ("{letter}: {option}",))

_OPEN = (
    simple.colour,
    simple.size,
    simple.pattern,
    simple.state,
    simple.setting,
    several.count,
    relations.what_is_there,
    relations.two_fact,
)
_KIND_ANSWERS = tuple(a(kind.name) for kind in KINDS)
_DOMAINS: tuple[tuple[str, ...], ...] = (
    tuple(COLOURS),
    tuple(SIZES),
    PATTERNS,
    tuple(f"the {name}" for name in SETTINGS),
    _KIND_ANSWERS,
    NUMBERS[:7],
)


def answer_domain(answer: str) -> tuple[str, ...]:
    """All answers of the same sort as ``answer``; the states of the kinds that have this state; empty if none."""
    for domain in _DOMAINS:
        if answer in domain:
            return domain
    return next((kind.states for kind in KIND_BY_NAME.values() if answer in kind.states), ())


def choice(c: Context) -> Question | None:
    """What colour is the cup? (A) red (B) blue (C) green (D) pink."""
    base = c.one_of(_OPEN)(c)
    if base is None or base.program is None or base.answer in ("yes", "no"):
        return None
    if base.type == "state":
        domain = KIND_BY_NAME[c.view.things[base.facts["things"][0]].kind].states
    else:
        domain = answer_domain(base.answer)
    wrong = [option for option in domain if option != base.answer]
    if not wrong:
        return None
    number = min(len(wrong), 1 if c.chance(0.15) else 2 if c.chance(0.25) else 3)
    options = [base.answer, *_distractors(c, wrong, number)]
    c.rng.shuffle(options)
    template = FORMATS.pick(c.rng, c.split)
    listed = " ".join(template.format(letter=LETTERS[n], option=option) for n, option in enumerate(options))
    return replace(
        base,
        type="choice",
        text=f"{base.text} {listed}",
        answer=LETTERS[options.index(base.answer)],
        program=_letters(base.program, options),
        choices=tuple(options),
        facts={**base.facts, "reason": None, "answer": base.answer},
        held_out=base.held_out or FORMATS.is_held_out(template),
    )


def _distractors(c: Context, wrong: list[str], number: int) -> list[str]:
    """Wrong options, half of the time those that other things in the scene would make right."""
    seen = {v for t in c.view.things for v in (t.colour, t.size, t.pattern, t.state, a(t.kind))}
    near = [option for option in wrong if option in seen]
    picked = c.rng.sample(near, min(number, len(near))) if c.chance(0.5) else []
    rest = [option for option in wrong if option not in picked]
    return picked + c.rng.sample(rest, number - len(picked))


def _letters(program: Program, options: list[str]) -> Program:
    """The program that gives the letter of the option that ``program`` answers."""
    result = call("word", argument=LETTERS[len(options) - 1])
    for n in range(len(options) - 2, -1, -1):
        test = _is_option(program, options[n])
        result = call("pick", test, call("word", argument=LETTERS[n]), result)
    return result


def _is_option(program: Program, option: str) -> Program:
    if option in NUMBERS:
        return call("equal", program, call("number", argument=str(NUMBERS.index(option))))
    return call("is", program, argument=option)
