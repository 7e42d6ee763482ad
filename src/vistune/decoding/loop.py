"""The decoding loop: greedy, sampling and beam search over any ``Answerer``, with any method's branches as rows.

Rows: B examples times K branches (times beams), ordered branch by branch, so logits ``[K * B, vocabulary]`` are viewed as
``[K, B, vocabulary]``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Items
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from vistune.core.errors import ConfigError
from vistune.data.example import Example
from vistune.decoding.branches.base import DecodingMethod
from vistune.decoding.settings import Settings
from vistune.models.interface import Answerer

Finish = Literal["end", "stop", "length"]


@dataclass(slots=True)
class Answer:
    """What a model said. ``logprobs``: of the chosen tokens, after the method and the warpers."""

    text: str
    tokens: list[int]
    logprobs: list[float] = field(default_factory=list)
    finish_reason: Finish = "length"


OnToken = Callable[[int, int], None]
"""Called with (example index, token) as tokens come."""


@torch.no_grad()
def generate(
    model: Answerer,
    examples: Items[Example],
    *,
    settings: Settings | None = None,
    method: DecodingMethod | None = None,
    on_token: OnToken | None = None,
) -> list[Answer]:
    """Answer every example, as one batch. Examples end with a user's message (a last answer is left out).

    Raises ``ConfigError`` where a method gives its examples unequal numbers of branches.
    """
    if not examples:
        return []
    settings = settings or Settings()
    rows, branches = _branches(examples, method, settings.seed)
    logits, state = model.prefill(model.prepare(rows))
    if settings.mode == "beam":
        from vistune.decoding.beam import beam_search

        return beam_search(model, logits, state, branches, len(examples), settings, method)
    run = _Run(model, settings, method, branches, len(examples), on_token, logits.device)
    return run.loop(logits, state)


def stream(
    model: Answerer, example: Example, *, settings: Settings | None = None, method: DecodingMethod | None = None
) -> Iterator[str]:
    """The answer to one example, piece by piece; the pieces joined are ``generate``'s text (before stop strings are cut)."""
    import queue
    import threading

    pieces: queue.Queue[Any] = queue.Queue()
    tokens: list[int] = []

    def tell(_: int, token: int) -> None:
        tokens.append(token)
        pieces.put(list(tokens))

    def run() -> None:
        try:
            pieces.put(generate(model, [example], settings=settings, method=method, on_token=tell)[0])
        except BaseException as error:  # handed to the reader
            pieces.put(error)

    threading.Thread(target=run, daemon=True).start()
    said = ""
    while True:
        item = pieces.get()
        if isinstance(item, BaseException):
            raise item
        done = isinstance(item, Answer)
        text = item.text if done else text_of(model, item)
        # A piece that may still change (an unfinished character) waits.
        if text.startswith(said) and (done or not text.endswith("\ufffd")):
            yield text[len(said) :]
            said = text
        if done:
            return


def _branches(examples: Items[Example], method: DecodingMethod | None, seed: int) -> tuple[list[Example], int]:
    """All rows, branch by branch, and K."""
    if method is None:
        return list(examples), 1
    variants = [method.branches(e, random.Random(f"{seed}/{e.id}")) for e in examples]
    counts = {len(v) for v in variants}
    if len(counts) > 1:
        raise ConfigError(f"{type(method).__name__} gave {sorted(counts)} branches for the examples of one batch.")
    count = counts.pop()
    return [v[k] for k in range(count) for v in variants], count


def text_of(model: Answerer, tokens: list[int]) -> str:
    """Tokens as text, special tokens left out, outer blanks removed."""
    return model.tokenizer.decode(tokens, skip_special_tokens=True).strip()


def warpers(settings: Settings) -> Any:
    """The settings as processors of transformers, in its order."""
    chosen = LogitsProcessorList()
    if settings.repetition_penalty != 1:
        chosen.append(RepetitionPenaltyLogitsProcessor(settings.repetition_penalty))
    if settings.mode == "sample":
        if settings.temperature != 1:
            chosen.append(TemperatureLogitsWarper(settings.temperature))
        if settings.top_k:
            chosen.append(TopKLogitsWarper(settings.top_k))
        if settings.top_p < 1:
            chosen.append(TopPLogitsWarper(settings.top_p))
    return chosen


class _Run:
    """Greedy search or sampling of one batch."""

    def __init__(
        self,
        model: Answerer,
        settings: Settings,
        method: DecodingMethod | None,
        branches: int,
        size: int,
        on_token: OnToken | None,
        device: torch.device,
    ) -> None:
        self.model, self.settings, self.method, self.on_token = model, settings, method, on_token
        self.branches, self.size = branches, size
        self.warpers = warpers(settings)
        self.ends = torch.tensor(model.eos_token_ids, device=device)
        self.live = list(range(size))
        self.answers = [Answer("", []) for _ in range(size)]
        self.generators = [torch.Generator(device=device).manual_seed(settings.seed) for _ in range(size)]

    def loop(self, logits: Tensor, state: Any) -> list[Answer]:
        """One token a step for every row that is not done; rows that are done leave the batch."""
        for step in range(self.settings.max_new_tokens):
            tokens, logprobs = self._choose(self._joined(logits, step))
            keep = self._record(tokens.tolist(), logprobs)
            if not keep or step + 1 == self.settings.max_new_tokens:
                break
            if len(keep) < len(self.live):
                index = torch.tensor([k * len(self.live) + i for k in range(self.branches) for i in keep])
                state.reorder(index.to(tokens.device))
                tokens = tokens[torch.tensor(keep, device=tokens.device)]
                self.live = [self.live[i] for i in keep]
            logits, state = self.model.step(state, tokens.repeat(self.branches))
        for answer in self.answers:
            answer.text = self._text(answer)
        return self.answers

    def _joined(self, logits: Tensor, step: int) -> Tensor:
        """Rows of all branches -> one row an example, warped: ``[live, vocabulary]``."""
        if self.method is not None:
            logits = self.method.combine(logits.view(self.branches, len(self.live), -1), step)
        if not self.warpers:
            return logits
        said = torch.tensor([self.answers[i].tokens for i in self.live], dtype=torch.long, device=logits.device)
        return self.warpers(said.view(len(self.live), -1), logits)

    def _choose(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Next tokens ``[live]`` and their log-probabilities."""
        logprobs = logits.log_softmax(-1)
        if self.settings.mode == "greedy":
            tokens = logits.argmax(-1)
        else:
            probabilities = logprobs.exp()
            drawn = [
                torch.multinomial(probabilities[row], 1, generator=self.generators[i])
                for row, i in enumerate(self.live)
            ]
            tokens = torch.cat(drawn)
        return tokens, logprobs.gather(1, tokens[:, None])[:, 0]

    def _record(self, tokens: list[int], logprobs: Tensor) -> list[int]:
        """Note the tokens; which live rows go on."""
        going = []
        for row, (index, token, logprob) in enumerate(zip(self.live, tokens, logprobs.tolist())):
            answer = self.answers[index]
            answer.tokens.append(token)
            answer.logprobs.append(logprob)
            if self.on_token is not None:
                self.on_token(index, token)
            if token in self.model.eos_token_ids:
                answer.finish_reason = "end"
            elif self.settings.stop and any(s in text_of(self.model, answer.tokens) for s in self.settings.stop):
                answer.finish_reason = "stop"
            else:
                going.append(row)
        return going

    def _text(self, answer: Answer) -> str:
        return cut_stops(text_of(self.model, answer.tokens), self.settings.stop)


def cut_stops(text: str, stops: list[str]) -> str:
    """``text`` up to the first of ``stops``."""
    places = [text.index(s) for s in stops if s in text]
    return text[: min(places)].strip() if places else text
