"""LLaVA checkpoints of transformers, in and out, with equal logits: modules are taken over, not copied key by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor

from vistune.core.errors import ModelError
from vistune.data.pixels import load_image_processor
from vistune.data.processor import Processor
from vistune.models.config import VisionLanguageConfig
from vistune.models.connectors.projectors import MLPConnector
from vistune.models.vlm import VisionLanguageModel


def load_llava(folder: Path, **options: Any) -> VisionLanguageModel:
    """A ``LlavaForConditionalGeneration`` folder as a ``VisionLanguageModel``. Raises ``ModelError``."""
    options = {"dtype": torch.float32, **options}
    try:
        whole = LlavaForConditionalGeneration.from_pretrained(folder, **options)
    except OSError as error:
        raise ModelError(f"{folder} cannot be read: {str(error).splitlines()[0]}") from error
    model = from_llava(whole)
    model.config._name_or_path = str(folder)
    if (folder / "tokenizer.json").is_file():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        token = tokenizer.convert_ids_to_tokens(whole.config.image_token_id)
        model.processor = Processor(tokenizer, load_image_processor(folder), grid=model.grid, image_token=token)
    return model.eval()


def from_llava(whole: LlavaForConditionalGeneration) -> VisionLanguageModel:
    """Take over the modules of a LLaVA model (they are shared, not copied)."""
    config: Any = whole.config
    if not isinstance(config.vision_feature_layer, int):
        raise ModelError(
            "LLaVA checkpoints that join several vision layers are not supported; use 'load_model' instead."
        )
    depth = {"kind": "mlp", "depth": 2, "activation": config.projector_hidden_act}
    inner: Any = whole.model
    with torch.device("meta"):
        decoder: Any = AutoModelForCausalLM.from_config(config.text_config)
    decoder.model, decoder.lm_head = inner.language_model, whole.lm_head
    decoder.generation_config = whole.generation_config
    ours = VisionLanguageConfig(
        vision_config=config.vision_config,
        text_config=config.text_config,
        connector=depth,
        vision_layer=config.vision_feature_layer,
        vision_feature="patch" if config.vision_feature_select_strategy == "default" else "full",
        image_token_id=config.image_token_id,
    )
    model = VisionLanguageModel(ours, inner.vision_tower, decoder)
    model.connector = model.connector.to(whole.dtype)
    projector = inner.multi_modal_projector
    model.connector.layers[0], model.connector.layers[2] = projector.linear_1, projector.linear_2  # type: ignore[index]
    model.generation_config = whole.generation_config
    return model


def export_llava(model: VisionLanguageModel, folder: Path) -> None:
    """Write ``model`` as a LLaVA checkpoint, adapters merged. Raises ``ModelError`` for what LLaVA has no place for."""
    config = model.config
    _check(model)
    if len(model.adapters):
        model.merge_adapters("image")
    connector: Any = model.connector
    rows, cols = model.grid
    llava = LlavaConfig(
        vision_config=config.vision_config,
        text_config=config.text_config,
        image_token_index=config.image_token_id,
        image_seq_length=rows * cols,
        projector_hidden_act=connector.activation,
        vision_feature_select_strategy="default" if config.vision_feature == "patch" else "full",
        vision_feature_layer=config.vision_layer,
        multimodal_projector_bias=connector.layers[0].bias is not None,
        tie_word_embeddings=bool(config.text_config.tie_word_embeddings),
    )
    with torch.device("meta"):
        whole = LlavaForConditionalGeneration(llava)
    inner: Any = whole.model
    inner.vision_tower, inner.language_model, whole.lm_head = model.vision, model.decoder.model, model.decoder.lm_head
    inner.multi_modal_projector.linear_1, inner.multi_modal_projector.linear_2 = (
        connector.layers[0],
        connector.layers[2],
    )
    if model.generation_config is not None:
        whole.generation_config = model.generation_config
    folder.mkdir(parents=True, exist_ok=True)
    whole.save_pretrained(folder)
    if model.processor is not None:
        _processor(model, rows * cols).save_pretrained(folder)


def _check(model: VisionLanguageModel) -> None:
    config = model.config
    reasons = []
    if not isinstance(model.connector, MLPConnector) or model.connector.depth != 2:
        reasons.append(f"the connector is '{config.connector['kind']}' (LLaVA has an MLP of depth 2)")
    if config.positions["kind"] != "sequential":
        reasons.append(f"positions are '{config.positions['kind']}'")
    if config.attention["kind"] != "causal":
        reasons.append(f"attention is '{config.attention['kind']}'")
    if config.vision_feature == "cls_per_layer":
        reasons.append("the encoder's class tokens are used layer by layer")
    if not isinstance(getattr(model.decoder, "model", None), nn.Module):
        reasons.append(f"the decoder '{config.text_config.model_type}' has another layout")
    if reasons:
        raise ModelError(f"hf-llava cannot say this model: {'; '.join(reasons)}.")


def _processor(model: VisionLanguageModel, tokens: int) -> Any:
    """The transformers processor that makes the same prompts."""
    ours, config = model.processor, model.config
    patch = config.vision_config.patch_size
    extra = model.vision.config.model_type in ("clip_vision_model", "dinov2")
    return LlavaProcessor(
        image_processor=ours.image_processor,
        tokenizer=ours.tokenizer,
        patch_size=patch,
        vision_feature_select_strategy="default" if config.vision_feature == "patch" else "full",
        chat_template=ours.tokenizer.chat_template,
        image_token=ours.image_token,
        num_additional_image_tokens=1 if extra else 0,
    )
