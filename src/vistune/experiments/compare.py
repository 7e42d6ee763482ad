"""Several models or decoding methods side by side on the same questions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.files import write_json
from vistune.experiments.specs import parse_spec, run_title, ways_of_decoding

if TYPE_CHECKING:
    from vistune.evaluation.metrics.significance import Contrast
    from vistune.evaluation.runner import Result


@dataclass(slots=True)
class Comparison:
    """Results by run (a model, or a model with a method) and benchmark; the first run is the baseline."""

    report: Path
    results: dict[str, dict[str, Result]]
    differences: dict[str, dict[str, Contrast]]

    def summary(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        scores = {run: {name: r.summary() for name, r in found.items()} for run, found in self.results.items()}
        gaps = {run: {name: asdict(gap) for name, gap in found.items()} for run, found in self.differences.items()}
        return {"report": str(self.report), "runs": scores, "differences_to_first": gaps}

    def score_table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Columns and rows for the terminal."""
        rows = []
        for run, found in self.results.items():
            for name, result in found.items():
                low, high = result.intervals[result.main]
                gap = self.differences.get(run, {}).get(name)
                told = "-" if gap is None else f"{gap.difference:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"
                yes = f"{result.values['yes_rate']:.2f}" if "yes_rate" in result.values else "-"
                pace = f"{1000 * result.beside['seconds']:.1f}"
                rows.append((run, name, result.main, f"{result.score:.3f} [{low:.3f}, {high:.3f}]", told, yes, pace))
        return ("run", "benchmark", "measure", "score [95%]", "to the first [95%]", "yes", "ms an item"), rows

    def warnings(self) -> list[str]:
        """What the figures do not show: runs that a benchmark cannot tell apart."""
        return [
            f"{run}, {name}: {gap.sentence(self.results[run][name].main not in self.results[run][name].not_shares)}"
            for run, found in self.differences.items()
            for name, gap in found.items()
            if not gap.told_apart
        ]

    def result_tables(self) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
        """Tables of a page of results: runs side by side where there are several, each run alone, the protocols."""
        beside = [("Side by side", *self._beside())] if len(self.results) > 1 else []
        alone = []
        for run, found in self.results.items():
            rows = []
            for name, r in found.items():
                items, unread = f"{r.beside['items']:.0f}", f"{100 * r.beside['unparsed']:.1f}"
                rows.append((name, r.main, _told(r), _chance(r), items, unread))
            alone.append((run, ("benchmark", "measure", "score [95%]", "by chance", "items", "unread %"), rows))
        first = next(iter(self.results.values()))
        said = [
            (name, "; ".join([r.protocol, *(f"{k}: {v}" for k, v in r.switches.items())])) for name, r in first.items()
        ]
        return [*beside, *alone, ("Protocols", ("benchmark", "protocol and switches"), said)]

    def _beside(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Every benchmark that the first run has, with all runs' scores and their differences to the first."""
        (base, first), *others = self.results.items()
        rows = []
        for name, r in first.items():
            row = [name, r.main, _chance(r), _told(r)]
            for run, found in others:
                gap = self.differences[run].get(name)
                row += [_told(found[name]), _gap(r, gap)] if name in found and gap is not None else ["-", "-"]
            rows.append(tuple(row))
        pairs = [column for run, _ in others for column in (run, f"{run} - {base}")]
        return ("benchmark", "measure", "by chance", base, *pairs), rows

    def about(self) -> str:
        """What the figures of a page are."""
        shares = (
            "Shares are in percent, with 95% intervals (bootstrap over pictures, or what else items have in common)."
        )
        if len(self.results) > 1:
            shares += " Differences are paired, on the same items; bold: the interval leaves out zero."
        below = [
            f"{run}: {', '.join(names)}"
            for run, found in self.results.items()
            if (names := [n for n, r in found.items() if _at_chance(r)])
        ]
        return shares + (f" Not above what guessing gets: {'; '.join(below)}." if below else "")


def _told(r: Result) -> str:
    low, high = (r.figure(r.main, end) for end in r.intervals[r.main])
    return f"{r.figure(r.main, r.score)} [{low}, {high}]"


def _chance(r: Result) -> str:
    return "-" if r.chance is None else r.figure(r.main, r.chance)


def _gap(r: Result, gap: Contrast) -> str:
    """The difference as its measure is shown; bold where its interval leaves out zero."""
    values = [r.figure(r.main, value) for value in (gap.difference, gap.low, gap.high)]
    text = "{} [{}, {}]".format(*(value if value.startswith("-") else f"+{value}" for value in values))
    return f"**{text}**" if gap.told_apart else text


def _at_chance(result: Result) -> bool:
    """Does the interval hold what guessing gets, or lie on its wrong side?"""
    if result.chance is None:
        return False
    low, high = result.intervals[result.main]
    return low <= result.chance if result.higher_is_better else high >= result.chance


def run_folder(out_dir: Path, model: str, way: str) -> Path:
    """Where one run's answers lie: a model's short name, with its decoding where that is not greedy."""
    return out_dir / "".join(c if c.isalnum() else "-" for c in run_title(model, way))


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
    workers: int = 0,
) -> Comparison:
    """Every model with greedy decoding, and with each method, on every benchmark.

    A method stands beside greedy, and beside sampling and beam search where those are named as methods (``sample``,
    ``beam``). ``max_new_tokens`` takes the place of every benchmark's own. ``workers``: processes that ask, through Ray (0:
    this one). Benchmarks that weigh given answers are asked once a model: no decoding changes them. Raises ``ConfigError``
    for an unknown kind.
    """
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.report import ReportData, RunData, gallery, write_report
    from vistune.evaluation.results import contrast
    from vistune.evaluation.runner import evaluate
    from vistune.models.loading import load_model

    chosen = [BENCHMARKS.build(parse_spec(text)) for text in benchmarks]
    if max_new_tokens is not None:
        for benchmark in chosen:
            benchmark.max_new_tokens = max_new_tokens
    ways = ways_of_decoding(methods)
    names = short_names(models)
    runs: list[RunData] = []
    for name in names:
        model = load_model(name)
        size = sum(p.numel() for p in model.module.parameters())
        for way, decoding in ways.items():
            asked = chosen if way == "greedy" else [b for b in chosen if b.way != "likelihood"]
            found = evaluate(
                model, asked, run_folder(out_dir, names[name], way), settings=decoding.settings, method=decoding.method,
                batch_size=batch_size, resume=resume, ask_many=_workers(name, workers, decoding.spec),
            )  # fmt: skip
            runs.append(RunData(run_title(names[name], way), found, parameters=size))
    first = runs[0].results
    gaps = {
        run.name: {b.name: contrast(b, run.results[b.name], first[b.name]) for b in chosen if b.name in run.results}
        for run in runs[1:]
    }
    report = out_dir / "report.html"
    title = " and ".join(names.values())
    write_report(report, ReportData(title, "vistune eval", runs, gallery=gallery(chosen, runs), benchmarks=chosen))
    result = Comparison(report, {run.name: run.results for run in runs}, gaps)
    write_json(out_dir / "comparison.json", result.summary())
    return result


def _workers(model: str, workers: int, method: Any) -> Any:
    if not workers:
        return None
    from vistune.evaluation.workers import RayAskers

    return RayAskers(model, workers, method=method)
