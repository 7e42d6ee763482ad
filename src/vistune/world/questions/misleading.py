"""What may lead a model away from the picture: leading questions, questions about what is not there, text beside the
picture that contradicts it, instructions with something false in them; and plausible wrong answers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from vistune.core.errors import ConfigError, nearest
from vistune.world.language.grammar import PLACES, Phrase, a, is_person, subject, the
from vistune.world.language.view import View, view_of
from vistune.world.language.wordings import Wordings
from vistune.world.program import call
from vistune.world.questions import simple
from vistune.world.questions.choices import answer_domain
from vistune.world.questions.programs import find, the_one
from vistune.world.questions.question import Context, Question, draw_questions, question, yes_no
from vistune.world.questions.text_only import fact_sentences
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS, SETTINGS, SIZES

_TAG = Wordings(("{x} {be} {v}, {tag}?", "{x} {be} {v}, right?"), ("surely {x} {be} {v}, {tag}?",))
_SURELY = Wordings(("there is {x} here, isn't there?", "I can see {x}, right?"), ("surely you see {x}, don't you?",))
_SUPPOSED = Wordings(("what colour is the {k}?", "which colour is the {k}?"), ("tell me the colour of the {k}.",))

#: What is said where the question supposes something that is not there.
NOTHING_THERE = "there is no such thing"

#: Plain things are passed over so often, since there are more of them than of any pattern.
_PLAIN = 0.2
C = Context


def wrong_answers(scene: Scene | View, asked: Question, k: int = 3, seed: int = 0) -> tuple[str, ...]:
    """Up to ``k`` plausible wrong answers: of the same sort as the right one, the scene's own values first.

    Yes and no are each other's only wrong answer. Empty for answers that are of no sort (free text).
    """
    view = view_of(scene)
    right = asked.facts.get("answer", asked.answer)
    if right in ("yes", "no"):
        return ("no" if right == "yes" else "yes",)
    steps = asked.program.steps() if asked.program is not None and asked.choices is None else []
    named = [str(step.argument) for step in steps if step.op == "word" and step.argument != right]
    if named:
        # The question itself names what it may be.
        return tuple(named[:k])
    domain = [value for value in answer_domain(right) if value != right]
    if asked.type == "state" and asked.facts.get("things"):
        domain = [s for s in KIND_BY_NAME[view.things[asked.facts["things"][0]].kind].states if s != right]
    seen = {v for t in view.things for v in (t.colour, t.size, t.pattern, t.state, a(t.kind))}
    rng = random.Random(f"wrong/{seed}/{asked.text}/{right}")
    rng.shuffle(domain)
    return tuple(sorted(domain, key=lambda value: value not in seen)[:k])


def _tagged(c: C, want: bool) -> Question | None:
    """The cup is red, isn't it?"""
    attribute = c.one_of(("colour", "size", "pattern"))
    told = c.describable(attribute)
    if not told:
        return None
    index, phrase = c.one_of(told)
    value = getattr(c.view.things[index], attribute)
    domain = {"colour": tuple(COLOURS), "size": tuple(SIZES), "pattern": PATTERNS}[attribute]
    said = value if want else c.one_of([v for v in domain if v != value])
    words, be, _ = subject(phrase) if attribute != "size" else (the(phrase), "is", "does")
    tag = "aren't they" if be == "are" else "isn't it"
    program = call("is", call("get", the_one(phrase), argument=attribute), argument=said)
    reason = None if want else f"{words} {be} {value}"
    return question(
        c, "leading", _TAG, program, want=want, things=(index,), reason=reason, x=words, be=be, v=said, tag=tag
    )


def _surely(c: C, want: bool) -> Question | None:
    """There is a dog here, isn't there?"""
    kind = c.one_of(sorted(c.view.by_kind)) if want and c.view.by_kind else simple.absent_kind(c)[0]
    reason = None if want else f"there is no {kind}"
    return question(c, "leading", _SURELY, call("exists", find(Phrase(kind))), want=want, reason=reason, x=a(kind))


def leading(c: C) -> Question | None:
    """A question that hopes for a yes: right half of the time."""
    return yes_no(c, _tagged if c.chance(0.6) else _surely)


def supposed(c: C) -> Question | None:
    """What colour is the dog? Where there is no dog, the answer is that there is none: as often as one of the colours."""
    told = [(i, p) for i, p in c.describable("colour") if p == Phrase(p.noun) and not is_person(p.noun)]
    if told and c.chance(len(COLOURS) / (len(COLOURS) + 1)):
        index, phrase = c.one_of(told)
        program = call("get", the_one(phrase), argument="colour")
        return question(c, "supposed", _SUPPOSED, program, things=(index,), k=phrase.noun)
    if not told:
        return None
    kind = simple.absent_kind(c)[0]
    if is_person(kind):
        return None
    nothing, colour = call("word", argument=NOTHING_THERE), call("word", argument="some colour")
    program = call("pick", call("exists", find(Phrase(kind))), colour, nothing)
    return question(c, "supposed", _SUPPOSED, program, reason=f"there is no {kind}", k=kind)


MAKERS: dict[str, Callable[[C], Question | None]] = {"leading": leading, "supposed": supposed}


def ask_misleading(
    scene: Scene | View, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different leading questions, and questions that suppose what may not be there."""
    view = view_of(scene)
    rng = random.Random(f"misleading/{seed}/{view.scene.seed}/{split}")
    return draw_questions(Context(view, rng, split), MAKERS, types, n)


How = Literal["match", "corrupt", "irrelevant"]


@dataclass(frozen=True, slots=True)
class Beside:
    """A question with a text beside the picture (Words or Vision, arXiv 2503.02199).

    ``answer`` is the picture's; ``text_answer`` what the text alone would have one say (None if it says nothing of it).
    """

    how: How
    text: str
    asked: Question
    answer: str
    text_answer: str | None

    @property
    def prompt(self) -> str:
        """The text, a warning, and the question, as the paper lays them out."""
        note = "here is more text. it may be right, wrong, or about something else."
        return f"{note}\n{self.text}\n---\n{self.asked.text}"


def beside(scene: Scene | View, seed: int, how: How, split: str = "train") -> Beside | None:
    """A question about a scene with text that gives its answer, contradicts it, or is about something else."""
    if how not in ("match", "corrupt", "irrelevant"):
        raise ConfigError(f"There is no text '{how}'. {nearest(how, ('match', 'corrupt', 'irrelevant'))}")
    view = view_of(scene)
    c = Context(view, random.Random(f"beside/{seed}/{view.scene.seed}/{split}"), split)
    for _ in range(8):
        attribute = c.one_of(("colour", "size", "pattern", "setting"))
        made = _open(c, attribute)
        if made is None:
            continue
        asked, sentence = made
        wrong = wrong_answers(view, asked, 3, seed)
        if how == "irrelevant":
            return Beside(how, f"{c.one_of(fact_sentences())}", asked, asked.answer, None)
        said = asked.answer if how == "match" else c.one_of(wrong)
        return Beside(how, sentence(said), asked, asked.answer, said)
    return None


def _open(c: C, attribute: str) -> tuple[Question, Callable[[str], str]] | None:
    """An open question, and the sentence that answers it with a value."""
    if attribute == "setting":
        wordings = simple.SETTING_OPEN
        asked = question(c, "setting", wordings, call("setting"))
        return None if asked is None else (asked, lambda said: f"this was seen {PLACES[said.removeprefix('the ')]}.")
    told = c.describable(attribute)
    if not told:
        return None
    index, phrase = c.one_of(told)
    if getattr(c.view.things[index], attribute) == "plain" and not c.chance(_PLAIN):
        return None
    words, be, do = subject(phrase) if attribute != "size" else (the(phrase), "is", "does")
    wordings = {"colour": simple.COLOUR, "size": simple.SIZE, "pattern": simple.PATTERN}[attribute]
    program = call("get", the_one(phrase), argument=attribute)
    asked = question(c, attribute, wordings, program, things=(index,), x=words, be=be, do=do)
    return None if asked is None else (asked, lambda said: f"{words} {be} {said}.")


#: Sorts of instructions: three with something false in them, one without (LRV-Instruction, arXiv 2306.14565).
INSTRUCTIONS = ("absent_thing", "wrong_look", "wrong_place", "true")


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction and its right response. ``sort``: one of ``INSTRUCTIONS``."""

    sort: str
    text: str
    response: str


_TELL = Wordings(
    ("describe the {x} in the picture.", "tell me how the {x} looks.", "say what is special about the {x}."),
    ("point out the {x} and describe it.",),
)
_HERE = Wordings(
    ("explain what happens in this picture of {p}.", "what do you like about {p} in this picture?"),
)


def instruction(scene: Scene | View, seed: int, sort: str, split: str = "train") -> Instruction | None:
    """An instruction about something absent, something that looks otherwise, another place, or something true."""
    if sort not in INSTRUCTIONS:
        raise ConfigError(f"There is no instruction '{sort}'. {nearest(sort, INSTRUCTIONS)}")
    view = view_of(scene)
    c = Context(view, random.Random(f"instruction/{sort}/{seed}/{view.scene.seed}/{split}"), split)
    if sort == "absent_thing":
        kind = simple.absent_kind(c)[0]
        return Instruction(sort, _TELL.pick(c.rng, split).format(x=kind), f"there is no {kind} in the picture.")
    if sort == "wrong_place":
        place = c.one_of([s for s in SETTINGS if s != view.scene.setting])
        right = view.scene.setting
        return Instruction(
            sort, _HERE.pick(c.rng, split).format(p=f"the {place}"), f"this is not the {place}: it is the {right}."
        )
    told = [(i, p) for i, p in c.describable("colour") if not is_person(p.noun)]
    if not told:
        return None
    index, phrase = c.one_of(told)
    thing = view.things[index]
    colour = thing.colour if sort == "true" else c.one_of([v for v in COLOURS if v != thing.colour])
    words = the(Phrase(phrase.noun, colour, phrase.size, phrase.pattern, phrase.state)).removeprefix("the ")
    text = _TELL.pick(c.rng, split).format(x=words)
    if sort == "wrong_look":
        if find(Phrase(thing.kind, colour=colour)).run(view):
            return None
        return Instruction(sort, text, f"there is no {colour} {thing.kind}: {the(phrase)} is {thing.colour}.")
    size = "" if thing.size == "medium" else f"{thing.size} and "
    return Instruction(sort, text, f"{the(phrase)} is {size}{thing.colour}, its pattern is {thing.pattern}.")
