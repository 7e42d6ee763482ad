"""``StageTrainer``: the Hugging Face ``Trainer`` with our objectives, our data order and exact resume.

What ``Trainer`` does well is left to it (accelerate, DDP, FSDP, DeepSpeed, the loop). Replaced is what costs time each
step or is not exact: the loss is a mean over all counted items of a step, whatever the split into micro-batches and
processes; batches come from a pure function of their index; checkpoints hold what is trained and appear whole or not
at all.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, Dataset
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback, TrainerCallback

from vistune.core.errors import DataError, ModelError
from vistune.core.files import writing
from vistune.core.seeding import Seed, seed_worker
from vistune.data.batch import Batch
from vistune.tuning.callbacks import StageLog
from vistune.tuning.objectives import Objective
from vistune.tuning.recipe import StageConfig
from vistune.tuning.stage import optimizer_groups

WEIGHTS = "trained.safetensors"
STATE = "trainer_state.json"

#: Before so many samples have been taken, the share of rejected ones is reckoned as if they had been.
_EARLY = 400

#: A micro-batch: the tensors of a ``Batch``, and ``rejected``, how many samples were replaced while it was made.
MicroBatch = dict[str, Any]


def learning_rate_factor(stage: StageConfig, steps: int) -> Callable[[int], float]:
    """The share of the learning rate at a step counted from 0: linear warm-up, then the stage's schedule."""
    warmup = round(stage.warmup * steps)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        done = min(1.0, (step - warmup) / max(1, steps - warmup))
        if stage.schedule == "constant":
            return 1.0
        shape = 1.0 - done if stage.schedule == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))
        return stage.final_lr + (1.0 - stage.final_lr) * shape

    return factor


def training_arguments(stage: StageConfig, steps: int, folder: Path, seed: Seed) -> TrainingArguments:
    """``TrainingArguments`` of a stage; devices and the number format follow the machine."""
    from vistune.core.device import pick_device, pick_dtype

    device = pick_device()
    save_every = stage.save_every or max(1, math.ceil(steps / 10))
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=1,  # the data set's items are whole micro-batches
        per_device_eval_batch_size=1,
        gradient_accumulation_steps=stage.accumulation,
        max_grad_norm=stage.clip,
        bf16=pick_dtype(stage.precision, device) is torch.bfloat16,
        use_cpu=device.type == "cpu",
        activation_checkpointing=stage.gradient_checkpointing,
        logging_steps=stage.log_every,
        logging_first_step=True,
        logging_nan_inf_filter=False,  # it would wait for the device each step; we look when we log
        save_steps=save_every,
        eval_strategy="steps" if stage.eval_every else "no",
        eval_steps=stage.eval_every,
        dataloader_num_workers=stage.workers,
        remove_unused_columns=False,
        seed=seed.number("training") % 2**32,
        report_to=[],
        disable_tqdm=True,
    )


class StageTrainer(Trainer):
    """Trains the parameters that take gradients. ``train_dataset[k]`` is this process's micro-batch ``k`` as a dict.

    ``lrs`` etc. come from ``stage``; ``steps`` is the number of optimiser steps in all, resumed ones included.
    """

    def __init__(
        self,
        model: nn.Module,
        stage: StageConfig,
        objective: Objective,
        args: TrainingArguments,
        train: Dataset[MicroBatch],
        held_out: Dataset[MicroBatch] | None = None,
        callbacks: list[TrainerCallback] | None = None,
    ) -> None:
        self.stage = stage
        self.objective = objective
        self.tokens_seen = 0
        self.samples_taken = 0
        self.samples_rejected = 0
        self.samples_shortened = 0
        self._loss_parts: dict[str, Tensor] = {}
        self._modes_set = False
        self._partial_folder: Path | None = None
        super().__init__(model=model, args=args, train_dataset=train, eval_dataset=held_out, callbacks=callbacks)
        self.remove_callback(PrinterCallback)
        for callback in callbacks or []:
            if isinstance(callback, StageLog):
                callback.trainer = self

    # ---- data ----

    def get_train_dataloader(self) -> DataLoader:
        """Micro-batches in the order of their index; ``Trainer`` skips those before the checkpoint by index alone."""
        return self._loader(self.train_dataset, self.args.dataloader_num_workers)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader:
        """Held-out micro-batches of this process."""
        return self._loader(eval_dataset or self.eval_dataset, 0)

    def _loader(self, dataset: Any, workers: int) -> DataLoader:
        return DataLoader(
            dataset,
            batch_sampler=[[index] for index in range(len(dataset))],
            collate_fn=_only,
            num_workers=workers,
            prefetch_factor=4 if workers else None,
            worker_init_fn=seed_worker,
            pin_memory=self.args.device.type == "cuda",
            # A generator of its own: starting workers draws no number from the stream that dropout uses.
            generator=torch.Generator().manual_seed(self.args.seed),
        )

    def get_batch_samples(
        self, epoch_iterator: Iterator[MicroBatch], num_batches: int, device: torch.device
    ) -> tuple[list[MicroBatch], Tensor | None]:
        """The micro-batches of one step and the number of items that the objective counts in them, in all processes."""
        found = [item for _, item in zip(range(num_batches), epoch_iterator)]
        if not found:
            return [], None
        self._count_rejected(found)
        counts = torch.stack([self.objective.count(Batch(**item)) for item in found]).sum()
        tokens = torch.stack([(item["sample"] >= 0).sum() for item in found]).sum()
        if self.args.world_size > 1:
            both = self.accelerator.reduce(torch.stack([counts, tokens]).to(device), reduction="sum")
            counts, tokens = both.unbind()  # type: ignore[union-attr]
        self.tokens_seen += int(tokens)
        return found, counts

    def _count_rejected(self, found: list[MicroBatch]) -> None:
        """Raise ``DataError`` when more samples had to be replaced than the stage allows."""
        self.samples_taken += len(found) * self.stage.batch_size
        self.samples_rejected += sum(item.pop("rejected", 0) for item in found)
        self.samples_shortened += sum(item.pop("shortened", 0) for item in found)
        planned = len(self.train_dataset) * self.stage.batch_size  # type: ignore[arg-type]
        allowed = self.stage.max_rejected * max(self.samples_taken, min(planned, _EARLY))
        if self.samples_rejected > allowed:
            raise DataError(
                f"Stage '{self.stage.name}': {self.samples_rejected} of {self.samples_taken} samples could not be "
                f"used, more than max_rejected = {self.stage.max_rejected:.0%}. rejected.jsonl in the run folder says "
                "why."
            )

    # ---- loss ----

    def training_step(
        self, model: nn.Module, inputs: MicroBatch, num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Forward and backward of one micro-batch. Returns its share of the step's loss."""
        if not self._modes_set:
            set_modes(model)
            self._modes_set = True
        batch = self._prepare_inputs(inputs)
        with self.compute_loss_context_manager():
            loss = self.compute_loss(model, batch, num_items_in_batch=num_items_in_batch)
        whole = {"scale_wrt_gas": False} if self.is_deepspeed_enabled else {}
        self.accelerator.backward(loss, **whole)
        return loss.detach()

    def compute_loss(
        self,
        model: nn.Module,
        inputs: MicroBatch,
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The objective's mean, weighed by this micro-batch's share of the items of the whole step."""
        batch = Batch(**inputs)
        loss = self.objective.loss(model, batch)
        if num_items_in_batch is None:
            return (loss.value, None) if return_outputs else loss.value
        # Gradients are averaged over processes, but the items are counted in all of them together.
        share = self.objective.count(batch) * (self.args.world_size / num_items_in_batch)
        for name, part in loss.parts.items():
            self._loss_parts[name] = self._loss_parts.get(name, 0.0) + part.detach() * share / self.args.world_size
        value = loss.value * share.to(loss.value.dtype)
        return (value, None) if return_outputs else value

    def floating_point_ops(self, inputs: MicroBatch) -> int:
        """Not counted: it walks over all parameters each step."""
        del inputs
        return 0

    def _get_grad_norm(self, model: nn.Module, grad_norm: Any = None) -> Any:
        if grad_norm is None and self.args.max_grad_norm <= 0:
            return None
        return super()._get_grad_norm(model, grad_norm=grad_norm)

    # ---- optimiser ----

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        """AdamW over the stage's groups, fused where the device can."""
        if self.optimizer is None:
            groups = optimizer_groups(model or self.model, self.stage)  # type: ignore[arg-type]
            plain = not self.is_fsdp_enabled and not self.is_deepspeed_enabled
            fused = plain and self.args.device.type in ("cpu", "cuda")
            self.optimizer = torch.optim.AdamW(groups, betas=self.stage.betas, fused=fused)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None) -> LambdaLR:
        """The stage's schedule."""
        if self.lr_scheduler is None:
            factor = learning_rate_factor(self.stage, num_training_steps)
            self.lr_scheduler = LambdaLR(optimizer or self.optimizer, factor)  # type: ignore[arg-type]
            self._created_lr_scheduler = True
        return self.lr_scheduler  # type: ignore[return-value]

    # ---- logs and evaluation ----

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Hand measures to the callbacks. Raises ``ModelError`` when the loss is not a number."""
        del start_time
        loss = logs.get("loss")
        if loss is not None:
            if not math.isfinite(loss):
                raise ModelError(
                    f"Stage '{self.stage.name}', step {self.state.global_step}: the loss is {loss}. Lower the learning "
                    f"rate ({self.stage.lr}), raise the warm-up, or use precision: fp32."
                )
            parts, self._loss_parts = self._loss_parts, {}
            steps = max(1, self.state.global_step - self._last_parts_step)
            logs.update({name: float(value) / steps for name, value in parts.items()})
            self._last_parts_step = self.state.global_step
        self.control = self.callback_handler.on_log(self.args, self.state, self.control, logs)

    _last_parts_step = 0

    def _evaluate(self, trial: Any, ignore_keys_for_eval: Any, skip_scheduler: bool = False) -> dict[str, float]:
        """Mean loss on the held-out micro-batches of all processes."""
        del trial, ignore_keys_for_eval, skip_scheduler
        model: nn.Module = self.model_wrapped  # type: ignore[assignment]
        model.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for item in self.get_eval_dataloader():
                for name in ("rejected", "shortened"):
                    item.pop(name, None)
                batch = Batch(**cast(MicroBatch, self._prepare_inputs(item)))
                items = int(self.objective.count(batch))
                total += float(self.objective.loss(model, batch).value) * items
                count += items
        self._modes_set = False
        if self.args.world_size > 1:
            both = torch.tensor([total, count], dtype=torch.float64, device=self.args.device)
            total, count = self.accelerator.reduce(both, reduction="sum").tolist()  # type: ignore[union-attr]
        measures = {"eval_loss": total / max(count, 1)}
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, measures)
        self.log(dict(measures))
        return measures

    # ---- checkpoints ----

    def _get_output_dir(self, trial: Any) -> str:
        return str(self._partial_folder) if self._partial_folder else super()._get_output_dir(trial)

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Write a checkpoint beside its place, then rename it: a kill leaves the old one or the new one."""
        folder = Path(str(self.args.output_dir))
        name = f"checkpoint-{self.state.global_step}"
        self._partial_folder = folder / f".partial-{self.state.global_step}"
        try:
            with writing(folder / name):
                super()._save_checkpoint(model, trial)
        finally:
            partial, self._partial_folder = self._partial_folder, None
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            shutil.rmtree(folder / name, ignore_errors=True)
            (partial / name).rename(folder / name)
            shutil.rmtree(partial, ignore_errors=True)
            for old in checkpoints(folder)[: -self.stage.keep_checkpoints]:
                shutil.rmtree(old, ignore_errors=True)
        self.accelerator.wait_for_everyone()

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Tensor] | None = None) -> None:
        """Only what is trained."""
        if not self.args.should_save:
            return
        folder = Path(str(output_dir or self.args.output_dir))
        folder.mkdir(parents=True, exist_ok=True)
        save_trained(self.model, folder / WEIGHTS, state_dict)  # type: ignore[arg-type]

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        path = Path(resume_from_checkpoint) / WEIGHTS
        if self.is_fsdp_enabled or self.is_deepspeed_enabled or not path.is_file():
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        whole = cast(nn.Module, model or self.model)
        load_trained(whole, path, needed=[name for name, p in whole.named_parameters() if p.requires_grad])

    def close(self) -> None:
        """Close logs and progress lines, after an error too."""
        for callback in self.callback_handler.callbacks:
            getattr(callback, "close", lambda: None)()


def reset_accelerator() -> None:
    """Forget the settings of an earlier stage's trainer; processes and devices stay as they are."""
    from accelerate.state import AcceleratorState, GradientState

    AcceleratorState._reset_state()
    GradientState._reset_state()


def _only(items: list[MicroBatch]) -> MicroBatch:
    return items[0]


def set_modes(model: nn.Module) -> None:
    """Training mode for modules that hold something trainable, evaluation mode (no dropout) for frozen ones.

    A frozen layer that is to be computed again in the backward pass keeps the flag itself, for it recomputes only in
    training mode; what is inside it does not.
    """
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(p.requires_grad for p in parameters):
            module.eval()
    for module in model.modules():
        if getattr(module, "gradient_checkpointing", False):
            module.training = True


def trained_state(model: nn.Module) -> dict[str, Tensor]:
    """The trainable parameters by name, tied ones once, on the CPU."""
    return {name: p.detach().cpu().contiguous() for name, p in model.named_parameters() if p.requires_grad}


def save_trained(model: nn.Module, path: Path, state: dict[str, Tensor] | None = None) -> None:
    """Write the trainable parameters; ``state`` is a gathered state dict where the model is sharded."""
    live = {name for name, p in model.named_parameters() if p.requires_grad}
    kept = trained_state(model) if state is None else {n: t.cpu().contiguous() for n, t in state.items() if n in live}
    with writing(path):
        save_file(kept, path, metadata={"format": "pt"})


def load_trained(model: nn.Module, path: Path, needed: Iterable[str] = ()) -> None:
    """Read parameters back by name; ``needed`` are those that must be there.

    Raises ``ModelError`` for one that is lacking, that the model lacks or has in another shape, and for a torn file.
    """
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{path} cannot be read ({str(error).splitlines()[0]}). Remove its folder, or start over with --fresh."
        ) from error
    own = dict(model.named_parameters())
    lacking = sorted(set(needed) - set(state))
    if lacking:
        raise ModelError(f"{path} lacks '{lacking[0]}', which this stage trains: the recipe's model has changed.")
    for name, value in state.items():
        if name not in own:
            raise ModelError(f"{path} holds '{name}', which this model does not have: the recipe's model has changed.")
        if own[name].shape != value.shape:
            raise ModelError(
                f"{path}: '{name}' has the shape {tuple(value.shape)}, the model's is {tuple(own[name].shape)}."
            )
    with torch.no_grad():
        for name, value in state.items():
            own[name].copy_(value)


def checkpoints(folder: Path) -> list[Path]:
    """Whole checkpoints in ``folder``, oldest first."""
    found = [path for path in folder.glob("checkpoint-*") if (path / STATE).is_file()]
    return sorted(found, key=lambda path: int(path.name.rpartition("-")[2]))
