"""Sides that take turns: each runs its own training loop in its own process, a few steps at a time, never two at once.

So each side has its own libraries and allocator, its peak memory is its own, and what slows the machine down for a while
slows all of them. The first turn warms up; of every further turn the first step is left out (its caches are cold).
"""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

#: The processes of all sides are up after this many seconds, or something is wrong.
_PATIENCE = 300.0


@dataclass(slots=True)
class Record:
    """What a side did: seconds of each counted step, tokens of those steps, losses of all, bytes of memory."""

    seconds: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    """Real (unpadded) tokens of the counted steps."""
    cells: list[int] = field(default_factory=list)
    """Tokens with padding of the counted steps."""
    losses: list[float] = field(default_factory=list)
    """Of every step from the first, warm-up included."""
    peak: int = 0
    before: int = 0
    """The same when all was ready and the first step had not begun."""
    error: str = ""

    turns: int = 0
    """Turns that the counted steps fall into, equally many to each."""

    def times(self) -> np.ndarray:
        """Seconds of each turn, ``[turns]``."""
        return np.array(self.seconds).reshape(self.turns, -1).sum(1)

    @property
    def rate(self) -> float:
        """Real tokens a second, the median over the turns."""
        tokens = np.array(self.tokens).reshape(self.turns, -1).sum(1)
        return float(np.median(tokens / self.times()))

    @property
    def padding(self) -> float:
        """Tokens computed for each real one."""
        return sum(self.cells) / sum(self.tokens)


class Over(BaseException):
    """The measuring is over: leaves whatever loop is running."""


class Pace:
    """Called by a side's loop after each step; holds the loop until it is this side's turn again."""

    def __init__(self, line: Connection) -> None:
        self.line = line
        self.left = 0
        self.first = True
        self.mark = 0.0
        self.seconds: list[float] = []
        self.counts: list[tuple[int, int]] = []
        self.losses: list[Any] = []

    def ready(self) -> None:
        """Everything is set up; wait for the first turn."""
        self.line.send(("ready", _peak()))
        self._wait()

    def feed(self, real: int, cells: int) -> None:
        """Say what the step that now begins is made of."""
        self.counts.append((real, cells))

    def step(self, loss: Any) -> None:
        """A step is done."""
        self.seconds.append(time.process_time() - self.mark)
        self.losses.append(loss)
        self.left -= 1
        if self.left == 0:
            losses = [float(value) for value in self.losses]
            self.line.send(("turn", self.seconds, self.counts, losses, _peak()))
            self.seconds, self.counts, self.losses = [], [], []
            self._wait()
        self.mark = time.process_time()

    def _wait(self) -> None:
        self.left = self.line.recv()
        if self.left == 0:
            raise Over
        self.mark = time.process_time()


def _peak() -> int:
    from vistune.core.device import peak_memory

    return peak_memory()


def resident() -> int:
    """Bytes that this process holds in memory of its own now; 0 where the system does not say."""
    path = Path("/proc/self/statm")
    if not path.exists():
        return 0
    _, held, shared, *_ = (int(pages) for pages in path.read_text(encoding="ascii").split())
    return (held - shared) * os.sysconf("SC_PAGE_SIZE")


def _side(task: Callable[..., None], arguments: tuple[Any, ...], line: Connection) -> None:
    """The process of one side."""
    try:
        task(Pace(line), *arguments)
    except Over:
        pass
    except BaseException as error:  # told to the parent, which goes on with the other sides
        traceback.print_exc()
        line.send(("error", f"{type(error).__name__}: {error}"))


def take_turns(
    sides: dict[str, tuple[Callable[..., None], tuple[Any, ...]]], turns: int, steps: int
) -> dict[str, Record]:
    """Run ``sides`` (name -> task and arguments; the task gets a ``Pace`` first): one turn to warm up, then ``turns``."""
    context = multiprocessing.get_context("spawn")
    lines: dict[str, Connection] = {}
    processes = []
    for name, (task, arguments) in sides.items():
        here, there = context.Pipe()
        process = context.Process(target=_side, args=(task, arguments, there), daemon=True)
        process.start()
        there.close()
        lines[name] = here
        processes.append(process)
    records = {name: Record() for name in sides}
    for name, line in lines.items():
        _receive(line, records[name])
    rng = np.random.default_rng(0)
    for turn in range(turns + 1):
        for name in rng.permutation(list(sides)):
            if not records[name].error:
                lines[name].send(steps)
                _receive(lines[name], records[name], counted=turn > 0)
    for name, line in lines.items():
        if not records[name].error:
            line.send(0)
    for process in processes:
        process.join(20)
        if process.is_alive():
            process.kill()
    return records


def _receive(line: Connection, record: Record, counted: bool = False) -> None:
    """Take what a side has to say into its record."""
    try:
        if not line.poll(_PATIENCE):
            record.error = f"no answer within {_PATIENCE:.0f} s"
            return
        kind, *told = line.recv()
    except EOFError:
        record.error = "its process ended"
        return
    if kind == "error":
        record.error = told[0]
    elif kind == "ready":
        record.before = told[0]
    else:
        seconds, counts, losses, record.peak = told
        record.losses += losses
        if counted:
            record.turns += 1
            keep = slice(min(1, len(seconds) - 1), None)
            record.seconds += seconds[keep]
            # A loader may have looked ahead: the last counts are of steps that have not run.
            record.tokens += [real for real, _ in counts[: len(seconds)]][keep]
            record.cells += [cells for _, cells in counts[: len(seconds)]][keep]


def speedup(ours: Record, other: Record) -> float:
    """How many times as fast: median over the turns. A turn's steps have the same samples on all sides."""
    return float(np.median(other.times() / ours.times()))


def together(records: Sequence[Record]) -> bool:
    """Did all sides see the same losses, step by step, to a thousandth?"""
    shortest = min(len(record.losses) for record in records)
    table = np.array([record.losses[:shortest] for record in records])
    return bool(np.abs(table - table[0]).max() < 1e-3)
