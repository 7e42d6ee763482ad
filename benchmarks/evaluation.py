"""The evaluation runner beside a bare batched ``generate`` loop: what records, scores and resuming cost.

Run: OMP_NUM_THREADS=1 python benchmarks/evaluation.py [--items 500] [--batch 8] [--rounds 5]
Yes-no questions about 64 x 64 pictures, put to the shipped nano-vlm. Both ways are interleaved in one process with one
thread; the ratio of a round is of two neighbours. The bare loop asks the same batches and keeps the answers in a list. Time is
the processor's, not the wall clock's: other programs do not count.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch

from vistune.core.progress import set_quiet
from vistune.data.example import Example
from vistune.decoding import Settings, generate
from vistune.evaluation.benchmarks.world import Pope
from vistune.evaluation.runner import evaluate
from vistune.models.loading import load_model


class Made(Pope):
    """POPE questions that are made once, as they are for the bare loop."""

    made: list[Example]

    def examples(self) -> list[Example]:
        """The questions."""
        return self.made


def spent(work: Callable[[], object]) -> float:
    """Seconds of processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    set_quiet()
    model = load_model("nano-vlm")
    benchmark = Made(n=(options.items + 5) // 6)
    benchmark.made = Pope(n=benchmark.n).examples()[: options.items]
    settings = Settings(max_new_tokens=benchmark.max_new_tokens)
    by_length = sorted(benchmark.made, key=lambda example: len(example.messages[-1].text))
    batches = [by_length[i : i + options.batch] for i in range(0, len(by_length), options.batch)]

    def bare() -> list[str]:
        return [a.text for batch in batches for a in generate(model, batch, settings=settings)]

    def ours() -> None:
        with tempfile.TemporaryDirectory() as folder:
            evaluate(model, [benchmark], Path(folder), batch_size=options.batch)

    generate(model, batches[0], settings=settings)
    pairs = [(spent(bare), spent(ours)) for _ in range(options.rounds)]
    plain, runner = np.array(pairs).T
    print(f"{len(by_length)} yes-no items, batches of {options.batch}, {options.rounds} rounds; processor seconds")
    print(f"{'':24}{'p10':>10}{'median':>10}")
    for name, times in (("bare generate loop", plain), ("vistune evaluate", runner)):
        print(f"{name:24}{np.percentile(times, 10):10.2f}{np.median(times):10.2f}")
    ratio = float(np.median(runner / plain))
    print(f"ratio {ratio:.3f}; target at most 1.10: {'met' if ratio <= 1.1 else 'missed'}")


if __name__ == "__main__":
    main()
