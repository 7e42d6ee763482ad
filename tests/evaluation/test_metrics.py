"""Metrics by hand, trap by trap."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vistune.evaluation.metrics.answers import exact_match, parse_pope, parse_yes_no, yes_no_columns, yes_no_scores
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
        ("I know.", "yes", None),
        ("No", "no", "no"),
        ("Yes, not a dog", "no", "yes"),
        ("There are no dogs", "no", "no"),
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


def test_labels_other_than_no_count_as_yes():
    assert yes_no_columns("yes", "Yes")["tp"] == 1.0
    assert yes_no_columns("no", "maybe")["fn"] == 1.0


def test_the_published_answer_example(real_data):
    """POPE's own example of an answer file: read, parsed, counted."""
    text = (real_data("hallucination") / "pope" / "answer_example.json").read_text()
    answers = [json.loads(line)["answer"] for line in text.splitlines() if line.strip()]
    assert [parse_pope(answer) for answer in answers] == [a.lower() for a in answers]


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
