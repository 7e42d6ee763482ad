"""Small tokenizers, processors, pictures and Examples for the tests of the data room."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from chat_templates import SPECIAL, TEMPLATES
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from vistune.data.example import Example, ImageSource, assistant, user
from vistune.data.processor import Processor

NANO = (
    "<s>{% for message in messages %}<|{{ message['role'] }}|>"
    "{% if message['content'] is string %} {{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %} {{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
ALL_TEMPLATES = {"nano": NANO, **TEMPLATES}
WORDS = "what colour is the cat? a red cat and two blue dogs, yes, no. describe the picture there is one left of it"


@cache
def _backend(kind: str) -> str:
    special = ["<pad>", "<s>", "</s>", "<image>", "<|system|>", "<|user|>", "<|assistant|>", *SPECIAL]
    if kind == "bytes":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    else:  # as Llama 2: words begin with a mark, the first word too
        tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
        tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
        alphabet = [chr(code) for code in range(33, 127)] + ["\n"]
        special = ["<unk>", *special]
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([WORDS, f"USER: {WORDS} ASSISTANT: {WORDS}"] * 20, trainer)
    return tokenizer.to_str()


def make_tokenizer(template: str = "nano", kind: str = "bytes", **changes: Any) -> PreTrainedTokenizerFast:
    """A trained tokenizer with one of ``ALL_TEMPLATES`` (or a template's text)."""
    extra = ["<image>", "<|system|>", "<|user|>", "<|assistant|>", *SPECIAL]
    settings = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "additional_special_tokens": extra}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_backend(kind)),
        clean_up_tokenization_spaces=False,
        model_max_length=4096,
        **{**settings, **changes},
    )
    tokenizer.chat_template = ALL_TEMPLATES.get(template, template)
    return tokenizer


def make_processor(template: str = "nano", *, images: Any = None, kind: str = "bytes", **options: Any) -> Processor:
    """A processor with a grid of 2 x 3 visual tokens a picture."""
    return Processor(make_tokenizer(template, kind), images, **{"grid": (2, 3), **options})


def picture(seed: int = 0, size: tuple[int, int] = (8, 8)) -> ImageSource:
    """Noise of ``size`` (height, width)."""
    noise = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    return ImageSource(array=noise)


def png(image: Image.Image, **options: Any) -> bytes:
    """The image as PNG (or ``format``) bytes."""
    buffer = io.BytesIO()
    image.save(buffer, **{"format": "PNG", **options})
    return buffer.getvalue()


def talk(*texts: str, images: int = 1, name: str = "e", first: int = 0) -> Example:
    """User and assistant by turns; the pictures stand in the first turn."""
    messages = [
        (assistant(text) if place % 2 else user(text, tuple(range(images)) if place == 0 else ()))
        for place, text in enumerate(texts)
    ]
    return Example(name, messages, [picture(first + number) for number in range(images)])
