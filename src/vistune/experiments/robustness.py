"""Robustness of models in one command each: changed pictures, and instructions set against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.core.files import write_json
from vistune.evaluation.metrics.robustness import adaptability, best_performance, mean_relative_gain, stability
from vistune.evaluation.metrics.significance import Contrast
from vistune.experiments.specs import parse_spec

Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]

#: What is done to the pictures, with the levels that are measured.
PICTURES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("blind", (1,)), ("blank", (1,)), ("swap", (1,)), ("tiles", (1, 2, 3)), ("occlude", (1, 3, 5)), ("noise", (1, 3, 5)),
    ("blur", (1, 3, 5)), ("contrast", (1, 3, 5)), ("brightness", (1, 3, 5)), ("pixelate", (1, 3, 5)), ("jpeg", (1, 3, 5)),
)  # fmt: skip


@dataclass(slots=True)
class PictureRobustness:
    """One model on one benchmark: its clean score, and each change with its difference to it."""

    model: str
    benchmark: str
    clean: float
    changes: dict[str, Contrast]

    def rows(self) -> list[tuple[str, ...]]:
        """A row a change, in points of a hundred."""
        rows = []
        for name, gap in self.changes.items():
            left = f"{100 * (self.clean + gap.difference) / self.clean:.0f}%" if self.clean else "-"
            told = f"{100 * gap.difference:+.1f} [{100 * gap.low:+.1f}, {100 * gap.high:+.1f}]"
            score = f"{100 * (self.clean + gap.difference):.1f}"
            rows.append((self.benchmark, name, score, told, left, "" if gap.told_apart else "not told apart"))
        return rows


def robust_pictures(
    model_name: str, benchmarks: Sequence[str], out_dir: Path, *, permutations: int = 5, batch_size: int = 32
) -> list[PictureRobustness]:
    """A model's benchmarks clean and under every change of ``PICTURES``, and with its visual tokens permuted before the decoder.

    Permutations are seeds 0 to ``permutations`` - 1, taken together as one difference; only models composed here tell which
    tokens are visual, so a foreign VLM goes without (``permutations`` is then ignored).
    """
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.benchmarks.changed import Changed
    from vistune.evaluation.results import Result, contrast
    from vistune.evaluation.runner import evaluate
    from vistune.models.interventions import PermuteVisualTokens, intervene
    from vistune.models.loading import load_model
    from vistune.models.vlm import VisionLanguageModel

    model = load_model(model_name)
    own = isinstance(model, VisionLanguageModel)
    found = []
    for text in benchmarks:
        spec = parse_spec(text)
        changed = [Changed(spec, by=by, level=level) for by, levels in PICTURES for level in levels]  # type: ignore[arg-type]
        inner = BENCHMARKS.build(spec)
        results = evaluate(model, [inner, *changed], out_dir, batch_size=batch_size)
        clean = results[inner.name]
        gaps = {b.switches["by"]: contrast(inner, results[b.name], clean) for b in changed}
        runs: list[Result] = []
        for seed in range(permutations if own else 0):
            with intervene(model.module, PermuteVisualTokens(seed)):
                permuted = evaluate(model, [inner], out_dir / f"tokens-{seed}", batch_size=batch_size)
            runs.append(permuted[inner.name])
        if runs:
            gaps["visual tokens permuted"] = contrast(inner, _together(runs), _together([clean] * len(runs)))
        found.append(PictureRobustness(model_name, inner.name, clean.score, gaps))
    write_json(out_dir / "robustness.json", [_plain(one) for one in found])
    return found


def _together(results: Sequence[Any]) -> Any:
    """Several runs as one: items of all seeds, a group's seeds staying together."""
    from dataclasses import replace

    items = [{**item, "id": f"{item['id']}/{k}"} for k, result in enumerate(results) for item in result.items]
    return replace(results[0], items=items)


def _plain(one: PictureRobustness) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)


def picture_table(found: Sequence[PictureRobustness]) -> Rows:
    """Columns and rows for the terminal and a page."""
    rows = [
        row
        for one in found
        for row in ((one.benchmark, "clean", f"{100 * one.clean:.1f}", "", "100%", ""), *one.rows())
    ]
    return ("benchmark", "change", "score", "to clean [95%]", "left", ""), rows


@dataclass(slots=True)
class InstructionTable:
    """Accuracies ``[models, tasks, instructions]`` in percent, and the shares of answers without a label."""

    models: list[str]
    tasks: list[str]
    styles: list[int]
    accuracy: NDArray[np.float64]
    unread: NDArray[np.float64]

    def model_table(self) -> Rows:
        """Each model on each task: mean, best instruction, mean relative gain, stability, unread."""
        best, (gain, _), (spread, _) = (
            best_performance(self.accuracy), mean_relative_gain(self.accuracy), stability(self.accuracy),
        )  # fmt: skip
        rows = []
        for m, model in enumerate(self.models):
            for d, task in enumerate(self.tasks):
                winner = self.styles[int(np.argmax(self.accuracy[m, d]))]
                rows.append((
                    model, task, f"{self.accuracy[m, d].mean():.1f}", f"{best[m, d]:.1f}", str(winner), f"{gain[m, d]:+.1f}",
                    f"{spread[m, d]:.1f}", f"{100 * self.unread[m, d].mean():.1f}",
                ))  # fmt: skip
        return ("model", "task", "mean", "best", "by", "relative gain %", "spread", "unread %"), rows

    def instruction_table(self, k: int = 3) -> Rows:
        """Each instruction: mean, mean relative gain, spread over models, and each model's share of top-``k`` hits."""
        (_, gain), (_, spread), hits = (
            mean_relative_gain(self.accuracy), stability(self.accuracy), adaptability(self.accuracy, k),
        )  # fmt: skip
        rows = []
        for i, style in enumerate(self.styles):
            told = [f"{hits[m, i]:.0f}" for m in range(len(self.models))]
            mean = f"{self.accuracy[:, :, i].mean():.1f}"
            rows.append((str(style), mean, f"{gain[i].mean():+.1f}", f"{spread[i].mean():.1f}", *told))
        heads = tuple(f"top {k} hits % of {model}" for model in self.models)
        return ("instruction", "mean", "relative gain %", "spread over models", *heads), rows

    def summary(self) -> dict[str, Any]:
        """Plain values; hit ratios with ties for the later instruction as published, and without tasks of zero range."""
        ranged = np.ptp(self.accuracy, axis=2).min(axis=0) > 0
        varied = self.accuracy[:, ranged]
        return {
            "models": self.models, "tasks": self.tasks, "instructions": self.styles, "accuracy": self.accuracy.tolist(),
            "unread": self.unread.tolist(), "best": best_performance(self.accuracy).tolist(),
            "hits": adaptability(self.accuracy).tolist(),
            "hits_without_constant_tasks": adaptability(varied).tolist() if varied.size else [],
        }  # fmt: skip


def robust_instructions(
    models: Sequence[str], out_dir: Path, *, benchmark: str = "mm_bigbench", styles: Sequence[int] = tuple(range(1, 11))
) -> InstructionTable:
    """Every model on every task under every instruction. Raises ``ConfigError`` for no model or no instruction."""
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.runner import evaluate
    from vistune.experiments.compare import short_names
    from vistune.models.loading import load_model

    if not models or not styles:
        raise ConfigError("Name at least one model and one instruction.")
    names = short_names(list(models))
    by_model = []
    for model_name, short in names.items():
        asked = [BENCHMARKS.build({**parse_spec(benchmark), "style": style}) for style in styles]
        folder = out_dir / "".join(c if c.isalnum() else "-" for c in short)
        by_model.append([evaluate(load_model(model_name), asked, folder)[b.name] for b in asked])
    tasks = list(by_model[0][0].by_type)
    accuracy = [[[100 * r.by_type[t]["score"] for r in runs] for t in tasks] for runs in by_model]
    unread = [
        [[float(np.mean([i["columns"]["unread"] for i in r.items if i["type"] == t])) for r in runs] for t in tasks]
        for runs in by_model
    ]
    table = InstructionTable(list(names.values()), tasks, list(styles), np.array(accuracy), np.array(unread))
    write_json(out_dir / "instructions.json", table.summary())
    return table
