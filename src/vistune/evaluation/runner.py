"""Asking a model a benchmark's questions: in batches of like length, resumable, every answer on record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from vistune.core.errors import ConfigError, DataError
from vistune.core.files import append_jsonl, read_jsonl, write_json, write_text
from vistune.core.progress import console, track
from vistune.data.example import Example
from vistune.decoding import Settings
from vistune.decoding.loop import Method
from vistune.evaluation.asking import Asked, BatchAsker, batches
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.records import (
    Evidence,
    Item,
    asked,
    fingerprint,
    make_item,
    parameters,
    plain_verdict,
    same_record,
    told_method,
)
from vistune.evaluation.results import Result, compare, compare_all, full_columns, summarise
from vistune.models.interface import Answerer

__all__ = ["Item", "Result", "compare", "compare_all", "evaluate", "fingerprint", "full_columns", "summarise"]

#: Parameters of a benchmark that change how many items there are, or how answers are scored, but no item.
_SAME_QUESTIONS = ("n", "limit", "mode", "unreadable", "judge", "chance")
#: Items that go to a judge at once; their verdicts are on record before the next ones are asked.
_JUDGED_AT_ONCE = 32
#: Asks many batches in any order, for ``evaluate``: see ``vistune.evaluation.workers``.
AskMany = Callable[[Benchmark, Sequence[Sequence[Example]], Settings], Iterator[Asked]]


def evaluate(
    model: Answerer,
    benchmarks: Iterable[Benchmark],
    out_dir: Path | str,
    *,
    settings: Settings | None = None,
    method: Method = None,
    batch_size: int = 32,
    resume: bool = True,
    max_rejected: float = 0.1,
    ask_many: AskMany | None = None,
) -> dict[str, Result]:
    """Ask and score every benchmark. Answers go to ``out_dir/NAME.jsonl`` as they come; what is there is not asked again.

    Answers are only taken up if the model, the settings, the method and the item are the same; others are set aside as
    ``NAME.replaced.jsonl``. ``settings`` override how answers are decoded, all but a benchmark's own ``max_new_tokens``.
    Items that cannot be asked (a broken picture, a prompt that is too long) or judged go to ``rejected.jsonl`` and are left
    out of the scores; ``DataError`` where more than the share ``max_rejected`` of them are bad. A batch that does not fit in
    the device's memory is halved. ``ask_many``: other workers that ask in place of this process.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = list(benchmarks)
    names = [benchmark.name for benchmark in chosen]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"Two benchmarks have the name '{twice[0]}'; their answers would mix. Run them one by one.")
    runner = _Runner(model, settings or Settings(), method, folder, batch_size, resume, max_rejected, ask_many)
    results = {}
    for benchmark in chosen:
        result = results[benchmark.name] = runner.run(benchmark)
        write_json(folder / f"{result.name}.summary.json", result.summary())
    return results


class _Runner:
    """One model with its settings in one folder."""

    def __init__(
        self,
        model: Answerer,
        settings: Settings,
        method: Method,
        folder: Path,
        batch_size: int,
        resume: bool,
        max_rejected: float,
        ask_many: AskMany | None,
    ) -> None:
        self.settings, self.folder = settings, folder
        self.batch_size, self.resume, self.max_rejected = batch_size, resume, max_rejected
        self.identity = {"model": fingerprint(model), "method": told_method(method)}
        self.method = method
        asker = BatchAsker(model, settings, method)
        self.ask_many: AskMany = ask_many or (
            lambda benchmark, waiting, chosen: (asker.ask(benchmark, batch, chosen) for batch in waiting)
        )

    def run(self, benchmark: Benchmark) -> Result:
        """Ask what is not answered yet, have judged what is not judged yet, and score all answers."""
        if benchmark.way == "likelihood" and self.method is not None:
            raise ConfigError(
                f"{benchmark.name} weighs given answers, where a decoding method changes nothing. Leave the method out."
            )
        examples = benchmark.examples()
        if len({example.id for example in examples}) < len(examples):
            raise DataError(f"Benchmark '{benchmark.name}' gives two items the same id.")
        settings = self.settings.model_copy(update={"max_new_tokens": benchmark.max_new_tokens})
        path = self.folder / f"{benchmark.name}.jsonl"
        done = self._answered(benchmark, settings, path, examples)
        waiting = batches([e for e in examples if e.id not in done], self.batch_size)
        rejected: list[Item] = []
        for found, bad in track(self.ask_many(benchmark, waiting, settings), benchmark.name, total=len(waiting)):
            answered = [make_item(benchmark, example, evidence) for example, evidence in found]
            rejected += [{"id": name, "reason": reason} for name, reason in bad]
            append_jsonl(path, answered)
            done |= {item["id"]: item for item in answered}
        if benchmark.way == "judge":
            rejected += self._judge(benchmark, path, examples, done)
        self._tell(benchmark, rejected, len(examples))
        lost = {line["id"] for line in rejected}
        items = [done[e.id] for e in examples if e.id in done and e.id not in lost]
        return summarise(benchmark, items, rejected=len(rejected) + benchmark.unreadable)

    def _answered(
        self, benchmark: Benchmark, settings: Settings, path: Path, examples: Sequence[Example]
    ) -> dict[str, Item]:
        """Answers on record that this run would give again, scored anew."""
        record = path.with_suffix(".run.json")
        asks = {k: v for k, v in parameters(benchmark).items() if k not in _SAME_QUESTIONS}
        asks |= {"kind": benchmark.kind, "version": benchmark.version}
        told = {**self.identity, "settings": settings.model_dump(), "benchmark": asks}
        if not self.resume:
            path.unlink(missing_ok=True)
        elif path.exists() and not same_record(record, told):
            path.replace(path.with_suffix(".replaced.jsonl"))
            console().print(f"{benchmark.name}: the answers on record came from another model or setting; asking anew.")
        write_json(record, told)
        if not path.exists():
            return {}
        known = {example.id: example for example in examples}
        done = {}
        for item in read_jsonl(path, torn_ok=True):
            example = known.get(item["id"])
            if example is not None and asked(example) == (item["question"], item["references"]):
                done[example.id] = make_item(benchmark, example, Evidence.of(item))
        return done

    def _judge(
        self, benchmark: Benchmark, path: Path, examples: Sequence[Example], done: dict[str, Item]
    ) -> list[Item]:
        """Verdicts for the items that have none of this judge; -> those that could not be judged."""
        judge = benchmark.build_judge()
        identity = json.loads(json.dumps(judge.identity()))
        waiting = [e for e in examples if e.id in done and not _judged_by(done[e.id], identity)]
        starts = range(0, len(waiting), _JUDGED_AT_ONCE)
        for start in track(starts, f"{benchmark.name}: judge", total=len(starts)):
            chosen = waiting[start : start + _JUDGED_AT_ONCE]
            verdicts = judge.judge(chosen, [done[e.id]["answer"] for e in chosen])
            for example, verdict in zip(chosen, verdicts):
                evidence = Evidence.of(done[example.id])
                evidence.verdict = plain_verdict(verdict, judge)
                done[example.id] = make_item(benchmark, example, evidence)
            append_jsonl(path, [done[e.id] for e in chosen])
        told = ((e.id, done[e.id].get("verdict") or {}) for e in examples if e.id in done)
        return [{"id": name, "reason": f"not judged: {v['error']}"} for name, v in told if v.get("error")]

    def _tell(self, benchmark: Benchmark, rejected: list[Item], count: int) -> None:
        """Write this run's rejected items in place of those that an earlier one had. Raises ``DataError`` if too many."""
        path = self.folder / "rejected.jsonl"
        before = read_jsonl(path, torn_ok=True) if path.exists() else []
        kept = [line for line in before if line.get("benchmark") != benchmark.name]
        lines = kept + [{"benchmark": benchmark.name, **item} for item in rejected]
        if lines or before:
            write_text(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        if len(rejected) > self.max_rejected * count:
            raise DataError(
                f"{benchmark.name}: {len(rejected)} of {count} items could not be asked, more than the share of "
                f"{self.max_rejected:.0%} that may be. The first: {rejected[0]['reason']} All are in {path}."
            )


def _judged_by(item: Item, identity: object) -> bool:
    verdict = item.get("verdict")
    return verdict is not None and verdict["judge"] == identity and not verdict["error"]
