"""The list of benchmarks, suites, and the way of one answer to its score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vistune.cli.main import app
from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.suites import SUITES
from vistune.experiments.catalogue import catalogue, explain_score, needs_nothing, suite
from vistune.experiments.compare import compare_models
from vistune.experiments.specs import parse_spec


def test_every_benchmark_is_listed_by_what_it_tests() -> None:
    entries = {entry.kind: entry for entry in catalogue()}
    assert set(entries) == set(BENCHMARKS.names())
    hallucination = {entry.kind for entry in catalogue("hallucination")}
    assert {"pope", "chair", "chair_coco"} <= hallucination
    assert "world_qa" not in hallucination
    with pytest.raises(ConfigError, match="hallucination"):
        catalogue("halucination")


def test_suites_are_benchmarks_that_can_be_built() -> None:
    for name in SUITES:
        for spec in suite(name):
            assert parse_spec(spec)["kind"] in BENCHMARKS.names()
            BENCHMARKS.build(parse_spec(spec))
    nano = suite("nano")
    assert "world_qa" in nano and "chair_coco" not in nano
    assert all(needs_nothing(BENCHMARKS.get(kind)) for kind in nano)
    assert set(suite("hallucination")) <= set(nano)
    with pytest.raises(ConfigError, match="no suite"):
        suite("nanoo")


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("eval")
    compare_models(["nano-vlm"], ["pope:n=2", "world_qa:n=4"], [], out)
    return out


def test_one_answers_way_to_its_score(asked: Path) -> None:
    item = json.loads((asked / "nano-vlm" / "pope_random.jsonl").read_text().splitlines()[0])
    steps = dict(explain_score(asked / "nano-vlm", "pope:n=2", item["id"]))
    assert steps["question"] == item["question"]
    assert steps["answer"] == item["answer"]
    assert steps["score"] == f"{item['score']:g}"
    assert steps["switch: mode"] == "official"
    strict = dict(explain_score(asked / "nano-vlm", "pope:n=2,mode=strict", item["id"]))
    assert strict["switch: mode"] == "strict"


def test_what_is_not_on_record(asked: Path) -> None:
    with pytest.raises(DataError, match="There is no record"):
        explain_score(asked / "nano-vlm", "text_only", "x")
    with pytest.raises(DataError, match="has no item 'x'"):
        explain_score(asked / "nano-vlm", "pope:n=2", "x")


def test_from_the_command_line(asked: Path) -> None:
    run = CliRunner().invoke
    listed = run(app, ["eval", "--list", "--capability", "hallucination", "--json"])
    assert listed.exit_code == 0, listed.output
    assert "pope" in {entry["kind"] for entry in json.loads(listed.stdout)}
    item = json.loads((asked / "nano-vlm" / "world_qa_flat.jsonl").read_text().splitlines()[0])
    told = run(
        app, ["eval", "nano-vlm", "-b", "world_qa:n=4", "--out", str(asked), "--explain-score", item["id"], "--json"]
    )
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["answer"] == item["answer"]
    assert run(app, ["eval"]).exit_code == 2
