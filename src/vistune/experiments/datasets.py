"""Data sets from the command line: make, convert, inspect, show."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from vistune.core.errors import ConfigError, DataError, MissingExtra, nearest
from vistune.experiments.specs import parse_pairs

if TYPE_CHECKING:
    from vistune.data.example import Example
    from vistune.data.show import TokenRow
    from vistune.engines import Engine

#: Where a format writes inside the output folder.
FILES = {"llava": "data.json", "chat": "data.jsonl", "parquet": "data.parquet", "webdataset": "shards"}
_CHUNK = 200
#: What examples are made through.
Through = Literal["processes", "ray"]


def make_data(
    kind: str,
    n: int,
    out: Path,
    format: str,
    parameters: list[str],
    *,
    workers: int = 1,
    through: Through = "processes",
    annotations: bool = False,
) -> dict[str, Any]:
    """Make ``n`` examples with the engine ``kind`` and write them under ``out``; the same data whatever makes them.

    ``through`` local processes or Ray; ``annotations`` also writes what is known of them in the field's formats.
    """
    from vistune.core.progress import track
    from vistune.data.formats import FORMATS, write
    from vistune.engines import ENGINES

    FORMATS.get(format)
    if n < 1:
        raise ConfigError(f"--n is the number of examples to make, at least 1, not {n}.")
    if through not in get_args(Through):
        raise ConfigError(f"There is no --engine '{through}'. {nearest(through, get_args(Through))}")
    made = ENGINES.build({"kind": kind, "n": n, **parse_pairs(parameters)})
    start = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    target = out / FILES.get(format, "data")
    files = made.write_annotations(out / "annotations") if annotations else []
    source = _through_ray(made) if through == "ray" else _made(made, workers)
    count = write(track(source, f"{kind} data", total=len(made)), target, format)
    summary = {"examples": count, "path": str(target), "seconds": time.perf_counter() - start}
    return {**summary, "annotations": [str(path) for path in files]} if annotations else summary


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


def _through_ray(engine: Engine) -> Iterator[Example]:
    """The same chunks as rows of a Ray data set, on the cluster that Ray finds (or on this machine), in order."""
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("ray", "scale", "--engine ray") from error

    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    starts = [{"start": start} for start in range(0, len(engine), _CHUNK)]
    rows = ray.data.from_items(starts, override_num_blocks=len(starts))
    for row in rows.map(_RayChunk(engine)).iter_rows():
        yield from pickle.loads(row["examples"])


class _RayChunk:
    """Makes a chunk on a Ray worker; examples travel pickled."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"examples": pickle.dumps(_chunk(self.engine, int(row["start"])))}


def convert_data(source: Path, target: Path, to: str, source_format: str) -> dict[str, Any]:
    """Read one format and write another; bad records go to ``rejected.jsonl`` beside the target."""
    from vistune.core.progress import track
    from vistune.data.formats import read, write

    rejected = target.parent / "rejected.jsonl"
    found = read(source, source_format, rejected_to=rejected, check_images=True)
    count = write(track(found, f"{source.name} to {to}", total=len(found)), target, to)
    return {"examples": count, "rejected": found.rejections.count, "path": str(target)}


def inspect_data(
    source: Path, format: str, gallery: Path | None, blind: bool = False
) -> tuple[dict[str, Any], list[tuple[str, list[str], list[tuple[Any, ...]]]]]:
    """Statistics as plain values and as tables; writes the gallery page where one is wanted.

    ``blind`` adds, for each type of question, what can be answered without the picture.
    """
    from vistune.data.formats import read
    from vistune.data.gallery import write_gallery
    from vistune.data.inspect import inspect

    statistics = inspect(read(source, format))
    if gallery is not None:
        examples: Iterable[Example] = read(source, format)
        write_gallery(examples, gallery, statistics=statistics, title=source.name)
    values, tables = statistics.values(), statistics.tables()
    if blind:
        from vistune.data.blind import LEAST, asked_in, blind_baselines, blind_table

        baselines = blind_baselines(asked_in(read(source, format)))
        if not baselines:
            raise DataError(f"{source}: no type has {LEAST} questions, too few to guess from. Make more examples.")
        values["blind"] = {kind: asdict(baseline) for kind, baseline in baselines.items()}
        tables.append(blind_table(baselines))
    return values, tables


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
