"""A tiny random model and questions with 0, 1 and 2 pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM

from vistune.data.example import Example, ImageSource, user
from vistune.models.vlm import VisionLanguageModel
from vistune.tuning.pretraining.tokenizer import train_tokenizer


@pytest.fixture(scope="session")
def model():
    torch.manual_seed(0)
    tokenizer = train_tokenizer(["what colour is the cup? red"] * 3, 300)
    pixels = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    vision = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=3,
            num_attention_heads=2,
            image_size=32,
            patch_size=8,
        )
    )
    decoder = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
            pad_token_id=0, eos_token_id=2, initializer_range=0.3,
        )
    )  # fmt: skip
    return VisionLanguageModel.from_parts(vision, decoder, tokenizer=tokenizer, image_processor=pixels).eval()


@pytest.fixture(scope="session")
def questions():
    rng = np.random.default_rng(0)

    def question(name: str, pictures: int, text: str) -> Example:
        images = [ImageSource(array=rng.integers(0, 255, (32, 32, 3)).astype(np.uint8)) for _ in range(pictures)]
        return Example(name, [user(text, images=tuple(range(pictures)))], images)

    texts = ("what colour is the cup?", "what colour is the cup?", "the cup", "cup", "red red")
    return [question(str(i), n, text) for i, (n, text) in enumerate(zip((1, 2, 0, 1, 1), texts))]


@pytest.fixture
def ends(model):
    """Set the model's end tokens for one test."""
    before = model.generation_config.eos_token_id

    def put(ids):
        model.generation_config.eos_token_id = ids

    yield put
    model.generation_config.eos_token_id = before
