"""The lines of the table of ratios, the turns that sides take, and the page."""

from __future__ import annotations

import json
import sys

import pytest
import run_all
from common import Line, Skipped, finish, interleaved, ratio_of
from turns import Pace, Record, speedup, take_turns, together


def test_a_line_without_a_rival_is_judged_by_its_own_figure():
    line = Line("collation", 6000.0, "samples/s", goal=5000, sense="at least")
    assert (line.measured, line.met) == (6000.0, True)
    assert Line("wait", 16.0, "s", goal=15).met is False


def test_a_line_with_a_rival_is_judged_by_the_ratio():
    assert Line("speed", 30.0, "tokens/s", 20.0, "other", 1.5, "at least").met is True
    assert Line("speed", 29.0, "tokens/s", 20.0, "other", 1.5, "at least").met is False
    assert Line("time", 30.0, "tokens/s", 20.0, "other", 1.1, ratio=1.2).met is False
    assert Line("told", 1.0, "s").met is None


def test_lines_are_written_with_what_is_measured_and_what_was_skipped(tmp_path, capsys):
    finish([Line("speed", 3.0, "s", 2.0, "other", 1.0), Skipped("beside x", "x is not here")], tmp_path / "l.json")
    line, skipped = json.loads((tmp_path / "l.json").read_text())
    assert (line["measured"], line["met"]) == (1.5, False)
    assert skipped == {"what": "beside x", "skipped": "x is not here"}
    told = capsys.readouterr().out
    assert "MISSED" in told
    assert "x is not here" in told


def test_interleaved_throws_the_first_round_away_and_compares_within_rounds():
    calls: list[str] = []
    work = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    asked: list[None] = []

    def clock() -> float:
        asked.append(None)
        return float(len(asked))

    seconds = interleaved(work, 2, clock)
    assert calls.count("a") == calls.count("b") == 3
    assert {name: values.tolist() for name, values in seconds.items()} == {"a": [1.0, 1.0], "b": [1.0, 1.0]}
    seconds["a"] *= [2, 4]
    assert ratio_of(seconds, "a", "b") == 3.0


def test_the_page_counts_goals_and_shows_failures():
    good = Line("fast", 2.0, "tokens/s", 1.0, "other", 1.5, "at least", note="why").as_dict()
    bad = Line("slow", 2.0, "s", goal=1.0).as_dict()
    parts = {"training": [good, Skipped("TRL with packing", "it says <no>").as_dict()], "startup": [bad]}
    text = run_all.page(parts, {"processor": "a processor", "load at the start": 0.1}, quick=False)
    assert "1 of 2 goals are met" in text
    assert "| fast<br><small>why</small> | at least 1.500 | 2.000 | 2.000 tokens/s | 1.000 (other) | yes |" in text
    assert "| slow | at most 1.000 | 2.000 | 2.000 s |  | **no** |" in text
    assert "skipped: it says &lt;no>" in text
    assert "a processor" in text
    failed = {"startup": [{"what": "startup", "failed": "boom"}]}
    assert "1 benchmarks failed" in run_all.page(failed, {"load at the start": 0.1}, quick=True)


def test_a_benchmark_that_breaks_is_a_line_not_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(run_all, "HERE", tmp_path)
    (tmp_path / "startup.py").write_text("raise SystemExit('it broke')")
    assert run_all.run_part("startup", True, tmp_path) == [{"what": "startup", "failed": "it broke"}]


def test_a_part_measured_again_takes_its_own_place_alone(tmp_path, monkeypatch):
    def main(*options: str) -> dict:
        monkeypatch.setattr(sys, "argv", ["run_all.py", "--out", str(tmp_path), *options])
        run_all.main()
        return json.loads((tmp_path / "speed.json").read_text())

    def run_part(name: str, quick: bool, folder) -> list[dict]:
        return [Line(f"{name}, {pace}", 1.0, "s").as_dict()]

    monkeypatch.setattr(run_all, "run_part", run_part)
    pace = "slow"
    assert main()["again"] == []
    pace = "fast"
    found = main("--only", "startup")
    assert list(found["parts"]) == list(run_all.PARTS) and found["again"] == ["startup"]
    told = {name: part[0]["what"] for name, part in found["parts"].items()}
    assert told.pop("startup") == "startup, fast" and all(what.endswith("slow") for what in told.values())
    assert "Measured again later than the rest: startup." in (tmp_path / "speed.md").read_text()


# ---- turns -------------------------------------------------------------------------------------------------------------


def steady(pace: Pace, tokens: int, ahead: int) -> None:
    """A side whose k-th step has the loss k; it announces ``ahead`` steps before they run, as loaders do."""
    pace.ready()
    for _ in range(ahead):
        pace.feed(tokens, 2 * tokens)
    number = 0
    while True:
        pace.feed(tokens, 2 * tokens)
        pace.step(number)
        number += 1


def broken(pace: Pace) -> None:
    """A side that cannot start."""
    raise ValueError("no such model")


def late(pace: Pace) -> None:
    """A side that breaks on its second step."""
    pace.ready()
    pace.feed(1, 1)
    pace.step(0.0)
    raise RuntimeError("out of luck")


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    sides = {"a": (steady, (10, 0)), "b": (steady, (20, 1)), "broken": (broken, ()), "late": (late, ())}
    return take_turns(sides, turns=3, steps=4)


def test_all_steps_tell_losses_and_only_warm_ones_are_timed(records):
    for name, tokens in (("a", 10), ("b", 20)):
        record = records[name]
        assert record.losses == list(range(16))  # a turn to warm up and three
        assert record.tokens == [tokens] * 9  # of each turn of four the first is left out
        assert len(record.seconds) == 9
        assert record.times().shape == (3,)
        assert record.padding == 2.0
        assert record.peak > 0
        assert record.error == ""


def test_a_side_that_fails_is_told_and_the_others_go_on(records):
    assert records["broken"].error == "ValueError: no such model"
    assert records["late"].error == "RuntimeError: out of luck"


def test_losses_of_all_sides_must_agree(records):
    assert together([records["a"], records["b"]])
    other = Record(losses=[0.0, 1.01, 2.0])
    assert not together([records["a"], other])
    assert together([records["a"], Record(losses=[0.0, 1.0005, 2.0])])


def test_rates_and_ratios_are_medians_over_the_turns():
    ours = Record(seconds=[1.0, 1.0, 3.0, 1.0, 50.0, 50.0], tokens=[10] * 6, turns=3)
    other = Record(seconds=[2.0, 4.0, 4.0, 4.0, 50.0, 50.0], tokens=[10] * 6, turns=3)
    assert ours.rate == 5.0  # 20 tokens in 2, 4 and 100 seconds
    assert speedup(ours, other) == 2.0  # 3, 2 and 1 times as fast
