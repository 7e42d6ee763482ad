"""The blind baseline finds a shortcut where there is one, and none where answers are drawn evenly."""

from __future__ import annotations

import random

import pytest

from vistune.core.errors import DataError
from vistune.data.blind import Asked, asked_in, blind_baselines, chance
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
    assert chance([Asked("c", "which?", "a", 0, choices=4)]) == 0.25
    either = [Asked("e", f"is it {x} or {y}?", x, 0) for x in COLOURS for y in COLOURS if x != y]
    assert chance(either) == 0.5
    rare = [Asked("n", "how many?", str(i % 2), i) for i in range(990)] + [Asked("n", "how many?", "9", 0)]
    assert chance(rare) == 0.5


def test_few_questions_say_nothing_and_none_is_an_error():
    assert blind_baselines(colour_questions(99, 0.0)) == {}
    with pytest.raises(DataError, match="nothing to guess"):
        asked_in([Example("a", [])])
