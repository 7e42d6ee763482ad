"""What a text claims of a scene: read back from captions, checked against the scene, and told apart from what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seeds import seeds
from vistune.world import sample_scene
from vistune.world.language import caption
from vistune.world.language.account import account
from vistune.world.language.claims import claims
from vistune.world.questions.misleading import INSTRUCTIONS, instruction
from vistune.world.scene import Scene, Thing


def thing(kind: str, colour: str, x: float, **more) -> Thing:
    return Thing(kind, colour, more.get("size", "medium"), "plain", more.get("state"), x, 0.8, 0.2, 0.5, 0)


@pytest.fixture
def scene() -> Scene:
    return Scene(
        1, "farm", (thing("dog", "brown", 0.2, state="sleeping"), thing("cup", "red", 0.6), thing("cup", "blue", 0.9))
    )


@pytest.mark.parametrize("level", ["short", "long", "all"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_all_that_a_true_caption_says_is_read_and_holds(level, split):
    for seed in seeds(60):
        scene = sample_scene(seed, split=split, prior="flat", labels=seed % 3 == 0)
        told = claims(caption(scene, seed, level, split))
        assert told
        assert all(c.kind != "other" and c.holds(scene) is True for c in told), caption(scene, seed, level, split)


def test_every_thing_of_a_list_is_claimed():
    for seed in seeds(50):
        scene = sample_scene(seed, split="val", prior="flat")
        told = claims(caption(scene, seed, "all"))
        assert [c.phrase.noun for c in told if c.kind == "thing"] == [
            t.kind for t in sorted(scene.things, key=lambda t: t.x)
        ]
        colours = {(c.phrase.noun, c.value) for c in told if c.kind == "attribute"}
        assert {(t.kind, t.colour) for t in scene.things} <= colours


def test_a_changed_colour_or_thing_is_found_out():
    for seed in seeds(50):
        scene = sample_scene(seed, split="val", prior="flat", min_things=1, max_things=1)
        other = replace(
            scene, things=(replace(scene.things[0], colour="red" if scene.things[0].colour != "red" else "blue"),)
        )
        wrong = [c for c in claims(caption(scene, seed, "all")) if c.holds(other) is not True]
        assert [c.value for c in wrong] == [scene.things[0].colour]
        empty = replace(scene, things=())
        assert all(c.holds(empty) is False for c in claims(caption(scene, seed, "all")))


def test_corrections_hold_too():
    for seed in seeds(50):
        scene = sample_scene(seed, split="test", prior="flat")
        made = [i for sort in INSTRUCTIONS if (i := instruction(scene, seed, sort, "test")) is not None]
        assert made
        assert all(c.holds(scene) is True for i in made for c in claims(i.response))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("There is a brown dog.", [("thing", True), ("attribute", True)]),
        ("A wooly brown dog is sleeping.", [("thing", True), ("attribute", True), ("attribute", True)]),
        ("there are two cups", [("thing", True), ("count", True)]),
        ("there are three cups", [("thing", True), ("count", False)]),
        ("there are two red cups", [("thing", True), ("attribute", True), ("count", True)]),
        ("there is one red cup", [("thing", True), ("attribute", True), ("count", True)]),
        ("there are no red cups left of the dog", [("thing", True), ("relation", True)]),
        ("there are no red cups right of the dog", [("thing", True), ("relation", False)]),
        ("no, there is no cat here.", [("thing", True)]),
        ("there is no dog", [("thing", False)]),
        ("I think that the dog is not red", [("thing", True), ("attribute", True)]),
        ("this is not the farm: it is the lake.", [("setting", False), ("setting", False)]),
        ("on the farm there is a cat", [("setting", True), ("thing", False)]),
        ("the cup is white and striped", [("thing", True), ("attribute", False), ("attribute", False)]),
        ("nothing.", [("empty", False)]),
        ("yes", []),
        ("It is a lovely day!", [("other", None)]),
        ("", []),
    ],
)
def test_by_hand(scene, text, said):
    assert [(c.kind, c.holds(scene)) for c in claims(text)] == said


def test_a_claim_in_its_own_words_says_the_same():
    for seed in seeds(40):
        scene = sample_scene(seed, split="val", prior="flat", labels=True)
        for claim in claims(caption(scene, seed, "long")):
            assert claim.same() in {c.same() for c in claims(claim.words())}, claim.words()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("there isn't any cat.", ["there is no cat."]),
        ("two red cups are on a table.", ["there is a cup.", "the cup is red.", "there are two red cups.", "there is a table.",
                                          "the red cup is on the table."]),
        ("I see a boat on the water.", ["there is a boat."]),
        ("the cup left of the dog is red.", ["there is a cup.", "there is a dog.", "the cup is red.",
                                             "the cup is left of the dog."]),
        ("there is no red cup left of the dog.", ["there is a dog.", "there is no red cup left of the dog."]),
        ("three cups that are behind a dog", ["there is a cup.", "there is a dog.", "the cup is behind the dog."]),
        ("a dog is an animal.", []),
    ],
)  # fmt: skip
def test_english_that_is_not_the_worlds_own(text: str, said: list[str]) -> None:
    assert [claim.words() for claim in claims(text) if claim.kind != "other"] == said


def test_what_is_written_leaves_no_idle_rest() -> None:
    assert account('"anna" is written on the cup. it is a lovely day.').idle == ("it is a lovely day.",)
