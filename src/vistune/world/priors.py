"""What is found where, and in which colour: the prior that a model can learn and be misled by.

Three priors: ``skewed`` follows these tables, ``flat`` ignores them, ``inverted`` favours what they make rare.
"""

from __future__ import annotations

import random
from functools import cache

from vistune.world.scene import Prior
from vistune.world.vocabulary import COLOURS, KINDS, PATTERNS, SETTINGS

#: Weight of kinds in a setting; a kind that is not named has weight ``ELSEWHERE``.
FOUND: dict[str, dict[str, float]] = {
    "kitchen": {"table": 10, "cup": 9, "chair": 7, "apple": 6, "cake": 5, "egg": 5, "pizza": 5, "banana": 5, "carrot": 4,
                "woman": 3, "man": 3, "cat": 2, "lamp": 2, "box": 2},
    "bedroom": {"bed": 10, "lamp": 8, "book": 8, "ball": 5, "block": 5, "drum": 4, "chair": 4, "sofa": 5, "girl": 4,
                "boy": 4, "cat": 4, "shoe": 4, "hat": 3, "box": 4, "balloon": 2},
    "garden": {"flower": 10, "tree": 8, "rabbit": 6, "mushroom": 6, "bird": 6, "cactus": 5, "cat": 3, "dog": 4, "girl": 3,
               "woman": 3, "chair": 3, "carrot": 3, "ball": 2},
    "farm": {"cow": 10, "horse": 9, "tree": 6, "dog": 5, "man": 4, "truck": 5, "duck": 4, "egg": 3, "carrot": 3, "rabbit": 3,
             "bird": 3, "boy": 2},
    "street": {"car": 10, "bus": 8, "bike": 8, "truck": 6, "man": 5, "woman": 5, "tree": 4, "dog": 4, "umbrella": 4, "hat": 2,
               "lamp": 3, "plane": 2, "bird": 2},
    "lake": {"boat": 10, "duck": 9, "fish": 8, "tree": 6, "bird": 5, "plane": 2, "man": 3, "boy": 3, "flower": 2, "dog": 2},
    "beach": {"umbrella": 9, "ball": 8, "boat": 6, "fish": 5, "kite": 6, "girl": 4, "boy": 4, "hat": 5, "bird": 4, "plane": 3,
              "shoe": 3, "dog": 2, "woman": 3},
    "playground": {"ball": 9, "kite": 8, "balloon": 8, "boy": 7, "girl": 7, "bike": 5, "drum": 4, "block": 4, "dog": 3, "tree": 4,
                   "bird": 2, "shoe": 2},
}  # fmt: skip
ELSEWHERE = 0.12

#: What tends to be there too once a thing is there.
COMPANIONS: dict[str, tuple[str, ...]] = {
    "table": ("cup", "chair", "cake"), "bed": ("lamp", "book"), "cow": ("horse",), "boat": ("fish", "duck"),
    "tree": ("bird",), "car": ("bus", "bike"), "girl": ("balloon",), "boy": ("ball",), "man": ("dog", "hat"),
    "woman": ("umbrella",), "flower": ("rabbit",), "sofa": ("cat",),
}  # fmt: skip
COMPANION_CHANCE = 0.3

#: The colour that a thing usually has.
USUAL_COLOUR: dict[str, str] = {
    "dog": "brown", "cat": "orange", "bird": "blue", "fish": "orange", "cow": "white", "horse": "brown", "duck": "yellow",
    "rabbit": "white", "apple": "red", "banana": "yellow", "carrot": "orange", "cake": "pink", "egg": "white",
    "pizza": "yellow", "ball": "red", "kite": "purple", "drum": "red", "block": "blue", "balloon": "red", "chair": "brown",
    "table": "brown", "bed": "blue", "lamp": "yellow", "sofa": "green", "car": "red", "bus": "yellow", "truck": "blue",
    "boat": "white", "plane": "white", "bike": "black", "tree": "green", "flower": "pink", "cactus": "green",
    "mushroom": "red", "boy": "blue", "girl": "pink", "man": "black", "woman": "purple", "cup": "white", "book": "green",
    "hat": "black", "shoe": "brown", "umbrella": "purple", "box": "brown",
}  # fmt: skip
USUAL_CHANCE = 0.6
PATTERN_WEIGHTS = {"plain": 6.0, "striped": 1.5, "spotted": 1.5, "checked": 1.0}


@cache
def held_out_pairs() -> frozenset[tuple[str, str]]:
    """The (colour, kind) pairs that never occur in the training split: about one in twenty, never a usual colour."""
    rng = random.Random("held-out pairs")
    free = [(c, k.name) for k in KINDS for c in COLOURS if c != USUAL_COLOUR[k.name]]
    return frozenset(rng.sample(free, len(KINDS) * len(COLOURS) // 20))


@cache
def kind_weights(setting: str, prior: Prior) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Kinds and their weights in a setting."""
    names = tuple(kind.name for kind in KINDS)
    found = [FOUND[setting].get(name, ELSEWHERE) for name in names]
    if prior == "flat":
        return names, (1.0,) * len(names)
    return names, tuple(found) if prior == "skewed" else tuple(1 / (w + 0.5) for w in found)


@cache
def colour_weights(kind: str, prior: Prior, training: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Colours and their weights for a kind; held-out pairs have none in training."""
    names = tuple(COLOURS)
    rest = {"skewed": (1 - USUAL_CHANCE) / (len(names) - 1), "flat": 0.1, "inverted": 0.11}[prior]
    usual = {"skewed": USUAL_CHANCE, "flat": 0.1, "inverted": 0.01}[prior]
    weights = [usual if name == USUAL_COLOUR[kind] else rest for name in names]
    if training:
        weights = [0.0 if (name, kind) in held_out_pairs() else w for name, w in zip(names, weights)]
    return names, tuple(weights)


def check_tables() -> None:
    """Raises ``AssertionError`` if a table names something that the vocabulary does not have."""
    names = {kind.name for kind in KINDS}
    assert set(FOUND) == set(SETTINGS)
    assert all(set(weights) <= names for weights in FOUND.values())
    assert set(USUAL_COLOUR) == names
    assert set(USUAL_COLOUR.values()) <= set(COLOURS)
    assert all({kind, *others} <= names for kind, others in COMPANIONS.items())
    assert set(PATTERN_WEIGHTS) == set(PATTERNS)
