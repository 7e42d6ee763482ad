"""Samples that are too long: whole turns go first, pictures are never cut, and what was dropped is counted."""

from __future__ import annotations

import numpy as np
import pytest
from toys import make_processor, talk

from vistune.core.errors import DataError
from vistune.data.batch import IGNORE, Role
from vistune.data.example import Message, Part

LONG = "a red cat and two blue dogs " * 20


def whole(template="nano", **options):
    return make_processor(template, **options)


def texts(processor, sample):
    return processor.tokenizer.decode(sample.ids[sample.roles == Role.TEXT])


def test_what_fits_is_left_alone():
    example = talk("what colour?", "red")
    length = len(whole().encode(example))
    processor = whole(max_length=length)
    sample = processor.encode(example)
    assert len(sample) == length and not sample.dropped
    assert str(processor.truncation) == "1 samples, none shortened."


def test_oldest_turns_go_first():
    example = talk("one cat?", "yes", "two dogs?", "no", "three?", "a blue one")
    example.messages.insert(0, Message("system", [Part(text="describe it")]))
    full = whole("chatml").encode(example)
    processor = whole("chatml", max_length=len(full) - 1)
    sample = processor.encode(example)
    text = texts(processor, sample)
    assert "describe it" in text and "one cat?" not in text
    assert "two dogs?" in text and "three?" in text
    assert (sample.dropped.turns, sample.dropped.images, sample.dropped.text_tokens) == (2, 0, 0)


def test_carried_pictures_keep_all_their_tokens():
    example = talk("one cat?", "yes", "two dogs?", "no", images=2)
    full = whole().encode(example)
    processor = whole(max_length=len(full) - 1)
    sample = processor.encode(example)
    assert (sample.roles == Role.IMAGE).sum() == 12
    assert sample.images == example.images
    assert "one cat?" not in texts(processor, sample)


def test_pictures_go_with_their_turn_where_asked():
    example = talk("one cat?", "yes", "two dogs?", "no", images=2)
    processor = whole(max_length=20, carry_images=False)
    sample = processor.encode(example)
    assert (sample.roles == Role.IMAGE).sum() == 0 and sample.images == []
    assert (sample.dropped.turns, sample.dropped.images) == (2, 2)


def test_long_user_text_loses_its_end():
    example = talk(LONG, "a blue dog")
    full = whole().encode(example)
    processor = whole(max_length=60)
    sample = processor.encode(example)
    assert len(sample) == 60
    assert (sample.roles == Role.IMAGE).sum() == 6
    assert np.array_equal(sample.labels[sample.labels != IGNORE], full.labels[full.labels != IGNORE])
    kept = processor.tokenizer.decode(sample.ids[(sample.turn == 0) & (sample.roles == Role.TEXT)])
    assert LONG.startswith(kept.removeprefix("<s><|user|> "))
    assert sample.dropped.text_tokens == len(full) - 60


def test_a_text_is_cut_down_to_sixteen_tokens_and_no_further():
    full = whole().encode(talk(LONG, "a blue dog"))
    rest = len(full) - len(whole().tokenizer(" " + LONG)["input_ids"])
    assert len(whole(max_length=rest + 16).encode(talk(LONG, "a blue dog"))) == rest + 16
    with pytest.raises(DataError, match=f"{rest + 16} are left"):
        whole(max_length=rest + 15).encode(talk(LONG, "a blue dog"))


@pytest.mark.parametrize("limit", range(26, 90))
def test_no_limit_cuts_a_picture_or_an_answer(limit):
    example = talk(LONG, "a blue dog", "and the red cat?", "yes, two", images=2)
    full = whole().encode(example)
    answers = set(full.labels[full.labels != IGNORE].tolist())
    processor = whole(max_length=limit)
    try:
        sample = processor.encode(example)
    except DataError:
        assert limit < 12 + 20
        return
    assert len(sample) <= limit
    assert (sample.roles == Role.IMAGE).sum() == 12
    assert sample.ids[-1] == full.ids[-1]
    assert set(sample.labels[sample.labels != IGNORE].tolist()) <= answers
    last = full.labels[(full.turn == 3) & (full.labels != IGNORE)]
    assert np.array_equal(sample.labels[sample.labels != IGNORE][-len(last) :], last)


def test_a_sample_that_cannot_fit_is_rejected_with_its_reason():
    processor = whole(max_length=10)
    with pytest.raises(DataError, match=r"Example 'e': \d+ tokens do not fit into max_length=10.*never cut"):
        processor.encode(talk("what colour?", "red", images=2))
    assert processor.truncation.rejected == 1


def test_a_long_answer_is_never_cut():
    with pytest.raises(DataError, match="do not fit"):
        whole(max_length=40).encode(talk("a?", LONG))


def test_the_report_adds_up():
    processor = whole(max_length=60)
    processor.encode_many([talk(LONG, "yes"), talk("a?", "no")])
    report = processor.truncation
    assert (report.samples, report.shortened, report.rejected) == (2, 1, 0)
    assert str(report).startswith("1 of 2 samples were shortened (0 turns, 0 pictures and")


def test_prompts_are_shortened_too():
    sample = whole(max_length=60).prompt(talk(LONG, "yes"))
    assert len(sample) == 60 and (sample.roles == Role.IMAGE).sum() == 6
