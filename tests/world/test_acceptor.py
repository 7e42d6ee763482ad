"""The acceptor takes every sentence of the captions, and none with a wrong article, number or order."""

from __future__ import annotations

import random

import pytest

from seeds import seeds
from vistune.world import sample_scene
from vistune.world.language import caption
from vistune.world.language.acceptor import accepted, accepted_share, sentences_of


@pytest.mark.parametrize("level", ["short", "long", "all"])
def test_all_that_the_grammar_says_is_accepted(level) -> None:
    for seed in seeds(120):
        scene = sample_scene(seed, split="test", min_things=0)
        for split in ("train", "test"):
            text = caption(scene, seed, level, split)
            wrong = [s for s in sentences_of(text) if not accepted(s)]
            assert not wrong, wrong
            assert accepted_share(text) == 1.0


def test_words_in_another_order_are_not() -> None:
    rng = random.Random(0)
    taken = tried = 0
    for seed in seeds(80):
        for sentence in sentences_of(caption(sample_scene(seed, min_things=2), seed, "long")):
            words = sentence.rstrip(".").split()
            mixed = rng.sample(words, len(words))
            if mixed != words:
                tried += 1
                taken += accepted(" ".join(mixed) + ".")
    assert tried > 250 and taken / tried < 0.02


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("there is an open box.", "there is a open box."),
        ("there are two cups and a dog.", "there is two cups and a dog."),
        ("there is a dog and two cups.", "there are a dog and two cups."),
        ("I see three red cups.", "I see three red cup."),
        ("I see a small red cup.", "I see a red small cup."),
        ("a cup, a ball and a dog.", "a cup, a ball, a dog."),
        ("the cup is left of the ball.", "the cup left of the ball."),
        ("there is a lamp that is on.", "there is an on lamp."),
        ("the clothes of the boy are red.", "the boy are red."),
        ("this is the kitchen.", "this is kitchen."),
        ("I count two animals.", "I count two animal."),
        ('"EXIT" is written on the box.', "is written on the box."),
    ],
)
def test_by_hand(right: str, wrong: str) -> None:
    assert accepted(right)
    assert not accepted(wrong)


def test_shares() -> None:
    assert accepted_share("") == 0.0
    assert accepted_share("there is a cup. cup a is there.") == 0.5
    assert accepted_share("there is a cup") == 0.0, "a sentence that was cut off is none"
    assert sentences_of('"A.B" is written on the box. I see a cup.') == [
        '"A.B" is written on the box.',
        "I see a cup.",
    ]
