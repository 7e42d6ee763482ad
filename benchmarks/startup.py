"""How long a user waits: ``import vistune``, ``vistune --help``, and the first training step of ``vistune quickstart``.

Run: python benchmarks/startup.py [--repeats 9] [--quick] [--json FILE]
Each time is a fresh process's wall clock from its start; medians. An interpreter that does nothing stands beside. The
quickstart's own measuring of the model before tuning is part of its wait; it is stopped after its first step.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from common import Line, finish, parser

#: A quickstart that has not trained a step after so many seconds is broken.
_PATIENCE = 240.0
VISTUNE = [sys.executable, "-c", "from vistune.cli.main import main; main()"]


def seconds_of(command: Sequence[str], repeats: int) -> float:
    """Median wall-clock seconds of a process that ends by itself; a first one warms the file cache."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return float(np.median(times[1:]))


def first_step(threads: int) -> float:
    """Seconds from the command to the first step on record."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*VISTUNE, "quickstart", "--out", folder, "--json"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not _stepped(Path(folder)):
                if process.poll() is not None or time.perf_counter() - start > _PATIENCE:
                    raise SystemExit(f"vistune quickstart made no training step (exit status {process.poll()})")
                time.sleep(0.02)
            return time.perf_counter() - start
        finally:
            process.kill()
            process.wait()


def _stepped(folder: Path) -> bool:
    return any(path.stat().st_size for path in folder.glob("stages/*/metrics.jsonl"))


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--repeats", type=int, default=9)
    chosen = options.parse_args()
    repeats = 1 if chosen.quick else chosen.repeats
    empty = seconds_of([sys.executable, "-c", "pass"], repeats)
    lines = [
        Line(
            "import vistune, in a fresh process",
            seconds_of([sys.executable, "-c", "import vistune"], repeats),
            "s",
            goal=0.3,
        ),
        Line("vistune --help", seconds_of([*VISTUNE, "--help"], repeats), "s", goal=0.3),
        Line("an interpreter that does nothing", empty, "s"),
    ]
    cores = min(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    waits = [first_step(cores) for _ in range(1 if chosen.quick else 3)]
    note = f"with {cores} threads; the model is measured before it is tuned"
    lines.append(Line("vistune quickstart, first training step", float(np.median(waits)), "s", goal=15.0, note=note))
    finish(lines, chosen.json)


if __name__ == "__main__":
    main()
