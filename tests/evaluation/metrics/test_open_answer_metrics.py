"""Open answers on cases worked out by hand: traps of the official scripts, GQA's figures, word match, medical answers."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vistune.evaluation.metrics.gqa import (
    gqa_distribution,
    gqa_grounding,
    gqa_scores,
    read_gqa,
    square_cells,
)
from vistune.evaluation.metrics.medical import closed_right, open_overlap
from vistune.evaluation.metrics.reading import character_error_rate, edit_distance, word_error_rate
from vistune.evaluation.metrics.vqa import (
    agreement,
    anls,
    direct_answer_accuracy,
    normalise_textvqa,
    normalise_vqa,
    relaxed_accuracy,
    textvqa_accuracy,
    vqa_accuracy,
)
from vistune.evaluation.metrics.word_match import (
    has_word,
    per_class,
    plain_word_match,
    plain_words,
    reciprocal_rank,
    shared_words,
    vqa_word_match,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("aint", "ain't"), ("lets", "lets"), ("let's", "let's"), ("somebody'd", "somebodyd"), ("somebodyd", "somebodyd"),
        ("yall'd've", "y'all'd've"), ("wed've", "we'd've"), ("wedve", "wedve"), ("shes", "shes"), ("twas", "'twas"),
        ("Im", "im"), ("an the a", ""), ("one hundred", "1 hundred"), ("eleven", "eleven"), ("a-b", "b"), ("3.5.", "3.5"),
        ("yes/no", "yes no"), ("yes /no", "yes no"), ("1,5 -2", "15 2"), ("$5", "$5"), ("x" + "." * 40, "x" + "." * 8),
        ("none of them", "0 of them"), ("don't", "don't"),
    ],
)  # fmt: skip
def test_the_normal_form_of_vqa_word_by_word(text: str, normal: str) -> None:
    assert normalise_vqa(text) == normal


def test_textvqa_first_splits_the_genitive() -> None:
    assert normalise_textvqa("The Dog's, dish?") == "dog 's dish" and normalise_vqa("dog's dish") == "dog's dish"
    assert normalise_textvqa("1,,000") == "1000" and normalise_textvqa("Lets go") == "lets go"
    truths = ["Dog's"] * 3 + ["cat"] * 7
    assert textvqa_accuracy("dog 's", truths) == pytest.approx(0.9)


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=10))
def test_agreement_is_the_mean_over_subsets_that_leave_one_out(truths: list[str]) -> None:
    subsets = list(combinations(range(len(truths)), len(truths) - 1))
    slow = [min(1.0, sum(truths[k] == "a" for k in chosen) / 3) for chosen in subsets]
    assert agreement("a", truths) == pytest.approx(sum(slow) / len(slow))
    assert agreement("a", []) == 0 and agreement("a", ["a"]) == 0, "leave one out of one"


def test_okvqa_has_five_annotators_twice() -> None:
    assert vqa_accuracy("cat", ["cat"] * 2 + ["dog"] * 2 + ["cow"] * 6) == pytest.approx(0.6)


def test_vqa_blanks_are_stripped_even_where_nothing_is_normalised() -> None:
    assert vqa_accuracy(" yes\n", ["yes "] * 10) == 1 and vqa_accuracy("yes.", ["yes"] * 10) == 0
    assert vqa_accuracy("2", ["two"] * 10) == 0 and vqa_accuracy("2", ["two"] * 9 + ["3"]) == 1


def test_aokvqa_matches_as_written() -> None:
    truths = ["dog", "dog", "puppy", "Dog"]
    assert [direct_answer_accuracy(a, truths) for a in ("dog", "puppy", "cat")] == pytest.approx([2 / 3, 1 / 3, 0])
    assert direct_answer_accuracy("dog", ["dog"] * 4) == 1


def test_anls_at_the_threshold_and_by_lengths() -> None:
    assert anls("abcd", ["abxy"]) == 0.5 and anls("abcd", ["abxy"], mode="strict") == 0
    assert anls("abcd  ", ["abxz"]) == pytest.approx(1 - 2 / 6), "two blanks in excess lower the distance"
    assert anls("abcd  ", ["abxz"], lengths="normalised") == 0.5
    assert anls("STRASSE", ["straße"]) == pytest.approx(1 - 2 / 7) and anls("", ["x"]) == 0
    assert anls("x", []) == 0


def test_anls_as_the_package_of_the_data_sets_authors() -> None:
    peer = pytest.importorskip("anls.metrics", reason="pip install anls: ANLS by other hands")
    texts = ["Dakota", "dakota  digital", "the dakota", "", "12/3/97", "12/4/97", "ab", "ax", "  a b ", "a  b"]
    for said in texts:
        for truth in texts:
            wanted = peer.anls_score(said, [truth, "zz"])
            assert anls(said, [truth, "zz"], mode="strict", lengths="normalised") == pytest.approx(wanted)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edit_distance_by_its_recursion(a: str, b: str) -> None:
    def slow(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        return min(slow(i - 1, j) + 1, slow(i, j - 1) + 1, slow(i - 1, j - 1) + (a[i - 1] != b[j - 1]))

    assert edit_distance(a, b) == slow(len(a), len(b)) == edit_distance(b, a)


@pytest.mark.parametrize(
    ("answer", "truth", "right"),
    [
        ("-95", "-100", True), ("-95", "100", False), ("0", "0", True), ("0.001", "0", False), ("50%", "0.49", True),
        (" 5", "5", True), ("5 ", "5", True), ("5.0", "5", True), ("five", "5", False), ("inf", "5", False),
        ("1e2", "100", True), ("yes ", "yes", False),
    ],
)  # fmt: skip
def test_chartqa_numbers(answer: str, truth: str, right: bool) -> None:
    assert relaxed_accuracy(answer, truth) is right


def test_chartqa_strict_mends_years_only_where_one_is_asked_for() -> None:
    assert not relaxed_accuracy("2010", "2011", "strict", "in which year was it highest?")
    assert relaxed_accuracy("2010", "2011", "strict", "how many people came?")
    assert relaxed_accuracy(" $1,000 ", "1000", "strict") and not relaxed_accuracy("$1,000", "1000")


def test_gqa_predictions() -> None:
    assert [read_gqa("Yes..", how) for how in ("exact", "llava", "loose")] == ["Yes..", "yes", "yes"]  # type: ignore[arg-type]
    assert read_gqa("to the left.", "llava") == "to the left" and read_gqa("A dog", "loose") == "dog"


def test_gqa_validity_and_plausibility() -> None:
    truths, said = {"1": "red", "2": "yes"}, {"1": "blue", "2": "blue"}
    valid = {"1": ["red", "blue"], "2": ["yes", "no"]}
    found = gqa_scores(said, truths, valid=valid, plausible={"1": ["red"], "2": ["yes"]})
    assert (found["validity"], found["plausibility"]) == (0.5, 0.0)
    assert gqa_scores({}, truths, valid=valid)["validity"] == 0


def test_gqa_consistency_is_over_right_questions_with_entailed_ones() -> None:
    truths = {"1": "a", "2": "b", "3": "c", "4": "d"}
    said = {"1": "a", "2": "b", "3": "x", "4": "d"}
    entailed = {"1": ["2", "3", "1", "gone"], "2": ["1"], "3": ["4"], "4": []}
    assert gqa_scores(said, truths, entailed=entailed)["consistency"] == pytest.approx((0.5 + 1) / 2)


def test_gqa_distribution_by_hand() -> None:
    truths = {"1": "red", "2": "red", "3": "blue", "4": "cat"}
    said = {"1": "red", "2": "blue", "3": "green", "4": "cat"}
    groups = {"1": "colour", "2": "colour", "3": "colour", "4": "animal"}
    # colour: red 2 told 1, blue 1 told 1: (1 - 2)^2 / 2 = 0.5 on three questions; animal: 0 on one.
    assert gqa_distribution(said, truths, groups) == pytest.approx(0.5 * 3 / 4 / 100)
    assert gqa_distribution(said, truths, {"4": "animal"}) == 0 == gqa_distribution(said, truths, {})


def test_gqa_grounding_by_hand() -> None:
    cells = square_cells([[0.5, 0.1], [0.3, 0.1]])
    assert cells[1] == ((0.0, 0.5, 0.5, 1.0), 0.1), "the first index is x"
    assert gqa_grounding(cells, [(0, 0, 1, 1)]) == pytest.approx(1.0)
    assert gqa_grounding(cells, [(0, 0, 0.25, 0.5)]) == pytest.approx(0.25)
    assert gqa_grounding(cells, [(0, 0, 1, 1), (0, 0, 1, 1)]) == pytest.approx(2.0), "each region counts"
    assert gqa_grounding([((0.2, 0.2, 0.4, 0.4), 1.0)], [(0.6, 0.6, 1, 1)]) == 0


def test_word_match_is_not_vqa_accuracy() -> None:
    truths = ["cat"] * 10
    assert vqa_word_match("it is not a cat", truths), "a known false positive"
    assert vqa_accuracy("it is not a cat", truths) == 0 and not vqa_word_match("cats", truths)
    assert vqa_word_match("I see two of them.", ["2"]) and vqa_word_match("The dog's bowl", ["bowl", "x"])
    assert vqa_word_match("anything", ["the"]) and not vqa_word_match("anything", ["the"], "strict")
    assert vqa_word_match("a b", ["the b"]), "both lose their articles"


def test_word_match_of_plain_words() -> None:
    assert plain_words("Stop-Sign No.1!") == "stopsign no1" and plain_words("Grüße") == "gre"
    assert plain_word_match("It says S-T-O-P", ["stop"]) and not plain_word_match("stopped", ["stop"])
    assert has_word("a.b", "a.b") and not has_word("axb", "a.b"), "no regular expression"
    assert not has_word("the name: ann", "name:") and has_word("the name:ann", "name:"), "a border follows the sign"


def test_reciprocal_rank_and_classes() -> None:
    ranked = ["a dog", "cat", "yes"]
    assert [reciprocal_rank(a, ranked) for a in ("a cat and a dog", "the cat", "cow")] == [1, 0.5, 0]
    assert (
        per_class({"1": True, "2": True, "3": False}, {"1": "a", "2": "a", "3": "b"}) == 0.5 and per_class({}, {}) == 0
    )


def test_each_word_of_a_key_is_used_once() -> None:
    assert shared_words("12 12 May", "12 May 12 May") == {"said_words": 3, "true_words": 4, "shared_words": 3}
    assert shared_words("total 5", "5 5") == {"said_words": 2, "true_words": 2, "shared_words": 1}
    assert shared_words("", "x")["said_words"] == 0 and shared_words("May", "may")["shared_words"] == 0


@pytest.mark.parametrize(
    ("answer", "truth", "official", "strict"),
    [
        ("Yes, it is.", "yes", True, True), ("normal", "no", True, False), ("no, yes", "yes", True, False),
        ("female", "Female", False, True), ("I know, female", "Female", True, True), ("", "no", False, False),
        ("smaller", "larger", False, False),
    ],
)  # fmt: skip
def test_closed_medical_questions(answer: str, truth: str, official: bool, strict: bool) -> None:
    assert closed_right(answer, truth) is official and closed_right(answer, truth, "strict") is strict


def test_open_medical_questions() -> None:
    assert open_overlap("the left lung", "Left upper lung") == pytest.approx(
        {"recall": 2 / 3, "precision": 1, "f1": 0.8}
    )
    doubled = open_overlap("left left", "left lung")
    assert doubled["recall"] == pytest.approx(2 / 3), "the answer's count is taken"
    assert open_overlap("left left", "left lung", "strict")["recall"] == 0.5
    assert open_overlap("", "lung")["recall"] == 0 and open_overlap("heart", "lung")["f1"] == 0


def test_error_rates_of_reading() -> None:
    assert word_error_rate("the red barn", "the red  barn") == 0 and word_error_rate("a b c d", "a x c") == 0.5
    assert word_error_rate("Total", "total") == 1, "letter case counts"
    assert word_error_rate("a", "a b c") == 2, "more may be read than stands there"
    assert word_error_rate("", "") == 0 and word_error_rate("", "two words") == 2
    assert character_error_rate("12.50", "12,50") == 0.2 and character_error_rate("a  b", "a b") == 0
    assert character_error_rate("", "abc") == 3
