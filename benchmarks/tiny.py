"""The model and the data that every side of a comparison gets: a LLaVA of 2.4 M random parameters, 64 x 64 pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

CHAT = (
    "{% for m in messages %}{{ m['role'] + ': ' }}{% if m['content'] is string %}{{ m['content'] }}{% else %}"
    "{% for c in m['content'] %}{% if c['type'] == 'image' %}<image> {% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "{% endif %}{{ ' </s> ' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)
WORDS = 2001
#: The end mark ``</s>``, which the random model never says within a run.
END = 2


def tiny_llava() -> tuple[Any, Any]:
    """CLIP of 4 layers x 128 (64 px, patches of 8), Llama of 4 layers x 128, 2,008 words; fixed random weights."""
    torch.manual_seed(0)
    words = ["<pad>", "<s>", "</s>", "<unk>", "<image>", "user:", "assistant:"] + [f"w{i}" for i in range(WORDS)]
    raw = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        additional_special_tokens=["<image>"],
    )  # fmt: skip
    tokenizer.chat_template = CHAT
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64})
    processor = LlavaProcessor(
        pixels, tokenizer, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=CHAT,
    )  # fmt: skip
    size: dict[str, Any] = {
        "hidden_size": 128,
        "intermediate_size": 512,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
    }
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**size, image_size=64, patch_size=8),
        text_config=LlamaConfig(**size, vocab_size=len(tokenizer), max_position_embeddings=2048, pad_token_id=0),
        image_token_index=4,
    )
    network = LlavaForConditionalGeneration(config).eval()
    network.generation_config.eos_token_id, network.generation_config.pad_token_id = END, 0
    return network, processor


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture (PNG bytes), a question and an answer in words of the model."""

    picture: bytes
    question: str
    answer: str


#: Lengths in words. ``even``: about 105 tokens a sample, 64 of them the picture's, a sixth of a batch of 8 is padding.
#: ``tail``: a median answer of 24 words, a few of 400: most of a padded batch is padding.
KINDS = ("even", "tail")


def samples(kind: str, count: int) -> list[Sample]:
    """Fixed random samples of one of ``KINDS``."""
    rng = np.random.default_rng(0)

    def text(words: int) -> str:
        return " ".join(f"w{i}" for i in rng.integers(0, WORDS, words))

    def length() -> int:
        return int(rng.integers(4, 48) if kind == "even" else min(400, 1 + rng.lognormal(np.log(24), 1.2)))

    def picture() -> bytes:
        file = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(file, "PNG")
        return file.getvalue()

    return [Sample(picture(), text(int(rng.integers(4, 14))), text(length())) for _ in range(count)]
