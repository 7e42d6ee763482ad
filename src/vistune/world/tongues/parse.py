"""Sentences back to their meanings, by analysis through synthesis.

The words of a sentence propose kinds, attributes, numbers and relations; every meaning that can be made of them is said, and
the one whose sentence is the given one is meant. So the parser knows exactly what the grammar knows, and an ambiguity shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from vistune.core.errors import DataError
from vistune.world.tongues.meaning import RELATIONS, TYPES, Meaning, Np
from vistune.world.tongues.tongue import Tongue
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS, SETTINGS

_PATTERNS = tuple(p for p in PATTERNS if p != "plain")
MOST = 10


def parse(text: str, tongue: Tongue) -> Meaning:
    """What a question or statement means. Raises ``DataError`` if it is none of the language's, or means two things."""
    found = dict.fromkeys(m for m in _meanings(text, tongue) if tongue.say(m) == text)
    if len(found) != 1:
        what = "means nothing here" if not found else f"means {len(found)} things"
        raise DataError(f"'{text}' {what} in {tongue.NAME}.")
    return next(iter(found))


def folded(text: str) -> str:
    """Lower case; a Turkish capital İ leaves no dot behind."""
    return text.lower().replace("\u0307", "")


def _proposed(text: str, tongue: Tongue) -> dict[str, list[str]]:
    """World's words that may be said in a text, by sort."""
    plain = folded(text)
    said = [word for word, forms in tongue.words().items() if any(folded(form) in plain for form in forms)]
    sorts: dict[str, tuple[str, ...]] = {
        "kind": tuple(KIND_BY_NAME), "colour": tuple(COLOURS), "size": ("small", "big"), "pattern": _PATTERNS,
        "setting": tuple(SETTINGS), "relation": RELATIONS,
    }  # fmt: skip
    return {sort: [w for w in words if w in said] for sort, words in sorts.items()}


def _phrases(proposed: dict[str, list[str]], numbers: range) -> list[Np]:
    parts = product(
        proposed["kind"], numbers, [None, *proposed["colour"]], [None, *proposed["size"]], [None, *proposed["pattern"]]
    )
    return [Np(*part) for part in parts]


def _meanings(text: str, tongue: Tongue) -> Iterator[Meaning]:
    proposed = _proposed(text, tongue)
    one = _phrases(proposed, range(1, 2))
    yield Meaning("setting")
    for np in one:
        for type in TYPES:
            if type in ("existence", "colour", "size", "pattern", "count"):
                yield Meaning(type, np)
        for options in product(proposed["colour"], repeat=2):
            yield Meaning("choice", np, options=options)  # type: ignore[arg-type]
    # What stands in the text on its own cuts down the pairs.
    first = [np for np in one if _contains(text, tongue, np)]
    for np, other in product(first, repeat=2):
        yield Meaning("compare", np, other)
        for relation in proposed["relation"]:
            yield Meaning("relation", np, other, relation)
            yield Meaning("stands", np, other, relation)
    if proposed["setting"]:
        groups = [np for np in _phrases(proposed, range(1, MOST + 1)) if folded(tongue.some(np)) in folded(text)]
        for setting in proposed["setting"]:
            yield from _statements(text, tongue, setting, groups)


def _contains(text: str, tongue: Tongue, np: Np) -> bool:
    """Whether a phrase can be one of a pair: each of its words' forms is in the text."""
    forms = tongue.words()
    plain = folded(text)
    named = [np.kind, *(w for w in (np.colour, np.size, np.pattern) if w)]
    return all(any(folded(form) in plain for form in forms[word]) for word in named)


def _statements(text: str, tongue: Tongue, setting: str, groups: list[Np]) -> Iterator[Meaning]:
    """Lists of groups in the order of the text, the longest phrase first at each place."""
    plain = folded(text)
    placed: dict[int, list[Np]] = {}
    for np in groups:
        at = plain.find(folded(tongue.some(np)))
        while at >= 0:
            placed.setdefault(at, []).append(np)
            at = plain.find(folded(tongue.some(np)), at + 1)

    def follow(start: int) -> Iterator[tuple[Np, ...]]:
        later = sorted(at for at in placed if at >= start)
        yield ()
        for at in later:
            for np in placed[at]:
                for tail in follow(at + len(tongue.some(np))):
                    yield (np, *tail)

    for chosen in follow(0):
        if chosen:
            yield Meaning("there", setting=setting, groups=chosen)
