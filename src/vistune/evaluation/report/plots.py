"""Plots as SVG text: readable in grey (line styles, markers) and on light or dark paper."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vistune.evaluation.report.data import RunData
from vistune.evaluation.report.words import measure_name, short_count, title_of

#: Ink that the page's style sheet recolours for its theme.
_INK = "#445566"
#: Colours in the middle of the lightness scale: they carry on white and on near-black.
_COLOURS = ("#3a7fc2", "#d67a22", "#3d9a67", "#9a68c4", "#cf5650", "#8b8a2c", "#2797a8", "#a8698a")
_STYLES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
#: The same marks as paths in a box of 12 x 12, for the page's tables.
_PATHS = (
    "M6 1.6a4.4 4.4 0 1 0 0 8.8a4.4 4.4 0 1 0 0-8.8z",
    "M2 2h8v8H2z",
    "M6 1.2L11 10.4H1z",
    "M6 .8L11.2 6L6 11.2L.8 6z",
    "M6 10.8L1 1.6H11z",
    "M4.4 1h3.2v3.4H11v3.2H7.6V11H4.4V7.6H1V4.4h3.4z",
    "M2.6 1L6 4.2L9.4 1L11 2.6L7.8 6L11 9.4L9.4 11L6 7.8L2.6 11L1 9.4L4.2 6L1 2.6z",
    "M6 .6L7.5 4.3L11.4 4.6L8.4 7.1L9.3 11L6 8.9L2.7 11L3.6 7.1L.6 4.6L4.5 4.3z",
)


#: Said of a baseline in a legend.
UNTRAINED = " (untrained)"


@dataclass(frozen=True, slots=True)
class Key:
    """A run's colour, line style and marker: the same on the whole page."""

    colour: str
    style: Any
    marker: str
    path: str


def key_of(index: int) -> Key:
    """The key of run number ``index``."""
    return Key(_COLOURS[index % 8], _STYLES[index % 4], _MARKERS[index % 8], _PATHS[index % 8])


def _svg(figure: Any, label: str) -> str:
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "vistune"}):
        figure.savefig(
            buffer, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None}
        )
    plt.close(figure)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    return text.replace(_INK, "currentColor")


def _axes(width: float, height: float) -> tuple[Any, Any]:
    """A figure in the page's style."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    style: dict[Any, Any] = {
        "font.family": "sans-serif", "font.size": 10,
        "text.color": _INK, "axes.edgecolor": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
        "grid.color": _INK, "grid.alpha": 0.16, "grid.linewidth": 0.7, "axes.linewidth": 0.8,
    }  # fmt: skip
    with plt.rc_context(style):
        figure, axes = plt.subplots(figsize=(width, height))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.tick_params(length=3)
    return figure, axes


def smoothed(values: Sequence[float], keep: float = 0.8) -> list[float]:
    """Exponential mean, without the pull of its start."""
    mean, weight, found = 0.0, 0.0, []
    for value in values:
        mean, weight = keep * mean + (1 - keep) * value, keep * weight + 1 - keep
        found.append(mean / weight)
    return found


def curves(runs: Sequence[RunData]) -> str:
    """Loss by step, a line for each run (its stages one after the other); empty where nothing was trained."""
    drawn = [(i, run) for i, run in enumerate(runs) if any(run.curves.values())]
    if not drawn:
        return ""
    figure, axes = _axes(10.2, 3.3)
    for index, run in drawn:
        key, offset = key_of(index), 0
        xs: list[int] = []
        ys: list[float] = []
        for number, (stage, points) in enumerate((s, p) for s, p in run.curves.items() if p):
            if len(drawn) == 1 and len(run.curves) > 1:
                _mark_stage(axes, offset, stage, first=number == 0)
            xs += [offset + x for x, _ in points]
            ys += [y for _, y in points]
            offset = xs[-1]
        if len(drawn) == 1:
            axes.plot(xs, ys, color=key.colour, alpha=0.28, linewidth=1)
        every = max(1, len(xs) // 8)
        axes.plot(
            xs, smoothed(ys), linestyle=key.style, color=key.colour, label=run.name, linewidth=1.8,
            marker=key.marker, markersize=5, markevery=(index * every // max(1, len(drawn)), every),
        )  # fmt: skip
    axes.set_xlabel("step")
    axes.set_ylabel("loss (smoothed)")
    _loss_limits(axes, [y for _, run in drawn for points in run.curves.values() for _, y in points])
    if len(drawn) > 1:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02), fontsize=9, labelcolor=_INK)
    return _svg(figure, "Training loss by step")


def _mark_stage(axes: Any, place: int, stage: str, first: bool) -> None:
    if not first:
        axes.axvline(place, color=_INK, linewidth=0.8, linestyle=(0, (2, 3)), alpha=0.6)
    axes.annotate(
        stage, (place, 1.0), xycoords=("data", "axes fraction"), xytext=(4, 2), textcoords="offset points",
        fontsize=9, color=_INK,
    )  # fmt: skip


def _loss_limits(axes: Any, losses: Sequence[float]) -> None:
    """From zero, up to what all but the first few steps reach."""
    high = sorted(losses)[int(0.99 * (len(losses) - 1))]
    axes.set_ylim(0, 1.08 * high)


def tradeoff(runs: Sequence[RunData], benchmark: str) -> str:
    """The main measure against trained parameters (log scale), with intervals; empty for fewer than three trained runs."""
    shown = [(i, run) for i, run in enumerate(runs) if run.trainable and benchmark in run.results]
    if len(shown) < 3:
        return ""
    from matplotlib.ticker import FuncFormatter

    figure, axes = _axes(3.5, 2.6)
    taken: list[float] = []
    for index, run in sorted(shown, key=lambda pair: pair[1].trainable):
        key, result = key_of(index), run.results[benchmark]
        low, high = (result.scaled(result.main, end) for end in result.intervals[result.main])
        place = float(run.trainable)
        while any(abs(place / other - 1) < 0.16 for other in taken):
            place *= 1.17  # runs of nearly equal size stand side by side
        taken.append(place)
        axes.plot([place] * 2, [low, high], color=key.colour, linewidth=1.6, alpha=0.75)
        axes.plot(
            [place], [result.scaled(result.main, result.score)], linestyle="none", marker=key.marker, color=key.colour,
            markersize=8, label=run.name,
        )  # fmt: skip
    base = [(run.name, run.results[benchmark]) for run in runs if not run.trainable and benchmark in run.results]
    for name, result in base[:1]:
        height = result.scaled(result.main, result.score)
        axes.axhline(height, color=_INK, linewidth=1, linestyle=(0, (4, 3)), alpha=0.8, label=name + UNTRAINED)
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(
        range(len(labels)), key=lambda i: [run.name for run in runs].index(labels[i].removesuffix(UNTRAINED))
    )
    axes.legend(
        [handles[i] for i in order], [labels[i] for i in order], frameon=False, loc="upper left",
        bbox_to_anchor=(1.0, 1.02), fontsize=9, labelcolor=_INK,
    )  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_count(value)))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.margins(x=0.15)
    axes.set_xlabel("trained parameters")
    axes.set_ylabel(measure_name(shown[0][1].results[benchmark].main))
    axes.set_title(title_of(benchmark), fontsize=10, loc="left", color=_INK)
    return _svg(figure, f"{benchmark} by trained parameters")
