"""``VisionLanguageModel``: a vision encoder, a connector, a decoder and adapters, put together by a configuration.

Shape legend: B rows, L tokens, N pictures, V' features and V visual tokens a picture, D' and D their widths.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    GenerationMixin,
    PreTrainedModel,
)
from transformers.modeling_outputs import CausalLMOutputWithPast

from vistune.core.errors import ModelError
from vistune.data.batch import Batch, Role
from vistune.models.adapters.base import build_adapter, merge_all
from vistune.models.adapters.context import AdapterContext, ContextSlot, has_image
from vistune.models.answering import Answering, kept_extras, whole_cache
from vistune.models.config import VisionLanguageConfig
from vistune.models.connectors import CONNECTORS
from vistune.models.generating import Generating
from vistune.models.heads import head_reads, token_loss
from vistune.models.masks import decoder_mask
from vistune.models.sequence import ATTENTION, POSITIONS, Sequence
from vistune.models.vision import feature_grid, is_sharded, picture_size, unread_zero, used_layers, vision_features


class VisionLanguageModel(Answering, Generating, PreTrainedModel, GenerationMixin):  # type: ignore[misc]
    """Pictures and text to text.

    ``from_parts`` puts one together, ``from_pretrained`` reads one (its own folders and LLaVA's), ``save_pretrained``
    writes one, ``export`` writes a checkpoint for plain transformers. ``processor`` turns Examples into batches.
    """

    config: VisionLanguageConfig  # type: ignore[assignment]
    config_class = VisionLanguageConfig
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_flex_attn = False
    _supports_attention_backend = True

    def __init__(
        self, config: VisionLanguageConfig, vision: nn.Module | None = None, decoder: nn.Module | None = None
    ) -> None:
        super().__init__(config)
        self.vision: Any = vision if vision is not None else AutoModel.from_config(config.vision_config)
        self.decoder: Any = decoder if decoder is not None else AutoModelForCausalLM.from_config(config.text_config)
        # One object each: what merging writes into a part's configuration must be saved with the model.
        config.vision_config, config.text_config = self.vision.config, self.decoder.config
        rows, cols = feature_grid(config)
        sizes = {"d_in": config.vision_config.hidden_size, "d_out": config.text_config.hidden_size}
        self.connector = CONNECTORS.build(config.connector, **sizes, grid_in=(rows, cols))
        self.grid = self.connector.grid(rows, cols)
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
        self.config._name_or_path = ""  # it is no longer that checkpoint plus something
        if self.processor is not None:
            self.processor.modality_token = False

    @property
    def needs_modality_token(self) -> bool:
        """Does an adapter route on a modality token in front of each sample?"""
        return any(a.needs_modality_token for a in self.adapters.values())

    def get_input_embeddings(self) -> nn.Module:
        """The decoder's word embeddings."""
        return self.decoder.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the decoder's word embeddings."""
        self.decoder.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        """The decoder's head."""
        return self.decoder.get_output_embeddings()

    # -- pictures to tokens --------------------------------------------------------------------------------------------

    def encode_images(self, pixel_values: Tensor) -> Tensor:
        """``[N, 3, H, W]`` -> the encoder's features ``[N, V', D']``; without gradient where nothing in it trains."""
        self.slot.current = None
        with torch.set_grad_enabled(self._vision_trains() and torch.is_grad_enabled()):
            return vision_features(self.vision, self.config, pixel_values.to(self.vision.dtype))

    def _vision_trains(self) -> bool:
        inside = [adapter for adapter in self.adapters.values() if adapter.part == "vision"]
        return any(p.requires_grad for part in (self.vision, *inside) for p in part.parameters())

    def visual_tokens(self, pixel_values: Tensor | None = None, features: Tensor | None = None) -> Tensor:
        """Pixels or cached features -> visual tokens ``[N, V, D]``."""
        if features is None:
            if pixel_values is None:
                raise ModelError("There are image tokens, but neither pixel_values nor features.")
            features = self.encode_images(pixel_values)
        weight = next(self.connector.parameters(), features)
        return self.connector(features.to(weight.dtype))

    def embed(
        self, input_ids: Tensor, tokens: Sequence, pixel_values: Tensor | None = None, features: Tensor | None = None
    ) -> Tensor:
        """Embeddings ``[B, L, D]``: words, visual tokens by (picture, row, column), modality tokens."""
        embeddings = self.get_input_embeddings()(input_ids)
        visual = tokens.visual
        rows, cols = self.grid
        places = ((tokens.image * rows + tokens.row) * cols + tokens.col)[visual]
        if len(places):
            shown = self.visual_tokens(pixel_values, features)
            self._check_pictures(tokens, shown)
            chosen = shown.flatten(0, 1).index_select(0, places)
            embeddings = embeddings.masked_scatter(visual[..., None], chosen.to(embeddings.dtype))
        if torch.is_grad_enabled() and self.training:
            embeddings = self._touch_tower(embeddings, bool(len(places)), features is not None)
            embeddings = embeddings + unread_zero(self.vision, self.config).to(embeddings.dtype)
        for adapter in self.adapters.values():
            if adapter.needs_modality_token:
                own: Tensor = adapter.modality_embeddings()  # type: ignore[operator]
                kinds = own[has_image(tokens.roles, tokens.sample).long()].to(embeddings.dtype)
                embeddings = torch.where((tokens.roles == Role.MODALITY)[..., None], kinds, embeddings)
        return embeddings

    def _check_pictures(self, tokens: Sequence, shown: Tensor) -> None:
        """Each visual token must have its place among the pictures' tokens ``shown [N, V, D]``."""
        rows, cols = self.grid
        most = int(tokens.image.max())
        if most >= len(shown):
            raise ModelError(f"The tokens speak of {most + 1} pictures, but {len(shown)} were given.")
        if shown.shape[1] != rows * cols or bool((tokens.grids != tokens.grids.new_tensor([rows, cols])).any()):
            given = " x ".join(str(side) for side in tokens.grids[0].tolist())
            raise ModelError(
                f"This model makes {rows} x {cols} tokens of a picture; the batch was made for {given}, the connector "
                f"gave {shown.shape[1]}. Use the model's own processor."
            )

    def _touch_tower(self, embeddings: Tensor, has_pictures: bool, from_features: bool) -> Tensor:
        """Let encoder and connector take part in a batch that does not need them, with weight zero.

        Otherwise a process without pictures would never join the exchange of their gradients (or of their shards, where
        they are sharded) in which those with pictures wait for it.
        """
        sharded = is_sharded(self.vision)
        run_vision = (sharded or self._vision_trains()) and (not has_pictures or from_features)
        run_connector = not has_pictures and (is_sharded(self.connector) or _trains(self.connector))
        if not run_vision and not run_connector:
            return embeddings
        if run_vision:
            features = self.encode_images(embeddings.new_zeros(1, 3, *picture_size(self.config)))
        else:
            rows, cols = feature_grid(self.config)
            features = embeddings.new_zeros(1, rows * cols, self.config.vision_config.hidden_size)
        out = self.visual_tokens(features=features) if run_connector else features
        return embeddings + 0.0 * out.sum().to(embeddings.dtype)

    # -- tokens --------------------------------------------------------------------------------------------------------

    def sequence(self, batch: Batch) -> Sequence:
        """The decoder's input for ``batch``: what each token is, and its embedding ``[B, L, D]``."""
        tokens = Sequence.from_batch(batch)
        tokens.embeddings = self.embed(batch.input_ids, tokens, batch.pixel_values, batch.features)
        return tokens

    def tokens(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Sequence:
        """What each token is where only ids are given: one sample a row, pictures at ``image_token_id`` in order.

        Raises ``ModelError`` where the placeholders are not whole pictures.
        """
        real = torch.ones_like(input_ids) if attention_mask is None else attention_mask.long()
        visual = (input_ids == self.config.image_token_id) & (real > 0)
        rows, cols = self.grid
        if bool((visual.sum(1) % (rows * cols)).any()):
            raise ModelError(
                f"A row has {visual.sum(1).tolist()} image tokens; each picture has {rows * cols} of them here."
            )
        order = (visual.flatten().long().cumsum(0) - 1).view_as(input_ids)
        cell = order % (rows * cols)
        none = torch.full_like(input_ids, -1)
        return Sequence(
            roles=torch.where(visual, int(Role.IMAGE), torch.where(real > 0, int(Role.TEXT), int(Role.PAD))),
            sample=real - 1,
            turn=real - 1,
            answer=torch.zeros_like(visual),
            image=torch.where(visual, order // (rows * cols), none),
            row=torch.where(visual, cell // cols, none),
            col=torch.where(visual, cell % cols, none),
            grids=input_ids.new_tensor([[rows, cols]]).expand(int(visual.sum()) // (rows * cols), 2),
        )

    # -- forward -------------------------------------------------------------------------------------------------------

    def forward(  # type: ignore[override]
        self,
        input_ids: Tensor,
        roles: Tensor | None = None,
        sample: Tensor | None = None,
        turn: Tensor | None = None,
        answer: Tensor | None = None,
        image: Tensor | None = None,
        row: Tensor | None = None,
        col: Tensor | None = None,
        grids: Tensor | None = None,
        labels: Tensor | None = None,
        pixel_values: Tensor | None = None,
        features: Tensor | None = None,
        attention_mask: Tensor | None = None,
        cache: Any = None,
        use_cache: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        num_items_in_batch: Tensor | int | None = None,
        extras: dict[Any, Tensor] | None = None,
        **options: Any,
    ) -> CausalLMOutputWithPast:
        """The tensors of a ``Batch`` (or plain ids) -> logits ``[B, L, vocabulary]``, and the loss of ``labels``.

        ``logits_to_keep``: the last n tokens (0 = all), or bool ``[B, L]``: only these, as ``[kept, vocabulary]``.
        With a filled ``cache`` the ids are the newest tokens, and the fields describe the prompt before them.
        The loss is the mean cross-entropy in fp32 over supervised tokens (or their sum over ``num_items_in_batch``).
        ``extras`` takes up what adapters keep for decoding; it comes with the cache unless given.
        """
        past = 0 if cache is None else int(cache.get_seq_length())
        if roles is None:
            if past:
                raise ModelError("Decoding with a cache needs the prompt's fields (roles, sample, ...).")
            tokens = self.tokens(input_ids, attention_mask)
        else:
            tokens = Sequence(roles, sample, turn, answer, image, row, col, grids)  # type: ignore[arg-type]
        if past:
            tokens = tokens.extend(past + input_ids.shape[1] - tokens.shape[1])
            embeddings = self.get_input_embeddings()(input_ids)
        else:
            embeddings = self.embed(input_ids, tokens, pixel_values, features)
        if use_cache:
            cache = whole_cache(cache)
        kept = logits_to_keep if isinstance(logits_to_keep, Tensor) and logits_to_keep.dtype == torch.bool else None
        with head_reads(self.get_output_embeddings(), kept):
            output = self.run(
                tokens,
                embeddings,
                cache=cache,
                use_cache=bool(use_cache),
                logits_to_keep=0 if kept is not None else logits_to_keep,
                extras=extras,
                **options,
            )
        logits: Tensor = output.logits  # type: ignore[assignment]
        output.logits = logits if kept is None else logits[0]  # type: ignore[assignment]
        if labels is not None:
            output.loss = token_loss(logits, labels, tokens.sample, num_items_in_batch)  # type: ignore[assignment]
        return output

    def run(
        self,
        tokens: Sequence,
        embeddings: Tensor,
        *,
        cache: Any = None,
        extras: dict[Any, Tensor] | None = None,
        **options: Any,
    ) -> CausalLMOutputWithPast:
        """The newest tokens of ``tokens``, with their ``embeddings [B, n, D]``, through the decoder."""
        new = embeddings.shape[1]
        whole = new == tokens.shape[1]
        mask = self.attention.allowed(tokens, last=None if whole else new)
        ordinary = mask is None and self.positions.default and whole
        positions = None if ordinary else self.positions.positions(tokens, self.training)[:, -new:]
        extras = kept_extras(cache) if extras is None else extras
        context = AdapterContext(tokens.roles[:, -new:], tokens.sample[:, -new:], tokens.image[:, -new:], extras)
        return self.run_decoder(embeddings, positions=positions, mask=mask, context=context, cache=cache, **options)

    def run_decoder(
        self,
        embeddings: Tensor,
        *,
        positions: Tensor | None,
        mask: Tensor | None,
        context: AdapterContext,
        **options: Any,
    ) -> CausalLMOutputWithPast:
        """Embeddings ``[B, n, D]`` through the decoder; ``mask`` bool ``[B, 1, n, L]`` or None for plain causal.

        ``positions [B, n]``, or None for 0, 1, 2, ...
        """
        self.slot.current = context
        if mask is not None:
            options["attention_mask"] = decoder_mask(self.decoder.base_model.config, mask, embeddings.dtype)
        elif positions is not None and options.get("cache") is None:
            # Without any mask transformers takes steps other than 1 between positions for borders of packed samples.
            options["attention_mask"] = torch.ones(embeddings.shape[:2], dtype=torch.bool, device=embeddings.device)
        return self.decoder(inputs_embeds=embeddings, position_ids=positions, **options)

    # -- files ---------------------------------------------------------------------------------------------------------

    def save_pretrained(self, save_directory: Any, only_trainable: bool = False, **options: Any) -> None:  # type: ignore[override]
        """Write weights, configuration and processor.

        ``only_trainable``: just what differs from the checkpoint that the model was read from, and a reference to that.
        """
        from vistune.models.files import save

        save(self, Path(save_directory), only_trainable, options)

    @classmethod
    def from_pretrained(cls, folder: Any, *args: Any, **options: Any) -> VisionLanguageModel:  # type: ignore[override]
        """Read one of our folders, one that holds trained parts only, or a ``LlavaForConditionalGeneration`` folder."""
        from vistune.models.files import load

        return load(cls, folder, *args, **options)

    def export(self, folder: Any, format: str = "hf-llava", modality: str | None = None) -> None:
        """Write a checkpoint that plain transformers loads, adapters merged; the model itself stays as it is.

        ``modality`` ("image" by default): which samples merged modality routers shall serve. Raises ``ModelError`` for
        what the format cannot say.
        """
        from vistune.models.llava import export_llava

        if format != "hf-llava":
            raise ModelError(f"There is no export format '{format}'. Known: hf-llava.")
        export_llava(self, Path(folder), modality)


def _trains(module: nn.Module) -> bool:
    return any(p.requires_grad for p in module.parameters())


# Where vistune is imported, the auto classes of transformers read its folders too.
AutoConfig.register(VisionLanguageConfig.model_type, VisionLanguageConfig)
AutoModelForImageTextToText.register(VisionLanguageConfig, VisionLanguageModel)
