"""The grammar of the nano world's English: noun phrases, number words, lists, relations and places.

Everything that names a thing goes through :class:`Phrase` and :func:`noun_phrase`, so that captions, questions, answers
and referring expressions agree on words and on their order: size, state, colour, pattern, noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from vistune.core.errors import DataError
from vistune.world.scene import Thing
from vistune.world.vocabulary import GROUPS, KIND_BY_NAME, KINDS

NUMBERS: tuple[str, ...] = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

#: Nouns for the groups, singular and plural. "item" is no child's word and has none.
GROUP_NOUNS: dict[str, tuple[str, str]] = {
    "animal": ("animal", "animals"),
    "food": ("thing to eat", "things to eat"),
    "toy": ("toy", "toys"),
    "furniture": ("piece of furniture", "pieces of furniture"),
    "vehicle": ("vehicle", "vehicles"),
    "plant": ("plant", "plants"),
    "person": ("person", "people"),
}

#: Relation -> ways to say it between two noun phrases; the first is the plain one.
RELATION_WORDS: dict[str, tuple[str, ...]] = {
    "left of": ("left of", "to the left of"),
    "right of": ("right of", "to the right of"),
    "above": ("above", "over"),
    "below": ("below", "under"),
    "in front of": ("in front of",),
    "behind": ("behind",),
    "on": ("on", "on top of"),
}

#: Each relation's opposite: ``i left of j`` means ``j right of i`` and rules out ``i right of j``.
INVERSE: dict[str, str] = {
    "left of": "right of",
    "right of": "left of",
    "above": "below",
    "below": "above",
    "in front of": "behind",
    "behind": "in front of",
}

#: Where a scene plays, as an adverb.
PLACES: dict[str, str] = {
    "kitchen": "in the kitchen",
    "bedroom": "in the bedroom",
    "garden": "in the garden",
    "farm": "on the farm",
    "street": "on the street",
    "lake": "at the lake",
    "beach": "at the beach",
    "playground": "at the playground",
}

#: States that nobody mentions unless asked.
DEFAULT_STATES = frozenset({"standing", "whole", "resting"})
#: States that are said after the noun: "a lamp that is on".
PREDICATE_STATES = frozenset({"on", "off"})
#: States that are something to do: "what is the dog doing?".
DOING_STATES = frozenset({"standing", "sleeping", "running", "flying", "resting", "waving"})

_VOWELS = frozenset("aeiouAEIOU")
Article = Literal["a", "the", ""]


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a noun phrase says. ``noun`` is a kind, a group, or "thing" (anything but a person); None = not said."""

    noun: str
    colour: str | None = None
    size: str | None = None
    pattern: str | None = None
    state: str | None = None

    def without(self, attribute: str) -> Phrase:
        """The same phrase that leaves ``attribute`` out."""
        return replace(self, **{attribute: None})


def article(word: str) -> str:
    """``a`` or ``an`` before ``word``."""
    return "an" if word[0] in _VOWELS else "a"


def indefinite(words: str) -> str:
    """``words`` with a or an before them."""
    return f"{article(words)} {words}"


def plural(noun: str) -> str:
    """Plural of a kind, a group or "thing". Raises ``DataError`` for another noun."""
    return noun_forms(noun)[1]


@cache
def noun_forms(noun: str) -> tuple[str, str]:
    """Singular and plural of a kind, a group or "thing". Raises ``DataError`` for another noun."""
    if noun in KIND_BY_NAME:
        return noun, KIND_BY_NAME[noun].plural
    if noun in GROUP_NOUNS:
        return GROUP_NOUNS[noun]
    if noun == "thing":
        return "thing", "things"
    raise DataError(f"'{noun}' is no noun of the nano world: use a kind, a group or 'thing'.")


def is_person(noun: str) -> bool:
    """Whether ``noun`` names a person: colours and patterns are then those of the clothes."""
    return noun == "person" or (noun in KIND_BY_NAME and KIND_BY_NAME[noun].group == "person")


def number_word(number: int) -> str:
    """Number word from zero to ten; digits beyond. Raises ``DataError`` below zero."""
    if number < 0:
        raise DataError(f"A count cannot be {number}: it starts at zero.")
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


@lru_cache(maxsize=65536)
def noun_phrase(phrase: Phrase, article: Article = "a", count: int = 1) -> str:
    """The words of ``phrase``: ``a small red striped cup``, ``the boy in red clothes``, ``two open boxes``.

    ``count`` other than 1 gives the plural, with a number word before it if ``article`` is "a" (``no`` for 0).
    """
    singular, several = noun_forms(phrase.noun)
    person = is_person(phrase.noun)
    after_state = phrase.state in PREDICATE_STATES
    words = [w for w in (phrase.size, None if after_state else phrase.state) if w]
    looks = [w for w in (phrase.colour, phrase.pattern) if w]
    if not person:
        words += looks
    words.append(singular if count == 1 else several)
    if person and looks:
        words += ["in", *looks, "clothes"]
    if after_state:
        words += ["that", "is" if count == 1 else "are", str(phrase.state)]
    text = " ".join(words)
    if article == "the":
        return f"the {text}"
    if article == "":
        return text
    if count == 1:
        return indefinite(text)
    return f"{'no' if count == 0 else number_word(count)} {text}"


def a(noun: str | Phrase) -> str:
    """``a cup``."""
    return noun_phrase(Phrase(noun) if isinstance(noun, str) else noun)


@lru_cache(maxsize=65536)
def the(noun: str | Phrase) -> str:
    """``the cup``."""
    return noun_phrase(Phrase(noun) if isinstance(noun, str) else noun, "the")


def many(noun: str | Phrase) -> str:
    """``cups``."""
    return noun_phrase(Phrase(noun) if isinstance(noun, str) else noun, "", 2)


@lru_cache(maxsize=65536)
def some(noun: str | Phrase, count: int) -> str:
    """``two cups``, ``one cup``, ``no cups``."""
    phrase = Phrase(noun) if isinstance(noun, str) else noun
    return f"one {noun_phrase(phrase, '', 1)}" if count == 1 else noun_phrase(phrase, "a", count)


def join(parts: Sequence[str], word: str = "and") -> str:
    """``x``, ``x and y``, ``x, y and z``. Raises ``DataError`` for an empty list."""
    if not parts:
        raise DataError("A list of words to join is empty.")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def full_phrase(thing: Thing) -> Phrase:
    """All that is worth saying of a thing: not "medium", not "plain", no default state."""
    return Phrase(
        thing.kind,
        thing.colour,
        None if thing.size == "medium" else thing.size,
        None if thing.pattern == "plain" else thing.pattern,
        None if thing.state in DEFAULT_STATES else thing.state,
    )


def phrase_fits(phrase: Phrase, thing: Thing) -> bool:
    """Whether all that ``phrase`` says is true of ``thing``."""
    return (
        noun_fits(phrase.noun, thing.kind)
        and phrase.colour in (None, thing.colour)
        and phrase.size in (None, thing.size)
        and phrase.pattern in (None, thing.pattern)
        and phrase.state in (None, thing.state)
    )


def noun_fits(noun: str, kind: str) -> bool:
    """Whether a thing of ``kind`` is called ``noun`` (its kind, its group, or "thing" for all but people)."""
    group = KIND_BY_NAME[kind].group
    return noun in (kind, group) or (noun == "thing" and group != "person")


def subject(phrase: Phrase) -> tuple[str, str, str]:
    """What has the colour or pattern of a thing: (words, "is"/"are", "does"/"do").

    People's colours are those of their clothes: ("the clothes of the boy", "are", "do").
    """
    if is_person(phrase.noun):
        return f"the clothes of {the(phrase)}", "are", "do"
    return the(phrase), "is", "does"


def synonyms() -> dict[str, tuple[str, ...]]:
    """Node word -> all words that mean it, plurals and synonyms included: the table of the CHAIR metric."""
    table: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        words = [kind.name, kind.plural]
        for word in kind.synonyms:
            words += [word, regular_plural(word)]
        table[kind.name] = tuple(dict.fromkeys(words))
    return table


_IRREGULAR: dict[str, str] = {
    **{kind.name: kind.plural for kind in KINDS},
    **{"calf": "calves", "child": "children", "mouse": "mice", "sheep": "sheep", "tooth": "teeth", "foot": "feet"},
    **{"goose": "geese", "knife": "knives", "leaf": "leaves", "baby": "babies", "wolf": "wolves"},
}


def regular_plural(noun: str) -> str:
    """Plural by the spelling rules, and the irregular ones that a child knows."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def groups_with_noun() -> tuple[str, ...]:
    """The groups that have a child's word."""
    return tuple(group for group in GROUPS if group in GROUP_NOUNS)
