"""Prompting and step-by-step decoding of a ``VisionLanguageModel``: the ``Answerer`` face."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache

from vistune.core.errors import ModelError
from vistune.data.batch import IGNORE, Batch, Role
from vistune.data.example import Example
from vistune.models.adapters.context import AdapterContext, reorder_extras


@dataclass(slots=True)
class State:
    """Between two steps: the cache, the last position ``[B]``, which cached tokens a new one sees ``[B, L]`` (None = all)."""

    cache: DynamicCache
    last: Tensor
    visible: Tensor | None
    extras: dict[Any, Tensor] = field(default_factory=dict)

    def reorder(self, rows: Tensor) -> None:
        """Keep rows ``rows [R']`` (may repeat) in this order."""
        self.cache.batch_select_indices(rows)
        self.last = self.last[rows]
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
        """Ids that end an answer."""
        config: Any = self.generation_config
        ids = config.eos_token_id if config.eos_token_id is not None else self.tokenizer.eos_token_id
        return tuple(ids) if isinstance(ids, list | tuple) else (ids,)

    def _require_processor(self) -> Any:
        if self.processor is None:
            raise ModelError("This model has no processor (tokenizer and image processor), so it cannot be asked.")
        return self.processor

    def prepare(self, examples: Items[Example]) -> Batch:
        """Left-padded prompts, one row an example, on the model's device."""
        device: Any = self.device
        return self._require_processor()(examples, prompt=True).to(device)

    @torch.no_grad()
    def prefill(self, inputs: Batch) -> tuple[Tensor, State]:
        """Run left-padded prompts. -> logits of the next token ``[B, vocabulary]`` fp32, state."""
        model: Any = self
        tensors = inputs.tensors()
        sequence = model.sequence(
            **{k: v for k, v in tensors.items() if k not in ("labels", "pixel_values", "features")}
        )
        cache, extras = DynamicCache(), {}  # without a config it keeps all tokens; our masks hold the windows
        output = model(**tensors, past_key_values=cache, use_cache=True, logits_to_keep=1, extras=extras)
        visible = sequence.real & (sequence.sample == sequence.sample[:, -1:]) & (sequence.roles != Role.MODALITY)
        last = model.positions.positions(sequence)[:, -1]
        return output.logits[:, -1].float(), State(cache, last, None if bool(visible.all()) else visible, extras)

    @torch.no_grad()
    def step(self, state: State, tokens: Tensor) -> tuple[Tensor, State]:
        """Feed ``tokens [B]``. -> logits of the next token ``[B, vocabulary]`` fp32, state (changed in place)."""
        model: Any = self
        ids = tokens[:, None]
        state.last = model.positions.advance(state.last)
        mask = None
        if state.visible is not None:
            state.visible = torch.nn.functional.pad(state.visible, (0, 1), value=True)
            mask = state.visible[:, None, None]
        context = AdapterContext(
            torch.full_like(ids, int(Role.TEXT)), torch.zeros_like(ids), torch.full_like(ids, -1), state.extras
        )
        output = model.run_decoder(
            model.get_input_embeddings()(ids),
            positions=state.last[:, None],
            mask=mask,
            context=context,
            past_key_values=state.cache,
            use_cache=True,
        )
        return output.logits[:, -1].float(), state

    @torch.no_grad()
    def answer_logprobs(self, examples: Items[Example]) -> list[Tensor]:
        """Log-probabilities ``[answer tokens]`` of each Example's last answer, its end mark included."""
        model: Any = self
        batch = self._require_processor()(examples).to(model.device)
        logits = model(**{k: v for k, v in batch.tensors().items() if k != "labels"}).logits.float()
        last = (batch.turn == batch.turn.amax(1, keepdim=True)) & (batch.labels != IGNORE)
        chosen = logits[:, :-1].log_softmax(-1).gather(2, batch.input_ids[:, 1:, None])[..., 0]
        return [row[keep] for row, keep in zip(chosen, last[:, 1:])]
