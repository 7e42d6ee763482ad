"""Words or Vision: oracles that trust one source only, statuses by hand, the authors' files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example
from vistune.evaluation.benchmarks.words_or_vision import (
    CONDITIONS,
    WordsOrVision,
    read_answer,
    recorded_preference,
    text_of,
)
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import Result, summarise
from vistune.world.questions.choices import answer_domain

BENCHMARK = WordsOrVision(n=40)


@pytest.fixture(scope="module")
def items() -> list[Example]:
    return BENCHMARK.examples()


def result(items: list[Example], answer: Callable[[Example], str], benchmark: WordsOrVision = BENCHMARK) -> Result:
    return summarise(benchmark, [make_item(benchmark, e, Evidence([answer(e)], 0.0)) for e in items])


def said_by_text(example: Example) -> str:
    """The value of the question's sort that the text names; nothing where it names none."""
    words = text_of(example).lower().replace(".", "").split()
    domain = answer_domain(example.answers[0])
    named = [
        value
        for value in domain
        if value.removeprefix("the ") in words or (value == example.answers[0] and value in words)
    ]
    return named[0] if named else ""


def trusts_text(example: Example) -> str:
    return said_by_text(example) or (example.answers[0] if example.images else "?")


def trusts_picture(example: Example) -> str:
    return example.answers[0] if example.images else (said_by_text(example) or "?")


def colours(items: list[Example]) -> list[Example]:
    """Groups whose question is about a value that stands in the text as a word of its own."""
    good = {e.meta["group"] for e in items if e.meta["type"] == "match" and said_by_text(e) == e.answers[0]}
    bad = {e.meta["group"] for e in items if e.meta["type"] == "corrupt" and not said_by_text(e)}
    return [e for e in items if e.meta["group"] in good - bad]


def test_seven_conditions_a_question(items: list[Example]) -> None:
    groups: dict[str, list[Example]] = {}
    for example in items:
        groups.setdefault(example.meta["group"], []).append(example)
    assert len(groups) == 40
    for own in groups.values():
        by = {e.meta["type"]: e for e in own}
        assert tuple(by) == CONDITIONS
        assert len({e.answers[0] for e in own}) == 1
        question = by["base"].messages[-1].text
        for name, example in by.items():
            assert bool(example.images) == (not name.endswith("_alone"))
            assert question in example.messages[-1].text
            assert all(p.image is None for p in example.messages[-1].parts) == name.endswith("_alone")
        assert text_of(by["match"]) != text_of(by["corrupt"])
        assert text_of(by["match"]) == text_of(by["match_alone"])


def test_one_that_copies_the_text_has_preference_one_and_one_that_looks_zero(items: list[Example]) -> None:
    usable = colours(items)
    assert len(usable) >= 7 * 15
    text, picture = result(usable, trusts_text), result(usable, trusts_picture)
    assert text.values["text_preference"] == 1.0 and text.values["torn_corrupt"] == 1.0
    assert picture.values["text_preference"] == 0.0 and picture.values["torn_corrupt"] == 1.0
    assert text.values["accuracy_corrupt"] == 0.0 and text.values["corrupt_over_base"] == 0.0
    assert picture.values["accuracy_corrupt"] == 1.0 and picture.values["corrupt_over_base"] == 1.0
    assert text.values["accuracy_match"] == picture.values["accuracy_match"] == 1.0
    assert text.values["coarse_match"] == 1.0 and text.values["torn_match"] == 0.0


def test_one_that_always_says_the_same_is_never_torn(items: list[Example]) -> None:
    told = result(items, lambda _: "red")
    assert told.values["torn_corrupt"] == 0.0 and told.values["text_preference"] == 0.0
    assert told.values["coarse_corrupt"] == 1.0 and told.values["neither_corrupt"] == 0.0


def test_where_the_text_stands_and_what_is_asked_for() -> None:
    first = WordsOrVision(n=1).examples()[1].messages[-1].parts
    last = WordsOrVision(n=1, order="picture first").examples()[1].messages[-1].parts
    assert first[0].text and first[1].image == 0
    assert last[0].image == 0 and last[1].text
    focus = WordsOrVision(n=1, style="picture").examples()
    assert focus[1].messages[-1].text.endswith("look at the picture for the answer.")
    assert "look at" not in focus[0].messages[-1].text
    with pytest.raises(ConfigError, match="'style' is one of"):
        WordsOrVision(style="pictur")  # type: ignore[arg-type]


def test_two_ways_of_reading_differ() -> None:
    assert read_answer("Yes..", "released") == "Yes."
    assert read_answer("Yes.", "released") == "Yes"
    assert read_answer("Yes..", "notebook") == "yes"
    assert read_answer("The two Cats.", "vqa") == "2 cats"


def lines(**answers: str) -> list[dict[str, str]]:
    return [{"question_id": q, "output": a} for q, a in answers.items()]


def test_answers_on_record_by_hand() -> None:
    """Text, picture, both, neither, and one that lacks a condition."""
    base = lines(a="blue", b="red", c="two", d="cat", e="x")
    alone = lines(a="green", b="grey", c="2", d="dog")
    both = lines(a="Green.", b="red", c="two", d="cow", e="x")
    found = recorded_preference(base, both, alone)
    assert found == pytest.approx({"text_preference": 1 / 3, "text": 1, "image": 2, "both": 0, "neither": 1})
    assert recorded_preference(base, both, alone, "vqa")["both"] == 1.0
    assert math.isnan(recorded_preference(lines(a="x"), lines(a="x"), lines(a="x"))["text_preference"])


def write_published(
    folder: Path, conditions: tuple[str, ...] = ("supp_stat", "contradict_stat", "irrel_wikitext")
) -> None:
    """Files in the form of the authors' outputs (raw_code/outputs/lmms-lab/VQAv2/MODEL)."""
    folder.mkdir()
    names = {"": "t=0_seed=0.jsonl"} | {
        source: f"t=0_seed=0_intext=caption+custom-25_textsrc={source}_capnum=1.jsonl" for source in conditions
    }
    for source, name in names.items():
        rows = [
            {"question": q, "question_id": number, "input": f"{source} {q}", "output": "Blue", "answers": ["blue"]}
            for number, q in ((58000, "What color?"), (74001, "What is it?"))
        ]
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_the_authors_files(tmp_path: Path) -> None:
    write_published(tmp_path / "files")
    images = tmp_path / "val2014"
    images.mkdir()
    for number in (58, 74):
        Image.new("RGB", (8, 8), "blue").save(images / f"COCO_val2014_{number:012d}.jpg")
    benchmark = WordsOrVision(path=str(tmp_path / "files"), images=str(images))
    examples = benchmark.examples()
    assert benchmark.name == "words_or_vision" and len(examples) == 14
    by = {e.id: e for e in examples}
    assert by["58000-corrupt"].messages[-1].text == "contradict_stat What color?"
    assert by["58000-irrelevant_alone"].images == []
    by["74001-base"].images[0].open()
    assert result(examples, lambda _: "Blue.", benchmark).values["accuracy_base"] == 1.0


def test_missing_files(tmp_path: Path) -> None:
    write_published(tmp_path / "files", ("supp_stat", "contradict_stat"))
    with pytest.raises(DataError, match="images=FOLDER"):
        WordsOrVision(path=str(tmp_path / "files")).examples()
    with pytest.raises(DataError, match="0 files with textsrc=irrel"):
        WordsOrVision(path=str(tmp_path / "files"), images=str(tmp_path)).examples()
