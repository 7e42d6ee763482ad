"""Through Ray: the same answers, and nothing that is on record is asked again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vistune.core.errors import ConfigError
from vistune.decoding import DECODERS
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.runner import evaluate
from vistune.evaluation.workers import RayAskers
from vistune.models.loading import load_model

ray = pytest.importorskip("ray", reason="Ray is not installed (pip install 'vistune[scale]')")


@pytest.fixture(scope="module")
def cluster():
    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", configure_logging=False)
    yield
    ray.shutdown()


def answers(folder: Path, name: str) -> dict[str, str]:
    return {line["id"]: line["answer"] for line in map(json.loads, (folder / f"{name}.jsonl").open())}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_workers_answer_as_one_process_does(cluster, tmp_path: Path) -> None:
    model = load_model("nano-vlm")
    benchmarks = [BENCHMARKS.build({"kind": "world_qa", "n": 24}), BENCHMARKS.build({"kind": "pope", "n": 3})]
    method = {"kind": "vcd", "alpha": 0.5}
    for name, spec in (("greedy", None), ("vcd", method)):
        decoder = None if spec is None else DECODERS.build(spec)
        here, there = tmp_path / f"{name}-here", tmp_path / f"{name}-there"
        alone = evaluate(model, benchmarks, here, method=decoder, batch_size=8)
        workers = RayAskers("nano-vlm", 2, method=spec)
        spread = evaluate(model, benchmarks, there, method=decoder, batch_size=5, ask_many=workers)
        for benchmark in benchmarks:
            assert answers(there, benchmark.name) == answers(here, benchmark.name)
            assert spread[benchmark.name].values == alone[benchmark.name].values


def test_no_workers() -> None:
    with pytest.raises(ConfigError, match="1 or more"):
        RayAskers("nano-vlm", 0)
