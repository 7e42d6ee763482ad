"""How tokens are chosen, how many, and when to stop."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from vistune.core.config import Config


class Settings(Config):
    """Greedy search, sampling or beam search.

    ``seed`` starts one random stream for each row, so that a sampled answer does not depend on its batch. ``stop``
    strings end an answer and are cut off it.
    """

    mode: Literal["greedy", "sample", "beam"] = "greedy"
    max_new_tokens: int = Field(default=64, ge=1)
    temperature: float = Field(default=1.0, gt=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    beams: int = Field(default=4, ge=1)
    length_penalty: float = 1.0
    repetition_penalty: float = Field(default=1.0, gt=0)
    stop: list[str] = []
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.mode == "beam" and self.beams < 2:
            raise ValueError("beam search needs at least 2 beams; use mode: greedy for one.")
        return self
