"""What stands on record of one item, and when a record may be taken up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import Benchmark, Scored

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Judge, Verdict

#: One line of a benchmark's JSONL file.
Item = dict[str, Any]


@dataclass(slots=True)
class Evidence:
    """What a model gave for one example. ``said``: its answers, one a turn; ``logprobs``: of each candidate's tokens.

    ``verdict``: a judge's, as plain values (see ``plain_verdict``). ``seconds``: the item's share of its batch's time.
    """

    said: list[str]
    seconds: float
    logprobs: list[list[float]] | None = None
    verdict: dict[str, Any] | None = None

    @classmethod
    def of(cls, item: Item) -> Evidence:
        """What a record holds."""
        return cls(item.get("said") or [item["answer"]], item["seconds"], item.get("logprobs"), item.get("verdict"))


def scored(benchmark: Benchmark, example: Example, evidence: Evidence) -> Scored:
    """The score, by the benchmark's way."""
    if benchmark.way == "likelihood":
        return benchmark.score_candidates(example, evidence.logprobs or [])
    if benchmark.way == "judge":
        from vistune.evaluation.judges.base import Verdict

        told = evidence.verdict or {}
        verdict = Verdict(told.get("marks", {}), told.get("parsed", False), [], told.get("error"))
        return benchmark.score_judged(example, evidence.said[-1], verdict)
    return benchmark.score_dialogue(example, evidence.said)


def make_item(benchmark: Benchmark, example: Example, evidence: Evidence) -> Item:
    """The record of one item, scored."""
    found = scored(benchmark, example, evidence)
    question, references = asked(example)
    item = {
        "id": example.id,
        "group": str(example.meta.get("group", example.id)),
        "type": str(example.meta.get("type", "all")),
        "question": question,
        "references": references,
        "answer": evidence.said[-1],
        "parsed": found.parsed,
        "score": found.score,
        "columns": found.columns,
        "seconds": evidence.seconds,
    }
    if example.meta.get("facets"):
        item["facets"] = {name: str(value) for name, value in example.meta["facets"].items()}
    if len(evidence.said) > 1:
        item["said"] = evidence.said
    if evidence.logprobs is not None:
        item["logprobs"] = evidence.logprobs
    if evidence.verdict is not None:
        item["verdict"] = evidence.verdict
    return item


def plain_verdict(verdict: Verdict, judge: Judge) -> dict[str, Any]:
    """A verdict as it stands on record, with who gave it and what it cost."""
    return {
        "marks": verdict.marks,
        "parsed": verdict.parsed,
        "replies": [reply.text for reply in verdict.replies],
        "error": verdict.error,
        "judge": json.loads(json.dumps(judge.identity())),
        "prompt_tokens": sum(reply.prompt_tokens or 0 for reply in verdict.replies),
        "completion_tokens": sum(reply.completion_tokens or 0 for reply in verdict.replies),
        "cost": sum(reply.cost or 0.0 for reply in verdict.replies),
    }


def asked(example: Example) -> tuple[str, list[str]]:
    """The last message's text, and the references."""
    return example.messages[-1].text, example.answers


def same_record(record: Path, told: dict[str, Any]) -> bool:
    """Was the record on disk written by the same model, settings, method and benchmark?"""
    try:
        before = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return before == json.loads(json.dumps(told))


def told_method(method: Any) -> Any:
    """A decoding method as plain values: its kind and what it was made with."""
    if method is None:
        return None
    if isinstance(method, Sequence):
        return [told_method(one) for one in method]
    return {"kind": getattr(method, "kind", type(method).__qualname__), **parameters(method)}


def parameters(part: Any) -> dict[str, Any]:
    """What a part was made with, as plain values; of anything larger its type."""
    return {k: _plain(v) for k, v in getattr(part, "__dict__", {}).items() if not k.startswith("_")}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, Benchmark):
        return {"kind": value.kind, **parameters(value)}
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
