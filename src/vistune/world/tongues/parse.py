"""Sentences back to their meanings, by analysis through synthesis.

The words of a sentence propose kinds, attributes, numbers and relations; every meaning that can be made of them is said, and
the one whose sentence is the given one is meant. So the parser knows exactly what the grammar knows, and an ambiguity shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

from vistune.core.errors import DataError
from vistune.world.tongues.meaning import INSTRUCTIONS, RELATIONS, TYPES, Meaning, Np
from vistune.world.tongues.tongue import Tongue
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS, SETTINGS

_PATTERNS = tuple(p for p in PATTERNS if p != "plain")
MOST = 10
#: What is asked or told of one thing.
_OF_ONE = tuple(t for t in (*TYPES, *INSTRUCTIONS) if t not in ("compare", "relation", "setting", "choice"))


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


@cache
def _forms(tongue: Tongue) -> dict[str, tuple[str, ...]]:
    """World's word -> what of it can be found in a sentence, folded."""
    return {word: tuple(map(folded, forms)) for word, forms in tongue.words().items()}


def _proposed(text: str, tongue: Tongue) -> dict[str, list[str]]:
    """World's words that may be said in a text, by sort."""
    plain = folded(text)
    said = {word for word, forms in _forms(tongue).items() if any(form in plain for form in forms)}
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
        for type in _OF_ONE:
            yield Meaning(type, np)
        for options in product(proposed["colour"], repeat=2):
            yield Meaning("choice", np, options=options)  # type: ignore[arg-type]
    yield from _pairs(text, tongue, one, "compare", None)
    for relation in proposed["relation"]:
        yield from _pairs(text, tongue, one, "relation", relation)
        yield from _pairs(text, tongue, one, "stands", relation)
    if proposed["setting"]:
        groups = [np for np in _phrases(proposed, range(1, MOST + 1)) if folded(tongue.some(np)) in folded(text)]
        for setting in proposed["setting"]:
            yield from _statements(text, tongue, setting, groups)


def _pairs(text: str, tongue: Tongue, phrases: list[Np], type: str, relation: str | None) -> Iterator[Meaning]:
    """Sentences about two things whose beginning and last mark fit the text.

    What a sentence says before it comes to the second thing is what its sayings with several second things have in common;
    each kind alone and each attribute once suffice, if the last two words are left out, where an article may have melted into
    a preposition (French ``du``, German ``vom``).
    """
    probes: dict[object, Np] = {}
    for np in phrases:
        said = [v for v in (np.colour, np.size, np.pattern) if v is not None]
        if len(said) < 2:
            probes.setdefault(said[0] if said else np, np)
    seconds = list(probes.values())

    def says(np: Np, other: Np) -> str:
        return tongue.say(Meaning(type, np, other, relation))

    if not seconds or not text.endswith(says(seconds[0], seconds[0])[-1]):
        return
    for np in phrases:
        same = _beginning([says(np, other) for other in seconds])
        if text.startswith(same.rsplit(" ", 2)[0]):
            for other in phrases:
                yield Meaning(type, np, other, relation)


def _beginning(texts: list[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    same = (k for k, (a, b) in enumerate(zip(first, last)) if a != b)
    return first[: next(same, len(first))]


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
