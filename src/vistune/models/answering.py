"""Prompting and step-by-step decoding of a ``VisionLanguageModel``: the ``Answerer`` face."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache

from vistune.core.errors import ModelError
from vistune.data.batch import Batch, Role
from vistune.data.example import Example
from vistune.models.adapters.context import AdapterContext, reorder_extras
from vistune.models.cache import roomy_cache
from vistune.models.sequence import Sequence


def whole_cache(cache: Any) -> Any:
    """An empty cache that keeps all tokens in place of one whose layers forget those outside their window.

    Our masks speak of all tokens and hold the windows themselves (see ``masks``).
    """
    if cache is None or (not cache.get_seq_length() and any(getattr(cache, "is_sliding", ()))):
        return DynamicCache()
    return cache


def kept_extras(cache: Any) -> dict[Any, Tensor] | None:
    """What adapters keep between the steps of one generation: it lives as long as the cache; None without one."""
    return None if cache is None else cache.__dict__.setdefault("vistune_extras", {})


@dataclass(slots=True)
class State:
    """Between two steps: the cache, where each row stands, and which cached tokens a new one sees.

    ``next [B]``: position of the next token; ``visible`` bool ``[B, L]``, None = all; ``extras``: what adapters keep.
    """

    cache: DynamicCache
    next: Tensor
    visible: Tensor | None
    extras: dict[Any, Tensor] = field(default_factory=dict)

    def reorder(self, rows: Tensor) -> None:
        """Keep rows ``rows [R']`` (long, may repeat) in this order."""
        self.cache.batch_select_indices(rows)
        self.next = self.next[rows]
        self.visible = None if self.visible is None else self.visible[rows]
        reorder_extras(self.extras, rows)


class Answering(nn.Module):
    """The part of ``VisionLanguageModel`` that decoding, evaluation and analysis speak to."""

    processor: Any

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self

    @property
    def tokenizer(self) -> Any:
        """The processor's tokenizer."""
        return self._require_processor().tokenizer

    @property
    def pad_token_id(self) -> int:
        """Id that fills rows up."""
        return self._require_processor().pad_token_id

    @property
    def eos_token_ids(self) -> tuple[int, ...]:
        """Ids that end an answer: the generation settings' and the tokenizer's."""
        config: Any = self.generation_config
        given = config.eos_token_id if config is not None else None
        ids = list(given) if isinstance(given, list | tuple) else [given]
        return tuple(dict.fromkeys(i for i in (*ids, self.tokenizer.eos_token_id) if i is not None))

    def _require_processor(self) -> Any:
        if self.processor is None:
            raise ModelError("This model has no processor (tokenizer and image processor), so it cannot be asked.")
        return self.processor

    def prepare(self, examples: Items[Example]) -> Batch:
        """Left-padded prompts, one row an example, on the model's device."""
        device: Any = self.device
        return self._require_processor()(examples, prompt=True).to(device)

    @torch.no_grad()
    def prefill(self, inputs: Batch | Sequence) -> tuple[Tensor, State]:
        """Run left-padded prompts (a batch or a sequence). -> logits of the next token ``[B, vocabulary]`` fp32, state.

        Raises ``ModelError`` for prompts padded on the right.
        """
        model: Any = self
        sequence = inputs if isinstance(inputs, Sequence) else model.sequence(inputs)
        if bool((sequence.sample[:, -1] < 0).any()):
            raise ModelError("Prompts must be padded on the left: collate them with padding_side='left'.")
        cache, extras = roomy_cache(), {}
        output = model.run(sequence, sequence.embeddings, cache=cache, use_cache=True, logits_to_keep=1, extras=extras)
        # What the next token may see, all later ones may: they differ from it by their place only.
        tokens = replace(sequence, embeddings=None, labels=None).extend(1)
        allowed = model.attention.allowed(tokens, last=1)
        visible = None if allowed is None else allowed[:, 0, 0, :-1]
        following = model.positions.positions(tokens)[:, -1]
        return output.logits[:, -1].float(), State(cache, following, visible, extras)

    @torch.no_grad()
    def step(self, state: State, tokens: Tensor) -> tuple[Tensor, State]:
        """Feed ``tokens [B]``. -> logits of the next token ``[B, vocabulary]`` fp32, state (changed in place)."""
        model: Any = self
        ids = tokens[:, None]
        mask = None
        if state.visible is not None:
            state.visible = torch.nn.functional.pad(state.visible, (0, 1), value=True)
            mask = state.visible[:, None, None]
        nothing = torch.zeros_like(ids)
        output = model.run_decoder(
            model.get_input_embeddings()(ids),
            positions=state.next[:, None],
            mask=mask,
            context=AdapterContext(nothing + int(Role.TEXT), nothing, nothing - 1, state.extras),
            cache=state.cache,
            use_cache=True,
        )
        state.next = model.positions.advance(state.next)
        return output.logits[:, -1].float(), state

    @torch.no_grad()
    def answer_logprobs(self, examples: Items[Example]) -> list[Tensor]:
        """Log-probabilities ``[answer tokens]`` of each Example's last answer, its end mark included."""
        model: Any = self
        whole = [_learned(example) for example in examples]
        batch = self._require_processor()(whole).to(model.device)
        last = torch.where(batch.answer, batch.turn, -1).amax(dim=1, keepdim=True)
        wanted = batch.answer & (batch.turn == last)
        before = torch.nn.functional.pad(wanted[:, 1:], (0, 1))
        tensors = {name: value for name, value in batch.tensors().items() if name != "labels"}
        logits = model(**tensors, logits_to_keep=before).logits.float()  # [answer tokens of all rows, V]
        chosen = logits.log_softmax(-1).gather(1, batch.input_ids[wanted][:, None])[:, 0]
        return list(chosen.split(wanted.sum(dim=1).tolist()))

    def answer_ids(self, example: Example) -> list[int]:
        """Tokens of an Example's last answer as they stand in the whole conversation, its end mark included."""
        encoded = self._require_processor().encode(_learned(example))
        answer = encoded.answer.astype(bool)
        return encoded.ids[answer & (encoded.turn == encoded.turn[answer].max())].tolist()


def _learned(example: Example) -> Example:
    """The example with its last answer to be learned, whatever it says. Raises ``ModelError`` without one."""
    if not example.messages or example.messages[-1].role != "assistant":
        raise ModelError(f"Example '{example.id}' does not end in an answer, so there is none to judge.")
    return replace(example, messages=[*example.messages[:-1], replace(example.messages[-1], learn=True)])
