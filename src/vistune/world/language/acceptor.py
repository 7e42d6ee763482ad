"""Which sentences the grammar of the captions can have said: its templates with any noun phrases, true or not.

The share of such sentences is fluency by the generating grammar itself: right forms, articles, plurals and verbs, whatever is
said. Good English that the grammar does not have is not accepted.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vistune.world.language.captions import TEMPLATES
from vistune.world.language.grammar import (
    GROUP_NOUNS,
    NUMBERS,
    PLACES,
    PREDICATE_STATES,
    RELATION_WORDS,
    is_person,
    regular_plural,
)
from vistune.world.vocabulary import COLOURS, KINDS, PATTERNS, SIZES

_SENTENCE = re.compile(r'(?:"[^"]*"|[^".!?\n])+[.!?\n]*')


def sentences_of(text: str) -> list[str]:
    """The sentences of a text with the mark that ends them; marks between quotation marks end none."""
    return [found.strip() for found in _SENTENCE.findall(text) if re.search(r"\w", found)]


def accepted(sentence: str) -> bool:
    """Whether the captions' grammar has this sentence, in any case of letters. It ends in a full stop."""
    return _grammar().fullmatch(" ".join(sentence.lower().split())) is not None


def accepted_share(text: str) -> float:
    """Share of a text's sentences that are accepted; 0 for an empty text."""
    told = sentences_of(text)
    return sum(map(accepted, told)) / len(told) if told else 0.0


def _any(words: object) -> str:
    """One of the words, longer ones first."""
    told = sorted({str(w).lower() for w in words}, key=lambda w: (-len(w), w))  # type: ignore[attr-defined]
    return f"(?:{'|'.join(map(re.escape, told))})"


def _listed(first: str, other: str) -> str:
    """``x``, ``x and y``, ``x, y and z``."""
    return f"{first}(?:(?:, {other})* and {other})?"


def _nouns(several: bool) -> tuple[str, str]:
    """Nouns of things and of people: kinds with their synonyms, groups, "thing"."""
    sorts: tuple[set[str], set[str]] = ({"things" if several else "thing"}, set())
    for kind in KINDS:
        forms = [kind.plural, *map(regular_plural, kind.synonyms)] if several else [kind.name, *kind.synonyms]
        sorts[is_person(kind.name)].update(forms)
    for group, forms in GROUP_NOUNS.items():
        sorts[is_person(group)].add(forms[several])
    return _any(sorts[0]), _any(sorts[1])


def _bare_phrase(several: bool) -> str:
    """A noun phrase without its article: ``small open red striped boxes that are on``, ``boy in red clothes``."""
    states = {state for kind in KINDS for state in kind.states}
    colour, pattern = _any(COLOURS), _any(PATTERNS)
    before = f"(?:{_any(SIZES)} )?(?:{_any(states - PREDICATE_STATES)} )?"
    things, people = _nouns(several)
    after = f"(?: that {'are' if several else 'is'} {_any(PREDICATE_STATES)})?"
    clothes = f"(?: in (?:{colour}|{pattern}|{colour} {pattern}) clothes)?"
    return f"{before}(?:(?:{colour} )?(?:{pattern} )?{things}{after}|{people}{clothes})"


@lru_cache(maxsize=1)
def _grammar() -> re.Pattern[str]:
    one, many = _bare_phrase(False), _bare_phrase(True)
    single = f"(?:(?:a (?![aeiou])|an (?=[aeiou])|one ){one})"
    several = f"(?:(?:no|{_any(NUMBERS[2:])}|[1-9][0-9]+) {many})"
    either = f"(?:{single}|{several})"
    the = f"(?:the {one})"
    states = {state for kind in KINDS for state in kind.states}
    looks = _listed(*[_any({*COLOURS, *PATTERNS})] * 2)
    slots = {
        "the_place": f"the {_any(PLACES)}", "in_place": _any(PLACES.values()), "things": _listed(either, either),
        "n": either, "r": _any(form for forms in RELATION_WORDS.values() for form in forms), "y": the, "x": the,
    }  # fmt: skip
    found = [
        slots["things"] + r"\.", r"nothing\.", f"{the} is {looks}\\.", f"the clothes of {the} are {looks}\\.",
        f"{the} is {_any({*SIZES, *states})}\\.", f'"[^"]+" is written on {the}\\.',
    ]  # fmt: skip
    for template in TEMPLATES:
        for sentence in sentences_of(template):
            found += _forms(sentence, slots, single, several, either)
    return re.compile("|".join(f"(?:{form})" for form in dict.fromkeys(found)))


def _forms(sentence: str, slots: dict[str, str], single: str, several: str, either: str) -> list[str]:
    """A template as patterns; where it has a verb that agrees, one for each number."""
    words = re.sub(r"\\([{}])", r"\1", re.escape(sentence.lower())).replace("\\ ", " ")
    if "{are}" not in words:
        return [_filled(words, slots)]
    cases = (("is", single, either), ("are", several, either))
    return [_filled(words, {**slots, "are": v, "things": _listed(f, o), "n": f}) for v, f, o in cases]


def _filled(words: str, slots: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: slots[found[1]], words)
