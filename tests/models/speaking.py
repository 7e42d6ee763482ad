"""A tiny tokenizer with a chat template, an image processor, and LLaVA models of transformers, all made from nothing."""

from __future__ import annotations

from typing import Any

import torch
import transformers as t
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from models.tiny import _GEMMA, _HEAD, _TEXT, _VISION

TEMPLATE = (
    "{% for m in messages %}{{ m['role'].upper() + ': ' }}{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}{{ '<image>\\n' }}{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "{{ ' ' if m['role'] == 'user' else eos_token }}{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


def tokenizer(image_token: bool = True) -> Any:
    """Byte-level BPE of about 300 tokens; ``<image>`` is known unless told otherwise."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    special = ["<pad>", "<s>", "</s>", *(["<image>"] if image_token else [])]
    trainer = trainers.BpeTrainer(
        vocab_size=290,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(["what colour is the cat in the picture? it is red. a blue dog and two cups"], trainer)
    made = t.PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=["<image>"] if image_token else [],
    )
    made.chat_template = TEMPLATE
    return made


def image_processor(size: int = 16) -> Any:
    """CLIP's, for pictures of ``size`` pixels."""
    return t.CLIPImageProcessorPil(size={"shortest_edge": size}, crop_size={"height": size, "width": size})


TOWERS: dict[str, Any] = {
    "clip": lambda: t.CLIPVisionConfig(**_VISION),
    "siglip": lambda: t.SiglipVisionConfig(**_VISION),
}
TEXTS: dict[str, Any] = {
    "llama": lambda **o: t.LlamaConfig(**{**_TEXT, **o}),
    "qwen2": lambda **o: t.Qwen2Config(**{**_TEXT, **o}),
    "qwen3": lambda **o: t.Qwen3Config(**{**_TEXT, **_HEAD, **o}),
    "mistral": lambda **o: t.MistralConfig(**{**_TEXT, **_HEAD, "sliding_window": 7, **o}),
    "gemma": lambda **o: t.GemmaConfig(**{**_TEXT, **_HEAD, **o}),
    "gemma2": lambda **o: t.Gemma2Config(**{**_GEMMA, "sliding_window": 7, **o}),
    "phi3": lambda **o: t.Phi3Config(**{**_TEXT, **o}),
}


def llava(tower: str = "clip", text: str = "llama", seed: int = 0, **options: Any) -> t.LlavaForConditionalGeneration:
    """A tiny random LLaVA of transformers; the vocabulary is the tokenizer's."""
    words = tokenizer()
    config = t.LlavaConfig(
        vision_config=TOWERS[tower](),
        text_config=TEXTS[text](vocab_size=len(words), **options),
        image_token_index=words.convert_tokens_to_ids("<image>"),
        image_seq_length=16,
        vision_feature_select_strategy="default" if tower == "clip" else "full",
        vision_feature_layer=-2,
    )
    torch.manual_seed(seed)
    model = t.LlavaForConditionalGeneration(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    model.tie_weights()
    model.generation_config.pad_token_id = 0
    return model


def llava_processor(tower: str = "clip") -> t.LlavaProcessor:
    """The processor that belongs to ``llava``."""
    clip = tower == "clip"
    return t.LlavaProcessor(
        image_processor=image_processor(),
        tokenizer=tokenizer(),
        patch_size=4,
        vision_feature_select_strategy="default" if clip else "full",
        chat_template=TEMPLATE,
        num_additional_image_tokens=1 if clip else 0,
    )
