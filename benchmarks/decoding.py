"""Decoding: tokens a second beside ``generate`` of transformers, and what branches cost.

Run: OMP_NUM_THREADS=1 python benchmarks/decoding.py [--repeats 30] [--batch 8] [--tokens 32] [--json FILE]
A LLaVA of 2.4 M random parameters answers questions about 64 x 64 pictures, from examples to texts. All ways are
interleaved in one process with one thread. Time is the processor's, not the wall clock's: other programs do not count.
Ratios are medians of the ratios within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
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

from vistune.data.example import Example, ImageSource, user
from vistune.decoding import DECODERS, Settings, generate
from vistune.models.foreign import ForeignModel
from vistune.models.interface import Answerer
from vistune.models.vlm import VisionLanguageModel

CHAT = (
    "{% for m in messages %}{{ m['role'] + ': ' }}{% if m['content'] is string %}{{ m['content'] }}{% else %}"
    "{% for c in m['content'] %}{% if c['type'] == 'image' %}<image> {% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "{% endif %}{{ ' </s> ' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)
#: An end mark that the random model never says within the run (checked).
END = 2


def tiny_llava() -> tuple[Any, Any]:
    """CLIP of 4 layers x 128 (64 px, patches of 8), Llama of 4 layers x 128, 2,008 words; fixed random weights."""
    torch.manual_seed(0)
    words = ["<pad>", "<s>", "</s>", "<unk>", "<image>", "user:", "assistant:"] + [f"w{i}" for i in range(2001)]
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
    size = {"hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 4, "num_attention_heads": 4}
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**size, image_size=64, patch_size=8),
        text_config=LlamaConfig(**size, vocab_size=len(tokenizer), max_position_embeddings=2048, pad_token_id=0),
        image_token_id=4,
    )
    network = LlavaForConditionalGeneration(config).eval()
    network.generation_config.eos_token_id, network.generation_config.pad_token_id = END, 0
    return network, processor


def questions(count: int) -> list[Example]:
    """Questions of 8 to 15 words about one picture each."""
    rng = np.random.default_rng(0)

    def one(n: int) -> Example:
        text = " ".join(f"w{i}" for i in rng.integers(0, 2000, 8 + n % 8))
        return Example(str(n), [user(text, (0,))], [ImageSource(array=rng.integers(0, 256, (64, 64, 3), np.uint8))])

    return [one(n) for n in range(count)]


def theirs(network: Any, processor: Any, examples: list[Example], tokens: int, beams: int = 1) -> list[str]:
    """What a script does with transformers alone."""
    chats = [
        [
            {
                "role": "user",
                "content": [
                    {"type": "image", "image": e.images[0].open()},
                    {"type": "text", "text": e.messages[0].text},
                ],
            }
        ]
        for e in examples
    ]
    inputs = processor.apply_chat_template(
        chats, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
        processor_kwargs={"padding": True, "padding_side": "left"},
    )  # fmt: skip
    out = network.generate(**inputs, max_new_tokens=tokens, do_sample=False, num_beams=beams)
    return processor.batch_decode(out[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


@torch.no_grad()
def bare(model: Answerer, examples: list[Example], tokens: int) -> list[str]:
    """Greedy decoding written by hand over the model's steps: no methods, warpers, stop strings or callbacks."""
    logits, state = model.prefill(model.prepare(examples))
    said: list[list[int]] = [[] for _ in examples]
    scores: list[list[float]] = [[] for _ in examples]
    for step in range(tokens):
        best, chosen = logits.max(-1)
        listed, logprobs = chosen.tolist(), (best - logits.logsumexp(-1)).tolist()
        for row, token in enumerate(listed):
            said[row].append(token)
            scores[row].append(logprobs[row])
        if all(token == END for token in listed) or step + 1 == tokens:
            break
        logits, state = model.step(state, chosen)
    return [model.tokenizer.decode(ids, skip_special_tokens=True) for ids in said]


def ways(batch: int, tokens: int) -> dict[str, Callable[[], Any]]:
    """All that is measured, by name. Every way must write the same number of tokens."""
    network, processor = tiny_llava()
    foreign = ForeignModel(network, processor)
    with tempfile.TemporaryDirectory() as folder:
        network.save_pretrained(folder)
        processor.save_pretrained(folder)
        own = VisionLanguageModel.from_pretrained(folder).eval()
    examples, settings = questions(batch), Settings(max_new_tokens=tokens)
    ritual, vcd = DECODERS.build("ritual"), DECODERS.build("vcd")

    beam = Settings(mode="beam", beams=4, max_new_tokens=tokens)

    def ours(model: Any, method: Any = None, settings: Settings = settings) -> Callable[[], Any]:
        return lambda: generate(model, examples, settings=settings, method=method)

    for beams, chosen in ((1, settings), (4, beam)):
        expected = theirs(network, processor, examples, tokens, beams)
        for model in (foreign, own):
            answers = generate(model, examples, settings=chosen)
            if [a.text for a in answers] != expected or any(a.new_tokens != tokens for a in answers):
                raise SystemExit("the ways do not give the same answers; nothing was measured")
    return {
        "transformers generate": lambda: theirs(network, processor, examples, tokens),
        "vistune, foreign model": ours(foreign),
        "vistune, own model": ours(own),
        "by hand, foreign model": lambda: bare(foreign, examples, tokens),
        "by hand, own model": lambda: bare(own, examples, tokens),
        "transformers generate, 4 beams": lambda: theirs(network, processor, examples, tokens, 4),
        "vistune, foreign model, 4 beams": ours(foreign, None, beam),
        "vistune, own model, 4 beams": ours(own, None, beam),
        "2 branches, foreign model": ours(foreign, ritual),
        "3 branches, foreign model": ours(foreign, [ritual, vcd]),
        "2 branches, own model": ours(own, ritual),
        "3 branches, own model": ours(own, [ritual, vcd]),
    }


#: (what, way, beside, direction, target): time of ``way`` over time of ``beside``.
TARGETS = (
    ("foreign model beside transformers", "vistune, foreign model", "transformers generate", 1.0),
    ("own model beside transformers", "vistune, own model", "transformers generate", 1.0),
    ("4 beams, foreign model", "vistune, foreign model, 4 beams", "transformers generate, 4 beams", 1.0),
    ("4 beams, own model", "vistune, own model, 4 beams", "transformers generate, 4 beams", 1.0),
    ("methods there and off, foreign model", "vistune, foreign model", "by hand, foreign model", 1.01),
    ("methods there and off, own model", "vistune, own model", "by hand, own model", 1.01),
    ("2 branches, foreign model", "2 branches, foreign model", "vistune, foreign model", 1.7),
    ("3 branches, foreign model", "3 branches, foreign model", "vistune, foreign model", 2.3),
    ("2 branches, own model", "2 branches, own model", "vistune, own model", 1.7),
    ("3 branches, own model", "3 branches, own model", "vistune, own model", 2.3),
)


def measure(work: dict[str, Callable[[], Any]], repeats: int) -> dict[str, np.ndarray]:
    """Seconds of processor time ``[repeats]`` of every way, interleaved; the order changes from round to round."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    names, rng = list(work), np.random.default_rng(0)
    for _ in range(repeats):
        for name in rng.permutation(names):
            start = time.process_time()
            work[name]()
            seconds[name].append(time.process_time() - start)
    return {name: np.array(values) for name, values in seconds.items()}


def main() -> None:
    """Measure, print two tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    work = ways(options.batch, options.tokens)
    for run in work.values():
        run()
    seconds = measure(work, options.repeats)
    written = options.batch * options.tokens
    print(
        f"{'batch ' + str(options.batch) + ' x ' + str(options.tokens) + ' tokens':38}{'p10 ms':>9}{'median':>9}{'tokens/s':>10}"
    )
    rows = {}
    for name, values in seconds.items():
        p10, median = np.percentile(values, 10) * 1e3, np.median(values) * 1e3
        rows[name] = {"p10_ms": p10, "median_ms": median, "tokens_per_s": written / median * 1e3}
        print(f"{name:38}{p10:9.1f}{median:9.1f}{written / median * 1e3:10,.0f}")
    print(f"\n{'time over time':38}{'p10':>9}{'median':>9}{'target':>10}")
    ratios = {}
    for what, name, beside, target in TARGETS:
        p10 = np.percentile(seconds[name], 10) / np.percentile(seconds[beside], 10)
        ratio = np.median(seconds[name] / seconds[beside])
        ratios[what] = {"p10_ratio": p10, "ratio": ratio, "target": target, "met": bool(ratio <= target)}
        print(f"{what:38}{p10:9.3f}{ratio:9.3f}{target:9.2f}  {'met' if ratio <= target else 'missed'}")
    if options.json:
        told = {"batch": options.batch, "tokens": options.tokens, "repeats": options.repeats, "threads": 1}
        options.json.write_text(json.dumps({**told, "ways": rows, "ratios": ratios}, indent=1) + "\n")


if __name__ == "__main__":
    main()
