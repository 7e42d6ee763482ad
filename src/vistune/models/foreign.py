"""``ForeignModel``: a whole Hugging Face vision-language model behind the ``Answerer`` face.

The network's own rules for generation are used at every step (``prepare_inputs_for_generation`` and what goes with it),
so that three-axis rotary positions, cross-attention masks and pictures at the first step only are as its authors mean.
"""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jinja2 import TemplateError
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoModelForImageTextToText
from transformers.generation import GenerationMixin
from transformers.utils import ModelOutput

from vistune.core.device import pick_device
from vistune.core.errors import DataError, ModelError
from vistune.data.example import Example
from vistune.data.processor import relative_box
from vistune.data.template import Turn
from vistune.data.turns import flatten
from vistune.models.cache import roomy_cache
from vistune.models.foreign_processor import load_processor
from vistune.models.shipped import read_config, weights_bar

#: Inputs that tell of pictures: read with the prompt, then kept in the cache.
_PICTURES = ("pixel_", "image_", "video_", "patch", "num_local_patches", "high_res_pixel_values", "target_sizes")


@dataclass(slots=True)
class State:
    """Between two steps: all tokens so far ``[R, L]`` and the keyword arguments of the network's next call."""

    ids: Tensor
    kwargs: dict[str, Any]

    def reorder(self, rows: Tensor) -> None:
        """Keep rows ``rows [R']`` (long, may repeat) in this order."""
        count = self.ids.shape[0]
        self.ids = self.ids[rows]
        for name, value in self.kwargs.items():
            if hasattr(value, "reorder_cache"):
                value.reorder_cache(rows)
            elif isinstance(value, Tensor) and value.dim():
                # Positions may be [axes, rows, tokens]; one row that stands for all stays.
                dim = value.dim() - 2 if name == "position_ids" else 0
                self.kwargs[name] = value.index_select(dim, rows) if value.shape[dim] == count else value


class ForeignModel:
    """``network`` (an ``AutoModelForImageTextToText``) and its ``processor``, to be prompted and decoded step by step.

    Raises ``ModelError`` for encoder-decoder networks, networks with a ``generate`` of their own (BLIP-2, Kosmos-2), and
    processors without a chat template.
    """

    def __init__(self, network: Any, processor: Any) -> None:
        name = type(network).__name__
        if network.config.is_encoder_decoder:
            raise ModelError(f"{name} has an encoder for its text; only decoder-only models can be asked here.")
        stepwise = vars(GenerationMixin)["generate"] is type(network).generate
        if not stepwise or not network._supports_default_dynamic_cache():
            raise ModelError(f"{name} decodes in its own way, so vistune's decoding loop cannot run it.")
        self.network = network.eval()
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self._template = getattr(processor, "chat_template", None) or getattr(self.tokenizer, "chat_template", None)
        if not self._template:
            raise ModelError(f"The processor of {name} has no chat template: add chat_template.jinja to its folder.")

    @classmethod
    def load(cls, folder: Path | str, *, device: str | None = None, dtype: Any = None, **options: Any) -> ForeignModel:
        """Network and processor of a checkpoint folder; ``options`` go to ``from_pretrained``.

        ``dtype``: that of the checkpoint unless given. Raises ``ModelError`` where it cannot be read whole.
        """
        folder = Path(folder)
        kind = read_config(folder).get("model_type")
        options |= {} if dtype is None else {"dtype": dtype}
        auto: Any = AutoModelForImageTextToText
        try:
            with weights_bar(folder):
                network, report = auto.from_pretrained(
                    folder, output_loading_info=True, ignore_mismatched_sizes=True, **options
                )
        except (OSError, SafetensorError, ImportError) as error:
            raise ModelError(f"{folder} cannot be read: {str(error).splitlines()[0]}") from error
        except (ValueError, KeyError) as error:
            raise ModelError(f"{folder}: transformers knows no vision-language model of the type '{kind}'.") from error
        for what in ("missing_keys", "mismatched_keys"):
            names = sorted(str(key if isinstance(key, str) else key[0]) for key in report.get(what) or ())
            if names:
                told = "lacks" if what == "missing_keys" else "has in another shape than its config.json says"
                raise ModelError(f"{folder} {told} {len(names)} of the weights, the first is '{names[0]}'.")
        if "device_map" not in options:
            network.to(pick_device(device))
        return cls(network, load_processor(folder))

    @property
    def module(self) -> nn.Module:
        """The network itself."""
        return self.network

    @property
    def eos_token_ids(self) -> tuple[int, ...]:
        """Tokens that end an answer: those of the generation config, else the tokenizer's."""
        given = self.network.generation_config.eos_token_id
        given = self.tokenizer.eos_token_id if given is None else given
        ids = given if isinstance(given, list | tuple) else [given]
        return tuple(dict.fromkeys(int(i) for i in ids if i is not None))

    @property
    def pad_token_id(self) -> int:
        """What fills prompts up on the left."""
        pad = self.tokenizer.pad_token_id
        return int(pad) if pad is not None else next(iter(self.eos_token_ids), 0)

    # -- prompts -------------------------------------------------------------------------------------------------------

    def prepare(self, examples: Items[Example]) -> dict[str, Any]:
        """Left-padded prompts through the model's own processor, one row an example; a last answer is left out.

        Raises ``DataError`` for examples that cannot be a prompt or that the processor refuses.
        """
        return self._inputs([self._chat(example, prompt=True) for example in examples], examples)

    def _inputs(self, chats: list[list[dict[str, Any]]], examples: Items[Example]) -> dict[str, Any]:
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.convert_ids_to_tokens(self.pad_token_id)
        options = {"padding": True, "padding_side": "left"}
        try:
            inputs = self.processor.apply_chat_template(
                chats, chat_template=self._template, add_generation_prompt=True, tokenize=True, return_dict=True,
                return_tensors="pt", processor_kwargs=options,
            )  # fmt: skip
        except (TemplateError, ValueError, IndexError) as error:
            ids = ", ".join(f"'{example.id}'" for example in examples[:3])
            raise DataError(f"The model's processor refuses a prompt (examples {ids}...): {error}") from error
        return dict(inputs.to(self.network.device, dtype=self.network.dtype))

    def _chat(self, example: Example, prompt: bool) -> list[dict[str, Any]]:
        """The messages as chat templates take them, pictures opened. Raises ``DataError`` with the example's id."""
        mark = getattr(self.processor, "image_token", None)
        try:
            turns = flatten(example, relative_box, prompt)
            if mark and any(isinstance(piece, str) and mark in piece for turn in turns for piece in turn.pieces):
                raise DataError(f"a text holds '{mark}', with which this model marks pictures. Remove it.")
        except DataError as error:
            raise DataError(f"Example '{example.id}': {error}") from error
        return [{"role": turn.role, "content": _content(turn, example)} for turn in turns]

    # -- decoding ------------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def prefill(self, inputs: dict[str, Any]) -> tuple[Tensor, State]:
        """Run left-padded prompts. -> logits of the next token ``[rows, vocabulary]`` fp32, state."""
        network, kwargs = self.network, dict(inputs)
        ids = kwargs.pop("input_ids")
        kwargs["position_ids"] = network._prepare_position_ids_for_generation(ids, kwargs)
        if bool(kwargs["attention_mask"].all()):  # without padding attention needs no mask, and is faster
            kwargs["attention_mask"] = None
        kwargs["cache"] = roomy_cache(network.config.get_text_config(decoder=True))
        kwargs["use_cache"] = True
        if network._supports_logits_to_keep():
            kwargs["logits_to_keep"] = 1
        output = network(
            **network.prepare_inputs_for_generation(ids, is_first_iteration=True, **kwargs), return_dict=True
        )
        kept = {name: value for name, value in kwargs.items() if not name.startswith(_PICTURES)}
        return output.logits[:, -1].float(), State(ids, kept)

    @torch.no_grad()
    def step(self, state: State, tokens: Tensor) -> tuple[Tensor, State]:
        """Feed ``tokens [rows]``. -> logits of the next token ``[rows, vocabulary]`` fp32, state (changed in place)."""
        return self._extend(state, tokens[:, None])[:, -1].float(), state

    def _extend(self, state: State, tokens: Tensor) -> Tensor:
        """Run ``tokens [rows, N]`` after what is cached. -> logits ``[rows, N or 1, vocabulary]``."""
        network, count = self.network, tokens.shape[1]
        state.ids = torch.cat([state.ids, tokens], dim=1)
        state.kwargs = network._update_model_kwargs_for_generation(_NOTHING, state.kwargs, num_new_tokens=count)
        inputs = network.prepare_inputs_for_generation(state.ids, next_sequence_length=count, **state.kwargs)
        return network(**inputs, return_dict=True).logits

    # -- likelihood ----------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def answer_logprobs(self, examples: Items[Example]) -> list[Tensor]:
        """Log-probabilities ``[answer tokens]`` of each Example's last answer, its end mark included.

        The answers are fed after the cached prompts, padded on the right, where nothing that counts sees the padding.
        """
        answers = [self.answer_ids(example) for example in examples]
        first, state = self.prefill(self.prepare(examples))
        longest = max(len(ids) for ids in answers)
        fed = torch.full((len(answers), longest), self.pad_token_id, device=first.device)
        for row, ids in enumerate(answers):
            fed[row, : len(ids)] = torch.tensor(ids, device=first.device)
        logits = first[:, None]
        if longest > 1:
            if "logits_to_keep" in state.kwargs:
                state.kwargs["logits_to_keep"] = 0
            logits = torch.cat([logits, self._extend(state, fed[:, :-1])[:, 1 - longest :].float()], dim=1)
        chosen = logits.log_softmax(-1).gather(-1, fed[..., None])[..., 0]
        return [chosen[row, : len(ids)] for row, ids in enumerate(answers)]

    def answer_ids(self, example: Example) -> list[int]:
        """Tokens of the last answer as they stand in the whole conversation, up to the end mark."""
        if not example.messages or example.messages[-1].role != "assistant":
            raise ModelError(f"Example '{example.id}' does not end in an answer, so there is none to judge.")
        chat = self._chat(example, prompt=False)
        whole, asked = (
            self.processor.apply_chat_template(
                part, chat_template=self._template, add_generation_prompt=prompt, tokenize=False
            )
            for part, prompt in ((chat, False), (chat[:-1], True))
        )
        if whole.startswith(asked):
            ids, before = (self.tokenizer(text, add_special_tokens=False)["input_ids"] for text in (whole, asked))
            # Where the border falls inside a token the answer's own text is taken, as the model would write it.
            clean = ids[: len(before)] == before
            said = ids[len(before) :] if clean else self._ids(whole[len(asked) :])
        else:
            said = [*self._ids(example.messages[-1].text), *self.eos_token_ids[:1]]
        end = next((place for place, token in enumerate(said) if token in self.eos_token_ids), len(said) - 1)
        if end < 0:
            raise DataError(f"Example '{example.id}': its last answer is empty.")
        return said[: end + 1]

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]


_NOTHING = ModelOutput()


def _content(turn: Turn, example: Example) -> list[dict[str, Any]]:
    return [
        {"type": "text", "text": piece} if isinstance(piece, str) else {"type": "image", "image": _open(example, piece)}
        for piece in turn.pieces
    ]


def _open(example: Example, index: int) -> Any:
    return example.images[index].open()
