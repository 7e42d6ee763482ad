"""Questions: exact, balanced, deterministic, in wordings of their split."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from slow_answers import slow_answer

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world.language.view import view_of
from vistune.world.language.wordings import Wordings
from vistune.world.questions import MAKERS, QUESTION_TYPES, ask, choices, relations, several, simple
from vistune.world.questions.question import Context
from vistune.world.sampling import sample_scene
from vistune.world.scene import Scene, Thing

PRIORS = ("skewed", "flat", "inverted")
#: Types that have yes/no questions.
YES_NO = sorted(set(MAKERS) - {"odd_one_out", "choice"})
TABLES = [w for m in (simple, several, relations, choices) for w in vars(m).values() if isinstance(w, Wordings)]


def thing(kind: str, colour: str = "red", x: float = 0.5, **more) -> Thing:
    values = {"size": "medium", "pattern": "plain", "state": None, "y": 0.8, "height": 0.3, "depth": 0.5, "variant": 0}
    return Thing(kind, colour, x=x, **{**values, **more})


def scene_of(*things: Thing, setting: str = "kitchen") -> Scene:
    return Scene(0, setting, things)


def some_scene(seed: int) -> Scene:
    return sample_scene(seed, prior=PRIORS[seed % 3])


def test_every_answer_equals_a_second_reading_of_the_words():
    for seed in seeds(150):
        scene = some_scene(seed)
        for question in ask(scene, seed, n=8):
            assert slow_answer(question.text, scene) == question.answer, question.text


@pytest.mark.parametrize("type", sorted(MAKERS))
def test_every_type_is_answered_as_a_second_reading_does(type):
    found = [(s, q) for n in seeds(120) for s in [some_scene(n)] for q in ask(s, n, [type])]
    assert len(found) > 40
    for scene, question in found:
        assert question.type == type
        assert slow_answer(question.text, scene) == question.answer, question.text


def test_numbers_of_the_flat_prior_come_alike_often_and_high_ones_hardly():
    """A number that is hardly ever right is one option more in name only."""
    answers = Counter()
    for n in range(1600):
        context = Context(view_of(sample_scene(n, prior="flat")), random.Random(n), "train")
        asked = several._count_open(context)
        answers[asked.answer if asked is not None else None] += 1
    del answers[None]
    assert answers.total() > 150
    assert max(answers.values()) < 0.34 * answers.total()
    assert sum(answers[word] for word in ("five", "six", "seven")) < 0.02 * answers.total()


@pytest.mark.parametrize("type", YES_NO)
def test_yes_and_no_are_balanced_over_two_thousand_scenes(type):
    answers = Counter(q.answer for n in range(2000) for q in ask(some_scene(n), n, [type]))
    asked = answers["yes"] + answers["no"]
    slack = 1.5 / asked**0.5  # three standard errors, where a type has few yes/no questions
    assert asked > 150
    assert 0.5 - max(0.05, slack) <= answers["yes"] / asked <= 0.5 + max(0.05, slack)


@pytest.mark.parametrize("prior", ["skewed", "flat"])
def test_the_words_alone_hardly_tell_whether_something_is_there(prior):
    """A reader without eyes, who knows how often each question is answered yes, stays near chance."""
    seen: dict[str, Counter] = {}
    for n in range(4000):
        for q in ask(sample_scene(n, prior=prior), n, ["existence"]):
            seen.setdefault(re.sub(r"(?i)is there|here|in the (picture|image)|(can|do) you see", "", q.text), Counter())
            seen[re.sub(r"(?i)is there|here|in the (picture|image)|(can|do) you see", "", q.text)][q.answer] += 1
    frequent = [c for c in seen.values() if c.total() >= 20]
    right = sum(max(c.values()) for c in frequent) / sum(c.total() for c in frequent)
    assert len(frequent) > 20
    assert right < 0.66


def test_no_question_uses_a_name_that_fits_two_things():
    scene = scene_of(thing("cup", "red", 0.2), thing("cup", "red", 0.8), thing("ball", "blue", 0.5))
    for seed in range(300):
        for question in ask(scene, seed, n=3):
            assert not re.search(r"the (red )?cup\b", question.text), question.text


def test_doubtful_relations_are_not_asked():
    """Two things one above the other have no left and right."""
    scene = scene_of(thing("cup", x=0.5), thing("box", "blue", x=0.52, state="open"))
    texts = " ".join(q.text for seed in range(200) for q in ask(scene, seed, ["relation", "two_fact"], n=2))
    assert texts
    assert " left" not in texts
    assert " right" not in texts


def test_sizes_that_only_the_drawing_or_only_the_name_tells_are_not_compared():
    by_name = scene_of(thing("cup", size="small", height=0.3), thing("tree", "green", size="big", height=0.31))
    by_drawing = scene_of(thing("cup", height=0.1), thing("tree", "green", height=0.6))
    against = scene_of(thing("cup", size="big", height=0.1), thing("tree", "green", size="small", height=0.6))
    for scene in (by_name, by_drawing, against):
        assert not any(ask(scene, seed, ["compare_size"]) for seed in range(50))
    clear = scene_of(thing("cup", size="small", height=0.1), thing("tree", "green", size="big", height=0.6))
    assert any(ask(clear, seed, ["compare_size"]) for seed in range(50))


def test_people_are_neither_surely_things_nor_surely_not():
    scene = scene_of(thing("boy", "red", 0.2, state="standing"), thing("cup", "red", 0.8, state="full"))
    texts = [q.text for seed in range(300) for q in ask(scene, seed, n=3)]
    assert not any(re.search(r"how many (red |plain )?things are here", text) for text in texts)
    assert any("people" in text for text in texts)


def test_negatives_of_existence_are_drawn_in_three_ways():
    ways = Counter()
    for n in range(1500):
        for q in ask(sample_scene(n), n, ["existence"]):
            if q.facts["negative"]:
                assert q.answer == "no"
                ways[q.facts["negative"]] += 1
    assert set(ways) == {"random", "popular", "adversarial"}
    assert min(ways.values()) > 0.25 * ways.total()


def test_adversarial_negatives_go_with_what_is_here():
    """In a skewed kitchen the wrongly asked kinds are kitchen things more often than random ones are."""
    usual = {"table", "cup", "chair", "apple", "cake", "egg", "pizza", "banana", "carrot"}
    share = {}
    for way in ("random", "adversarial"):
        asked = []
        for n in range(1500):
            for q in ask(sample_scene(n, setting="kitchen"), n, ["existence"]):
                if q.facts["negative"] == way:
                    asked.append(any(re.search(rf"\b{kind}s?\b", q.text) for kind in usual))
        share[way] = sum(asked) / len(asked)
    assert share["adversarial"] > share["random"] + 0.2


def test_choices_hold_the_right_answer_once_and_letters_are_even():
    letters = Counter()
    for n in range(1200):
        for q in ask(some_scene(n), n, ["choice"]):
            assert q.choices is not None
            assert len(set(q.choices)) == len(q.choices)
            assert q.choices["ABCD".index(q.answer)] == q.facts["answer"]
            if len(q.choices) == 4:
                letters[q.answer] += 1
    assert set(letters) == set("ABCD")
    assert max(letters.values()) < 0.33 * letters.total()


def test_reasons_of_comparisons_name_both_counts():
    scene = scene_of(thing("cup", x=0.1, state="full"), thing("cup", "blue", 0.4, state="full"), thing("ball", x=0.8))
    reasons = {q.facts["reason"] for seed in range(200) for q in ask(scene, seed, ["compare_count"])}
    assert "there are two cups and one ball" in reasons
    assert "there is one ball and two cups" in reasons


def test_nothing_is_not_compared_with_nothing():
    questions = [q for n in range(600) for q in ask(some_scene(n), n, ["compare_count"])]
    assert any(q.facts["reason"] and " no " in q.facts["reason"] for q in questions)
    assert not any(q.facts["reason"].count(" no ") > 1 for q in questions if q.facts["reason"])


MAKERS_BY_ANSWER = [
    *(simple._kind_exists, simple._group_exists, simple._looks_exist, simple._two_exist, simple._setting_is),
    *(several._count_is, several._is_bigger, relations._related, relations._is_there, relations._both_there),
    relations._same,
]


@pytest.mark.parametrize("make", MAKERS_BY_ANSWER, ids=lambda make: make.__name__)
def test_a_maker_gives_the_answer_that_it_was_asked_for_or_nothing(make):
    for want in (True, False):
        made = [make(Context(view_of(some_scene(n)), random.Random(n), "train"), want) for n in range(300)]
        assert {q.answer for q in made if q} == {"yes" if want else "no"}


def test_the_same_seed_gives_the_same_questions_and_another_others():
    scene = some_scene(5)
    assert ask(scene, 3, n=6) == ask(scene, 3, n=6)
    assert ask(scene, 3, n=6) != ask(scene, 4, n=6)


def test_n_questions_are_all_different_and_an_empty_scene_still_has_one():
    texts = [q.text for q in ask(some_scene(11), 0, n=25)]
    assert len(texts) == len(set(texts)) == 25
    assert {q.type for q in ask(scene_of(), 0, n=4)} <= {"setting", "existence", "count"}
    assert len(ask(scene_of(), 0)) == 1


def test_training_never_uses_a_held_out_wording_and_testing_does():
    held_out = [t for table in TABLES for t in table.held_out]
    assert len(held_out) >= 25
    patterns = [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(t))) for t in held_out if "letter" not in t]
    for n in range(400):
        for q in ask(some_scene(n), n, n=6):
            assert not q.held_out
            assert q.wording not in held_out
            stem = q.text.split(" (A)")[0].split(" A. ")[0]
            assert not any(pattern.fullmatch(stem) for pattern in patterns), q.text
    tested = [q for n in range(400) for q in ask(sample_scene(n, split="test"), n, n=6, split="test")]
    used = {q.wording for q in tested if q.held_out}
    assert len(used) > 20
    assert any(not q.held_out for q in tested)


def test_type_none_means_all_that_need_the_picture():
    types = {q.type for n in range(60) for q in ask(some_scene(n), n, n=12)}
    assert types == set(MAKERS)
    assert "text_only" in QUESTION_TYPES
    (question,) = ask(some_scene(0), 1, ["text_only"])
    assert not question.needs_image


def test_an_unknown_type_names_the_nearest():
    with pytest.raises(ConfigError, match="existence"):
        ask(some_scene(0), 0, ["existance"])
