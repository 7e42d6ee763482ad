"""Training: real tokens a second and peak memory, beside a loop written by hand and TRL's ``SFTTrainer``.

Run: python benchmarks/training.py [--quick] [--json FILE]
All sides train all parameters of the same LLaVA of 2.4 M random parameters on the same samples in the same order with
the same loss (checked), AdamW, clipping and constant learning rate, fp32, one thread. Each side has a process of its own,
and they take turns of a few steps. Only real tokens are counted, so padding costs. Two data sets: ``even``, whose samples
are about equally long, and ``tail``, where a few are very long; the second is where packing pays.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import Line, Skipped, finish, parser
from turns import Pace, Record, speedup, take_turns, together

RATE = 1e-3
#: Samples a step, and steps before the data begin anew.
BATCH = {"even": 8, "tail": 16}
STEPS = 400
#: Turns after the one that warms up: the smaller the difference that is looked for, the more.
TURNS = {"even": 10, "tail": 5}
#: Tokens a packed row holds: the longest sample of ``tail`` fits.
ROW = 512


@dataclass(frozen=True, slots=True)
class Task:
    """What a side is to do."""

    data: str
    batch: int
    samples: int
    kept_memory: bool = False
    """Set the allocator as vistune does, also for the others."""
    packed: bool = False
    messages: bool = False
    """TRL's other data format: whole conversations, labels on all of it."""
    prepared: bool = False
    """Batches are made before the clock runs."""


# ---- by hand -----------------------------------------------------------------------------------------------------------


def _begin(task: Task) -> list[Any]:
    import torch
    from tiny import samples

    from vistune.core.device import setup_allocator

    torch.set_num_threads(1)
    if task.kept_memory:
        setup_allocator()
    return samples(task.data, task.samples)


def _hf_batch(processor: Any, chunk: Sequence[Any]) -> dict[str, Any]:
    """What a script does with transformers alone: texts with and without the answer, labels on the answer."""
    import torch
    from PIL import Image

    pictures, prompts, wholes = [], [], []
    for sample in chunk:
        pictures.append(Image.open(io.BytesIO(sample.picture)).convert("RGB"))
        asked = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": sample.question}]}
        said = {"role": "assistant", "content": [{"type": "text", "text": sample.answer}]}
        prompts.append(processor.apply_chat_template([asked], add_generation_prompt=True))
        wholes.append(processor.apply_chat_template([asked, said]))
    batch = processor(text=wholes, images=pictures, padding=True, padding_side="right", return_tensors="pt")
    starts = [len(ids) + 63 for ids in processor.tokenizer(prompts, add_special_tokens=False)["input_ids"]]
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    for row, start in enumerate(starts):
        labels[row, :start] = -100
    return {**batch, "labels": torch.as_tensor(labels)}


def bare_loop(pace: Pace, task: Task) -> None:
    """Transformers' model, processor and loss; forward, backward, clip, AdamW."""
    import torch
    from tiny import tiny_llava

    data = _begin(task)
    model, processor = tiny_llava()
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0, fused=True)
    chunks = [data[i : i + task.batch] for i in range(0, len(data), task.batch)]
    ready = [_hf_batch(processor, chunk) for chunk in chunks] if task.prepared else None
    pace.ready()
    while True:
        for number, chunk in enumerate(chunks):
            batch = ready[number] if ready else _hf_batch(processor, chunk)
            pace.feed(int(batch["attention_mask"].sum()), batch["input_ids"].numel())
            loss = model(**batch).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            pace.step(loss.detach())


# ---- vistune -----------------------------------------------------------------------------------------------------------


def _stage_run(task: Task, folder: Path) -> tuple[Any, Any]:
    """A run of one stage as ``tune`` makes it, and its trainer; samples in their order."""
    from tiny import tiny_llava

    from vistune.core.seeding import Seed
    from vistune.data.example import Example, ImageSource, assistant, user
    from vistune.data.mixing import Mixture
    from vistune.models.vlm import VisionLanguageModel
    from vistune.tuning.feed import Member
    from vistune.tuning.recipe import Recipe
    from vistune.tuning.run_folder import RunFolder
    from vistune.tuning.tune import Run, make_trainer

    examples = [
        Example(str(n), [user(s.question, (0,)), assistant(s.answer)], [ImageSource(data=s.picture)])
        for n, s in enumerate(_begin(task))
    ]
    model, processor = tiny_llava()
    model.save_pretrained(folder / "base")
    processor.save_pretrained(folder / "base")
    stage = {
        "name": "tune", "train": ["*"], "data": "samples", "steps": STEPS, "batch_size": task.batch, "lr": RATE,
        "schedule": "constant", "warmup": 0.0, "save_every": STEPS, "precision": "fp32",
        "packing": {"length": ROW} if task.packed else False,
    }  # fmt: skip
    recipe = Recipe.from_values(
        {
            "name": "speed",
            "model": {"from": str(folder / "base")},
            "data": {"sets": {"samples": {"path": "in memory"}}},
            "stages": [stage],
            "tensorboard": False,
        }
    )
    own = VisionLanguageModel.from_pretrained(folder / "base")
    run = Run(recipe, RunFolder(folder / "run"), Member(), {"samples": examples}, own, own.processor)
    own.requires_grad_(True)
    trainer = make_trainer(run, 0, Seed(0))
    feed: Any = trainer.train_dataset
    feed.order = Mixture({"samples": len(examples)}, shuffle=False)
    return run, trainer


def _timed(trainer: Any, pace: Pace, real: Callable[[Any], tuple[int, int]]) -> None:
    """Let ``trainer`` (of any library) keep pace: each step's loss and tokens are told, nothing else is changed."""
    from transformers import TrainerCallback

    inner, losses = trainer.training_step, []

    def training_step(model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
        pace.feed(*real(inputs))
        loss = inner(model, inputs, *rest, **named)
        losses.append(loss)
        return loss

    class Keep(TrainerCallback):
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            pace.ready()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            pace.step(losses.pop())

    trainer.training_step = training_step
    trainer.add_callback(Keep())
    trainer.train()


def vistune_stage(pace: Pace, task: Task) -> None:
    """Our trainer with all that a run has: feed, objective, log, progress line, schedule."""
    from vistune.core.device import setup_allocator
    from vistune.core.progress import set_quiet

    set_quiet()
    setup_allocator()
    with tempfile.TemporaryDirectory() as folder:
        _, trainer = _stage_run(task, Path(folder))
        _timed(trainer, pace, lambda inputs: (int((inputs["sample"] >= 0).sum()), inputs["sample"].numel()))


def vistune_bare(pace: Pace, task: Task) -> None:
    """Our model, batches and objective in a loop by hand: what is left of ``vistune_stage`` without the trainer."""
    import torch

    from vistune.core.device import setup_allocator
    from vistune.core.progress import set_quiet
    from vistune.data.batch import Batch

    set_quiet()
    setup_allocator()
    with tempfile.TemporaryDirectory() as folder:
        run, trainer = _stage_run(task, Path(folder))
        model, objective, feed = run.model.train(), trainer.objective, trainer.train_dataset
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0, fused=True)
        pace.ready()
        while True:
            for number in range(len(feed)):
                item = feed[number]
                del item["rejected"], item["shortened"]
                pace.feed(int((item["sample"] >= 0).sum()), item["sample"].numel())
                loss = objective.loss(model, Batch(**item)).value
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
                pace.step(loss.detach())


# ---- TRL ---------------------------------------------------------------------------------------------------------------


def trl_trainer(task: Task, folder: str, **changes: Any) -> Any:
    """TRL's ``SFTTrainer`` as its documentation drives it, but for what makes the sides equal."""
    from datasets import Dataset, Image, List
    from tiny import tiny_llava
    from trl import SFTConfig, SFTTrainer

    rows = []
    for sample in _begin(task):
        asked = [{"role": "user", "content": sample.question}]
        said = [{"role": "assistant", "content": sample.answer}]
        text = {"messages": asked + said} if task.messages else {"prompt": asked, "completion": said}
        rows.append({"images": [{"bytes": sample.picture, "path": None}], **text})
    model, processor = tiny_llava()
    arguments = {
        "output_dir": folder, "max_steps": STEPS, "per_device_train_batch_size": task.batch, "max_length": None,
        "learning_rate": RATE, "lr_scheduler_type": "constant", "weight_decay": 0.0, "max_grad_norm": 1.0,
        "use_cpu": True, "bf16": False, "gradient_checkpointing": False, "train_sampling_strategy": "sequential",
        "report_to": [], "save_strategy": "no", "logging_steps": 10, "disable_tqdm": True, "dataloader_num_workers": 0,
    }  # fmt: skip
    data = Dataset.from_list(rows).cast_column("images", List(Image()))
    settings = SFTConfig(**{**arguments, **changes})
    return SFTTrainer(model=model, args=settings, train_dataset=data, processing_class=processor)


def trl_sft(pace: Pace, task: Task) -> None:
    """TRL's trainer, padded."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = trl_trainer(task, folder)
        _timed(trainer, pace, lambda inputs: (int(inputs["attention_mask"].sum()), inputs["input_ids"].numel()))


def trl_refusals() -> list[Skipped]:
    """What TRL answers when asked to remove the padding of pictures with text."""
    told = []
    for name, changes in (("packing", {"packing": True, "max_length": ROW}), ("padding_free", {"padding_free": True})):
        with tempfile.TemporaryDirectory() as folder:
            try:
                trl_trainer(Task("tail", 4, 8), folder, **changes)
                reason = "TRL now takes it for pictures: add this side"
            except (ValueError, NotImplementedError) as error:
                reason = f"TRL answers: {' '.join(str(error).split())}"
        told.append(Skipped(f"TRL SFT with {name}=True on pictures", reason))
    return told


# ---- the table ---------------------------------------------------------------------------------------------------------

OURS, PACKED, ALONE = "vistune", "vistune, packed", "vistune, loop by hand"
BARE, READY = "bare loop", "bare loop, batches ready"
PROMPT, MESSAGES, PROMPT_KEPT = "TRL, prompt/completion", "TRL, messages", "TRL, prompt/completion, allocator set"


def sides(data: str, quick: bool, trl: bool) -> dict[str, tuple[Callable[..., None], tuple[Task]]]:
    """Who takes part on a data set. The loops by hand have the allocator set as vistune does, TRL runs as it comes."""
    batch = 4 if quick else BATCH[data]

    def task(**options: Any) -> tuple[Task]:
        return (Task(data, batch, batch * (4 if quick else 40), **options),)

    found: dict[str, tuple[Callable[..., None], tuple[Task]]] = {
        OURS: (vistune_stage, task()),
        BARE: (bare_loop, task(kept_memory=True)),
    }
    if data == "even":
        found[READY] = (bare_loop, task(kept_memory=True, prepared=True))
        found[ALONE] = (vistune_bare, task())
    else:
        found[PACKED] = (vistune_stage, task(packed=True))
    if quick:  # each kind of side once
        once = (OURS, BARE, ALONE) if data == "even" else (PACKED,)
        found = {name: side for name, side in found.items() if name in once}
        return {**found, PROMPT: (trl_sft, task())} if trl and data == "tail" else found
    if trl:
        found[PROMPT] = (trl_sft, task())
        found[MESSAGES] = (trl_sft, task(messages=True))
        if data == "tail":
            found[PROMPT_KEPT] = (trl_sft, task(kept_memory=True))
    return found


def _compared(data: str, records: dict[str, Record], ours: str, beside: str, goal: float | None = None) -> list[Line]:
    """Speed of ``ours`` beside another side: how many times as fast."""
    if any(name not in records or records[name].error for name in (ours, beside)):
        return []
    mine, other = records[ours], records[beside]
    note = f"computed per real token {mine.padding:.2f} and {other.padding:.2f}"
    label = f"training, {data} lengths: {ours} beside {beside}"
    return [Line(label, mine.rate, "real tokens/s", other.rate, beside, goal, "at least", speedup(mine, other), note)]


def _memory(data: str, records: dict[str, Record], ours: str, beside: str, goal: float | None = None) -> list[Line]:
    if any(name not in records or records[name].error for name in (ours, beside)):
        return []
    mine, other = records[ours], records[beside]
    grown = [(record.peak - record.before) / 1e6 for record in (mine, other)]
    note = f"above what was held before the first step: {grown[0]:,.0f} and {grown[1]:,.0f} MB"
    label = f"training, {data} lengths, peak memory: {ours} beside {beside}"
    return [Line(label, mine.peak / 1e6, "MB", other.peak / 1e6, beside, goal, note=note)]


def lines_of(data: str, records: dict[str, Record]) -> list[Line | Skipped]:
    """The lines of one data set. Raises ``SystemExit`` where sides that should learn the same did not."""
    lines: list[Line | Skipped] = [
        Skipped(f"training, {data} lengths: {name}", record.error) for name, record in records.items() if record.error
    ]
    same = [record for name, record in records.items() if name != MESSAGES and not record.error]
    if not together(same):
        firsts = {name: record.losses[:3] for name, record in records.items()}
        raise SystemExit(f"the sides do not have the same losses; nothing can be compared: {firsts}")
    if data == "even":
        slower = 1 / 1.05  # at most 5% over a loop by hand
        lines += _compared(data, records, OURS, BARE, slower)
        lines += _compared(data, records, OURS, READY, slower)
        lines += _compared(data, records, OURS, ALONE, slower)
        lines += _compared(data, records, OURS, PROMPT) + _compared(data, records, OURS, MESSAGES)
        lines += _memory(data, records, OURS, BARE) + _memory(data, records, OURS, PROMPT, 1.0)
        return lines + _memory(data, records, OURS, MESSAGES, 1.0)
    lines += _compared(data, records, PACKED, PROMPT, 1.5) + _compared(data, records, PACKED, MESSAGES, 1.5)
    lines += _compared(data, records, PACKED, PROMPT_KEPT, 1.5) + _compared(data, records, PACKED, BARE)
    lines += _compared(data, records, OURS, BARE, 1 / 1.05) + _compared(data, records, PACKED, OURS)
    return lines + _memory(data, records, PACKED, PROMPT, 1.0) + _memory(data, records, OURS, PROMPT, 1.0)


def main() -> None:
    """Let the sides take turns on both data sets; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--data", choices=tuple(BATCH), help="one of the two data sets (default: both)")
    options.add_argument("--turns", type=int, help="(default: as many as each data set needs)")
    options.add_argument("--steps", type=int, default=4, help="steps a turn")
    chosen = options.parse_args()
    try:
        import trl  # noqa: F401

        has_trl = True
    except ImportError:
        has_trl = False
    steps = 2 if chosen.quick else chosen.steps
    lines: list[Line | Skipped] = []
    for data in [chosen.data] if chosen.data else BATCH:
        records = take_turns(
            sides(data, chosen.quick, has_trl), 1 if chosen.quick else chosen.turns or TURNS[data], steps
        )
        lines += lines_of(data, records)
    lines += trl_refusals() if has_trl else [Skipped("training beside TRL", "trl is not installed")]
    finish(lines, chosen.json)


if __name__ == "__main__":
    main()
