"""Hard negatives for any caption by lists of words (SVLC, arXiv 2211.11733, rule-based negatives; SugarCrepe's swaps).

Nothing is known of the picture here; with a scene given, only words are taken that make the caption false of it.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from vistune.world.language.grammar import article
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
    """A caption with words changed. ``list``: of ``WORD_LISTS``; ``old`` -> ``new``; ``start``: where in the caption."""

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


def swap_words(caption: str, seed: int) -> Replaced | None:
    """The caption with two different words of one list (objects, or colours) exchanged; None if no list has two in it."""
    rng = random.Random(f"swap/{seed}/{caption}")
    names = ["object", "colour", "objects", "size", "pattern"]
    rng.shuffle(names)
    for name in names:
        matches = _found(caption, name)
        pairs = [(a, b) for k, a in enumerate(matches) for b in matches[k + 1 :] if a[0].lower() != b[0].lower()]
        if pairs:
            first, second = rng.choice(pairs)
            between = caption[first.end() : second.start()]
            head, start = _with_article(caption[: first.start()], _as(second[0], first[0]), "")
            text, _ = _with_article(head + between, _as(first[0], second[0]), caption[second.end() :])
            return Replaced(text, name, first[0], second[0], start)
    return None


def _as(word: str, model: str) -> str:
    """``word`` with the capital that ``model`` has."""
    return word.capitalize() if model[0].isupper() else word.lower()
