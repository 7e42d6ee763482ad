"""What the connector gets from a vision encoder."""

from __future__ import annotations

import re

import torch
from torch import Tensor, nn

from vistune.core.errors import ModelError
from vistune.models.config import VISION_FEATURES, VisionLanguageConfig

_LAYER = re.compile(r"(?:^|\.)layers?\.(\d+)\.")
_AFTER_LAYERS = re.compile(r"(?:^|\.)(?:post_layernorm|layernorm|head|pooler)\.")


def _pair(value: int | list[int] | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def patch_size(config: VisionLanguageConfig) -> tuple[int, int]:
    """Height and width of a patch in pixels. Raises ``ModelError`` for an encoder without patches."""
    patch = getattr(config.vision_config, "patch_size", None)
    if patch is None:
        raise ModelError(f"The vision encoder '{config.vision_config.model_type}' has no patch_size.")
    return _pair(patch)


def picture_size(config: VisionLanguageConfig) -> tuple[int, int]:
    """Height and width of a picture in pixels. Raises ``ModelError`` for an encoder that does not say its size."""
    size = config.image_size if config.image_size is not None else getattr(config.vision_config, "image_size", None)
    if size is None:
        raise ModelError(f"The vision encoder '{config.vision_config.model_type}' has no image_size.")
    return _pair(size)


def patch_grid(config: VisionLanguageConfig) -> tuple[int, int]:
    """Rows and columns of patches of a picture. Raises ``ModelError``."""
    (height, width), (high, wide) = picture_size(config), patch_size(config)
    return height // high, width // wide


def used_layers(config: VisionLanguageConfig) -> int:
    """How many of the encoder's layers, from the first, reach the features."""
    depth = int(config.vision_config.num_hidden_layers)
    if config.vision_feature == "cls_per_layer":
        return depth // config.cls_every * config.cls_every
    return config.vision_layer if config.vision_layer >= 0 else depth + 1 + config.vision_layer


def leading_tokens(config: VisionLanguageConfig) -> int:
    """Tokens that stand before the patches: class token, registers."""
    vision = config.vision_config
    classes = {"clip_vision_model": 1, "dinov2": 1, "dinov2_with_registers": 1, "vit": 1, "deit": 2}
    return classes.get(vision.model_type, 0) + int(getattr(vision, "num_register_tokens", 0) or 0)


def feature_grid(config: VisionLanguageConfig) -> tuple[int, int]:
    """Grid of what ``vision_features`` gives; a single row where it is no grid. Raises ``ModelError``."""
    if config.vision_feature not in VISION_FEATURES:
        raise ModelError(f"vision_feature '{config.vision_feature}' is not one of {', '.join(VISION_FEATURES)}.")
    rows, cols = patch_grid(config)
    leading = leading_tokens(config)
    if config.vision_feature == "cls_per_layer":
        if not leading:
            raise ModelError(
                f"vision_feature 'cls_per_layer' needs a class token; the encoder '{config.vision_config.model_type}' "
                "has none."
            )
        return 1, config.vision_config.num_hidden_layers // config.cls_every
    return (1, rows * cols + leading) if config.vision_feature == "full" and leading else (rows, cols)


def vision_features(vision: nn.Module, config: VisionLanguageConfig, pixel_values: Tensor) -> Tensor:
    """``pixel_values [N, 3, H, W]`` -> features ``[N, V', D']`` of the configured layer and tokens.

    ``patch``: the patches; ``full``: all tokens; ``cls_per_layer`` (LaVIN): the class token after every
    ``cls_every``-th layer, no final norm. Raises ``ModelError`` for pictures of another size, or where the encoder gives
    another number of tokens.
    """
    given, wanted = tuple(pixel_values.shape[-2:]), picture_size(config)
    if given != wanted:
        raise ModelError(
            f"The vision encoder takes pictures of {wanted[0]} x {wanted[1]} pixels, not {given[0]} x {given[1]}. Use "
            "the model's own processor."
        )
    hidden = vision(pixel_values=pixel_values, output_hidden_states=True).hidden_states
    if config.vision_feature == "cls_per_layer":
        return torch.stack([states[:, 0] for states in hidden[config.cls_every :: config.cls_every]], dim=1)
    chosen = hidden[config.vision_layer]
    rows, cols = patch_grid(config)
    leading = leading_tokens(config)
    if chosen.shape[1] != leading + rows * cols:
        raise ModelError(
            f"The vision encoder gave {chosen.shape[1]} tokens for pictures of {tuple(pixel_values.shape[2:])} pixels; "
            f"expected are {rows} x {cols} patches and {leading} more."
        )
    return chosen if config.vision_feature == "full" else chosen[:, leading:]


def unread_zero(vision: nn.Module, config: VisionLanguageConfig) -> Tensor:
    """Zero, made of the trained parameters behind the last layer that is read, where several processes train.

    DistributedDataParallel waits for the gradient of every trained parameter, also of those that no output depends on.
    """
    zero = next(vision.parameters()).new_zeros(())
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()) or is_sharded(vision):
        return zero
    last = used_layers(config)
    for name, parameter in vision.named_parameters():
        layer = _LAYER.search(name)
        behind = int(layer[1]) >= last if layer else _AFTER_LAYERS.search(name) is not None
        if behind and parameter.requires_grad:
            zero = zero + 0.0 * parameter.sum()
    return zero


def is_sharded(module: nn.Module) -> bool:
    """Are its weights spread over processes (FSDP), so that each forward of it must be joined by all?"""
    return any(type(p).__name__ in ("DTensor", "FlatParameter") for p in module.parameters()) or any(
        type(m).__name__ == "FullyShardedDataParallel" for m in module.modules()
    )
