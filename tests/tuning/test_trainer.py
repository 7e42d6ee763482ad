"""The trainer: equal losses however a step is split, exact resume, only what should move moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import ToyBatches, ToyModel

from vistune.core.errors import ModelError
from vistune.core.files import read_jsonl
from vistune.core.seeding import Seed
from vistune.tuning.callbacks import StageLog
from vistune.tuning.objectives import OBJECTIVES
from vistune.tuning.recipe import StageConfig
from vistune.tuning.stage import freeze_except
from vistune.tuning.trainer import StageTrainer, checkpoints, learning_rate_factor, training_arguments


def make_stage(**changes: Any) -> StageConfig:
    settings = {
        "name": "toy",
        "train": ["connector", "decoder", "head"],
        "data": "toy",
        "steps": 6,
        "batch_size": 4,
        "lr": 0.01,
        "log_every": 1,
    }
    return StageConfig.model_validate({**settings, **changes})


def make_trainer(stage: StageConfig, folder: Path, dropout: float = 0.0, seed: int = 0) -> StageTrainer:
    torch.manual_seed(seed)
    model = ToyModel(dropout)
    freeze_except(model, stage.train, stage.freeze)
    assert stage.steps is not None
    args = training_arguments(stage, stage.steps, folder / "checkpoints", Seed(seed))
    log = StageLog(folder, "toy", tensorboard=False)
    feed = ToyBatches(stage.steps * stage.accumulation, stage.batch_size)
    objective = OBJECTIVES.build(stage.objective)
    held_out = ToyBatches(2, 8) if stage.eval_every else None
    return StageTrainer(model, stage, objective, args, feed, held_out, [log])


def losses(folder: Path) -> list[float]:
    return [line["loss"] for line in read_jsonl(folder / "metrics.jsonl") if "loss" in line]


def weights(trainer: StageTrainer) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in trainer.model.named_parameters()}


def test_micro_batches_add_up_to_one_batch(tmp_path: Path) -> None:
    """Answers differ in length, so a mean of means would be wrong here."""
    whole = make_trainer(make_stage(batch_size=12), tmp_path / "whole")
    split = make_trainer(make_stage(batch_size=4, accumulation=3), tmp_path / "split")
    whole.train()
    split.train()
    assert losses(tmp_path / "split") == pytest.approx(losses(tmp_path / "whole"), rel=1e-5)
    after = weights(split)
    for name, value in weights(whole).items():
        torch.testing.assert_close(after[name], value, rtol=1e-4, atol=1e-5)


def test_resume_is_exact(tmp_path: Path) -> None:
    """Dropout is on: weights, optimiser, schedule, random states and the place in the data must all come back."""
    stage = make_stage(steps=9, save_every=4, accumulation=2)
    whole = make_trainer(stage, tmp_path / "whole", dropout=0.3)
    whole.train()

    class Killed(Exception):
        pass

    class Kill(StageLog):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == 7:
                raise Killed

    cut = make_trainer(stage, tmp_path / "cut", dropout=0.3)
    cut.add_callback(Kill(tmp_path / "other", "toy", tensorboard=False))
    with pytest.raises(Killed):
        cut.train()
    assert len(losses(tmp_path / "cut")) == 6
    last = checkpoints(tmp_path / "cut" / "checkpoints")
    assert [path.name for path in last] == ["checkpoint-4"]

    resumed = make_trainer(stage, tmp_path / "cut", dropout=0.3, seed=0)
    torch.manual_seed(99)
    resumed.train(resume_from_checkpoint=str(last[-1]))
    assert losses(tmp_path / "cut") == losses(tmp_path / "whole")
    after = weights(resumed)
    assert all(torch.equal(after[name], value) for name, value in weights(whole).items())


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_change_nothing(tmp_path: Path, workers: int) -> None:
    trainer = make_trainer(make_stage(steps=4, workers=workers), tmp_path)
    trainer.train()
    alone = make_trainer(make_stage(steps=4), tmp_path / "alone")
    alone.train()
    assert losses(tmp_path) == losses(tmp_path / "alone")


@pytest.mark.parametrize(
    ("train", "freeze", "moved"),
    [
        (["connector.*"], [], {"connector"}),
        (["connector", "head"], [], {"connector", "head"}),
        (["*"], ["vision.*", "decoder.embed"], {"connector", "head", "decoder.mix", "decoder.norm"}),
        (["decoder.*"], [], {"decoder.embed", "decoder.mix", "decoder.norm"}),
        (["vision"], [], {"vision"}),
    ],
)
def test_only_what_should_train_moves(tmp_path: Path, train: list[str], freeze: list[str], moved: set[str]) -> None:
    trainer = make_trainer(make_stage(steps=2, train=train, freeze=freeze, warmup=0), tmp_path)
    before = weights(trainer)
    trainer.train()
    for name, value in weights(trainer).items():
        should = any(name.startswith(part + ".") for part in moved)
        assert torch.equal(value, before[name]) != should, name
        assert torch.isfinite(value).all()


def test_one_batch_can_be_learned(tmp_path: Path) -> None:
    trainer = make_trainer(make_stage(steps=40, lr=0.03, train=["*"]), tmp_path)
    batch = ToyBatches(1, 4)[0]
    trainer.train_dataset = [dict(batch) for _ in range(40)]  # type: ignore[assignment]
    trainer.train()
    curve = losses(tmp_path)
    assert curve[-1] < 0.3 * curve[0]


def test_frozen_parts_have_no_dropout(tmp_path: Path) -> None:
    """The toy's vision part has dropout; frozen, it must give the same features each time."""
    trainer = make_trainer(make_stage(steps=1, lr=0.0), tmp_path)
    trainer.train()
    model = trainer.model
    assert isinstance(model, ToyModel)
    assert model.training
    assert not model.vision.training
    assert model.decoder.training
    pixels = torch.randn(2, 48)
    assert torch.equal(model.vision(pixels), model.vision(pixels))


def test_evaluation_is_the_mean_over_all_held_out_tokens(tmp_path: Path) -> None:
    trainer = make_trainer(make_stage(steps=2, eval_every=2, eval_data="toy", lr=1e-9), tmp_path)
    trainer.train()
    found = [line["eval_loss"] for line in read_jsonl(tmp_path / "metrics.jsonl") if "eval_loss" in line]
    whole = make_trainer(make_stage(steps=1, batch_size=16, lr=1e-9), tmp_path / "whole")
    whole.model.eval()
    whole.train()
    assert found == pytest.approx(losses(tmp_path / "whole"), rel=1e-5)


def test_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    trainer = make_trainer(make_stage(steps=3), tmp_path)
    with torch.no_grad():
        next(p for p in trainer.model.parameters() if p.requires_grad).fill_(float("nan"))
    with pytest.raises(ModelError, match=r"Stage 'toy', step 1: the loss is nan\. Lower the learning rate"):
        trainer.train()


def test_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    stage = make_stage(steps=4, save_every=2)
    make_trainer(stage, tmp_path).train()
    other = make_trainer(stage, tmp_path)
    other.model.connector = torch.nn.Linear(16, 17)  # type: ignore[union-attr]
    with pytest.raises(ModelError, match=r"'connector.bias' has the shape \(16,\), the model's is \(17,\)"):
        other.train(resume_from_checkpoint=str(checkpoints(tmp_path / "checkpoints")[-1]))


def test_checkpoints_hold_only_what_trains_and_old_ones_go(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    make_trainer(make_stage(steps=6, save_every=2, keep_checkpoints=2, train=["connector"]), tmp_path).train()
    folder = tmp_path / "checkpoints"
    assert [path.name for path in checkpoints(folder)] == ["checkpoint-4", "checkpoint-6"]
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint-4", "checkpoint-6"]
    held = load_file(folder / "checkpoint-6" / "trained.safetensors")
    assert sorted(held) == ["connector.bias", "connector.weight"]
    assert json.loads((folder / "checkpoint-6" / "trainer_state.json").read_text())["global_step"] == 6


def test_log_holds_speed_rate_and_memory(tmp_path: Path) -> None:
    make_trainer(make_stage(steps=6, log_every=2, save_every=3), tmp_path).train()
    lines = read_jsonl(tmp_path / "metrics.jsonl")
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 6]
    wanted = {"loss", "learning_rate", "grad_norm", "tokens_per_s", "tokens", "seconds", "memory"}
    assert all(wanted <= line.keys() for line in lines)
    tokens = sum(int((ToyBatches(6, 4)[k]["sample"] >= 0).sum()) for k in range(6))
    assert lines[-1]["tokens"] == tokens


def test_schedule() -> None:
    factor = learning_rate_factor(make_stage(warmup=0.2, final_lr=0.1), 10)
    values = [factor(step) for step in range(11)]
    assert values[:2] == pytest.approx([1 / 3, 2 / 3])
    assert values[2] == 1.0
    assert values[10] == pytest.approx(0.1)
    assert values[6] == pytest.approx(0.55)
    assert learning_rate_factor(make_stage(schedule="constant", warmup=0), 10)(9) == 1.0
    assert learning_rate_factor(make_stage(schedule="linear", warmup=0), 10)(5) == pytest.approx(0.5)


def test_a_checkpoint_that_lacks_what_trains_is_refused(tmp_path: Path) -> None:
    """A weight that is trained but not in the checkpoint would silently start anew."""
    make_trainer(make_stage(steps=4, save_every=2, train=["connector"]), tmp_path).train()
    last = checkpoints(tmp_path / "checkpoints")[-1]
    more = make_trainer(make_stage(steps=4, save_every=2), tmp_path)
    with pytest.raises(ModelError, match=r"trained\.safetensors lacks 'decoder\.\S+', which this stage trains"):
        more.train(resume_from_checkpoint=str(last))


def test_a_torn_checkpoint_is_told(tmp_path: Path) -> None:
    stage = make_stage(steps=4, save_every=2)
    make_trainer(stage, tmp_path).train()
    last = checkpoints(tmp_path / "checkpoints")[-1]
    weights_file = last / "trained.safetensors"
    weights_file.write_bytes(weights_file.read_bytes()[:-5])
    with pytest.raises(ModelError, match=r"trained\.safetensors cannot be read .*--fresh"):
        make_trainer(stage, tmp_path).train(resume_from_checkpoint=str(last))


@pytest.mark.parametrize("size", [1, 3])
def test_the_default_count_is_of_samples(size: int) -> None:
    """One sample without any padding counts as one; packed rows count each of theirs."""
    from vistune.data.batch import Batch
    from vistune.tuning.objectives import Loss, Objective

    class Plain(Objective):
        def loss(self, model: Any, batch: Batch) -> Loss:
            raise NotImplementedError

    item = ToyBatches(1, size)[0]
    item.pop("rejected")
    if size == 1:
        assert (item["sample"] >= 0).all()
    assert int(Plain().count(Batch(**item))) == size
    item["sample"] = torch.tensor([[0, 0, 1, 1, 2, -1], [0, 0, 0, 0, 0, 0]])
    assert int(Plain().count(Batch(**item))) == 4
