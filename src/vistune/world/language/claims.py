"""``claims``: what a text says of a scene, taken apart into single statements that can each be checked.

A text is read sentence by sentence (``reading``), and each statement stands for itself: it holds where any thing fits it. (In
``account`` noun phrases are bound to the things that they most likely mean.) Decomposition without a language model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from vistune.world.language.grammar import INVERSE, Phrase, a, noun_phrase, some, subject, the
from vistune.world.language.reading import Told, read_text
from vistune.world.language.view import ATTRIBUTES, View, view_of
from vistune.world.scene import Scene

#: ``other``: words that say nothing checkable of the picture (an opinion, or what the grammar does not know).
ClaimKind = Literal["thing", "count", "attribute", "relation", "setting", "label", "empty", "other"]


_THING = Phrase("thing")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement.

    ``phrase``: the thing that it is about (for ``thing`` and ``attribute`` only what the statement itself says).
    ``value``: the attribute's value, the setting, the word written on it, or the relation. ``other``: the relation's second
    thing. ``count``: how many, for ``count``; 0 for a relation of none ("no red cup left of the dog"). ``negated``: it is
    denied. ``text``: the sentence that it comes from.
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
                other = the(self.other or Phrase("thing"))
                if self.count == 0:
                    return f"there is no {noun_phrase(self.phrase, '')} {self.value} {other}."
                return f"{the(self.phrase)} is{nots} {self.value} {other}."
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
            numbers = len(fitting), len(view.fitting(Phrase(claim.phrase.noun)))
            return claim.count in numbers if _in_doubt(claim.phrase, view) is False else None
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
    if claim.count == 0:
        first = view.fitting(claim.phrase)
    found = [view.holds(i, claim.value, j) for i in first for j in second if i != j]
    return True if True in found else None if None in found else False


_BREAK = re.compile(r"[.!?;:]+")


def claims(text: str) -> list[Claim]:
    """What ``text`` says, sentence by sentence; repeats are kept.

    ``a small red dog`` says that there is a dog, that it is small and that it is red. A sentence of which nothing can be
    read gives one claim of kind ``other``.
    """
    found: list[Claim] = []
    for sentence in _sentences(text):
        said = _claimed(read_text(sentence))
        found += [replace(claim, text=sentence) for claim in said] or [Claim("other", text=sentence)]
    return found


def _sentences(text: str) -> list[str]:
    parts = (" ".join(part.lower().split()).strip(" ,") for part in _BREAK.split(text))
    return [part for part in parts if part and part not in ("yes", "no")]


def _claimed(told: Told) -> list[Claim]:
    """The places first, then things with their looks, then what is said of them."""
    phrases = [mention.phrase for mention in told.mentions]
    found = [Claim("setting", value=name, negated=denied) for name, denied in told.settings]
    found += [Claim("empty")] if told.nothing else []
    bearers = {place for place, _ in told.written}
    placed = {stand.first for stand in told.stands if stand.bare}
    for place, mention in enumerate(told.mentions):
        if place not in bearers and not (place in placed and mention.number == 0):
            # "two cups left of the dog" does not say how many cups there are.
            found += _of_mention(mention.phrase, None if place in placed else mention.number)
    for look in told.looks:
        noun = phrases[look.mention].noun
        phrase = Phrase(noun, **{look.attribute: look.value})
        found.append(Claim("attribute", phrase, look.value, negated=look.denied))
    for stand in told.stands:
        none = told.mentions[stand.first].number == 0
        denied = stand.denied is not none
        found.append(
            Claim(
                "relation",
                phrases[stand.first],
                stand.relation,
                phrases[stand.second],
                0 if none else None,
                negated=denied,
            )
        )
    return found + [Claim("label", phrases[place], words) for place, words in told.written]


def _of_mention(phrase: Phrase, number: int | None) -> list[Claim]:
    """That there is such a thing, each of its looks, and how many there are."""
    if number == 0:
        return [Claim("thing", phrase, negated=True)]
    found = [] if phrase.noun == "thing" else [Claim("thing", Phrase(phrase.noun))]
    for name in ATTRIBUTES:
        value = getattr(phrase, name)
        if value is not None:
            found.append(Claim("attribute", Phrase(phrase.noun, **{name: value}), value))
    return found if number is None else [*found, Claim("count", phrase, count=number)]
