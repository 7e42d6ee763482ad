"""A judge behind a real endpoint: what it is sent, what a second run costs, and that its faults are seen."""

from __future__ import annotations

import pytest
from chat import running

from vistune.evaluation.judges import build_judge
from vistune.evaluation.judges.quality import check_judge

pytest.importorskip("openai")


def test_a_judge_that_always_says_the_same(tmp_path):
    """The first answer gets an 8, the second a 6, whatever they are: every control shows it. A second run is free."""
    with running(tmp_path, "8 6\nfor no reason") as chat:
        spec = {"kind": "openai", "model": "m", "base_url": chat.url, "cache": str(tmp_path / "c.sqlite")}
        spec |= {"prices": {"input": 1.0, "output": 2.0}, "retries": 1, "backoff": 0.01}
        found = check_judge(build_judge(spec, "touchstone"), n=2)
        asked = len(chat.seen())
        words = " ".join(found.faults)
        assert found.value("first") == 1.0 and found.value("identical tie") == 0.0 and found.value("consistent") == 0.0
        assert found.value("drop shuffled") == found.value("drop blank") == found.value("length slope") == 0.0
        assert "favours one place" in words and "another picture's annotation" in words and "identical" in words
        assert found.usage["requests"] == asked > 0 and found.usage["cached"] > 0 and found.usage["cost"] > 0
        body = chat.seen()[0]["body"]
        assert body["stop"] == ["\n"] and body["temperature"] == 0.0
        assert found.judge["judge"]["name"] == "m" and found.judge["prompt_hash"]
        again = check_judge(build_judge(spec, "touchstone"), n=2)
        assert len(chat.seen()) == asked and again.usage["requests"] == 0 and again.usage["cost"] == 0.0
        assert again.summary()["measures"] == found.summary()["measures"]
        assert (
            next(m for m in found.summary()["measures"] if m["name"] == "tau")["value"] is None
        )  # equal marks have no order


def test_a_judge_that_fails_for_one_item_marks_the_others(tmp_path):
    from vistune.data.example import Example, user

    with running(tmp_path, "Rating: 5") as chat:
        judge = build_judge(
            {"kind": "openai", "model": "m", "base_url": chat.url, "cache": None, "retries": 0}, "mmhal"
        )
        items = [Example(str(i), [user(f"question {i} {t}")], answers=["a"]) for i, t in enumerate(("", "[[500]]", ""))]
        verdicts = judge.judge(items, ["x", "x", "x"])
        assert [v.marks.get("score") for v in verdicts] == [5.0, None, 5.0]
        assert "answers 500" in (verdicts[1].error or "") and not verdicts[1].parsed
