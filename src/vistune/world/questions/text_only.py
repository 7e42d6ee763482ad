"""Questions that need no picture: what a small child knows, counts, spells and puts in order.

A family is a list of facts, or a maker of endless ones (sums, orders). An eighth of all facts is held out: training
never asks them, val and test ask held-out ones half of the time. What is held out is still *said* in the text corpus,
as a sentence, so that a question about it tests knowledge that was read and never practised.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from vistune.core.errors import ConfigError, nearest
from vistune.world.language.grammar import indefinite, join, number_word, regular_plural
from vistune.world.language.wordings import Wordings
from vistune.world.questions import knowledge as known
from vistune.world.questions.question import Question
from vistune.world.vocabulary import KINDS

HELD_OUT_SHARE = 8


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to ask: the slots of the wording, the answer, and the fact as a sentence ("" if nothing to say)."""

    slots: tuple[tuple[str, str], ...]
    answer: str
    sentence: str = ""

    @property
    def held_out(self) -> bool:
        """Whether training never asks this. Decided by a checksum of what is asked, the answer left out."""
        return zlib.crc32(repr(self.slots).encode()) % HELD_OUT_SHARE == 0


@dataclass(frozen=True, slots=True)
class Family:
    """Facts that are asked alike."""

    wordings: Wordings
    facts: Callable[[random.Random], list[Fact]]
    weight: float = 1.0
    endless: bool = False


def _fact(answer: str, sentence: str = "", **slots: str) -> Fact:
    return Fact(tuple(sorted(slots.items())), answer, sentence)


def _groups(_: random.Random) -> list[Fact]:
    facts = []
    for group, members in known.MEMBERS.items():
        for other, word in known.GROUP_WORDS.items():
            if frozenset((group, other)) in known.NEVER_COMPARED:
                continue
            for name in members:
                here = group == other
                sentence = f"{indefinite(name)} is {word}." if here else ""
                facts.append(_fact("yes" if here else "no", sentence, x=indefinite(name), y=word))
    return facts


def _which_group(rng: random.Random, negative: bool) -> list[Fact]:
    """Which of three is (not) an animal? One of a group against two of others, or two against one."""
    group = rng.choice(list(known.MEMBERS))
    others = [g for g in known.MEMBERS if g != group and frozenset((g, group)) not in known.NEVER_COMPARED]
    inside = rng.sample(known.MEMBERS[group], 2)
    outside = [rng.choice(known.MEMBERS[g]) for g in rng.sample(others, 2)]
    options = [outside[0], *inside] if negative else [inside[0], *outside]
    answer = options[0]
    rng.shuffle(options)
    listed = join([indefinite(option) for option in options], "or")
    return [_fact(indefinite(answer), x=known.GROUP_WORDS[group], y=listed)]


def _legs(_: random.Random) -> list[Fact]:
    counted = [(name, legs) for name, (legs, _, _) in known.ANIMALS.items() if legs is not None]
    facts = []
    for name, legs in counted:
        said = number_word(legs) if legs else "no"
        facts.append(_fact(number_word(legs), f"{indefinite(name)} has {said} legs.", x=indefinite(name)))
    return facts


def _sounds(_: random.Random) -> list[Fact]:
    pairs = [(name, sound) for name, (_, sound, _) in known.ANIMALS.items() if sound]
    return [_fact(sound, f"{indefinite(name)} says {sound}.", x=indefinite(name)) for name, sound in pairs]


def _who_says(_: random.Random) -> list[Fact]:
    pairs = [(name, sound) for name, (_, sound, _) in known.ANIMALS.items() if sound]
    return [_fact(indefinite(name), f"{indefinite(name)} says {sound}.", x=sound) for name, sound in pairs]


def _young(_: random.Random) -> list[Fact]:
    pairs = [(name, young) for name, (_, _, young) in known.ANIMALS.items() if young]
    return [_fact(indefinite(y), f"a young {name} is {indefinite(y)}.", x=name) for name, y in pairs]


def _can(verb: str, able: tuple[str, ...], unable: tuple[str, ...]) -> Callable[[random.Random], list[Fact]]:
    def facts(_: random.Random) -> list[Fact]:
        yes = [_fact("yes", f"{indefinite(n)} can {verb}.", x=indefinite(n), v=verb) for n in able]
        return yes + [_fact("no", f"{indefinite(n)} cannot {verb}.", x=indefinite(n), v=verb) for n in unable]

    return facts


def _water(_: random.Random) -> list[Fact]:
    yes = [_fact("yes", f"{indefinite(n)} lives in water.", x=indefinite(n)) for n in known.SWIMMERS]
    return yes + [_fact("no", f"{indefinite(n)} lives on land.", x=indefinite(n)) for n in known.LAND_ANIMALS]


def _who_in_water(rng: random.Random) -> list[Fact]:
    swimmer = rng.choice(known.SWIMMERS)
    options = [swimmer, *rng.sample(known.LAND_ANIMALS, 2)]
    rng.shuffle(options)
    return [_fact(indefinite(swimmer), x=join([indefinite(o) for o in options], "or"))]


def _opposites(_: random.Random) -> list[Fact]:
    both = [(a, b) for pair in known.OPPOSITES for a, b in (pair, pair[::-1]) if a not in known.NO_ONE_OPPOSITE]
    return [_fact(b, f"the opposite of {a} is {b}.", x=a) for a, b in both]


def _colours(_: random.Random) -> list[Fact]:
    return [_fact(colour, f"{thing} is {colour}.", x=thing) for thing, colour in known.COLOURS_OF.items()]


def _plurals(_: random.Random) -> list[Fact]:
    return [
        _fact(regular_plural(noun), f"one {noun}, two {regular_plural(noun)}.", x=noun)
        for noun in dict.fromkeys(known.NOUNS)
    ]


def _first_letters(_: random.Random) -> list[Fact]:
    nouns = dict.fromkeys(known.NOUNS)
    return [_fact(noun[0], f"the word {noun} starts with the letter {noun[0]}.", x=noun) for noun in nouns]


def _next(order: tuple[str, ...] | str, step: int, round_trip: bool) -> Callable[[random.Random], list[Fact]]:
    """What comes after (step 1) or before (step -1) in an order that closes to a ring or not."""

    def facts(_: random.Random) -> list[Fact]:
        word = "after" if step == 1 else "before"
        made = []
        for place, name in enumerate(order):
            if round_trip or 0 <= place + step < len(order):
                other = order[(place + step) % len(order)]
                made.append(_fact(other, f"{other} comes {word} {name}.", x=name, w=word))
        return made

    return facts


def _sums(_: random.Random) -> list[Fact]:
    n = number_word
    return [
        _fact(n(a + b), f"{n(a)} plus {n(b)} is {n(a + b)}.", x=n(a), y=n(b)) for a in range(11) for b in range(11 - a)
    ]


def _differences(_: random.Random) -> list[Fact]:
    n = number_word
    return [
        _fact(n(a - b), f"{n(a)} minus {n(b)} is {n(a - b)}.", x=n(a), y=n(b)) for a in range(11) for b in range(a + 1)
    ]


def _story_sum(rng: random.Random) -> list[Fact]:
    """You have five apples and give two away: small sums with things in them."""
    noun = rng.choice(_COUNTED)
    a, b = rng.randint(1, 8), rng.randint(1, 5)
    if rng.random() < 0.5 and a > b:
        verb = rng.choice(("give away", "lose"))
        tale, result = f"you have {_some(a, noun)} and {verb} {number_word(b)}.", a - b
    else:
        verb = rng.choice(("get", "find"))
        tale, result = f"you have {_some(a, noun)} and {verb} {number_word(b)} more.", a + b
    return [_fact(number_word(result), x=tale, y=regular_plural(noun))] if result <= 10 else []


_COUNTED = tuple(kind.name for kind in KINDS if kind.group in ("toy", "food", "item"))


def _some(number: int, noun: str) -> str:
    return f"{number_word(number)} {noun if number == 1 else regular_plural(noun)}"


def _more_of_two(_: random.Random) -> list[Fact]:
    n = number_word
    return [
        _fact(n(max(a, b)), f"{n(max(a, b))} is more than {n(min(a, b))}.", x=n(a), y=n(b))
        for a in range(11)
        for b in range(11)
        if a != b
    ]


def _is_more(_: random.Random) -> list[Fact]:
    n = number_word
    return [_fact("yes" if a > b else "no", x=n(a), y=n(b)) for a in range(11) for b in range(11) if a != b]


def _order(rng: random.Random) -> list[Fact]:
    numbers = rng.sample(range(11), 3)
    words = join([number_word(k) for k in numbers])
    return [_fact(join([number_word(k) for k in sorted(numbers)]), x=words)]


def _loose(_: random.Random) -> list[Fact]:
    return [_fact(answer, sentence, x=text) for text, answer, sentence in known.LOOSE]


_AFTER = Wordings(("what comes {w} {x}?", "which one comes {w} {x}?"), ("tell me what comes {w} {x}.",))

TEXT_ONLY_FAMILIES: dict[str, Family] = {
    "group": Family(Wordings(("is {x} {y}?", "do you think {x} is {y}?"), ("would you call {x} {y}?",)), _groups, 2.0),
    "which_group": Family(
        Wordings(("which of these is {x}: {y}?", "which one is {x}: {y}?"), ("tell me which is {x}: {y}.",)),
        lambda rng: _which_group(rng, False),
        1.5,
        endless=True,
    ),
    "which_not": Family(
        Wordings(
            ("which of these is not {x}: {y}?", "which one is not {x}: {y}?"), ("tell me which is not {x}: {y}.",)
        ),
        lambda rng: _which_group(rng, True),
        1.5,
        endless=True,
    ),
    "legs": Family(Wordings(("how many legs does {x} have?",), ("on how many legs does {x} walk?",)), _legs),
    "sound": Family(
        Wordings(("what does {x} say?", "what sound does {x} make?"), ("which sound comes from {x}?",)), _sounds
    ),
    "who_says": Family(
        Wordings(("who says {x}?", "which animal says {x}?"), ("which animal makes the sound {x}?",)), _who_says
    ),
    "young": Family(
        Wordings(("what is a young {x}?", "what do you call a young {x}?"), ("what is the name of a young {x}?",)),
        _young,
        0.7,
    ),
    "fly": Family(
        Wordings(("can {x} {v}?",), ("is it true that {x} can {v}?",)), _can("fly", known.FLIERS, known.NO_FLIERS), 0.7
    ),
    "lives_in_water": Family(Wordings(("does {x} live in water?",), ("is water the home of {x}?",)), _water, 0.7),
    "who_in_water": Family(
        Wordings(("which of these lives in water: {x}?",), ("which animal has its home in water: {x}?",)),
        _who_in_water,
        0.7,
        endless=True,
    ),
    "opposite": Family(
        Wordings(("what is the opposite of {x}?",), ("which word is the opposite of {x}?",)), _opposites, 1.5
    ),
    "colour_of": Family(Wordings(("what colour is {x}?",), ("which colour does {x} have?",)), _colours, 0.7),
    "plural": Family(
        Wordings(("what is the plural of {x}?", "one {x}, two what?"), ("how do you call many of {x}?",)), _plurals
    ),
    "first_letter": Family(
        Wordings(
            ("which letter does {x} start with?", "what is the first letter of {x}?"), ("how does the word {x} begin?",)
        ),
        _first_letters,
    ),
    "day_after": Family(_AFTER, _next(known.WEEK, 1, True), 0.5),
    "day_before": Family(_AFTER, _next(known.WEEK, -1, True), 0.5),
    "month_after": Family(_AFTER, _next(known.MONTHS, 1, True), 0.5),
    "season_after": Family(_AFTER, _next(known.SEASONS, 1, True), 0.3),
    "letter_after": Family(_AFTER, _next(known.LETTERS, 1, False), 0.5),
    "number_after": Family(_AFTER, lambda rng: _next(_NUMBERS, 1, False)(rng), 0.5),
    "number_before": Family(_AFTER, lambda rng: _next(_NUMBERS, -1, False)(rng), 0.5),
    "plus": Family(
        Wordings(("what is {x} plus {y}?", "how much is {x} plus {y}?"), ("{x} plus {y} is what?",)), _sums, 1.5
    ),
    "minus": Family(
        Wordings(("what is {x} minus {y}?", "how much is {x} minus {y}?"), ("{x} minus {y} is what?",)),
        _differences,
        1.5,
    ),
    "story_sum": Family(
        Wordings(("{x} how many {y} do you have now?",), ("{x} what is the number of {y} now?",)),
        _story_sum,
        1.5,
        endless=True,
    ),
    "more_of_two": Family(
        Wordings(("which is more, {x} or {y}?",), ("tell me which is more, {x} or {y}.",)), _more_of_two
    ),
    "is_more": Family(Wordings(("is {x} more than {y}?",), ("would you say {x} is more than {y}?",)), _is_more),
    "order": Family(
        Wordings(("put these in order: {x}.",), ("say these numbers in order: {x}.",)), _order, endless=True
    ),
    "loose": Family(Wordings(("{x}",)), _loose, 2.0),
}
_NUMBERS = tuple(number_word(n) for n in range(11))


@cache
def _table(name: str, held_out: bool) -> tuple[tuple[Fact, ...], ...]:
    """Facts of a family that is a table, in train or held-out part; yes and no apart where these are the answers."""
    facts = [f for f in TEXT_ONLY_FAMILIES[name].facts(random.Random(0)) if f.held_out == held_out]
    if any(f.answer not in ("yes", "no") for f in facts):
        return (tuple(facts),)
    return tuple(part for want in ("yes", "no") if (part := tuple(f for f in facts if f.answer == want)))


def ask_text_only(seed: int, split: str = "train", family: str | None = None) -> Question:
    """A question that needs no picture, deterministic from the seed; of ``family``, or of any.

    Raises ``ConfigError`` for an unknown family.
    """
    if family is not None and family not in TEXT_ONLY_FAMILIES:
        raise ConfigError(
            f"There is no family '{family}' of text-only questions. {nearest(family, TEXT_ONLY_FAMILIES)}"
        )
    rng = random.Random(f"text/{seed}/{split}")
    while True:
        name = family or rng.choices(_NAMES, _WEIGHTS)[0]
        fact = _draw(name, rng, held_out=split != "train" and rng.random() < 0.5)
        if fact is not None:
            break
    wordings = TEXT_ONLY_FAMILIES[name].wordings
    template = wordings.pick(rng, split)
    return Question(
        "text_only",
        template.format(**dict(fact.slots)),
        fact.answer,
        needs_image=False,
        facts={"family": name, "held_out": fact.held_out, "reason": fact.sentence.rstrip(".") or None},
        wording=template,
        held_out=wordings.is_held_out(template),
    )


_NAMES = list(TEXT_ONLY_FAMILIES)
_WEIGHTS = [family.weight for family in TEXT_ONLY_FAMILIES.values()]
#: Times that an endless family is asked for a fact of the wanted part.
_TRIES = 40


def _draw(name: str, rng: random.Random, held_out: bool) -> Fact | None:
    family = TEXT_ONLY_FAMILIES[name]
    if not family.endless:
        parts = _table(name, held_out) or _table(name, False)
        part = parts[int(rng.random() * len(parts))]
        return part[int(rng.random() * len(part))] if part else None
    for _ in range(_TRIES):
        for fact in family.facts(rng):
            if fact.held_out == held_out:
                return fact
    return None


@lru_cache(maxsize=1)
def fact_sentences() -> tuple[str, ...]:
    """Every fact of the tables as a sentence, held-out ones too, each once."""
    rng = random.Random(0)
    tables = [family.facts(rng) for family in TEXT_ONLY_FAMILIES.values() if not family.endless]
    return tuple(dict.fromkeys(fact.sentence for facts in tables for fact in facts if fact.sentence))
