"""Pretrains the nano language model: a Llama decoder on text alone (stories, questions, knowledge)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from vistune.core.config import Config
from vistune.core.device import Precision
from vistune.world.scene import Split

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


class LanguageRecipe(Config):
    """Sizes and schedule of the nano language model."""

    name: str = "nano-lm"
    seed: int = 0
    vocabulary: int = 2048
    tokenizer_documents: int = 30_000
    width: int = 160
    layers: int = 5
    heads: int = 5
    mlp: int = 432
    context: int = 1024
    block: int = 256
    batch_size: int = 32
    steps: int = 1_000
    lr: float = 1.5e-3
    warmup: float = 0.02
    weight_decay: float = 0.05
    workers: int = 1
    #: ``bf16`` pays on a CPU with AMX and on GPUs; ``compile`` pays on runs of minutes.
    precision: Precision = "auto"
    compile: bool = False


def document_text(seed: int, tokenizer: PreTrainedTokenizerFast | None, split: Split = "train") -> str:
    """Document ``seed`` of the world's corpus as one string, conversations through the chat template."""
    from vistune.world.language import text_document

    document = text_document(seed, split=split)
    if isinstance(document, str):
        return f"<s> {document}</s>"
    if tokenizer is None:
        return " ".join(f" {message['content']}" for message in document)
    return str(tokenizer.apply_chat_template(document, tokenize=False))


class TextBlocks(Dataset[dict[str, Tensor]]):
    """Item ``i`` is ``documents`` consecutive documents, joined and cut to ``block`` tokens: deterministic in ``i``."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, count: int, block: int, split: Split = "train") -> None:
        self.tokenizer = tokenizer
        self.count = count
        self.block = block
        self.split: Split = split

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        ids: list[int] = []
        part = 0
        while len(ids) < self.block:
            text = document_text(index * 64 + part, self.tokenizer, self.split)
            ids += self.tokenizer(text, add_special_tokens=False)["input_ids"]
            part += 1
        tokens = torch.tensor(ids[: self.block])
        return {"input_ids": tokens, "labels": tokens}


def train_language_model(recipe: LanguageRecipe, out_dir: Path) -> dict[str, float]:
    """Train from scratch and save a Hugging Face folder. Returns held-out measures."""
    from transformers import AutoModelForCausalLM, LlamaConfig

    from vistune.core.files import write_json
    from vistune.core.seeding import seed_everything
    from vistune.tuning.pretraining.loop import fit
    from vistune.tuning.pretraining.tokenizer import train_tokenizer

    seed_everything(recipe.seed)
    texts = (document_text(seed, None) for seed in range(recipe.tokenizer_documents))
    tokenizer = train_tokenizer(texts, recipe.vocabulary)
    special: Any = tokenizer
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.width,
        intermediate_size=recipe.mlp,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=recipe.context,
        tie_word_embeddings=True,
        pad_token_id=special.pad_token_id,
        bos_token_id=special.bos_token_id,
        eos_token_id=special.eos_token_id,
    )
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager" if recipe.compile else "sdpa")
    train = TextBlocks(tokenizer, recipe.steps * recipe.batch_size, recipe.block)
    seconds = fit(model, train, recipe, out_dir)
    model.save_pretrained(out_dir)
    tokenizer.save_pretrained(out_dir)
    held_out = TextBlocks(tokenizer, 128, recipe.block, split="test")
    tokens = len(train) * recipe.block
    measures = {"perplexity": perplexity(model, held_out), "seconds": seconds, "tokens": float(tokens)}
    write_json(out_dir / "training.json", {"recipe": recipe.values(), "measures": measures})
    return measures


@torch.no_grad()
def perplexity(model: torch.nn.Module, held_out: Dataset[dict[str, Tensor]], batch_size: int = 32) -> float:
    """Exponential of the mean loss a token."""
    model.eval()
    losses = [model(**batch).loss for batch in DataLoader(held_out, batch_size)]
    return float(torch.stack(losses).mean().exp())
