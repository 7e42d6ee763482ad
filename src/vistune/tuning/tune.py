"""``tune``: a recipe's stages, one after the other, in a folder from which the run can go on or be repeated."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.device import peak_memory, pick_device, setup_allocator
from vistune.core.files import atomic_folder, read_jsonl, write_json
from vistune.core.progress import console
from vistune.core.seeding import Seed, seed_everything
from vistune.tuning.recipe import Recipe, StageConfig
from vistune.tuning.run_folder import RunFolder
from vistune.tuning.stage import ParameterTable, freeze_except

if TYPE_CHECKING:
    from vistune.data.dataset import Items
    from vistune.data.processor import Processor
    from vistune.models.vlm import VisionLanguageModel
    from vistune.tuning.feed import Member
    from vistune.tuning.trainer import StageTrainer


#: From so many parameters on, ``save: auto`` writes what was trained and the base's name.
_LARGE = 100_000_000


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a stage took and came to. ``loss``: the mean over its last tenth. ``memory``: peak bytes.

    ``rejected`` and ``shortened`` count the samples of this process since its last start.
    """

    name: str
    steps: int
    loss: float
    tokens: int
    seconds: float
    memory: int
    parameters: int
    trainable: int
    rejected: int
    folder: str
    shortened: int = 0


@dataclass(frozen=True, slots=True)
class TuneResult:
    """The run's folder, the tuned model in it, and what each stage came to."""

    folder: Path
    model: Path
    stages: list[StageResult]

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"folder": str(self.folder), "model": str(self.model), "stages": [asdict(s) for s in self.stages]}


OnStageEnd = Callable[[StageConfig, "VisionLanguageModel", Path], None]
"""Called after each stage with its config, the model and the stage's folder."""


@dataclass(slots=True)
class Run:
    """What the stages of one run have in common."""

    recipe: Recipe
    folder: RunFolder
    member: Member
    sets: Mapping[str, Items]
    model: VisionLanguageModel
    processor: Processor

    def place(self, number: int) -> Path:
        """The folder of stage ``number``, from 0."""
        return self.folder.stage(number, self.recipe.stages[number].name)

    def wait(self) -> None:
        """Until all processes are here."""
        if self.member.world > 1:
            from accelerate import PartialState

            PartialState().wait_for_everyone()


def tune(
    recipe: Recipe, out_dir: Path | str, *, resume: bool = True, on_stage_end: OnStageEnd | None = None
) -> TuneResult:
    """Run the stages of ``recipe``; what ``out_dir`` already holds of it is not done again.

    Started by ``accelerate launch``, all processes call this with the same arguments. Raises ``ConfigError`` for a
    recipe that does not fit the model or the folder, ``DataError`` when too many samples cannot be used or the disk is
    full, ``ModelError`` for a checkpoint that does not fit or a loss that is no number.
    """
    setup_allocator()
    from vistune.tuning.build import build_model, open_sets

    member = this_member()
    folder = RunFolder(Path(out_dir))
    if member.rank == 0:
        folder.prepare(recipe, resume)
        folder.describe(recipe)
    run = Run(recipe, folder, member, open_sets(recipe), *build_model(recipe))
    run.wait()
    results, fresh = [], False
    for number, stage in enumerate(recipe.stages):
        result = finished_stage(run, number)
        if result is None:
            fresh = True
            result = run_stage(run, number)
            if on_stage_end is not None and member.rank == 0:
                on_stage_end(stage, run.model, run.place(number))
            run.wait()
        results.append(result)
    if member.rank == 0 and (fresh or not folder.model.exists()):
        save_model(run)
    run.wait()
    return TuneResult(folder.root, folder.model, results)


def save_model(run: Run) -> None:
    """Write the tuned model and its processor; only what was trained where the recipe says so."""
    stages = run.recipe.stages
    large = sum(p.numel() for p in run.model.parameters()) > _LARGE
    trained = run.recipe.save == "trained" or (run.recipe.save == "auto" and large)
    if trained and stages and run.recipe.model.from_ is not None:
        live = [pattern for stage in stages for pattern in stage.train]
        freeze_except(run.model, live)
    else:
        trained = False
    run.model.eval()
    # A stage's limit is its own: the model takes as much as its decoder does.
    run.processor.max_length = context_length(run.model)
    with atomic_folder(run.folder.model) as place:
        run.model.save_pretrained(place, only_trainable=trained)


def this_member() -> Member:
    """This process's rank and the number of processes that train together (started by ``accelerate launch``)."""
    from vistune.tuning.feed import Member

    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Member()
    from accelerate import PartialState

    state = PartialState(cpu=pick_device().type == "cpu")
    return Member(state.process_index, state.num_processes)


def context_length(model: VisionLanguageModel) -> int | None:
    """The longest input the decoder takes, where its configuration says so."""
    return getattr(model.config.text_config, "max_position_embeddings", None)


def stage_steps(stage: StageConfig, sizes: Mapping[str, int], world: int = 1) -> int:
    """Optimiser steps of a stage: as given, or from its epochs over the examples of its sets."""
    if stage.steps is not None:
        return stage.steps
    assert stage.epochs is not None
    examples = stage.epochs * sum(sizes[name] for name in stage.data)
    return max(1, math.ceil(examples / (stage.batch_size * stage.accumulation * world)))


def finished_stage(run: Run, number: int) -> StageResult | None:
    """The result of a stage that an earlier session finished, its weights loaded into the model."""
    from vistune.tuning.trainer import WEIGHTS, load_trained

    path = run.place(number) / "done.json"
    if not path.exists():
        return None
    load_trained(run.model, path.with_name(WEIGHTS))
    return StageResult(**json.loads(path.read_text(encoding="utf-8")))


def run_stage(run: Run, number: int) -> StageResult:
    """Train one stage, from its last checkpoint where there is one."""
    from vistune.tuning.compiling import compiled
    from vistune.tuning.trainer import WEIGHTS, checkpoints, save_trained

    stage, place = run.recipe.stages[number], run.place(number)
    table = freeze_except(run.model, stage.train, stage.freeze)
    if run.member.rank == 0:
        write_json(place / "parameters.json", table.as_dict())
    seed = Seed(run.recipe.seed).derive("stage", stage.name)
    trainer = make_trainer(run, number, seed)
    last = checkpoints(place / "checkpoints")
    seed_everything(seed.derive("training"))
    try:
        with compiled(run.model, stage.compile):
            trainer.train(resume_from_checkpoint=str(last[-1]) if last else None)
    finally:
        trainer.close()
        if stage.gradient_checkpointing:  # the next stage may not want it
            run.model.activation_checkpointing_disable()
    sharded = trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped) if sharded else None
    result = _summary(stage, place, trainer, table)
    if run.member.rank == 0:
        save_trained(trainer.model, place / WEIGHTS, state)  # type: ignore[arg-type]
        write_json(place / "done.json", asdict(result))
        _tell_shortened(run, result)
    run.wait()
    if sharded:  # the parameters of this model are pieces now: go on with a whole one
        _rebuild(run, number)
    return result


def _rebuild(run: Run, upto: int) -> None:
    from vistune.tuning.build import build_model

    run.model, run.processor = build_model(run.recipe)
    for number in range(upto + 1):
        finished_stage(run, number)


def _tell_shortened(run: Run, result: StageResult) -> None:
    """A line for people where samples were cut to fit."""
    if result.shortened:
        console().print(
            f"Stage '{result.name}': {result.shortened} samples were shortened to max_length = "
            f"{run.processor.max_length} (oldest turns go first; pictures and answers are never cut)."
        )


def make_trainer(run: Run, number: int, seed: Seed) -> StageTrainer:
    """The trainer of stage ``number``, ready to start."""
    from vistune.tuning.build import held_out_feed, stage_feed
    from vistune.tuning.callbacks import StageLog
    from vistune.tuning.objectives import OBJECTIVES
    from vistune.tuning.trainer import StageTrainer, reset_accelerator, training_arguments

    stage, place = run.recipe.stages[number], run.place(number)
    run.processor.max_length = stage.max_length or context_length(run.model)
    steps = stage_steps(stage, {name: len(items) for name, items in run.sets.items()}, run.member.world)
    reset_accelerator()
    return StageTrainer(
        run.model,
        stage,
        OBJECTIVES.build(stage.objective),
        training_arguments(stage, steps, place / "checkpoints", seed),
        stage_feed(run, stage, steps),
        held_out_feed(run, stage) if stage.eval_every else None,
        [StageLog(place, stage.name, run.recipe.tensorboard)],
    )


def _summary(stage: StageConfig, place: Path, trainer: StageTrainer, table: ParameterTable) -> StageResult:
    """What the stage came to, from its log (which holds earlier sessions too)."""
    log = place / "metrics.jsonl"
    lines = [line for line in read_jsonl(log, torn_ok=True) if "loss" in line] if log.exists() else []
    steps = trainer.state.max_steps
    tail = [line["loss"] for line in lines if line["step"] > 0.9 * steps] or [float("nan")]
    last = lines[-1] if lines else {}
    return StageResult(
        name=stage.name,
        steps=steps,
        loss=sum(tail) / len(tail),
        tokens=int(last.get("tokens", 0)),
        seconds=float(last.get("seconds", 0.0)),
        memory=peak_memory(),
        parameters=table.total,
        trainable=table.trainable,
        rejected=trainer.samples_rejected,
        shortened=trainer.samples_shortened,
        folder=str(place.name),
    )
