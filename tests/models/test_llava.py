"""LLaVA checkpoints of transformers: loaded with equal logits and tokens, and written back so that they load again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as t

from models.adapters.harness import shake
from models.speaking import TEXTS, llava, llava_processor
from models.tiny import tiny
from vistune.core.errors import ModelError
from vistune.data.example import Example, ImageSource, user
from vistune.models.loading import load_model
from vistune.models.vlm import VisionLanguageModel

PAIRS = [("clip", text) for text in TEXTS] + [("siglip", "llama"), ("siglip", "qwen2")]
QUESTIONS = ["what colour is the cat?", "a dog in the picture", "is it red? is it blue and red?"]


def pictures(count: int) -> list[np.ndarray]:
    made = np.random.default_rng(5)
    return [made.integers(0, 256, (24, 20, 3), dtype=np.uint8) for _ in range(count)]


def asked(processor: Any, numbers: list[int]) -> Any:
    """Left-padded input by transformers' own processor: question k with ``numbers[k]`` pictures."""
    texts = []
    for question, count in zip(QUESTIONS, numbers):
        content = [{"type": "image"}] * count + [{"type": "text", "text": question}]
        texts.append(processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True))
    processor.tokenizer.padding_side = "left"
    images = pictures(sum(numbers)) or None
    return processor(images=images, text=texts, return_tensors="pt", padding=True)


def examples(numbers: list[int]) -> list[Example]:
    """The same as Examples."""
    found = iter(pictures(sum(numbers)))
    out = []
    for k, (question, count) in enumerate(zip(QUESTIONS, numbers)):
        images = [ImageSource(array=next(found)) for _ in range(count)]
        out.append(Example(str(k), [user(question, tuple(range(count)))], images))
    return out


def save(folder: Path, tower: str = "clip", text: str = "llama", **options: Any) -> Any:
    model, processor = llava(tower, text, **options), llava_processor(tower)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return model, processor


@pytest.mark.parametrize(("tower", "text"), PAIRS)
def test_a_llava_folder_gives_equal_logits_and_tokens(tower: str, text: str, tmp_path: Path):
    theirs, processor = save(tmp_path, tower, text)
    ours = VisionLanguageModel.from_pretrained(tmp_path)
    inputs = asked(processor, [1, 0, 2])
    real = inputs["attention_mask"].bool()
    with torch.no_grad():
        wanted = theirs(**inputs).logits[real]
        got = ours(**inputs).logits[real]
    assert (wanted - got).abs().max() < 1e-4
    assert wanted.std() > 0.1, "the logits must say something"
    tokens = theirs.generate(**inputs, max_new_tokens=6, do_sample=False, eos_token_id=None)
    assert torch.equal(ours.generate(**inputs, max_new_tokens=6, do_sample=False, eos_token_id=None), tokens)


@pytest.mark.parametrize("tower", ["clip", "siglip"])
def test_our_processor_makes_the_same_prompts_and_pixels_as_llavas(tower: str, tmp_path: Path):
    _, processor = save(tmp_path, tower)
    ours = VisionLanguageModel.from_pretrained(tmp_path)
    theirs = asked(processor, [1, 0, 2])
    batch = ours.prepare(examples([1, 0, 2]))
    assert torch.equal(batch.input_ids, theirs["input_ids"])
    assert torch.equal(batch.sample >= 0, theirs["attention_mask"].bool())
    assert torch.allclose(batch.pixel_values, theirs["pixel_values"], atol=1e-5)
    logits, _ = ours.prefill(batch)
    with torch.no_grad():
        assert torch.allclose(logits, ours(**theirs).logits[:, -1], atol=1e-4)


def test_tied_embeddings_stay_tied(tmp_path: Path):
    theirs, processor = save(tmp_path, text="qwen2", tie_word_embeddings=True)
    ours = VisionLanguageModel.from_pretrained(tmp_path)
    assert ours.get_input_embeddings().weight is ours.get_output_embeddings().weight
    again = tmp_path / "again"
    ours.save_pretrained(again)
    loaded = VisionLanguageModel.from_pretrained(again)
    assert loaded.get_input_embeddings().weight is loaded.get_output_embeddings().weight
    inputs = asked(processor, [1, 1, 0])
    with torch.no_grad():
        assert torch.allclose(theirs(**inputs).logits[:, -1], loaded(**inputs).logits[:, -1], atol=1e-4)


@pytest.mark.parametrize(("tower", "text"), [("clip", "llama"), ("siglip", "qwen2"), ("clip", "gemma")])
def test_export_loads_in_plain_transformers_and_agrees(tower: str, text: str, tmp_path: Path):
    save(tmp_path / "in", tower, text)
    ours = VisionLanguageModel.from_pretrained(tmp_path / "in")
    ours.add_adapter("low", {"kind": "lora", "rank": 2})
    shake(ours.adapters["low"], 0.1)
    ours.eval()
    before = {name: value.clone() for name, value in ours.state_dict().items()}
    ours.export(tmp_path / "out")
    assert all(torch.equal(value, before[name]) for name, value in ours.state_dict().items()), "export changed it"
    assert ours.adapters["low"].attached
    theirs = t.LlavaForConditionalGeneration.from_pretrained(tmp_path / "out").eval()
    processor = t.AutoProcessor.from_pretrained(tmp_path / "out")
    inputs = asked(processor, [1, 0, 2])
    real = inputs["attention_mask"].bool()
    with torch.no_grad():
        wanted, got = ours(**inputs).logits[real], theirs(**inputs).logits[real]
    assert (wanted - got).abs().max() < 1e-4
    plain = VisionLanguageModel.from_pretrained(tmp_path / "in")
    with torch.no_grad():
        assert (plain(**inputs).logits[real] - wanted).abs().max() > 1e-2, "the adapter must matter"
    tokens = ours.generate(**inputs, max_new_tokens=5, do_sample=False, eos_token_id=None, pad_token_id=0)
    same = theirs.generate(**inputs, max_new_tokens=5, do_sample=False, eos_token_id=None, pad_token_id=0)
    assert torch.equal(tokens, same)


def test_a_merged_router_exports_for_the_modality_asked_for(tmp_path: Path):
    save(tmp_path / "in")
    ours = VisionLanguageModel.from_pretrained(tmp_path / "in")
    ours.add_adapter("lavin", {"kind": "mixture_of_modality", "temperature": 0.5})
    shake(ours.adapters["lavin"], 0.1)
    ours.eval().export(tmp_path / "out")
    assert ours.processor.modality_token, "the model keeps its router"
    theirs = t.LlavaForConditionalGeneration.from_pretrained(tmp_path / "out").eval()
    inputs = asked(t.AutoProcessor.from_pretrained(tmp_path / "out"), [1, 2, 1])
    logits, _ = ours.prefill(ours.prepare(examples([1, 2, 1])))
    with torch.no_grad():
        assert torch.allclose(theirs(**inputs).logits[:, -1], logits, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"connector": "pixel_shuffle_mlp"}, "pixel_shuffle_mlp"),
        ({"connector": {"kind": "mlp", "depth": 1}}, "depth 2"),
        ({"connector": {"kind": "mlp", "hidden": 8}}, "hidden width"),
        ({"positions": "concentric"}, "concentric"),
        ({"attention": "modality_mutual"}, "modality_mutual"),
        ({"vision_feature": "cls_per_layer"}, "class tokens"),
    ],
)
def test_what_llava_cannot_express_is_refused(options: dict[str, Any], reason: str, tmp_path: Path):
    model = VisionLanguageModel.from_parts(tiny("clip"), tiny("llama"), **options)
    with pytest.raises(ModelError, match=reason):
        model.export(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_load_model_reads_a_llava_folder(tmp_path: Path):
    save(tmp_path)
    answerer = load_model(tmp_path, device="cpu")
    logits, _ = answerer.prefill(answerer.prepare(examples([1, 0])))
    assert logits.shape == (2, answerer.module.get_input_embeddings().num_embeddings)


def test_placeholders_that_are_no_whole_pictures_are_an_error(tmp_path: Path):
    _, processor = save(tmp_path)
    ours = VisionLanguageModel.from_pretrained(tmp_path)
    inputs = asked(processor, [1, 0, 0])
    with pytest.raises(ModelError, match="16"):
        ours(input_ids=inputs["input_ids"][:, -30:], pixel_values=inputs["pixel_values"])


def test_a_weight_of_another_shape_names_key_and_both_shapes(tmp_path: Path):
    save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["text_config"]["intermediate_size"] = 40
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"mlp\.down_proj\.weight.*\(32, 48\).*\(32, 40\)"):
        VisionLanguageModel.from_pretrained(tmp_path)
