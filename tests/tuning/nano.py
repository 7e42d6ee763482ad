"""Backbones of a few thousand parameters in folders, and a recipe on them: tuning as a user does it, in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vistune.core.seeding import seed_everything


def write_backbones(folder: Path) -> None:
    """``vision`` and ``decoder``: random checkpoints with image processor, tokenizer and chat template."""
    from transformers import (
        CLIPImageProcessorPil,
        CLIPVisionConfig,
        CLIPVisionModel,
        LlamaConfig,
        LlamaForCausalLM,
    )

    from vistune.engines import ENGINES
    from vistune.tuning.pretraining.tokenizer import train_tokenizer

    seed_everything(0)
    size = {"height": 32, "width": 32}
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=size).save_pretrained(folder / "vision")
    shape: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    vision = CLIPVisionConfig(**shape, num_attention_heads=2, image_size=32, patch_size=16)
    CLIPVisionModel(vision).save_pretrained(folder / "vision")
    examples = ENGINES.build({"kind": "world", "n": 60, "image_size": 32}).examples()
    texts = [message.text for example in examples for message in example.messages]
    tokenizer = train_tokenizer(iter(texts), 400)
    tokenizer.save_pretrained(folder / "decoder")
    decoder = LlamaConfig(
        **shape,
        num_attention_heads=2,
        num_key_value_heads=2,
        vocab_size=len(tokenizer),
        max_position_embeddings=512,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(decoder).save_pretrained(folder / "decoder")


def recipe_values(folder: Path, **stage: Any) -> dict[str, Any]:
    """A recipe with one stage on pictures and text-only questions; ``stage`` changes it."""
    world = {"kind": "world", "n": 40, "image_size": 32, "tasks": {"question": 0.7, "text_only": 0.3}}
    settings = {
        "name": "one",
        "train": ["connector.*", "decoder.*"],
        "data": "world",
        "steps": 4,
        "batch_size": 4,
        "lr": 0.003,
        "log_every": 1,
        "save_every": 2,
        "cache_features": False,
    }
    return {
        "name": "nano",
        "seed": 5,
        "model": {"vision": str(folder / "vision"), "decoder": str(folder / "decoder")},
        "data": {"sets": {"world": {"engine": world}}},
        "stages": [{**settings, **stage}],
        "tensorboard": False,
    }
