"""One short call of the Hugging Face ``Trainer`` for a backbone whose forward gives its own loss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import nn
    from torch.utils.data import Dataset

    from vistune.core.device import Precision


class Schedule(Protocol):
    """The part of a backbone recipe that the loop reads."""

    seed: int
    batch_size: int
    steps: int
    lr: float
    warmup: float
    weight_decay: float
    workers: int
    precision: Precision
    compile: bool


def fit(model: nn.Module, train: Dataset, schedule: Schedule, out_dir: Path) -> float:
    """Train with AdamW and a cosine that falls to zero; resumes from the last checkpoint. Returns its seconds."""
    from transformers import Trainer, TrainingArguments
    from transformers.trainer_utils import get_last_checkpoint

    from vistune.core.device import pick_device, pick_dtype, setup_allocator

    setup_allocator()
    folder, device = out_dir / "checkpoints", pick_device()
    arguments = TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=schedule.batch_size,
        per_device_eval_batch_size=schedule.batch_size,
        max_steps=schedule.steps,
        learning_rate=schedule.lr,
        lr_scheduler_type="cosine",
        warmup_steps=round(schedule.warmup * schedule.steps),
        weight_decay=schedule.weight_decay,
        adam_beta2=0.98,
        max_grad_norm=1.0,
        logging_steps=50,
        save_steps=500,
        save_total_limit=1,
        eval_strategy="no",
        dataloader_num_workers=schedule.workers,
        remove_unused_columns=False,
        report_to=[],
        seed=schedule.seed,
        use_cpu=device.type == "cpu",
        bf16=pick_dtype(schedule.precision, device).itemsize == 2,
        torch_compile=schedule.compile,
        disable_tqdm=True,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=train)
    last = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    result = trainer.train(resume_from_checkpoint=last)
    return float(result.metrics["train_runtime"])
