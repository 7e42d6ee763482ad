"""Pages as texts: every order is a permutation, rasters, columns, distortion, truncation, noise."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vistune.core.errors import ConfigError
from vistune.data.reading_order import (
    OcrWord,
    block_lines,
    first_words,
    in_order,
    misread,
    raster_lines,
    serialise,
    swapped,
)


def column(texts: list[str], left: float, line: int = 0, wide: float = 40) -> list[OcrWord]:
    """Lines of words, ten high, twelve apart; a word takes ``wide`` pixels."""
    words = []
    for row, text in enumerate(texts):
        for k, word in enumerate(text.split()):
            x = left + (wide + 4) * k
            words.append(OcrWord(word, (x, 12.0 * row, x + wide, 12.0 * row + 10), line + row))
    return words


STORY = ["once upon a", "time there was", "a small model", "which could read"]


def test_a_page_of_one_column_is_read_as_it_was_written() -> None:
    words = column(STORY, 5)
    mixed = random.Random(0).sample(words, len(words))
    for order in ("raster", "blocks"):
        assert serialise(mixed, order) == " ".join(STORY)
        assert serialise(mixed, order, breaks=True) == "\n".join(STORY)
    assert serialise(words, "engine", breaks=True) == "\n".join(STORY)


def test_a_raster_interleaves_two_columns_and_blocks_repair_it() -> None:
    """The known failure of rasters, and what mends it."""
    left, right = column(STORY, 0), column([text.upper() for text in STORY], 200, 4)
    mixed = random.Random(1).sample(left + right, len(left + right))
    assert serialise(mixed, "raster").startswith("once upon a ONCE UPON A time")
    assert serialise(mixed, "blocks") == " ".join([*STORY, *(text.upper() for text in STORY)])


def test_paragraphs_are_cut_before_lines() -> None:
    above = column(["TITLE"], 0)
    below = [OcrWord(w.text, (w.box[0], w.box[1] + 60, w.box[2], w.box[3] + 60), 1) for w in column(STORY, 0)]
    assert [" ".join(w.text for w in line) for line in block_lines(below + above)] == ["TITLE", *STORY]


def test_a_word_joins_the_line_whose_middle_is_near() -> None:
    heights = [OcrWord("a", (0, 0, 5, 10)), OcrWord("b", (6, 4, 11, 14)), OcrWord("c", (12, 6, 17, 16))]
    # Half the median height is 5: b is 4 below a and joins; the line's mean centre is then 7, and c (11) is 4 below it.
    assert [len(line) for line in raster_lines(heights)] == [3]
    assert [len(line) for line in raster_lines([heights[0], heights[2]])] == [1, 1]
    assert raster_lines([]) == [] == block_lines([])


boxes = st.tuples(*(st.integers(0, 60) for _ in range(2)), *(st.integers(1, 20) for _ in range(2)))


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), boxes), max_size=25), st.integers(0, 5))
def test_every_order_has_every_word_once(made, seed: int) -> None:
    words = [OcrWord(t, (x, y, x + w, y + h), k // 3) for k, (t, (x, y, w, h)) in enumerate(made)]
    for order in ("engine", "raster", "blocks", "random"):
        found = [word for line in in_order(words, order, seed) for word in line]
        assert Counter(map(id, found)) == Counter(map(id, words)), order
        text = serialise(words, order, distort=0.5, seed=seed)
        assert sorted(text.split()) == sorted(word.text for word in words)


@given(st.integers(0, 30), st.sampled_from((0.0, 0.1, 0.25, 0.5, 1.0)), st.integers(0, 9))
def test_so_many_change_places_and_no_others(count: int, share: float, seed: int) -> None:
    items = list(range(count))
    mixed = swapped(items, share, seed)
    moved = sum(a != b for a, b in zip(items, mixed, strict=True))
    drawn = round(share * count)
    assert sorted(mixed) == items and moved == (drawn if drawn > 1 else 0)
    assert mixed == swapped(items, share, seed)


def test_all_that_change_places_are_mixed_and_not_moved_along() -> None:
    kept = [b - a for k in range(20) for a, b in itertools.pairwise(swapped(list(range(30)), 1.0, k))]
    assert kept.count(1) < len(kept) / 10, "few neighbours are neighbours still"


def test_lines_change_places_whole() -> None:
    text = serialise(column(STORY, 0), distort=1.0, unit="lines", breaks=True)
    assert sorted(text.split("\n")) == sorted(STORY) and text != "\n".join(STORY)


def test_first_words_keep_breaks() -> None:
    assert (
        first_words("a b\nc d\ne", 3) == "a b\nc" and first_words("a b", 0) == "" and first_words("a b", None) == "a b"
    )
    assert first_words("a b\nc", 2) == "a b" and first_words("a", 9) == "a"


def test_noise_reads_letters_wrong_and_leaves_the_rest() -> None:
    text = "Total: 12.50 EUR" * 20
    assert misread(text, 0.0) == text and misread(text, 0.3, 1) == misread(text, 0.3, 1)
    noisy = misread(text, 0.3, 1)
    letters = [(a, b) for a, b in zip(text, noisy, strict=True) if a.isalnum()]
    assert 0.15 < sum(a != b for a, b in letters) / len(letters) < 0.4
    assert all(a == b for a, b in zip(text, noisy, strict=True) if not a.isalnum())


def test_an_unknown_order_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no reading order 'rastr'. Did you mean 'raster'"):
        in_order([], "rastr")  # type: ignore[arg-type]
