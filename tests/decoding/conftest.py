"""Tiny random models, ours and foreign ones, and questions with 0, 1 and 2 pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM

from models.foreigners import make_foreigner
from vistune.data.example import Example, ImageSource, user
from vistune.models.foreign import ForeignModel
from vistune.models.vlm import VisionLanguageModel
from vistune.tuning.pretraining.tokenizer import train_tokenizer


def ours() -> VisionLanguageModel:
    """A CLIP encoder and a Llama, composed."""
    torch.manual_seed(0)
    tokenizer = train_tokenizer(["what colour is the cup? red"] * 3, 300)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    small = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
    vision = CLIPVisionModel(CLIPVisionConfig(**small, num_hidden_layers=3, image_size=32, patch_size=8))
    text = LlamaConfig(
        **small, vocab_size=len(tokenizer), num_hidden_layers=2, pad_token_id=0, eos_token_id=2, initializer_range=0.3
    )
    decoder = LlamaForCausalLM(text)
    return VisionLanguageModel.from_parts(vision, decoder, tokenizer=tokenizer, image_processor=pixels).eval()


def make(kind: str):
    return ours() if kind == "ours" else ForeignModel(*make_foreigner(kind))


@pytest.fixture(scope="session")
def model():
    """Our own model: what does not depend on the model is tested on it alone."""
    return ours()


@pytest.fixture(scope="session", params=["ours", "llava", "qwen2_vl", "idefics3"])
def any_model(request):
    """Our own model and foreign ones."""
    return make(request.param)


@pytest.fixture(scope="session")
def questions():
    rng = np.random.default_rng(0)

    def question(name: str, pictures: int, text: str) -> Example:
        images = [ImageSource(array=rng.integers(0, 255, (32, 32, 3)).astype(np.uint8)) for _ in range(pictures)]
        return Example(name, [user(text, images=tuple(range(pictures)))], images)

    texts = ("what colour is the w1 cup?", "what colour w2 w3", "the cup w4", "cup", "red w5 red")
    return [question(str(i), n, text) for i, (n, text) in enumerate(zip((1, 2, 0, 1, 1), texts))]


@pytest.fixture
def ends():
    """Set a model's end tokens for one test: ``ends(model, ids)``."""
    before = []

    def put(model, ids):
        config = model.module.generation_config
        before.append((config, config.eos_token_id))
        config.eos_token_id = ids

    yield put
    for config, ids in reversed(before):
        config.eos_token_id = ids
