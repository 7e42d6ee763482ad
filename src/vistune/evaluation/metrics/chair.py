"""CHAIR (Rohrbach et al. 2018): which things does a caption name that are not in the picture?

``official`` follows LisaAnne/Hallucination, utils/chair.py: every mention counts, denied ones too, and only its fixed list of
two-word names is joined. ``strict`` leaves out mentions that are denied ("there is no dog") and joins every name of the table,
hyphenated ones too. The official script makes singulars with a library; here they are looked up in the table (``singulars``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*|[.,;:!?]")
CocoFile = dict[str, list[dict[str, Any]]]
_END = frozenset(".;!?")

_ANIMALS = ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "animal", "cub"]
_COMPOUNDS = (
    "motor bike", "motor cycle", "air plane", "traffic light", "street light", "traffic signal", "stop light",
    "fire hydrant", "stop sign", "parking meter", "suit case", "sports ball", "baseball bat", "baseball glove",
    "tennis racket", "wine glass", "hot dog", "cell phone", "mobile phone", "teddy bear", "hair drier", "potted plant",
    "laptop computer", "stove top oven", "home plate", "train track",
)  # fmt: skip
#: The official list for COCO: two words -> the word that they are taken for. (Its one name of three words never fires.)
COCO_COMPOUNDS: dict[str, str] = {
    **{name: name for name in _COMPOUNDS},
    **{f"{age} {animal}": animal for age in ("baby", "adult") for animal in _ANIMALS},
    "passenger jet": "jet",
    "passenger train": "train",
    "bow tie": "tie",
    "toilet seat": "toilet",
}
_DENIALS = frozenset({"no", "not", "without", "neither", "nor", "never"})
#: A denial reaches this many words: "without any big red dog".
_REACH = 4


class ThingWords:
    """Words that name things: a table ``node -> words``, and names of several words with what they stand for.

    Without ``compounds`` the table's own names of several words are joined.
    """

    def __init__(
        self, table: Mapping[str, Iterable[str]], compounds: Mapping[str, str] | None = None, mode: Mode = "official"
    ) -> None:
        self.node = {word: node for node, words in table.items() for word in (node, *words)}
        joined = dict(compounds or {})
        if compounds is None or mode == "strict":
            joined |= {word: word for word in self.node if " " in word}
        longest = 3 if mode == "strict" else 2
        self.compounds = {tuple(k.split()): v for k, v in joined.items() if 2 <= len(k.split()) <= longest}
        self.longest = max(map(len, self.compounds), default=1)
        self.mode: Mode = mode

    @classmethod
    def from_synonyms(cls, text: str, mode: Mode = "official") -> ThingWords:
        """The published ``synonyms.txt``: a line a node, its first entry the node; with the official two-word names."""
        rows = [[word.strip() for word in line.split(",")] for line in text.strip().splitlines()]
        return cls({row[0]: row for row in rows}, COCO_COMPOUNDS, mode)

    def node_of(self, word: str) -> str | None:
        """The node that a word names, in singular or plural."""
        return next((self.node[form] for form in (word, *singulars(word)) if form in self.node), None)

    def mentions(self, caption: str) -> list[str]:
        """Nodes in the order in which the caption names them, repeats too."""
        words = _words(caption, split_hyphens=self.mode == "strict")
        names: list[str] = []
        place, reach = 0, 0
        while place < len(words):
            name, size = self._name(words, place)
            reach = 0 if words[place] in _END else _REACH + 1 if words[place] in _DENIALS else max(0, reach - 1)
            if self.mode == "official" or not reach:
                names.append(name)
            place += size
        if "toilet" in names and "seat" in names:
            names = [name for name in names if name != "seat"]
        return [node for node in map(self.node_of, names) if node is not None]

    def _name(self, words: Sequence[str], place: int) -> tuple[str, int]:
        """The name that starts here, and of how many words it is."""
        for size in range(min(self.longest, len(words) - place), 1, -1):
            found: list[tuple[str, ...]] = [()]
            for word in words[place : place + size]:
                found = [(*start, form) for start in found for form in (word, *singulars(word))]
            name = next((self.compounds[forms] for forms in found if forms in self.compounds), None)
            if name is not None:
                return name, size
        return words[place], 1


def _words(caption: str, split_hyphens: bool) -> list[str]:
    text = caption.lower()
    return _WORD.findall(text.replace("-", " ") if split_hyphens else text)


_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "people": "person", "mice": "mouse", "geese": "goose",
    "teeth": "tooth", "feet": "foot", "oxen": "ox", "policemen": "policeman", "firemen": "fireman",
    "businessmen": "businessman", "grandchildren": "grandchild", "calves": "calf", "wolves": "wolf",
}  # fmt: skip


def singulars(word: str) -> list[str]:
    """Possible singulars of a word, by the rules of English spelling."""
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


def coco_truth(segments: CocoFile, told: CocoFile, words: ThingWords) -> dict[int, set[str]]:
    """Things of each picture: its segments' categories and what its reference captions name (the official union).

    ``segments`` and ``told`` are COCO's files of instances and captions; pictures that only one of them lists are left out.
    """
    names = {category["id"]: category["name"] for category in segments["categories"]}
    known = {image["id"] for image in segments["images"]} & {note["image_id"] for note in told["annotations"]}
    truth: dict[int, set[str]] = {number: set() for number in known}
    for note in segments["annotations"]:
        node = words.node_of(names[note["category_id"]])
        if note["image_id"] in truth and node is not None:
            truth[note["image_id"]].add(node)
    for note in told["annotations"]:
        if note["image_id"] in truth:
            truth[note["image_id"]].update(words.mentions(note["caption"]))
    return truth


def read_coco(path: Path) -> CocoFile:
    """A COCO annotation file. Raises ``DataError``."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no COCO annotation file: {error}.") from error
    if not isinstance(content, dict) or not {"images", "annotations"} <= set(content):
        raise DataError(f"{path} is no COCO annotation file: it needs 'images' and 'annotations'.")
    return content


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


#: Captions are cut after so many words to be compared at one length.
CUTS: tuple[int, ...] = (8, 16, 32, 64)


def cut_words(caption: str, words: int) -> str:
    """The caption's first words."""
    return " ".join(caption.split()[:words])


def length_columns(caption: str, truth: set[str], words: ThingWords, cuts: Sequence[int] = CUTS) -> dict[str, float]:
    """One caption's counts at each cut, and the moments of its length and its false mentions for a slope.

    A caption shorter than a cut has no part in that cut: short captions must not make long ones look good.
    """
    length = len(caption.split())
    found: dict[str, float] = {}
    for cut in cuts:
        long_enough = float(length >= cut)
        counts = chair_columns(words.mentions(cut_words(caption, cut)), truth)
        found |= {f"{name}@{cut}": long_enough * value for name, value in counts.items()}
    whole = chair_columns(words.mentions(caption), truth)
    false, size = whole["hallucinated"], float(length)
    moments = {"n": 1.0, "x": size, "y": false, "xx": size * size, "xy": size * false}
    return {**whole, **found, **moments}


def length_measures(
    sums: Mapping[str, NDArray[np.float64]], cuts: Sequence[int] = CUTS
) -> dict[str, NDArray[np.float64]]:
    """CHAIR of whole captions, ``chair_i@N``, ``chair_s@N`` and ``recall@N`` of the first N words of those that have so many
    (``share@N`` of all), ``slope`` (false mentions for ten more words, least squares over captions) and ``words`` (mean length).
    """
    found = chair_scores(sums)
    for cut in cuts:
        own = chair_scores({name: sums[f"{name}@{cut}"] for name in ("hallucinated", "mentions", "with_hallucination",
                                                                      "captions", "covered", "true_things")})  # fmt: skip
        found |= {f"{name}@{cut}": value for name, value in own.items()}
        found[f"share@{cut}"] = ratio(sums[f"captions@{cut}"], sums["captions"])
    n, x, y, xx, xy = (sums[name] for name in ("n", "x", "y", "xx", "xy"))
    return {**found, "slope": 10 * ratio(n * xy - x * y, n * xx - x * x), "words": ratio(x, n)}
