"""Figures and names as people read them."""

from __future__ import annotations

import re

#: Words that are written in capitals.
_CAPITALS = {
    word: word.upper()
    for word in (
        "qa", "vqa", "pope", "chair", "coco", "nlvr", "nlvr2", "mme", "gqa", "mmmu", "vsr", "aro", "amber", "r2r", "cv", "vl",
        "mm", "xgqa", "ai2d", "rad", "gavie", "dnli",
    )
}  # fmt: skip
#: Measures that are known by another name than the one that they have in files.
_MEASURES = {"chair_s": "CHAIRs", "chair_i": "CHAIRi", "f1": "F1", "cider": "CIDEr", "unparsed": "unread"}


def plain(name: str) -> str:
    """A name without underscores."""
    return name.replace("_", " ")


def measure_name(measure: str) -> str:
    """``chair_s`` -> ``CHAIRs``, ``yes_rate`` -> ``yes rate``."""
    return _MEASURES.get(measure, plain(measure))


def title_of(name: str) -> str:
    """``world_qa_flat`` -> ``World QA flat``; ``pope: yes`` -> ``POPE: yes``."""
    words = re.sub(r"\w+", lambda word: _CAPITALS.get(word[0], word[0]), plain(name))
    return words[:1].upper() + words[1:]


def duration(seconds: float) -> str:
    """``45 s``, ``2 min 05 s``, ``3 h 20 min``."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 6000:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def short_count(value: float) -> str:
    """1234567 -> 1.23M."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"
