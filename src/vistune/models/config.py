"""The configuration of a ``VisionLanguageModel``: its parts' own configurations and how they are joined."""

from __future__ import annotations

from typing import Any

from transformers import AutoConfig, PreTrainedConfig

#: Which of the encoder's tokens go to the connector.
VISION_FEATURES = ("patch", "full", "cls_per_layer")


class VisionLanguageConfig(PreTrainedConfig):
    """``vision_config`` and ``text_config`` are real Hugging Face configurations; the rest names parts by kind.

    ``vision_layer`` is the encoder layer whose output is used (-2 as in LLaVA). ``vision_feature``: ``patch`` (without
    the class token), ``full``, or ``cls_per_layer`` (LaVIN: the class token after every ``cls_every``-th layer).
    ``image_size`` (pixels, or height and width) where pictures have another size than the encoder was made for.
    """

    model_type = "vistune"
    #: Through this transformers hands attention functions and number formats on to the parts.
    sub_configs = {"vision_config": AutoConfig, "text_config": AutoConfig}  # type: ignore[assignment]

    def __init__(
        self,
        vision_config: dict[str, Any] | PreTrainedConfig | None = None,
        text_config: dict[str, Any] | PreTrainedConfig | None = None,
        connector: dict[str, Any] | None = None,
        positions: dict[str, Any] | None = None,
        attention: dict[str, Any] | None = None,
        adapters: dict[str, dict[str, Any]] | list[dict[str, Any]] | None = None,
        vision_layer: int = -2,
        vision_feature: str = "patch",
        cls_every: int = 1,
        image_size: int | list[int] | None = None,
        image_token_id: int = -1,
        **kwargs: Any,
    ) -> None:
        self.vision_config = _sub_config(vision_config, "clip_vision_model")
        self.text_config = _sub_config(text_config, "llama")
        self.connector = connector or {"kind": "mlp"}
        self.positions = positions or {"kind": "sequential"}
        self.attention = attention or {"kind": "causal"}
        self.adapters = _by_name(adapters or {})
        self.vision_layer = vision_layer
        self.vision_feature = vision_feature
        self.cls_every = cls_every
        self.image_size = image_size
        self.image_token_id = image_token_id
        kwargs.setdefault("tie_word_embeddings", bool(getattr(self.text_config, "tie_word_embeddings", False)))
        chosen = [sub._attn_implementation for sub in (self.vision_config, self.text_config)]
        super().__init__(**kwargs)
        if kwargs.get("attn_implementation") is None:  # the line above set those of the parts back
            self.vision_config._attn_implementation, self.text_config._attn_implementation = chosen

    def to_dict(self) -> dict[str, Any]:
        """Plain values, sub-configurations included. Adapters as a list: their order counts, and JSON's keys are sorted."""
        values = super().to_dict()
        values["adapters"] = [{"name": name, **spec} for name, spec in self.adapters.items()]
        for name in ("vision_config", "text_config"):
            sub = values.get(name)
            values[name] = sub.to_dict() if isinstance(sub, PreTrainedConfig) else sub
        return values

    def get_text_config(self, *_: Any, **__: Any) -> PreTrainedConfig:
        """The decoder's configuration, as generation asks for it."""
        return self.text_config


def _by_name(adapters: dict[str, dict[str, Any]] | list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Specifications by name, in order, from the form of ``to_dict`` or as they are."""
    if isinstance(adapters, dict):
        return adapters
    return {spec["name"]: {key: value for key, value in spec.items() if key != "name"} for spec in adapters}


def _sub_config(value: dict[str, Any] | PreTrainedConfig | None, default: str) -> PreTrainedConfig:
    if isinstance(value, PreTrainedConfig):
        return value
    values = dict(value or {})
    return AutoConfig.for_model(values.pop("model_type", default), **values)


# Known to transformers, so that tokenizers and processors beside a checkpoint read its config.json without complaint.
AutoConfig.register(VisionLanguageConfig.model_type, VisionLanguageConfig, exist_ok=True)
