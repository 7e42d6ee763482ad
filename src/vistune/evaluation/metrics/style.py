"""Style of an answer as counts that ratings can hold equal: length, headers, lists, bold (FastChat's style control)."""

from __future__ import annotations

import re

FEATURES = ("length", "headers", "lists", "bold")
_CODE = re.compile(r"```.*?```", re.S)
_HEADER = re.compile(r"^#{1,6}\s", re.M)
_LIST = re.compile(r"^\s*(?:\d+[.)]|[-*+])\s", re.M)
_BOLD = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__")


def style_of(text: str) -> dict[str, float]:
    """Counts of a Markdown answer by feature. ``length`` is in words (FastChat: in tokens of one tokenizer).

    What stands in fenced code counts as length only.
    """
    prose = _CODE.sub("", text)
    found = (len(text.split()), *(len(mark.findall(prose)) for mark in (_HEADER, _LIST, _BOLD)))
    return dict(zip(FEATURES, map(float, found)))


def style_pairs(a: str, b: str) -> dict[str, tuple[float, float]]:
    """Both answers' counts, as ``Battle.style`` takes them."""
    left, right = style_of(a), style_of(b)
    return {name: (left[name], right[name]) for name in FEATURES}
