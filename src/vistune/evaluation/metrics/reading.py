"""How well a text was read off a picture."""

from __future__ import annotations

from collections.abc import Sequence


def edit_distance(reference: Sequence[object], other: Sequence[object]) -> int:
    """Least number of insertions, deletions and replacements that turn one sequence into the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def word_error_rate(reference: str, read: str) -> float:
    """Edits between the words over the reference's words; above 1 where more is read than stands there.

    Words are what blanks separate, letter case and punctuation count. An empty reference gives the number of words read.
    """
    return edit_distance(reference.split(), read.split()) / max(len(reference.split()), 1)


def character_error_rate(reference: str, read: str) -> float:
    """The same of characters, runs of blanks as one."""
    wanted, got = " ".join(reference.split()), " ".join(read.split())
    return edit_distance(wanted, got) / max(len(wanted), 1)
