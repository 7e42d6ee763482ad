"""Pictures to pixel values, as the encoder's own Hugging Face image processor makes them.

A picture that has the encoder's size already needs no resizing: then a whole batch is normalised at once. Whether the
short way gives what the processor gives is tried out when it is made, not assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vistune.core.errors import ModelError
from vistune.data.example import ImageSource
from vistune.data.images import pixels


class PixelProcessor:
    """Wraps a Hugging Face image processor (``...ImageProcessorPil`` in transformers 5: no torchvision needed)."""

    def __init__(self, image_processor: Any) -> None:
        self.image_processor = image_processor
        self.size = _final_size(image_processor)
        self._scale, self._shift = _affine(image_processor)
        self.fast = self._agrees()

    def __call__(self, sources: Sequence[ImageSource]) -> Tensor:
        """Pictures -> float32 ``[N, 3, H, W]``. Raises ``DataError`` for a picture that cannot be opened."""
        arrays = [pixels(source) for source in sources]
        if self.fast and all(array.shape[:2] == self.size for array in arrays):
            return self._quick(arrays)
        if not self.fast:
            return self._slow(arrays)
        exact = [place for place, array in enumerate(arrays) if array.shape[:2] == self.size]
        other = [place for place, array in enumerate(arrays) if array.shape[:2] != self.size]
        slow = self._slow([arrays[place] for place in other])
        out = slow.new_empty((len(arrays), *slow.shape[1:]))
        out[other] = slow
        if exact:
            out[exact] = self._quick([arrays[place] for place in exact])
        return out

    def _quick(self, arrays: list[np.ndarray]) -> Tensor:
        """``[H, W, 3]`` uint8 arrays -> float32 ``[N, 3, H, W]``, normalised in one go."""
        stacked = torch.from_numpy(np.stack(arrays))  # [N, H, W, 3]
        values = stacked.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)
        return values.mul_(self._scale).add_(self._shift)

    def _slow(self, arrays: list[np.ndarray]) -> Tensor:
        """The processor itself, picture by picture: sizes may differ."""
        from PIL import Image

        made = [
            self.image_processor(images=Image.fromarray(array), return_tensors="pt")["pixel_values"] for array in arrays
        ]
        if any(values.ndim != 4 or len(values) != 1 for values in made):
            raise ModelError(
                f"{type(self.image_processor).__name__} makes several crops of a picture ({tuple(made[0].shape)}); "
                "a model with one grid a picture needs a processor that makes one."
            )
        return torch.cat(made).to(torch.float32)

    def _agrees(self) -> bool:
        """The short way equals the processor on noise of the final size."""
        if self.size is None:
            return False
        noise = np.random.default_rng(0).integers(0, 256, (*self.size, 3), dtype=np.uint8)
        truth = self._slow([noise])
        short = self._quick([noise])
        return truth.shape == short.shape and torch.allclose(truth, short, atol=1e-5, rtol=1e-5)


def _final_size(processor: Any) -> tuple[int, int] | None:
    """Height and width of what the processor gives, from its settings; None where they don't say."""
    crop = getattr(processor, "crop_size", None) if getattr(processor, "do_center_crop", False) else None
    size = crop or getattr(processor, "size", None)
    if size is None:
        return None
    size = dict(size) if not isinstance(size, int) else {"height": size, "width": size}
    if size.get("height") and size.get("width"):
        return int(size["height"]), int(size["width"])
    edge = size.get("shortest_edge") or size.get("longest_edge")
    return (int(edge), int(edge)) if edge else None


def _affine(processor: Any) -> tuple[Tensor, Tensor]:
    """``value * scale + shift`` for 0..255 values, each ``[3, 1, 1]``."""
    rescale = float(getattr(processor, "rescale_factor", 1 / 255)) if getattr(processor, "do_rescale", True) else 1.0
    mean, std = np.zeros(3), np.ones(3)
    if getattr(processor, "do_normalize", True):
        mean = np.broadcast_to(np.asarray(getattr(processor, "image_mean", None) or 0.0, dtype=np.float64), 3)
        std = np.broadcast_to(np.asarray(getattr(processor, "image_std", None) or 1.0, dtype=np.float64), 3)
    scale = torch.tensor(rescale / std, dtype=torch.float32).view(3, 1, 1)
    return scale, torch.tensor(-mean / std, dtype=torch.float32).view(3, 1, 1)


def load_image_processor(folder: Any) -> Any:
    """The image processor of a checkpoint folder, in its PIL form where transformers has one.

    Read from ``preprocessor_config.json``, or from ``processor_config.json`` where a whole processor was saved. Raises
    ``ModelError`` where there is neither.
    """
    import json
    from pathlib import Path

    import transformers

    own, whole = Path(folder) / "preprocessor_config.json", Path(folder) / "processor_config.json"
    if own.is_file():
        settings = json.loads(own.read_text(encoding="utf-8"))
    else:
        told = json.loads(whole.read_text(encoding="utf-8")) if whole.is_file() else {}
        settings = told.get("image_processor")
    if not settings:
        raise ModelError(f"{folder} holds no image processor: no preprocessor_config.json.")
    name = str(settings.get("image_processor_type") or settings.get("feature_extractor_type") or "CLIPImageProcessor")
    base = name.removesuffix("Pil").removesuffix("Fast").replace("FeatureExtractor", "ImageProcessor")
    for candidate in (f"{base}Pil", base):
        if hasattr(transformers, candidate):
            return getattr(transformers, candidate).from_dict(settings)
    raise ModelError(f"{folder}: transformers has no image processor '{name}'.")
