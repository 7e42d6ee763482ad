"""Sub-questions, answers, conclusions: the loop by a script, the exact asker of scenes, the published forms of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from probing import Says, unmade, write

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example
from vistune.evaluation.benchmarks.sub_questions import SubQuestions, chosen, conclude_exactly
from vistune.evaluation.benchmarks.vcr_files import named_people, read_chosen
from vistune.evaluation.reasoner import IRRELEVANT, Reasoner, Task, conclusion, sub_questions, trimmed
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import Result, summarise
from vistune.evaluation.runner import evaluate
from vistune.models.loading import load_model

TASK = Task("what is he doing?", ("he runs", "he sleeps", "he eats"))


class Script:
    """Asker and reasoner that say one thing after the other, and keep what they were shown."""

    def __init__(self, *replies: str) -> None:
        self.replies, self.shown = list(replies), []

    def __call__(self, text: str) -> str:
        self.shown.append(text)
        return self.replies.pop(0)


def test_a_dialogue_goes_on_until_somebody_is_sure() -> None:
    asker = Script(
        "Sub-question 1: What is on his feet?\nSub-question 2: What is around him?", "Sub-question 1: What moves?"
    )
    reasoner = Script(
        "Analysis: hard to say.\nMore Likely Answer: not sure", "Analysis: shoes.\nMore likely answer: Answer 1"
    )
    leader = Reasoner(Says(asker), Says(reasoner))
    said: list[str] = []
    for answer, due in (
        ("shoes\nnew ones", "What is on his feet?"),
        ("grass", "What is around him?"),
        ("legs", "What moves?"),
    ):
        course = leader.course("x", TASK, "a man", said)
        assert course.next == due and course.choice is None
        said.append(answer)
    course = leader.course("x", TASK, "a man", said)
    assert (course.next, course.choice, course.rounds) == (None, 0, 2)
    assert course.asked == list(
        zip(("What is on his feet?", "What is around him?", "What moves?"), ("shoes new ones", "grass", "legs"))
    )
    assert "Sub-question: What is around him? Answer: grass" in reasoner.shown[0]
    assert "hard to say" in asker.shown[1] and "Answer 2: he sleeps" in asker.shown[1]
    assert len(asker.shown) == 2 and len(reasoner.shown) == 2, "nobody is asked twice"


def test_the_last_round_has_to_decide() -> None:
    ask = "Sub-question: What?"
    sure = Reasoner(Says(ask), Says("Analysis: a.\nMore likely answer: not sure, but 2"), rounds=2)
    assert sure.course("x", TASK, "c", ["a", "b"]).choice == 1, "a number is read where there has to be one"
    never = Reasoner(Says(ask), Says("Analysis: a.\nMore likely answer: not sure"), rounds=2)
    found = never.course("x", TASK, "c", ["a", "b"])
    assert (found.choice, found.rounds, found.next) == (None, 2, None)


def test_what_cannot_be_read_is_asked_for_again() -> None:
    script = Script("dunno", "Analysis: x", "Analysis: x\nMore likely answer: 3")
    leader = Reasoner(Says("none"), Says(script), rounds=1, tries=3)
    assert leader.course("x", TASK, "c", []).choice == 2 and len(script.shown) == 3
    assert Reasoner(Says("none"), Says("dunno"), rounds=1, tries=4).course("x", TASK, "c", []).choice is None


def test_forms_of_replies() -> None:
    assert sub_questions("Sub-question 1: What?\nSub-question 12:  Who? \nSub-question: ") == ["What?", "Who?"]
    assert conclusion("Analysis: so.\nMore Likely Answer: Answer 2.", 3, False) == ("so.", 1)
    assert conclusion("Analysis: so.\nMore Likely Answer: 7", 3, True) == ("so.", None)
    assert conclusion("Analysis: so.\nMore Likely Answer: 1\nMore Likely Answer: 3", 3, False) == ("so.", 2), (
        "the last one"
    )
    assert conclusion("More Likely Answer: 1", 3, False) is None
    assert trimmed("yes\nindeed Question: what") == "yes indeed"
    assert [chosen(a, ("yes", "no")) for a in ("Yes.", "no, never", "yes and no", "2", "Answer 1: x", "hm")] == [
        0,
        1,
        None,
        1,
        0,
        None,
    ]


def test_the_control_asks_as_much_about_nothing() -> None:
    leader = Reasoner(
        Says("Sub-question 1: a?\nSub-question 2: b?"), Says("Analysis: x\nMore likely answer: 1"), relevant=False
    )
    found = leader.course("x", TASK, "c", ["1", "2"])
    assert [q for q, _ in found.asked] == list(IRRELEVANT[:2])


# -- scenes --------------------------------------------------------------------------------------------------------------


def result(benchmark: SubQuestions, answer) -> Result:
    items = []
    for example in benchmark.examples():
        said, turn = [answer(example, example)], example
        while (more := benchmark.follow_up(example, said)) is not None:
            turn = more
            said.append(answer(example, turn))
        items.append(make_item(benchmark, example, Evidence(said, 0.0)))
    return summarise(benchmark, items)


def knows(example: Example, turn: Example) -> str:
    told = {question: true for question, _, true in example.meta["checks"]}
    return told.get(turn.messages[-1].text, "a picture.")


def test_one_that_sees_right_is_led_to_the_right_end() -> None:
    benchmark = SubQuestions(n=60)
    best = result(benchmark, knows)
    assert (best.values["accuracy"], best.values["unknown"], best.values["rounds"], best.values["asked"]) == (
        1,
        0,
        1,
        2,
    )
    answers = [e.answers[0] for e in benchmark.examples()]
    assert answers.count("yes") == answers.count("no") == 30
    nothing = result(benchmark, lambda _, __: "hm")
    assert (nothing.values["accuracy"], nothing.values["rounds"]) == (0.5, 4), "in the end nothing spoke against it"
    control = result(SubQuestions(n=60, style="irrelevant"), knows)
    assert (control.values["accuracy"], control.values["rounds"]) == (0.5, 4)
    single = result(SubQuestions(n=60, style="single"), lambda e, _: e.answers[0])
    assert (single.values["accuracy"], single.values["asked"]) == (1.0, 0.0)
    assert dict(benchmark.explain(benchmark.examples()[0], best.items[0]))["conclusion"] == best.items[0]["parsed"]


def test_statements_by_the_scene_alone() -> None:
    """Every statement is checked again by the world's own account of texts."""
    from vistune.world import sample_scene
    from vistune.world.language.account import account

    for example in SubQuestions(n=80).examples():
        scene = sample_scene(int(example.meta["group"]), split="test", prior="flat", min_things=2)
        words = example.meta["question"].removeprefix("is it true that ").rstrip("?")
        found = account(words + ".", scene)
        assert (found.false == 0) == (example.answers[0] == "yes"), words


def test_an_exact_conclusion() -> None:
    checks = [("what colour is the cup?", "red", "red"), ("how many dogs are there?", "two", "two")]
    ask = [q for q, _, _ in checks]

    def end(*answers: str, final: bool = False) -> int | None:
        return conclude_exactly(checks, list(zip(ask, answers)), final)

    assert (end("red", "2"), end("The cup is red.", "there are two dogs.")) == (0, 0)
    assert (end("blue", "two"), end("red", "three"), end("hm", "three")) == (1, 1, 1)
    assert (end("red", "some"), end("red", "some", final=True)) == (None, 0)


def test_each_turn_is_asked_by_itself(tmp_path: Path) -> None:
    seen: list[int] = []

    class Watching:
        def __init__(self, inner) -> None:
            self.inner: Any = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def prepare(self, examples):
            seen.extend(len(e.messages) for e in examples)
            return self.inner.prepare(examples)

    watched: Any = Watching(load_model("nano-vlm"))
    found = evaluate(watched, [SubQuestions(n=2)], tmp_path)["nano_sub_questions"]
    assert set(seen) == {1} and len(found.items) == 2
    assert all(len(item["said"]) >= 3 for item in found.items)
    again = evaluate(load_model("nano-vlm"), [SubQuestions(n=2)], tmp_path)["nano_sub_questions"]
    assert again.values == found.values, "from the record, by the same conclusions"


# -- files ---------------------------------------------------------------------------------------------------------------


def test_snli_ve(tmp_path: Path) -> None:
    """As ``snli_ve_dev.jsonl`` (necla-ml/SNLI-VE) and SNLI's own dev file have it."""
    rows = [
        {"pairID": "1.jpg#1r1n", "sentence2": "A man sits.", "gold_label": "neutral", "Flickr30K_ID": "4705552913"},
        {"pairID": "2.jpg#0", "sentence2": "No one.", "gold_label": "-", "captionID": "2.jpg#0"},
        {"pairID": "3.jpg#0", "sentence2": "A dog.", "gold_label": "entailment", "captionID": "3.jpg#4"},
    ]
    path = tmp_path / "snli_ve_dev.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, last = read_chosen(path)
    assert (first.image, first.truth, last.image, last.truth) == ("4705552913.jpg", 1, "3.jpg", 0)
    benchmark = SubQuestions(path=str(path), asker=Says("Analysis: x\nMore Likely Answer: 2\nSub-question 1: What?"))  # type: ignore[arg-type]
    told = result(benchmark, lambda _, __: "so")
    assert told.values["accuracy"] == 0.5 and told.name == "sub_questions" and benchmark.chance is None
    path.write_text(json.dumps({**rows[0], "gold_label": "maybe"}) + "\n")
    with pytest.raises(DataError, match="record 1: the label 'maybe'"):
        read_chosen(path)


def test_vcr(tmp_path: Path) -> None:
    """As VCR's ``val.jsonl``: words and lists of objects; boxes in the metadata beside the picture."""
    row = {
        "annot_id": "val-0", "img_fn": "m/a.jpg", "metadata_fn": "m/a.json", "objects": ["person", "person", "cup"],
        "question": ["What", "does", [1], "hold", "?"], "answer_label": 2,
        "answer_choices": [[[0], "runs", "."], ["A", [2], "."], [[1], "sleeps", ",", "alone", "."], ["Nothing", "."]],
    }  # fmt: skip
    write(
        tmp_path / "vcr1images" / "m" / "a.json",
        {"boxes": [[0, 0, 10, 9, 1], [60, 0, 90, 9, 1], [5, 5, 6, 6, 1]], "width": 90},
    )
    write(tmp_path / "val.jsonl", json.dumps(row) + "\n")
    (found,) = read_chosen(tmp_path / "val.jsonl")
    assert found.question == "What does person on the right hold?" and found.truth == 2
    assert found.choices == ("person on the left runs.", "A cup.", "person on the right sleeps, alone.", "Nothing.")


def test_people_by_their_place() -> None:
    boxes = [[0, 0, 20, 9], [40, 0, 50, 9], [70, 0, 80, 9], [0, 0, 10, 9], [1, 0, 2, 9]]
    names = ["person"] * 5
    assert named_people([[[1]]], names, boxes, 90)[1] == "person in the middle"
    three = named_people([[[2], [0]], [[1]]], names, boxes, 90)
    assert three[:3] == ["person on the left", "person in the middle", "person on the right"]
    four = named_people([[[0], [3]], [[4], [1]]], names, boxes, 90)
    assert four[0] == "person on the left" and four[3] == four[4] == "another person on the left"
    assert named_people([[[0]]], ["dog"], boxes, 90) == ["dog"]


def test_bad_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'dialogue'"):
        unmade("sub_questions", style="dialog")
    with pytest.raises(ConfigError, match="somebody who asks"):
        unmade("sub_questions", path=str(tmp_path))
    with pytest.raises(ConfigError, match="at least one round"):
        Reasoner(Says(""), Says(""), rounds=0)
    with pytest.raises(DataError, match="no file"):
        read_chosen(tmp_path / "none.jsonl")
