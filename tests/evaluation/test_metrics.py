"""Metrics by hand, trap by trap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vistune.evaluation.metrics.answers import exact_match, parse_pope, parse_yes_no, yes_no_columns, yes_no_scores
from vistune.evaluation.metrics.captions import CiderD, bleu_columns, bleu_scores, rouge_l
from vistune.evaluation.metrics.chair import ThingWords, chair_columns, chair_scores
from vistune.evaluation.metrics.intervals import intervals, paired_difference, ratio, scores


@pytest.mark.parametrize(
    ("answer", "official", "strict"),
    [
        ("Yes", "yes", "yes"),
        ("no", "no", "no"),
        ("No, there is not.", "no", "no"),
        ("", "yes", None),
        ("I cannot see", "yes", None),
        ("NO", "yes", "no"),
        ("no\n", "yes", "no"),
        ("It is not there", "no", None),
        ("Yes. But no dog", "yes", "yes"),
        ("nothing", "yes", None),
        ("no, thanks", "no", "no"),
    ],
)
def test_yes_and_no_as_the_official_script_and_strictly(answer, official, strict):
    assert parse_pope(answer) == official
    assert parse_yes_no(answer) == strict


def test_always_yes_on_pope():
    columns = [yes_no_columns("Yes", label) for label in ["yes", "no"] * 50]
    found = scores(columns, yes_no_scores)
    assert found["accuracy"] == 0.5
    assert found["f1"] == pytest.approx(2 / 3)
    assert found["yes_rate"] == 1.0
    assert found["recall"] == 1.0


def test_unparsed_strict_answers_are_wrong_and_said():
    columns = [yes_no_columns("maybe", "yes", "strict"), yes_no_columns("no", "no", "strict")]
    found = scores(columns, yes_no_scores)
    assert (found["accuracy"], found["unparsed"], found["recall"]) == (0.5, 0.5, 0.0)


def test_never_yes_divides_by_nothing():
    found = scores([yes_no_columns("no", "yes"), yes_no_columns("no", "no")], yes_no_scores)
    assert (found["precision"], found["f1"], found["accuracy"]) == (0.0, 0.0, 0.5)


@pytest.mark.parametrize(
    ("answer", "references", "right"),
    [
        ("A red cup.", ["a red cup"], True),
        ("red", ["Red"], True),
        ("the kitchen", ["kitchen"], True),
        ("kitchens", ["kitchen"], False),
        ("A", ["A"], True),
        ("(B)", ["B"], True),
        ("a cup", ["A"], False),
        ("", ["red"], False),
    ],
)
def test_exact_match(answer, references, right):
    assert exact_match(answer, references) is right


def test_chair_counts_every_mention():
    words = ThingWords({"dog": ["dog", "dogs", "puppy"], "cup": ["cup", "mug"], "bed": ["bed"]})
    mentioned = words.mentions("A puppy and two dogs near a mug. There is no bed.")
    assert mentioned == ["dog", "dog", "cup", "bed"]
    columns = [chair_columns(mentioned, {"dog"}), chair_columns([], {"cup"})]
    found = scores(columns, chair_scores)
    assert found["chair_i"] == 0.5
    assert found["chair_s"] == 0.5
    assert found["recall"] == 0.5


def test_chair_two_word_names_and_the_toilet_seat():
    words = ThingWords.from_synonyms("dog, puppy\nhot dog\ntoilet\nseat\nairplane, air plane")
    assert words.mentions("a hot dog beside a dog") == ["hot dog", "dog"]
    assert words.mentions("the toilet seat") == ["toilet"]
    assert words.mentions("an air plane") == ["airplane"]


def test_chair_on_the_published_synonyms(real_data):
    text = (real_data("hallucination") / "chair" / "synonyms.txt").read_text()
    words = ThingWords.from_synonyms(text)
    assert words.mentions("Two women and a puppy on a sofa") == ["person", "dog", "couch"]


def test_bleu_by_hand():
    sums = {k: np.array([v]) for k, v in bleu_columns("the the cat", ["the cat sat", "a cat"]).items()}
    assert sums["match_1"][0] == 2
    assert sums["match_2"][0] == 1
    assert sums["reference"][0] == 3
    found = bleu_scores(sums)
    assert found["bleu_1"][0] == pytest.approx(2 / 3)
    assert found["bleu_2"][0] == pytest.approx(math.sqrt(2 / 3 * 1 / 2))


def test_bleu_brevity_and_closest_length_ties():
    columns = bleu_columns("a cat", ["a", "a cat sat"])
    assert columns["reference"] == 1.0  # tie: the shorter
    short = {k: np.array([v]) for k, v in bleu_columns("a", ["a cat sat down"]).items()}
    assert bleu_scores(short)["bleu_1"][0] == pytest.approx(math.exp(1 - 4))


def test_rouge_takes_precision_and_recall_from_different_references():
    score = rouge_l("a b c", ["a b", "a b c d e f"])
    precision, recall = 1.0, 1.0
    assert score == pytest.approx((1 + 1.44) * precision * recall / (recall + 1.44 * precision))
    assert rouge_l("", ["a"]) == 0.0


def test_cider_extremes():
    references = [["a dog runs on grass"], ["two cats sleep in a box"], ["a man rides a red bike"]]
    cider = CiderD(references)
    assert cider.score("a dog runs on grass", references[0]) == pytest.approx(10.0)
    assert cider.score("zebra", references[0]) == 0.0
    assert cider.score("a dog runs", references[0]) < cider.score("a dog runs on grass", references[0])
    assert CiderD([["a dog"]]).score("a dog", ["a dog"]) == 0.0  # one picture: every idf is 0


def test_captions_agree_with_pycocoevalcap():
    bleu = pytest.importorskip("pycocoevalcap.bleu.bleu", reason="pycocoevalcap is not installed")
    cider = pytest.importorskip("pycocoevalcap.cider.cider")
    rouge = pytest.importorskip("pycocoevalcap.rouge.rouge")
    references = {
        0: ["a dog runs on green grass", "the dog is running"],
        1: ["two cats sleep in a box", "cats in a small box"],
        2: ["a man rides a red bike", "man on bike"],
    }
    said = {0: ["a dog runs on the grass"], 1: ["two cats in a box"], 2: ["a red bike"]}
    columns = [bleu_columns(said[i][0], references[i]) for i in said]
    ours = scores(columns, bleu_scores)
    theirs, _ = bleu.Bleu(4).compute_score(references, said, verbose=0)
    assert [ours[f"bleu_{n}"] for n in range(1, 5)] == pytest.approx(theirs, abs=1e-6)
    _total, each = cider.Cider().compute_score(references, said)
    mine = CiderD([references[i] for i in said])
    assert [mine.score(said[i][0], references[i]) for i in said] == pytest.approx(list(each), abs=1e-6)
    assert np.mean([rouge_l(said[i][0], references[i]) for i in said]) == pytest.approx(
        rouge.Rouge().compute_score(references, said)[0], abs=1e-6
    )


def accuracy(sums):
    return {"accuracy": ratio(sums["correct"], sums["items"])}


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(100):
        right = rng.random(200) < 0.7
        columns = [{"items": 1.0, "correct": float(r)} for r in right]
        low, high = intervals(columns, [str(i) for i in range(200)], accuracy, resamples=300, seed=trial)["accuracy"]
        covered += low <= 0.7 <= high
    assert 87 <= covered <= 100


def test_items_of_one_picture_are_drawn_together():
    """Six equal answers a picture are one piece of evidence: the interval must be as wide as with one answer each."""
    rng = np.random.default_rng(1)
    right = rng.random(60) < 0.5
    single = [{"items": 1.0, "correct": float(r)} for r in right]
    repeated = [item for item in single for _ in range(6)]
    groups = [str(i) for i in range(60)]
    one = intervals(single, groups, accuracy)["accuracy"]
    six = intervals(repeated, [g for g in groups for _ in range(6)], accuracy)["accuracy"]
    assert six == pytest.approx(one)
    loose = intervals(repeated, [str(i) for i in range(360)], accuracy)["accuracy"]
    assert loose[1] - loose[0] < 0.6 * (one[1] - one[0])


def test_paired_difference():
    right = [{"items": 1.0, "correct": float(i % 2)} for i in range(100)]
    better = [{"items": 1.0, "correct": 1.0 if i % 10 == 0 else c["correct"]} for i, c in enumerate(right)]
    groups = [str(i) for i in range(100)]
    gap, low, high = paired_difference(better, right, groups, accuracy, "accuracy")
    assert gap == pytest.approx(0.1)
    assert 0.03 < low < 0.1 < high < 0.18
    assert paired_difference(right, right, groups, accuracy, "accuracy") == (0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="same items"):
        paired_difference(right, better[:-1], groups, accuracy, "accuracy")
