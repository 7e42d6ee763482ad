"""VCD (Leng et al. 2023, arXiv 2311.16922): what a noised picture also says is language prior, and is taken away."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from PIL import Image
from torch import Tensor

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource
from vistune.decoding.branches.base import DECODERS, DecodingMethod, plausible

_STEPS = 1000


def signal_share(step: int) -> float:
    """Product of (1 - beta_t) up to diffusion ``step`` of 1000, for the sigmoid schedule from 1e-5 to 5e-3."""
    betas = 1 / (1 + np.exp(-np.linspace(-6, 6, _STEPS))) * (5e-3 - 1e-5) + 1e-5
    return float(np.prod(1 - betas[: step + 1]))


def diffuse(image: Image.Image, step: int, rng: random.Random, resolution: int = 336) -> Image.Image:
    """``image`` after ``step`` diffusion steps: sqrt(a) x + sqrt(1 - a) noise, x in [-1, 1], clipped to 8 bits.

    On pictures whose shorter side exceeds ``resolution`` px the noise is coarser than a pixel, so that an encoder that
    shrinks them to about that size does not average it away.
    """
    share = signal_share(step)
    pixels = np.asarray(image.convert("RGB"), np.float32) / 127.5 - 1
    shrink = min(1.0, resolution / min(image.size))
    height, width = (max(1, round(side * shrink)) for side in pixels.shape[:2])
    noise = np.random.default_rng(rng.getrandbits(63)).standard_normal((height, width, 3), np.float32)
    rows, cols = (np.arange(full) * few // full for full, few in zip(pixels.shape, (height, width)))
    mixed = np.sqrt(share) * pixels + np.sqrt(1 - share) * noise[rows[:, None], cols]
    return Image.fromarray(((mixed.clip(-1, 1) + 1) * 127.5).round().astype(np.uint8))


@DECODERS.register("vcd")
class VisualContrastive(DecodingMethod):
    """l' = (1 + alpha) l - alpha l~ on the tokens that are plausible under l (eq. 3-4), l~ from the noised picture.

    The noise is put on the picture before preprocessing, so that it works for every model (the released code noises
    CLIP's normalised tensor). ``resolution``: about the shorter side, in pixels, that the encoder sees.
    """

    def __init__(self, alpha: float = 1.0, beta: float = 0.1, noise_step: int = 500, resolution: int = 336) -> None:
        if not 0 <= noise_step < _STEPS:
            raise ConfigError(f"vcd: noise_step {noise_step} must be from 0 to {_STEPS - 1}.")
        self.alpha = alpha
        self.beta = beta
        self.noise_step = noise_step
        self.resolution = resolution

    def branches(self, example: Example, rng: random.Random) -> list[Example]:
        """The example, and it with every picture noised."""
        noised = [ImageSource(pil=diffuse(s.open(), self.noise_step, rng, self.resolution)) for s in example.images]
        return [example, replace(example, images=noised)]

    def combine(self, logits: Tensor, step: int) -> Tensor:
        """``[2, B, vocabulary]`` -> ``[B, vocabulary]``."""
        return plausible(logits[0] + self.alpha * (logits[0] - logits[1]), logits[0], self.beta)

    @classmethod
    def neutral(cls) -> VisualContrastive:
        """Nothing is taken away, nothing is cut."""
        return cls(alpha=0.0, beta=0.0)
