"""A recipe from data to report: tune, evaluate before and after, write one page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.device import leave_group
from vistune.core.errors import ConfigError, nearest
from vistune.core.files import read_jsonl, write_json

if TYPE_CHECKING:
    from vistune.evaluation.benchmarks.base import Benchmark
    from vistune.evaluation.runner import Result
    from vistune.tuning.estimate import TuningPlan
    from vistune.tuning.recipe import Recipe

RECIPES = Path(__file__).parents[1] / "recipes"
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


@dataclass(slots=True)
class RunResult:
    """A finished run: the tuned model, its results by benchmark, and those of the model that it started from.

    ``leader`` False: another process of a distributed run measures and reports; this one holds no results.
    """

    folder: Path
    model: Path
    report: Path
    results: dict[str, Result]
    before: dict[str, Result] = field(default_factory=dict)
    leader: bool = True

    def summary(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return {
            "model": str(self.model),
            "report": str(self.report),
            "scores": {name: r.values for name, r in self.results.items()},
            "before": {name: r.values for name, r in self.before.items()},
        }

    def scores(self) -> dict[str, Any]:
        """Measures and intervals of every benchmark."""
        return {name: {"values": r.values, "intervals": r.intervals} for name, r in self.results.items()}

    def main_scores(self) -> dict[str, float]:
        """Each benchmark's main measure."""
        return {name: result.score for name, result in self.results.items()}

    def score_table(self) -> Table:
        """Columns and rows for the terminal."""
        rows = []
        for name, result in self.results.items():
            low, high = result.intervals[result.main]
            before = f"{self.before[name].score:.3f}" if name in self.before else "-"
            rows.append((name, result.main, before, f"{result.score:.3f}", f"{low:.3f} to {high:.3f}"))
        return ("benchmark", "measure", "before", "after", "95% interval"), rows

    def measure_table(self) -> Table:
        """Every measure of every benchmark after tuning."""
        rows = []
        for name, result in self.results.items():
            for measure, value in result.values.items():
                low, high = result.intervals[measure]
                rows.append((name, measure, f"{value:.3f}", f"{low:.3f} to {high:.3f}"))
        return ("benchmark", "measure", "value", "95% interval"), rows


def recipe_path(name: str) -> Path:
    """A recipe file, or the file of a shipped recipe's name. Raises ``ConfigError`` with the nearest name."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return path
    shipped = {p.stem: p for p in RECIPES.glob("*.yaml")}
    if path.stem in shipped and (path.name == name or path.parent.name == "recipes"):
        return shipped[path.stem]
    raise ConfigError(f"There is no recipe '{name}'. {nearest(name, shipped)}")


def load_recipe(name: str, overrides: Sequence[str]) -> Recipe:
    """A recipe file or a shipped recipe, with dotted overrides."""
    from vistune.tuning.recipe import load_recipe as load

    return load(recipe_path(name), list(overrides))


def dry_run(recipe: Recipe) -> TuningPlan:
    """The resolved recipe, parameter tables, mixture, and estimated memory and time."""
    from vistune.tuning.estimate import plan

    build_benchmarks(recipe)
    return plan(recipe)


def build_benchmarks(recipe: Recipe) -> list[Benchmark]:
    """The recipe's benchmarks. Raises ``ConfigError`` for an unknown kind or parameter."""
    from vistune.evaluation.benchmarks import BENCHMARKS

    return [BENCHMARKS.build(spec) for spec in recipe.evaluation]


def decoding_of(recipe: Recipe) -> tuple[Any, Any]:
    """Settings and method of the recipe's ``decoding``: a mode (greedy, sample, beam) or a method's kind.

    A method works on greedy search unless its ``settings`` say otherwise. Random streams follow the recipe's seed.
    """
    from vistune.decoding import DECODERS, Settings

    spec = dict(recipe.decoding)
    kind = spec.pop("kind")
    if kind in ("greedy", "sample", "beam"):
        return Settings.from_values({"mode": kind, "seed": recipe.seed, **spec}), None
    settings = Settings.from_values({"seed": recipe.seed, **spec.pop("settings", {})})
    return settings, DECODERS.build({"kind": kind, **spec})


def run_recipe(recipe: Recipe, out_dir: Path, *, resume: bool = True, baseline: bool = True) -> RunResult:
    """Tune, evaluate and report in ``out_dir``; what is there already is not done again.

    With ``baseline`` a recipe that starts from a whole checkpoint is evaluated before tuning too. Of several processes
    (``accelerate launch``) all tune; the first one alone evaluates, after tuning, so that none waits for it.
    """
    from vistune.evaluation.runner import evaluate
    from vistune.models.loading import load_model
    from vistune.tuning.tune import this_member, tune

    benchmarks = build_benchmarks(recipe)
    settings, method = decoding_of(recipe)
    member = this_member()

    def measure(name: str | Path, folder: str) -> dict[str, Result]:
        return evaluate(load_model(name), benchmarks, out_dir / folder, settings=settings, method=method, resume=resume)

    start = recipe.model.from_ if baseline and benchmarks and recipe.stages else None
    before = measure(start, "before") if start is not None and member.world == 1 else {}
    tuned = tune(recipe, out_dir, resume=resume)
    leave_group()
    if member.rank > 0:
        return RunResult(out_dir, tuned.model, out_dir / "report.html", {}, leader=False)
    if start is not None and member.world > 1:
        before = measure(start, "before")
    results = measure(tuned.model, "evaluation")
    run = RunResult(out_dir, tuned.model, out_dir / "report.html", results, before)
    write_json(out_dir / "scores.json", {**run.summary(), "stages": tuned.as_dict()["stages"]})
    _report(recipe, run, benchmarks)
    return run


def curves_of(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Loss by step of each stage of a run folder."""
    return {
        log.parent.name: [(line["step"], line["loss"]) for line in read_jsonl(log, torn_ok=True) if "loss" in line]
        for log in sorted(folder.glob("stages/*/metrics.jsonl"))
    }


def facts_of(folder: Path) -> dict[str, str]:
    """Machine, seeds and sessions of a run folder, for a report."""
    path = folder / "environment.json"
    if not path.is_file():
        return {}
    facts = json.loads(path.read_text(encoding="utf-8"))
    machine = {key: str(value) for key, value in facts.get("machine", {}).items()}
    return {**machine, "seed": str(facts.get("seeds", {}).get("root", ""))}


def _report(recipe: Recipe, run: RunResult, benchmarks: list[Benchmark]) -> None:
    from vistune.evaluation.report import ReportData, RunData, gallery, write_report

    scores = json.loads((run.folder / "scores.json").read_text(encoding="utf-8"))
    stages = scores["stages"]
    tuned = RunData(
        "tuned",
        run.results,
        curves=curves_of(run.folder),
        trainable=max((s["trainable"] for s in stages), default=0),
        parameters=max((s["parameters"] for s in stages), default=0),
        seconds=sum(s["seconds"] for s in stages),
        memory=max((s["memory"] for s in stages), default=0),
    )
    runs = [RunData("before", run.before), tuned] if run.before else [tuned]
    data = ReportData(
        title=recipe.name,
        subtitle=f"vistune run {recipe.name}",
        runs=runs,
        facts=facts_of(run.folder),
        recipe=recipe.dump(),
        gallery=gallery(benchmarks, runs),
        benchmarks=benchmarks,
    )
    write_report(run.report, data)
