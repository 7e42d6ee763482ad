"""The benchmarks that there are: listed by ability, gathered in suites, and one answer's way to its score."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.core.files import read_jsonl
from vistune.experiments.specs import parse_spec

#: The suite of all editions that the world makes.
NANO = "nano"


@dataclass(frozen=True, slots=True)
class Entry:
    """A benchmark: what it tests, its main measure, what guessing gets, the published system it comes from, its source.

    ``editions``: ``files`` where it reads published files, ``nano`` where the world makes it.
    """

    kind: str
    editions: tuple[str, ...]
    capabilities: tuple[str, ...]
    main: str
    way: str
    chance: float | None
    paper: str
    protocol: str
    about: str


def catalogue(capability: str | None = None) -> list[Entry]:
    """All benchmarks, or those that test an ability. Raises ``ConfigError`` for an unknown ability."""
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.benchmarks.capabilities import check_capabilities

    if capability is not None:
        check_capabilities([capability])
    return [
        _entry(kind, part, BENCHMARKS.paper(kind) or "")
        for kind, part in BENCHMARKS.items()
        if capability is None or capability in part.capabilities
    ]


def _entry(kind: str, part: type, paper: str) -> Entry:
    editions = (("files",) if _reads_files(part) else ()) + (("nano",) if needs_nothing(part) else ())
    about = (inspect.getdoc(part) or "").split("\n\n")[0].replace("\n", " ")
    made: Any = part() if needs_nothing(part) else part
    way = made.way if needs_nothing(part) else "answer"
    return Entry(kind, editions, part.capabilities, part.main, way, made.chance, paper, part.protocol, about)  # type: ignore[attr-defined]


def _reads_files(part: type) -> bool:
    return any(name in inspect.signature(part).parameters for name in ("path", "instances"))


def needs_nothing(part: type) -> bool:
    """Can it be made without arguments, by the world alone?"""
    return all(p.default is not p.empty for p in inspect.signature(part).parameters.values())


def suite(name: str) -> list[str]:
    """The benchmarks of a suite as specs: ``nano``, an ability, or one of ``vistune.evaluation.suites``."""
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.benchmarks.capabilities import CAPABILITIES
    from vistune.evaluation.suites import SUITES

    if name in SUITES:
        return list(SUITES[name].benchmarks)
    if name == NANO or name in CAPABILITIES:
        return [
            kind
            for kind, part in BENCHMARKS.items()
            if needs_nothing(part) and (name == NANO or name in part.capabilities)
        ]
    known = [NANO, *SUITES, *CAPABILITIES]
    raise ConfigError(f"There is no suite '{name}'. {nearest(name, known)}")


def explain_score(folder: Path, benchmark: str, item_id: str) -> list[tuple[str, str]]:
    """How one recorded answer became its score, step by step.

    ``folder``: of one run (``runs/eval/nano-vlm``); ``benchmark``: as it was asked for (``-b``). Raises ``DataError`` where
    the record or the item is not there.
    """
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.records import Evidence, make_item

    made = BENCHMARKS.build(parse_spec(benchmark))
    path = folder / f"{made.name}.jsonl"
    if not path.is_file():
        there = sorted(p.name.removesuffix(".jsonl") for p in folder.glob("*.summary.json"))
        raise DataError(
            f"There is no record {path}. {nearest(made.name, [n.removesuffix('.summary.json') for n in there])}"
        )
    items = {line["id"]: line for line in read_jsonl(path, torn_ok=True)}
    if item_id not in items:
        raise DataError(f"{path} has no item '{item_id}'. {nearest(item_id, items)}")
    example = next((e for e in made.examples() if e.id == item_id), None)
    if example is None:
        raise DataError(
            f"{made.name} asks no item '{item_id}' with these parameters: give -b as it was when it was asked."
        )
    item = make_item(made, example, Evidence.of(items[item_id]))
    steps = [
        ("question", item["question"]),
        ("accepted", "; ".join(item["references"]) or "-"),
        ("protocol", made.protocol or "-"),
        *((f"switch: {name}", value) for name, value in made.switches.items()),
        *_given(item),
        *made.explain(example, item),
        ("read as", "nothing that counts (wrong)" if item["parsed"] is None else item["parsed"]),
        ("score", f"{item['score']:g}"),
        ("counts", ", ".join(f"{name} {value:g}" for name, value in item["columns"].items() if value)),
        ("goes into", f"{made.main} of {made.name}, version {made.version}"),
    ]
    return [(name, str(value)) for name, value in steps]


def _given(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the model gave: its words, the candidates' likelihoods, the judge's replies."""
    told = [(f"turn {k}", said) for k, said in enumerate(item.get("said", ()), 1)] or [
        ("answer", item["answer"] or "(nothing)")
    ]
    for k, row in enumerate(item.get("logprobs") or (), 1):
        told.append(
            (f"candidate {k}", f"log-probability {sum(row):.3f}, mean {sum(row) / len(row):.3f} over {len(row)} tokens")
        )
    verdict = item.get("verdict")
    if verdict:
        told += [(f"judge's reply {k}", reply) for k, reply in enumerate(verdict["replies"], 1)]
        told.append(
            ("judge's marks", ", ".join(f"{name} {value:g}" for name, value in verdict["marks"].items()) or "-")
        )
    return told
