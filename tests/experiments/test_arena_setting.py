"""Arenas as they are typed: players, questions, limits, and one sentence where something does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.arena.matches import SetQuestions, WorldQuestions
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.experiments.arena import Setting, make_arena


def answers(path: Path, ids: list[str], **more: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"id": i, "answer": f"{path.parent.name} {i}", **more}) + "\n" for i in ids))
    return str(path)


def test_two_runs_of_eval_meet_on_their_benchmark(tmp_path: Path) -> None:
    spec = "world_qa:n=4,image_size=32"
    ids = [example.id for example in BENCHMARKS.build({"kind": "world_qa", "n": 4, "image_size": 32}).examples()]
    files = [answers(tmp_path / name / "world_qa_flat.jsonl", ids[: 4 - k]) for k, name in enumerate(("a", "b"))]
    arena = make_arena(Setting(files, benchmark=spec, limits=["battles_per_minute=0"]), str(tmp_path / "votes.db"))
    assert list(arena.players) == ["a", "b"] and not arena.takes_own_questions and arena.limits.battles_per_minute == 0
    asked = set()
    for _ in range(30):
        battle = arena.begin("me")
        assert battle.answering.done.wait(10) and not battle.answering.error
        kept = arena.store.battle(battle.id)
        assert kept.answer_a == f"{kept.a} {kept.question_id}" and battle.question.example.images
        asked.add(kept.question_id)
    assert asked == set(ids[:3]), "only what both have answered"
    arena.close()


def test_files_may_bring_their_own_questions(tmp_path: Path) -> None:
    files = [answers(tmp_path / "x.jsonl", ["1", "2"], question="why?"), answers(tmp_path / "y.jsonl", ["1", "2"])]
    arena = make_arena(Setting(files), str(tmp_path / "votes.db"))
    assert list(arena.players) == ["x", "y"] and isinstance(arena.questions, SetQuestions)
    assert arena.begin("me").question.text == "why?"
    arena.close()


def test_a_model_with_ways_of_decoding(tmp_path: Path) -> None:
    setting = Setting(["nano-vlm"], methods=["ritual", "sample:temperature=0.7"], max_new_tokens=9)
    arena = make_arena(setting, str(tmp_path / "votes.db"))
    assert list(arena.players) == ["nano-vlm", "nano-vlm + ritual", "nano-vlm + sample:temperature=0.7"]
    last = arena.players["nano-vlm + sample:temperature=0.7"].settings  # type: ignore[attr-defined]
    assert (last.mode, last.temperature, last.max_new_tokens) == ("sample", 0.7, 9)
    assert isinstance(arena.questions, WorldQuestions) and arena.takes_own_questions
    arena.close()


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    votes = str(tmp_path / "votes.db")
    silent = [answers(tmp_path / f"{name}.jsonl", ["1"]) for name in "xy"]
    with pytest.raises(DataError, match="do not tell their questions"):
        make_arena(Setting(silent), votes)
    with pytest.raises(ConfigError, match="not from both"):
        make_arena(Setting(silent, benchmark="world_qa:n=2", questions=tmp_path), votes)
    with pytest.raises(DataError, match="no such file of answers"):
        make_arena(Setting([str(tmp_path / "none.jsonl"), silent[0]]), votes)
    with pytest.raises(ConfigError, match="two players"):
        make_arena(Setting(silent[:1], benchmark="world_qa:n=2"), votes)
    with pytest.raises(ConfigError, match="votes_per_minut"):
        make_arena(Setting(silent, benchmark="world_qa:n=2", limits=["votes_per_minut=2"]), votes)
    with pytest.raises(ConfigError, match="pairing 'leest'"):
        make_arena(Setting(silent, benchmark="world_qa:n=2", pairing="leest"), votes)
