"""The quality check finds the fault that a judge has, and none with the oracle."""

from __future__ import annotations

import json

import pytest
from biased import Faulty, ignores_the_picture, likes_length, mumbles, prefers_first, wavers

from vistune.annotators.oracle import Oracle
from vistune.core.errors import ConfigError
from vistune.evaluation.judges import RUBRICS, Judge, build_judge
from vistune.evaluation.judges.known import LEVELS, NEUTRAL, annotation, known_answers
from vistune.evaluation.judges.page import table, write_quality
from vistune.evaluation.judges.quality import Quality, check_judge
from vistune.world.language.account import account


def checked(change, rubric="touchstone", n=8) -> Quality:
    return check_judge(build_judge(Oracle() if change is None else Faulty(change), rubric), n)


@pytest.fixture(scope="module")
def oracle() -> Quality:
    return checked(None)


def test_answers_are_of_the_quality_that_they_are_called():
    known = known_answers(20)
    assert len({k.scene.seed for k in known}) == 20
    seen = set()
    for k in known:
        told = {level: account(answer, k.scene) for level, answer in k.answers.items()}
        seen |= set(told)
        for level in ("correct", "padded", "padded more", "repeated"):
            assert told[level].false == 0 and told[level].true == told["correct"].true > 0
        assert (
            len(k.answers["padded more"].split()) > len(k.answers["padded"].split()) > len(k.answers["correct"].split())
        )
        assert told["all wrong"].true == 0 and told["all wrong"].false > 0
        if "one wrong" in told:
            assert 0 < told["one wrong"].false < told["all wrong"].false
        if "several wrong" in told:
            assert told["several wrong"].false > told["one wrong"].false
    assert seen == set(LEVELS)


def test_neutral_sentences_say_nothing_of_a_picture():
    assert all(account(sentence).pieces == () for sentence in NEUTRAL)


def test_the_annotation_tells_every_thing():
    k = known_answers(2)[0]
    text = annotation(k.scene)
    assert k.scene.setting in text
    assert all(thing.colour in text and thing.kind in text for thing in k.scene.things)


@pytest.mark.parametrize("rubric", [kind for kind in RUBRICS.names() if kind != "choice"])
def test_the_oracle_passes_by_every_rubric(rubric: str):
    found = checked(None, rubric, n=4)
    assert found.faults == []
    assert found.value("agreement") == 1.0 and found.value("kappa") == 1.0 and found.value("tau") == pytest.approx(1.0)
    assert found.value("drop shuffled") > 0.5


def test_a_judge_that_prefers_the_first_place(oracle: Quality):
    found = checked(prefers_first)
    assert found.value("first") > 0.8 > oracle.value("first")
    assert found.value("identical tie") == 0.0 and oracle.value("identical tie") == 1.0
    assert any("favours one place" in fault for fault in found.faults)
    assert any("of identical answers" in fault for fault in found.faults)


def test_a_judge_that_likes_length(oracle: Quality):
    found = checked(likes_length)
    assert found.value("length slope") > 0.05 > abs(oracle.value("length slope"))
    assert any("change with length alone" in fault for fault in found.faults)


def test_a_judge_that_does_not_look():
    found = checked(ignores_the_picture)
    assert found.value("drop shuffled") == found.value("drop blank") == 0.0
    assert abs(found.value("kappa")) < 0.4 and found.value("agreement") < 0.8
    words = " ".join(found.faults)
    assert "another picture's annotation" in words and "no annotation" in words and "hardly beyond chance" in words


def test_a_judge_that_cannot_be_read():
    found = checked(mumbles)
    assert found.value("unread") > 0.0
    once = check_judge(Judge(Faulty(mumbles), RUBRICS.build("touchstone"), tries=1), 6)
    assert once.value("unread") > 0.2 and any("cannot be read" in fault for fault in once.faults)


def test_a_judge_that_wavers(oracle: Quality):
    assert oracle.value("spread") == 0.0
    assert checked(wavers).value("spread") > 0.2


def test_gavie_with_two_answers_in_one_prompt_is_checked_for_order(oracle: Quality):
    def first_is_right(reply, marking, example, sample):
        blocks = reply.split("Answer 2")
        return reply if len(blocks) < 2 else f"{blocks[0]}Answer 2\nRELEVANCY: 10.0\nACCURACY: 0.0"

    found = check_judge(build_judge(Faulty(first_is_right), "gavie"), 6)
    assert found.value("first") > 0.9 and any("favours one place" in fault for fault in found.faults)


def test_judges_that_see_pictures_get_the_right_ones():
    import numpy as np

    seen = []

    def look(reply, marking, example, sample):
        seen.append(np.asarray(example.images[0].open()))
        return reply

    found = check_judge(build_judge(Faulty(look), {"kind": "mmhal", "pictures": True}), 2, repeats=1)
    assert found.faults == [] and len(seen) == found.usage["requests"]
    assert len({p.tobytes() for p in seen}) == 5  # two scenes, what is shown in their place, and nothing at all
    assert any(p.std() == 0 for p in seen)


def test_what_cannot_be_checked_says_so():
    with pytest.raises(ConfigError, match="nothing to check"):
        check_judge(build_judge("oracle", "choice"), 2)
    with pytest.raises(ConfigError, match="at least 2 scenes"):
        check_judge(build_judge("oracle", "gavie"), 1)


def test_table_json_and_page(tmp_path, oracle: Quality):
    biased = checked(prefers_first, n=4)
    columns, rows = table([oracle, biased])
    assert columns == ["measure", "oracle, touchstone", "faulty, touchstone"]
    first = next(row for row in rows if row[0] == "first")
    assert first[1] == "50%" and first[2].endswith("!")
    page = write_quality(tmp_path, [oracle, biased]).read_text()
    assert "No fault was found" in page and "favours one place" in page
    assert "http" not in page.replace("http-equiv", "")
    told = json.loads((tmp_path / "quality.json").read_text())
    assert told[0]["faults"] == [] and told[1]["faults"] == biased.faults
    assert told[0]["judge"]["prompt_hash"] and told[0]["usage"]["requests"] == oracle.usage["requests"]
