"""Tiny vision-language models for tests of the whole: every decoder, both kinds of attention functions, all schemes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from models.batches import batch_of, talk
from models.tiny import DECODERS, tiny
from vistune.data.batch import Batch
from vistune.models.sequence import ATTENTION, POSITIONS
from vistune.models.vlm import VisionLanguageModel

GRID = (2, 2)

#: (decoder, attention function); Gemma 2 caps its scores, which only eager attention does.
NETWORKS = [(name, kind) for name in DECODERS for kind in ("eager", "sdpa") if (name, kind) != ("gemma2", "sdpa")]
SCHEMES = [(p, a) for p in POSITIONS.names() for a in ATTENTION.names()]

SAMPLES = [talk("tt", GRID, "tttaa"), talk("ttaaa"), talk(GRID, "t", GRID, "ttttttaat")]
PROMPTS = [talk("tt", GRID, "tttt"), talk("ttttt"), talk(GRID, "t", GRID, "tttt")]


def small(
    decoder: str = "llama", attention_function: str = "sdpa", encoder: str = "clip", window: int = 6, **options: Any
) -> Any:
    """A VLM of tiny random parts, 2 x 2 tokens a picture; windows, where the decoder has them, of ``window`` tokens."""
    language = tiny(decoder, attention=attention_function)
    if getattr(language.config, "sliding_window", None):
        language.config.sliding_window = window
    torch.manual_seed(3)
    options.setdefault("connector", "pixel_shuffle_mlp")
    return VisionLanguageModel.from_parts(tiny(encoder, attention=attention_function), language, **options).eval()


def schemed(positions: str, attention: str, **options: Any) -> Any:
    """``small`` with these schemes; visual tokens advance by a quarter under ``variable_increment``."""
    spec = {"kind": positions, "delta": 0.25} if positions == "variable_increment" else positions
    return small(positions=spec, attention=attention, **options)


def alone(batch: Batch, row: int) -> Batch:
    """Row ``row`` as a batch of its own, without padding and without the others' pictures."""
    keep = batch.sample[row] >= 0
    names = ("input_ids", "roles", "sample", "turn", "answer", "image", "row", "col", "labels")
    fields: dict[str, Any] = {name: getattr(batch, name)[row : row + 1, keep] for name in names}
    numbers = fields["image"].unique()
    numbers = numbers[numbers >= 0]
    fields["image"] = torch.where(fields["image"] >= 0, torch.searchsorted(numbers, fields["image"].clamp(min=0)), -1)
    pictures = batch.pixel_values[numbers] if batch.pixel_values is not None and len(numbers) else None
    return replace(batch, **fields, grids=batch.grids[numbers], pixel_values=pictures)


@torch.no_grad()
def logits_alone(model: Any, samples: list[Any]) -> list[Tensor]:
    """Logits ``[L, vocabulary]`` of each sample run by itself: the reference for all batches."""
    batch = batch_of([[sample] for sample in samples])
    return [model(**alone(batch, row).tensors()).logits[0] for row in range(len(samples))]


def furthest(got: list[Tensor], wanted: list[Tensor]) -> float:
    """Largest difference."""
    return max(float((a - b).abs().max()) for a, b in zip(got, wanted, strict=True))
