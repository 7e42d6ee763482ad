"""Progress for people: a bar on standard error when it is a terminal, silence when it is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

T = TypeVar("T")

#: Set to 1 to see no progress bars and notes even on a terminal; ``--json`` sets it.
QUIET_SWITCH = "VISTUNE_QUIET"


def set_quiet(quiet: bool = True) -> None:
    """Silence (or allow) progress bars and notes in this process and those that it starts."""
    os.environ[QUIET_SWITCH] = "1" if quiet else "0"


def is_quiet() -> bool:
    """No bars: standard error is not a terminal, or somebody asked for silence."""
    return os.environ.get(QUIET_SWITCH, "0") == "1" or not sys.stderr.isatty()


def console() -> Console:
    """The console that bars and notes are written to: standard error."""
    from rich.console import Console

    return Console(stderr=True, quiet=is_quiet())


def track(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """``items`` one by one, under a bar with rate and time left."""
    if is_quiet():
        yield from items
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as bar:
        yield from bar.track(items, total=total, description=title)


class TrainingProgress:
    """One line for a training stage: step, loss, tokens a second, time left, memory.

    ``update`` is cheap enough for every step: rich redraws by itself, four times a second.
    """

    def __init__(self, title: str, steps: int, start: int = 0) -> None:
        self.title = title
        self.steps = steps
        self.start = start
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if is_quiet():
            return self
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Left

        columns = (
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TextColumn("<"),
            Left(),
        )
        self._bar = Progress(*columns, console=console(), refresh_per_second=4)
        self._bar.start()
        self._task = self._bar.add_task(self.title, total=self.steps, completed=self.start, note="")
        return self

    def update(self, step: int, **measures: Any) -> None:
        """Move to ``step``; ``measures`` known: ``loss``, ``tokens_per_s``, ``memory`` (bytes)."""
        if self._bar is None or self._task is None:
            return
        if measures:
            self._bar.update(self._task, completed=step, note=_note(measures))
        else:
            self._bar.update(self._task, completed=step)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _note(measures: dict[str, Any]) -> str:
    formats = {
        "loss": lambda v: f"loss {v:.3f}",
        "tokens_per_s": lambda v: f"{v:,.0f} tok/s",
        "memory": lambda v: f"{v / 2**20:,.0f} MiB",
    }
    return "  ".join(formats.get(name, lambda v, n=name: f"{n} {v}")(value) for name, value in measures.items())
