"""Matching benchmarks for dual encoders (CLIP, SigLIP): one vector a picture, one a caption, their cosine as the score.

That is how the originals score. ``HuggingFaceDual`` wraps a model of ``transformers``; anything with the two functions of
``DualEncoder`` will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.matching import Matching
from vistune.evaluation.records import Item
from vistune.evaluation.results import Result, summarise


class DualEncoder(Protocol):
    """Vectors of pictures and of captions in one space; their lengths do not matter."""

    def pictures(self, images: Sequence[ImageSource]) -> Tensor:
        """``[pictures, size]``."""
        ...

    def captions(self, texts: Sequence[str]) -> Tensor:
        """``[captions, size]``."""
        ...


class HuggingFaceDual:
    """A model of ``transformers`` with image and text features (``CLIPModel``, ``SiglipModel``...)."""

    def __init__(self, model: Any, tokenizer: Any, image_processor: Any) -> None:
        self.model, self.tokenizer, self.image_processor = model.eval(), tokenizer, image_processor

    @classmethod
    def from_pretrained(cls, name: str) -> HuggingFaceDual:
        """By a folder or a name on the hub."""
        from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

        return cls(
            AutoModel.from_pretrained(name),
            AutoTokenizer.from_pretrained(name),
            AutoImageProcessor.from_pretrained(name),
        )

    @torch.no_grad()
    def pictures(self, images: Sequence[ImageSource]) -> Tensor:
        """``[pictures, size]``."""
        pixels = self.image_processor([image.open() for image in images], return_tensors="pt")["pixel_values"]
        return _vectors(self.model.get_image_features(pixel_values=pixels.to(self.model.device)))

    @torch.no_grad()
    def captions(self, texts: Sequence[str]) -> Tensor:
        """``[captions, size]``, cut to the encoder's length; SigLIP learned, and is asked, with rows filled up to it."""
        filled = "max_length" if str(self.model.config.model_type).startswith("siglip") else True
        inputs = self.tokenizer(list(texts), padding=filled, truncation=True, return_tensors="pt").to(self.model.device)
        given = {k: inputs[k] for k in ("input_ids", "attention_mask") if k in inputs}
        return _vectors(self.model.get_text_features(**given))


def _vectors(features: Any) -> Tensor:
    """Features as a tensor: newer versions give an output with ``pooler_output``."""
    return features if isinstance(features, Tensor) else features.pooler_output


def evaluate_embeddings(
    encoder: DualEncoder, benchmarks: Iterable[Matching], *, batch_size: int = 64
) -> dict[str, Result]:
    """Score matching benchmarks by cosines. Each picture and caption is encoded once a benchmark.

    Raises ``ConfigError`` for a benchmark that is not built with ``by: embedding``.
    """
    found = {}
    for benchmark in benchmarks:
        if benchmark.by != "embedding":
            raise ConfigError(f"{benchmark.name} is scored by '{benchmark.by}': build it with by: embedding.")
        examples = benchmark.examples()
        found[benchmark.name] = summarise(benchmark, _items(encoder, benchmark, examples, batch_size))
    return found


def _items(encoder: DualEncoder, benchmark: Matching, examples: Sequence[Example], size: int) -> list[Item]:
    images = {id(image): image for example in examples for image in example.images}
    texts = list(dict.fromkeys(pair.caption for example in examples for pair in benchmark.pairs(example)))
    of_image = dict(zip(images, _encoded(encoder.pictures, list(images.values()), size)))
    of_text = dict(zip(texts, _encoded(encoder.captions, texts, size)))
    items = []
    for example in examples:
        values = []
        for pair in benchmark.pairs(example):
            shown = torch.stack([of_image[id(example.images[k])] for k in pair.pictures]).mean(0)
            values.append(float(shown @ of_text[pair.caption]))
        scored = benchmark.score_values(example, {"embedding": values})
        items.append(
            {
                "id": example.id,
                "group": str(example.meta["group"]),
                "type": str(example.meta["type"]),
                "question": "",
                "references": example.answers,
                "answer": scored.parsed or "",
                "parsed": scored.parsed,
                "score": scored.score,
                "columns": scored.columns,
                "seconds": 0.0,
                "values": values,
            }
        )
    return items


def _encoded(encode: Any, things: Sequence[Any], size: int) -> list[Tensor]:
    """Unit vectors, a batch at a time."""
    rows = []
    for start in range(0, len(things), size):
        rows += list(torch.nn.functional.normalize(encode(things[start : start + size]).float(), dim=-1))
    return rows
