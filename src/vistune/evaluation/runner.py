"""Asking a model a benchmark's questions: in batches of like length, resumable, every answer on record."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.core.files import append_jsonl, read_jsonl, write_json
from vistune.core.progress import track
from vistune.data.example import Example
from vistune.decoding import DecodingMethod, Settings, generate
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.metrics.intervals import intervals, paired_difference, scores
from vistune.models.interface import Answerer

Item = dict[str, Any]


@dataclass(slots=True)
class Result:
    """One benchmark's outcome: measures with intervals, accuracy by type, and each item."""

    name: str
    main: str
    higher_is_better: bool
    protocol: str
    values: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    by_type: dict[str, dict[str, float]]
    #: Beside every score: mean answer length in words, seconds an item.
    beside: dict[str, float]
    items: list[Item] = field(default_factory=list)

    @property
    def score(self) -> float:
        """The measure that stands for the benchmark."""
        return self.values[self.main]

    def summary(self) -> dict[str, Any]:
        """Everything but the items."""
        return {k: v for k, v in asdict(self).items() if k != "items"}


def evaluate(
    model: Answerer,
    benchmarks: Iterable[Benchmark],
    out_dir: Path | str,
    *,
    settings: Settings | None = None,
    method: DecodingMethod | None = None,
    batch_size: int = 32,
    resume: bool = True,
) -> dict[str, Result]:
    """Ask and score every benchmark. Answers go to ``out_dir/NAME.jsonl`` as they come; what is there is not asked again.

    ``settings`` override how answers are decoded, all but a benchmark's own ``max_new_tokens``. Items whose picture cannot
    be opened go to ``rejected.jsonl`` and are left out of the scores.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    results = {}
    for benchmark in benchmarks:
        result = _run(model, benchmark, folder, settings, method, batch_size, resume)
        results[result.name] = result
        write_json(folder / f"{result.name}.summary.json", result.summary())
    return results


def _run(
    model: Answerer,
    benchmark: Benchmark,
    folder: Path,
    settings: Settings | None,
    method: DecodingMethod | None,
    batch_size: int,
    resume: bool,
) -> Result:
    examples = benchmark.examples()
    path = folder / f"{benchmark.name}.jsonl"
    if not resume:
        path.unlink(missing_ok=True)
    known = {example.id for example in examples}
    done = {item["id"]: item for item in read_jsonl(path, torn_ok=True) if item["id"] in known} if path.exists() else {}
    rejected = folder / "rejected.jsonl"
    chosen = (settings or Settings()).model_copy(update={"max_new_tokens": benchmark.max_new_tokens})
    waiting = sorted((e for e in examples if e.id not in done), key=_length)
    batches = [waiting[i : i + batch_size] for i in range(0, len(waiting), batch_size)]
    for batch in track(batches, benchmark.name):
        usable = _openable(batch, benchmark.name, rejected)
        start = time.perf_counter()
        answers = generate(model, usable, settings=chosen, method=method)
        seconds = (time.perf_counter() - start) / max(1, len(usable))
        items = [_item(benchmark, e, a.text, seconds) for e, a in zip(usable, answers)]
        append_jsonl(path, items)
        done |= {item["id"]: item for item in items}
    return summarise(benchmark, [done[e.id] for e in examples if e.id in done])


def _length(example: Example) -> int:
    """About as many characters as the prompt has; a picture counts like a long sentence."""
    return sum(len(message.text) for message in example.messages) + 256 * len(example.images)


def _openable(batch: Sequence[Example], benchmark: str, rejected: Path) -> list[Example]:
    usable = []
    for example in batch:
        try:
            for source in example.images:
                source.open()
        except DataError as error:
            append_jsonl(rejected, [{"benchmark": benchmark, "id": example.id, "reason": str(error)}])
        else:
            usable.append(example)
    return usable


def _item(benchmark: Benchmark, example: Example, answer: str, seconds: float) -> Item:
    scored = benchmark.score(example, answer)
    return {
        "id": example.id,
        "group": str(example.meta.get("group", example.id)),
        "type": str(example.meta.get("type", "all")),
        "question": example.messages[-1].text,
        "references": example.answers,
        "answer": answer,
        "parsed": scored.parsed,
        "score": scored.score,
        "columns": scored.columns,
        "seconds": seconds,
    }


def full_columns(benchmark: Benchmark, items: Sequence[Item]) -> list[dict[str, float]]:
    """Items' columns, with each group's own counts on its first item."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item["group"], []).append(item)
    extra = {members[0]["id"]: benchmark.group_columns(members) for members in groups.values()}
    names = {name for columns in extra.values() for name in columns}
    zero = dict.fromkeys(sorted(names), 0.0)
    return [{**item["columns"], **zero, **extra.get(item["id"], {})} for item in items]


def summarise(benchmark: Benchmark, items: list[Item]) -> Result:
    """Measures of scored items. Raises ``DataError`` where there is no item."""
    if not items:
        raise DataError(f"Benchmark '{benchmark.name}' has no answered item.")
    columns = full_columns(benchmark, items)
    types: dict[str, list[Item]] = {}
    for item in items:
        types.setdefault(item["type"], []).append(item)
    return Result(
        name=benchmark.name,
        main=benchmark.main,
        higher_is_better=benchmark.higher_is_better,
        protocol=benchmark.protocol,
        values=scores(columns, benchmark.measures),
        intervals=intervals(columns, [item["group"] for item in items], benchmark.measures),
        by_type={
            name: {"items": float(len(own)), "score": sum(i["score"] for i in own) / len(own)}
            for name, own in sorted(types.items())
        },
        beside={
            "words": sum(len(i["answer"].split()) for i in items) / len(items),
            "seconds": sum(i["seconds"] for i in items) / len(items),
            "items": float(len(items)),
        },
        items=items,
    )


def compare(benchmark: Benchmark, left: Result, right: Result) -> tuple[float, float, float]:
    """Difference of the main measure, ``left - right``, on the items that both answered: (difference, low, high)."""
    others: Mapping[str, Item] = {item["id"]: item for item in right.items}
    pairs = [(item, others[item["id"]]) for item in left.items if item["id"] in others]
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    groups = [item["group"] for item in a]
    return paired_difference(
        full_columns(benchmark, a), full_columns(benchmark, b), groups, benchmark.measures, benchmark.main
    )
