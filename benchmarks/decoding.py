"""Decoding: tokens a second beside ``generate`` of transformers, and what branches cost.

Run: python benchmarks/decoding.py [--rounds 14] [--batch 8] [--tokens 32] [--quick] [--json FILE]
A LLaVA of 2.4 M random parameters answers questions about 64 x 64 pictures, from examples to texts, alike in all ways
(checked). All ways are interleaved in one process with one thread. Ratios are medians of the ratios within a round.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

from common import THREADS, Line, Skipped, finish, interleaved, parser, ratio_of  # isort: skip - before torch
import numpy as np
import torch
from tiny import END, tiny_llava

from vistune.data.example import Example, ImageSource, user
from vistune.decoding import DECODERS, Settings, generate
from vistune.models.foreign import ForeignModel
from vistune.models.interface import Answerer
from vistune.models.vlm import VisionLanguageModel


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


def ways(batch: int, tokens: int) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    """All that is measured, by name (every way must write the same number of tokens), and the networks by kind."""
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
    work = {
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
    return work, {"foreign": network, "own": own}


TRANSFORMERS, BEAMS = "transformers generate", "transformers generate, 4 beams"
#: (what, way, beside, goal): time of ``way`` over time of ``beside``.
GOALS = (
    ("decoding, LLaVA as a foreign model", "vistune, foreign model", TRANSFORMERS, 1.0),
    ("decoding, own model", "vistune, own model", TRANSFORMERS, 1.0),
    ("decoding, 4 beams, foreign model", "vistune, foreign model, 4 beams", BEAMS, 1.0),
    ("decoding, 4 beams, own model", "vistune, own model, 4 beams", BEAMS, 1.0),
    ("decoding, 2 branches, foreign model", "2 branches, foreign model", "vistune, foreign model", 1.7),
    ("decoding, 3 branches, foreign model", "3 branches, foreign model", "vistune, foreign model", 2.3),
    ("decoding, 2 branches, own model", "2 branches, own model", "vistune, own model", 1.7),
    ("decoding, 3 branches, own model", "3 branches, own model", "vistune, own model", 2.3),
)
#: As above, measured apart and more often: the difference is small.
OFF = (
    ("methods there and off, foreign model", "vistune, foreign model", "by hand, foreign model", 1.01),
    ("methods there and off, own model", "vistune, own model", "by hand, own model", 1.01),
)


def forwards(run: Callable[[], Any], network: Any) -> int:
    """How often ``run`` goes through the parts of ``network``: calls of the first layers of encoder, connector, decoder."""
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    first = [module for name, module in network.named_modules() if name.endswith("layers.0")]
    hooks = [module.register_forward_pre_hook(count) for module in first]
    run()
    for hook in hooks:
        hook.remove()
    return calls


def counted(work: dict[str, Callable[[], Any]], networks: dict[str, Any]) -> list[Line]:
    """Forwards of decoding with all methods there and off, beside the loop by hand: none more."""
    lines = []
    for kind, network in networks.items():
        ours, hand = (forwards(work[f"{way}, {kind} model"], network) for way in ("vistune", "by hand"))
        if not hand:
            raise SystemExit("no forward was counted")
        lines.append(
            Line(f"forwards with methods off, {kind} model", ours, "forwards", hand, f"by hand, {kind} model", 1.0)
        )
    return lines


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=14)
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--tokens", type=int, default=32)
    chosen = options.parse_args()
    batch, tokens, rounds = (2, 4, 1) if chosen.quick else (chosen.batch, chosen.tokens, chosen.rounds)
    torch.set_num_threads(THREADS)
    work, networks = ways(batch, tokens)
    lines: list[Line | Skipped] = [*counted(work, networks)]
    near = {name for _, *pair, _ in OFF for name in pair}
    for goals, seconds in (
        (GOALS, interleaved({name: run for name, run in work.items() if "by hand" not in name}, rounds)),
        (OFF, interleaved({name: run for name, run in work.items() if name in near}, 3 * rounds)),
    ):
        rates = {name: batch * tokens / float(np.median(values)) for name, values in seconds.items()}
        for what, name, beside, goal in goals:
            ratio = ratio_of(seconds, name, beside)
            note = "time over time; absolute figures in tokens a second"
            lines.append(Line(what, rates[name], "tokens/s", rates[beside], beside, goal, ratio=ratio, note=note))
    finish(lines, chosen.json)


if __name__ == "__main__":
    main()
