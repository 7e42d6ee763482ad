"""Memory at a million samples: what grows when a stage's data are a million examples and not a thousand.

Run: python benchmarks/memory.py [--samples 1000000] [--quick] [--json FILE]
Two data sets, each in a process of its own: the world's engine, and a LLaVA JSON lines file of text-only examples. Opened,
mixed in shuffled order, and batches taken from all over it; for the file also the pass that finds lengths for
``group_by_length``. An index may grow with the data (some bytes a sample), the examples may not be held.
"""

from __future__ import annotations

import ctypes
import gc
import json
import multiprocessing
import tempfile
import time
from pathlib import Path
from typing import Any

from common import Line, finish, parser
from turns import resident

#: Bytes a sample that an index may take: a file offset, a place in the order, a length, and as much again.
ALLOWED = 64
BATCHES, SIZE = 40, 16


def _items(kind: str, count: int, folder: Path) -> Any:
    from vistune.data.formats import read
    from vistune.engines import ENGINES

    if kind == "world":
        return ENGINES.build({"kind": "world", "n": count})
    path = folder / f"{count}.jsonl"
    turns = [{"from": "human", "value": "is there a dog?"}, {"from": "gpt", "value": "no, there is none"}]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps({"id": str(number), "conversations": turns}) + "\n")
    return read(path, "llava")


def _trim() -> None:
    """Give freed memory back to the system, so that it is not taken up again unseen (glibc only)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _grown(kind: str, count: int, line: Any) -> None:
    """Send (bytes by which this process has grown, seconds of the pass over all lengths or 0)."""
    from vistune.core.progress import set_quiet
    from vistune.core.seeding import Seed
    from vistune.data.mixing import Mixture
    from vistune.models.loading import load_model
    from vistune.tuning.feed import StageFeed, length_estimates
    from vistune.tuning.recipe import StageConfig

    set_quiet()
    model: Any = load_model("nano-vlm")  # held to the end: what it freed could be taken up again unseen
    processor = model.processor
    grouped = kind == "file"
    stage = StageConfig.from_values(
        {"name": "s", "train": ["*"], "data": "d", "steps": BATCHES, "batch_size": SIZE, "group_by_length": grouped}
    )

    def go_through(items: Any) -> tuple[float, Any]:
        start = time.process_time()
        lengths = {"d": length_estimates(items)} if grouped else None
        spent = time.process_time() - start
        feed = StageFeed(
            {"d": items}, Mixture({"d": len(items)}, seed=Seed(0)), processor, stage, BATCHES, lengths=lengths
        )
        feed.planned = len(items)
        for number in range(BATCHES):
            feed[number * (len(items) // SIZE // BATCHES)]
        return spent, feed

    with tempfile.TemporaryDirectory() as folder:
        go_through(_items(kind, SIZE * BATCHES, Path(folder)))  # libraries, caches and buffers are there now
        gc.collect()
        _trim()
        before = resident()
        items = _items(kind, count, Path(folder))
        spent, held = go_through(items)
        gc.collect()
        _trim()
        line.send((resident() - before, spent))
        del held
    del model


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--samples", type=int, default=1_000_000)
    chosen = options.parse_args()
    count = 2_000 if chosen.quick else chosen.samples
    lines = []
    for kind, label in (("world", "the world's engine"), ("file", "a file of text, grouped by length")):
        here, there = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(target=_grown, args=(kind, count, there))
        process.start()
        there.close()
        grown, spent = here.recv()
        process.join()
        note = f"{grown / 1e6:,.0f} MB in all" + (f"; lengths found in {spent:,.0f} s" if spent else "")
        # A few megabytes of noise would count much for a few samples.
        goal = None if chosen.quick else ALLOWED
        lines.append(
            Line(f"memory for {count:,} samples: {label}", grown / count, "bytes a sample", goal=goal, note=note)
        )
    finish(lines, chosen.json)


if __name__ == "__main__":
    main()
