"""The blind baseline finds a shortcut where there is one, and none where answers are drawn evenly."""

from __future__ import annotations

import random

import pytest

from vistune.core.errors import DataError
from vistune.data.blind import Asked, asked, asked_in, blind_baselines, chance, options_of
from vistune.data.example import Example

COLOURS = ("red", "green", "blue", "pink", "black")


def colour_questions(n: int, leak: float) -> list[Asked]:
    """ "What colour is the cup?" with even colours; a share ``leak`` of the questions names its answer by its thing."""
    rng = random.Random(1)
    made = []
    for group in range(n):
        colour = rng.choice(COLOURS)
        thing = {"red": "apple", "green": "tree"}.get(colour, "cup") if rng.random() < leak else "cup"
        made.append(Asked("colour", f"what colour is the {thing}?", colour, group))
    return made


def test_even_answers_cannot_be_guessed():
    (found,) = blind_baselines(colour_questions(2000, 0.0)).values()
    assert found.chance == pytest.approx(0.2)
    assert found.above_chance < 5
    assert found.questions == 2000


def test_a_shortcut_in_the_words_is_found():
    (found,) = blind_baselines(colour_questions(2000, 1.0)).values()
    assert found.words == pytest.approx(0.4 + 0.6 / 3, abs=0.05)
    assert found.majority < 0.3
    assert found.above_chance > 35


def test_a_skewed_answer_is_found():
    asked = [Asked("yes", f"is it {i % 7}?", "yes" if i % 10 else "no", i) for i in range(1000)]
    assert blind_baselines(asked)["yes"].majority == pytest.approx(0.9, abs=0.2)
    assert blind_baselines(asked)["yes"].above_chance > 25


def test_questions_of_one_picture_stay_together():
    """Each picture has a word of its own that gives its answer away: useless when both halves share no picture."""
    rng = random.Random(2)
    asked = []
    for group in range(300):
        answer = rng.choice(("yes", "no"))
        asked += [Asked("t", f"is zorb{group} here?", answer, group) for _ in range(4)]
    assert blind_baselines(asked)["t"].above_chance < 10


def test_chance_counts_choices_named_answers_and_common_answers():
    assert chance([Asked("c", "which?", "a", 0, choices=("a", "b", "c", "d"))]) == 0.25
    either = [Asked("e", f"is it {x} or {y}?", x, 0) for x in COLOURS for y in COLOURS if x != y]
    assert chance(either) == 0.5
    rare = [Asked("n", "how many?", str(i % 2), i) for i in range(990)] + [Asked("n", "how many?", "9", 0)]
    assert chance(rare) == pytest.approx(0.5)


def test_only_what_an_or_names_is_an_option_and_the_longer_name_counts():
    told = [Asked("t", f"what is beside the {x} thing?", x, 0) for x in COLOURS]
    assert chance(told) == pytest.approx(1 / len(COLOURS))
    nearer = [
        Asked("n", "which is nearer: the cat or the black cat?", answer, 0) for answer in ("the cat", "the black cat")
    ]
    assert options_of(nearer) == [("the cat", "the black cat")] * 2


def test_answers_that_hardly_repeat_leave_no_chance():
    """Else a type whose answers are all different would have the chance of one."""
    assert chance([Asked("s", "what changed?", f"sentence {i}", i) for i in range(400)]) == pytest.approx(1 / 400)


def test_letters_become_the_choices_that_they_name():
    for answer in ("B", "(B) blue", "B. blue", "blue"):
        assert asked("c", "which? A: red B: blue", answer, 0, ["red", "blue"]).answer == "blue"
    with pytest.raises(DataError, match="none of its choices"):
        asked("c", "which?", "green", 0, ["red", "blue"])


def test_a_shortcut_in_the_options_is_found_and_their_order_too():
    """The true sentence is the plausible one: no word of the question tells which letter that is."""
    rng = random.Random(3)
    plausible, first = [], []
    for group in range(400):
        good, bad = f"a {rng.choice(COLOURS)} boat on water", f"a {rng.choice(COLOURS)} boat on sand"
        shown = (good, bad) if rng.random() < 0.5 else (bad, good)
        question = f"which is true? A: {shown[0]} B: {shown[1]}"
        plausible.append(Asked("p", question, good, group, shown))
        one, other = rng.sample(COLOURS, 2)
        first.append(Asked("f", f"{one} or {other}?", one, group, (one, other)))
    found = blind_baselines(plausible + first)
    assert found["p"].options > 0.95
    assert found["f"].options > 0.95
    assert found["p"].chance == found["f"].chance == 0.5


def test_the_interval_shrinks_with_pictures_and_not_with_questions_about_one():
    rng = random.Random(4)

    def margin(pictures: int, each: int) -> float:
        made = [
            Asked("t", "is it so?", answer, group)
            for group in range(pictures)
            for answer in [rng.choice(("yes", "no"))]
            for _ in range(each)
        ]
        return blind_baselines(made)["t"].margin

    assert margin(400, 1) == pytest.approx(100 * 1.96 * 0.5 / 400**0.5, rel=0.05)
    assert margin(400, 5) == pytest.approx(margin(400, 1), rel=0.1)
    assert margin(1600, 1) == pytest.approx(margin(400, 1) / 2, rel=0.1)


def test_few_questions_say_nothing_and_none_is_an_error():
    assert blind_baselines(colour_questions(99, 0.0)) == {}
    with pytest.raises(DataError, match="nothing to guess"):
        asked_in([Example("a", [])])
