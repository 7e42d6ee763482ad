"""TabMWP's evaluator on cases worked out by hand, its oddities included."""

from __future__ import annotations

import pytest

from vistune.evaluation.metrics.tabmwp import extract_tabmwp, normalise_tabmwp, tabmwp_right

CHOICES = ["more", "less", "as many"]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("1,000", "1000"), ("123", "123"), ("3/4", "0.75"), ("56.456", "56.456"), ("$56.4", "56.4"), ("-3", "-3"),
        ("-10.02", "-10.02"), ("-3/2", "-1.5"), ("$8,343.00", "8343"), (".10", "0.1"), ("7:25 P.M.", "7:25 P.M"),
        ("2/3", "0.667"), ("1/0", "1/0"), ("1.2.3", "1.2.3"), ("Hunter", "Hunter"), ("5.", "5"), ("-$5", "-$5"), ("", ""),
        ("1,2,3", "123"),
    ],
)  # fmt: skip
def test_normal_form(text: str, normal: str) -> None:
    assert normalise_tabmwp(text) == normal


def test_the_unit_goes_from_texts_only() -> None:
    assert normalise_tabmwp("5 trees", "trees") == "5"
    assert normalise_tabmwp("5", "5") == "5", "a number is never a unit"
    assert normalise_tabmwp("street trees", "trees") == "street"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("(b)", "less"), ("B", "less"), ("b. because", "less"), ("The answer is C", "as many"), ("(A) more", "more"),
        ("The answer is (B) less.", "less"), ("less", "less"), ("it is as many", "as many"),
        ("At most", "more"),  # any character may stand between the letter and the blank
        ("the answer is C", "more"),  # a small t never fits; nothing is shared, so the first choice
        ("I do not know", "more"),
    ],
)  # fmt: skip
def test_choices(answer: str, told: str) -> None:
    assert extract_tabmwp(answer, CHOICES) == told


def test_a_letter_beyond_the_choices_is_drawn_or_unread() -> None:
    assert extract_tabmwp("(H)", CHOICES) in CHOICES
    assert extract_tabmwp("(H)", CHOICES) == extract_tabmwp("(H)", CHOICES), "drawn from a fixed seed"
    assert extract_tabmwp("(H)", CHOICES, "strict") is None
    assert extract_tabmwp("nothing of it", CHOICES, "strict") is None and extract_tabmwp("", CHOICES) == "more"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("The answer is 1,000.", "1,000"), ("2 + 3 = 5 apples", "5"), ("2+3=5", "5"), ("The cost is $1.40 today", "$1.40"),
        ("there were 3 of 7", "3"), ("at 7:25 P.M.", "7:25 P.M."), ("$\\frac{16}{95}$", "16/95"), ("5 or 6", "6"),
        ("\N{MINUS SIGN}4", "-4"), ("none", "none"),
    ],
)  # fmt: skip
def test_free_answers(answer: str, told: str) -> None:
    assert extract_tabmwp(answer) == told


def test_right() -> None:
    assert tabmwp_right("The answer is $3.30.", "3.30", unit="$")
    assert tabmwp_right("92/333", "0.276") and not tabmwp_right("0.27", "0.276")
    assert tabmwp_right("less", "less", ["more", "less"])
    assert not tabmwp_right("LESS", "less", ["more", "less"]), "a choice is looked for as it is written"
    assert not tabmwp_right("", "less", ["more", "less"]), "the first choice is taken"
