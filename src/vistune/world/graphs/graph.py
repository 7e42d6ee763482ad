"""``SceneGraph``: what a picture holds, as far as questions by program need it (ProVision, arXiv 2412.07012, section 2).

A graph comes from a scene, exact, or from any annotations that have boxes, names, attributes and relations (Visual
Genome); masks and depth may be missing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vistune.world.annotate import boxes, instance_map
from vistune.world.geometry import surface_depth
from vistune.world.language.grammar import INVERSE, PREDICATE_STATES, Phrase, noun_phrase, regular_plural
from vistune.world.language.view import ATTRIBUTES, view_of
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, KINDS, PATTERNS, SIZES

Relation = tuple[int, str, int]

#: Attribute word -> its category. Words that are not here belong to "other".
CATEGORIES: dict[str, str] = {
    **dict.fromkeys((*COLOURS, "grey", "gray", "gold", "golden", "silver", "beige", "tan"), "colour"),
    **dict.fromkeys((*SIZES, "large", "little", "tiny", "huge", "tall", "short", "long"), "size"),
    **dict.fromkeys((*PATTERNS, "patterned", "floral", "plaid"), "pattern"),
    **{state: "state" for kind in KINDS for state in kind.states},
    **dict.fromkeys(("sitting", "walking", "smiling", "eating", "parked", "wet", "dry", "dirty", "clean"), "state"),
    **dict.fromkeys(
        ("wooden", "wood", "metal", "plastic", "glass", "brick", "concrete", "leather", "paper"), "material"
    ),
    **dict.fromkeys(("round", "square", "rectangular", "flat", "curved"), "shape"),
}
#: Values that nobody says unless asked.
UNSAID = frozenset({"medium", "plain"})
#: Names that are not counted: stuff, not things.
NOT_COUNTED = frozenset(
    {
        "sky",
        "grass",
        "water",
        "snow",
        "sand",
        "hair",
        "ground",
        "floor",
        "wood",
        "dirt",
        "air",
        "food",
        "fur",
        "foliage",
    }
)


@dataclass(frozen=True, eq=False)
class SceneGraph:
    """Objects of one picture of ``width`` x ``height`` pixels with what is true of them.

    ``boxes``: float ``[objects, 4]``, (x0, y0, x1, y1) in pixels. ``attributes``: words of each object. ``relations``
    are those that surely hold, ``doubtful`` those that may. ``instances``: int16 ``[height, width]``, the object seen at
    each pixel or -1. ``depth``: uint8 ``[height, width]``, **larger is closer**, from 0 to 255 in each picture.
    """

    width: int
    height: int
    labels: tuple[str, ...]
    boxes: NDArray[np.float64]
    attributes: tuple[tuple[str, ...], ...]
    relations: frozenset[Relation]
    doubtful: frozenset[Relation] = frozenset()
    instances: NDArray[np.int16] | None = None
    depth: NDArray[np.uint8] | None = None


def scene_graph(scene: Scene, size: int = 128) -> SceneGraph:
    """The graph of a scene, its masks and depth at ``size`` pixels; relations that are in doubt are marked so."""
    view = view_of(scene)
    pairs = [(i, r, j) for i in view.indices for j in view.indices if i != j for r in (*INVERSE, "on")]
    far = surface_depth(scene, size)
    closer = (far.max() - far) / max(float(far.max() - far.min()), 1e-6)
    return SceneGraph(
        size,
        size,
        tuple(thing.kind for thing in scene.things),
        boxes(scene, size),
        tuple(tuple(v for name in ATTRIBUTES if (v := getattr(thing, name)) is not None) for thing in scene.things),
        frozenset(view.known()),
        frozenset(triple for triple in pairs if view.holds(*triple) is None),
        instance_map(scene, size),
        np.round(255 * closer).astype(np.uint8),
    )


def perturbed(graph: SceneGraph, share: float, rng: random.Random) -> SceneGraph:
    """The graph as a detector that errs would see it: ``share`` of the attributes are other ones of their category, and
    of the objects are missed (their masks stay in the picture, as background). For controls of data quality."""
    kept = [i for i in range(len(graph.labels)) if rng.random() >= share]
    place = {old: new for new, old in enumerate(kept)}

    def moved(triples: frozenset[Relation]) -> frozenset[Relation]:
        return frozenset((place[i], r, place[j]) for i, r, j in triples if i in place and j in place)

    instances = graph.instances
    if instances is not None:
        table = np.array([*(place.get(i, -1) for i in range(len(graph.labels))), -1], np.int16)
        instances = table[instances]
    return replace(
        graph,
        labels=tuple(graph.labels[i] for i in kept),
        boxes=graph.boxes[kept],
        attributes=tuple(tuple(_flipped(w, share, rng) for w in graph.attributes[i]) for i in kept),
        relations=moved(graph.relations),
        doubtful=moved(graph.doubtful),
        instances=instances,
    )


def _flipped(word: str, share: float, rng: random.Random) -> str:
    category = CATEGORIES.get(word)
    if category is None or rng.random() >= share:
        return word
    return rng.choice([other for other, named in CATEGORIES.items() if named == category and other != word])


def phrase(label: str, words: tuple[str, ...] = ()) -> str:
    """The words for an object without an article: ``small red striped cup``, ``boy in red clothes``."""
    if label in KIND_BY_NAME:
        known = {CATEGORIES[word]: word for word in words if CATEGORIES.get(word) in ATTRIBUTES}
        if len(known) == len(words):
            return noun_phrase(Phrase(label, **known), "")
    return " ".join((*words, label))


def plural_phrase(label: str, words: tuple[str, ...] = ()) -> str:
    """The same in the plural: ``small red striped cups``."""
    if label in KIND_BY_NAME:
        known = {CATEGORIES[word]: word for word in words if CATEGORIES.get(word) in ATTRIBUTES}
        return noun_phrase(Phrase(label, **known), "", 2)
    return " ".join((*words, regular_plural(label)))


def sayable(words: tuple[str, ...]) -> tuple[str, ...]:
    """The attributes that can stand before a noun and are worth saying."""
    return tuple(word for word in words if word not in UNSAID and word not in PREDICATE_STATES)
