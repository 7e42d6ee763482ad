"""The decoding loop: greedy, sampling and beam search over any ``Answerer``, with any method's branches as rows.

Rows: B examples times K branches (times beams), ordered branch by branch, so logits ``[K * B, vocabulary]`` are viewed as
``[K, B, vocabulary]``. Each example's rows are run while it is unfinished, and no longer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Items
from dataclasses import dataclass, field
from typing import Any, Literal
from zlib import crc32

import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from vistune.core.device import setup_allocator
from vistune.core.errors import ConfigError, ModelError
from vistune.data.example import Example
from vistune.decoding.branches.base import DecodingMethod
from vistune.decoding.branches.together import as_one
from vistune.decoding.settings import Settings
from vistune.decoding.text import Text
from vistune.models.interface import Answerer

Finish = Literal["end", "stop", "length"]

#: One method, several together (see ``branches.together``), or none.
Method = DecodingMethod | Items[DecodingMethod] | None

#: Called with (example index, token) as tokens come; after the search in beam search.
OnToken = Callable[[int, int], None]


@dataclass(slots=True)
class Answer:
    """What a model said. ``tokens`` include the end mark; ``logprobs``: of each token, after the method and the warpers.

    ``finish_reason``: ``end`` (the model ended it), ``stop`` (a stop string did) or ``length`` (``max_new_tokens``).
    """

    text: str = ""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish_reason: Finish = "length"

    @property
    def new_tokens(self) -> int:
        """How many tokens the model wrote."""
        return len(self.tokens)


def generate(
    model: Answerer,
    examples: Items[Example],
    *,
    settings: Settings | None = None,
    method: Method = None,
    on_token: OnToken | None = None,
) -> list[Answer]:
    """Answer every example, as one batch. Examples end with a user's message (a last answer is left out).

    Raises ``ConfigError`` where a method gives its examples unequal numbers of branches, ``ModelError`` where the model's
    logits are no numbers.
    """
    if not examples:
        return []
    run = _begin(model, examples, settings or Settings(), as_one(method))
    for live, tokens in run.steps():
        if on_token is not None:
            for index, token in zip(live, tokens):
                on_token(index, token)
    return run.answers()


def stream(
    model: Answerer, example: Example, *, settings: Settings | None = None, method: Method = None
) -> Iterator[str]:
    """The answer to one example, piece by piece as it comes; the pieces joined are ``generate``'s text.

    Beam search knows its answer only at the end: it comes in one piece.
    """
    run = _begin(model, [example], settings or Settings(), as_one(method))
    said, tokens = "", []
    for _, chosen in run.steps():
        tokens += chosen
        settled = "" if isinstance(run, _Ready) else run.text.settled(tokens)
        if len(settled) > len(said):
            yield settled[len(said) :]
            said = settled
    rest = run.answers()[0].text[len(said) :]
    if rest:
        yield rest


def row_seed(seed: int, example_id: str) -> int:
    """Seed of an example's own random stream, the same whatever its batch (32 bits: torch's generator reads no more)."""
    return crc32(f"{seed}/{example_id}".encode())


@torch.no_grad()
def _begin(model: Answerer, examples: Items[Example], settings: Settings, method: DecodingMethod | None) -> Any:
    """Run the prompts. -> a search that is ready for its steps."""
    setup_allocator()
    rows, branches = _branches(examples, method, settings.seed)
    inputs = model.prepare(rows)
    prompts = _prompt_ids(inputs)[: len(examples)] if settings.repetition_penalty != 1 else None
    logits, state = model.prefill(inputs)
    if settings.mode == "beam":
        from vistune.decoding.beam import BeamSearch

        return _Ready(BeamSearch(model, settings, method, branches, len(examples), prompts).run(logits, state))
    return _Steps(model, settings, method, branches, examples, prompts, logits, state)


def _branches(examples: Items[Example], method: DecodingMethod | None, seed: int) -> tuple[list[Example], int]:
    """All rows, branch by branch, and K."""
    if method is None:
        return list(examples), 1
    variants = [method.branches(e, random.Random(f"{seed}/{e.id}")) for e in examples]
    counts = {len(v) for v in variants}
    if len(counts) > 1:
        raise ConfigError(
            f"{type(method).__name__} gave {sorted(counts)} branches for the examples of one batch; all need the same "
            "number. Decode them one by one."
        )
    count = counts.pop()
    return [v[k] for k in range(count) for v in variants], count


def _prompt_ids(inputs: Any) -> Tensor:
    """Prompts ``[rows, tokens]``, their padding replaced by a token of theirs, so that a penalty does not see it."""
    if isinstance(inputs, dict):
        ids, real = inputs["input_ids"], inputs["attention_mask"] > 0
    else:
        ids, real = inputs.input_ids, inputs.sample >= 0
    return torch.where(real, ids, ids[:, -1:])


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


class _Ready:
    """A search that is over before its first step is told."""

    def __init__(self, answers: list[Answer]) -> None:
        self._answers = answers

    def steps(self) -> Iterator[tuple[list[int], list[int]]]:
        for index, answer in enumerate(self._answers):
            yield [index] * len(answer.tokens), answer.tokens

    def answers(self) -> list[Answer]:
        return self._answers


class _Steps:
    """Greedy search or sampling of one batch."""

    def __init__(
        self,
        model: Answerer,
        settings: Settings,
        method: DecodingMethod | None,
        branches: int,
        examples: Items[Example],
        prompts: Tensor | None,
        logits: Tensor,
        state: Any,
    ) -> None:
        self.model, self.settings, self.method, self.branches = model, settings, method, branches
        self.logits, self.state = logits, state
        self.text = Text(model.tokenizer, settings.stop)
        self.warpers = warpers(settings)
        self.ends = frozenset(model.eos_token_ids)
        self.live = list(range(len(examples)))
        self.said = prompts
        self._answers = [Answer() for _ in examples]
        self.generators = [
            torch.Generator(device=logits.device).manual_seed(row_seed(settings.seed, e.id))
            for e in (examples if settings.mode == "sample" else ())
        ]

    def answers(self) -> list[Answer]:
        """What was said so far."""
        for answer in self._answers:
            answer.text = self.text.final(answer.tokens)
        return self._answers

    @torch.no_grad()
    def steps(self) -> Iterator[tuple[list[int], list[int]]]:
        """One token a step for each example that is not done; those that are leave the batch. Yields (live, tokens)."""
        for step in range(self.settings.max_new_tokens):
            tokens, logprobs = self._choose(self._joined(self.logits, step))
            listed, live = tokens.tolist(), self.live
            keep = self._record(listed, logprobs.tolist())
            yield live, listed
            if not keep or step + 1 == self.settings.max_new_tokens:
                return
            if self.said is not None:
                self.said = torch.cat([self.said, tokens[:, None]], dim=1)
            if len(keep) < len(live):
                tokens = self._drop(tokens, keep)
            fed = tokens if self.branches == 1 else tokens.repeat(self.branches)
            self.logits, self.state = self.model.step(self.state, fed)

    def _joined(self, logits: Tensor, step: int) -> Tensor:
        """Rows of all branches -> one row an example, warped: ``[live, vocabulary]``."""
        if self.method is not None:
            logits = self.method.combine(logits.view(self.branches, len(self.live), -1), step)
        if self.warpers:
            logits = self.warpers(self.said, logits)
        return logits

    def _choose(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Next tokens ``[live]`` and their log-probabilities."""
        total = logits.logsumexp(-1)
        if self.settings.mode == "greedy":
            best, tokens = logits.max(-1)
            return tokens, best - total
        logprobs = logits - total[:, None]
        check_numbers(total.tolist())
        tokens = torch.cat(
            [
                torch.multinomial(row, 1, generator=self.generators[index])
                for row, index in zip(logits.softmax(-1), self.live)
            ]
        )
        return tokens, logprobs.gather(1, tokens[:, None])[:, 0]

    def _record(self, tokens: list[int], logprobs: list[float]) -> list[int]:
        """Note the tokens; which live rows go on."""
        check_numbers(logprobs)
        going = []
        for row, index in enumerate(self.live):
            answer = self._answers[index]
            answer.tokens.append(tokens[row])
            answer.logprobs.append(logprobs[row])
            if tokens[row] in self.ends:
                answer.finish_reason = "end"
            elif self.text.stops and self.text.stopped(answer.tokens):
                answer.finish_reason = "stop"
            else:
                going.append(row)
        return going

    def _drop(self, tokens: Tensor, keep: list[int]) -> Tensor:
        """Go on with the live rows ``keep`` in all branches."""
        count, device = len(self.live), tokens.device
        rows = [branch * count + row for branch in range(self.branches) for row in keep]
        self.state.reorder(torch.tensor(rows, device=device))
        self.live = [self.live[row] for row in keep]
        kept = torch.tensor(keep, device=device)
        self.said = None if self.said is None else self.said[kept]
        return tokens[kept]


def check_numbers(values: list[float]) -> None:
    """Raises ``ModelError`` where a score is NaN."""
    if any(value != value for value in values):
        raise ModelError(
            "The model's logits are no numbers (NaN). Its weights may be damaged, or its number format too narrow: try "
            "float32 or bfloat16."
        )
