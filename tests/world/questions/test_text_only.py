"""Questions that need no picture."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from vistune.core.errors import ConfigError
from vistune.world.questions import TEXT_ONLY_FAMILIES, ask_text_only
from vistune.world.questions import knowledge as known
from vistune.world.questions.text_only import fact_sentences

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def asked(family: str | None, count: int = 200, split: str = "train"):
    return [ask_text_only(seed, split, family) for seed in range(count)]


def test_there_are_thousands_of_different_ones_and_the_seed_decides():
    assert len({(q.text, q.answer) for q in asked(None, 6000)}) > 2000
    assert asked(None, 50) == asked(None, 50)
    assert not any(q.needs_image or q.program for q in asked(None, 50))


def test_one_question_has_one_answer():
    answers: dict[str, set[str]] = {}
    for question in asked(None, 20000) + asked(None, 20000, "test"):
        answers.setdefault(question.text, set()).add(question.answer)
    assert {text: found for text, found in answers.items() if len(found) > 1} == {}


@pytest.mark.parametrize(("family", "sign"), [("plus", 1), ("minus", -1)])
def test_sums_and_differences(family, sign):
    for question in asked(family):
        x, y = (NUMBERS.index(w) for w in re.findall(r"\w+", question.text) if w in NUMBERS)
        assert NUMBERS.index(question.answer) == x + sign * y


def test_story_sums():
    for question in asked("story_sum"):
        x, y = (NUMBERS.index(w) for w in re.findall(r"\w+", question.text) if w in NUMBERS)
        away = "give away" in question.text or "lose" in question.text
        assert NUMBERS.index(question.answer) == (x - y if away else x + y)


def test_orders_and_comparisons():
    for question in asked("order"):
        told = [NUMBERS.index(w) for w in re.findall(r"\w+", question.text) if w in NUMBERS]
        assert [NUMBERS.index(w) for w in re.findall(r"\w+", question.answer) if w in NUMBERS] == sorted(told)
    for question in asked("is_more"):
        x, y = (NUMBERS.index(w) for w in re.findall(r"\w+", question.text) if w in NUMBERS)
        assert question.answer == ("yes" if x > y else "no")


@pytest.mark.parametrize("family", ["which_group", "which_not"])
def test_exactly_one_option_is_right(family):
    words = {word: group for group, word in known.GROUP_WORDS.items()}
    for question in asked(family):
        group, options = re.fullmatch(r"which \w+(?: \w+)? is (?:not )?(.+): (.+)\?", question.text).groups()
        members = known.MEMBERS[words[group]]
        fitting = [
            o for o in re.split(", | or ", options) if (o.split(" ", 1)[1] in members) == (family != "which_not")
        ]
        assert fitting == [question.answer]


def test_groups_never_share_a_member():
    names = [name for members in known.MEMBERS.values() for name in members]
    assert len(names) == len(set(names))


def test_opposites_are_asked_of_words_that_have_one():
    firsts = [w for pair in known.OPPOSITES for w in pair]
    assert len(firsts) == len(set(firsts))
    assert not any(f" {word}?" in q.text for q in asked("opposite", 600) for word in known.NO_ONE_OPPOSITE)


@pytest.mark.parametrize("family", ["group", "fly", "lives_in_water", "is_more"])
def test_yes_and_no_are_balanced(family):
    answers = Counter(q.answer for q in asked(family, 2000))
    assert 0.45 <= answers["yes"] / 2000 <= 0.55


def test_training_never_asks_a_held_out_fact_nor_in_a_held_out_wording():
    train = asked(None, 20000)
    assert not any(q.facts["held_out"] or q.held_out for q in train)
    test = asked(None, 4000, "test")
    kept = {(q.facts["family"], q.text) for q in train}
    new = [q for q in test if q.facts["held_out"]]
    assert 0.3 < len(new) / len(test) < 0.6
    assert not any((q.facts["family"], q.text) in kept for q in new)
    assert any(q.held_out for q in test)


def test_what_is_held_out_is_still_said():
    said = set(fact_sentences())
    held = [q for q in asked("sound", 200, "test") + asked("plus", 200, "test") if q.facts["held_out"]]
    assert held
    assert all(f"{q.facts['reason']}." in said for q in held)


@pytest.mark.parametrize("family", sorted(TEXT_ONLY_FAMILIES))
def test_every_family_asks_in_every_split(family):
    for split in ("train", "val", "test"):
        question = ask_text_only(7, split, family)
        assert question.text[-1] in "?."
        assert question.answer
        assert "{" not in question.text


def test_an_unknown_family_names_the_nearest():
    with pytest.raises(ConfigError, match="opposite"):
        ask_text_only(0, family="oposite")
