"""``account``: what a text says of a scene, checked piece by piece, and how much of the scene it tells.

A caption or an answer is read (``reading``), and each noun phrase is bound to the things that it most likely means; so "a small
red cup and a big blue cup" is wrong where the small one is blue. A piece that is said twice counts once. (``claims`` takes the
same reading apart into statements that are bound to nothing.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from vistune.world.language.grammar import DEFAULT_STATES, Phrase, a, noun_phrase, some, the
from vistune.world.language.reading import Mention, Told, read_text
from vistune.world.language.view import ATTRIBUTES, IN_DOUBT, View, view_of
from vistune.world.scene import Scene

Sort = Literal["thing", "count", "colour", "size", "pattern", "state", "relation", "place", "written"]
#: A fact of a scene: ("thing", index), ("colour", index) ..., ("place", 0).
Fact = tuple[str, int]
Same = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of what a text says.

    ``key``: equal for equal pieces of different texts. ``text``: the piece as a sentence. ``holds``: of the scene; None in
    doubt, or without a scene. ``facts``: those of the scene that it tells, if it is true.
    """

    sort: Sort
    key: tuple[object, ...]
    text: str
    holds: bool | None = None
    facts: frozenset[Fact] = frozenset()


@dataclass(frozen=True, slots=True)
class Account:
    """The pieces of a text. ``idle``: its sentences that say nothing of a picture. ``facts``: those that the scene has."""

    pieces: tuple[Piece, ...]
    idle: tuple[str, ...]
    facts: frozenset[Fact]

    @property
    def true(self) -> int:
        """Pieces that hold."""
        return sum(piece.holds is True for piece in self.pieces)

    @property
    def false(self) -> int:
        """Pieces that do not hold."""
        return sum(piece.holds is False for piece in self.pieces)

    @property
    def precision(self) -> float:
        """Share of true ones among the pieces that are true or false; 0 where there is none."""
        return self.true / (self.true + self.false) if self.true + self.false else 0.0

    @property
    def recall(self) -> float:
        """Share of the scene's facts that true pieces tell."""
        told = {fact for piece in self.pieces if piece.holds for fact in piece.facts}
        return len(told & self.facts) / len(self.facts) if self.facts else 0.0


def facts_of(view: View) -> frozenset[Fact]:
    """What a full description tells: every thing with its colour, and size, pattern and state where they are not the usual ones;
    and the setting.
    """
    found: set[Fact] = {("place", 0)}
    for index, thing in enumerate(view.things):
        found |= {("thing", index), ("colour", index)}
        if thing.size != "medium":
            found.add(("size", index))
        if thing.pattern != "plain":
            found.add(("pattern", index))
        if thing.state is not None and thing.state not in DEFAULT_STATES:
            found.add(("state", index))
    return frozenset(found)


def account(text: str, scene: Scene | View | None = None) -> Account:
    """Read a text and check it. Without a scene, nothing is known of any piece."""
    told = read_text(text)
    view = None if scene is None else view_of(scene)
    pieces: dict[Same, Piece] = {}
    for same, piece in _Checker(told, view).pieces():
        pieces.setdefault(same, piece)
    return Account(tuple(pieces.values()), tuple(told.idle), frozenset() if view is None else facts_of(view))


class _Checker:
    """The pieces of one text, with the things of the scene that its noun phrases mean."""

    def __init__(self, told: Told, view: View | None) -> None:
        self.told, self.view = told, view
        used: set[int] = set()
        self.meant: list[tuple[int, ...]] = []
        for mention in told.mentions:
            found = () if view is None else _meant(view, mention, used)
            if not mention.definite:
                used |= set(found)
            self.meant.append(found)

    def pieces(self) -> Iterable[tuple[Same, Piece]]:
        """(what makes it the same as another, piece)."""
        for place, mention in enumerate(self.told.mentions):
            yield from self._mention(place, mention)
        for look in self.told.looks:
            yield self._look(look.mention, look.attribute, look.value, look.denied)
        for stand in self.told.stands:
            yield self._stand(stand.first, stand.relation, stand.second, stand.denied)
        for name, denied in self.told.settings:
            yield self._setting(name, denied)
        for place, words in self.told.written:
            yield self._written(place, words)
        if self.told.nothing:
            holds = None if self.view is None else not self.view.things
            yield ("nothing",), Piece("count", ("count", "thing", 0), "there is nothing.", holds)

    def _mention(self, place: int, mention: Mention) -> Iterable[tuple[Same, Piece]]:
        phrase, number = mention.phrase, mention.number
        if number == 0:
            holds = _denied(_exists(self.view, phrase))
            key = ("count", *_said(phrase), 0)
            yield key, Piece("count", key, f"there is {noun_phrase(phrase, 'a', 0)}.", holds)
            return
        yield self._thing(phrase.noun, self.meant[place])
        if number is not None:
            yield self._count(phrase, number)
        for name in ATTRIBUTES:
            value = getattr(phrase, name)
            if value is not None:
                yield self._look(place, name, value, False)

    def _thing(self, noun: str, meant: tuple[int, ...]) -> tuple[Same, Piece]:
        key = ("thing", noun)
        facts = frozenset(("thing", i) for i in meant)
        return (*key, meant), Piece("thing", key, f"there is {a(noun)}.", _exists(self.view, Phrase(noun)), facts)

    def _count(self, phrase: Phrase, number: int) -> tuple[Same, Piece]:
        key = ("count", phrase.noun, number)
        words = f"there {'is' if number == 1 else 'are'} {some(Phrase(phrase.noun), number)}."
        return key, Piece("count", key, words, _counts(self.view, phrase, number))

    def _look(self, place: int, name: str, value: str, denied: bool) -> tuple[Same, Piece]:
        meant, noun = self.meant[place], self.told.mentions[place].phrase.noun
        holds: bool | None = None
        if self.view is not None:
            holds = bool(meant) and all(getattr(self.view.things[i], name) == value for i in meant)
            if not meant and _exists(self.view, Phrase(noun)) is None:
                holds = None
        sort: Sort = name  # type: ignore[assignment]
        key = (name, noun, value, denied)
        text = f"{the(noun)} is {'not ' if denied else ''}{value}."
        # A denial tells no fact, and holds of nothing that is not there.
        if denied:
            return (*key, meant), Piece(sort, key, text, _denied(holds) if meant else holds)
        return (*key, meant), Piece(sort, key, text, holds, frozenset((name, i) for i in meant))

    def _stand(self, first: int, relation: str, second: int, denied: bool) -> tuple[Same, Piece]:
        nouns = [self.told.mentions[place].phrase for place in (first, second)]
        key = ("relation", nouns[0].noun, relation, nouns[1].noun, denied)
        text = f"{the(nouns[0])} is {'not ' if denied else ''}{relation} {the(nouns[1])}."
        holds: bool | None = None
        if self.view is not None:
            holds = self._holds(self.view, self._fitting(self.view, first), relation, self._fitting(self.view, second))
            holds = _denied(holds) if denied else holds
        return (*key, self.meant[first], self.meant[second]), Piece("relation", key, text, holds)

    def _fitting(self, view: View, place: int) -> Sequence[int]:
        """All things that a noun phrase may mean: those that it fits, else those that it names."""
        return view.fitting(self.told.mentions[place].phrase) or self.meant[place]

    def _holds(self, view: View, firsts: Sequence[int], relation: str, seconds: Sequence[int]) -> bool | None:
        found = {view.holds(i, relation, j) for i in firsts for j in seconds if i != j}
        return True if True in found else None if None in found else False

    def _setting(self, name: str, denied: bool) -> tuple[Same, Piece]:
        key = ("place", name, denied)
        holds = None if self.view is None else (self.view.scene.setting == name) != denied
        facts: frozenset[Fact] = frozenset() if denied else frozenset({("place", 0)})
        return key, Piece("place", key, f"this is {'not ' if denied else ''}the {name}.", holds, facts)

    def _written(self, place: int, words: str) -> tuple[Same, Piece]:
        noun, meant = self.told.mentions[place].phrase.noun, self.meant[place]
        key = ("written", noun, words.lower())
        holds = None
        if self.view is not None:
            holds = any((self.view.things[i].label or "").lower() == words.lower() for i in self.view.named(noun))
        return (*key, meant), Piece("written", key, f'{the(noun)} says "{words}".', holds)


def _said(phrase: Phrase) -> tuple[str, ...]:
    return tuple(str(v) for v in (phrase.noun, *(getattr(phrase, name) for name in ATTRIBUTES)) if v is not None)


def _denied(holds: bool | None) -> bool | None:
    return None if holds is None else not holds


def _meant(view: View, mention: Mention, used: set[int]) -> tuple[int, ...]:
    """The things that a noun phrase most likely means: of those that it names, the ones that fit best, new ones first."""
    phrase = mention.phrase
    number = max(1, mention.number or 1)

    def rank(index: int) -> tuple[int, bool, int]:
        thing = view.things[index]
        wrong = sum(getattr(phrase, n) is not None and getattr(phrase, n) != getattr(thing, n) for n in ATTRIBUTES)
        return wrong, not mention.definite and index in used, index

    return tuple(sorted(sorted(view.named(phrase.noun), key=rank)[:number]))


def _exists(view: View | None, phrase: Phrase) -> bool | None:
    if view is None:
        return None
    if view.fitting(phrase):
        return True
    doubtful = IN_DOUBT.get(phrase.noun, frozenset())
    return None if any(thing.kind in doubtful for thing in view.things) else False


def _counts(view: View | None, phrase: Phrase, number: int) -> bool | None:
    """Whether there are so many of the named things, or of those that the whole phrase fits."""
    if view is None:
        return None
    if len(view.fitting(phrase)) == number or len(view.named(phrase.noun)) == number:
        return True
    doubtful = IN_DOUBT.get(phrase.noun, frozenset())
    return None if any(thing.kind in doubtful for thing in view.things) else False
