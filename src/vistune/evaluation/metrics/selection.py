"""Choices that are not one of four letters: several right options (MMComposition), where a custom is from (GIMMICK), which of
two paths (PathEval).
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from vistune.core.errors import DataError
from vistune.evaluation.metrics.choices import LETTERS

PathMode = Literal["official", "lenient"]
#: Words that may stand between letters in a list of them.
_JOINERS = frozenset(["and", "or", "option", "options", "answer", "answers", "the", "is", "are"])


def parse_letters(answer: str, options: int) -> frozenset[int] | None:
    """All options that an answer names: "A, C", "A and C", "(A)(C)", "AC"; None where it names none.

    Letters count in any case in an answer of nothing else; in a sentence only capital ones do, so that its words are not
    taken apart (MMComposition's scorer is not published; the card's rule).
    """
    allowed = LETTERS[:options]
    words = re.findall(r"[A-Za-z]+", answer)
    grouped = [w for w in words if set(w.upper()) <= set(allowed) and len(set(w.upper())) == len(w)]
    terse = all(w in grouped or w.lower() in _JOINERS for w in words)
    named = {letter for w in grouped if terse or w.isupper() for letter in w.upper()}
    return frozenset(allowed.index(letter) for letter in named) or None


def selection_scores(said: Collection[int], right: Collection[int], options: int) -> dict[str, float]:
    """MMComposition's three scores of a selection: ``exact``; ``partial``, the share of the right ones that were named, 0 where
    a wrong one was; ``options``, the share of the options that were taken or left rightly.
    """
    told, truth = set(said), set(right)
    return {
        "exact": float(told == truth),
        "partial": len(told & truth) / len(truth) if told <= truth and truth else 0.0,
        "options": sum((k in told) == (k in truth) for k in range(options)) / options,
    }


def exact_chance(options: int) -> float:
    """Chance of the exact selection where its size is not known: one of all that are not empty."""
    return 1 / (2**options - 1)


def origin_options(
    target: str, valid: Collection[str], pool: Collection[str], rng: random.Random, wrong: int = 3
) -> tuple[list[str], int]:
    """GIMMICK's options for one origin: ``wrong`` others of the ``pool`` that are no origin of the thing, shuffled; and where
    the target stands. The pool is sorted first: the original samples from a list made of a set, whose order differs between
    processes. Raises ``DataError`` where the pool has too few.
    """
    others = sorted(set(pool) - set(valid))
    if target not in valid:
        raise DataError(f"'{target}' is none of the origins {sorted(valid)}.")
    if len(others) < wrong:
        raise DataError(f"Only {len(others)} wrong options are left beside {sorted(valid)}; {wrong} are needed.")
    options = [*rng.sample(others, wrong), target]
    rng.shuffle(options)
    return options, options.index(target)


def country_pool(
    countries: Mapping[str, Sequence[str]], regions: Sequence[str], valid: Collection[str], hard: bool = True
) -> list[str]:
    """Countries that GIMMICK draws wrong options from: those of the thing's own regions where that leaves three or more
    beside the right ones (``hard``), else all. ``countries``: region -> countries.
    """
    every = [name for own in countries.values() for name in own]
    if not hard:
        return every
    near = [name for region in regions for name in countries[region]]
    return near if len(near) - len(valid) >= 3 else [*near, *every]


def parse_path(answer: str, names: Sequence[str] = ("Path 1", "Path 2"), mode: PathMode = "official") -> int | None:
    """Which of two paths an answer names, 0 or 1; None where it names neither.

    ``official`` (PathEval): what stands between "Answer:" and "Explanation:", without blanks, line ends, full stops and
    stars, is the name, in any case. ``lenient``: the one name that occurs anywhere.
    """

    def bare(text: str) -> str:
        return re.sub(r"[ \n.*]", "", text).lower()

    if mode == "lenient":
        named = [k for k, name in enumerate(names) if bare(name) in bare(answer)]
        return named[0] if len(named) == 1 else None
    said = answer.split("Answer:")[1] if "Answer:" in answer else answer
    said = bare(said.split("Explanation:")[0])
    return next((k for k, name in enumerate(names) if said == bare(name)), None)
