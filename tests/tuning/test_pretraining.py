"""Backbones from scratch: tiny ones, by the code that made the shipped ones."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, TrainingArguments

from vistune.tuning.pretraining.encoder import EncoderRecipe, train_encoder
from vistune.tuning.pretraining.language import LanguageRecipe, TextBlocks, perplexity, train_language_model

LANGUAGE = {
    "vocabulary": 320, "tokenizer_documents": 60, "width": 32, "layers": 1, "heads": 2, "mlp": 48, "context": 128,
    "block": 48, "batch_size": 8, "steps": 8, "lr": 1e-2, "workers": 0,
}  # fmt: skip
VISION = {"width": 32, "layers": 1, "heads": 2, "image_size": 32, "patch": 8, "batch_size": 8, "steps": 3, "workers": 0}


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_language_model_is_a_plain_checkpoint_that_has_learnt(tmp_path: Path, precision: str) -> None:
    recipe = LanguageRecipe.from_values({**LANGUAGE, "precision": precision})
    measures = train_language_model(recipe, tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert model.config.model_type == "llama" and model.dtype == torch.float32
    text = "a cat, naïve 猫 🙂 \t and\nmore"
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text
    assert measures["perplexity"] < 0.7 * len(tokenizer), "an untrained model's is about the size of the vocabulary"
    assert measures["perplexity"] == pytest.approx(
        perplexity(model, TextBlocks(tokenizer, 128, recipe.block, split="test")), rel=1e-4
    )
    assert json.loads((tmp_path / "training.json").read_text())["recipe"]["precision"] == precision


def test_encoder_is_a_plain_checkpoint_with_measures(tmp_path: Path) -> None:
    measures = train_encoder(EncoderRecipe.from_values(VISION), tmp_path)
    model = AutoModel.from_pretrained(tmp_path)
    assert model.config.model_type == "clip_vision_model"
    assert model(pixel_values=torch.zeros(1, 3, 32, 32)).last_hidden_state.shape == (1, 17, 32)
    assert all(0.0 <= measures[name] <= 1.0 for name in ("kind", "colour", "size", "setting"))


@pytest.mark.parametrize(("precision", "half"), [("fp32", False), ("bf16", True)])
@pytest.mark.parametrize("compiled", [False, True])
def test_precision_and_compile_reach_the_trainer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str, half: bool, compiled: bool
) -> None:
    asked: list[dict[str, Any]] = []

    def told(**given: Any) -> TrainingArguments:
        asked.append(given)
        return TrainingArguments(**{**given, "torch_compile": False})  # compiling takes half a minute

    monkeypatch.setattr(sys.modules["transformers"], "TrainingArguments", told)
    values = {**LANGUAGE, "steps": 1, "precision": precision, "compile": compiled}
    measures = train_language_model(LanguageRecipe.from_values(values), tmp_path)
    assert math.isfinite(measures["perplexity"])
    assert [(given["bf16"], given["torch_compile"]) for given in asked] == [(half, compiled)]
