"""Questions about one thing or the whole picture: existence, colour, size, pattern, state, setting."""

from __future__ import annotations

import random

from vistune.world.language.grammar import (
    DOING_STATES,
    Phrase,
    a,
    groups_with_noun,
    many,
    the,
)
from vistune.world.language.wordings import Wordings
from vistune.world.questions.programs import SETTING, call, find, the_one
from vistune.world.questions.question import Context, Question, first_made, question, subject_slots, yes_no
from vistune.world.questions.statistics import KIND_NAMES, occurrence
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS, SETTINGS, SIZES

#: The first one is the wording of the POPE probe.
EXISTENCE = Wordings(
    (
        "Is there {x} in the image?",
        "is there {x} here?",
        "is there {x} in the picture?",
        "can you see {x}?",
        "do you see {x}?",
        "is there {x}?",
    ),
    ("can you find {x} in this picture?", "does the picture show {x}?"),
)
EXISTENCE_MANY = Wordings(("are there any {x} here?", "are there any {x}?"), ("do you see any {x} in the picture?",))
EXISTENCE_TWO = Wordings(
    ("is there {x} {word} {y}?", "do you see {x} {word} {y}?"), ("does the picture have {x} {word} {y}?",)
)
COLOUR = Wordings(
    ("what colour {be} {x}?", "which colour {be} {x}?", "what is the colour of {x}?"),
    ("tell me the colour of {x}.", "what colour {do} {x} have?"),
)
SIZE = Wordings(("how big {be} {x}?", "what size {be} {x}?"), ("what is the size of {x}?",))
PATTERN = Wordings(("what pattern {do} {x} have?", "which pattern {do} {x} have?"), ("what is the pattern of {x}?",))
EITHER = Wordings(("{be} {x} {s} or {t}?",), ("tell me if {x} {be} {s} or {t}.",))
DOING = Wordings(("what is {x} doing?",), ("what does {x} do?",))
IS_IT = Wordings(("{be} {x} {v}?", "do you think {x} {be} {v}?"), ("would you say that {x} {be} {v}?",))
SETTING_OPEN = Wordings(
    ("where is this?", "what place is this?", "where are we?"), ("which place does the picture show?",)
)
SETTING_IS = Wordings(("is this {x}?", "are we {in_x}?"), ("does the picture show us {x}?",))
SETTING_EITHER = Wordings(("is this {x} or {y}?",), ("which place is it, {x} or {y}?",))


def absent_kind(c: Context) -> tuple[str, str]:
    """A kind that is not in the scene and how it was drawn, each a third of the time.

    ``random``: uniformly; ``popular``: as often as it occurs in scenes of this prior; ``adversarial``: as often as it
    occurs beside one of the things that are here. Drawing by weight, not the first of a ranking, keeps what is asked in
    vain as frequent as what is there, so that the name alone does not tell the answer.
    """
    present = c.view.by_kind
    how = c.one_of(("random", "popular", "adversarial"))
    if how == "random" or not present:
        while (kind := c.one_of(KIND_NAMES)) in present:
            pass
        return kind, "random"
    table = occurrence(c.view.scene.prior)
    weights = table.alone if how == "popular" else table.beside[c.one_of(sorted(present))]
    while (kind := c.rng.choices(KIND_NAMES, cum_weights=weights)[0]) in present:
        pass
    return kind, how


def _there_is(phrase: Phrase, several: bool) -> tuple[Wordings, str]:
    return (EXISTENCE_MANY, many(phrase)) if several else (EXISTENCE, a(phrase))


def _kind_exists(c: Context, want: bool) -> Question | None:
    if not c.view.things:
        return None
    kind, how = (c.one_of(sorted(c.view.by_kind)), None) if want else absent_kind(c)
    wordings, x = _there_is(Phrase(kind), c.chance(0.15))
    reason = None if want else f"there is no {kind} here"
    things = tuple(c.view.by_kind.get(kind, ()))
    program = call("exists", find(Phrase(kind)))
    return question(c, "existence", wordings, program, want=want, things=things, reason=reason, negative=how, x=x)


def _group_exists(c: Context, want: bool) -> Question | None:
    group = c.one_of(groups_with_noun())
    wordings, x = _there_is(Phrase(group), c.chance(0.3))
    return question(c, "existence", wordings, call("exists", find(Phrase(group))), want=want, x=x)


def _looks_exist(c: Context, want: bool) -> Question | None:
    """Is there a red cup? A "no" changes one attribute of a thing that is there."""
    if not c.view.things:
        return None
    index = c.one_of(c.view.indices)
    thing = c.view.things[index]
    attribute = c.one_of(("colour", "colour", "pattern", "state"))
    value = getattr(thing, attribute)
    if value is None:
        return None
    told = value if want else _other_value(c, attribute, thing.kind, value)
    phrase = Phrase(thing.kind, **{attribute: told})
    reason = None
    if not want and len(c.view.by_kind[thing.kind]) == 1:
        words, be, _ = subject_slots(Phrase(thing.kind)).values()
        reason = f"{words} {be} {value}" if attribute != "state" else f"{the(thing.kind)} is {value}"
    program = call("exists", find(phrase))
    return question(c, "existence", EXISTENCE, program, want=want, things=(index,), reason=reason, x=a(phrase))


def _two_exist(c: Context, want: bool) -> Question | None:
    """Are both, or is one of the two, there?"""
    if not c.view.things:
        return None
    here = sorted(c.view.by_kind)
    both = c.chance(0.5)
    known = c.one_of(here) if (both or want) else absent_kind(c)[0]
    other = c.one_of(here) if (both and want) else absent_kind(c)[0]
    if known == other:
        return None
    first, second = (known, other) if c.chance(0.5) else (other, known)
    operation, word = ("and", "and") if both else ("or", "or")
    program = call(operation, *(call("exists", find(Phrase(kind))) for kind in (first, second)))
    return question(c, "existence", EXISTENCE_TWO, program, want=want, x=a(first), y=a(second), word=word)


def existence(c: Context) -> Question | None:
    """Is there a cup? Negatives are drawn at random, by popularity, or among what goes with the things here."""
    return first_made(
        c,
        (
            (6, lambda c: yes_no(c, _kind_exists)),
            (2, lambda c: yes_no(c, _looks_exist)),
            (1, lambda c: yes_no(c, _group_exists)),
            (1, lambda c: yes_no(c, _two_exist)),
        ),
    )


def _values(attribute: str, kind: str) -> tuple[str, ...]:
    table = {"colour": tuple(COLOURS), "size": tuple(SIZES), "pattern": PATTERNS}
    return table.get(attribute) or KIND_BY_NAME[kind].states


def _other_value(c: Context, attribute: str, kind: str, value: str) -> str:
    """A wrong value; half of the time one that something else in the scene has."""
    wrong = [v for v in _values(attribute, kind) if v != value]
    near = [v for v in wrong if any(getattr(t, attribute) == v for t in c.view.things)]
    return c.one_of(near if near and c.chance(0.5) else wrong)


def _slots(phrase: Phrase, attribute: str) -> dict[str, str]:
    if attribute in ("colour", "pattern"):
        return subject_slots(phrase)
    return {"x": the(phrase), "be": "is", "do": "does"}


#: Most things are plain and few are checked: how often a pattern is asked for where a scene has others too, and how often
#: it is where a scene has no other. Fitted on scenes of the flat prior.
_PATTERN_WEIGHTS = {"plain": 0.3, "checked": 2.0}
_PLAIN_ALONE = 0.35


def _even_value(c: Context, attribute: str, values: list[str]) -> str | None:
    """One of the values that a scene has; patterns so that all are asked for alike often.

    A scene with plain things alone is passed over by a coin that is tossed once, however often it is asked about.
    """
    if attribute != "pattern":
        return c.one_of(values)
    coin = random.Random(f"plain/{c.view.scene.seed}/{c.view.scene.split}").random()
    if values == ["plain"] and coin >= _PLAIN_ALONE:
        return None
    return c.rng.choices(values, [_PATTERN_WEIGHTS.get(value, 1.0) for value in values])[0]


def _attribute_open(c: Context, attribute: str, wordings: Wordings) -> Question | None:
    """Ask for an attribute; the answer is drawn evenly among those that the scene's things have."""
    told = c.describable(attribute)
    answers = sorted({str(value) for i, _ in told if (value := getattr(c.view.things[i], attribute)) is not None})
    wanted = _even_value(c, attribute, answers) if answers else None
    if wanted is None:
        return None
    index, phrase = c.one_of([(i, p) for i, p in told if getattr(c.view.things[i], attribute) == wanted])
    slots = _slots(phrase, attribute)
    if attribute == "state":
        states = list(KIND_BY_NAME[phrase.noun].states)
        doing = set(states) <= DOING_STATES
        # "What is the cat doing?" leaves two answers to who knows cats, but six to a stranger: the other form leaks less.
        wordings = DOING if doing and c.chance(0.3) else EITHER
        c.rng.shuffle(states)
        slots |= {"s": states[0], "t": states[1]}
    program = call("get", the_one(phrase), argument=attribute)
    return question(c, attribute, wordings, program, want=None, things=(index,), **slots)


def _attribute_is(c: Context, attribute: str, want: bool, asked: str | None = None) -> Question | None:
    """Is the cup red? With ``asked`` the question is about this value, and a "no" about a thing that has another."""
    told = [(i, p) for i, p in c.describable(attribute) if getattr(c.view.things[i], attribute) is not None]
    values = sorted({getattr(c.view.things[i], attribute) for i, _ in told})
    if asked is not None:
        values = [value for value in values if (value == asked) == want]
    if not values:
        return None
    wanted = c.one_of(values)
    index, phrase = c.one_of([(i, p) for i, p in told if getattr(c.view.things[i], attribute) == wanted])
    if asked is not None:
        value = asked
    else:
        value = wanted if want else _other_value(c, attribute, phrase.noun, wanted)
    slots = _slots(phrase, attribute)
    pronoun = "they are" if slots["be"] == "are" else ("he is" if phrase.noun in ("boy", "man") else "it is")
    pronoun = "she is" if phrase.noun in ("girl", "woman") and slots["be"] == "is" else pronoun
    program = call("is", call("get", the_one(phrase), argument=attribute), argument=value)
    return question(
        c, attribute, IS_IT, program, want=want, things=(index,), reason=f"{pronoun} {wanted}", v=value, **slots
    )


def _attribute(c: Context, attribute: str, wordings: Wordings) -> Question | None:
    # Most things are plain, so "is it plain?" would be a yes: one pattern is drawn, and both answers must be here.
    asked = c.one_of(PATTERNS) if attribute == "pattern" else None
    return first_made(
        c,
        (
            (3, lambda c: _attribute_open(c, attribute, wordings)),
            (1, lambda c: yes_no(c, lambda c, want: _attribute_is(c, attribute, want, asked))),
        ),
    )


def colour(c: Context) -> Question | None:
    """What colour is the cup? Is it red?"""
    return _attribute(c, "colour", COLOUR)


def size(c: Context) -> Question | None:
    """How big is the cup? Is it small?"""
    return _attribute(c, "size", SIZE)


def pattern(c: Context) -> Question | None:
    """What pattern does the cup have? Is it striped?"""
    return _attribute(c, "pattern", PATTERN)


def state(c: Context) -> Question | None:
    """Is the box open or closed? What is the dog doing? Is the lamp on?"""
    return _attribute(c, "state", EITHER)


def _other_place(c: Context) -> str:
    while (place := c.one_of(SETTINGS)) == c.view.scene.setting:
        pass
    return place


def _setting_is(c: Context, want: bool) -> Question | None:
    from vistune.world.language.grammar import PLACES

    here = c.view.scene.setting
    place = here if want else _other_place(c)
    program = call("is", SETTING, argument=f"the {place}")
    reason = f"this is the {here}"
    return question(c, "setting", SETTING_IS, program, want=want, reason=reason, x=f"the {place}", in_x=PLACES[place])


def _setting_either(c: Context) -> Question | None:
    places = [c.view.scene.setting, _other_place(c)]
    c.rng.shuffle(places)
    return question(c, "setting", SETTING_EITHER, SETTING, x=f"the {places[0]}", y=f"the {places[1]}")


def setting(c: Context) -> Question | None:
    """Where is this? Is this the kitchen?"""
    return first_made(
        c,
        (
            (3, lambda c: question(c, "setting", SETTING_OPEN, SETTING)),
            (1, lambda c: yes_no(c, _setting_is)),
            (1, _setting_either),
        ),
    )
