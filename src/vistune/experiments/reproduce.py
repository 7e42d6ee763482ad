"""``reproduce``: a published system's experiment, arm by arm and seed by seed, and whether its claims hold here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vistune.core.config import Config
from vistune.core.errors import ConfigError, VistuneError
from vistune.core.files import read_jsonl, write_json, write_text
from vistune.experiments.papers import load_paper
from vistune.experiments.run import curves_of, facts_of, load_recipe
from vistune.experiments.verdict import Difference, Verdict, difference


class Arm(Config):
    """One way of doing it: what changes in the experiment's recipe. ``keep_adapters`` False takes the recipe's adapters out."""

    role: Literal["baseline", "method", "control", "reference"]
    about: str = ""
    overrides: list[str] = []
    keep_adapters: bool = True
    train: bool = True


class Claim(Config):
    """``left`` beats ``right`` on ``metric`` by at least ``at_least`` (negative: comes close)."""

    text: str
    metric: str
    left: str
    right: str
    at_least: float = 0.0


class Experiment(Config):
    """A recipe, its arms, seeds, and the claims to judge. ``metrics`` name benchmarks of the recipe."""

    recipe: str
    about: str = ""
    arms: dict[str, Arm]
    seeds: list[int] = Field(min_length=1)
    metrics: list[str]
    claims: list[Claim]


@dataclass(slots=True)
class ArmResult:
    """One arm's runs. ``scores``: benchmark -> item scores ``[seeds, items]``."""

    name: str
    role: str
    scores: dict[str, NDArray[np.float64]]
    trainable: int
    parameters: int
    seconds: float
    memory: int
    folders: list[Path] = field(default_factory=list)

    def mean(self, metric: str) -> tuple[float, float]:
        """Mean over seeds and items, and the standard deviation over seeds."""
        by_seed = self.scores[metric].mean(1)
        return float(by_seed.mean()), float(by_seed.std(ddof=1)) if len(by_seed) > 1 else 0.0


@dataclass(slots=True)
class Reproduction:
    """Arms, claims with their differences and verdicts, and where the report is."""

    name: str
    about: str
    report: Path
    metrics: list[str]
    arms: list[ArmResult]
    verdicts: list[tuple[Claim, Difference, Verdict]]

    @property
    def all_hold(self) -> bool:
        """Did every claim hold?"""
        return all(verdict == "holds" for _, _, verdict in self.verdicts)

    def arm_table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Columns and rows for the terminal."""
        rows = []
        for arm in self.arms:
            means = [arm.mean(metric) for metric in self.metrics]
            told = [f"{100 * m:.1f} +- {100 * s:.1f}" for m, s in means]
            share = f"{arm.trainable:,} ({100 * arm.trainable / max(1, arm.parameters):.1f}%)"
            rows.append((arm.name, arm.role, *told, share, f"{arm.seconds:.0f}", f"{arm.memory / 2**20:.0f}"))
        return ("arm", "role", *self.metrics, "trained", "seconds", "MiB"), rows

    def claim_table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Columns and rows for the terminal."""
        rows = [(claim.text, verdict, _figures(claim, gap)) for claim, gap, verdict in self.verdicts]
        return ("claim", "here", "difference [95%]"), rows

    def summary(self) -> dict[str, Any]:
        """Plain values."""
        arms = {
            a.name: {
                "role": a.role, "trainable": a.trainable, "parameters": a.parameters, "seconds": a.seconds,
                "memory_bytes": a.memory,
                "scores": {m: dict(zip(("mean", "sd_over_seeds"), a.mean(m))) for m in self.metrics},
                "by_seed": {m: a.scores[m].mean(1).tolist() for m in self.metrics},
            }
            for a in self.arms
        }  # fmt: skip
        claims = [
            {"claim": c.text, "verdict": v, "difference": g.mean, "low": g.low, "high": g.high, "at_least": c.at_least}
            for c, g, v in self.verdicts
        ]
        return {"name": self.name, "arms": arms, "claims": claims}


def _figures(claim: Claim, gap: Difference) -> str:
    """In words: left minus right in points, with the interval and what was asked."""
    points = f"{100 * gap.mean:+.1f} [{100 * gap.low:+.1f}, {100 * gap.high:+.1f}] points"
    return f"{claim.left} - {claim.right} on {claim.metric}: {points}; asked for at least {100 * claim.at_least:+.1f}"


def load_experiment(name: str) -> Experiment:
    """A paper's experiment. Raises ``ConfigError`` where it has none or names an arm that is not there."""
    paper = load_paper(name)
    if paper.experiment is None:
        raise ConfigError(f"'{name}' has no experiment yet (status: {paper.status}).")
    experiment = Experiment.from_values(paper.experiment)
    for claim in experiment.claims:
        for arm in (claim.left, claim.right):
            if arm not in experiment.arms:
                raise ConfigError(f"{name}: the claim '{claim.text}' names the arm '{arm}', which is not there.")
    return experiment


def arm_recipe(experiment: Experiment, name: str, seed: int) -> Any:
    """The resolved recipe of one arm and seed."""
    arm = experiment.arms[name]
    base = load_recipe(experiment.recipe, [])
    values = base.values()
    if not arm.keep_adapters:
        values["model"]["adapters"] = {}
    if not arm.train:
        values["stages"] = []
    changed = type(base).from_values(values, [*arm.overrides, f"seed={seed}"])
    return changed.model_copy(update={"name": f"{base.name}-{name}-{seed}"})


def reproduce(name: str, out_dir: Path, *, seeds: int | None = None, jobs: int = 1) -> Reproduction:
    """Run every arm with every seed (those that are finished are kept), judge the claims, write the report."""
    experiment = load_experiment(name)
    chosen = experiment.seeds if seeds is None else list(range(seeds))
    tasks = [(arm, seed) for seed in chosen for arm in experiment.arms]
    for arm, seed in tasks:
        folder = _folder(out_dir, arm, seed)
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder.with_suffix(".yaml"), arm_recipe(experiment, arm, seed).dump())
    with ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(lambda task: _run(_folder(out_dir, *task), jobs), tasks):
            pass
    arms = [_collect(experiment, arm, out_dir, chosen) for arm in experiment.arms]
    by_name = {arm.name: arm for arm in arms}
    verdicts = []
    for claim in experiment.claims:
        gap = difference(by_name[claim.left].scores[claim.metric], by_name[claim.right].scores[claim.metric])
        verdicts.append((claim, gap, gap.verdict(claim.at_least)))
    result = Reproduction(name, experiment.about, out_dir / "report.html", experiment.metrics, arms, verdicts)
    write_json(out_dir / "result.json", result.summary())
    _report(experiment, result, chosen)
    return result


def _folder(out_dir: Path, arm: str, seed: int) -> Path:
    return out_dir / arm / f"seed-{seed}"


def _run(folder: Path, jobs: int) -> None:
    """One run in a process of its own, so that its memory is its own. Raises ``VistuneError`` with its last words."""
    if (folder / "scores.json").is_file():
        return
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    command = [
        sys.executable,
        "-m",
        "vistune.cli.main",
        "run",
        str(folder.with_suffix(".yaml")),
        "--out",
        str(folder),
        "--json",
        "--no-baseline",
    ]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": threads})
    if done.returncode:
        raise VistuneError(
            f"The run in {folder} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}"
        )


def _collect(experiment: Experiment, name: str, out_dir: Path, seeds: list[int]) -> ArmResult:
    folders = [_folder(out_dir, name, seed) for seed in seeds]
    told = [json.loads((folder / "scores.json").read_text(encoding="utf-8")) for folder in folders]
    stages = [stage for run in told for stage in run["stages"]]
    scores = {metric: _item_scores(folders, metric) for metric in experiment.metrics}
    return ArmResult(
        name=name,
        role=experiment.arms[name].role,
        scores=scores,
        trainable=max((s["trainable"] for s in stages), default=0),
        parameters=max((s["parameters"] for s in stages), default=_parameters(folders[0])),
        seconds=sum(s["seconds"] for s in stages) / len(seeds),
        memory=max((s["memory"] for s in stages), default=0),
        folders=folders,
    )


def _parameters(folder: Path) -> int:
    """Parameters of an arm's saved model, for arms that train nothing."""
    from vistune.models.vlm import VisionLanguageModel

    return sum(p.numel() for p in VisionLanguageModel.from_pretrained(folder / "model").parameters())


def _item_scores(folders: list[Path], metric: str) -> NDArray[np.float64]:
    """Item scores ``[seeds, items]``, the items in one order."""
    runs: list[Mapping[str, float]] = []
    for folder in folders:
        items = read_jsonl(folder / "evaluation" / f"{metric}.jsonl")
        runs.append({item["id"]: float(item["score"]) for item in items})
    names = sorted(set.intersection(*(set(run) for run in runs)))
    return np.array([[run[name] for name in names] for run in runs])


def _report(experiment: Experiment, result: Reproduction, seeds: list[int]) -> None:
    """One page: the arms' first seeds in full, means over seeds in the notes, the claims on top."""
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.report import ClaimVerdict, ReportData, RunData, gallery, write_report
    from vistune.evaluation.runner import summarise

    benchmarks = [BENCHMARKS.build(spec) for spec in load_recipe(experiment.recipe, []).evaluation]
    runs = []
    for arm in result.arms:
        found = {}
        for benchmark in benchmarks:
            items = [
                {**item, "id": f"{item['id']}/{seed}"}
                for seed, folder in zip(seeds, arm.folders)
                for item in read_jsonl(folder / "evaluation" / f"{benchmark.name}.jsonl")
            ]
            found[benchmark.name] = summarise(benchmark, items)
            for item in found[benchmark.name].items:  # the gallery shows the first seed's answers
                item["id"] = item["id"].removesuffix(f"/{seeds[0]}")
        curves = {f"{stage}, seed {seeds[0]}": points for stage, points in curves_of(arm.folders[0]).items()}
        runs.append(RunData(arm.name, found, curves, arm.parameters, arm.trainable, arm.seconds, arm.memory))
    claims = [ClaimVerdict(c.text, v, _figures(c, g)) for c, g, v in result.verdicts]
    paper = load_paper(result.name)
    data = ReportData(
        title=f"{result.name}: {paper.title}",
        subtitle=f"vistune reproduce {result.name} ({len(seeds)} seeds)",
        runs=runs,
        claims=claims,
        facts=facts_of(result.arms[0].folders[0]),
        recipe=load_recipe(experiment.recipe, []).dump(),
        notes=[experiment.about] if experiment.about else [],
        highlight=next((arm.name for arm in result.arms if arm.role == "method"), ""),
        gallery=gallery(benchmarks, runs),
        benchmarks=benchmarks,
    )
    write_report(result.report, data)
