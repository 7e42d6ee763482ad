"""Encoding and collation: samples a second on one core, beside Hugging Face's own per-sample way.

Run: python benchmarks/collation.py [--samples 4096] [--batch 64] [--quick] [--json FILE]
One short turn about one 64 x 64 picture in memory. Both ways are interleaved in one process with one thread.
"""

from __future__ import annotations

from common import THREADS, Line, finish, parser  # isort: skip - before torch
import time
from collections.abc import Callable

import numpy as np
import torch
from transformers import CLIPImageProcessorPil, PreTrainedTokenizerFast

from vistune.data.example import Example, ImageSource, assistant, user
from vistune.data.processor import Processor
from vistune.tuning.pretraining.tokenizer import train_tokenizer

QUESTIONS = ("what colour is the cat?", "is there a dog?", "how many cups are on the table?")
ANSWERS = ("red", "no", "there are three cups")
GRID = (4, 4)


def make_examples(count: int) -> list[Example]:
    """Unlike each other, in memory."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)
    return [
        Example(str(n), [user(QUESTIONS[n % 3], (0,)), assistant(ANSWERS[n % 3])], [ImageSource(array=pixels[n])])
        for n in range(count)
    ]


def plain_way(tokenizer: PreTrainedTokenizerFast, images: CLIPImageProcessorPil, examples: list[Example]) -> None:
    """What a script does with transformers alone: template, tokenizer and image processor for each sample."""
    rows, pixels = [], []
    for example in examples:
        content = [{"type": "image"}, {"type": "text", "text": example.messages[0].text}]
        asked = [{"role": "user", "content": content}]
        said = [*asked, {"role": "assistant", "content": example.messages[1].text}]
        prompt = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        whole = tokenizer.apply_chat_template(said, tokenize=False)
        texts = [text.replace("<image>", "<image>" * GRID[0] * GRID[1]) for text in map(str, (prompt, whole))]
        start, ids = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts)
        labels = [-100] * len(start) + ids[len(start) :]
        rows.append((torch.tensor(ids), torch.tensor(labels)))
        pixels.append(images(images=example.images[0].open(), return_tensors="pt")["pixel_values"][0])
    for part, fill in ((0, 0), (1, -100)):
        torch.nn.utils.rnn.pad_sequence([row[part] for row in rows], batch_first=True, padding_value=fill)
    torch.stack(pixels)


def rate(work: Callable[[], None], count: int) -> float:
    """Samples a second of processor time of one call."""
    start = time.process_time()
    work()
    return count / (time.process_time() - start)


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--samples", type=int, default=4096)
    options.add_argument("--batch", type=int, default=64)
    chosen = options.parse_args()
    count = 2 * chosen.batch if chosen.quick else chosen.samples
    torch.set_num_threads(THREADS)
    tokenizer = train_tokenizer([*QUESTIONS, *ANSWERS] * 20, 400)
    images = CLIPImageProcessorPil(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64})
    processor = Processor(tokenizer, images, grid=GRID)
    batches = [make_examples(chosen.batch) for _ in range(count // chosen.batch)]
    ours, plain = [], []
    processor(batches[0])  # warm: the template's layout is made once
    for batch in batches:
        ours.append(rate(lambda batch=batch: void(processor(batch)), chosen.batch))
        plain.append(rate(lambda batch=batch: plain_way(tokenizer, images, batch), chosen.batch))
    mine, other = float(np.median(ours)), float(np.median(plain))
    ratio = float(np.median(np.array(ours) / np.array(plain)))
    lines = [
        Line("collation, 64 px pictures", mine, "samples/s of one core", goal=5000, sense="at least"),
        Line("collation beside transformers alone", mine, "samples/s of one core", other, "one by one", ratio=ratio),
    ]
    finish(lines, chosen.json)


def void(_: object) -> None:
    """Throw a result away."""


if __name__ == "__main__":
    main()
