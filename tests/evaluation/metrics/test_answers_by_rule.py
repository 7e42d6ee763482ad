"""Open answers, probes and choices, on cases worked out by hand: every trap that the protocols have."""

from __future__ import annotations

import pytest

from vistune.evaluation.metrics.choices import (
    choose_letter,
    circular_accuracy,
    cv_bench,
    likeliest,
    parse_mmmu_choice,
    parse_mmmu_open,
    parse_scienceqa,
    parse_two,
    rolled,
)
from vistune.evaluation.metrics.gqa import gqa_distribution, gqa_scores
from vistune.evaluation.metrics.vqa import (
    anls,
    normalise_vqa,
    relaxed_accuracy,
    textvqa_accuracy,
    vqa_accuracy,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Yes.", "yes"), ("2.5", "2.5"), ("2.", "2"), ("1,000", "1000"), ("3,4", "34"), ("T-shirt", "t shirt"),
        ("The two cats", "2 cats"), ("None", "0"), ("no-one", "no 1"), ("10:30 p.m.", "10:30 pm"), ("dont know", "don't know"),
        ("a\nb", "b"), ("it 's (red)", "it 's red"),
    ],
)  # fmt: skip
def test_the_normal_form_of_vqa(text: str, normal: str) -> None:
    assert normalise_vqa(text) == normal


@pytest.mark.parametrize(("matches", "score"), [(0, 0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1), (10, 1)])
def test_vqa_leaves_one_annotator_out(matches: int, score: float) -> None:
    truths = ["cat"] * matches + [f"dog {k}" for k in range(10 - matches)]
    assert vqa_accuracy("cat", truths) == pytest.approx(score)


def test_vqa_does_not_normalise_where_all_agree() -> None:
    assert vqa_accuracy("Yes", ["yes"] * 10) == 0 and vqa_accuracy("Yes", ["yes"] * 10, "strict") == 1
    assert vqa_accuracy("Yes", ["yes"] * 9 + ["no"]) == 1
    assert textvqa_accuracy("Levi's, jeans?", ["levi 's jeans"] * 10) == 1


def test_anls() -> None:
    assert anls("Dakota", ["dakota"]) == 1 and anls("", [""]) == 1
    assert anls("abcd", ["abxy"]) == 0.5, "at the threshold it stays"
    assert anls("abcd", ["axyz"]) == 0
    assert anls("the answer is dakota indeed", ["dakota"]) == 0
    assert anls("a b", ["a  b"]) == 1 and anls("ab", ["ab    "], lengths="raw") == 1
    assert anls("axcdef", ["abcdef", "zzz"]) == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("answer", "truth", "official", "strict"),
    [
        ("0.0", "0", False, False), ("5%", "5", False, True), ("5%", "0.05", True, False), ("1,000", "1000", False, True),
        ("$5", "5", False, True), ("2019", "2010", True, False), ("95", "100", True, True), ("94", "100", False, False),
        ("Blue", "blue", True, True), ("nan", "5", False, False),
    ],
)  # fmt: skip
def test_chartqa(answer: str, truth: str, official: bool, strict: bool) -> None:
    assert relaxed_accuracy(answer, truth) is official
    assert relaxed_accuracy(answer, truth, "strict", "in which year was it highest?") is strict


def test_gqa_consistency_and_distribution() -> None:
    truths = {"1": "yes", "2": "cat", "3": "no"}
    said = {"1": "yes", "2": "dog"}
    found = gqa_scores(
        said, truths, entailed={"1": ["2", "3", "1"]}, kinds={"1": "verify", "2": "query", "3": "logical"}
    )
    assert found == {"accuracy": 1 / 3, "open": 0.0, "binary": 0.5, "consistency": 0.0}
    groups = dict.fromkeys(truths, "g")
    assert gqa_distribution(truths, truths, groups) == 0
    assert gqa_distribution(said, truths, groups) == pytest.approx((0 + 1 + 1) / 100)


def test_scienceqa_letters() -> None:
    told = ["B", "B. because", "The answer is C.", "The answer is A. The answer is B.", "b", "B because", "(B)"]
    assert [parse_scienceqa(t) for t in told] == ["B", "B", "C", None, None, None, None]


def test_mmmu_takes_the_last_of_several() -> None:
    options = {"A": "a red ball", "B": "a blue ball", "C": "none of them"}
    assert parse_mmmu_choice("(A) or rather (B)", options) == "B"
    assert parse_mmmu_choice("A is wrong, so C", options) == "C"
    assert parse_mmmu_choice("B.", options) == "B"
    assert parse_mmmu_choice("it must be a blue ball I think", options) == "B"
    assert parse_mmmu_choice("a blue ball", options) is None, "five words are too few"
    assert 1234.57 in parse_mmmu_open("The answer is 1,234.567") and 3.0 in parse_mmmu_open("so x = 3")
    assert parse_mmmu_open("thus a cell wall") == ["a cell wall"]


def test_letters_without_a_judge() -> None:
    options = {"A": "red", "B": "dark blue"}
    assert choose_letter("B", options) == "B" and choose_letter("The answer is (B).", options) == "B"
    assert choose_letter("A or B", options) is None
    assert choose_letter("dark blue", options) == "B" and choose_letter("red or dark blue", options) is None
    assert choose_letter("x" * 100 + "dark blue", options) is None


def test_circular_copies() -> None:
    copies = rolled(["w", "x", "y", "z"], 2)
    assert len(copies) == 4 and all(options[answer] == "y" for options, answer in copies)
    assert len({tuple(options) for options, _ in copies}) == 4
    right = [True, True, True, True, True, False, True, True]
    assert circular_accuracy(right, ["a"] * 4 + ["b"] * 4) == {"circular": 0.5, "vanilla": 1.0}


def test_likelihood_ranking_by_mean_and_by_sum() -> None:
    losses = [[1.0], [0.8, 0.8, 0.8], [2.0, 2.0]]
    assert likeliest(losses) == 1 and likeliest(losses, mean=False) == 0


def test_cv_bench_is_a_mean_of_means() -> None:
    assert cv_bench({"ADE20K": 0.6, "COCO": 0.8, "Omni3D": 0.5}) == {"2D": 0.7, "3D": 0.5, "overall": 0.6}


def test_one_of_two() -> None:
    assert [parse_two(t) for t in ("(1)", "It is (2).", "(1) or (2)", "1", "both", "")] == [1, 2, None, 1, None, None]
