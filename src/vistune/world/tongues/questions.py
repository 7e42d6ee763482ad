"""Questions about scenes in any of the languages, with their programs and answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vistune.core.errors import ConfigError, nearest
from vistune.world.language.grammar import INVERSE, Phrase
from vistune.world.language.view import View, view_of
from vistune.world.program import Ambiguous
from vistune.world.questions.question import Context, Question, draw_questions
from vistune.world.questions.simple import absent_kind
from vistune.world.scene import Scene
from vistune.world.tongues.languages import TONGUES
from vistune.world.tongues.meaning import Meaning, Np, program_of
from vistune.world.tongues.tongue import Tongue
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME

_ATTRIBUTES = ("colour", "size", "pattern")
#: No language here says what a thing does: states are not used to tell things apart.
_STATE = frozenset({"state"})

#: Answers -> how easily they are found, fitted on scenes of the flat prior.
_EASE_COUNT = {0: 1.0, 1: 0.598, 2: 0.088, 3: 0.042}
#: The same where a colour is said.
_EASE_RED = {0: 1.0, 1: 0.887, 2: 0.025}
_EASE_PATTERN = {"plain": 1.0, "striped": 0.369, "spotted": 0.408, "checked": 0.251}


@dataclass(frozen=True)
class TongueContext(Context):
    """What the makers work with: a scene, chance, and a language."""

    tongue: Tongue

    def said(self, index: int, *avoid: str) -> Np | None:
        """A noun phrase that fits thing ``index`` alone. People take no attributes, and nothing is called plain."""
        extra = self.one_of(_ATTRIBUTES) if self.chance(0.25) else None
        phrase = self.view.describe(index, _STATE | frozenset(avoid), None if extra in avoid else extra)
        if phrase is None or phrase.pattern == "plain":
            return None
        np = as_np(phrase)
        return None if is_person(np.kind) and np != Np(np.kind) else np

    def all_said(self, *avoid: str) -> list[tuple[int, Np]]:
        """(index, phrase) of all things that can be told apart without the ``avoid`` attributes."""
        pairs = ((index, self.said(index, *avoid)) for index in self.view.indices)
        return [(index, np) for index, np in pairs if np is not None]


C = TongueContext


def as_np(phrase: Phrase) -> Np:
    """A phrase of the world's own grammar, without its state."""
    return Np(phrase.noun, 1, phrase.colour, phrase.size, phrase.pattern)


def is_person(kind: str) -> bool:
    """Whether a kind is a person."""
    return KIND_BY_NAME[kind].group == "person"


def question(c: C, meaning: Meaning, want: bool | None = None, things: tuple[int, ...] = ()) -> Question | None:
    """The question said in the language, its answer computed; None if there is no exact answer, or another than ``want``.

    ``facts``: the meaning, the world's own ``value`` of the answer, the ``language``, and question and answer in
    ``english``.
    """
    program = program_of(meaning)
    try:
        program.answer(c.view)
        value = program.run(c.view)
    except Ambiguous:
        return None
    if want is not None and value != want:
        return None
    if meaning.type == "setting":
        value = value.removeprefix("the ")
    text, answer = c.tongue.say(meaning), c.tongue.answer(meaning, value)
    english = TONGUES["en"].say(meaning), TONGUES["en"].answer(meaning, value)
    facts = {"things": things, "meaning": meaning, "value": value, "language": c.tongue.CODE, "english": english}
    return Question(meaning.type, text, answer, program, None, True, facts, meaning.type)


def _fair(c: C, make: Callable[[C, bool], Question | None]) -> Question | None:
    """A yes/no question by a fair coin, only where the scene allows both answers."""
    first = c.chance(0.5)
    chosen = make(c, first)
    return chosen if chosen is not None and make(c, not first) is not None else None


def _exists(c: C, want: bool) -> Question | None:
    if not want and c.chance(0.6):
        kind = absent_kind(c)[0]
        return question(c, Meaning("existence", Np(kind)), want)
    things = [t for t in c.view.things if want or not is_person(t.kind)]
    if not things:
        return None
    thing = c.one_of(things)
    if not want:
        return question(c, Meaning("existence", Np(thing.kind, colour=c.one_of(tuple(COLOURS)))), want)
    colour = None if is_person(thing.kind) or c.chance(0.6) else thing.colour
    return question(c, Meaning("existence", Np(thing.kind, colour=colour)), want)


def existence(c: C) -> Question | None:
    """Is there a red dog? A "no" asks for an absent kind or a wrong colour."""
    return _fair(c, _exists)


def _of_one(c: C, type: str, keep: Callable[[str], bool]) -> Question | None:
    told = [(i, np) for i, np in c.all_said(type) if not is_person(np.kind) and keep(getattr(c.view.things[i], type))]
    if not told:
        return None
    index, np = c.one_of(told)
    return question(c, Meaning(type, np), things=(index,))


def colour(c: C) -> Question | None:
    """What colour is the dog?"""
    return _of_one(c, "colour", lambda _: True)


def size(c: C) -> Question | None:
    """Is the dog small or big? Medium ones are not asked about."""
    return _of_one(c, "size", lambda value: value != "medium")


def pattern(c: C) -> Question | None:
    """What pattern does the dog have? Rarer patterns are asked about as often as plain ones."""
    least = min(_EASE_PATTERN.values())
    wanted = {p for p, ease in _EASE_PATTERN.items() if c.chance(least / ease)}
    return _of_one(c, "pattern", lambda value: value in wanted)


def count(c: C) -> Question | None:
    """How many red dogs are there? Whether a colour is said is drawn first, then the number, then what has it."""
    view, coloured = c.view, c.chance(0.5)
    absent, kinds = absent_kind(c)[0], sorted(view.by_kind)
    if coloured:
        kinds = [kind for kind in (absent, *kinds) if not is_person(kind)]
        options = {Np(kind, colour=c.one_of(tuple(COLOURS))) for kind in kinds}
        options |= {Np(t.kind, colour=t.colour) for t in view.things if not is_person(t.kind)}
    else:
        options = {Np(kind) for kind in (absent, *kinds)}
    by_number: dict[int, list[Np]] = {}
    for np in sorted(options, key=str):
        by_number.setdefault(len(view.fitting(Phrase(np.kind, colour=np.colour))), []).append(np)
    ease = _EASE_RED if coloured else _EASE_COUNT
    numbers = sorted(n for n in by_number if n in ease)
    if not numbers:
        return None
    number = c.one_of(numbers)
    if not c.chance(min(ease.values()) / ease[number]):
        return None
    return question(c, Meaning("count", c.one_of(by_number[number])))


def _compared(c: C, want: bool) -> Question | None:
    view = c.view
    kinds = [*sorted(view.by_kind), absent_kind(c)[0]]
    pairs = [(a, b) for a in kinds for b in kinds if a != b]
    fit = [(a, b) for a, b in pairs if (len(view.by_kind.get(a, ())) > len(view.by_kind.get(b, ()))) == want]
    if not fit:
        return None
    first, second = c.one_of(fit)
    return question(c, Meaning("compare", Np(first), Np(second)), want)


def compare(c: C) -> Question | None:
    """Are there more dogs than cats?"""
    return _fair(c, _compared)


def _related(c: C, want: bool) -> Question | None:
    told = dict(c.all_said())
    held = [(i, r, j) for i, r, j in c.view.known() if i in told and j in told]
    if not held:
        return None
    relation = c.one_of(sorted({r for _, r, _ in held}))
    i, _, j = c.one_of([h for h in held if h[1] == relation])
    if not want:
        if relation == "on" or c.chance(0.5):
            i, j = j, i
        else:
            relation = INVERSE[relation]
    return question(c, Meaning("relation", told[i], told[j], relation), want, (i, j))


def relation(c: C) -> Question | None:
    """Is the dog left of the cat?"""
    return _fair(c, _related)


def setting(c: C) -> Question | None:
    """Where is this?"""
    return question(c, Meaning("setting"))


def choice(c: C) -> Question | None:
    """Is the dog red or blue?"""
    told = [(i, np) for i, np in c.all_said("colour") if not is_person(np.kind)]
    if not told:
        return None
    index, np = c.one_of(told)
    right = c.view.things[index].colour
    wrong = c.one_of([v for v in COLOURS if v != right])
    options = (right, wrong) if c.chance(0.5) else (wrong, right)
    return question(c, Meaning("choice", np, options=options), things=(index,))


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "existence": existence, "colour": colour, "size": size, "pattern": pattern, "count": count, "compare": compare,
    "relation": relation, "setting": setting, "choice": choice,
}  # fmt: skip


def tongue_of(language: str) -> Tongue:
    """The language of a code. Raises ``ConfigError`` for an unknown one."""
    if language not in TONGUES:
        known = ", ".join(f"{code} ({t.NAME})" for code, t in TONGUES.items())
        raise ConfigError(f"There is no language '{language}'. {nearest(language, TONGUES)} Known: {known}.")
    return TONGUES[language]


def ask(
    scene: Scene | View,
    seed: int,
    language: str = "en",
    types: Sequence[str] | None = None,
    n: int = 1,
    split: str = "train",
) -> list[Question]:
    """Up to ``n`` different questions about a scene in a language. The same seed asks the same in every language."""
    view = view_of(scene)
    rng = random.Random(f"tongues/{seed}/{view.scene.seed}/{split}")
    return draw_questions(TongueContext(view, rng, split, tongue_of(language)), MAKERS, types, n)
