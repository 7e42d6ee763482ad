"""``generate`` of transformers for a ``VisionLanguageModel``: token fields follow the ids from step to step."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from vistune.data.batch import Batch
from vistune.models.sequence import Sequence

#: What a ``Batch`` says of its tokens besides their ids.
TOKEN_FIELDS = ("roles", "sample", "turn", "answer", "image", "row", "col", "grids")


class Generating:
    """The hooks that ``generate`` calls; stands before ``GenerationMixin`` among the bases."""

    def generate(self, inputs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """``generate`` of transformers, for a ``Batch``, its tensors, or plain ids; prompts are padded on the left."""
        if isinstance(inputs, Batch):
            inputs, options = None, {**inputs.tensors(), **options}
        options.pop("labels", None)
        ids = options["input_ids"] if inputs is None else inputs
        if options.get("roles") is None:
            model: Any = self
            found = model.tokens(ids, options.get("attention_mask"))
            options |= {name: getattr(found, name) for name in TOKEN_FIELDS}
        options["attention_mask"] = (options["sample"] >= 0).long()
        return super().generate(inputs, **options)  # type: ignore[misc]

    def prepare_inputs_for_generation(self, input_ids: Tensor, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """What ``generate`` of transformers passes to ``forward`` at each step (which asks for the name ``kwargs``).

        The token fields always tell of the prompt.
        """
        cache = kwargs.get("cache")
        past = 0 if cache is None else int(cache.get_seq_length())
        kept = {k: kwargs[k] for k in (*TOKEN_FIELDS, "cache", "use_cache", "logits_to_keep") if k in kwargs}
        if past:
            return {"input_ids": input_ids[:, past:], **kept}
        if input_ids.shape[1] > kwargs["roles"].shape[1]:  # without a cache all is run again
            kept |= self._grown(kept, input_ids.shape[1])
        return {"input_ids": input_ids, **kept, **{k: kwargs.get(k) for k in ("pixel_values", "features")}}

    @staticmethod
    def _grown(fields: dict[str, Any], length: int) -> dict[str, Any]:
        tokens = Sequence(**{name: fields[name] for name in TOKEN_FIELDS})
        grown = tokens.extend(length - tokens.shape[1])
        return {name: getattr(grown, name) for name in TOKEN_FIELDS}

    def _expand_inputs_for_generation(  # type: ignore[override]
        self, expand_size: int = 1, is_encoder_decoder: bool = False, input_ids: Any = None, **options: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Repeat rows for beams; pictures stay as they are, for tokens speak of them by number."""
        pictures = {k: options.pop(k) for k in ("pixel_values", "features", "grids") if k in options}
        ids, options = super()._expand_inputs_for_generation(  # type: ignore[misc]
            expand_size=expand_size, is_encoder_decoder=is_encoder_decoder, input_ids=input_ids, **options
        )
        return ids, {**options, **pictures}
