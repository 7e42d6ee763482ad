"""LLaVA checkpoints of transformers, in and out, with equal logits: modules are taken over, not copied key by key."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor

from vistune.core.errors import ModelError
from vistune.core.files import writing
from vistune.data.pixels import load_image_processor
from vistune.data.processor import Processor
from vistune.models.config import VisionLanguageConfig
from vistune.models.connectors.projectors import MLPConnector
from vistune.models.files import read_weights
from vistune.models.vision import leading_tokens
from vistune.models.vlm import VisionLanguageModel


def load_llava(folder: Path, **options: Any) -> VisionLanguageModel:
    """A ``LlavaForConditionalGeneration`` folder as a ``VisionLanguageModel``. Raises ``ModelError``."""
    whole = read_weights(LlavaForConditionalGeneration, folder, **options)
    model = from_llava(whole)
    if (folder / "tokenizer_config.json").is_file():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        token = tokenizer.convert_ids_to_tokens(whole.config.image_token_id)
        model.processor = Processor(tokenizer, load_image_processor(folder), grid=model.grid, image_token=token)
    return model


def from_llava(whole: LlavaForConditionalGeneration) -> VisionLanguageModel:
    """Take over the modules of a LLaVA model (they are shared, not copied). Raises ``ModelError``."""
    config: Any = whole.config
    inner: Any = whole.model
    if not isinstance(config.vision_feature_layer, int):
        raise ModelError(
            "This LLaVA checkpoint joins several layers of its vision encoder, which 'mlp' connectors do not; load it "
            "with AutoModelForImageTextToText."
        )
    text = inner.language_model.config
    if getattr(text, "final_logit_softcapping", None):
        text.final_logit_softcapping = None  # LLaVA's own head leaves it out
    with torch.device("meta"):
        decoder: Any = AutoModelForCausalLM.from_config(text)
    decoder.config = text
    setattr(decoder, decoder.base_model_prefix, inner.language_model)
    decoder.set_output_embeddings(whole.lm_head)
    ours = VisionLanguageConfig(
        vision_config=config.vision_config,
        text_config=text,
        connector={
            "kind": "mlp",
            "depth": 2,
            "activation": config.projector_hidden_act,
            "bias": config.multimodal_projector_bias,
        },
        vision_layer=config.vision_feature_layer,
        vision_feature=_feature(config),
        image_token_id=config.image_token_id,
        tie_word_embeddings=config.tie_word_embeddings,
    )
    model = VisionLanguageModel(ours, inner.vision_tower, decoder)
    projector = inner.multi_modal_projector
    model.connector.layers[0], model.connector.layers[2] = projector.linear_1, projector.linear_2  # type: ignore[index]
    model.generation_config = whole.generation_config
    return model.eval()


def _feature(config: Any) -> str:
    """``full`` where LLaVA takes all tokens of the encoder, ``patch`` where it leaves out the first.

    Raises ``ModelError`` where it would leave out a patch, or leave in a register.
    """
    probe = VisionLanguageConfig(vision_config=config.vision_config, text_config=config.text_config)
    leading = leading_tokens(probe)
    if config.vision_feature_select_strategy == "full":
        return "full"
    if leading != 1:
        raise ModelError(
            f"vision_feature_select_strategy 'default' leaves out the first token, but the encoder "
            f"'{config.vision_config.model_type}' has {leading} tokens before its patches. Set it to 'full'."
        )
    return "patch"


def export_llava(model: VisionLanguageModel, folder: Path, modality: str | None = None) -> None:
    """Write ``model`` as a LLaVA checkpoint. Raises ``ModelError`` for what LLaVA has no place for.

    Adapters are merged in a copy; the model itself stays as it is.
    """
    _check(model)
    if len(model.adapters):
        model = copy.deepcopy(model)
        model.merge_adapters(modality or ("image" if model.needs_modality_token else None))
    whole = to_llava(model)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        whole.save_pretrained(folder)
        if model.processor is not None:
            llava_processor(model).save_pretrained(folder)


def to_llava(model: VisionLanguageModel) -> LlavaForConditionalGeneration:
    """A LLaVA model that shares the modules of ``model``, which has no adapters."""
    config = model.config
    connector: Any = model.connector
    rows, cols = model.grid
    llava = LlavaConfig(
        vision_config=config.vision_config,
        text_config=config.text_config,
        image_token_index=config.image_token_id,
        image_seq_length=rows * cols,
        projector_hidden_act=connector.activation,
        vision_feature_select_strategy=_strategy(model),
        vision_feature_layer=config.vision_layer,
        multimodal_projector_bias=connector.layers[0].bias is not None,
        tie_word_embeddings=bool(getattr(config.text_config, "tie_word_embeddings", False)),
    )
    with torch.device("meta"):
        whole = LlavaForConditionalGeneration(llava)
    inner: Any = whole.model
    inner.vision_tower = model.vision
    inner.language_model = model.decoder.base_model
    inner.multi_modal_projector.linear_1, inner.multi_modal_projector.linear_2 = (
        connector.layers[0],
        connector.layers[2],
    )
    whole.lm_head = model.decoder.get_output_embeddings()
    if model.generation_config is not None:
        whole.generation_config = model.generation_config
    return whole.eval()


def _strategy(model: VisionLanguageModel) -> Literal["default", "full"]:
    """LLaVA's word for what is taken: an encoder without a class token gives patches only, so all of it is taken."""
    return "default" if model.config.vision_feature == "patch" and leading_tokens(model.config) else "full"


def _check(model: VisionLanguageModel) -> None:
    config, connector = model.config, model.connector
    reasons = []
    if not isinstance(connector, MLPConnector) or connector.depth != 2:
        reasons.append(f"the connector is '{config.connector['kind']}' (LLaVA has 'mlp' of depth 2)")
    elif connector.layers[0].out_features != config.text_config.hidden_size:
        reasons.append("the connector's hidden width is not the decoder's")
    if config.positions["kind"] != "sequential":
        reasons.append(f"positions are '{config.positions['kind']}'")
    if config.attention["kind"] != "causal":
        reasons.append(f"attention is '{config.attention['kind']}'")
    if config.vision_feature == "cls_per_layer":
        reasons.append("the encoder's class tokens are used layer by layer")
    if config.vision_feature == "patch" and leading_tokens(config) > 1:
        reasons.append(f"the encoder '{config.vision_config.model_type}' has several tokens before its patches")
    if getattr(model.decoder.config, "final_logit_softcapping", None):
        reasons.append(f"LLaVA leaves out the soft cap on the logits of '{config.text_config.model_type}'")
    head: Any = model.decoder.get_output_embeddings()
    if not isinstance(head, nn.Linear) or head.bias is not None:
        reasons.append(f"the head of '{config.text_config.model_type}' is no plain linear")
    if reasons:
        raise ModelError(f"hf-llava cannot express this model: {'; '.join(reasons)}.")


def llava_processor(model: VisionLanguageModel) -> LlavaProcessor:
    """The transformers processor that makes the same prompts and pixel values."""
    ours, config = model.processor, model.config
    patch = config.vision_config.patch_size
    return LlavaProcessor(
        image_processor=ours.image_processor,
        tokenizer=ours.tokenizer,
        patch_size=patch if isinstance(patch, int) else patch[0],
        vision_feature_select_strategy=_strategy(model),
        chat_template=ours.tokenizer.chat_template,
        image_token=ours.image_token,
        num_additional_image_tokens=leading_tokens(config),
    )
