"""Putting a model together from parts: sizes are asked of the parts, the tokenizer learns the picture's placeholder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from vistune.core.errors import ModelError
from vistune.data.pixels import PixelProcessor, load_image_processor
from vistune.data.processor import Processor
from vistune.models.config import VisionLanguageConfig
from vistune.models.shipped import resolve, weights_bar
from vistune.models.vlm import VisionLanguageModel

Spec = str | Mapping[str, Any]

#: Encoders that stretch their position embeddings to pictures of any size.
_ANY_SIZE = ("dinov2", "dinov2_with_registers")


def _spec(value: Spec | None, default: str) -> dict[str, Any]:
    if value is None:
        return {"kind": default}
    return {"kind": value} if isinstance(value, str) else dict(value)


def from_parts(
    vision: str | Path | nn.Module,
    decoder: str | Path | nn.Module,
    *,
    connector: Spec | None = None,
    positions: Spec | None = None,
    attention: Spec | None = None,
    adapters: Mapping[str, Spec] | None = None,
    tokenizer: Any = None,
    image_processor: Any = None,
    image_token: str = "<image>",
    vision_layer: int = -2,
    vision_feature: str = "patch",
    cls_every: int = 1,
) -> VisionLanguageModel:
    """A model from a vision encoder and a language model: folders, shipped names or modules.

    The tokenizer and the image processor are read from the parts' folders unless given; without a tokenizer the model
    has no processor. Raises ``ModelError`` for a folder that holds no such part, or parts that do not fit.
    """
    network, language = load_part(vision, AutoModel), load_part(decoder, AutoModelForCausalLM)
    if tokenizer is None and not isinstance(decoder, nn.Module):
        tokenizer = AutoTokenizer.from_pretrained(resolve(decoder))
    if image_processor is None and not isinstance(vision, nn.Module):
        image_processor = load_image_processor(resolve(vision))
    placeholder = -1
    if tokenizer is not None:
        placeholder = _know_image_token(tokenizer, language, image_token)
    config = VisionLanguageConfig(
        vision_config=network.config,
        text_config=language.config,
        connector=_spec(connector, "mlp"),
        positions=_spec(positions, "sequential"),
        attention=_spec(attention, "causal"),
        adapters={name: _spec(spec, "") for name, spec in (adapters or {}).items()},
        vision_layer=vision_layer,
        vision_feature=vision_feature,
        cls_every=cls_every,
        image_size=_image_size(network.config, image_processor),
        image_token_id=placeholder,
    )
    model = VisionLanguageModel(config, network, language)
    if getattr(language, "generation_config", None) is not None:
        model.generation_config = language.generation_config
    if tokenizer is not None:
        model.processor = Processor(
            tokenizer,
            image_processor,
            grid=model.grid,
            image_token=image_token,
            modality_token=model.needs_modality_token,
        )
    return model


def load_part(part: str | Path | nn.Module, kind: Any) -> Any:
    """A module as it is, or read from a folder by ``AutoModel`` or ``AutoModelForCausalLM``, in float32.

    Of a checkpoint that holds two encoders (CLIP, SigLIP) the one of pictures is taken.
    """
    if isinstance(part, nn.Module):
        return part
    folder = resolve(part)
    try:
        config = AutoConfig.from_pretrained(folder)
        if kind is AutoModel and getattr(config, "vision_config", None) is not None:
            config = config.vision_config
        with weights_bar(folder):
            return kind.from_pretrained(folder, config=config, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} cannot be read as a {kind.__name__}: {str(error).splitlines()[0]}") from error


def _image_size(encoder: Any, image_processor: Any) -> list[int] | None:
    """Height and width where the processor makes pictures of another size than the encoder was made for.

    Raises ``ModelError`` where the encoder cannot take those.
    """
    if image_processor is None:
        return None
    made, size = PixelProcessor(image_processor).size, encoder.image_size
    wanted = (size, size) if isinstance(size, int) else tuple(size)
    if made is None or made == wanted:
        return None
    if encoder.model_type not in _ANY_SIZE:
        raise ModelError(
            f"The image processor makes pictures of {made[0]} x {made[1]} pixels; the vision encoder "
            f"'{encoder.model_type}' takes {wanted[0]} x {wanted[1]}. Pass its own image_processor."
        )
    return list(made)


def _know_image_token(tokenizer: Any, language: Any, image_token: str) -> int:
    """Add the placeholder to the tokenizer where it lacks it, and grow the embeddings to hold it.

    New rows are the mean of the old ones: no surprise among the logits, and the same in each run.
    """
    if image_token not in tokenizer.get_vocab():
        tokenizer.add_special_tokens({"additional_special_tokens": [image_token]}, replace_extra_special_tokens=False)
    known = language.get_input_embeddings().num_embeddings
    if len(tokenizer) > known:
        language.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        with torch.no_grad():
            for layer in (language.get_input_embeddings(), language.get_output_embeddings()):
                layer.weight[known:] = layer.weight[:known].mean(dim=0)
    return int(tokenizer.convert_tokens_to_ids(image_token))
