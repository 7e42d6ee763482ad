"""CHAIR (Rohrbach et al. 2018): which things does a caption name that are not in the picture?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.intervals import ratio

_WORD = re.compile(r"[a-z]+")

#: Two-word names of the COCO table's word list that are one thing (LisaAnne/Hallucination, utils/chair.py).
COCO_COMPOUNDS = (
    "motor bike", "motor cycle", "air plane", "traffic light", "street light", "traffic signal", "stop light",
    "fire hydrant", "stop sign", "parking meter", "suit case", "sports ball", "baseball bat", "baseball glove",
    "tennis racket", "wine glass", "hot dog", "cell phone", "mobile phone", "teddy bear", "hair drier", "potted plant",
    "bow tie", "laptop computer", "stove top oven", "home plate", "train track",
)  # fmt: skip


class ThingWords:
    """Words that name things: a table ``node -> words``, and two-word names."""

    def __init__(self, table: Mapping[str, Iterable[str]], compounds: Iterable[str] = ()) -> None:
        self.node = {word: node for node, words in table.items() for word in words}
        pairs = [word for word in self.node if " " in word]
        self.compounds = {tuple(name.split()): name for name in (*compounds, *pairs) if len(name.split()) == 2}

    @classmethod
    def from_synonyms(cls, text: str) -> ThingWords:
        """The published ``synonyms.txt``: a line a node, its first entry the node."""
        rows = ([word.strip() for word in line.split(",")] for line in text.strip().splitlines())
        return cls({row[0]: row for row in rows}, COCO_COMPOUNDS)

    def node_of(self, word: str) -> str | None:
        """The node that a word names, in singular or plural."""
        return next((self.node[form] for form in (word, *singulars(word)) if form in self.node), None)

    def mentions(self, caption: str) -> list[str]:
        """Nodes in the order in which the caption names them, repeats and negated ones too (as the official script)."""
        words = _WORD.findall(caption.lower())
        found: list[str] = []
        place = 0
        while place < len(words):
            name = self._compound(words[place : place + 2])
            node = self.node_of(name or words[place])
            place += 2 if name else 1
            if node is not None:
                found.append(node)
        if "toilet" in found:
            found = [node for node in found if node != "seat"]
        return found

    def _compound(self, pair: list[str]) -> str | None:
        if len(pair) < 2:
            return None
        return next(
            (self.compounds[(pair[0], w)] for w in (pair[1], *singulars(pair[1])) if (pair[0], w) in self.compounds),
            None,
        )


_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "people": "person", "mice": "mouse", "geese": "goose",
    "teeth": "tooth", "feet": "foot", "oxen": "ox", "policemen": "policeman", "firemen": "fireman",
}  # fmt: skip


def singulars(word: str) -> list[str]:
    """Possible singulars of a word, by the rules of English spelling. (The official script uses a library's rules.)"""
    if word in _IRREGULAR:
        return [_IRREGULAR[word]]
    if not word.endswith("s") or word.endswith("ss"):
        return []
    forms = [word[:-1]]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    if word.endswith("ves"):
        forms += [word[:-3] + "f", word[:-3] + "fe"]
    if word.endswith("es"):
        forms.append(word[:-2])
    return forms


def chair_columns(mentioned: list[str], truth: set[str]) -> dict[str, float]:
    """One caption's counts for ``chair_scores``."""
    false = sum(node not in truth for node in mentioned)
    return {
        "captions": 1.0,
        "mentions": float(len(mentioned)),
        "hallucinated": float(false),
        "with_hallucination": float(false > 0),
        "true_things": float(len(truth)),
        "covered": float(len(set(mentioned) & truth)),
    }


def chair_scores(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """CHAIR_i over mentions, CHAIR_s over captions, and recall of the things that are there; all as shares."""
    return {
        "chair_i": ratio(sums["hallucinated"], sums["mentions"]),
        "chair_s": ratio(sums["with_hallucination"], sums["captions"]),
        "recall": ratio(sums["covered"], sums["true_things"]),
    }
