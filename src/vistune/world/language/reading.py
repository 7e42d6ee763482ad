"""What a free text says about a picture of the nano world: noun phrases, looks, places of things, the setting, denials.

The grammar's own sentences are read whole; of other English what is in the world's words. Nothing is checked here: that is done
in ``claims``, statement by statement, and in ``account``, with noun phrases bound to things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from vistune.world.language.grammar import NUMBERS, RELATION_WORDS, Phrase
from vistune.world.language.refer import attribute_words, noun_words
from vistune.world.vocabulary import SETTINGS


@dataclass(slots=True)
class Mention:
    """A noun phrase. ``number``: None for "a", "the" and bare plurals, 0 for "no". ``definite``: with "the"."""

    phrase: Phrase
    number: int | None = None
    definite: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """``the cup is (not) red``: an attribute said of a mention (its place in ``Told.mentions``)."""

    mention: int
    attribute: str
    value: str
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """``the cup is (not) left of the ball``. ``bare``: said in passing, as in ``the cup left of the ball is red``."""

    first: int
    relation: str
    second: int
    denied: bool = False
    bare: bool = False


@dataclass(slots=True)
class Told:
    """All that a text says. ``settings``: (name, denied). ``written``: (mention, words). ``idle``: sentences that say nothing
    of a picture in the world's words. ``nothing``: it says that there is nothing.
    """

    mentions: list[Mention] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    stands: list[Stand] = field(default_factory=list)
    settings: list[tuple[str, bool]] = field(default_factory=list)
    written: list[tuple[int, str]] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    nothing: bool = False


_WORD = re.compile(r"[a-z]+|\d+|,")
_SENTENCE = re.compile(r"[^.;:!?\n]+[.;:!?\n]*")
_WRITTEN = re.compile(r'"([^"]*)" is written on ([^.;:!?\n]+)|([^.;:!?\n"]+?) says "([^"]*)"', re.IGNORECASE)
_NUMBER = {word: value for value, word in enumerate(NUMBERS)} | {"no": 0}
_CLOTHES = frozenset({"clothes", "clothing", "shirt", "dress", "outfit"})
_BE = frozenset({"is", "are", "was", "were", "looks", "look", "be"})
_VERBS = _BE | {"can", "has", "have", "likes", "like", "needs", "need", "eats", "eat", "goes", "go"}
_ANY = frozenset({"a", "an", "many", "most", "all", "every", "some"})
#: Words by which an indefinite subject is one of this picture.
_HERE = frozenset({"here", "there", "picture", "image", "photo", "scene", "seen", "visible", "shown", *SETTINGS})
#: What may stand among the words of a predicate: "is all red, and its pattern is striped".
_LOOSE = frozenset(
    {"and", ",", "all", "very", "both", "also", "its", "their", "pattern", "colour", "color", "is", "are"}
)
#: Words that end a noun phrase when read backwards.
_STOP_TEXT = """
is are was were be see can and or with of in on at to from by that which there here this it i you we shows show the a an no not
any has have says looks one count made find
"""
_STOP = frozenset(_STOP_TEXT.split())
_RELATION = {tuple(words.split()): name for name, forms in RELATION_WORDS.items() for words in forms}
_RELATION |= {
    ("on", "the", "left", "of"): "left of",
    ("on", "the", "right", "of"): "right of",
    ("underneath",): "below",
}
_RELATION |= {("on", "the", "left", "side", "of"): "left of", ("on", "the", "right", "side", "of"): "right of"}
_LINK = frozenset(
    {"that", "which", "is", "are", "was", "were", "not", "located", "standing", "placed", "sitting", "lying"}
)
_MOST_UNKNOWN = 2


def read_text(text: str) -> Told:
    """Read a text of any length. Questions in it claim nothing."""
    told = Told()
    rest = _WRITTEN.sub(lambda found: _read_written(told, found), text)
    for sentence in _SENTENCE.findall(rest):
        if sentence.strip(" .;:!?\n") and not _read_sentence(told, sentence):
            told.idle.append(sentence.strip())
    return told


def _read_written(told: Told, found: re.Match[str]) -> str:
    words, bearer = (found[1], found[2]) if found[1] is not None else (found[4], found[3])
    mentions = _mentions(_words(bearer))
    if not mentions:
        return found[0]
    told.mentions.append(mentions[0])
    told.written.append((len(told.mentions) - 1, words))
    return "."


def _words(text: str) -> list[str]:
    plain = text.lower().replace("’", "'")
    plain = re.sub(r"n't\b", " not", plain)
    plain = re.sub(r"\bthings? to eat\b", "food", plain)
    plain = re.sub(r"\bpieces? of furniture\b", "furniture", plain)
    return _WORD.findall(plain.replace("grey", "gray").replace("colored", "").replace("coloured", ""))


def _read_sentence(told: Told, sentence: str) -> bool:
    """Add what a sentence says; False where it says nothing of a picture."""
    words = _words(sentence)
    if sentence.rstrip().endswith("?"):
        return False
    if "nothing" in words or words == ["none"]:
        told.nothing = True
        _settings(told, words)
        return True
    mentions = _mentions(words)
    if _is_general(words, mentions):
        return False
    before = len(told.mentions), len(told.settings)
    told.mentions += mentions
    _read_predicates(told, words, mentions, before[0])
    _settings(told, words)
    return (len(told.mentions), len(told.settings)) != before


def _read_predicates(told: Told, words: list[str], mentions: list[Mention], first: int) -> None:
    """What is said between and after the mentions: "the cup left of the ball is red" says of the cup that it is red."""
    about, bare = 0, False
    for place, mention in enumerate(mentions):
        about = about if bare else place
        following = mentions[place + 1] if place + 1 < len(mentions) else None
        between = words[mention.end : following.start if following else len(words)]
        relation, denied = _relation(between) if following else (None, False)
        bare = relation is not None and (between[0] in ("that", "which") or _BE.isdisjoint(between))
        if relation is not None:
            told.stands.append(Stand(first + (place if bare else about), relation, first + place + 1, denied, bare))
        elif between and between[0] in _BE:
            told.looks += _predicate(first + about, between[1:])


def _settings(told: Told, words: list[str]) -> None:
    for place, word in enumerate(words):
        if word in SETTINGS:
            told.settings.append((word, "not" in words[max(0, place - 3) : place]))


def _is_general(words: list[str], mentions: list[Mention]) -> bool:
    """``a dog is an animal``, ``bees are animals``, ``a cup is for drinking``: true of the world, not of this picture.

    The subject is indefinite, and what is said of it is neither how it looks nor where it stands, nor that it is here.
    """
    inside = {place for mention in mentions for place in range(mention.start, mention.end)}
    verb = next((i for i, word in enumerate(words) if word in _VERBS and i not in inside), None)
    if verb is None or verb == 0 or not _HERE.isdisjoint(words):
        return False
    subject = words[:verb]
    indefinite = subject[0] in _ANY or (verb == 1 and words[0].endswith("s") and words[0] not in _STOP)
    if not indefinite:
        return False
    first = mentions[0] if mentions and mentions[0].end == verb else None
    if first is None:
        return True
    between = words[verb : mentions[1].start if len(mentions) > 1 else len(words)]
    related = len(mentions) > 1 and _relation(between)[0] is not None
    return not related and not _predicate(0, between[1:])


def _relation(between: list[str]) -> tuple[str | None, bool]:
    """The relation that links two noun phrases, and whether it is denied."""
    words = list(between)
    denied = "not" in words
    while words and words[0] in _LINK:
        words.pop(0)
    return _RELATION.get(tuple(words)), denied


def _predicate(mention: int, words: list[str]) -> list[Look]:
    """The attributes after "is"; they end at the first word that is neither one nor a loose word."""
    denied, found = False, []
    attributes = attribute_words()
    for word in words:
        if word == "not":
            denied = True
        elif word in attributes:
            found.append(Look(mention, attributes[word], word, denied))
        elif word not in _LOOSE:
            break
    ends_open = found and found[-1].value in ("on", "off") and words[-1] not in (*attributes, ",")
    return found[:-1] if ends_open else found


def _mentions(words: list[str]) -> list[Mention]:
    """All noun phrases, from left to right."""
    found: list[Mention] = []
    end = 0
    for place, word in enumerate(words):
        noun = noun_words().get(word)
        if noun is None or place < end or _is_light_shade(words, place):
            continue
        mention = _phrase(words, place, noun, found[-1].end if found else 0)
        if mention is not None:
            found.append(mention)
            end = mention.end
    return found


def _is_light_shade(words: list[str], place: int) -> bool:
    """ "light blue" is no lamp."""
    following = words[place + 1] if place + 1 < len(words) else ""
    return words[place] == "light" and attribute_words().get(following) == "colour"


def _phrase(words: list[str], place: int, noun: str, left: int) -> Mention | None:
    """The noun phrase around the noun at ``place``; ``left`` is where the one before it ends."""
    attributes = attribute_words()
    said: dict[str, str] = {}
    start, unknown = place, 0
    while start > left:
        word = words[start - 1]
        if word in attributes and word not in ("on", "off"):
            said[attributes[word]] = word
        elif word in _STOP or word in _NUMBER or word.isdigit() or word == "," or unknown == _MOST_UNKNOWN:
            break
        else:
            unknown += 1
        start -= 1
    mention = Mention(Phrase(noun, **said), None, False, start, place + 1)
    if start > left:
        _determine(mention, words[start - 1], words[max(0, start - 4) : start - 1])
    _clothes(mention, words)
    _on_or_off(mention, words)
    return mention


def _determine(mention: Mention, word: str, before: list[str]) -> None:
    """Number or definiteness by the word before the phrase; "not a dog" and "without any dog" are none."""
    if word in ("a", "an", "any") and (before[-1:] in (["not"], ["without"]) or (word == "any" and "not" in before)):
        mention.number = 0
    elif word in _NUMBER or word.isdigit():
        mention.number = _NUMBER[word] if word in _NUMBER else int(word)
    elif word == "the":
        mention.definite = True
    elif word not in ("a", "an", "any"):
        return
    mention.start -= 1


def _clothes(mention: Mention, words: list[str]) -> None:
    """ "in red striped clothes" after the noun, "the clothes of" before it."""
    attributes = attribute_words()
    rest = words[mention.end : mention.end + 6]
    if rest[:1] == ["in"]:
        looks = []
        for size, word in enumerate(rest[1:], start=2):
            if word in attributes:
                looks.append(word)
            elif word in _CLOTHES and looks:
                mention.phrase = replace(mention.phrase, **{attributes[w]: w for w in looks})
                mention.end += size
                return
            elif word not in ("a", "an", "and"):
                return


def _on_or_off(mention: Mention, words: list[str]) -> None:
    """ "a lamp that is on"; "that is on the table" is a relation."""
    rest = words[mention.end : mention.end + 4]
    if len(rest) >= 3 and rest[0] == "that" and rest[1] in _BE and rest[2] in ("on", "off"):
        if len(rest) == 4 and rest[3] in ("the", "a", "an", "top"):
            return
        mention.phrase = replace(mention.phrase, state=rest[2])
        mention.end += 3


@lru_cache(maxsize=1)
def world_words() -> frozenset[str]:
    """Every word that a claim can hang on."""
    return frozenset({*noun_words(), *attribute_words(), *SETTINGS, *_NUMBER})
