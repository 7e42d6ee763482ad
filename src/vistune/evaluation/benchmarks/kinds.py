"""Held-out questions of one kind of picture of the nano world, whichever it is."""

from __future__ import annotations

from typing import Any

from vistune.core.errors import ConfigError, nearest
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.nano import engine_questions
from vistune.evaluation.benchmarks.scoring import ExactMatch
from vistune.world.legible import LEGIBLE
from vistune.world.scene import Prior, Split

#: What a kind's engine is built with where its task ``question`` is not all of its questions, or its examples are larger
#: than a model with 64 tokens a picture can take.
PARAMETERS: dict[str, dict[str, Any]] = {
    "pairs": {"tasks": {"fits": 1.0, "which_text": 1.0, "which_picture": 1.0, "negative": 1.0}},
    "provision": {"tasks": {"single": 1.0, "multi": 1.0}, "images": 2},
    "sequences": {"tasks": {"change_question": 1.0, "views": 1.0}},
    "tongues": {"tasks": {"question": 1.0}, "languages": ["en", "de", "es", "fr"]},
    "video": {"tasks": {"question": 1.0}, "frames": 8},
}


@BENCHMARKS.register("world_kind")
class WorldKind(ExactMatch):
    """``n`` held-out questions about pictures of one ``engine`` (``cells``, ``maps``, ``pairs``...), two an example.

    Pictures of ``tongues`` are asked about in English, German, Spanish and French; clips are eight frames long; a
    question about several pictures has two. ``types``: question types, by default all of the engine. Charts and
    pages are drawn so large that they can be read, others at 64 pixels. Raises
    ``ConfigError`` for an engine whose examples carry no questions of the world's own.
    """

    capabilities = ("perception", "reasoning")

    engine: str = "cells"
    n: int = 300
    split: Split = "test"
    prior: Prior = "flat"
    types: list[str] | None = None
    image_size: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """An engine of the world."""
        from vistune.engines import ENGINES
        from vistune.engines.base import SeededEngine

        super().__post_init__()
        known = [name for name, cls in ENGINES.items() if issubclass(cls, SeededEngine)]
        if self.engine not in known:
            told = f"no engine '{self.engine}' makes pictures of a kind"
            raise ConfigError(f"world_kind: {told}. {nearest(self.engine, known)}")

    @property
    def name(self) -> str:
        """With the engine, and the prior and split where they are not ``flat`` and ``test``."""
        prior = "" if self.prior == "flat" else f"_{self.prior}"
        return f"world_{self.engine}{prior}" + ("" if self.split == "test" else f"_{self.split}")

    def examples(self) -> list[Example]:
        """The questions, those of an example in one group."""
        parameters = PARAMETERS.get(self.engine, {"tasks": {"question": 1.0}})
        size = self.image_size or LEGIBLE.get(self.engine, 64)
        types = self.types
        return engine_questions(
            self.engine, self.n, split=self.split, prior=self.prior, seed=self.seed, image_size=size,
            keep=None if types is None else lambda record: record["type"] in types, **parameters,
        )  # fmt: skip
