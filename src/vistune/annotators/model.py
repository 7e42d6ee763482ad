"""A local model as an annotator: anything that ``load_model`` reads, asked in batches."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vistune.annotators.base import ANNOTATORS, Annotator, Asking, Reply
from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example

if TYPE_CHECKING:
    from vistune.decoding import Settings
    from vistune.models.interface import Answerer


@ANNOTATORS.register("model")
class LocalModel(Annotator):
    """A model on this machine.

    ``model``: a folder or a shipped name; or ``answerer``, a model that is loaded already. ``temperature`` 0 is greedy search.
    A rubric's own temperature and limit of tokens hold where these are not set. Sampled answers depend on ``seed``, the
    request and the sample's number, not on the batch.
    """

    def __init__(
        self,
        model: str | None = None,
        answerer: Answerer | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        seed: int = 0,
        batch_size: int = 16,
        device: str = "auto",
    ) -> None:
        if (model is None) == (answerer is None):
            raise ConfigError(
                "The annotator 'model' needs either 'model' (a folder or a shipped name) or a loaded model."
            )
        self.model, self.temperature, self.max_tokens, self.seed = model, temperature, max_tokens, seed
        self.batch_size, self.device = max(1, batch_size), device
        self._answerer = answerer

    @property
    def name(self) -> str:
        """The folder's or the class's name."""
        return self.model or type(self._answerer).__name__

    @property
    def answerer(self) -> Answerer:
        """The model, loaded when it is first asked."""
        if self._answerer is None:
            from vistune.models.loading import load_model

            assert self.model is not None
            self._answerer = load_model(self.model, device=self.device)
        return self._answerer

    def identity(self) -> dict[str, Any]:
        """Name and settings."""
        told = {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed}
        return {"kind": self.kind, "name": self.name} | {k: v for k, v in told.items() if v is not None}

    def ask(self, examples: Sequence[Example], asking: Asking | None = None) -> list[Reply]:
        """All requests, those of like length in one batch."""
        settings = self._settings(asking or Asking())
        replies: list[Reply] = [Reply()] * len(examples)
        order = sorted(range(len(examples)), key=lambda i: sum(len(m.text) for m in examples[i].messages))
        for start in range(0, len(order), self.batch_size):
            places = order[start : start + self.batch_size]
            for place, reply in zip(places, self._batch([examples[i] for i in places], settings)):
                replies[place] = reply
        self.usage.add(replies)
        return replies

    def _settings(self, asking: Asking) -> Settings:
        from vistune.decoding import Settings

        temperature = self.temperature if self.temperature is not None else asking.temperature or 0.0
        tokens = self.max_tokens or asking.max_tokens or 256
        sampled = {"mode": "sample", "temperature": temperature} if temperature > 0 else {}
        seed = self.seed + asking.sample
        return Settings.model_validate({"max_new_tokens": tokens, "stop": list(asking.stop), "seed": seed, **sampled})

    def _batch(self, examples: Sequence[Example], settings: Settings) -> list[Reply]:
        """A batch that holds a bad request is halved until that one is alone."""
        from vistune.decoding import generate

        start = time.perf_counter()
        try:
            answers = generate(self.answerer, examples, settings=settings)
        except DataError as error:
            if len(examples) == 1:
                return [Reply(model=self.name, error=str(error))]
            middle = len(examples) // 2
            return self._batch(examples[:middle], settings) + self._batch(examples[middle:], settings)
        seconds = (time.perf_counter() - start) / len(examples)
        return [
            Reply(
                a.text,
                self.name,
                self._prompt_tokens(e),
                a.new_tokens,
                seconds=seconds,
                finish_reason="length" if a.finish_reason == "length" else "stop",
            )
            for e, a in zip(examples, answers)
        ]

    def _prompt_tokens(self, example: Example) -> int:
        """Tokens of the words alone."""
        return sum(len(self.answerer.tokenizer(m.text)["input_ids"]) for m in example.messages if m.text)
