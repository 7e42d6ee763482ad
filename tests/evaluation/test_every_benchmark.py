"""What every benchmark keeps, found by walking the registry."""

from __future__ import annotations

import inspect
import pickle

import pytest

from vistune.data.example import Example
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark
from vistune.evaluation.benchmarks.capabilities import check_capabilities
from vistune.evaluation.records import Evidence, make_item
from vistune.experiments.catalogue import needs_nothing

KINDS = BENCHMARKS.names()
NANO = [kind for kind in KINDS if needs_nothing(BENCHMARKS.get(kind))]
FEW = 12


def small(kind: str) -> Benchmark:
    part = BENCHMARKS.get(kind)
    takes_n = "n" in inspect.signature(part).parameters
    return BENCHMARKS.build({"kind": kind, **({"n": FEW} if takes_n else {})})


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[Benchmark, list[Example]]]:
    found: dict[str, tuple[Benchmark, list[Example]]] = {}
    for kind in NANO:
        benchmark = small(kind)
        found[kind] = benchmark, benchmark.examples()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_says_what_it_tests_and_by_whose_rules(kind: str) -> None:
    part = BENCHMARKS.get(kind)
    assert part.capabilities, f"{kind} names no capability"
    check_capabilities(part.capabilities)
    assert len(part.protocol) > 10, f"{kind} names no protocol"
    assert len(inspect.getdoc(part) or "") > 40


@pytest.mark.parametrize("kind", NANO)
def test_items_have_what_results_need(kind: str, made) -> None:
    benchmark, examples = made[kind]
    assert examples
    assert len({example.id for example in examples}) == len(examples)
    for example in examples:
        assert example.messages[-1].role == "user"
        assert example.meta.get("type"), "results are taken apart by type"
        assert example.meta.get("group"), "intervals resample groups"
        for message in example.messages:
            for part in message.parts:
                assert part.image is None or part.image < len(example.images)
    assert all(value for value in benchmark.switches.values())


@pytest.mark.parametrize("kind", NANO)
def test_the_same_items_each_time(kind: str, made) -> None:
    _, examples = made[kind]
    again = small(kind).examples()
    assert [(e.id, e.messages, e.answers) for e in again] == [(e.id, e.messages, e.answers) for e in examples]


@pytest.mark.parametrize("kind", NANO)
def test_travels_to_workers(kind: str, made) -> None:
    benchmark, examples = made[kind]
    sent: Benchmark = pickle.loads(pickle.dumps(benchmark))
    assert sent.name == benchmark.name
    first = pickle.loads(pickle.dumps(examples[0]))
    assert first.messages == examples[0].messages
    if sent.way == "likelihood":
        assert [c.messages for c in sent.candidates(first)] == [c.messages for c in benchmark.candidates(examples[0])]


@pytest.mark.parametrize("kind", NANO)
def test_nothing_said_is_scored_and_explained(kind: str, made) -> None:
    benchmark, examples = made[kind]
    evidence = Evidence([""], 0.0)
    if benchmark.way == "likelihood":
        candidates = benchmark.candidates(examples[0])
        assert len(candidates) > 1
        evidence.logprobs = [[-1.0, -1.0]] * len(candidates)
    if benchmark.way == "judge":
        assert benchmark.build_judge().identity()
    item = make_item(benchmark, examples[0], evidence)
    assert 0.0 <= item["score"] <= 1.0
    assert all(isinstance(value, str) for step in benchmark.explain(examples[0], item) for value in step)


def test_names_do_not_collide() -> None:
    names = [small(kind).name for kind in NANO]
    assert len(set(names)) == len(names), sorted(name for name in set(names) if names.count(name) > 1)
