"""The scene oracle: what it answers, and how exactly it reads and checks free text."""

from __future__ import annotations

import pytest
from chat import asked
from hypothesis import given
from hypothesis import strategies as st

from vistune.annotators import ANNOTATORS
from vistune.annotators.oracle import Marking, Oracle, find, relevance, same_answer
from vistune.world import sample_scene
from vistune.world.language import caption
from vistune.world.language.account import account
from vistune.world.pairs.negatives import NEGATIVES, hard_negative
from vistune.world.pairs.words import replace_word
from vistune.world.scene import Scene, Thing


def thing(kind: str, colour: str, x: float, **more) -> Thing:
    given = {"size": "medium", "pattern": "plain", "state": None, "y": 0.8, "height": 0.2, "depth": 0.5, "variant": 0}
    return Thing(kind, colour, x=x, **{**given, **more})


SCENE = Scene(
    1,
    "kitchen",
    (
        thing("cup", "red", 0.2, size="small"),
        thing("cup", "blue", 0.5, size="big"),
        thing("dog", "white", 0.8, state="sleeping", pattern="spotted"),
        thing("girl", "green", 0.35, state="standing"),
    ),
)


def holds(text: str) -> list[bool | None]:
    return [piece.holds for piece in account(text, SCENE).pieces]


@pytest.mark.parametrize("split", ["train", "test"])
def test_all_that_the_worlds_captions_say_is_found_true(split):
    for seed in range(60):
        scene = sample_scene(seed, split=split)
        for level in ("short", "long", "all"):
            read = account(caption(scene, seed, level, split), scene)
            assert read.false == 0 and not read.idle and all(p.holds for p in read.pieces), caption(scene, seed, level)


def test_every_false_statement_is_found_false():
    wrong = 0
    for seed in range(60):
        scene = sample_scene(seed, split="test", min_things=2)
        for name in ("object", "colour", "size", "pattern", "state", "relation", "place", "number"):
            replaced = replace_word(caption(scene, seed, "long"), seed, (name,), scene)
            if replaced is not None:
                wrong += 1
                assert account(replaced.text, scene).false > 0, replaced.text
        for kind in NEGATIVES:
            pair = hard_negative(scene, kind, seed)
            if pair is not None:
                wrong += 1
                assert account(pair.positive.text, scene).false == 0, pair.positive.text
                assert account(pair.negative.text, scene).false > 0, pair.negative.text
    assert wrong > 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a small red cup and a big blue cup.", [True] * 6),
        # Each look fits some cup, but not together.
        ("a big red cup and a small blue cup.", [True, True, False, True, True, False]),
        ("there are two cups.", [True, True]),
        ("there are three cups.", [True, False]),
        ("The image shows a fluffy white puppy sleeping near two mugs.", [True, True, True, True]),
        ("there is no cat here.", [True]),
        ("There isn't a dog.", [False]),
        ("the girl in green clothes is standing.", [True, True, True]),
        ("the dog is not white.", [True, False]),
        ("we are in the kitchen, not in the garden.", [True, True]),
        ("the red cup is to the left of the dog.", [True, True, True, True]),
        ("the dog is on the left of the red cup.", [True, True, True, False]),
        ("there is nothing in the kitchen.", [True, False]),
        ("a dog is an animal.", []),
        ("Dogs like water.", []),
        ("Is there a cat?", []),
        ("What a lovely day!", []),
    ],
)
def test_free_text(text: str, expected: list):
    assert holds(text) == expected


SAID = (
    'the a two no not red cup cups dog on off left of is are that small in clothes and , . : ? girl light says open "x"'
)
WORDS = st.sampled_from(SAID.split())


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=25).map(" ".join)))
def test_any_text_can_be_read(text: str):
    read = account(text, SCENE)
    assert 0 <= read.precision <= 1 and 0 <= read.recall <= 1
    assert len({id(p) for p in read.pieces}) == len(read.pieces)
    assert account(f"{text}. {text}.", SCENE).false >= 0


def test_recall_is_the_share_of_facts():
    full = "a small red cup, a big blue cup, a sleeping white spotted dog and a girl in green clothes in the kitchen."
    read = account(full, SCENE)
    assert read.precision == read.recall == 1.0
    half = account("a red cup. a red cup. a cup that is red.", SCENE)
    assert half.precision == 1.0 and half.recall == pytest.approx(2 / len(read.facts))
    assert account("", SCENE).precision == 0.0 and account("a red cup").pieces[0].holds is None


@pytest.mark.parametrize(
    ("answer", "reference", "question", "same"),
    [
        ("the cup is red.", "red", "what colour is the cup?", True),
        ("2", "two", "how many?", True),
        ("There are no dogs.", "zero", "how many dogs are there?", True),
        ("Yes, there is.", "yes", "is there a dog?", True),
        ("it is blue or red", "red", "which colour?", False),
        ("a puppy", "a dog", "what is it?", True),
        ("the ball is bigger than the cup", "the ball", "what is bigger, the ball or the cup?", True),
        ("the cup", "the ball", "what is bigger, the ball or the cup?", False),
        ("in the kitchen", "the kitchen", "where is this?", True),
        ("", "red", "", False),
    ],
)
def test_same_answer(answer: str, reference: str, question: str, same: bool):
    assert same_answer(answer, reference, question) is same


def test_relevance():
    question = "what colour is the cup?"
    assert relevance("red", question, "red") == relevance("the cup is blue", question, "red") == 1.0
    assert relevance("the dog sleeps on the floor all day long", question, "red") == 0.0
    assert relevance("the dog is white and it sleeps on the floor", question, "red") == 0.5
    assert relevance("a red cup", "describe the picture.", None) == 1.0
    assert relevance("no idea at all", "describe the picture.", None) in (0.0, 1.0)
    assert relevance("", question, "red") == 0.0


def test_quality_orders_answers():
    true = caption(SCENE, 0, "long")
    marking = Marking(SCENE, "describe the picture.", (), (), lambda _: "")
    wrong = replace_word(true, 1, ("colour",), SCENE)
    assert wrong is not None
    ordered = [find(text, marking).quality for text in (true, wrong.text, "a bus at the beach.")]
    assert ordered[0] > ordered[1] > ordered[2] == 0.0


def test_what_it_answers():
    requests = [
        asked("describe the picture.", facts=SCENE),
        asked("How many cups are there?", facts=SCENE),
        asked("which?", facts={"answer": "the second"}),
        asked("what is the sense of life?", facts=SCENE),
        asked("a thing without facts"),
    ]
    oracle = Oracle()
    replies = oracle.ask(requests)
    assert account(replies[0].text, SCENE).precision == 1.0
    assert replies[1].text == "two" and replies[2].text == "the second"
    assert "means nothing here" in (replies[3].error or "") and "no scene" in (replies[4].error or "")
    assert oracle.usage.requests == 3 and oracle.usage.errors == 2 and oracle.usage.cost == 0


def test_kinds():
    assert isinstance(ANNOTATORS.build("oracle"), Oracle)
