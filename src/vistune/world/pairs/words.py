"""Hard negatives for any caption by lists of words: replaced (SVLC, arXiv 2211.11733, rule-based negatives), exchanged or
added (SugarCrepe, arXiv 2306.14610).

Nothing is known of the picture here; with a scene given, only words are taken that make the caption false of it.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from vistune.world.language.claims import claims
from vistune.world.language.grammar import article, is_person
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, KINDS, PATTERNS, SETTINGS

#: List -> its words. Relations of several words stand as they are said; the longer of two that fit is found first.
WORD_LISTS: dict[str, tuple[str, ...]] = {
    "object": tuple(kind.name for kind in KINDS),
    "objects": tuple(kind.plural for kind in KINDS if kind.plural != kind.name),
    "colour": tuple(COLOURS),
    "size": ("small", "medium", "big"),
    "pattern": PATTERNS,
    "state": tuple(sorted({s for kind in KINDS for s in kind.states} - {"on", "off"})),
    "relation": ("left of", "right of", "above", "below", "in front of", "behind"),
    "place": SETTINGS,
    "number": ("two", "three", "four", "five", "six"),
}


@dataclass(frozen=True, slots=True)
class Replaced:
    """A caption with words changed. ``list``: of ``WORD_LISTS``; ``old`` -> ``new``; ``start``: where in the new text.

    ``old`` is empty where words were added.
    """

    text: str
    list: str
    old: str
    new: str
    start: int


def _found(caption: str, name: str) -> list[re.Match[str]]:
    """Where whole words of a list stand, longest first at each place; punctuation does not hide them."""
    words = sorted(WORD_LISTS[name], key=len, reverse=True)
    return list(re.finditer(rf"(?<![\w'-])(?:{'|'.join(map(re.escape, words))})(?![\w'-])", caption, re.IGNORECASE))


def _options(caption: str, name: str, old: str, scene: Scene | None) -> list[str]:
    """Words that may stand for ``old``: none that the caption has, none that would be true of the scene."""
    said = {match[0].lower() for match in _found(caption, name)}
    options = [word for word in WORD_LISTS[name] if word not in said and word != old]
    if scene is None:
        return options
    there = {t.kind for t in scene.things} | {KIND_BY_NAME[t.kind].plural for t in scene.things} | {scene.setting}
    there |= {v for t in scene.things for v in (t.colour, t.size, t.pattern, t.state) if v}
    if name == "relation":
        return [_OPPOSITE[old]]
    if name == "number":
        counts = {sum(t.kind == kind for t in scene.things) for kind in {t.kind for t in scene.things}}
        there |= {("zero", "one", *WORD_LISTS["number"])[n] for n in counts if n < 7}
    return [word for word in options if word not in there]


_OPPOSITE = {
    "left of": "right of", "right of": "left of", "above": "below", "below": "above", "in front of": "behind",
    "behind": "in front of",
}  # fmt: skip


def replace_word(
    caption: str, seed: int, lists: tuple[str, ...] | None = None, scene: Scene | None = None
) -> Replaced | None:
    """The caption with one word replaced by another of its list; None if no list has one that it says.

    A list that has a word in the caption is drawn, then one of its words there. The articles are put right. With
    ``scene``, the caption is taken for true of it, and the new word is one that nothing there bears.
    """
    rng = random.Random(f"replace/{seed}/{caption}")
    names = [name for name in (lists or WORD_LISTS) if _found(caption, name)]
    rng.shuffle(names)
    for name in names:
        match = rng.choice(_found(caption, name))
        options = _options(caption, name, match[0].lower(), scene)
        if options:
            new = rng.choice(options)
            written = new.capitalize() if match[0][0].isupper() else new
            start, end = match.span()
            text, start = _with_article(caption[:start], written, caption[end:])
            return Replaced(text, name, match[0], written, start)
    return None


def _with_article(before: str, word: str, after: str) -> tuple[str, int]:
    """The text with ``a`` or ``an`` as the next word needs it, and where the word is now."""
    found = re.search(r"\b(an?)\s+$", before, re.IGNORECASE)
    if found:
        right = article(word)
        right = right.capitalize() if found[1][0].isupper() else right
        before = before[: found.start(1)] + right + before[found.end(1) :]
    return before + word + after, len(before)


def swap_words(caption: str, seed: int, scene: Scene | None = None) -> Replaced | None:
    """The caption with two different words of one list exchanged; None if no list has two in it.

    With ``scene``, None also where every exchange is true of it, or may be: a red and a blue ball.
    """
    rng = random.Random(f"swap/{seed}/{caption}")
    names = ["object", "colour", "objects", "size", "pattern"]
    rng.shuffle(names)
    for name in names:
        matches = _found(caption, name)
        pairs = [(a, b) for k, a in enumerate(matches) for b in matches[k + 1 :] if a[0].lower() != b[0].lower()]
        rng.shuffle(pairs)
        for first, second in pairs:
            swapped = _swapped(caption, name, first, second)
            if scene is None or _is_false(swapped.text, scene):
                return swapped
    return None


def _swapped(caption: str, name: str, first: re.Match[str], second: re.Match[str]) -> Replaced:
    between = caption[first.end() : second.start()]
    head, start = _with_article(caption[: first.start()], _as(second[0], first[0]), "")
    text, _ = _with_article(head + between, _as(first[0], second[0]), caption[second.end() :])
    return Replaced(text, name, first[0], second[0], start)


def _is_false(text: str, scene: Scene) -> bool:
    """Whether something that a text says is surely not so."""
    return any(claim.holds(scene) is False for claim in claims(text))


#: What may stand before a noun, in this order.
_LOOKS = ("size", "state", "colour", "pattern")
#: The last thing that a sentence names, with what is said right after it; "and" where it ends a list.
_LAST = re.compile(
    r"(?P<and> and )?(?P<part>(?<![\w'-])(?:an?|the)(?: (?!(?:and|is|are|was|were|has|have|that)\b)[\w'-]+){1,9}"
    r"(?: that (?:is|are) (?:on|off))?)(?=[.!;]|$)",
    re.IGNORECASE,
)


def add_words(caption: str, seed: int, scene: Scene | None = None) -> Replaced | None:
    """The caption with a look added to a noun, or a thing to what it names; None if there is no place for either.

    With ``scene``, the look is one that nothing there has, and the thing is of a kind that is not there.
    """
    rng = random.Random(f"add/{seed}/{caption}")
    ways = [_add_look, _add_thing]
    rng.shuffle(ways)
    for way in ways:
        added = way(caption, rng, scene)
        if added is not None:
            return added
    return None


def _add_look(caption: str, rng: random.Random, scene: Scene | None) -> Replaced | None:
    nouns = [m for name in ("object", "objects") for m in _found(caption, name) if not is_person(_kind(m[0]))]
    places = [(noun, name) for noun in nouns for name in ("size", "colour", "pattern")]
    rng.shuffle(places)
    for noun, name in places:
        options = [word for word in _options(caption, name, "", scene) if word not in ("medium", "plain")]
        before = _looks_before(caption, noun.start())
        if options and name not in {look for look, _ in before}:
            new = rng.choice(options)
            later = [start for look, start in before if _LOOKS.index(look) > _LOOKS.index(name)]
            at = min(later, default=noun.start())
            text, start = _with_article(caption[:at], new, f" {caption[at:]}")
            return Replaced(text, name, "", new, start)
    return None


def _kind(noun: str) -> str:
    """The kind that a noun names, one or several."""
    return next(kind.name for kind in KINDS if noun.lower() in (kind.name, kind.plural))


def _looks_before(caption: str, place: int) -> list[tuple[str, int]]:
    """The looks said right before a noun, and where: ``a big red dog`` has a size and a colour."""
    found: list[tuple[str, int]] = []
    while match := re.search(r"([\w'-]+) +$", caption[:place]):
        look = next((name for name in _LOOKS if match[1].lower() in WORD_LISTS[name]), None)
        if look is None:
            break
        place = match.start()
        found.append((look, place))
    return found


def _add_thing(caption: str, rng: random.Random, scene: Scene | None) -> Replaced | None:
    ends = [m for m in _LAST.finditer(caption) if _found(m["part"], "object")]
    options = _options(caption, "object", "", scene)
    rng.shuffle(ends)
    for end in ends if options else ():
        new = rng.choice(options)
        head = caption[: end.start()] + (", " if end["and"] else "") + end["part"] + " and "
        text, start = _with_article(f"{head}a ", new, caption[end.end() :])
        if scene is None or _is_false(text, scene):
            return Replaced(text, "object", "", new, start)
    return None


def _as(word: str, model: str) -> str:
    """``word`` with the capital that ``model`` has."""
    return word.capitalize() if model[0].isupper() else word.lower()
