"""Saved and loaded is the same, whole or as trained parts beside a base; wrong folders are told in one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as t
from safetensors.torch import load_file, save_file

from models.batches import batch_of
from models.small import SAMPLES, SCHEMES, schemed, small
from models.speaking import image_processor, tokenizer
from models.tiny import DECODERS, tiny
from vistune.core.errors import ConfigError, ModelError
from vistune.models import shipped
from vistune.models.loading import load_model
from vistune.models.vlm import VisionLanguageModel


def logits(model: Any, modality: bool = False) -> torch.Tensor:
    rows = [[["m", *s] if modality else s] for s in SAMPLES]
    with torch.no_grad():
        return model.eval()(**batch_of(rows).tensors()).logits


def speaking(**options: Any) -> Any:
    torch.manual_seed(0)
    return VisionLanguageModel.from_parts(
        tiny("clip", attention="sdpa"),
        tiny("llama", attention="sdpa"),
        tokenizer=tokenizer(),
        image_processor=image_processor(),
        connector="pixel_shuffle_mlp",
        **options,
    ).eval()


@pytest.mark.parametrize("decoder", list(DECODERS))
def test_saved_and_loaded_is_the_same(decoder: str, tmp_path: Path):
    model = small(decoder, "eager")
    model.save_pretrained(tmp_path)
    loaded = VisionLanguageModel.from_pretrained(tmp_path, attn_implementation="eager")
    assert torch.equal(logits(loaded), logits(model))
    assert {n: v.dtype for n, v in loaded.state_dict().items()} == {n: v.dtype for n, v in model.state_dict().items()}


@pytest.mark.parametrize(("positions", "attention"), SCHEMES)
def test_schemes_are_saved(positions: str, attention: str, tmp_path: Path):
    model = schemed(positions, attention)
    model.save_pretrained(tmp_path)
    assert torch.equal(logits(VisionLanguageModel.from_pretrained(tmp_path)), logits(model))


@pytest.mark.parametrize("encoder", ["siglip", "dinov2"])
def test_encoders_and_reading_options_are_saved(encoder: str, tmp_path: Path):
    model = small(encoder=encoder, vision_layer=-1, positions={"kind": "variable_increment", "deltas": [0.5, 0.25]})
    model.save_pretrained(tmp_path)
    assert torch.equal(logits(VisionLanguageModel.from_pretrained(tmp_path)), logits(model))


def adapted() -> Any:
    adapters = {
        "words": {"kind": "mixture_of_modality", "temperature": 0.5},
        "low": {"kind": "lora", "rank": 2},
        "pictures": {"kind": "bottleneck", "part": "vision"},
    }
    model = speaking(adapters=adapters)
    with torch.no_grad():
        for parameter in model.adapters.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model


def test_adapters_and_processor_are_saved(tmp_path: Path):
    model = adapted()
    model.save_pretrained(tmp_path)
    loaded = VisionLanguageModel.from_pretrained(tmp_path)
    assert torch.equal(logits(loaded, modality=True), logits(model, modality=True))
    assert list(loaded.adapters) == list(model.adapters), "hooks run in the order in which adapters were added"
    assert loaded.processor.modality_token
    assert loaded.processor.grid == model.processor.grid
    assert loaded.tokenizer.chat_template == model.tokenizer.chat_template
    assert loaded.tokenizer.get_vocab() == model.tokenizer.get_vocab()


@pytest.mark.parametrize("loaded", [False, True])
def test_a_merged_model_is_saved_with_its_new_biases(loaded: bool, tmp_path: Path):
    model = speaking(adapters={"words": {"kind": "mixture_of_modality", "router": "frozen"}})
    with torch.no_grad():
        for parameter in model.adapters.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    if loaded:
        model.save_pretrained(tmp_path / "before")
        model = VisionLanguageModel.from_pretrained(tmp_path / "before")
    unmerged = logits(model)
    model.merge_adapters()
    assert torch.allclose(logits(model), unmerged, atol=1e-4)
    model.save_pretrained(tmp_path)
    assert torch.equal(logits(VisionLanguageModel.from_pretrained(tmp_path)), logits(model))


def test_the_auto_classes_of_transformers_read_our_folders(tmp_path: Path):
    model = speaking()
    model.save_pretrained(tmp_path)
    loaded = t.AutoModelForImageTextToText.from_pretrained(tmp_path)
    assert isinstance(loaded, VisionLanguageModel)
    assert torch.equal(logits(loaded), logits(model))


# -- trained parts beside a base ---------------------------------------------------------------------------------------


@pytest.fixture
def base(tmp_path: Path) -> Path:
    speaking().save_pretrained(tmp_path / "base")
    return tmp_path / "base"


def test_trained_parts_alone_are_small_and_load_over_their_base(base: Path, tmp_path: Path):
    model = VisionLanguageModel.from_pretrained(base)
    with torch.no_grad():
        for parameter in model.connector.parameters():  # an earlier stage trained it; now it is frozen
            parameter.add_(0.1)
    model.requires_grad_(False)
    model.add_adapter("words", {"kind": "mixture_of_modality"})
    with torch.no_grad():
        for parameter in model.adapters.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    small_folder, whole = tmp_path / "small", tmp_path / "whole"
    model.save_pretrained(small_folder, only_trainable=True)
    model.save_pretrained(whole)
    loaded = VisionLanguageModel.from_pretrained(small_folder)
    assert torch.equal(logits(loaded, modality=True), logits(model, modality=True))
    assert loaded.processor.modality_token
    files = small_folder / "trained.safetensors", whole / "model.safetensors"
    weights = [file.stat().st_size for file in files]
    assert weights[0] < weights[1] / 2
    assert isinstance(load_model(small_folder, device="cpu"), VisionLanguageModel)


def test_trained_parts_without_their_base_say_which_it_was(base: Path, tmp_path: Path):
    model = VisionLanguageModel.from_pretrained(base)
    model.add_adapter("low", {"kind": "lora", "rank": 2})
    model.save_pretrained(tmp_path / "small", only_trainable=True)
    shutil.rmtree(base)
    with pytest.raises(ModelError, match=r"trained parts only.*base"):
        VisionLanguageModel.from_pretrained(tmp_path / "small")


def test_trained_parts_need_a_base_and_a_difference(base: Path, tmp_path: Path):
    with pytest.raises(ModelError, match="no base"):
        speaking().save_pretrained(tmp_path / "x", only_trainable=True)
    model = VisionLanguageModel.from_pretrained(base)
    with pytest.raises(ModelError, match="equals its base"):
        model.save_pretrained(tmp_path / "x", only_trainable=True)
    model.add_adapter("low", {"kind": "lora", "rank": 2})
    model.merge_adapters()
    with pytest.raises(ModelError, match="merged"):
        model.save_pretrained(tmp_path / "x", only_trainable=True)


# -- wrong folders -----------------------------------------------------------------------------------------------------


def test_a_missing_folder_names_the_nearest_shipped_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "nano-vlm").mkdir()
    (tmp_path / "nano-vlm" / "config.json").write_text("{}")
    monkeypatch.setattr(shipped, "BACKBONES", tmp_path)
    with pytest.raises(ModelError, match="Did you mean 'nano-vlm'"):
        load_model("nano-vml")


def test_a_shipped_name_is_a_model(base: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shipped, "BACKBONES", base.parent)
    model = VisionLanguageModel.from_pretrained("base")
    model.add_adapter("low", {"kind": "lora", "rank": 2})
    with torch.no_grad():
        model.adapters["low"].weights[next(iter(model.adapters["low"].weights))]["B"].weight.add_(0.1)
    model.save_pretrained(base.parent / "small", only_trainable=True)
    told = json.loads((base.parent / "small" / "base.json").read_text())
    assert told["base"] == "base", "a shipped base is named, so that the folder works on another machine"
    assert torch.equal(logits(VisionLanguageModel.from_pretrained(base.parent / "small")), logits(model))


@pytest.mark.parametrize(
    ("content", "told"), [(None, "no config.json"), ("{", "not valid JSON"), ('{"model_type": "bert"}', "'bert'")]
)
def test_a_folder_that_is_no_checkpoint(content: str | None, told: str, tmp_path: Path):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match=told):
        VisionLanguageModel.from_pretrained(tmp_path)


def test_weights_that_do_not_fit_are_named(base: Path):
    config = json.loads((base / "config.json").read_text())
    config["connector"] = {"kind": "pixel_shuffle_mlp", "hidden": 7}
    (base / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"'connector\.layers\.0\.\w+' has the shape .*32.*but .*7"):
        VisionLanguageModel.from_pretrained(base)
    config["connector"] = {"kind": "pixel_shuffle_mlp", "depth": 3}
    (base / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"lacks 2 weights of the model, the first is 'connector\.layers\.4"):
        VisionLanguageModel.from_pretrained(base)
    config["connector"] = {"kind": "pixel_shuffle_mlp", "depth": 1}
    (base / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"has 2 weights that the model does not have, the first is 'connector"):
        VisionLanguageModel.from_pretrained(base)


def test_a_torn_weight_file_is_told(base: Path):
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be read"):
        VisionLanguageModel.from_pretrained(base)


@pytest.fixture
def parts_alone(base: Path, tmp_path: Path) -> Path:
    """Trained parts alone: a LoRA over ``base``."""
    model = VisionLanguageModel.from_pretrained(base)
    model.add_adapter("low", {"kind": "lora", "rank": 2})
    model.save_pretrained(tmp_path / "small", only_trainable=True)
    return tmp_path / "small"


def test_an_adapter_that_does_not_fit(parts_alone: Path):
    weights = load_file(parts_alone / "trained.safetensors")
    name = next(iter(sorted(weights)))
    save_file({**weights, name: torch.zeros(3, 5)}, parts_alone / "trained.safetensors")
    with pytest.raises(ModelError, match=r"trained\.safetensors: '.*' is \(3, 5\), the model's is \("):
        VisionLanguageModel.from_pretrained(parts_alone)
    save_file({**weights, "adapters.low.other": torch.zeros(1)}, parts_alone / "trained.safetensors")
    with pytest.raises(ModelError, match=r"holds 'adapters\.low\.other', which the model does not have"):
        VisionLanguageModel.from_pretrained(parts_alone)


def test_an_adapter_with_a_missing_weight_is_not_left_at_random(parts_alone: Path):
    weights = load_file(parts_alone / "trained.safetensors")
    name = sorted(weights)[0]
    weights.pop(name)
    save_file(weights, parts_alone / "trained.safetensors")
    with pytest.raises(ModelError, match=f"lacks 1 weight of its adapters, the first is '{name}'"):
        VisionLanguageModel.from_pretrained(parts_alone)


def test_a_torn_file_of_trained_parts_is_told(parts_alone: Path):
    file = parts_alone / "trained.safetensors"
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(ModelError, match=r"trained\.safetensors cannot be read"):
        VisionLanguageModel.from_pretrained(parts_alone)


# -- putting together --------------------------------------------------------------------------------------------------


def part_folders(folder: Path, image_token: bool, vision: Any = None) -> tuple[Path, Path]:
    words = tokenizer(image_token)
    language = tiny("llama")
    language.resize_token_embeddings(len(words))
    language.save_pretrained(folder / "language")
    words.save_pretrained(folder / "language")
    (vision or tiny("clip")).save_pretrained(folder / "vision")
    image_processor().save_pretrained(folder / "vision")
    return folder / "vision", folder / "language"


def test_parts_are_read_from_folders_and_the_placeholder_is_made_known(tmp_path: Path):
    vision, language = part_folders(tmp_path, image_token=False)
    model = VisionLanguageModel.from_parts(vision, language)
    size = model.get_input_embeddings().num_embeddings
    assert size == len(model.tokenizer) == tiny_vocabulary() + 1
    assert model.config.image_token_id == model.tokenizer.convert_tokens_to_ids("<image>") == size - 1
    for layer in (model.get_input_embeddings(), model.get_output_embeddings()):
        assert torch.allclose(layer.weight[-1], layer.weight[:-1].mean(0), atol=1e-6)
    model.save_pretrained(tmp_path / "whole")
    again = VisionLanguageModel.from_pretrained(tmp_path / "whole")
    assert again.get_input_embeddings().num_embeddings == size
    assert again.tokenizer.convert_tokens_to_ids("<image>") == size - 1


def tiny_vocabulary() -> int:
    return len(tokenizer(image_token=False))


def test_of_a_checkpoint_with_two_encoders_that_of_pictures_is_taken(tmp_path: Path):
    torch.manual_seed(0)
    config = tiny("clip").config
    text = {
        "vocab_size": 50,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    both = t.CLIPModel(t.CLIPConfig(vision_config=config.to_dict(), text_config=text, projection_dim=8))
    vision, language = part_folders(tmp_path, True, both)
    model = VisionLanguageModel.from_parts(vision, language)
    assert type(model.vision).__name__ == "CLIPVisionModel"
    pictures = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        wanted = both.eval().vision_model(pixel_values=pictures).last_hidden_state
        assert torch.allclose(model.eval().vision(pixel_values=pictures).last_hidden_state, wanted, atol=1e-6)


def test_an_image_processor_of_another_size():
    words = tokenizer()
    with pytest.raises(ModelError, match=r"makes pictures of 24 x 24 pixels; .*takes 16 x 16"):
        VisionLanguageModel.from_parts(
            tiny("clip"), tiny("llama"), tokenizer=words, image_processor=image_processor(24)
        )
    model = VisionLanguageModel.from_parts(
        tiny("dinov2"), tiny("llama"), tokenizer=words, image_processor=image_processor(24)
    )
    assert model.grid == (6, 6)
    assert model.visual_tokens(torch.zeros(1, 3, 24, 24)).shape == (1, 36, 32)


def test_a_folder_that_is_no_such_part(tmp_path: Path):
    vision, _ = part_folders(tmp_path, True)
    with pytest.raises(ModelError, match="cannot be read as"):
        VisionLanguageModel.from_parts(vision, vision, tokenizer=tokenizer())


def test_a_wrong_part_names_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'concentric'"):
        small(positions="concentrik")
    with pytest.raises(ConfigError, match="Did you mean 'mlp'"):
        small(connector="mpl")
    with pytest.raises(ModelError, match="already"):
        model = small(adapters={"a": "lora"})
        model.add_adapter("a", "lora")


def test_small_models_load_without_a_bar(capfd: pytest.CaptureFixture[str]):
    from transformers.utils import logging

    load_model("nano-vlm")
    assert "Loading" not in capfd.readouterr().err
    assert logging.is_progress_bar_enabled()  # as it was before
