"""From ``ReportData`` to HTML."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

from vistune.core.files import write_text
from vistune.evaluation.report import plots
from vistune.evaluation.report.data import ReportData, RunData

#: Measures that count, not shares: shown as they are.
_LARGE = ("cider", "words")


def figure_of(name: str, value: float) -> str:
    """A measure for people: shares in percent."""
    return f"{value:.2f}" if name in _LARGE else f"{100 * value:.1f}"


def _benchmarks(data: ReportData) -> list[str]:
    return list(dict.fromkeys(name for run in data.runs for name in run.results))


def _tables(data: ReportData) -> list[dict[str, Any]]:
    tables = []
    for name in _benchmarks(data):
        found = [run for run in data.runs if name in run.results]
        first = found[0].results[name]
        measures = list(first.values)
        rows = []
        for run in found:
            result = run.results[name]
            cells = []
            for measure in measures:
                low, high = result.intervals[measure]
                span = f"{figure_of(measure, low)} to {figure_of(measure, high)}"
                cells.append({"value": figure_of(measure, result.values[measure]), "span": span})
            rows.append({"name": run.name, "cells": cells, "words": f"{result.beside['words']:.1f}",
                         "pace": f"{1000 * result.beside['seconds']:.1f}"})  # fmt: skip
        tables.append({
            "name": name, "protocol": first.protocol, "items": int(first.beside["items"]), "measures": measures,
            "main": first.main, "better": "higher" if first.higher_is_better else "lower", "rows": rows,
            "interval_plot": plots.intervals(data.runs, name), "type_plot": plots.by_type(data.runs, name),
            "confusions": [{"run": run.name, "rows": _confusions(run, name)} for run in found if _confusions(run, name)],
        })  # fmt: skip
    return tables


def _confusions(run: RunData, benchmark: str) -> list[tuple[str, str, str, int]]:
    """The commonest mistakes: (type, right answer, given answer, how often)."""
    wrong: Counter[tuple[str, str, str]] = Counter()
    for item in run.results[benchmark].items:
        if item["score"] < 0.5 and item["parsed"] is not None and len(item["parsed"]) < 30:
            wrong[item["type"], item["references"][0], item["parsed"]] += 1
    return [(*key, count) for key, count in wrong.most_common(6) if count > 1]


def _costs(data: ReportData) -> list[dict[str, str]]:
    known = [run for run in data.runs if run.trainable or run.seconds or run.parameters]
    return [
        {
            "name": run.name,
            "parameters": f"{run.parameters:,}" if run.parameters else "-",
            "trainable": f"{run.trainable:,}" if run.trainable else "0",
            "share": f"{100 * run.trainable / run.parameters:.1f} %" if run.parameters else "-",
            "seconds": f"{run.seconds:,.0f} s" if run.seconds else "-",
            "memory": f"{run.memory / 2**20:,.0f} MiB" if run.memory else "-",
        }
        for run in known
    ]


def write_report(path: Path, data: ReportData) -> None:
    """Write the page: one file, no request to anywhere."""
    from jinja2 import Environment

    template = (files("vistune") / "evaluation" / "report" / "report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(template).render(
        data=data, tables=_tables(data), costs=_costs(data), curves=plots.curves(data.runs)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page)
