"""Asking a model a benchmark's questions: in batches of like length, resumable, every answer on record."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from vistune.core.errors import ConfigError, DataError, ModelError
from vistune.core.files import append_jsonl, read_jsonl, write_json, write_text
from vistune.core.progress import console, track
from vistune.data.example import Example
from vistune.decoding import Settings, generate
from vistune.decoding.loop import Method
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.results import Item, Result, compare, compare_all, full_columns, summarise
from vistune.models.interface import Answerer

__all__ = ["Item", "Result", "compare", "compare_all", "evaluate", "full_columns", "summarise"]

#: Parameters of a benchmark that change how many items there are, or how answers are scored, but no item.
_SAME_QUESTIONS = ("n", "limit", "mode", "unreadable")


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
) -> dict[str, Result]:
    """Ask and score every benchmark. Answers go to ``out_dir/NAME.jsonl`` as they come; what is there is not asked again.

    Answers are only taken up if the model, the settings, the method and the item are the same; others are set aside as
    ``NAME.replaced.jsonl``. ``settings`` override how answers are decoded, all but a benchmark's own ``max_new_tokens``.
    Items that cannot be asked (a broken picture, a prompt that is too long) go to ``rejected.jsonl`` and are left out of
    the scores; ``DataError`` where more than the share ``max_rejected`` of them are bad. A batch that does not fit in the
    device's memory is halved.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = list(benchmarks)
    names = [benchmark.name for benchmark in chosen]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"Two benchmarks have the name '{twice[0]}'; their answers would mix. Run them one by one.")
    asker = _Asker(model, settings or Settings(), method, folder, batch_size, resume, max_rejected)
    results = {}
    for benchmark in chosen:
        result = results[benchmark.name] = asker.run(benchmark)
        write_json(folder / f"{result.name}.summary.json", result.summary())
    return results


class _Asker:
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
    ) -> None:
        self.model, self.settings, self.method = model, settings, method
        self.folder, self.batch_size, self.resume, self.max_rejected = folder, batch_size, resume, max_rejected
        self.identity = {"model": fingerprint(model), "method": _told(method)}

    def run(self, benchmark: Benchmark) -> Result:
        """Ask what is not answered yet, and score all answers."""
        examples = benchmark.examples()
        if len({example.id for example in examples}) < len(examples):
            raise DataError(f"Benchmark '{benchmark.name}' gives two items the same id.")
        settings = self.settings.model_copy(update={"max_new_tokens": benchmark.max_new_tokens})
        path = self.folder / f"{benchmark.name}.jsonl"
        done = self._answered(benchmark, settings, path, examples)
        waiting = sorted((e for e in examples if e.id not in done), key=_length)
        rejected: list[Item] = []
        batches = list(_batches(waiting, self.batch_size))
        for batch in track(batches, benchmark.name):
            answered = []
            for example, answer, seconds in self._ask(batch, settings, rejected):
                answered.append(_item(benchmark, example, answer, seconds))
            append_jsonl(path, answered)
            done |= {item["id"]: item for item in answered}
        self._tell(benchmark, rejected, len(examples))
        items = [done[e.id] for e in examples if e.id in done]
        return summarise(benchmark, items, rejected=len(rejected) + benchmark.unreadable)

    def _answered(
        self, benchmark: Benchmark, settings: Settings, path: Path, examples: Sequence[Example]
    ) -> dict[str, Item]:
        """Answers on record that this run would give again, scored anew."""
        record = path.with_suffix(".run.json")
        asks = {k: v for k, v in _parameters(benchmark).items() if k not in _SAME_QUESTIONS}
        asks |= {"kind": benchmark.kind, "version": benchmark.version}
        told = {**self.identity, "settings": settings.model_dump(), "benchmark": asks}
        if not self.resume:
            path.unlink(missing_ok=True)
        elif path.exists() and not _same(record, told):
            path.replace(path.with_suffix(".replaced.jsonl"))
            console().print(f"{benchmark.name}: the answers on record came from another model or setting; asking anew.")
        write_json(record, told)
        if not path.exists():
            return {}
        known = {example.id: example for example in examples}
        done = {}
        for item in read_jsonl(path, torn_ok=True):
            example = known.get(item["id"])
            if example is not None and _asked(example) == (item["question"], item["references"]):
                done[example.id] = _item(benchmark, example, item["answer"], item["seconds"])
        return done

    def _ask(
        self, batch: Sequence[Example], settings: Settings, rejected: list[Item]
    ) -> list[tuple[Example, str, float]]:
        """(example, answer, seconds) of those that can be asked; a batch that fails is halved to find the culprit."""
        start = time.perf_counter()
        try:
            answers = generate(self.model, batch, settings=settings, method=self.method)
        except DataError as error:
            if len(batch) == 1:
                rejected.append({"id": batch[0].id, "reason": str(error)})
                return []
        except torch.OutOfMemoryError as error:
            if len(batch) == 1:
                raise ModelError("One prompt alone does not fit in the device's memory.") from error
            torch.cuda.empty_cache()
        else:
            seconds = (time.perf_counter() - start) / len(batch)
            return [(example, answer.text, seconds) for example, answer in zip(batch, answers)]
        middle = len(batch) // 2
        halves = batch[:middle], batch[middle:]
        return [told for half in halves for told in self._ask(half, settings, rejected)]

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


def _batches(waiting: Sequence[Example], size: int) -> Iterator[Sequence[Example]]:
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def _length(example: Example) -> int:
    """About as many characters as the prompt has; a picture counts like a long sentence."""
    return sum(len(message.text) for message in example.messages) + 256 * len(example.images)


def _asked(example: Example) -> tuple[str, list[str]]:
    return example.messages[-1].text, example.answers


def _item(benchmark: Benchmark, example: Example, answer: str, seconds: float) -> Item:
    scored = benchmark.score(example, answer)
    question, references = _asked(example)
    return {
        "id": example.id,
        "group": str(example.meta.get("group", example.id)),
        "type": str(example.meta.get("type", "all")),
        "question": question,
        "references": references,
        "answer": answer,
        "parsed": scored.parsed,
        "score": scored.score,
        "columns": scored.columns,
        "seconds": seconds,
    }


def _same(record: Path, told: dict[str, Any]) -> bool:
    """Was the record on disk written by the same model, settings, method and benchmark?"""
    try:
        before = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return before == json.loads(json.dumps(told))


def _told(method: Any) -> Any:
    """A decoding method as plain values: its kind and what it was made with."""
    if method is None:
        return None
    if isinstance(method, Sequence):
        return [_told(one) for one in method]
    return {"kind": getattr(method, "kind", type(method).__qualname__), **_parameters(method)}


def _parameters(part: Any) -> dict[str, Any]:
    """What a part was made with, as plain values; of anything larger its type."""
    return {k: _plain(v) for k, v in getattr(part, "__dict__", {}).items() if not k.startswith("_")}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return type(value).__qualname__


def fingerprint(model: Any) -> str:
    """Hash of a model's tensors: their names, shapes and 64 values of each, so that a large one takes no time.

    A model without ``module`` has the hash of its class.
    """
    digest = hashlib.blake2b(digest_size=16)
    module = getattr(model, "module", None)
    digest.update(type(module or model).__qualname__.encode())
    for name, tensor in module.state_dict().items() if module is not None else ():
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        flat = tensor.detach().reshape(-1)
        step = max(1, flat.numel() // 64)
        digest.update(str(flat[::step].double().tolist()).encode())
    return digest.hexdigest()
