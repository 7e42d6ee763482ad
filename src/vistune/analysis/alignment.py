"""Do pictures that the model sees as alike have captions that it reads as alike? (arXiv 2410.04751, experiment 4)

Features are means over tokens, taken where they pass: pictures as the encoder leaves them, as they enter the decoder behind the
connector, as they leave its last layer; captions as they leave the last layer, alone in a prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vistune.analysis.tokens import token_masks
from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.metrics.intervals import intervals, ratio
from vistune.evaluation.metrics.neighbours import chance_alignment, shared_neighbours
from vistune.models.anatomy import Anatomy, anatomy_of
from vistune.models.interface import Answerer

#: Spaces of pictures, in the order in which they are passed, and that of captions.
SPACES = ("encoder", "connector", "decoder", "captions")
Features = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Mean share of common neighbours of two spaces, its 95% interval over pictures, and what chance gives."""

    first: str
    second: str
    value: float
    low: float
    high: float
    chance: float


def paired_features(model: Answerer, pictures: Sequence[ImageSource], captions: Sequence[str]) -> Features:
    """Space -> ``[pairs, width]``. Pictures and captions are run one by one, so nothing hangs on padding.

    Raises ``DataError`` for unequal numbers, ``ModelError`` for a network whose layers or visual tokens are not known.
    """
    if len(pictures) != len(captions):
        raise DataError(f"There are {len(pictures)} pictures and {len(captions)} captions: they must be pairs.")
    found: dict[str, list[Tensor]] = {name: [] for name in SPACES}
    for picture, caption in zip(pictures, captions):
        for name, vector in picture_features(model, picture).items():
            found[name].append(vector)
        found["captions"].append(caption_features(model, caption))
    return {name: torch.stack(rows).double().cpu().numpy() for name, rows in found.items()}


def picture_features(model: Answerer, picture: ImageSource) -> dict[str, Tensor]:
    """Mean vectors of one picture in the three spaces of pictures."""
    inputs = model.prepare([Example("picture", [user("describe the picture.", images=(0,))], [picture])])
    own = token_masks(model, inputs)["image"]
    vision, decoder = _anatomies(model)
    # [pictures, tokens, width], or [tokens, width] where an encoder packs them.
    kept = {"encoder": lambda x: x.float().flatten(0, -2).mean(0), "connector": _over(own), "decoder": _over(own)}
    with _kept({
        "encoder": (vision, _encoder_layer(model, vision), "after_layer", kept["encoder"]),
        "connector": (decoder, 0, "before_layer", kept["connector"]),
        "decoder": (decoder, decoder.depth - 1, "after_layer", kept["decoder"]),
    }) as found:  # fmt: skip
        model.prefill(inputs)
    return found


def caption_features(model: Answerer, caption: str) -> Tensor:
    """Mean vector of a caption alone, over the tokens of its prompt."""
    inputs = model.prepare([Example("caption", [user(caption)])])
    _, decoder = _anatomies(model)
    own = token_masks(model, inputs)["text"]
    with _kept({"captions": (decoder, decoder.depth - 1, "after_layer", _over(own))}) as found:
        model.prefill(inputs)
    return found["captions"]


def alignments(features: Features, k: int = 10) -> list[Alignment]:
    """Every two spaces: mean share of common neighbours with its interval. Raises ``ConfigError`` for a ``k`` that does not fit."""
    told = []
    for first, second in combinations(features, 2):
        shares = shared_neighbours(features[first], features[second], k)
        columns = [{"items": 1.0, "share": float(share)} for share in shares]
        spread = intervals(
            columns, [str(i) for i in range(len(columns))], lambda sums: {"mean": ratio(sums["share"], sums["items"])}
        )
        low, high = spread["mean"]
        told.append(Alignment(first, second, float(shares.mean()), low, high, chance_alignment(len(shares), k)))
    return told


def _anatomies(model: Answerer) -> tuple[Anatomy, Anatomy]:
    return anatomy_of(_named(model, "vision"), "vision"), anatomy_of(_named(model, "decoder"), "decoder")


def _named(model: Answerer, part: str) -> torch.nn.Module:
    own = getattr(model.module, part, None)
    return own if isinstance(own, torch.nn.Module) else model.module


def _encoder_layer(model: Answerer, vision: Anatomy) -> int:
    """The layer whose output goes to the connector: LLaVA's configurations count from the end, the last one unless told."""
    config = model.module.config
    told = getattr(config, "vision_feature_layer", getattr(config, "vision_layer", -1))
    layer = told if isinstance(told, int) else -1
    return (vision.depth + layer) if layer < 0 else max(0, layer - 1)


def _over(mask: Tensor) -> Callable[[Tensor], Tensor]:
    """Mean over the chosen tokens of ``x [1, tokens, width]``."""
    return lambda x: x[mask].float().mean(0)


Place = tuple[Anatomy, int, str, Callable[[Tensor], Tensor]]


@contextmanager
def _kept(places: dict[str, Place]) -> Iterator[dict[str, Tensor]]:
    """What passes at each place, seen and left as it is."""
    found: dict[str, Tensor] = {}

    def keeper(name: str, take: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        def keep(x: Tensor) -> Tensor:
            found[name] = take(x.detach())
            return x

        return keep

    handles = [anatomy.hook(layer, site, keeper(name, take)) for name, (anatomy, layer, site, take) in places.items()]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
