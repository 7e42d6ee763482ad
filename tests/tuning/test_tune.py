"""Whole runs on a random nano model: what they leave, how they go on, and that shortcuts change no loss."""

from __future__ import annotations

import errno
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from nano import recipe_values, write_backbones
from rich.console import Console

from vistune.core.errors import ConfigError, DataError
from vistune.core.files import read_jsonl, writing
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.data.formats import write
from vistune.tuning import tune as tuning
from vistune.tuning.recipe import Recipe, load_recipe
from vistune.tuning.tune import TuneResult, tune


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backbones")
    write_backbones(folder)
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISTUNE_CACHE", str(tmp_path / "cache"))


def run(parts: Path, out: Path, seed: int = 5, **stage: Any) -> list[float]:
    tune(Recipe.from_values({**recipe_values(parts, **stage), "seed": seed}), out)
    return losses(out)


def losses(out: Path, stage: str = "01-one") -> list[float]:
    return [line["loss"] for line in read_jsonl(out / "stages" / stage / "metrics.jsonl") if "loss" in line]


def test_what_a_run_leaves(parts: Path, tmp_path: Path) -> None:
    from vistune.models.vlm import VisionLanguageModel

    ended = []
    recipe = Recipe.from_values(recipe_values(parts, steps=12))
    result = tune(recipe, tmp_path / "a", on_stage_end=lambda stage, model, place: ended.append((stage.name, model)))
    stage = result.stages[0]
    curve = losses(tmp_path / "a")
    assert len(curve) == 12
    assert curve[-1] < curve[0]
    assert (stage.name, stage.steps, stage.rejected) == ("one", 12, 0)
    assert stage.loss == pytest.approx(sum(curve[-2:]) / 2)
    assert 0 < stage.trainable < stage.parameters
    assert [name for name, _ in ended] == ["one"]
    facts = json.loads((tmp_path / "a" / "environment.json").read_text())
    assert {"machine", "seeds", "allocator", "sessions"} <= facts.keys()
    tuned, again = ended[0][1], VisionLanguageModel.from_pretrained(result.model)
    batch = again.processor([Example("q", [user("what is it?"), assistant("a cup")])]).tensors()
    with torch.no_grad():
        assert torch.equal(tuned(**batch).logits, again(**batch).logits)


def test_a_run_repeats_from_its_folder_alone(parts: Path, tmp_path: Path) -> None:
    first = run(parts, tmp_path / "a", steps=3)
    tune(load_recipe(tmp_path / "a" / "recipe.yaml"), tmp_path / "b")
    assert losses(tmp_path / "b") == first
    assert run(parts, tmp_path / "c", seed=6, steps=3) != first


class Stopped(Exception):
    pass


def two_stages(parts: Path) -> Recipe:
    values = recipe_values(parts, steps=4)
    first = values["stages"][0]
    values["stages"] = [
        {**first, "train": ["connector.*"]},
        {**first, "name": "two", "train": ["decoder.*"], "steps": 5},
    ]
    return Recipe.from_values(values)


def test_a_stopped_run_goes_on_where_it_was(parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vistune.tuning.callbacks import StageLog

    recipe = two_stages(parts)
    tune(recipe, tmp_path / "whole")
    original = StageLog.on_step_end

    def stop(self: StageLog, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        original(self, args, state, control, **kwargs)
        if self.title == "two" and state.global_step == 4:
            raise Stopped

    monkeypatch.setattr(StageLog, "on_step_end", stop)
    with pytest.raises(Stopped):
        tune(recipe, tmp_path / "cut")
    monkeypatch.setattr(StageLog, "on_step_end", original)
    begun = (tmp_path / "cut" / "stages" / "01-one" / "metrics.jsonl").stat().st_mtime_ns
    result = tune(recipe, tmp_path / "cut")
    for stage in ("01-one", "02-two"):
        assert losses(tmp_path / "cut", stage) == losses(tmp_path / "whole", stage)
    assert (tmp_path / "cut" / "stages" / "01-one" / "metrics.jsonl").stat().st_mtime_ns == begun
    assert [stage.steps for stage in result.stages] == [4, 5]
    assert equal_weights(result, tmp_path / "whole")


def equal_weights(result: TuneResult, other: Path) -> bool:
    from safetensors.torch import load_file

    ours, theirs = (load_file(folder / "model.safetensors") for folder in (result.model, other / "model"))
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_folder_of_another_recipe_is_left_alone(parts: Path, tmp_path: Path) -> None:
    run(parts, tmp_path / "a", steps=2)
    with pytest.raises(ConfigError, match=r"another recipe \(it differs in stages\.0\.lr\).*--out.*--fresh"):
        run(parts, tmp_path / "a", steps=2, lr=0.5)
    tune(Recipe.from_values(recipe_values(parts, steps=2, lr=0.5)), tmp_path / "a", resume=False)
    assert len(losses(tmp_path / "a")) == 2


def test_packing_changes_no_loss(parts: Path, tmp_path: Path) -> None:
    plain = run(parts, tmp_path / "plain", steps=5, batch_size=6)
    packed = run(parts, tmp_path / "packed", steps=5, batch_size=6, packing={"length": 96})
    assert packed == pytest.approx(plain, rel=1e-5)


def test_cached_features_change_no_loss(parts: Path, tmp_path: Path) -> None:
    plain = run(parts, tmp_path / "plain")
    cached = run(parts, tmp_path / "cached", cache_features=True, workers=1)
    assert cached == pytest.approx(plain, rel=1e-5)
    assert list((tmp_path / "cache" / "features").rglob("features.bin"))


def test_features_are_cached_only_where_that_is_right(parts: Path, tmp_path: Path) -> None:
    run(parts, tmp_path / "once", cache_features="auto")  # 16 samples of 40: pictures are not seen twice
    assert not (tmp_path / "cache").exists()
    run(parts, tmp_path / "often", cache_features="auto", steps=None, epochs=2)
    assert (tmp_path / "cache").exists()
    with pytest.raises(ConfigError, match="cache_features is true, but the vision encoder is trained"):
        run(parts, tmp_path / "trained", cache_features=True, train=["*"])


@pytest.mark.parametrize(
    ("adapter", "train", "moved"),
    [
        ({"kind": "lora", "rank": 2}, ["adapters.*"], "adapters.extra."),
        ({"kind": "mixture_of_modality"}, ["adapters.extra"], "adapters.extra."),
        ({"kind": "lora", "rank": 2}, ["connector"], "connector."),
    ],
)
def test_only_what_should_train_moves(
    parts: Path, tmp_path: Path, adapter: dict[str, Any], train: list[str], moved: str
) -> None:
    from vistune.tuning.build import build_model

    values = recipe_values(parts, steps=2, train=train, warmup=0)
    values["model"]["adapters"] = {"extra": adapter}
    recipe = Recipe.from_values(values)
    before = {name: p.detach().clone() for name, p in build_model(recipe)[0].named_parameters()}
    after: dict[str, torch.Tensor] = {}
    tune(recipe, tmp_path / "a", on_stage_end=lambda _, model, __: after.update(model.named_parameters()))
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed
    assert all(name.startswith(moved) for name in changed)
    assert all(torch.isfinite(value).all() for value in after.values())


def picture(colour: int) -> ImageSource:
    import numpy as np

    return ImageSource(array=np.full((32, 32, 3), colour, dtype=np.uint8))


def write_examples(folder: Path, count: int, broken: int) -> Path:
    """LLaVA JSON with ``count`` examples, the pictures of the first ``broken`` of them cut in half."""
    examples = [
        Example(f"e{i}", [user("what is it?", images=(0,)), assistant(f"a thing {i}")], [picture(5 * i)])
        for i in range(count)
    ]
    write(examples, folder, "llava")
    pictures = sorted(path for path in folder.rglob("*") if path.suffix in (".png", ".jpg"))
    for path in pictures[:broken]:
        path.write_bytes(path.read_bytes()[:40])
    return folder


def with_files(parts: Path, folder: Path, **stage: Any) -> Recipe:
    values = recipe_values(parts, data="files", **stage)
    values["data"]["sets"] = {"files": {"path": str(folder)}}
    return Recipe.from_values(values)


@pytest.mark.parametrize("packing", [False, {"length": 64}])
def test_broken_pictures_are_counted_and_replaced(parts: Path, tmp_path: Path, packing: Any) -> None:
    folder = write_examples(tmp_path / "data", 30, 2)
    recipe = with_files(parts, folder, steps=None, epochs=1, batch_size=5, max_rejected=0.2, packing=packing)
    result = tune(recipe, tmp_path / "a")
    told = read_jsonl(tmp_path / "a" / "rejected.jsonl")
    assert len(told) == 2
    assert all("picture" in line["reason"] or "image" in line["reason"] for line in told)
    assert {line["stage"] for line in told} == {"one"}
    assert result.stages[0].rejected >= 2
    assert len(losses(tmp_path / "a")) == 6


def test_too_many_broken_pictures_end_the_run(parts: Path, tmp_path: Path) -> None:
    folder = write_examples(tmp_path / "data", 30, 12)
    with pytest.raises(DataError, match=r"Stage 'one': .* samples could not be used, more than max_rejected = 5%"):
        tune(with_files(parts, folder, steps=6, max_rejected=0.05), tmp_path / "a")


def test_a_full_disk_is_told_and_the_run_goes_on_later(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vistune.tuning import trainer

    original = trainer.save_file

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(trainer, "save_file", full)
    with pytest.raises(DataError, match=r"The disk is full: .*checkpoint.*run the same command again"):
        run(parts, tmp_path / "a")
    monkeypatch.setattr(trainer, "save_file", original)
    assert run(parts, tmp_path / "a") == run(parts, tmp_path / "b")


def test_lengths_grouped_pad_less(parts: Path, tmp_path: Path) -> None:
    from vistune.tuning.build import build_model, open_sets, stage_feed
    from vistune.tuning.feed import Member
    from vistune.tuning.run_folder import RunFolder
    from vistune.tuning.tune import Run

    def padding(grouped: bool) -> tuple[float, list[int]]:
        recipe = Recipe.from_values(recipe_values(parts, group_by_length=grouped, data="world"))
        member = Member()
        parts_of_run = (open_sets(recipe), *build_model(recipe))
        feed = stage_feed(Run(recipe, RunFolder(tmp_path), member, *parts_of_run), recipe.stages[0], 10)
        batches = [feed[k] for k in range(len(feed))]
        empty = sum(int((batch["sample"] < 0).sum()) for batch in batches)
        taken = [position for k in range(len(feed)) for position in feed.positions(k)]
        return empty / sum(batch["sample"].numel() for batch in batches), sorted(taken)

    (plain, all_plain), (grouped, all_grouped) = padding(False), padding(True)
    assert grouped < 0.7 * plain
    assert all_plain == all_grouped == list(range(40))


def test_held_out_loss_is_logged(parts: Path, tmp_path: Path) -> None:
    run(parts, tmp_path / "a", eval_every=2, eval_data="world", eval_limit=8)
    lines = read_jsonl(tmp_path / "a" / "stages" / "01-one" / "metrics.jsonl")
    assert [line["step"] for line in lines if "eval_loss" in line] == [2, 4]


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ({"train": ["conector.*"]}, r"'conector\.\*' matches no parameter\. Did you mean 'connector\.\*'"),
        ({"lr": {"connector": 0.1}}, r"no pattern of 'lr' covers the trainable parameter 'decoder"),
        ({"objective": {"kind": "next_token", "smoothing": "much"}}, "'smoothing': should be a valid number"),
    ],
)
def test_faults_of_a_stage(parts: Path, tmp_path: Path, stage: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        run(parts, tmp_path / "a", **stage)


def test_parts_cannot_be_changed_in_a_checkpoint(parts: Path, tmp_path: Path) -> None:
    run(parts, tmp_path / "a", steps=1)
    values = recipe_values(parts, steps=1)
    values["model"] = {"from": str(tmp_path / "a" / "model"), "connector": "linear"}
    with pytest.raises(ConfigError, match="connector cannot be given with 'from'"):
        tune(Recipe.from_values(values), tmp_path / "b")
    values["model"] = {"from": str(tmp_path / "a" / "model"), "vision_layer": -1}
    with pytest.raises(ConfigError, match="vision_layer cannot be given with 'from'"):
        tune(Recipe.from_values(values), tmp_path / "b")
    values["model"].pop("vision_layer")
    assert tune(Recipe.from_values(values), tmp_path / "b").stages[0].steps == 1


def test_a_broken_picture_is_told_once(parts: Path, tmp_path: Path) -> None:
    """Three passes over the data in two worker processes, and a second session that goes on: one line a sample."""
    folder = write_examples(tmp_path / "data", 30, 2)
    settings: dict[str, Any] = {"steps": None, "batch_size": 5, "max_rejected": 0.3, "workers": 2}
    tune(with_files(parts, folder, epochs=3, **settings), tmp_path / "a")
    before = (tmp_path / "a" / "rejected.jsonl").read_bytes()
    assert sorted(line["id"] for line in read_jsonl(tmp_path / "a" / "rejected.jsonl")) == ["e0", "e1"]
    (tmp_path / "a" / "stages" / "01-one" / "done.json").unlink()
    for checkpoint in (tmp_path / "a" / "stages" / "01-one" / "checkpoints").iterdir():
        shutil.rmtree(checkpoint)
    tune(with_files(parts, folder, epochs=3, **settings), tmp_path / "a")
    assert (tmp_path / "a" / "rejected.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("torch.save", RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 704 vs 598")),
        ("transformers.modeling_utils.safe_save_file", OSError(errno.ENOSPC, "No space left on device")),
        ("vistune.tuning.callbacks.append_jsonl", None),
    ],
)
def test_a_full_disk_wherever_it_strikes(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, fault: Exception | None
) -> None:
    """In the optimiser's state (whose writer does not name the reason), the final model, the log."""

    def full(path: Any = None, *args: Any, **kwargs: Any) -> None:
        if fault is not None:
            raise fault
        with writing(path):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(where, full)
        with pytest.raises(DataError, match=r"The disk is full: .*run the same command again"):
            run(parts, tmp_path / "a")
    assert not (tmp_path / "a" / "model").exists()
    assert run(parts, tmp_path / "a") == run(parts, tmp_path / "b")
    assert (tmp_path / "a" / "model" / "model.safetensors").exists()


def test_shortened_samples_are_told(parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long and a short sample in each step: the long one loses its first exchange, and the run says so."""
    said = io.StringIO()
    monkeypatch.setattr(tuning, "console", lambda: Console(file=said))
    long = [user("what is this? " * 20), assistant("a dog"), user("sure?"), assistant("yes")]
    examples = [Example("long", long), Example("short", long[2:])]
    write(examples, tmp_path / "data.json", "llava")
    values = recipe_values(parts, steps=3, batch_size=2, max_length=60)
    values["data"] = {"sets": {"mine": {"path": str(tmp_path / "data.json")}}}
    values["stages"][0]["data"] = "mine"
    stage = tune(Recipe.from_values(values), tmp_path / "a").stages[0]
    assert (stage.shortened, stage.rejected) == (3, 0)
    assert "Stage 'one': 3 samples were shortened to max_length = 60" in " ".join(said.getvalue().split())
    saved = json.loads(next((tmp_path).glob("**/model/vistune_processor.json")).read_text())
    assert saved["max_length"] != 60, "a stage's limit is not the model's"
    values["stages"][0]["max_length"] = 400
    assert tune(Recipe.from_values(values), tmp_path / "b").stages[0].shortened == 0
    assert said.getvalue().count("shortened") == 1


def test_a_data_set_that_is_skipped_whole_is_told(parts: Path, tmp_path: Path) -> None:
    folder = write_examples(tmp_path / "data", 6, 0)
    recipe = with_files(parts, folder, steps=1)
    values = recipe.values()
    (name,) = values["data"]["sets"]
    values["data"]["sets"][name]["skip"] = 6
    with pytest.raises(DataError, match=rf"'{name}' has 6 examples and the recipe skips 6.*data.sets.{name}.skip"):
        tune(Recipe.from_values(values), tmp_path / "a")
    values["data"]["sets"][name]["skip"] = 5
    assert tune(Recipe.from_values(values), tmp_path / "a").stages[0].steps == 1
