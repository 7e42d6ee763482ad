"""Tiny random Hugging Face vision-language models with processors made here: no download, no torchvision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
    Qwen2VLProcessor,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
)

from vistune.data.example import Example, ImageSource, user
from vistune.models.foreign_processor import pictures_only

WORDS = [f"w{i}" for i in range(60)]
IMAGE = {
    "llava": "<image>",
    "qwen": "<|vision_start|><|image_pad|><|vision_end|>",
    "idefics": "<image>",
}
SPECIAL = ["<|vision_start|>", "<|image_pad|>", "<|vision_end|>", "<|video_pad|>", "<image>", "<fake_token_around_image>",
           "<end_of_utterance>", "<global-img>"]  # fmt: skip
TEXT = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 512, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "initializer_range": 0.4,
}  # fmt: skip


def chat_template(image: str) -> str:
    """A template with roles, an end mark and pictures."""
    return (
        "{% for m in messages %}{{ m['role'] + ': ' }}{% if m['content'] is string %}{{ m['content'] }}{% else %}"
        "{% for c in m['content'] %}{% if c['type'] == 'image' %}" + image + " {% else %}{{ c['text'] }}{% endif %}"
        "{% endfor %}{% endif %}{{ '</s> ' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
    )


def make_tokenizer(image: str) -> PreTrainedTokenizerFast:
    """One token a word."""
    words = ["<pad>", "<s>", "</s>", "<unk>", "user:", "assistant:", *SPECIAL, *WORDS]
    raw = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # type: ignore[assignment]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        additional_special_tokens=SPECIAL,
    )  # fmt: skip
    tokenizer.chat_template = chat_template(image)
    return tokenizer


def llava() -> tuple[Any, Any]:
    """A CLIP encoder of 4 x 4 patches and a Llama."""
    tokenizer = make_tokenizer(IMAGE["llava"])
    processor = LlavaProcessor(
        CLIPImageProcessorPil(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}),
        tokenizer, patch_size=4, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=tokenizer.chat_template,
    )  # fmt: skip
    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2, image_size=16, patch_size=4
    )
    image = tokenizer.convert_tokens_to_ids("<image>")
    config = LlavaConfig(
        vision_config=vision, text_config=LlamaConfig(vocab_size=len(tokenizer), **TEXT), image_token_id=image
    )
    return LlavaForConditionalGeneration(config), processor


def _qwen(config_class: Any, model_class: Any, vision: dict[str, Any]) -> tuple[Any, Any]:
    tokenizer = make_tokenizer(IMAGE["qwen"])
    pixels = Qwen2VLImageProcessorPil(patch_size=4, merge_size=2, size={"shortest_edge": 64, "longest_edge": 1024})
    processor = pictures_only(Qwen2VLProcessor)(pixels, tokenizer, None, chat_template=tokenizer.chat_template)
    ids = {n: tokenizer.convert_tokens_to_ids(f"<|{n}|>") for n in ("image_pad", "video_pad")}
    edges = {n: tokenizer.convert_tokens_to_ids(f"<|{n}|>") for n in ("vision_start", "vision_end")}
    text = {**TEXT, "vocab_size": len(tokenizer)}
    text["rope_parameters"] = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]}
    config = config_class(
        text_config=text,
        vision_config={"depth": 2, "num_heads": 2, "patch_size": 4, "spatial_merge_size": 2, **vision},
        image_token_id=ids["image_pad"], video_token_id=ids["video_pad"],
        vision_start_token_id=edges["vision_start"], vision_end_token_id=edges["vision_end"],
    )  # fmt: skip
    return model_class(config), processor


def qwen2_vl() -> tuple[Any, Any]:
    """Pictures of any size, rotary positions in three axes."""
    vision = {"embed_dim": 32, "hidden_size": 32, "mlp_ratio": 2}
    return _qwen(Qwen2VLConfig, Qwen2VLForConditionalGeneration, vision)


def qwen2_5_vl() -> tuple[Any, Any]:
    """As Qwen2-VL, with windows in the encoder."""
    vision = {"hidden_size": 32, "intermediate_size": 48, "out_hidden_size": 32, "window_size": 16}
    return _qwen(Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, {**vision, "fullatt_block_indexes": [1]})


def _idefics(config_class: Any, model_class: Any) -> tuple[Any, Any]:
    tokenizer = make_tokenizer(IMAGE["idefics"])
    pixels = Idefics3ImageProcessorPil(
        size={"longest_edge": 16}, max_image_size={"longest_edge": 16}, do_image_splitting=False
    )
    processor = Idefics3Processor(pixels, tokenizer, image_seq_len=4, chat_template=tokenizer.chat_template)
    config = config_class(
        vision_config={"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
                       "image_size": 16, "patch_size": 4},
        text_config={"model_type": "llama", "vocab_size": len(tokenizer), **TEXT}, scale_factor=2,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), pad_token_id=0,
    )  # fmt: skip
    return model_class(config), processor


def idefics3() -> tuple[Any, Any]:
    """Pictures padded to one size with a mask."""
    return _idefics(Idefics3Config, Idefics3ForConditionalGeneration)


def smolvlm() -> tuple[Any, Any]:
    """SmolVLM's network; its own processor needs torchvision for videos, Idefics3's makes the same input."""
    return _idefics(SmolVLMConfig, SmolVLMForConditionalGeneration)


FOREIGNERS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "llava": llava,
    "qwen2_vl": qwen2_vl,
    "qwen2_5_vl": qwen2_5_vl,
    "idefics3": idefics3,
    "smolvlm": smolvlm,
}


def make_foreigner(name: str) -> tuple[Any, Any]:
    """Network with fixed random weights, and processor."""
    torch.manual_seed(0)
    network, processor = FOREIGNERS[name]()
    network.generation_config.eos_token_id = 2
    network.generation_config.pad_token_id = 0
    return network.eval(), processor


def ask(name: str, pictures: int, text: str, seed: int = 0, size: tuple[int, int] = (16, 16)) -> Example:
    """A question with random pictures of ``size`` (width, height)."""
    rng = np.random.default_rng(seed)
    images = [ImageSource(array=rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)) for _ in range(pictures)]
    return Example(name, [user(text, images=tuple(range(pictures)))], images)
