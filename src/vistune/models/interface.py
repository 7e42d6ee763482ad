"""What decoding, evaluation and analysis may ask of a model, whatever it is inside.

``VisionLanguageModel`` (composed here) and ``ForeignModel`` (a whole Hugging Face VLM) both have this face.
"""

from __future__ import annotations

from collections.abc import Sequence as Items
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn

from vistune.data.example import Example


class DecodeState(Protocol):
    """What a model keeps between decoding steps: its KV cache and where each row stands."""

    def reorder(self, rows: Tensor) -> None:
        """Keep rows ``rows [R']`` (long, may repeat) in this order, as beam search needs."""
        ...


@runtime_checkable
class Answerer(Protocol):
    """A model that can be prompted and decoded step by step.

    ``prepare`` turns Examples whose last message is the user's into left-padded model input (a ``Batch`` or a mapping).
    ``prefill`` runs the prompt and gives the logits ``[rows, vocabulary]`` of the next token with the state;
    ``step`` feeds one token a row ``[rows]`` and gives the next logits. ``answer_logprobs`` runs Examples with their
    answers in one pass, for likelihoods.
    """

    @property
    def tokenizer(self) -> Any:
        """The tokenizer that decodes answers."""
        ...

    @property
    def eos_token_ids(self) -> tuple[int, ...]:
        """Ids that end an answer."""
        ...

    @property
    def pad_token_id(self) -> int:
        """Id that fills rows up."""
        ...

    @property
    def module(self) -> nn.Module:
        """The network itself, for hooks and devices."""
        ...

    def prepare(self, examples: Items[Example]) -> Any:
        """Left-padded prompts, one row an example, on the model's device."""
        ...

    def prefill(self, inputs: Any) -> tuple[Tensor, DecodeState]:
        """Run the prompts. -> logits ``[rows, vocabulary]`` float32, state."""
        ...

    def step(self, state: Any, tokens: Tensor) -> tuple[Tensor, DecodeState]:
        """Feed ``tokens [rows]`` long. -> logits ``[rows, vocabulary]`` float32, state."""
        ...

    def answer_logprobs(self, examples: Items[Example]) -> list[Tensor]:
        """Log-probabilities ``[answer tokens]`` of each Example's last assistant message given what precedes it."""
        ...

    def answer_ids(self, example: Example) -> list[int]:
        """Tokens of the last assistant message as they stand in the whole conversation, up to the end mark."""
        ...
