"""Statements and lists read word by word, without the grammar's own tables; places from the pixels of the masks."""

from __future__ import annotations

import re
from itertools import permutations

import numpy as np

from vistune.world.annotate import instance_map
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS

NUMBERS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
LOOKS = {
    **dict.fromkeys(COLOURS, "colour"),
    **dict.fromkeys(PATTERNS, "pattern"),
    "small": "size",
    "big": "size",
    "medium": "size",
}
NOUNS = {word: k.name for k in KIND_BY_NAME.values() for word in (k.name, k.plural)}


def fitting(scene: Scene, words: str) -> list[int]:
    """Things that a phrase fits, word by word, without the grammar's own tables."""
    wanted: dict[str, str] = {}
    tokens = [
        w for w in re.findall(r"[a-z]+", words) if w not in ("a", "an", "the", "in", "clothes", "that", "is", "are")
    ]
    for token in tokens:
        if token in NUMBERS:
            continue
        if token in NOUNS:
            wanted["kind"] = NOUNS[token]
        else:
            wanted[LOOKS.get(token, "state")] = token
    return [i for i, t in enumerate(scene.things) if all(getattr(t, k) == v for k, v in wanted.items())]


def slowly_true(scene: Scene, text: str) -> bool:
    """A statement read word by word, its places from the pixels of the masks."""
    body = text.rstrip(".")
    if match := re.fullmatch(r'(.*) says "(.*)"', body):
        (index,) = fitting(scene, match[1])
        return scene.things[index].label == match[2]
    if match := re.fullmatch(r"(the .*?) is (left of|right of|in front of|behind|above|below) (the .*)", body):
        (i,), (j,) = fitting(scene, match[1]), fitting(scene, match[3])
        seen = instance_map(scene, 128)
        a, b = (np.argwhere(seen == k).mean(0) for k in (i, j))
        first, second = scene.things[i], scene.things[j]
        return {
            "left of": a[1] < b[1],
            "right of": a[1] > b[1],
            "above": a[0] < b[0],
            "below": a[0] > b[0],
            "in front of": first.depth < second.depth,
            "behind": first.depth > second.depth,
        }[match[2]]
    for part in re.split(r", | and ", re.sub(r"^there (is|are) ", "", body)):
        number = next((NUMBERS[w] for w in part.split() if w in NUMBERS), None)
        found = len(fitting(scene, part))
        if found == 0 if number is None else found != number:
            return False
    return True


def can_be_true(scene: Scene, text: str) -> bool:
    """Whether a list of single things (``a red ball, a cup and a dog.``) can be true: each part of another thing."""
    parts = [fitting(scene, part) for part in re.split(r", | and ", text.rstrip("."))]
    if len(parts) > len(scene.things):
        return False
    orders = permutations(range(len(scene.things)), len(parts))
    return any(all(i in fits for i, fits in zip(order, parts, strict=True)) for order in orders)
