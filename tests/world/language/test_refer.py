"""Referring expressions find their thing, and only it."""

from __future__ import annotations

from collections import Counter

import pytest

from seeds import seeds
from vistune.core.errors import ConfigError, DataError
from vistune.world.annotate import relations
from vistune.world.language import Phrase, parse_phrase, refer, resolve
from vistune.world.sampling import sample_scene
from vistune.world.scene import Scene, Thing
from world.questions.slow_answers import RELATION, matches
from world.questions.slow_answers import resolve as slow_resolve

STYLES = ("minimal", "full", "relational")


def thing(kind: str, colour: str, x: float, **more) -> Thing:
    values = {"size": "medium", "pattern": "plain", "state": None, "y": 0.8, "height": 0.3, "depth": 0.5, "variant": 0}
    return Thing(kind, colour, x=x, **{**values, **more})


SCENE = Scene(
    0,
    "kitchen",
    (
        thing("cup", "red", 0.2, size="small"),
        thing("cup", "red", 0.8),
        thing("dog", "brown", 0.5, state="sleeping"),
        thing("lamp", "red", 0.05, state="on"),
        thing("boy", "red", 0.95, pattern="striped"),
    ),
)


def test_what_refers_resolves_to_exactly_that_thing():
    for seed in seeds(150):
        prior = ("skewed", "flat", "inverted")[seed % 3]
        scene = sample_scene(seed, prior=prior)
        for index in range(len(scene.things)):
            for style in STYLES:
                expression = refer(scene, index, style)
                if expression is not None:
                    assert resolve(expression, scene) == [index], expression


def test_a_slow_reader_finds_the_same_thing():
    """Word by word, places from the relations that pixels confirm (``test_relations``)."""
    found = Counter()
    for seed in seeds(200):
        scene = sample_scene(seed, prior=("skewed", "flat", "inverted")[seed % 3], split=("train", "test")[seed % 2])
        for index in range(len(scene.things)):
            for style in STYLES:
                expression = refer(scene, index, style)
                if expression is not None:
                    found[style] += 1
                    assert slow_resolve(expression, scene) == [index], expression
    assert min(found[style] for style in STYLES) > 200


def test_minimal_is_minimal_and_full_leaves_nothing_out():
    """No word of a minimal expression can go; no expression of as few looks would do where it takes a place."""
    shortened = placed = 0
    for seed in seeds(200):
        scene = sample_scene(seed, prior="flat", max_things=6)
        for index, thing in enumerate(scene.things):
            short, full = refer(scene, index), refer(scene, index, "full")
            looks = {v for v in (thing.colour, thing.size, thing.pattern, thing.state) if v}
            said = set(short.split()) & looks if short else set()
            relation = short is not None and RELATION.fullmatch(short) is not None
            for word in said if not relation else ():
                shortened += 1
                assert len(matches(short.replace(f"{word} ", "").replace(f" {word}", ""), scene)) > 1, short
            if relation or short is None:
                placed += 1
                same = [t for k, t in enumerate(scene.things) if k != index and t.kind == thing.kind]
                assert any((t.colour, t.size, t.pattern, t.state) == _rough(thing, t) for t in same)
            if full is not None:
                assert {thing.kind, thing.colour} <= set(full.split())
                assert (thing.size in full.split()) == (thing.size != "medium")
                assert (thing.pattern in full.split()) == (thing.pattern != "plain")
    assert shortened > 40 and placed > 3


def _rough(thing, other):
    """The looks of a thing; a medium one is not told from others by its size."""
    size = other.size if thing.size == "medium" else thing.size
    return thing.colour, size, thing.pattern, thing.state


def test_most_things_can_be_referred_to():
    scenes = [sample_scene(n) for n in range(300)]
    asked = [refer(s, i) for s in scenes for i in range(len(s.things))]
    assert sum(e is not None for e in asked) / len(asked) > 0.97


@pytest.mark.parametrize(
    ("index", "style", "expression"),
    [
        (0, "minimal", "the small cup"),
        (1, "minimal", "the cup right of the small cup"),
        (2, "minimal", "the dog"),
        (2, "full", "the sleeping brown dog"),
        (3, "full", "the red lamp that is on"),
        (4, "full", "the boy in red striped clothes"),
        (1, "full", None),
        (0, "relational", "the cup left of the dog"),
        (1, "relational", "the cup right of the small cup"),
    ],
)
def test_styles(index, style, expression):
    assert refer(SCENE, index, style) == expression


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("cups", [0, 1]),
        ("the red mug", [0, 1]),
        ("a red thing", [0, 1, 3]),
        ("people", [4]),
        ("the boy in striped clothes", [4]),
        ("the lamp that is on", [3]),
        ("the lamp that is off", []),
        ("the puppy", [2]),
        ("the cup that is to the left of the dog", [0]),
        ("the thing right of the sleeping dog", [1]),
        ("the person right of the thing right of the sleeping dog", [4]),
        ("The Dog.", [2]),
    ],
)
def test_resolve(expression, found):
    assert resolve(expression, SCENE) == found


def test_a_doubtful_place_tells_nothing_apart():
    """The second cup is not surely left of the dog or right of it: "left of the dog" does not single out the first."""
    scene = Scene(0, "farm", (thing("cup", "red", 0.2), thing("cup", "red", 0.45), thing("dog", "brown", 0.5)))
    assert ("left of" in {r for i, r, j in relations(scene) if (i, j) == (0, 2)}) is True
    assert refer(scene, 0) is None


def test_twins_cannot_be_told_apart():
    assert refer(Scene(0, "farm", (thing("cup", "red", 0.5), thing("cup", "red", 0.5))), 0) is None


def test_parse_phrase():
    assert parse_phrase("a big sleeping brown dog") == Phrase("dog", "brown", "big", None, "sleeping")
    assert parse_phrase("two things to eat".removeprefix("two ")) == Phrase("food")
    with pytest.raises(DataError, match="striped"):
        parse_phrase("the strped cup")
    with pytest.raises(DataError, match="noun"):
        parse_phrase("the red")


def test_wrong_arguments():
    with pytest.raises(ConfigError, match="minimal"):
        refer(SCENE, 0, "minimum")  # pyright: ignore[reportArgumentType]
    with pytest.raises(DataError, match="no thing 5"):
        refer(SCENE, 5)
