"""What a stage writes while it runs: measures as JSON lines and TensorBoard files, and a progress line for people."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import TrainerCallback

from vistune.core.device import peak_memory
from vistune.core.files import append_jsonl, read_jsonl, write_text
from vistune.core.progress import TrainingProgress

if TYPE_CHECKING:
    from torch.utils.tensorboard.writer import SummaryWriter

    from vistune.tuning.trainer import StageTrainer


class StageLog(TrainerCallback):
    """Writes ``metrics.jsonl`` (one line each ``log_every`` steps and at each evaluation) and draws the progress line.

    A line holds step, loss, the loss's parts, learning_rate, grad_norm, tokens_per_s, tokens, seconds, memory (peak
    bytes). After a resume the lines behind the checkpoint are dropped, so a log never holds a step twice.
    """

    def __init__(self, folder: Path, title: str, tensorboard: bool = True) -> None:
        self.path = folder / "metrics.jsonl"
        self.title = title
        self.tensorboard = tensorboard and importlib.util.find_spec("tensorboard") is not None
        self.trainer: StageTrainer | None = None
        self.seconds = 0.0
        self.tokens = 0
        self._progress: TrainingProgress | None = None
        self._writer: SummaryWriter | None = None
        self._mark = (0.0, 0)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Drop what a killed run had logged after its last checkpoint; start the clock and the progress line."""
        if not state.is_world_process_zero:
            return
        kept = self._cut(state.global_step)
        self.seconds = float(kept[-1].get("seconds", 0.0)) if kept else 0.0
        self.tokens = int(kept[-1].get("tokens", 0)) if kept else 0
        self._mark = (time.perf_counter(), 0)
        self._progress = TrainingProgress(self.title, state.max_steps, state.global_step).__enter__()
        if self.tensorboard:
            from torch.utils.tensorboard.writer import SummaryWriter

            self._writer = SummaryWriter(str(self.path.parent / "tensorboard"), purge_step=state.global_step + 1)

    def _cut(self, step: int) -> list[dict[str, Any]]:
        lines = read_jsonl(self.path, torn_ok=True) if self.path.exists() else []
        kept = [line for line in lines if 0 < line["step"] <= step]
        if len(kept) < len(lines):
            write_text(self.path, "".join(json.dumps(line) + "\n" for line in kept))
        return kept

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Log at each checkpoint, so that the mean since the last log is the same with and without a resume."""
        if state.global_step % args.save_steps == 0 or state.global_step >= state.max_steps:
            control.should_log = True
        if self._progress is not None:
            self._progress.update(state.global_step)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Write one line of measures."""
        if not state.is_world_process_zero or not logs or not ("loss" in logs or "eval_loss" in logs):
            return
        now, seen = time.perf_counter(), self.trainer.tokens_seen if self.trainer else 0
        then, before = self._mark
        line: dict[str, Any] = {"step": state.global_step, **logs}
        if "loss" in logs:
            self._mark = (now, seen)
            self.seconds += now - then
            self.tokens += seen - before
            line["tokens_per_s"] = round((seen - before) / max(now - then, 1e-9), 1)
            line |= {"tokens": self.tokens, "seconds": round(self.seconds, 3), "memory": peak_memory()}
            if self._progress is not None:
                shown = {key: line[key] for key in ("loss", "tokens_per_s", "memory")}
                self._progress.update(state.global_step, **shown)
        append_jsonl(self.path, [line])
        if self._writer is not None:
            for name, value in line.items():
                if name != "step":
                    self._writer.add_scalar(name, float(value), state.global_step)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the files and the progress line."""
        self.close()

    def close(self) -> None:
        """Close what is open; safe to call twice, and after an error."""
        if self._progress is not None:
            self._progress.__exit__(None, None, None)
            self._progress = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None
