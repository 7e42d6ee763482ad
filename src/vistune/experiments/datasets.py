"""Data sets from the command line: make, convert, inspect, show."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.errors import ConfigError, DataError
from vistune.experiments.specs import parse_pairs

if TYPE_CHECKING:
    from vistune.data.example import Example
    from vistune.data.show import TokenRow
    from vistune.engines import Engine

#: Where a format writes inside the output folder.
FILES = {"llava": "data.json", "chat": "data.jsonl", "parquet": "data.parquet", "webdataset": "shards"}
_CHUNK = 200


def make_data(
    engine: str, n: int, out: Path, format: str, parameters: list[str], *, workers: int = 1
) -> dict[str, Any]:
    """Make ``n`` examples with ``engine`` and write them under ``out``; the same data whatever ``workers`` is."""
    from vistune.core.progress import track
    from vistune.data.formats import FORMATS, write
    from vistune.engines import ENGINES

    FORMATS.get(format)
    if n < 1:
        raise ConfigError(f"--n is the number of examples to make, at least 1, not {n}.")
    made = ENGINES.build({"kind": engine, "n": n, **parse_pairs(parameters)})
    start = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    target = out / FILES.get(format, "data")
    count = write(track(_made(made, workers), f"{engine} data", total=len(made)), target, format)
    return {"examples": count, "path": str(target), "seconds": time.perf_counter() - start}


def _made(engine: Engine, workers: int) -> Iterator[Example]:
    if workers <= 1:
        yield from engine.examples()
        return
    starts = range(0, len(engine), _CHUNK)
    with ProcessPoolExecutor(workers) as pool:
        for chunk in pool.map(_chunk, (engine for _ in starts), starts):
            yield from chunk


def _chunk(engine: Engine, start: int) -> list[Example]:
    return [engine[i] for i in range(start, min(start + _CHUNK, len(engine)))]


def convert_data(source: Path, target: Path, to: str, source_format: str) -> dict[str, Any]:
    """Read one format and write another; bad records go to ``rejected.jsonl`` beside the target."""
    from vistune.core.progress import track
    from vistune.data.formats import read, write

    rejected = target.parent / "rejected.jsonl"
    found = read(source, source_format, rejected_to=rejected, check_images=True)
    count = write(track(found, f"{source.name} to {to}", total=len(found)), target, to)
    return {"examples": count, "rejected": found.rejections.count, "path": str(target)}


def inspect_data(
    source: Path, format: str, gallery: Path | None
) -> tuple[dict[str, Any], list[tuple[str, list[str], list[tuple[Any, ...]]]]]:
    """Statistics as plain values and as tables; writes the gallery page where one is wanted."""
    from vistune.data.formats import read
    from vistune.data.gallery import write_gallery
    from vistune.data.inspect import inspect

    statistics = inspect(read(source, format))
    if gallery is not None:
        examples: Iterable[Example] = read(source, format)
        write_gallery(examples, gallery, statistics=statistics, title=source.name)
    return statistics.values(), statistics.tables()


def show_tokens(source: Path, model: str, index: int, format: str) -> list[TokenRow]:
    """Each token of one sample as ``model`` would learn it. Raises ``DataError`` past the end."""
    from vistune.data.formats import read
    from vistune.data.processor import Processor
    from vistune.data.show import describe_tokens
    from vistune.models.shipped import resolve

    found = read(source, format)
    if not 0 <= index < len(found):
        raise DataError(f"{source} has {len(found)} examples; --index {index} is past them.")
    processor = Processor.from_pretrained(resolve(model))
    return describe_tokens(processor.encode(found[index]), processor.tokenizer)
