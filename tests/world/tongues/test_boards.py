"""Boards: letters that the fonts have, words inside their boards, Arabic as Unicode joins it."""

from __future__ import annotations

import numpy as np
import pytest

from seeds import seeds
from vistune.engines.tongues import TonguesEngine
from vistune.world.fonts import face
from vistune.world.tongues import TONGUES, ask_street, drawn, render_street, sample_street, shape, word_box, word_of
from vistune.world.tongues.boards import HELD_OUT, ink_on
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME


@pytest.mark.parametrize("code", list(TONGUES))
def test_the_fonts_have_every_letter(code: str) -> None:
    for kind in KIND_BY_NAME:
        glyphs, name = drawn(word_of(kind, code))
        font = face("sans" if TONGUES[code].FACE == "sans" else name, 40)
        missing = bytes(font.getmask("\U0010fffd"))
        assert all(bytes(font.getmask(c)) != missing for c in glyphs if c != " "), (code, kind)


def test_arabic_letters_are_joined_as_unicode_says() -> None:
    # kalb: initial kaf, medial lam, final beh; drawn from left to right.
    assert shape("كلب") == "\ufe90\ufee0\ufedb"
    # Dal joins to the letter before it, not to the one after: walad is three parts.
    assert shape("ولد") == "\ufeaa\ufedf\ufeed"
    # Lam and alif are one sign.
    assert shape("لا") == "\ufefb"
    # A lone hamza joins to nothing: hidha' ends in an isolated alif-hamza pair.
    assert shape("ء") == "\ufe80"


@pytest.mark.parametrize("code", ["de", "zh", "ar"])
def test_words_lie_on_their_boards_in_the_ink_of_the_board(code: str) -> None:
    for seed in seeds(20):
        street = sample_street(seed, code)
        picture = render_street(street, 256).astype(int)
        for board in street.boards:
            x0, y0, x1, y1 = word_box(board, code, 256)
            a, b, c, d = (256 * v for v in board.box)
            assert a <= x0 < x1 <= c and b <= y0 < y1 <= d
            top, low, left, right = int(b) + 4, int(d) - 4, int(a) + 4, int(c) - 4
            part = picture[top:low, left:right]
            inked = np.abs(part - ink_on(board.colour)).sum(-1) < np.abs(part - COLOURS[board.colour]).sum(-1)
            rows, columns = np.nonzero(inked)
            assert len(rows)
            found = columns.min() + left, rows.min() + top, columns.max() + left + 1, rows.max() + top + 1
            assert np.abs(np.array(found) - (x0, y0, x1, y1)).max() <= 2


def test_questions_about_boards_are_answered_by_the_boards() -> None:
    for seed in seeds(40):
        street = sample_street(seed, "fr", split="test")
        words = {b.word: b.colour for b in street.boards}
        assert len(words) == len(street.boards) == len(set(words.values()))
        for q in ask_street(street, seed, n=8):
            if q.type == "read":
                assert words[q.answer] in [c for c in words.values() if _asks(q.text, c)]
            else:
                word = next(w for w in words if f"«\u00a0{w}\u00a0»" in q.text)
                assert q.answer == TONGUES["fr"].value("colour", words[word], "board")


def _asks(text: str, colour: str) -> bool:
    return TONGUES["fr"].value("choice", colour, "board") in text


def test_languages_change_the_words_only_and_training_lacks_some() -> None:
    for seed in seeds(60):
        first, second = sample_street(seed, "en"), sample_street(seed, "ar")
        assert [(b.kind, b.colour, b.box) for b in first.boards] == [(b.kind, b.colour, b.box) for b in second.boards]
        assert not {b.kind for b in first.boards} & HELD_OUT
    assert {b.kind for seed in range(60) for b in sample_street(seed, split="test").boards} & HELD_OUT


def test_the_engine_speaks_the_languages_asked_for() -> None:
    engine = TonguesEngine(30, languages=["tr", "zh"], english=1.0, tasks={"question": 1})
    for example in engine.examples():
        language = example.meta["language"]
        assert language in ("tr", "zh")
        assert example.messages[0].text.endswith(f"Answer in {TONGUES[language].NAME.capitalize()}.")
    text = TonguesEngine(10, tasks={"text": 1}, languages=["sw"])
    assert all(example.meta["words"] for example in text.examples())
