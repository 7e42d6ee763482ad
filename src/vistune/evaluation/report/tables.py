"""What the page's tables show, as values ready to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from vistune.evaluation.metrics.answers import parse_short
from vistune.evaluation.metrics.significance import Contrast, holm
from vistune.evaluation.report.data import ReportData, RunData
from vistune.evaluation.report.plots import key_of
from vistune.evaluation.report.words import duration, measure_name, plain, title_of
from vistune.evaluation.results import Item, Result, contrast

#: A confusion table has at most this many answers a side; longer answers than this are no classes.
_CLASSES, _LONGEST = 8, 24
#: More benchmarks than this stand in rows, and the runs in columns.
_WIDEST = 6
#: Types with fewer items have no confusion table.
_FEWEST = 8


def benchmark_names(data: ReportData) -> list[str]:
    """Benchmarks in the order in which the runs have them."""
    return list(dict.fromkeys(name for run in data.runs for name in run.results))


def contrasts(data: ReportData) -> dict[str, dict[str, Contrast]]:
    """Benchmark -> run -> paired difference to the first run that has it, with its test."""
    found = {}
    for benchmark in data.benchmarks:
        results = {run.name: run.results[benchmark.name] for run in data.runs if benchmark.name in run.results}
        names = list(results)
        if len(names) > 1:
            first = results[names[0]]
            found[benchmark.name] = {name: contrast(benchmark, results[name], first) for name in names[1:]}
    return found


def gap_view(result: Result, gap: Contrast | None) -> dict[str, str] | None:
    """A difference in words: ``better``, ``worse`` or ``open`` where its interval holds 0."""
    if gap is None:
        return None
    digits = 2 if result.main in result.not_shares else 1
    sign = 1 if result.higher_is_better else -1
    kind = ("better" if sign * gap.difference > 0 else "worse") if gap.told_apart else "open"
    mean, low, high = (
        f"{result.scaled(result.main, value):+.{digits}f}" for value in (gap.difference, gap.low, gap.high)
    )
    return {"kind": kind, "mean": mean, "span": f"{low} to {high}"}


def not_told_apart(data: ReportData, found: dict[str, dict[str, Contrast]]) -> list[dict[str, str]]:
    """Pairs of runs that a benchmark cannot tell apart, or only as long as one does not count how often one looked (Holm)."""
    told = []
    for name, by_run in found.items():
        adjusted = holm({run: gap.p_value for run, gap in by_run.items()})
        result = next(run.results[name] for run in data.runs if name in run.results)
        for run, gap in by_run.items():
            words = gap.sentence(result.main not in result.not_shares)
            if not gap.told_apart:
                told.append({"benchmark": title_of(name), "run": run, "words": words})
            elif adjusted[run] > 0.05:
                more = f" With {len(by_run)} runs compared at once p is {adjusted[run]:.2g} (Holm)."
                told.append({"benchmark": title_of(name), "run": run, "words": words + more})
    return told


def overview(data: ReportData) -> dict[str, Any]:
    """All runs by the main measure of all benchmarks, with what they cost."""
    names, gaps = benchmark_names(data), contrasts(data)
    columns = [_column(data, name) for name in names]
    rows = []
    for index, run in enumerate(data.runs):
        cells = [
            _cell(run.results.get(column["name"]), column, gaps.get(column["name"], {}).get(run.name))
            for column in columns
        ]
        chosen = run.name == data.highlight
        rows.append({"name": run.name, "key": key_of(index), "cells": cells, "cost": _cost(run), "chosen": chosen})
    costs = [name for name in ("trained", "time", "memory") if any(row["cost"][name] for row in rows)]
    return {
        "columns": columns, "rows": rows, "costs": costs, "gaps": bool(gaps), "long": len(columns) > _WIDEST,
        "open": not_told_apart(data, gaps),
    }  # fmt: skip


def headline(data: ReportData, view: dict[str, Any]) -> list[dict[str, Any]]:
    """The highlighted run (else the last) on each benchmark, beside the first run: what heads the page."""
    rows = view["rows"]
    chosen = next((row for row in rows if row["name"] == data.highlight), rows[-1]) if rows else None
    if chosen is None:
        return []
    compared = chosen is not rows[0]
    return [
        {"column": column, "run": chosen["name"], "cell": cell, "base": first if compared else None}
        for column, cell, first in zip(view["columns"], chosen["cells"], rows[0]["cells"])
        if cell
    ]


def _column(data: ReportData, name: str) -> dict[str, Any]:
    """A benchmark's main measure, the range of its axis and its best run."""
    results = {run.name: run.results[name] for run in data.runs if name in run.results}
    first = next(iter(results.values()))
    long = len(benchmark_names(data)) > _WIDEST and first.main not in first.not_shares
    ends = [0.0, 1.0] if long else [end for result in results.values() for end in result.intervals[result.main]]
    pad = 0.0 if long else 0.06 * (max(ends) - min(ends)) or 0.01
    base = first.chance if long and first.chance is not None else first.score
    shown = {name: result.figure(result.main, result.score) for name, result in results.items()}
    best = shown[(max if first.higher_is_better else min)(results, key=lambda run: results[run].score)]
    bests = [name for name, figure in shown.items() if figure == best] if len(set(shown.values())) > 1 else []
    return {
        "name": name, "title": title_of(name), "main": measure_name(first.main), "higher": first.higher_is_better,
        "low": min(ends) - pad, "high": max(ends) + pad, "base": base, "best": bests,
        "items": int(first.beside["items"]), "unit": "" if first.main in first.not_shares else "%",
        # One run's own interval says nothing about where it lies.
        "line": long or len(results) > 1 or len(benchmark_names(data)) <= _WIDEST,
        "chance": "" if first.chance is None else first.figure(first.main, first.chance),
        "capabilities": ", ".join(plain(name) for name in first.capabilities),
    }  # fmt: skip


def _cell(result: Result | None, column: dict[str, Any], gap: Contrast | None) -> dict[str, Any] | None:
    if result is None:
        return None
    low, high = result.intervals[result.main]
    width = column["high"] - column["low"]

    def place(value: float) -> float:
        return round(100 * (value - column["low"]) / width, 1)

    return {
        "value": result.figure(result.main, result.score),
        "span": f"{result.figure(result.main, low)} to {result.figure(result.main, high)}",
        "places": [place(low), place(result.score), place(high), place(column["base"])],
        "gap": gap_view(result, gap),
    }


def _cost(run: RunData) -> dict[str, str]:
    portion = 100 * run.trainable / run.parameters if run.parameters else 0.0
    share = f" ({portion:.0f}%)" if portion >= 10 else f" ({portion:.2g}%)" if portion else ""
    return {
        "trained": f"{run.trainable:,}{share}" if run.trainable else "",
        "time": duration(run.seconds) if run.seconds else "",
        "memory": f"{run.memory / 2**20:,.0f} MiB" if run.memory else "",
    }


def section(data: ReportData, name: str) -> dict[str, Any]:
    """One benchmark in full: measures, types, confusions."""
    runs = [(i, run, run.results[name]) for i, run in enumerate(data.runs) if name in run.results]
    first = runs[0][2]
    return {
        "name": name, "title": title_of(name), "protocol": first.protocol, "mode": first.mode, "version": first.version,
        "items": int(first.beside["items"]), "groups": len({item["group"] for item in first.items}),
        "rejected": int(first.beside.get("rejected", 0)), "main": first.main,
        "direction": "higher" if first.higher_is_better else "lower",
        "measures": list(first.values), "rows": [_row(i, run, result) for i, run, result in runs],
        "switches": [(plain(name), value) for name, value in first.switches.items() if name != "mode"],
        "judge": judge_view(runs), "facets": [_facet(runs, name) for name in first.by_facet],
        "yes": any("yes_rate" in result.beside for _, _, result in runs) and "yes_rate" not in first.values,
        "heat": _heat(runs),
        "confusions": [
            {"run": run.name, "key": key_of(i), "tables": tables}
            for i, run, result in runs
            if (tables := confusions(result.items))
        ],
        "inventions": [
            {"run": run.name, "key": key_of(i), "rows": rows}
            for i, run, result in runs
            if (rows := inventions(result))
        ],
    }  # fmt: skip


def _row(index: int, run: RunData, result: Result) -> dict[str, Any]:
    cells = []
    for measure, value in result.values.items():
        low, high = result.intervals[measure]
        fixed = low == high == value
        span = "" if fixed else f"{result.figure(measure, low)} to {result.figure(measure, high)}"
        cells.append({"measure": measure, "value": result.figure(measure, value), "span": span})
    beside = result.beside
    return {
        "name": run.name, "key": key_of(index), "cells": cells, "words": f"{beside['words']:.1f}",
        "unparsed": f"{100 * beside.get('unparsed', 0.0):.1f}",
        "yes": f"{100 * beside['yes_rate']:.0f}" if "yes_rate" in beside else "",
        "pace": f"{1000 * beside['seconds']:.1f}",
    }  # fmt: skip


def judge_view(runs: Sequence[tuple[int, RunData, Result]]) -> list[dict[str, str]]:
    """Who marked each run's answers, and what it cost."""
    told = []
    for _, run, result in runs:
        if not result.judge:
            continue
        who, beside = result.judge, result.beside
        cost = f", cost {beside['judge_cost']:.4g}" if beside["judge_cost"] else ""
        tokens = int(beside["judge_prompt_tokens"] + beside["judge_completion_tokens"])
        told.append({
            "run": run.name,
            "who": ", ".join(f"{name} {value}" for name, value in who["judge"].items() if value not in (None, "")),
            "rubric": f"{who['rubric']} version {who['version']}, prompt {who['prompt']} {who['prompt_hash']}",
            "cost": f"{tokens:,} tokens{cost}",
        })  # fmt: skip
    return told


def _facet(runs: Sequence[tuple[int, RunData, Result]], name: str) -> dict[str, Any]:
    """Score by one facet (number of things, size, prior...) and run."""
    return {"name": plain(name), **_table_of(runs, [result.by_facet.get(name, {}) for _, _, result in runs])}


def _heat(runs: Sequence[tuple[int, RunData, Result]]) -> dict[str, Any] | None:
    """Score by type and run; None where there is one type."""
    tables = [result.by_type for _, _, result in runs]
    return _table_of(runs, tables) if len({kind for table in tables for kind in table}) > 1 else None


def _table_of(
    runs: Sequence[tuple[int, RunData, Result]], tables: Sequence[dict[str, dict[str, float]]]
) -> dict[str, Any]:
    rows = []
    for kind in sorted({kind for table in tables for kind in table}):
        found = [table.get(kind) for table in tables]
        values = [own["score"] if own else None for own in found]
        known = [value for value in values if value is not None]
        best = max(known)
        several = len(known) > 1 and min(known) < best
        items = next(int(own["items"]) for own in found if own)
        cells = [{"value": v, "best": several and v == best} for v in values]
        rows.append({"name": plain(kind), "items": items, "cells": cells})
    return {"runs": [{"name": run.name, "key": key_of(i)} for i, run, _ in runs], "rows": rows}


def confusions(items: Sequence[Item]) -> list[dict[str, Any]]:
    """A table a type: right answers down, given ones across, with the share of each row. Long answers have none."""
    types: dict[str, list[tuple[str, str]]] = {}
    for item in items:
        if item["references"] and len(item["references"][0]) <= _LONGEST:
            right = parse_short(item["references"][0], item["references"])
            types.setdefault(item["type"], []).append((right, item["parsed"] or "(unread)"))
    tables = []
    for kind, pairs in sorted(types.items()):
        right = [name for name, count in Counter(a for a, _ in pairs).most_common(_CLASSES) if count > 1]
        if len(pairs) >= _FEWEST and len(right) >= 2:
            tables.append({"type": plain(kind), "items": len(pairs), **_confusion(pairs, sorted(right))})
    return tables


def _confusion(pairs: Sequence[tuple[str, str]], right: list[str]) -> dict[str, Any]:
    counts = Counter(pairs)
    shown = [pair for pair in pairs if pair[0] in right]
    extra = Counter(given for _, given in shown if given not in right).most_common(2)
    columns = right + [given for given, count in extra if count > 1 and len(given) <= _LONGEST]
    rows = []
    for truth in right:
        total = sum(count for (a, _), count in counts.items() if a == truth)
        cells = [counts[truth, given] for given in columns]
        other = total - sum(cells)
        told = [{"count": c, "share": c / total, "hit": g == truth} for c, g in zip(cells, columns)]
        rows.append({"name": truth, "cells": [*told, {"count": other, "share": other / total, "hit": False}]})
    if not any(row["cells"][-1]["count"] for row in rows):
        for row in rows:
            row["cells"].pop()
        return {"columns": columns, "rows": rows}
    return {"columns": [*columns, "other"], "rows": rows}


def inventions(result: Result) -> list[tuple[str, int]]:
    """Things that captions name most often though they are not there (CHAIR benchmarks)."""
    if result.main not in ("chair_s", "chair_i"):
        return []
    named: Counter[str] = Counter()
    for item in result.items:
        named.update(thing for thing in (item["parsed"] or "").split(", ") if thing and thing not in item["references"])
    return named.most_common(8)
