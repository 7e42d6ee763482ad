"""Text drawn in any of the languages: Arabic letters joined and laid from right to left."""

from __future__ import annotations

import unicodedata
from functools import cache

from vistune.world.fonts import Face

#: The blocks of Unicode that hold joined letters.
_JOINED = (*range(0xFB50, 0xFDFF), *range(0xFE70, 0xFEFD))


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Letter (or lam and alif) -> form (isolated, final, initial, medial) -> its character, from Unicode's own tables."""
    found: dict[str, dict[str, str]] = {}
    for code in _JOINED:
        parts = unicodedata.decomposition(chr(code)).split()
        if parts and parts[0] in ("<isolated>", "<final>", "<initial>", "<medial>"):
            letters = "".join(chr(int(part, 16)) for part in parts[1:])
            if len(letters) == 1 or (len(letters) == 2 and letters[0] == "ل" and letters[1] in "اأإآ"):
                found.setdefault(letters, {}).setdefault(parts[0][1:-1], chr(code))
    return found


def shape(text: str) -> str:
    """Arabic text as the characters to draw from left to right: joined, turned round, digits and Latin words kept."""
    forms, joined, k = _forms(), [], 0
    while k < len(text):
        step = 2 if text[k : k + 2] in forms and len(text[k : k + 2]) == 2 else 1
        letter = text[k : k + step]
        if letter not in forms:
            joined.append(letter)
        else:
            after = text[k + step] if k + step < len(text) else ""
            back = k > 0 and "initial" in forms.get(text[k - 1], {}) and _receives(letter)
            ahead = "initial" in forms[letter] and after in forms and _receives(after)
            form = {
                (False, False): "isolated",
                (True, False): "final",
                (False, True): "initial",
                (True, True): "medial",
            }
            joined.append(forms[letter].get(form[back, ahead], letter))
        k += step
    return "".join(reversed(joined))


def _receives(letter: str) -> bool:
    """Whether the letter before can be joined to it: all but a lone hamza."""
    return "final" in _forms().get(letter, {})


def is_arabic(text: str) -> bool:
    """Whether a text has Arabic letters."""
    return any("\u0600" <= c <= "\u06ff" for c in text)


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese characters or their punctuation."""
    return any("\u3000" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in text)


def drawn(text: str) -> tuple[str, Face]:
    """The characters to draw and the face that has them."""
    if is_arabic(text):
        return shape(text), "arabic"
    if is_chinese(text):
        return text, "chinese"
    return text, "sans"
