"""GPT-score: grades that are known by how the text was made, files of captions, and the order that a judge must keep."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from answering import perfect
from probing import Says, build, measured, unmade, write

from vistune.core.errors import ConfigError
from vistune.evaluation.judges.base import build_judge
from vistune.evaluation.runner import evaluate
from vistune.models.loading import load_model


def texts(benchmark, examples):
    """Of each item: its true text, the next item's, and the true one's words in another order."""
    rng = random.Random(0)
    own = [e.answers[0] for e in examples]
    salad = [" ".join(rng.sample(t.replace(".", "").split(), len(t.split()))) for t in own]
    return dict(zip([e.id for e in examples], zip(own, own[1:] + own[:1], salad)))


@pytest.mark.parametrize("style", ["short", "long"])
def test_a_true_text_gets_all_and_the_order_is_kept(style) -> None:
    benchmark = build("gpt_score", n=40, style=style)
    told = texts(benchmark, benchmark.examples())
    true, other, salad, nothing = (
        measured(benchmark, answer)
        for answer in (perfect, lambda e: told[e.id][1], lambda e: told[e.id][2], lambda e: "")
    )
    assert (true["consistency"], true["meaning"], true["grammar"]) == (10.0, 10.0, 10.0)
    # Another picture's text is as fluent, and not about this picture.
    assert (other["meaning"], other["grammar"]) == (10.0, 10.0) and other["consistency"] < 6
    assert other["creativity"] == pytest.approx(true["creativity"])
    assert salad["grammar"] == 0.0 and salad["consistency"] < true["consistency"]
    assert {nothing[name] for name in ("creativity", "meaning", "consistency", "grammar", "score", "words")} == {0.0}
    assert true["score"] == pytest.approx((true["creativity"] + 20) / 3, abs=0.05)


def test_grades_by_hand() -> None:
    benchmark = build("gpt_score", n=1)
    example = benchmark.examples()[0]
    scene = example.meta["facts"]
    wrong = next(name for name in ("kitchen", "lake") if name != scene.setting)
    found = measured(benchmark, lambda e: f"this is the {scene.setting}. this is the {wrong}. hello you.")
    # Ten words, nine pairs, of which "this is" and "is the" come twice: 7 of 9.
    assert found["creativity"] == pytest.approx(7.8)
    assert found["meaning"] == pytest.approx(6.7), "two sentences of three say something; one decimal"
    assert found["consistency"] == pytest.approx(5.0)
    assert found["grammar"] == pytest.approx(6.7)
    assert found["words"] == 10.0


def test_what_was_given_earns_nothing() -> None:
    benchmark = build("gpt_score", n=12, beginning=4)
    assert benchmark.name == "nano_gpt_score_begun_4"
    for example in benchmark.examples():
        given = example.meta["beginning"]
        assert len(given.split()) == 4 and example.messages[-1].text.endswith(f'"{given}"')
        assert example.answers[0].startswith(given)
        shown = benchmark.build_judge().rubric.requests(example, ["x"])[0].messages[-1].text
        assert f"was given:\n{given}" in shown and "Grammar" in shown
    rest = measured(benchmark, lambda e: e.answers[0].removeprefix(e.meta["beginning"]).strip())
    assert (rest["consistency"], rest["meaning"], rest["grammar"]) == (10.0, 10.0, 10.0)
    assert measured(benchmark, lambda e: "")["consistency"] == 0.0
    assert measured(benchmark, lambda e: e.meta["beginning"])["consistency"] == 0.0, "said again, nothing new"


def test_files_of_captions(tmp_path: Path) -> None:
    """COCO's JSON, as ``captions_val2017.json`` is."""
    content = {
        "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 9, "file_name": "b.jpg"}],
        "annotations": [
            {"image_id": 7, "id": 1, "caption": "A dog runs."},
            {"image_id": 9, "id": 2, "caption": "A cat sleeps."},
            {"image_id": 7, "id": 3, "caption": "A brown dog on grass."},
        ],
    }
    path = write(tmp_path / "captions.json", content)
    reply = "Good.\nCreativity: 4/10, Meaningfulness: 9/10, Consistency: 8/10"
    benchmark = build("gpt_score", path=str(path), style="short", judge=Says(lambda _: reply))
    first, _ = benchmark.examples()
    assert first.meta["context"] == "A dog runs.\nA brown dog on grass." and benchmark.name == "gpt_score_short"
    assert str(first.images[0].path) == str(tmp_path / "a.jpg")
    found = measured(benchmark, perfect)
    assert (found["creativity"], found["meaning"], found["consistency"], found["score"]) == (4.0, 9.0, 8.0, 7.0)
    assert "grammar" not in found, "the paper's three axes"
    benchmark = build(
        "gpt_score", path=str(path), judge=Says(lambda text: "no idea" if "A cat sleeps" in text else reply)
    )
    assert measured(benchmark, perfect)["score"] == 7.0, "a reply without grades has no part in the means"
    with pytest.raises(ConfigError, match="gpt_score is marked by a judge"):
        unmade("gpt_score", path=str(path)).build_judge()


def test_grammar_is_asked_of_any_judge() -> None:
    from vistune.data.example import Example, user

    item = Example("x", [user("describe")], meta={"beginning": "", "context": "a cup"})
    judge = build_judge(Says(lambda _: "Creativity: 1/10, Meaningfulness: 2/10, Consistency: 3/10, Grammar: 9/10"),
                        {"kind": "gpt_score", "grammar": True})  # fmt: skip
    marks = judge.judge([item], ["a cup."])[0].marks
    assert marks == {"creativity": 1.0, "meaning": 2.0, "consistency": 3.0, "grammar": 9.0, "score": 2.0}
    plain = build_judge(Says(lambda _: "Creativity: 1/10, Meaningfulness: 2/10, Consistency: 3/10"), "gpt_score")
    assert plain.judge([item], ["a cup."])[0].marks["score"] == 2.0
    assert not build_judge(plain.annotator, {"kind": "gpt_score", "grammar": True}).judge([item], ["a"])[0].parsed


def test_bad_settings() -> None:
    for bad in ({"style": "middle"}, {"beginning": -1}):
        with pytest.raises(ConfigError, match="'style' is one of|a beginning has"):
            unmade("gpt_score", **bad)


def test_the_shipped_model_is_graded(tmp_path: Path) -> None:
    found = evaluate(load_model("nano-vlm"), [build("gpt_score", n=4)], tmp_path)["nano_gpt_score"]
    assert found.values["meaning"] > 5 and found.values["words"] > 10
    assert found.judge["rubric"] == "gpt_score"
    assert json.loads((tmp_path / "nano_gpt_score.summary.json").read_text())["switches"]["style"] == "long"
