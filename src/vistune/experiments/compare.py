"""Several models or decoding methods side by side on the same questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.files import write_json
from vistune.experiments.specs import parse_spec

if TYPE_CHECKING:
    from vistune.evaluation.runner import Result


@dataclass(slots=True)
class Comparison:
    """Results by run (a model, or a model with a method) and benchmark; the first run is the baseline."""

    report: Path
    results: dict[str, dict[str, Result]]
    differences: dict[str, dict[str, tuple[float, float, float]]]

    def summary(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        scores = {run: {name: r.summary() for name, r in found.items()} for run, found in self.results.items()}
        return {"report": str(self.report), "runs": scores, "differences_to_first": self.differences}

    def score_table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Columns and rows for the terminal."""
        rows = []
        for run, found in self.results.items():
            for name, result in found.items():
                low, high = result.intervals[result.main]
                gap = self.differences.get(run, {}).get(name)
                told = "-" if gap is None else f"{gap[0]:+.3f} [{gap[1]:+.3f}, {gap[2]:+.3f}]"
                yes = f"{result.values['yes_rate']:.2f}" if "yes_rate" in result.values else "-"
                pace = f"{1000 * result.beside['seconds']:.1f}"
                rows.append((run, name, result.main, f"{result.score:.3f} [{low:.3f}, {high:.3f}]", told, yes, pace))
        return ("run", "benchmark", "measure", "score [95%]", "to the first [95%]", "yes", "ms an item"), rows


def short_names(models: list[str]) -> dict[str, str]:
    """Each model's last folder, with as many folders above it as tell it from the others (``a/model``, ``b/model``)."""
    unlike = list(dict.fromkeys(models))
    deepest = max(len(Path(name).parts) for name in unlike)
    for depth in range(1, deepest + 1):
        names = {name: "/".join(Path(name).parts[-depth:]) for name in unlike}
        if len(set(names.values())) == len(unlike):
            return names
    return {name: name for name in unlike}


def compare_models(
    models: list[str],
    benchmarks: list[str],
    methods: list[str],
    out_dir: Path,
    *,
    max_new_tokens: int | None = None,
    batch_size: int = 32,
    resume: bool = True,
) -> Comparison:
    """Every model with greedy decoding, and with each method, on every benchmark.

    A method stands beside greedy, and beside sampling and beam search where those are named as methods (``sample``,
    ``beam``). ``max_new_tokens`` takes the place of every benchmark's own. Raises ``ConfigError`` for an unknown kind.
    """
    from vistune.decoding import DECODERS, Settings
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.report import ReportData, RunData, gallery, write_report
    from vistune.evaluation.runner import compare, evaluate
    from vistune.models.loading import load_model

    chosen = [BENCHMARKS.build(parse_spec(text)) for text in benchmarks]
    if max_new_tokens is not None:
        for benchmark in chosen:
            benchmark.max_new_tokens = max_new_tokens
    ways: dict[str, tuple[Any, Any]] = {"greedy": (Settings(), None)}
    for text in methods:
        spec = parse_spec(text)
        if spec["kind"] in ("sample", "beam"):
            ways[text] = (Settings.from_values({"mode": spec.pop("kind"), **spec}), None)
        else:
            ways[text] = (Settings(), DECODERS.build(spec))
    names = short_names(models)
    runs: list[RunData] = []
    for name in names:
        model = load_model(name)
        size = sum(p.numel() for p in model.module.parameters())
        for way, (settings, method) in ways.items():
            title = names[name] + ("" if way == "greedy" else f" + {way}")
            folder = out_dir / "".join(c if c.isalnum() else "-" for c in title)
            found = evaluate(
                model, chosen, folder, settings=settings, method=method, batch_size=batch_size, resume=resume
            )
            runs.append(RunData(title, found, parameters=size))
    first = runs[0].results
    gaps = {run.name: {b.name: compare(b, run.results[b.name], first[b.name]) for b in chosen} for run in runs[1:]}
    report = out_dir / "report.html"
    title = " and ".join(names.values())
    write_report(report, ReportData(title, "vistune eval", runs, gallery=gallery(chosen, runs), benchmarks=chosen))
    result = Comparison(report, {run.name: run.results for run in runs}, gaps)
    write_json(out_dir / "comparison.json", result.summary())
    return result
