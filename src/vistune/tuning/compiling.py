"""A stage's encoder and decoder compiled by ``torch.compile`` while it trains, and as they were afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vistune.core.device import pick_device
from vistune.core.errors import ConfigError

if TYPE_CHECKING:
    from vistune.models.vlm import VisionLanguageModel


@contextmanager
def compiled(model: VisionLanguageModel, wanted: bool) -> Iterator[None]:
    """Inside, the encoder and the decoder's body run compiled; on a CPU with plain attention, which compiles best.

    On a CPU the fused attention kernel's backward pass is the dearest single step; written out, the compiler fuses it
    with what stands around it. Raises ``ConfigError`` for a model with adapters: they act through hooks that a
    compiled module does not see reliably.
    """
    if not wanted:
        yield
        return
    if len(model.adapters):
        raise ConfigError(
            f"compile: the model has adapters ({', '.join(model.adapters)}), which a compiled model cannot route. "
            "Set compile: false in this stage."
        )
    parts: list[Any] = [model.vision, model.decoder.base_model]
    before = [part.config._attn_implementation for part in parts]
    try:
        for part in parts:
            if pick_device().type == "cpu":
                part.set_attn_implementation("eager")
            part.compile(dynamic=True)
        yield
    finally:
        for part, attention in zip(parts, before):
            part._compiled_call_impl = None
            part.set_attn_implementation(attention)
