"""What was found of judges: a page of one file, and rows for a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vistune.core.files import write_json, write_text
from vistune.evaluation.judges.known import LEVELS
from vistune.evaluation.judges.quality import Measure, Quality

#: Shares are told in percent.
_SHARES = (
    "agreement", "consistent", "first", "identical tie", "length slope", "drop shuffled", "drop blank", "unread", "failed",
)  # fmt: skip


def said(measure: Measure) -> str:
    """A figure as people read it."""
    if math.isnan(measure.value):
        return "-"
    if measure.name not in _SHARES:
        return f"{measure.value:.2f}"
    return f"{100 * measure.value:+.1f}%" if measure.name == "length slope" else f"{100 * measure.value:.0f}%"


def interval_of(measure: Measure) -> str:
    """The interval in the same form; nothing where there is none."""
    if measure.interval is None or any(map(math.isnan, measure.interval)):
        return ""
    return f"{100 * measure.interval[0]:.1f} to {100 * measure.interval[1]:.1f}"


def name_of(quality: Quality) -> str:
    """Judge and rubric."""
    return f"{quality.judge['judge']['name']}, {quality.judge['rubric']}"


def table(found: Sequence[Quality]) -> tuple[list[str], list[list[str]]]:
    """Columns and rows for the terminal: a row a measure, a column a judge; faults are marked."""
    names = list(dict.fromkeys(m.name for q in found for m in q.measures))
    rows = []
    for name in names:
        cells = []
        for quality in found:
            measure = next((m for m in quality.measures if m.name == name), None)
            cells.append("" if measure is None else f"{said(measure)}{' !' if measure.fault else ''}")
        rows.append([name, *cells])
    rows.append(["cost", *(f"{q.usage.get('cost', 0):.4g}" for q in found)])
    rows.append(["requests (cached)", *(f"{q.usage.get('requests', 0)} ({q.usage.get('cached', 0)})" for q in found)])
    return ["measure", *(name_of(q) for q in found)], rows


def levels_svg(quality: Quality) -> str:
    """Mean mark of each level with its interval, on the rubric's scale: inline SVG."""
    low, high = quality.scale
    left, width, step = 112, 300, 24
    lines = []
    shown = [level for level in LEVELS if level in quality.levels]

    def x(value: float) -> float:
        return left + width * (value - low) / (high - low)

    for row, level in enumerate(shown):
        mean, start, end = quality.levels[level]
        y = 16 + step * row
        lines.append(
            f'<text x="{left - 10}" y="{y + 4}" text-anchor="end" font-size="12" fill="currentColor">{level}</text>'
            f'<line x1="{left}" x2="{left + width}" y1="{y}" y2="{y}" stroke="currentColor" stroke-opacity=".12"/>'
            f'<line x1="{x(start):.1f}" x2="{x(end):.1f}" y1="{y}" y2="{y}" stroke="var(--accent)" stroke-width="3"/>'
            f'<circle cx="{x(mean):.1f}" cy="{y}" r="4.5" fill="var(--accent)"/>'
            f'<text x="{left + width + 10}" y="{y + 4}" font-size="12" fill="currentColor">{mean:.2f}</text>'
        )
    bottom = 16 + step * len(shown)
    lines += [
        f'<text x="{x(v):.0f}" y="{bottom + 6}" font-size="11" text-anchor="middle" fill="currentColor">{v:g}</text>'
        for v in (low, (low + high) / 2, high)
    ]
    label = f"Mean marks of {name_of(quality)}: " + ", ".join(f"{n} {quality.levels[n][0]:.2f}" for n in shown)
    return (
        f'<svg viewBox="0 0 {left + width + 54} {bottom + 14}" width="100%" style="max-width:520px" role="img" '
        f'aria-label="{label}">{"".join(lines)}</svg>'
    )


def write_quality(folder: Path, found: Sequence[Quality]) -> Path:
    """``quality.json`` and ``quality.html`` (one file, no request to anywhere). Returns the page."""
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    write_json(folder / "quality.json", [quality.summary() for quality in found])
    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader([here, here.parent / "report"]), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    judges: list[dict[str, Any]] = [
        {
            "name": name_of(q), "quality": q, "figure": Markup(levels_svg(q)),
            "rows": [(m, said(m), interval_of(m)) for m in q.measures],
        }
        for q in found
    ]  # fmt: skip
    path = folder / "quality.html"
    write_text(path, environment.get_template("quality.html.j2").render(judges=judges))
    return path
