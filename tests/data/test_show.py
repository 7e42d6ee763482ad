"""``vistune data show``: every token as the model will learn it."""

from __future__ import annotations

import io

from rich.console import Console
from toys import make_processor, talk

from vistune.data.batch import IGNORE
from vistune.data.show import COLUMNS, describe_tokens, summarise, token_table


def rendered(table) -> str:
    stream = io.StringIO()
    Console(file=stream, width=140).print(table)
    return stream.getvalue()


def test_rows_tell_what_the_sample_holds():
    processor = make_processor()
    sample = processor.encode(talk("what colour is the cat?", "a red one"))
    rows = describe_tokens(sample, processor.tokenizer)
    assert [row.id for row in rows] == sample.ids.tolist()
    assert [row.learned for row in rows] == (sample.labels != IGNORE).tolist()
    assert [row.position for row in rows] == list(range(len(sample)))
    assert "".join(row.token for row in rows if row.learned) == " a red one</s>"
    cells = [row.cell for row in rows if row.role == "image"]
    assert cells == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert {row.picture for row in rows} == {None, 0}


def test_batches_are_shown_without_padding_and_positions_restart():
    processor = make_processor()
    samples = processor.encode_many([talk("a?", "b", name="1"), talk("what colour?", "red", images=2, name="2")])
    packed = processor.collate_packed([samples], pad_to_multiple=64, load_images=False)
    rows = describe_tokens(packed, processor.tokenizer)
    assert len(rows) == len(samples[0]) + len(samples[1])
    assert [row.position for row in rows] == [*range(len(samples[0])), *range(len(samples[1]))]
    assert [row.sample for row in rows] == [0] * len(samples[0]) + [1] * len(samples[1])
    assert {row.picture for row in rows if row.sample == 1} == {None, 1, 2}
    prompts = processor.collate([processor.prompt(talk("a?", "b"))], "left", load_images=False)
    assert not any(row.learned for row in describe_tokens(prompts, processor.tokenizer))


def test_pictures_take_one_line_in_the_summary():
    processor = make_processor()
    rows = describe_tokens(processor.encode(talk("a?", "b", images=2)), processor.tokenizer)
    lines = summarise(rows)
    pictures = [line for line in lines if line[COLUMNS.index("role")] == "image"]
    assert [(line[2], line[3], line[8], line[9]) for line in pictures] == [
        ("2-7", "[6 image tokens]", 0, "0,0-1,2"),
        ("8-13", "[6 image tokens]", 1, "0,0-1,2"),
    ]
    assert len(lines) == len(rows) - 10
    assert [line[3] for line in lines if line[7] == "yes"] == ["·", "b", "</s>"]


def test_table_shows_markup_and_half_characters_as_they_are():
    processor = make_processor()
    rows = describe_tokens(processor.encode(talk("is [bold] é🙂 a tag?\n", "yes")), processor.tokenizer)
    text = rendered(token_table(rows, "sample"))
    assert "sample" in text and "\\n" in text and "\ufffd" not in text
    assert text.count("yes") >= 2  # the token, and that it is learned
    assert len(rendered(token_table(rows, whole=True)).splitlines()) > len(text.splitlines())
