"""``claims``: what a text says of a scene, taken apart into single statements that can each be checked.

Captions, answers and corrections of the nano world are sentences of a small grammar; this reads them back, and passes over
words that it does not know. It is what a judge who knows the scene works with: decomposition without a language model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vistune.core.errors import DataError
from vistune.world.language.grammar import (
    INVERSE,
    NUMBERS,
    PLACES,
    Phrase,
    a,
    noun_fits,
    noun_phrase,
    some,
    subject,
    the,
)
from vistune.world.language.refer import parse_phrase
from vistune.world.language.view import ATTRIBUTES, View, view_of
from vistune.world.scene import Scene
from vistune.world.vocabulary import KIND_BY_NAME, SETTINGS

#: ``other``: words that say nothing checkable of the picture (an opinion, or what the grammar does not know).
ClaimKind = Literal["thing", "count", "attribute", "relation", "setting", "label", "empty", "other"]


_THING = Phrase("thing")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement.

    ``phrase``: the thing that it is about (for ``thing`` and ``attribute`` only what the statement itself says).
    ``value``: the attribute's value, the setting, the word written on it, or the relation. ``other``: the relation's second
    thing. ``count``: how many, for ``count``. ``negated``: it is denied. ``text``: the sentence that it comes from.
    """

    kind: ClaimKind
    phrase: Phrase = _THING
    value: str = ""
    other: Phrase | None = None
    count: int | None = None
    negated: bool = False
    text: str = ""

    def holds(self, scene: Scene | View) -> bool | None:
        """Whether it is true of a scene; None where that is in doubt, or where it says nothing that can be checked."""
        found = _plain_truth(self, view_of(scene))
        return found if found is None or not self.negated else not found

    def same(self) -> Claim:
        """The claim in one form of those that mean the same, without its sentence: to be compared."""
        plain = replace(self, text="")
        if self.kind == "relation" and self.value in ("right of", "below", "behind") and self.other is not None:
            return replace(plain, phrase=self.other, value=INVERSE[self.value], other=self.phrase)
        return plain

    def words(self) -> str:
        """The statement in words of its own, out of its context."""
        nots = " not" if self.negated else ""
        match self.kind:
            case "thing":
                return f"there is {'no ' + noun_phrase(self.phrase, '') if self.negated else a(self.phrase)}."
            case "count":
                return f"there are{nots} {some(self.phrase, self.count or 0)}."
            case "attribute":
                words, be, _ = subject(Phrase(self.phrase.noun))
                return f"{words} {be}{nots} {self.value}."
            case "relation":
                return f"{the(self.phrase)} is{nots} {self.value} {the(self.other or Phrase('thing'))}."
            case "setting":
                return f"this is{nots} the {self.value}."
            case "label":
                return f'"{self.value}" is{nots} written on {the(self.phrase)}.'
            case "empty":
                return "there is something." if self.negated else "there is nothing."
        return self.text


def _plain_truth(claim: Claim, view: View) -> bool | None:
    fitting = view.fitting(claim.phrase)
    match claim.kind:
        case "thing" | "attribute":
            return bool(fitting) or _in_doubt(claim.phrase, view)
        case "count":
            return len(fitting) == claim.count if _in_doubt(claim.phrase, view) is False else None
        case "relation":
            return _related(claim, view)
        case "setting":
            return view.scene.setting == claim.value
        case "label":
            return any(view.things[i].label == claim.value for i in fitting)
        case "empty":
            return not view.things
    return None


def _in_doubt(phrase: Phrase, view: View) -> bool | None:
    """False, or None where something here could pass for the phrase (a mushroom for something to eat)."""
    doubtful = set(view.named(phrase.noun, doubt=True)) - set(view.named(phrase.noun))
    looks = [name for name in ATTRIBUTES if getattr(phrase, name) is not None]
    near = [i for i in doubtful if all(getattr(view.things[i], name) == getattr(phrase, name) for name in looks)]
    return None if near else False


def _related(claim: Claim, view: View) -> bool | None:
    """Any pair that stands so. Looks that fit nothing are another claim's fault: then any thing of that name may be meant."""
    if claim.other is None:
        return None
    first, second = (view.fitting(p) or view.fitting(Phrase(p.noun)) for p in (claim.phrase, claim.other))
    found = [view.holds(i, claim.value, j) for i in first for j in second if i != j]
    return True if True in found else None if None in found else False


_BREAK = re.compile(r"[.!?;:]+")
_PLACE_OF = {words: name for name, words in PLACES.items()}
_PLACE = re.compile("|".join(re.escape(words) for words in _PLACE_OF))
_SETTING = re.compile(
    r"^(?:this is|here is|it is|the picture shows|the place is|this place is)( not)? the ("
    + "|".join(SETTINGS)
    + r")\b"
)
_LABEL = re.compile(r'"([^"]+)" is written on (.+)|(.+?) says "([^"]+)"')
_RELATED = re.compile(
    r"^(?:you find )?(.+?) (?:is |are )?(?:(not) )?(?:to the )?"
    r"(left of|right of|on top of|in front of|behind|above|over|below|under|on) ((?:the|a|an) .+)$"
)
_WORDS_OF = {"on top of": "on", "over": "above", "under": "below"}
_LOOKS = re.compile(
    r"^(?:the clothes of )?((?:the|a|an|this) (?:(?!,| and ).)+?)(?<! that) (?:is|are)(?: all)?( not)? (.+)$"
)
_THERE = re.compile(
    r"^(?:and |but |yes |no |so )*(?:there (?:is|are|was|were)|here (?:is|are)|this is|(?:i|you|we|one)(?: can| could)? "
    r"(?:see|find|spot|count)|(?:in )?the (?:picture|image|photo) (?:shows|has|contains))\s*(.*)$"
)
_ALSO = re.compile(r"^(?:and )?its (?:colour|size|pattern) is (.+)$")
_COUNTS = {word: number for number, word in enumerate(NUMBERS)} | {"no": 0}
_TAIL = re.compile(r"(?: (?:here|in all|too|there|as well|in (?:the|this) (?:picture|image|photo)|altogether))+$")
_HEDGE = re.compile(
    r"^(?:(?:i think|it seems|it looks like|in the (?:picture|image|photo)|also|and|but|then)(?: that)?,? )+"
)


def claims(text: str) -> list[Claim]:
    """What ``text`` says, statement by statement, in its order; repeats are kept.

    ``a small red dog`` says that there is a dog, that it is small and that it is red. A sentence of which nothing can be
    read gives one claim of kind ``other``.
    """
    found: list[Claim] = []
    for sentence in _sentences(text):
        said = _sentence(sentence, found)
        found += [replace(claim, text=sentence) for claim in said] or [Claim("other", text=sentence)]
    return found


def _sentences(text: str) -> list[str]:
    parts = (" ".join(part.lower().split()).strip(" ,") for part in _BREAK.split(text))
    return [part for part in parts if part and part not in ("yes", "no")]


def _sentence(sentence: str, before: Sequence[Claim]) -> list[Claim]:
    label = _LABEL.search(sentence)
    if label is not None:
        word, where = (label[1], label[2]) if label[1] else (label[4], label[3])
        phrase = _phrase(where)
        return [] if phrase is None else [Claim("label", phrase, word)]
    sentence = _HEDGE.sub("", re.sub(r"^(?:yes|no),? ", "", sentence))
    if "," in sentence and _ALSO.match(sentence.rsplit(", ", 1)[-1]):
        head, tail = sentence.rsplit(", ", 1)
        said = _sentence(head, before)
        about = next((c.phrase.noun for c in reversed(said) if c.kind == "attribute"), None)
        also = _ALSO.match(tail)
        return said if about is None or also is None else [*said, *_looks(about, also[1], negated=False)]
    found, sentence = _places(sentence)
    setting = _SETTING.match(sentence)
    if setting is not None:
        return [*found, Claim("setting", value=setting[2], negated=bool(setting[1]))]
    return found + _body(_TAIL.sub("", f" {sentence}").strip(" ,"))


def _places(sentence: str) -> tuple[list[Claim], str]:
    """Claims of the places in a sentence, and the sentence without them. "the dog is on the farm" too says where we are."""
    found = [Claim("setting", value=_PLACE_OF[words]) for words in _PLACE.findall(sentence)]
    return found, " ".join(_PLACE.sub(" ", sentence).split()).strip(" ,")


def _body(sentence: str) -> list[Claim]:
    if re.search(r"\bnothing\b|\bno things\b", sentence):
        return [Claim("empty")]
    there = _THERE.match(sentence)
    related = _RELATED.match(there[1] if there else sentence)
    if related is not None:
        first, second = _phrase(related[1]), _phrase(related[4])
        if first is not None and second is not None:
            value = _WORDS_OF.get(related[3], related[3])
            told = Claim("relation", first, value, second, negated=bool(related[2]))
            return [*_of_phrase(first), *_of_phrase(second), told]
    if there is not None:
        return _listed(there[1])
    looks = _LOOKS.match(sentence)
    if looks is not None:
        phrase = _phrase(looks[1])
        said = [] if phrase is None else _looks(phrase.noun, looks[3], bool(looks[2]))
        if phrase is not None and said:
            return [*_of_phrase(phrase), *said]
    return _listed(sentence)


def _listed(text: str) -> list[Claim]:
    """A list of things: ``a dog, two red cups and no cat``."""
    found: list[Claim] = []
    for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", text):
        found += _of_part(part.strip())
    return found


def _of_part(part: str) -> list[Claim]:
    words = part.split()
    number = _COUNTS.get(words[0]) if words else None
    if number is None and words and words[0].isdigit():
        number = int(words[0])
    phrase = _phrase(part if number is None else " ".join(words[1:]))
    if phrase is None:
        return []
    if number == 0:
        return [Claim("thing", phrase, negated=True)]
    found = _of_phrase(phrase)
    return found if number is None else [*found, Claim("count", Phrase(phrase.noun), count=number)]


def _of_phrase(phrase: Phrase) -> list[Claim]:
    """That there is such a thing, and each of its looks."""
    found = [] if phrase.noun == "thing" else [Claim("thing", Phrase(phrase.noun))]
    for name in ATTRIBUTES:
        value = getattr(phrase, name)
        if value is not None:
            found.append(Claim("attribute", Phrase(phrase.noun, **{name: value}), value))
    return found


def _looks(noun: str, text: str, negated: bool) -> list[Claim]:
    """``red and striped``: looks of a thing that was named before."""
    found = []
    for word in re.findall(r"[a-z]+", text):
        try:
            phrase = parse_phrase(f"{word} thing")
        except DataError:
            continue
        for name in ATTRIBUTES:
            value = getattr(phrase, name)
            if value is not None:
                found.append(Claim("attribute", Phrase(noun, **{name: value}), value, negated=negated))
    return found


def _phrase(text: str) -> Phrase | None:
    """The phrase of a noun phrase, words that nobody knows passed over; None where no known noun is left."""
    words = re.findall(r"[a-z]+", text)
    while words:
        try:
            return parse_phrase(" ".join(words))
        except DataError as error:
            unknown = re.search(r"no word '([a-z]+)'", str(error))
            if unknown is None:
                return None
            words.remove(unknown[1])
    return None


def entails(told: Iterable[Claim], claim: Claim) -> bool | None:
    """Whether a text that makes the claims ``told`` also says ``claim``; None for what nobody could check.

    A text says a claim that it makes, in either direction of a relation. It says that there is a dog where it counts dogs, and
    how many things of a name there are by the things that it lists, one for each "a".
    """
    if claim.kind == "other":
        return None
    told = list(told)
    if claim.same() in {c.same() for c in told}:
        return True
    if claim.kind == "thing" and not claim.negated:
        return any(_names(c, claim.phrase.noun) for c in told)
    if claim.kind == "attribute" and not claim.negated:
        return any(c.kind == "attribute" and not c.negated and _fits(c, claim) for c in told)
    if claim.kind == "count" and not claim.negated:
        return _counted(told, claim.phrase.noun) == claim.count
    if claim.kind == "thing":
        return not any(_names(c, claim.phrase.noun) for c in told) and any(c.kind != "other" for c in told)
    return False


def _names(claim: Claim, noun: str) -> bool:
    return claim.kind in ("thing", "count") and not claim.negated and _is_a(claim.phrase.noun, noun)


def _fits(told: Claim, claim: Claim) -> bool:
    return told.value == claim.value and _is_a(told.phrase.noun, claim.phrase.noun)


def _is_a(noun: str, other: str) -> bool:
    """Whether everything called ``noun`` is also called ``other``."""
    return noun == other or (noun in KIND_BY_NAME and noun_fits(other, noun))


def _counted(told: Sequence[Claim], noun: str) -> int:
    """How many things of a name a text lists: its counts, and one for each other mention in the sentence that has most."""
    counts = {c.phrase.noun: c.count or 0 for c in told if c.kind == "count" and not c.negated}
    by_sentence: dict[tuple[str, str], int] = {}
    for c in told:
        if c.kind == "thing" and not c.negated:
            by_sentence[c.phrase.noun, c.text] = by_sentence.get((c.phrase.noun, c.text), 0) + 1
    single: dict[str, int] = {}
    for (name, _), number in by_sentence.items():
        single[name] = max(single.get(name, 0), number)
    return sum(n for name, n in {**single, **counts}.items() if _is_a(name, noun))
