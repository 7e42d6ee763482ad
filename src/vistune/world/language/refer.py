"""Referring expressions that fit exactly one thing, and the parser that finds the thing again."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, get_args

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.world.language.grammar import (
    GROUP_NOUNS,
    RELATION_WORDS,
    Phrase,
    full_phrase,
    regular_plural,
    the,
)
from vistune.world.language.view import View, view_of
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, KINDS, PATTERNS, SIZES

Style = Literal["minimal", "full", "relational"]

_ATTRIBUTES: dict[str, str] = {
    **dict.fromkeys(COLOURS, "colour"),
    **dict.fromkeys(SIZES, "size"),
    **dict.fromkeys(PATTERNS, "pattern"),
    **{state: "state" for kind in KINDS for state in kind.states},
}


def refer(scene: Scene | View, index: int, style: Style = "minimal") -> str | None:
    """An expression that fits thing ``index`` and no other, or None if this style has none.

    ``minimal``: the kind and the fewest attributes, else the place beside another thing. ``full``: all attributes that
    are worth saying. ``relational``: always the place beside another thing. Raises ``ConfigError`` for another style,
    ``DataError`` for an index that the scene does not have.
    """
    if style not in get_args(Style):
        raise ConfigError(f"There is no style '{style}' of referring. {nearest(style, get_args(Style))}")
    view = view_of(scene)
    if not 0 <= index < len(view.things):
        raise DataError(f"The scene has {len(view.things)} things, there is no thing {index}.")
    if style == "full":
        phrase = full_phrase(view.things[index])
        return the(phrase) if view.fitting(phrase) == [index] else None
    phrase = view.describe(index)
    if style == "minimal" and phrase is not None:
        return the(phrase)
    return _by_place(view, index)


def _by_place(view: View, index: int) -> str | None:
    """``the red cup left of the dog``: the shortest phrase, beside an anchor that is told apart by its own looks.

    Every other thing that the phrase fits must surely not stand in that relation to the anchor.
    """
    thing = view.things[index]
    for phrase in (Phrase(thing.kind), Phrase(thing.kind, colour=thing.colour), full_phrase(thing)):
        rivals = [i for i in view.fitting(phrase) if i != index]
        for relation in ("on", "left of", "right of", "in front of", "behind", "above", "below"):
            for anchor in view.indices:
                if anchor == index or view.holds(index, relation, anchor) is not True:
                    continue
                told = view.describe(anchor)
                apart = all(i == anchor or view.holds(i, relation, anchor) is False for i in rivals)
                if told is not None and apart:
                    return f"{the(phrase)} {relation} {the(told)}"
    return None


def resolve(expression: str, scene: Scene | View) -> list[int]:
    """Indices of the things that an expression fits: ``the red cup on the table``, ``mugs``, ``a boy in red clothes``.

    Raises ``DataError`` for a word that the nano world does not know.
    """
    view = view_of(scene)
    head, relation, anchor = _split(" ".join(re.findall(r"[a-z]+", expression.lower())))
    found = view.fitting(parse_phrase(head))
    if relation is None:
        return found
    anchors = resolve(anchor, view)
    return [i for i in found if any(j != i and view.holds(i, relation, j) for j in anchors)]


def parse_phrase(text: str) -> Phrase:
    """The phrase that a noun phrase without relations says. Raises ``DataError`` for unknown or missing words."""
    noun, attributes = None, {}
    words = re.sub(r"\b(that|is|are|in|clothes|the|a|an)\b", " ", text)
    for multiple, single in (("things to eat", "food"), ("thing to eat", "food")):
        words = words.replace(multiple, single)
    words = re.sub(r"pieces? of furniture", "furniture", words)
    for word in words.split():
        if word in _nouns():
            noun = _nouns()[word]
        elif word in _ATTRIBUTES:
            attributes[_ATTRIBUTES[word]] = word
        else:
            raise DataError(f"The nano world has no word '{word}'. {_suggest(word)}")
    if noun is None:
        raise DataError(f"'{text}' names no thing: it needs a noun.")
    return Phrase(noun, **attributes)


def _suggest(word: str) -> str:
    return nearest(word, {*_nouns(), *_ATTRIBUTES}).split(" Known")[0]


@lru_cache(maxsize=1)
def _nouns() -> dict[str, str]:
    """Every noun in singular and plural, synonyms too -> kind, group or "thing"."""
    nouns = {"thing": "thing", "things": "thing", "food": "food", "furniture": "furniture"}
    for group, forms in GROUP_NOUNS.items():
        nouns |= dict.fromkeys((form for form in forms if " " not in form), group)
    for kind in KINDS:
        for word in (kind.name, *kind.synonyms):
            nouns |= {word: kind.name, regular_plural(word): kind.name}
        nouns[kind.plural] = kind.name
    return nouns


_RELATION_OF = {words: relation for relation, forms in RELATION_WORDS.items() for words in forms}
#: A relation is followed by an article; longer wordings are tried first. "that is on" ends the head and is no relation.
_RELATION = re.compile(
    r" (?:that (?:is|are) )?(" + "|".join(sorted(_RELATION_OF, key=len, reverse=True)) + r") (?=(?:the|a|an) )"
)


def _split(text: str) -> tuple[str, str | None, str]:
    """(head, relation, anchor) of a noun phrase; relation None where there is none."""
    found = _RELATION.search(text)
    if found is None:
        return text, None, ""
    return text[: found.start()], _RELATION_OF[found.group(1)], text[found.end() :]


def noun_words() -> dict[str, str]:
    """Every noun that is understood, in singular and plural, synonyms too -> kind, group or "thing"."""
    return _nouns()


def attribute_words() -> dict[str, str]:
    """Every word of looks, sizes and states -> the attribute that it is a value of."""
    return _ATTRIBUTES
