"""What the connector gets from a vision encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vistune.core.errors import ModelError
from vistune.models.config import VISION_FEATURES, VisionLanguageConfig


def patch_grid(config: VisionLanguageConfig) -> tuple[int, int]:
    """Rows and columns of patches of the encoder's picture. Raises ``ModelError`` for an encoder without patches."""
    size, patch = (getattr(config.vision_config, name, None) for name in ("image_size", "patch_size"))
    if size is None or patch is None:
        raise ModelError(f"The vision encoder '{config.vision_config.model_type}' says no image_size or patch_size.")
    sides = (size, size) if isinstance(size, int) else tuple(size)
    steps = (patch, patch) if isinstance(patch, int) else tuple(patch)
    return sides[0] // steps[0], sides[1] // steps[1]


def feature_grid(config: VisionLanguageConfig) -> tuple[int, int]:
    """Grid of the features that ``vision_features`` gives."""
    rows, cols = patch_grid(config)
    if config.vision_feature == "patch":
        return rows, cols
    if config.vision_feature == "cls_per_layer":
        return 1, config.vision_config.num_hidden_layers // config.cls_every
    extra = 1 if config.vision_config.model_type in ("clip_vision_model", "dinov2") else 0
    return (rows, cols) if not extra else (1, rows * cols + extra)


def used_layers(config: VisionLanguageConfig) -> int:
    """How many of the encoder's layers, from the first, reach the features."""
    depth = int(config.vision_config.num_hidden_layers)
    if config.vision_feature == "cls_per_layer":
        return depth // config.cls_every * config.cls_every
    return config.vision_layer if config.vision_layer >= 0 else depth + 1 + config.vision_layer


def vision_features(vision: nn.Module, config: VisionLanguageConfig, pixel_values: Tensor) -> Tensor:
    """``pixel_values [N, 3, H, W]`` -> features ``[N, V', D']`` of the configured layer and tokens."""
    if config.vision_feature not in VISION_FEATURES:
        raise ModelError(f"vision_feature '{config.vision_feature}' is not one of {', '.join(VISION_FEATURES)}.")
    hidden = vision(pixel_values=pixel_values, output_hidden_states=True).hidden_states
    if config.vision_feature == "cls_per_layer":
        return torch.stack([h[:, 0] for h in hidden[config.cls_every :: config.cls_every]], 1)
    chosen = hidden[config.vision_layer]
    if config.vision_feature == "full":
        return chosen
    rows, cols = patch_grid(config)
    return chosen[:, chosen.shape[1] - rows * cols :]
