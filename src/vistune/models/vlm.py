"""``VisionLanguageModel``: a vision encoder, a connector, a decoder and adapters, put together by a configuration.

Shape legend: B rows, L tokens, N pictures, V' features and V visual tokens a picture, D' and D their widths.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoModelForCausalLM, GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

from vistune.core.errors import ModelError, nearest
from vistune.data.batch import IGNORE, Role
from vistune.models.adapters.base import build_adapter, merge_all
from vistune.models.adapters.context import AdapterContext, ContextSlot, has_image
from vistune.models.answering import Answering
from vistune.models.config import VisionLanguageConfig
from vistune.models.connectors import CONNECTORS
from vistune.models.masks import decoder_mask
from vistune.models.sequence import ATTENTION, POSITIONS, Sequence
from vistune.models.vision import feature_grid, used_layers, vision_features

_FIELDS = ("roles", "sample", "turn", "answer", "image", "row", "col", "grids")


class VisionLanguageModel(Answering, PreTrainedModel, GenerationMixin):
    """Pictures and text to text.

    ``from_parts`` puts one together, ``from_pretrained`` reads one (its own folders and LLaVA's), ``save_pretrained``
    writes one, ``export`` writes a checkpoint for plain transformers. ``processor`` turns Examples into batches.
    """

    config_class = VisionLanguageConfig
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = False
    _supports_flex_attn = False
    _supports_attention_backend = True

    def __init__(
        self, config: VisionLanguageConfig, vision: nn.Module | None = None, decoder: nn.Module | None = None
    ) -> None:
        super().__init__(config)
        self.vision: Any = vision if vision is not None else AutoModel.from_config(config.vision_config)
        self.decoder: Any = decoder if decoder is not None else AutoModelForCausalLM.from_config(config.text_config)
        rows, cols = feature_grid(config)
        sizes = {"d_in": config.vision_config.hidden_size, "d_out": config.text_config.hidden_size}
        self.connector = CONNECTORS.build(config.connector, **sizes, n_in=rows * cols)
        self.positions = POSITIONS.build(config.positions)
        self.attention = ATTENTION.build(config.attention)
        self.slot = ContextSlot()
        self.adapters = nn.ModuleDict()
        self.processor: Any = None
        for name, spec in config.adapters.items():
            self._attach(name, spec)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Nothing: each part comes with its own initialisation."""

    # -- parts ---------------------------------------------------------------------------------------------------------

    @classmethod
    def from_parts(cls, vision: Any, decoder: Any, **options: Any) -> VisionLanguageModel:
        """See ``vistune.models.assemble.from_parts``."""
        from vistune.models.assemble import from_parts

        return from_parts(vision, decoder, **options)

    def parts(self) -> dict[str, nn.Module]:
        """The parts by name."""
        return {name: getattr(self, name) for name in ("vision", "connector", "decoder", "adapters")}

    def parameter_table(self) -> list[tuple[str, int, int]]:
        """(part, parameters, trainable parameters) of each part."""
        rows = []
        for name, part in self.parts().items():
            sizes = [(p.numel(), p.requires_grad) for p in part.parameters()]
            rows.append((name, sum(n for n, _ in sizes), sum(n for n, trains in sizes if trains)))
        return rows

    def add_adapter(self, name: str, spec: str | Mapping[str, Any]) -> None:  # type: ignore[override]
        """Put an adapter at its sites; see ``vistune.models.adapters``. Raises ``ModelError`` for a taken name."""
        if name in self.adapters:
            raise ModelError(f"The model has an adapter '{name}' already. Choose another name.")
        self._attach(name, spec)
        self.config.adapters = {**self.config.adapters, name: {"kind": spec} if isinstance(spec, str) else dict(spec)}
        if self.processor is not None:
            self.processor.modality_token = self.needs_modality_token

    def _attach(self, name: str, spec: str | Mapping[str, Any]) -> None:
        parts = {"vision": self.vision, "decoder": self.decoder}
        depth = {"vision": used_layers(self.config)}
        adapter = build_adapter(spec, parts, slot=self.slot, name=name, used_layers=depth)
        if adapter.needs_modality_token and self.needs_modality_token:
            adapter.detach()
            raise ModelError(
                f"adapter '{name}': another one owns the modality token already; one model has one router."
            )
        self.adapters[name] = adapter

    def merge_adapters(self, modality: str | None = None) -> None:
        """Fold every adapter into the weights for good. Raises ``ModelError`` where the algebra does not allow it."""
        merge_all(self.adapters.values(), modality)  # type: ignore[arg-type]
        self.adapters = nn.ModuleDict()
        self.config.adapters = {}
        if self.processor is not None:
            self.processor.modality_token = False

    @property
    def needs_modality_token(self) -> bool:
        """Does an adapter route on a modality token in front of each sample?"""
        return any(a.needs_modality_token for a in self.adapters.values())

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of a picture's visual tokens."""
        return self.connector.grid(*feature_grid(self.config))

    def get_input_embeddings(self) -> nn.Module:
        """The decoder's word embeddings."""
        return self.decoder.get_input_embeddings()

    def get_output_embeddings(self) -> nn.Module:
        """The decoder's head."""
        return self.decoder.get_output_embeddings()

    # -- pictures to tokens --------------------------------------------------------------------------------------------

    def encode_images(self, pixel_values: Tensor) -> Tensor:
        """``[N, 3, H, W]`` -> the encoder's features ``[N, V', D']``; without gradient where nothing in it trains."""
        trains = any(p.requires_grad for p in self.vision.parameters()) or any(
            a.part == "vision" and any(p.requires_grad for p in a.parameters()) for a in self.adapters.values()
        )
        self.slot.current = None
        with torch.set_grad_enabled(trains and torch.is_grad_enabled()):
            return vision_features(self.vision, self.config, pixel_values.to(self.vision.dtype))

    def visual_tokens(self, pixel_values: Tensor | None = None, features: Tensor | None = None) -> Tensor:
        """Pixels or cached features -> visual tokens ``[N, V, D]``."""
        if features is None:
            if pixel_values is None:
                raise ModelError("There are image tokens but neither pixel_values nor features.")
            features = self.encode_images(pixel_values)
        weight = next(self.connector.parameters(), features)
        return self.connector(features.to(weight.dtype))

    def _embed(
        self, input_ids: Tensor, sequence: Sequence, pixel_values: Tensor | None, features: Tensor | None
    ) -> Tensor:
        """Embeddings ``[B, L, D]`` with visual tokens and modality tokens in their places."""
        embeddings = self.get_input_embeddings()(input_ids)
        visual = sequence.visual
        if bool(visual.any()):
            tokens = self.visual_tokens(pixel_values, features)
            pictures, cell = sequence.image[visual], sequence.row[visual] * self.grid[1] + sequence.col[visual]
            if int(pictures.max()) >= len(tokens):
                raise ModelError(
                    f"Tokens speak of picture {int(pictures.max())}, but there are {len(tokens)} pictures."
                )
            embeddings = embeddings.masked_scatter(visual[..., None], tokens[pictures, cell].to(embeddings.dtype))
        elif self.training and torch.is_grad_enabled():
            embeddings = embeddings + 0.0 * self._idle_tower().to(embeddings.dtype)
        for adapter in self.adapters.values():
            if adapter.needs_modality_token:
                mark = (sequence.roles == Role.MODALITY)[..., None]
                own: Tensor = adapter.modality_embeddings()  # type: ignore[operator]
                kinds = own[has_image(sequence.roles, sequence.sample).long()]
                embeddings = torch.where(mark, kinds.to(embeddings.dtype), embeddings)
        return embeddings

    def _idle_tower(self) -> Tensor:
        """A scalar through encoder and connector for a batch without pictures.

        Their gradients are zero but there, so that processes which did see pictures do not wait for this one.
        """
        trained = [*self.vision.parameters(), *self.connector.parameters(), *self.adapters.parameters()]
        if not any(p.requires_grad for p in trained):
            return torch.zeros((), device=self.device)
        size = self.config.vision_config.image_size
        height, width = (size, size) if isinstance(size, int) else size
        return self.visual_tokens(torch.zeros(1, 3, height, width, device=self.device)).float().sum()

    # -- forward -------------------------------------------------------------------------------------------------------

    def sequence(self, input_ids: Tensor, attention_mask: Tensor | None = None, **fields: Tensor | None) -> Sequence:
        """The tokens' roles and places: as given by a ``Batch``, or found from ids where only ids are given."""
        if fields.get("roles") is not None:
            return Sequence(**{name: fields[name] for name in _FIELDS})  # type: ignore[arg-type]
        real = torch.ones_like(input_ids) if attention_mask is None else attention_mask.long()
        visual = (input_ids == self.config.image_token_id) & (real > 0)
        rows, cols = self.grid
        order = (visual.flatten().long().cumsum(0) - 1).view_as(input_ids)
        cell = order % (rows * cols)
        pictures = int(visual.sum()) // (rows * cols)
        none = torch.full_like(input_ids, -1)
        return Sequence(
            roles=torch.where(visual, int(Role.IMAGE), torch.where(real > 0, int(Role.TEXT), int(Role.PAD))),
            sample=real - 1,
            turn=real - 1,
            answer=torch.zeros_like(visual),
            image=torch.where(visual, order // (rows * cols), none),
            row=torch.where(visual, cell // cols, none),
            col=torch.where(visual, cell % cols, none),
            grids=torch.tensor([[rows, cols]] * pictures, device=input_ids.device).view(-1, 2),
        )

    def forward(  # type: ignore[override]
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        pixel_values: Tensor | None = None,
        features: Tensor | None = None,
        labels: Tensor | None = None,
        past_key_values: Any = None,
        use_cache: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        extras: dict[Any, Tensor] | None = None,
        num_items_in_batch: Tensor | int | None = None,
        **fields: Any,
    ) -> CausalLMOutputWithPast:
        """A ``Batch``'s tensors (or plain ids) -> logits ``[B, L, vocabulary]``, and the loss where labels are given.

        With a filled ``past_key_values`` the ids are the newest tokens, and the fields describe the prompt before them.
        The loss is the mean cross-entropy in fp32 over supervised tokens (or their sum over ``num_items_in_batch``).
        """
        named = {name: fields.pop(name, None) for name in _FIELDS}
        past = 0 if past_key_values is None else past_key_values.get_seq_length()
        new = input_ids.shape[1]
        if past and named["roles"] is None:
            raise ModelError("Decoding with a cache needs the prompt's fields (roles, sample, ...).")
        sequence = self.sequence(input_ids, attention_mask, **named)
        if past:
            sequence = sequence.extend(past + new - sequence.shape[1])
            embeddings = self.get_input_embeddings()(input_ids)
        else:
            embeddings = self._embed(input_ids, sequence, pixel_values, features)
        output = self.run_decoder(
            embeddings,
            positions=self.positions.positions(sequence, self.training)[:, -new:],
            mask=self.attention.allowed(sequence, last=new if past else None),
            context=AdapterContext(
                sequence.roles[:, -new:], sequence.sample[:, -new:], sequence.image[:, -new:], extras
            ),
            past_key_values=past_key_values,
            use_cache=bool(use_cache),
            logits_to_keep=logits_to_keep,
            **{k: v for k, v in fields.items() if k in ("output_attentions", "output_hidden_states")},
        )
        if labels is not None:
            output.loss = token_loss(output.logits, labels, sequence.sample, num_items_in_batch)
        return output

    def run_decoder(
        self,
        embeddings: Tensor,
        *,
        positions: Tensor | None,
        mask: Tensor | None,
        context: AdapterContext,
        **options: Any,
    ) -> CausalLMOutputWithPast:
        """Embeddings ``[B, n, D]`` through the decoder; ``mask`` bool ``[B, 1, n, L]`` or None for plain causal."""
        self.slot.current = context
        whole = options.get("past_key_values") is None
        if mask is not None:
            options["attention_mask"] = decoder_mask(self.decoder.config, mask, embeddings.dtype)
        elif whole and not self.positions.default:
            # Without any mask transformers takes steps other than 1 between positions for the borders of packed samples.
            options["attention_mask"] = torch.ones(embeddings.shape[:2], dtype=torch.bool, device=embeddings.device)
        ordinary = mask is None and whole and self.positions.default
        return self.decoder(inputs_embeds=embeddings, position_ids=None if ordinary else positions, **options)

    def generate(self, *args: Any, **options: Any) -> Any:
        """``generate`` of transformers; adapters that route keep what the prompt gave them until its last token."""
        return super().generate(*args, **{"extras": {}, **options})  # type: ignore[misc]

    def _validate_model_kwargs(self, model_kwargs: dict[str, Any]) -> None:
        """``generate`` may be given every field of a ``Batch``; anything else is a typing error."""
        known = (
            "input_ids",
            *_FIELDS,
            "attention_mask",
            "pixel_values",
            "features",
            "past_key_values",
            "use_cache",
            "extras",
        )
        for name in model_kwargs:
            if name not in (*known, "labels", "inputs_embeds", "position_ids", "logits_to_keep", "output_attentions"):
                raise ModelError(f"generate: there is no input '{name}'. {nearest(name, known)}")

    def _expand_inputs_for_generation(  # type: ignore[override]
        self, expand_size: int = 1, is_encoder_decoder: bool = False, input_ids: Tensor | None = None, **fields: Any
    ) -> tuple[Tensor | None, dict[str, Any]]:
        """Beams of ``generate``: rows are repeated, pictures are not, since rows find them by number."""
        shared = {name: fields.pop(name) for name in ("pixel_values", "features", "grids") if name in fields}
        ids, repeated = super()._expand_inputs_for_generation(
            expand_size=expand_size, is_encoder_decoder=is_encoder_decoder, input_ids=input_ids, **fields
        )
        return ids, {**repeated, **shared}  # type: ignore[dict-item]

    def prepare_inputs_for_generation(self, input_ids: Tensor, **options: Any) -> dict[str, Any]:  # type: ignore[override]
        """What ``generate`` of transformers passes to ``forward`` at each step."""
        cache = options.get("past_key_values")
        past = 0 if cache is None else cache.get_seq_length()
        kept = {
            k: v
            for k, v in options.items()
            if k in (*_FIELDS, "past_key_values", "use_cache", "logits_to_keep", "extras")
        }
        if kept.get("roles") is None:
            found = self.sequence(input_ids, options.get("attention_mask"))
            kept |= {name: getattr(found, name) for name in _FIELDS}
        if past:
            return {"input_ids": input_ids[:, past:], **kept}
        pictures = {k: options[k] for k in ("pixel_values", "features") if options.get(k) is not None}
        return {"input_ids": input_ids, **kept, **pictures}

    # -- files ---------------------------------------------------------------------------------------------------------

    def save_pretrained(self, save_directory: Any, only_trainable: bool = False, **options: Any) -> None:  # type: ignore[override]
        """Write weights, configuration and processor. ``only_trainable``: just what trains, beside the base's name."""
        from vistune.models.files import save

        save(self, Path(save_directory), only_trainable, options)

    @classmethod
    def from_pretrained(cls, folder: Any, *args: Any, **options: Any) -> VisionLanguageModel:  # type: ignore[override]
        """Read one of our folders, one that holds trained parts only, or a ``LlavaForConditionalGeneration`` folder."""
        from vistune.models.files import load

        return load(cls, folder, *args, **options)

    def export(self, folder: Any, format: str = "hf-llava") -> None:
        """Write a checkpoint that plain transformers loads. Raises ``ModelError`` for what the format cannot say."""
        from vistune.models.llava import export_llava

        if format != "hf-llava":
            raise ModelError(f"There is no export format '{format}'. Known: hf-llava.")
        export_llava(self, Path(folder))


def token_loss(logits: Tensor, labels: Tensor, sample: Tensor, items: Tensor | int | None = None) -> Tensor:
    """Next-token cross-entropy in fp32. ``logits [B, L, V]``, ``labels [B, L]`` unshifted, nothing crosses ``sample``."""
    same = sample[:, 1:] == sample[:, :-1]
    wanted = torch.where(same, labels[:, 1:], IGNORE)
    learned = wanted != IGNORE
    chosen = logits[:, :-1][learned].float()
    total = nn.functional.cross_entropy(chosen, wanted[learned], reduction="sum")
    return total / (learned.sum().clamp(min=1) if items is None else items)
