"""Stages with ``compile``, padded widths and recomputed activations: the same losses, and the model as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from nano import recipe_values, write_backbones
from torch import nn

from vistune.core.errors import ConfigError
from vistune.core.files import read_jsonl
from vistune.tuning.build import build_model, open_sets, stage_feed
from vistune.tuning.compiling import compiled
from vistune.tuning.feed import Member
from vistune.tuning.recipe import Recipe
from vistune.tuning.run_folder import RunFolder
from vistune.tuning.tune import Run, tune


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backbones")
    write_backbones(folder)
    return folder


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """``Module.compile`` without a C++ compiler: traced and run as it is. Collects what was compiled."""
    found: list[nn.Module] = []
    original = nn.Module.compile

    def traced(self: nn.Module, *args: Any, **options: Any) -> None:
        found.append(self)
        original(self, *args, **{**options, "backend": "aot_eager"})

    monkeypatch.setattr(nn.Module, "compile", traced)
    torch._dynamo.reset()
    return found


def run(parts: Path, out: Path, **stage: Any) -> list[float]:
    tune(Recipe.from_values(recipe_values(parts, **stage)), out)
    return [line["loss"] for line in read_jsonl(out / "stages" / "01-one" / "metrics.jsonl") if "loss" in line]


def state(model: Any) -> list[tuple[Any, Any]]:
    """Of encoder and decoder body: the attention function, and what is called instead of ``forward``."""
    found = (model.vision, model.decoder.base_model)
    return [(part.config._attn_implementation, part._compiled_call_impl) for part in found]


@pytest.mark.slow
def test_a_compiled_stage_has_the_same_losses(parts: Path, tmp_path: Path, compilations: list[nn.Module]) -> None:
    plain = run(parts, tmp_path / "plain", steps=1)
    assert compilations == []
    assert run(parts, tmp_path / "compiled", steps=1, compile=True) == pytest.approx(plain, rel=1e-4)
    assert len(compilations) == 2


def test_inside_compiled_and_outside_as_before(parts: Path, compilations: list[nn.Module]) -> None:
    model = build_model(Recipe.from_values(recipe_values(parts)))[0]
    before = state(model)
    assert all(attention != "eager" and call is None for attention, call in before)
    with compiled(model, wanted=False):
        assert state(model) == before
    with compiled(model, wanted=True):
        assert all(attention == "eager" and call is not None for attention, call in state(model))
    assert state(model) == before
    with pytest.raises(KeyError), compiled(model, wanted=True):
        raise KeyError
    assert state(model) == before


def test_training_that_fails_leaves_nothing_compiled(
    parts: Path, tmp_path: Path, compilations: list[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vistune.tuning import build
    from vistune.tuning.trainer import StageTrainer

    models, original = [], build.build_model

    def kept(recipe: Recipe) -> Any:
        models.append(original(recipe))
        return models[0]

    def fails(self: StageTrainer, *args: Any, **kwargs: Any) -> None:
        raise KeyError

    monkeypatch.setattr(build, "build_model", kept)
    monkeypatch.setattr(StageTrainer, "training_step", fails)
    with pytest.raises(KeyError):
        run(parts, tmp_path / "a", compile=True)
    assert len(compilations) == 2
    assert all(attention != "eager" and call is None for attention, call in state(models[0][0]))


def test_adapters_are_not_compiled(parts: Path, tmp_path: Path, compilations: list[nn.Module]) -> None:
    values = recipe_values(parts, train=["adapters.*"], compile=True)
    values["model"]["adapters"] = {"low": {"kind": "lora", "rank": 2}}
    with pytest.raises(ConfigError, match=r"the model has adapters \(low\), .* Set compile: false in this stage"):
        tune(Recipe.from_values(values), tmp_path / "a")
    assert compilations == []


def widths(parts: Path, folder: Path, **stage: Any) -> list[int]:
    recipe = Recipe.from_values(recipe_values(parts, **stage))
    run = Run(recipe, RunFolder(folder), Member(), open_sets(recipe), *build_model(recipe))
    feed = stage_feed(run, recipe.stages[0], 6)
    return [feed[k]["input_ids"].shape[1] for k in range(len(feed))]


@pytest.mark.parametrize("packing", [False, {"length": 90}])
def test_padded_rows(parts: Path, tmp_path: Path, packing: Any) -> None:
    free = widths(parts, tmp_path, packing=packing)
    assert any(width % 24 for width in free)
    assert widths(parts, tmp_path, packing=packing, pad_to_multiple_of=24) == [-(-width // 24) * 24 for width in free]
    plain = run(parts, tmp_path / "plain", packing=packing)
    assert run(parts, tmp_path / "padded", packing=packing, pad_to_multiple_of=24) == pytest.approx(plain, rel=1e-6)


@pytest.fixture
def mlp_calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with each run of a decoder layer's MLP."""
    from transformers.models.llama.modeling_llama import LlamaMLP

    calls: list[int] = []
    original = LlamaMLP.forward

    def counted(self: Any, hidden: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return original(self, hidden)

    monkeypatch.setattr(LlamaMLP, "forward", counted)
    return calls


ADAPTERS: list[dict[str, Any]] = [
    {},
    {"low": {"kind": "lora", "rank": 2}},
    {"mix": {"kind": "mixture_of_modality"}},
    {"neck": {"kind": "bottleneck"}},
]


@pytest.mark.parametrize("adapters", ADAPTERS, ids=lambda given: "".join(given) or "plain")
def test_recomputed_activations_change_no_loss(
    parts: Path, tmp_path: Path, adapters: dict[str, Any], mlp_calls: list[int]
) -> None:
    """Each layer runs again in the backward pass, and adapters that route on the batch see the same batch there."""
    found, calls = [], []
    for again in (False, True):
        values = recipe_values(parts, train=["adapters.*"] if adapters else ["*"], gradient_checkpointing=again)
        values["model"]["adapters"] = adapters
        place = tmp_path / str(again)
        before = len(mlp_calls)
        tune(Recipe.from_values(values), place)
        calls.append(len(mlp_calls) - before)
        found.append([line["loss"] for line in read_jsonl(place / "stages" / "01-one" / "metrics.jsonl")])
    assert found[1] == pytest.approx(found[0], rel=1e-6)
    assert calls[1] == 2 * calls[0] > 0


def test_the_next_stage_recomputes_nothing_unless_asked(parts: Path, tmp_path: Path, mlp_calls: list[int]) -> None:
    values = recipe_values(parts, steps=2)
    first = values["stages"][0]
    values["stages"] = [{**first, "gradient_checkpointing": True}, {**first, "name": "two"}]
    tune(Recipe.from_values(values), tmp_path)
    assert len(mlp_calls) == 2 * 2 * (2 + 1)  # two steps, two layers, twice in the first stage and once in the second
