"""Which language a text is in: for the share of answers that come in the language asked for (language fidelity)."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import product

from vistune.world.tongues.languages import TONGUES
from vistune.world.tongues.meaning import RELATIONS, TYPES, Meaning, Np
from vistune.world.tongues.shaping import is_arabic, is_chinese
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS, SETTINGS

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
#: This share of a text's words at least must be a language's own.
LEAST = 0.5


def identify(text: str) -> str | None:
    """The code of the language of a text, by its letters and its words; None if that cannot be told.

    The vocabulary is the nano world's. A text that fits two languages alike ("no", "rose") is nobody's.
    """
    if is_arabic(text):
        return "ar"
    if is_chinese(text):
        return "zh"
    words = _words(text)
    if not words:
        return None
    shares = {code: sum(w in known for w in words) / len(words) for code, known in _vocabularies().items()}
    best = max(shares.values())
    fitting = [code for code, share in shares.items() if share == best]
    return fitting[0] if best >= LEAST and len(fitting) == 1 else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\u0307", ""))


@cache
def _vocabularies() -> dict[str, frozenset[str]]:
    """The words of each language in Latin letters, from all that it can say of each kind."""
    meanings = list(_all_said())
    return {
        code: frozenset(w for text in (_everything(code, meanings)) for w in _words(text))
        for code in TONGUES
        if code not in ("ar", "zh")
    }


def _all_said() -> list[Meaning]:
    rng = random.Random("identify")
    said = [Meaning("setting")]
    colours, patterns = tuple(COLOURS), [p for p in PATTERNS if p != "plain"]
    for kind, colour in product(KIND_BY_NAME, colours):
        np = Np(kind, 1, colour, rng.choice(("small", "big")), rng.choice(patterns))
        other = Np(rng.choice(list(KIND_BY_NAME)), 1, rng.choice(colours))
        several = Np(kind, rng.randint(2, 10), colour, np.size, np.pattern)
        type = rng.choice([t for t in TYPES if t not in ("setting", "choice")])
        relation = rng.choice(RELATIONS)
        said += [Meaning(type, np, other, relation), Meaning("stands", np, other, relation)]
        said.append(Meaning("there", setting=rng.choice(SETTINGS), groups=(several, np)))
        said.append(Meaning("choice", np, options=(colour, rng.choice(colours))))
        said.append(Meaning("point", np))
    return said


def _everything(code: str, meanings: list[Meaning]) -> list[str]:
    tongue = TONGUES[code]
    texts = [tongue.say(meaning) for meaning in meanings]
    setting = Meaning("setting")
    texts += [tongue.answer(setting, place) for place in SETTINGS]
    texts += [tongue.answer(m, value) for m in meanings if m.type == "count" for value in range(11)]
    texts += [tongue.value("pattern", pattern, "dog") for pattern in PATTERNS]
    texts += [tongue.value("colour", colour, "dog") for colour in COLOURS]
    return [
        *texts,
        tongue.yes_no("relation", True),
        tongue.yes_no("relation", False),
        tongue.INSTRUCTION,
        *tongue.DESCRIBE,
    ]
