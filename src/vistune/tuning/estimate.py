"""A dry run: what a recipe would do, with how many parameters, on which data, in how much time and memory."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.device import peak_memory, pick_device, setup_allocator, total_memory
from vistune.tuning.recipe import Recipe, StageConfig
from vistune.tuning.run_folder import RunFolder
from vistune.tuning.stage import ParameterTable, freeze_except, optimizer_groups
from vistune.tuning.tune import Run, context_length, stage_steps, this_member

if TYPE_CHECKING:
    from torch import nn

    from vistune.data.mixing import Share

#: Micro-batches that are run to measure time; the first two warm up and are not counted.
_MEASURED = 5
_WARM_UP = 2

#: Models above this size are not run in a dry run: time is left open and memory is reckoned by formula.
_TOO_LARGE = 200_000_000

Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage before it runs. ``seconds`` and ``tokens_per_s`` are None where nothing was measured."""

    name: str
    steps: int
    samples_per_step: int
    parameters: ParameterTable
    mixture: list[Share]
    epochs: dict[str, float]
    memory: int
    seconds: float | None
    tokens_per_s: float | None
    how: str

    def tables(self) -> list[Table]:
        """The stage's tables: parameters, patterns, mixture."""
        patterns = [(pattern, f"{count:,}") for pattern, count in self.parameters.patterns.items()]
        sets = [(s.name, f"{s.size:,}", f"{s.share:.1%}", f"{self.epochs[s.name]:.2f}") for s in self.mixture]
        title = f"Stage '{self.name}'"
        return [
            (f"{title}: parameters", ("part", "parameters", "trainable", "share"), list(self.parameters.rows())),
            (f"{title}: what 'train' matches", ("pattern", "parameters"), patterns),
            (f"{title}: data", ("set", "examples", "share", "epochs"), sets),
        ]


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """The whole dry run."""

    recipe_yaml: str
    stages: list[StagePlan]
    available: int
    """Bytes of memory of the device."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        stages = [{**asdict(s), "parameters": s.parameters.as_dict()} for s in self.stages]
        return {"recipe": self.recipe_yaml, "stages": stages, "available_memory": self.available}

    def tables(self) -> list[Table]:
        """(title, columns, rows) of everything, the estimate last."""
        rows = [(s.name, f"{s.steps:,}", str(s.samples_per_step), _time(s), _memory(s), s.how) for s in self.stages]
        columns = ("stage", "steps", "samples a step", "time", "memory", "estimated by")
        total = (f"Estimate (memory of the device: {self.available / 2**30:.1f} GiB)", columns, rows)
        return [*(table for stage in self.stages for table in stage.tables()), total]


def _time(stage: StagePlan) -> str:
    if stage.seconds is None:
        return "not measured"
    return f"{stage.seconds / 60:.1f} min" if stage.seconds >= 90 else f"{stage.seconds:.0f} s"


def _memory(stage: StagePlan) -> str:
    return f"{stage.memory / 2**20:,.0f} MiB"


def plan(recipe: Recipe, *, measure: bool = True) -> TuningPlan:
    """Build the model and the feeds, train nothing, and say what each stage would take.

    With ``measure`` a few micro-batches of each stage are run forward and backward; models above 2 * 10^8 parameters,
    and all without ``measure``, are reckoned by formula. Raises what ``tune`` would raise for the same recipe.
    """
    setup_allocator()
    from vistune.tuning.build import build_model, open_sets

    run = Run(recipe, RunFolder(Path()), this_member(), open_sets(recipe), *build_model(recipe))
    run.model.to(pick_device())  # type: ignore[arg-type]
    stages = [_plan_stage(run, stage, measure) for stage in recipe.stages]
    return TuningPlan(recipe.dump(), stages, total_memory())


def _plan_stage(run: Run, stage: StageConfig, measure: bool) -> StagePlan:
    from vistune.tuning.build import stage_mixture

    table = freeze_except(run.model, stage.train, stage.freeze)
    optimizer_groups(run.model, stage)  # tells a parameter without a rate
    steps = stage_steps(stage, {name: len(items) for name, items in run.sets.items()}, run.member.world)
    mixture = stage_mixture(run, stage)
    samples = stage.batch_size * stage.accumulation * run.member.world
    run.processor.max_length = stage.max_length or context_length(run.model)
    seconds = speed = None
    memory, how = weights_memory(run.model), "formula (weights, gradients, optimiser; no activations)"
    if measure and table.total <= _TOO_LARGE:
        per_micro, tokens = _measure(run, stage)
        seconds, speed = per_micro * steps * stage.accumulation, tokens / per_micro
        # What was measured holds no optimiser state: two more numbers for each trainable parameter.
        memory = peak_memory() + 8 * table.trainable
        how = f"{_MEASURED - _WARM_UP} micro-batches, forward and backward, on {run.model.device.type}"
    epochs = mixture.epochs(steps * samples)
    return StagePlan(stage.name, steps, samples, table, mixture.describe(), epochs, memory, seconds, speed, how)


def weights_memory(model: nn.Module) -> int:
    """Bytes of the weights, and of gradient and two moments (fp32) for each trainable one."""
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    return size + sum(12 * p.numel() for p in model.parameters() if p.requires_grad)


def _measure(run: Run, stage: StageConfig) -> tuple[float, float]:
    """(seconds, real tokens) of a micro-batch: the middle one of a few, data included."""
    import torch

    from vistune.data.batch import Batch
    from vistune.tuning.build import stage_feed
    from vistune.tuning.objectives import OBJECTIVES
    from vistune.tuning.trainer import set_modes

    objective = OBJECTIVES.build(stage.objective)
    bare = stage.model_copy(update={"cache_features": False, "group_by_length": False})
    feed = stage_feed(run, bare, max(1, -(-_MEASURED // stage.accumulation)), rejected=False)
    set_modes(run.model)
    taken = []
    for k in range(_MEASURED):
        begun = time.perf_counter()
        item = feed[k % len(feed)]
        del item["rejected"], item["shortened"]
        batch = Batch(**item).to(run.model.device)
        objective.loss(run.model, batch).value.backward()
        if run.model.device.type == "cuda":
            torch.cuda.synchronize()
        taken.append((time.perf_counter() - begun, float((batch.sample >= 0).sum())))
        run.model.zero_grad(set_to_none=True)
    run.model.eval()
    return sorted(taken[_WARM_UP:])[(_MEASURED - _WARM_UP) // 2]
