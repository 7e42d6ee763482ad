"""RITUAL (Woo et al. 2024, arXiv 2405.17821): the logits of a randomly transformed picture are added."""

from __future__ import annotations

import random
from dataclasses import replace

from torch import Tensor

from vistune.core.errors import ConfigError, nearest
from vistune.data.example import Example, ImageSource
from vistune.decoding.branches.base import DECODERS, DecodingMethod, plausible
from vistune.decoding.transforms import TRANSFORMS


@DECODERS.register("ritual", paper="ritual")
class Ritual(DecodingMethod):
    """l' = l + alpha l~ on the tokens that are plausible under l (section 3.2); the transform is drawn once an example.

    Since the weights sum to 1 + alpha, an identity transform means temperature 1 / (1 + alpha): the control to compare
    with. ``transforms`` names those to draw from (all six unless given); ``identity`` is the control. A flip supports
    the wrong side of a question of place: leave it out for such questions.
    """

    def __init__(self, alpha: float = 3.0, beta: float = 0.1, transforms: list[str] | None = None) -> None:
        self.alpha = alpha
        self.beta = beta
        self.transforms = [name for name in TRANSFORMS if name != "identity"] if transforms is None else transforms
        if not self.transforms:
            raise ConfigError(f"ritual: 'transforms' is empty. {nearest('', TRANSFORMS)}")
        for name in self.transforms:
            if name not in TRANSFORMS:
                raise ConfigError(f"ritual: there is no transform '{name}'. {nearest(name, TRANSFORMS)}")

    def branches(self, example: Example, rng: random.Random) -> list[Example]:
        """The example, and it with every picture transformed."""
        transform = TRANSFORMS[rng.choice(self.transforms)]
        turned = [ImageSource(pil=transform(source.open(), rng)) for source in example.images]
        return [example, replace(example, images=turned)]

    def combine(self, logits: Tensor, step: int) -> Tensor:
        """``[2, B, vocabulary]`` -> ``[B, vocabulary]``."""
        return plausible(logits[0] + self.alpha * logits[1], logits[0], self.beta)

    @classmethod
    def neutral(cls) -> Ritual:
        """Nothing is added, nothing is cut."""
        return cls(alpha=0.0, beta=0.0)
