"""What the benchmarks share: one line of the table of ratios, the command line, the clock and the facts of the machine.

Import this before torch: it sets the number of threads. Times are the processor's (``time.process_time``), not the wall
clock's, wherever the work is done by one thread: other programs on the machine do not count.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

os.environ.setdefault("OMP_NUM_THREADS", "1")
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, os.environ["OMP_NUM_THREADS"])
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
for _name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - it reads the variables above when it is loaded

THREADS = int(os.environ["OMP_NUM_THREADS"])


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison. ``measured`` is what the goal is about: ``ours`` over ``beside``, or ``ours`` where nothing is beside.

    ``goal`` is met where ``measured`` is at most / at least it (``sense``); without a goal the line only informs.
    ``ours`` and ``beside`` are absolute figures in ``unit``; ``against`` says what stands beside.
    """

    what: str
    ours: float
    unit: str
    beside: float | None = None
    against: str = ""
    goal: float | None = None
    sense: Literal["at most", "at least"] = "at most"
    ratio: float | None = None
    """Where it is better found within rounds (a median of ratios) than from the two absolute figures."""
    note: str = ""

    @property
    def measured(self) -> float:
        """The figure that the goal is about."""
        if self.ratio is not None:
            return self.ratio
        return self.ours if self.beside is None else self.ours / self.beside

    @property
    def met(self) -> bool | None:
        """Is the goal reached? None where there is none."""
        if self.goal is None:
            return None
        return self.measured <= self.goal if self.sense == "at most" else self.measured >= self.goal

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "measured": self.measured, "met": self.met}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A comparison that could not be made, and why."""

    what: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"what": self.what, "skipped": self.reason}


def figure(value: float | None) -> str:
    """A number at the precision at which it says something.

    >>> figure(12345.6), figure(12.345), figure(0.9876), figure(None)
    ('12,346', '12.3', '0.988', '-')
    """
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def told(line: Line) -> str:
    """One line of text about a comparison."""
    goal = "" if line.goal is None else f"  goal {line.sense} {figure(line.goal)}: {'met' if line.met else 'MISSED'}"
    pair = f"{figure(line.ours)} {line.unit}"
    pair += "" if line.beside is None else f" beside {figure(line.beside)} ({line.against})"
    return f"{line.what:52}{figure(line.measured):>9}  {pair}{goal}"


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--quick", action="store_true", help="a few steps only: shows that it works, measures nothing")
    made.add_argument("--json", type=Path, help="write the lines there")
    return made


def finish(lines: Sequence[Line | Skipped], path: Path | None) -> None:
    """Print the lines, and write them to ``path`` where given."""
    for line in lines:
        print(told(line) if isinstance(line, Line) else f"{line.what:52}  skipped: {line.reason}")
    if path is not None:
        path.write_text(json.dumps([line.as_dict() for line in lines], indent=1) + "\n", encoding="utf-8")


def interleaved(
    work: dict[str, Callable[[], Any]], rounds: int, clock: Callable[[], float] = time.process_time
) -> dict[str, np.ndarray]:
    """Seconds ``[rounds]`` of each way, in turn; the order changes from round to round, a first round is thrown away."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    rng = np.random.default_rng(0)
    for number in range(rounds + 1):
        for name in rng.permutation(list(work)):
            start = clock()
            work[name]()
            if number:
                seconds[name].append(clock() - start)
    return {name: np.array(values) for name, values in seconds.items()}


def ratio_of(seconds: dict[str, np.ndarray], ours: str, beside: str) -> float:
    """Median over the rounds of the ratio within a round."""
    return float(np.median(seconds[ours] / seconds[beside]))
