"""Plots as SVG text: readable in grey (line styles, markers, hatches) and on light or dark paper."""

from __future__ import annotations

import io
import re
from typing import Any

from vistune.evaluation.report.data import RunData

_STYLES = ("-", "--", ":", "-.")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_HATCHES = ("", "///", "...", "xxx", "\\\\\\", "++", "oo")
#: Ink that the page's style sheet recolours for its theme.
_INK = "#445566"
_COLOURS = ("#2f6fb2", "#d2762a", "#4b9a5f", "#9a5fb0", "#b0504f", "#7a7a3a", "#3f9a9a")


def _svg(figure: Any) -> str:
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None}
    )
    plt.close(figure)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    return text.replace(_INK, "currentColor")


def _axes(width: float, height: float) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "vistune", "font.family": "sans-serif", "font.size": 10,
        "text.color": _INK, "axes.edgecolor": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    })  # fmt: skip
    figure, axes = plt.subplots(figsize=(width, height))
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def curves(runs: list[RunData]) -> str:
    """Loss by step, a line for each stage of each run; empty where nothing was trained."""
    lines = [(run.name, stage, points) for run in runs for stage, points in run.curves.items() if points]
    if not lines:
        return ""
    figure, axes = _axes(7.2, 3.0)
    offset: dict[str, int] = {}
    for index, (run, stage, points) in enumerate(lines):
        start = offset.get(run, 0)
        xs, ys = [start + x for x, _ in points], [y for _, y in points]
        offset[run] = xs[-1]
        label = f"{run} {stage}" if len({name for name, _, _ in lines}) > 1 else stage
        axes.plot(xs, ys, _STYLES[index % 4], color=_COLOURS[index % 7], label=label, linewidth=1.6)
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, ncols=2, fontsize=8)
    return _svg(figure)


def intervals(runs: list[RunData], benchmark: str) -> str:
    """The main measure of every run with its interval, one row a run."""
    rows = [(run.name, run.results[benchmark]) for run in runs if benchmark in run.results]
    figure, axes = _axes(6.4, 0.55 + 0.34 * len(rows))
    for place, (_, result) in enumerate(rows):
        low, high = result.intervals[result.main]
        axes.plot([low, high], [-place, -place], "-", color=_COLOURS[place % 7], linewidth=2.2)
        marker = _MARKERS[place % 7]
        axes.plot([result.score], [-place], marker, color=_COLOURS[place % 7], markersize=7, markeredgecolor=_INK)
    axes.set_yticks([-i for i in range(len(rows))], [name for name, _ in rows])
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.grid(axis="x", alpha=0.25)
    return _svg(figure)


def by_type(runs: list[RunData], benchmark: str) -> str:
    """Score by question type, a bar for each run; empty for a benchmark with one type."""
    found = [run for run in runs if benchmark in run.results]
    types = sorted({kind for run in found for kind in run.results[benchmark].by_type})
    if len(types) < 2:
        return ""
    figure, axes = _axes(7.2, 0.9 + 0.2 * len(types) * len(found))
    thick = 0.8 / len(found)
    for index, run in enumerate(found):
        scores = [run.results[benchmark].by_type.get(kind, {}).get("score", 0.0) for kind in types]
        places = [-(t + index * thick) for t in range(len(types))]
        axes.barh(
            places, scores, thick * 0.92, color=_COLOURS[index % 7], hatch=_HATCHES[index % 7], edgecolor=_INK,
            linewidth=0.5, label=run.name,
        )  # fmt: skip
    axes.set_yticks([-(t + 0.4 - thick / 2) for t in range(len(types))], [kind.replace("_", " ") for kind in types])
    axes.set_xlim(0, 1)
    axes.set_xlabel("share right")
    if len(found) > 1:
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(4, len(found)), fontsize=8)
    return _svg(figure)
