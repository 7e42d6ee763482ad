"""Rubrics: what judges are shown, how replies of the official forms are read, and published reviews read again."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from vistune.annotators.base import Annotator, Asking, Reply
from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.judges import RUBRICS, Judge, build_judge, build_rubric
from vistune.evaluation.judges.dnli import dnli_ratios
from vistune.evaluation.judges.marks import region_lines
from vistune.evaluation.metrics.judged import llava_bench, mm_vet

ITEM = Example(
    "i1",
    [user("What is on the {table}?")],
    answers=["a red cup"],
    meta={"context": "A red cup stands on a table.", "options": {"A": "a cup", "B": "a dog"}, "category": "conv"},
)


class Replay(Annotator):
    """Says what it is given, one reply after the other, and keeps what it was asked."""

    kind = "replay"

    def __init__(self, *replies: str | Reply) -> None:
        self.replies = [r if isinstance(r, Reply) else Reply(r) for r in replies]
        self.asked: list[Example] = []
        self.askings: list[Asking | None] = []

    def ask(self, examples: Sequence[Example], asking: Asking | None = None) -> list[Reply]:
        self.asked += examples
        self.askings += [asking] * len(examples)
        return [self.replies.pop(0) for _ in examples]


def marked(
    rubric: str | dict, *replies: str | Reply, answer: str | list[str] = "a cup", item: Example = ITEM, **own: int
):
    replay = Replay(*replies)
    judge = Judge(replay, build_rubric(rubric), **own)
    return judge.judge([item], [answer])[0], replay


@pytest.mark.parametrize("kind", RUBRICS.names())
def test_every_rubric_shows_question_answer_and_what_stands_for_the_picture(kind: str):
    rubric = RUBRICS.build(kind)
    texts = [r.messages[-1].text for r in rubric.requests(ITEM, ["the ANSWER {slot}"])]
    assert all("{question}" not in t and "{answer}" not in t and "{context}" not in t for t in texts)
    if kind != "dnli":  # which takes two captions apart, and asks no question
        assert all("What is on the {table}?" in t for t in texts)
    assert sum("the ANSWER {slot}" in t for t in texts) >= 1
    assert all(("A red cup stands on a table." in t) == rubric.uses_context for t in texts)
    assert len(rubric.prompt_hash) == 12 and rubric.identity()["prompt"] == "ours"


def test_pictures_are_shown_on_demand():
    from PIL import Image

    seen = Example(
        **{**{f: getattr(ITEM, f) for f in ("id", "answers", "meta")}, "messages": [user("what?", images=(0,))]}
    )
    seen.images = [ImageSource(pil=Image.new("RGB", (8, 8)))]
    for kind in ("touchstone", "mmhal"):
        assert RUBRICS.build(kind).requests(seen, ["a"])[0].images == []
        shown = RUBRICS.build({"kind": kind, "pictures": True}).requests(seen, ["a"])[0]
        assert shown.images == seen.images and shown.messages[-1].parts[0].image == 0


# TouchStone


def test_touchstone_swaps_the_places_and_averages():
    verdict, replay = marked("touchstone", "8 6", "7 9")
    first, second = (r.messages[-1].text for r in replay.asked)
    assert first.index("a red cup\n") < first.index("a cup\n") and second.index("a cup\n") < second.index("a red cup\n")
    assert verdict.marks == {"score": 6.5, "reference": 8.5, "calls": 2.0} and verdict.parsed
    assert replay.askings[0] == Asking(temperature=0.0, stop=("\n",))


@pytest.mark.parametrize(
    ("reply", "official", "strict"),
    [
        ("8 7", (8, 7), (8, 7)),
        ("8.5 7\nBecause", (8.5, 7), (8.5, 7)),
        ("8, 7", None, (8, 7)),
        ("Score: 8 7", None, (8, 7)),
        ("Assistant 1: 8, Assistant 2: 7", None, (8, 7)),
        ("12 7", (12, 7), None),
        ("8", None, None),
        ("nice", None, None),
    ],
)
def test_touchstone_first_line(reply: str, official: tuple | None, strict: tuple | None):
    assert RUBRICS.build("touchstone").pair(reply) == official  # type: ignore[attr-defined]
    assert RUBRICS.build({"kind": "touchstone", "mode": "strict"}).pair(reply) == strict  # type: ignore[attr-defined]


def test_touchstone_asks_five_times_and_then_counts_one_order_only():
    """Official: a call that fails is left out by itself; strict: the item needs both orders."""
    failed = ["?"] * 4
    verdict, replay = marked("touchstone", "8 6", "?", *failed)
    assert len(replay.asked) == 2 + 4
    assert verdict.marks == {"score": 6.0, "reference": 8.0, "calls": 1.0} and not verdict.parsed
    assert len({a.sample for a in replay.askings if a}) == 5  # each try is another request for a cache
    strict, _ = marked({"kind": "touchstone", "mode": "strict"}, "8 6", "?", *failed)
    assert strict.marks == {} and not strict.parsed
    gone, _ = marked("touchstone", "8 6", Reply(error="no answer."))
    assert gone.marks["calls"] == 1.0 and gone.error == "no answer."
    none, _ = marked("touchstone", Reply(error="no answer."), Reply(error="no answer."))
    assert none.marks == {} and none.error == "no answer."


# LLaVA-Bench


def test_llava_bench_layout_and_one_order():
    verdict, replay = marked("llava_bench", "8 6\nA is better.")
    text = replay.asked[0].messages[-1].text
    order = ["[Context]", "A red cup", "[Question]", "[Assistant 1]", "a red cup", "[Assistant 2]", "a cup", "[System]"]
    places = [text.index(part, 0 if i == 0 else text.index(order[i - 1])) for i, part in enumerate(order)]
    assert places == sorted(places) and replay.asked[0].messages[0].role == "system"
    assert verdict.marks == {"score": 6.0, "reference": 8.0}
    assert replay.askings[0] == Asking(temperature=0.2, max_tokens=1024)
    swapped, _ = marked({"kind": "llava_bench", "swap": True}, "8 6", "6 8")
    assert swapped.marks == {"score": 6.0, "reference": 8.0}
    unread, _ = marked("llava_bench", "I cannot say.")
    assert unread.marks == {"score": -1.0, "reference": -1.0} and not unread.parsed


def test_llava_bench_with_the_published_rules(real_data):
    file = real_data("llava-bench") / "rule.json"
    rules = json.loads(file.read_text())
    wild = build_rubric({"kind": "llava_bench", "prompt_file": str(file)})
    coco = build_rubric({"kind": "llava_bench", "setting": "coco", "prompt_file": str(file)})
    assert (
        wild.requests(ITEM, ["a"])[0].messages[-1].text.endswith(f"[System]\n{rules['llava_bench_conv']['prompt']}\n\n")
    )
    assert rules["conv"]["prompt"] in coco.requests(ITEM, ["a"])[0].messages[-1].text
    assert wild.prompt_source == "rule.json" and wild.prompt_hash != build_rubric("llava_bench").prompt_hash
    with pytest.raises(DataError, match=r"no rule\.json"):
        build_rubric({"kind": "llava_bench", "prompt_file": __file__})


def test_published_reviews_of_llava_bench_read_again(real_data):
    """LLaVA-1.5-7B's 60 reviews: every pair as published, and the score that follows from them."""
    folder = real_data("llava-bench") / "in-the-wild"
    reviews = [json.loads(line) for line in (folder / "reviews/llava-v1.5-7b-eval1.jsonl").read_text().splitlines()]
    judge = Judge(Replay(*(r["content"] for r in reviews)), build_rubric("llava_bench"))
    verdicts = judge.judge([ITEM] * len(reviews), ["x"] * len(reviews))
    assert [(v.marks["reference"], v.marks["score"]) for v in verdicts] == [tuple(r["tuple"]) for r in reviews]
    pairs = [(v.marks["reference"], v.marks["score"]) for v in verdicts]
    scores = llava_bench(pairs, [r["category"] for r in reviews])
    mine, theirs = (sum(r["tuple"][k] for r in reviews) for k in (1, 0))
    assert scores["all"] == pytest.approx(100 * mine / theirs) and set(scores) >= {
        "llava_bench_conv",
        "llava_bench_detail",
    }


# MM-Vet


def test_published_grades_of_mm_vet_read_again(real_data):
    """LLaVA-1.5-13B graded by GPT-4: totals by capability to the last printed digit."""
    folder = real_data("metric-checks") / "mm-vet"
    grades = json.loads((folder / "llava-v1.5-13b_gpt-4-grade-1runs.json").read_text())
    items = json.loads((folder / "mm-vet.json").read_text())
    judge = Judge(Replay(*(g["content"][0] for g in grades.values())), build_rubric("mm_vet"), tries=1)
    verdicts = judge.judge([ITEM] * len(grades), ["x"] * len(grades))
    marks = {name: v.marks["score"] for name, v in zip(grades, verdicts)}
    assert marks == {name: g["score"][0] for name, g in grades.items()}
    found = mm_vet(marks, {name: items[name]["capability"] for name in grades})
    expected = json.loads((folder / "expected.json").read_text())
    assert {k: round(v, 4) for k, v in found.items()} == {k: v for k, v in expected.items() if k != "n"}


def test_mm_vet_asks_again_warmer_and_ends_with_zero():
    verdict, replay = marked("mm_vet", "x", "1.5", "0.7 ")
    assert verdict.marks == {"score": 0.7}
    assert [a.temperature for a in replay.askings if a] == [0.0, 0.5, 1.0]
    assert replay.asked[0].messages[-1].text.endswith("What is on the {table}? | a red cup | a cup | ")
    failed, _ = marked("mm_vet", *["?"] * 6)
    assert failed.marks == {"score": 0.0} and not failed.parsed


def test_five_votes_give_mean_and_deviation():
    verdict, replay = marked("mm_vet", "0.4", "0.6", "0.5", "0.5", "0.5", votes=5)
    assert verdict.marks["score"] == pytest.approx(0.5) and verdict.spread["score"] == pytest.approx(0.0632, abs=1e-3)
    assert len(verdict.replies) == 5 and [a.sample for a in replay.askings if a] == [0, 1, 2, 3, 4]


def test_mm_vet_by_the_oracle():
    item = Example("m", [user("which?")], answers=["-1<AND>-5"], meta={})
    judge = build_judge("oracle", "mm_vet")
    got = [judge.judge([item], [a])[0].marks["score"] for a in ("-1 and -5", "-1", "7")]
    assert got == [1.0, 0.5, 0.0]


# GAVIE


def test_gavie_reads_both_marks_of_each_answer():
    one = "Answer 1\nRELEVANCY: 9. Reason: it follows.\nACCURACY: 4. Reason: wrong colour."
    assert marked("gavie", one)[0].marks == {"relevancy": 9.0, "accuracy": 4.0}
    assert marked("gavie", "Relevancy score: 8\nAccuracy score: 6.5")[0].marks == {"relevancy": 8.0, "accuracy": 6.5}
    two = f"{one}\nAnswer 2\nRELEVANCY: 7. Reason: 2 of 3.\nACCURACY: 10."
    verdict, replay = marked("gavie", two, answer=["a cup", "a dog"])
    assert verdict.marks == {"relevancy": 9.0, "accuracy": 4.0, "relevancy_2": 7.0, "accuracy_2": 10.0}
    assert len(replay.asked) == 1 and "Answer 2: a dog" in replay.asked[0].messages[-1].text
    assert not marked("gavie", "RELEVANCY: 9")[0].parsed and not marked("gavie", "RELEVANCY: 90 ACCURACY: 4")[0].parsed


def test_gavie_swapped_and_singly():
    def block(*pairs: tuple[int, int]) -> str:
        return "\n".join(f"Answer {i}\nRELEVANCY: {r}\nACCURACY: {a}" for i, (r, a) in enumerate(pairs, 1))

    verdict, replay = marked(
        {"kind": "gavie", "swap": True}, block((8, 6), (4, 2)), block((6, 4), (10, 8)), answer=["x", "y"]
    )
    assert "Answer 1: y" in replay.asked[1].messages[-1].text
    assert verdict.marks == {"relevancy": 9.0, "accuracy": 7.0, "relevancy_2": 5.0, "accuracy_2": 3.0}
    single, replay = marked({"kind": "gavie", "together": False}, block((8, 6)), block((4, 2)), answer=["x", "y"])
    assert len(replay.asked) == 2 and single.marks["accuracy_2"] == 2.0


def test_gavie_context_with_the_official_fault():
    regions = [("a red cup", (10.0, 20.0, 30.0, 40.0))]
    assert region_lines(regions) == "a red cup X: 10 Y: 20 Width: 30 Height: 30"
    assert region_lines(regions, "strict") == "a red cup X: 10 Y: 20 Width: 30 Height: 40"


# MMHal-Bench, HallusionBench, right or wrong, choice


def test_mmhal():
    assert marked("mmhal", "It is right.\nRating: 5")[0].marks == {"score": 5.0, "hallucination": 0.0}
    assert marked("mmhal", "Rating: 2")[0].marks == {"score": 2.0, "hallucination": 1.0}
    for unclear in ("no idea", "Rating: 1 ... or Rating: 6"):
        verdict, _ = marked("mmhal", unclear)
        assert verdict.marks == {"score": 0.0, "hallucination": 1.0} and not verdict.parsed


def test_mmhal_on_the_published_items(real_data):
    items = json.loads((real_data("hallucination") / "mmhal/responses/llava_7b.json").read_text())
    assert len(items) == 96
    rubric = build_rubric("mmhal")
    for item in items:
        meta = {"context": ", ".join(item["image_content"])}
        example = Example(item["image_id"], [user(item["question"])], answers=[item["gt_answer"]], meta=meta)
        text = rubric.requests(example, [item["model_answer"]])[0].messages[-1].text
        places = [text.index(item[k]) for k in ("question", "gt_answer")]
        assert text.index(meta["context"]) < places[0] < places[1] < text.rindex(item["model_answer"])


def test_hallusion():
    for reply, word in [
        ("correct", "correct"),
        ("Incorrect.", "incorrect"),
        ("unclear", "unclear"),
        ("well", "unclear"),
    ]:
        verdict, _ = marked("hallusion", reply)
        assert [k for k, v in verdict.marks.items() if v] == [word] and verdict.parsed == (reply != "well")


def test_right_or_wrong_and_its_graders():
    assert marked("right_or_wrong", "Right.")[0].marks == {"score": 1.0}
    assert marked("right_or_wrong", "wrong")[0].marks == {"score": 0.0}
    assert marked("right_or_wrong", "hm")[0].marks == {} and not marked("right_or_wrong", "hm")[0].parsed
    five = {"kind": "right_or_wrong", "graders": 5}
    verdict, replay = marked(five, "right", "wrong", "right", "hm", "right")
    assert verdict.marks == {"score": 1.0} and not verdict.parsed
    assert len({r.messages[-1].text for r in replay.asked}) == 5
    assert marked({"kind": "right_or_wrong", "graders": 2}, "right", "wrong")[0].marks == {"score": 0.0}
    with pytest.raises(ConfigError, match="1 to 5 graders"):
        build_rubric({"kind": "right_or_wrong", "graders": 6})


def test_choice():
    assert marked("choice", "B")[0].marks == {"option": 1.0}
    assert marked("choice", "The letter is A.")[0].marks == {"option": 0.0}
    assert marked("choice", "Z")[0].marks == {"option": -1.0}
    assert marked("choice", "A or B", "A or B", "A or B")[0].marks == {}
    judge = build_judge("oracle", "choice")
    assert [judge.judge([ITEM], [a])[0].marks["option"] for a in ("it is a dog", "(B)", "a cup or a dog")] == [
        1.0,
        1.0,
        -1.0,
    ]
    with pytest.raises(DataError, match="has no options"):
        build_rubric("choice").requests(Example("x", [user("?")], answers=["a"]), ["b"])


# DNLI


def test_dnli_takes_apart_and_labels():
    verdict, replay = marked(
        "dnli",
        '["there is a cup.", "it is blue.", "it is lovely."]',
        '```json\n["there is a cup.", "it is red."]\n```',
        '["entailed", "contradicted", "neutral"]',
    )
    assert "1. there is a cup." in replay.asked[2].messages[-1].text
    assert verdict.marks == dnli_ratios(1, 1, 1, 2)
    assert verdict.marks["descriptiveness_precision"] == pytest.approx(1 / 3)
    assert verdict.marks["contradiction_recall"] == verdict.marks["neutral_recall"] == 0.5
    same = ["[]", '["x"]']
    assert marked("dnli", *same)[0].marks["descriptiveness_recall"] == 0.0
    wrong, _ = marked("dnli", '["a", "b"]', '["c"]', '["entailed"]')
    assert wrong.marks == {} and not wrong.parsed


def test_dnli_of_a_caption_with_itself_is_all_entailed():
    from vistune.world import sample_scene
    from vistune.world.language import caption

    text = caption(sample_scene(3, min_things=3), 0, "long")
    item = Example("d", [user("describe")], answers=[text])
    marks = build_judge("oracle", "dnli").judge([item], [text])[0].marks
    assert marks["descriptiveness_precision"] == marks["descriptiveness_recall"] == 1.0 and marks["contradicted"] == 0


# GPT-score


def test_gpt_score_reads_the_last_grades():
    reply = "The meaning is clear: 3 dogs.\nCreativity: 7/10, Meaningfulness: 8/10, Consistency: 6/10"
    assert marked("gpt_score", reply)[0].marks == {"creativity": 7.0, "meaning": 8.0, "consistency": 6.0, "score": 7.0}
    assert not marked("gpt_score", "Creativity: 7/10")[0].parsed
    assert not marked("gpt_score", "Creativity: 70, Meaningfulness: 8, Consistency: 6")[0].parsed


def test_gpt_score_of_the_oracle_orders_reference_shuffled_salad():
    from vistune.world import sample_scene
    from vistune.world.language import caption

    scene, other = sample_scene(3, min_things=3), sample_scene(40, min_things=3)
    item = Example("g", [user("this is")], meta={"facts": scene})
    judge = build_judge("oracle", "gpt_score")
    texts = (caption(scene, 0, "long"), caption(other, 0, "long"), "the the of the. of of the of. the of.")
    reference, shuffled, salad = (judge.judge([item], [t])[0].marks for t in texts)
    assert reference["consistency"] > shuffled["consistency"] >= salad["consistency"]
    assert reference["meaning"] == shuffled["meaning"] > salad["meaning"]
    assert reference["creativity"] > salad["creativity"]


# Own words, and what is wrong with a request


def test_own_words(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("Q {question} R {reference} A {answer} {not a slot}")
    rubric = build_rubric({"kind": "hallusion", "prompt_file": str(file)})
    assert rubric.requests(ITEM, ["a cup"])[0].messages[-1].text == (
        "Q What is on the {table}? R a red cup A a cup {not a slot}"
    )
    assert rubric.identity()["prompt"] == "mine.txt"
    file.write_text("Q {question}")
    with pytest.raises(ConfigError, match="no place for the reference"):
        build_rubric({"kind": "hallusion", "prompt_file": str(file)})
    with pytest.raises(DataError, match="cannot be read"):
        build_rubric({"kind": "mmhal", "prompt_file": str(tmp_path / "none.txt")})


def test_judges_are_built_from_a_spec():
    judge = build_judge({"kind": "oracle", "votes": 3, "tries": 2}, {"kind": "touchstone", "mode": "strict"})
    assert (judge.votes, judge.tries) == (3, 2)
    assert judge.identity()["judge"] == {"kind": "oracle", "name": "oracle"}
    assert build_judge(judge, "gavie") is judge
    with pytest.raises(ConfigError, match="no rubric 'gavi'"):
        build_judge("oracle", "gavi")
    with pytest.raises(ConfigError, match="at least one vote"):
        build_judge({"kind": "oracle", "votes": 0}, "gavie")
    with pytest.raises(ConfigError, match="2 questions and 1 answers"):
        judge.judge([ITEM, ITEM], ["a"])
    with pytest.raises(DataError, match="no reference answer"):
        build_judge("oracle", "mmhal").judge([Example("x", [user("?")])], ["a"])


def test_the_oracle_without_a_scene_says_so():
    verdict = build_judge("oracle", "gavie").judge([ITEM], ["a cup"])[0]
    assert verdict.marks == {} and "no scene" in (verdict.error or "")
