"""TabMWP's answers (Lu et al., arXiv 2209.14610): found in a text, brought to one form, compared.

``official`` follows the authors' evaluator (lupantech/PromptPG) with its oddities: where nothing of an answer can be read,
the first choice is taken; a letter beyond the choices is drawn from them; "[Th]he answer is" only fits a capital T.
``strict`` leaves such answers unread.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from vistune.evaluation.metrics.answers import Mode

LETTERS = "ABCDEFGH"
_FRACTION = re.compile(r"\$?\\frac\{([\d.,\-]+)\}\{([\d.,]+)\}\$?")
_LAST_STOP = re.compile(r"(?<![AP]\.M)\.$")
_EQUALS = re.compile(r"(?<=\d)=(?=[\-$\d])")
#: Where a letter stands; the first one that fits counts. Any character may follow the letter in the third.
_LETTER = tuple(
    re.compile(pattern)
    for pattern in (
        r"^\(([A-Za-z])\)$", r"^([A-Za-z])$", r"^([A-Za-z]). ", r"[Th]he answer is ([A-Z])",
        r"^\(([A-Za-z])\) [\s\S]+$", r"[Th]he answer is \(([A-Za-z])\) [\s\S]+$",
    )
)  # fmt: skip
#: Where a free answer stands; of the first pattern that fits, the last place.
_FREE = tuple(
    re.compile(pattern)
    for pattern in (
        r"[Th]he answer is ([\s\S]+)$", r"[Th]he table shows that ([\d$.,/:]+) ", r" = ([\d$.,/:]+)",
        r"(?<= be| is) ([\-\d$.,/:]*\d+)", r"(?<= are| was) ([\-\d$.,/:]*\d+)", r"(?<= were) ([\-\d$.,/:]*\d+)",
        r" ([\d$.,/:]+ [AP]\.M\.)", r"([\-\d$.,/:]*\d+)",
    )
)  # fmt: skip
_NUMBER = re.compile(r"[-+]?[\d,./]+")
_WHOLE = re.compile(r"[-+]?\d+")
_SEED = 123


def _likeness(one: str, other: str) -> float:
    """2 for equal texts; with a blank in either, shared words over the longer's; else 0."""
    if one == other:
        return 2.0
    if " " not in one and " " not in other:
        return 0.0
    a, b = one.split(" "), other.split(" ")
    return len(set(a) & set(b)) / max(len(a), len(b))


def _choice(said: str, choices: Sequence[str], mode: Mode) -> str | None:
    for pattern in _LETTER:
        found = pattern.findall(said)
        letter = found[0].upper() if found else ""
        if letter and letter in LETTERS:
            place = LETTERS.index(letter)
            if place < len(choices):
                return choices[place]
            return random.Random(_SEED).choice(list(choices)) if mode == "official" else None
    scores = [_likeness(choice, said) for choice in choices]
    best = max(scores)
    return choices[scores.index(best)] if best > 0 or mode == "official" else None


def extract_tabmwp(answer: str, choices: Sequence[str] | None = None, mode: Mode = "official") -> str | None:
    """What an answer says: one of the ``choices`` where there are some, else a number, a time or the text itself.

    None: unread (``strict`` only).
    """
    said = _FRACTION.sub(r"\1/\2", answer)
    said = _EQUALS.sub(" = ", _LAST_STOP.sub("", said)).replace("\N{MINUS SIGN}", "-")
    if choices:
        return _choice(said, choices, mode)
    for pattern in _FREE:
        found = pattern.findall(said)
        if found:
            told = found[-1].strip()
            return told[:-1] if told.endswith(".") and ".M." not in told else told
    return said if said or mode == "official" else None


def normalise_tabmwp(text: str, unit: str | None = None) -> str:
    """The evaluator's normal form: a dollar before and one mark after go; numbers without commas, fractions as decimals of
    three places, no zeros after the point; other texts without the unit. "7:25 P.M." loses its last dot, on both sides.
    """
    text = re.sub(r"^\$", "", text)
    text = re.sub(r"[,./]$", "", text)
    if not _NUMBER.fullmatch(text):
        return text.replace(unit, "").strip() if unit else text
    plain = text.replace(",", "")
    try:
        if _WHOLE.fullmatch(plain):
            value: float = int(plain)
        elif "/" in plain:
            value = round(float(plain.split("/")[0]) / float(plain.split("/")[1]), 3)
        else:
            value = round(float(plain), 3)
    except (ValueError, ZeroDivisionError):
        return plain
    return re.sub(r"\.0+$", "", str(value))


def tabmwp_right(
    answer: str, truth: str, choices: Sequence[str] | None = None, unit: str | None = None, mode: Mode = "official"
) -> bool:
    """Equal in lower case after extraction and normal form."""
    told = extract_tabmwp(answer, choices, mode)
    return told is not None and normalise_tabmwp(told, unit).lower() == normalise_tabmwp(truth, unit).lower()
