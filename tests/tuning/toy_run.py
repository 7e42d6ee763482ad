"""Trains the toy, under ``accelerate launch`` or alone: toy_run.py FOLDER BATCH_SIZE STEPS [STEP TO DIE AT]."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import DistributedType
from toy import ToyBatches, ToyModel

from vistune.core.device import leave_group
from vistune.core.seeding import Seed
from vistune.tuning.callbacks import StageLog
from vistune.tuning.objectives import OBJECTIVES
from vistune.tuning.recipe import StageConfig
from vistune.tuning.stage import freeze_except
from vistune.tuning.trainer import StageTrainer, checkpoints, training_arguments


class Die(StageLog):
    """Ends the process as ``kill -9`` does."""

    at = 0

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, size: int, steps: int, die_at: int = 0) -> None:
    share = PartialState(cpu=True)
    settings = {"name": "toy", "train": ["*"], "freeze": ["vision"], "data": "toy", "lr": 0.01, "log_every": 1}
    stage = StageConfig.model_validate({**settings, "steps": steps, "batch_size": size, "save_every": 3})
    torch.manual_seed(0)
    model = ToyModel(dropout=float(os.environ.get("TOY_DROPOUT", "0")))
    freeze_except(model, stage.train, stage.freeze)
    args = training_arguments(stage, steps, folder / "checkpoints", Seed(0))
    if os.environ.get("ACCELERATE_USE_FSDP") == "true":
        # accelerate shards on accelerators only; PyTorch can shard on the CPU too, and that is enough for a test.
        PartialState._shared_state["distributed_type"] = (args.device, DistributedType.MULTI_GPU)[1]
    feed = ToyBatches(steps, size, share.process_index, share.num_processes)
    killer = Die(folder / "unused", "toy", tensorboard=False)
    killer.at = die_at
    logs = [StageLog(folder, "toy", tensorboard=False), killer]
    trainer = StageTrainer(model, stage, OBJECTIVES.build("next_token"), args, feed, None, logs)
    last = checkpoints(folder / "checkpoints")
    trainer.train(resume_from_checkpoint=str(last[-1]) if last else None)
    if share.is_main_process:
        print("sharded" if trainer.is_fsdp_enabled else "whole", type(next(trainer.model.parameters())).__name__)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    leave_group()
