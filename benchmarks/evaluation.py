"""The evaluation runner beside a bare batched ``generate`` loop, and beside lm-eval's ``hf-multimodal``.

Run: python benchmarks/evaluation.py [--items 500] [--batch 8] [--rounds 3] [--quick] [--json FILE]
First yes-no questions about 64 x 64 pictures, put to the shipped nano-vlm: the runner (records, scores, resuming) and a loop
that asks the same batches and keeps the answers in a list. Then a LLaVA of 2.4 M random parameters, which lm-eval, our
runner and ``generate`` of transformers ask the same questions, eight new tokens each; ``generate`` once in batches and once
question by question, as most scripts do. All interleaved in one process with one thread; models and libraries are loaded before
the clock runs. The answers of the runner and of both loops must be the same, or the run fails.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from common import THREADS, Line, Skipped, finish, interleaved, parser, ratio_of  # isort: skip - before torch
import numpy as np
import torch
from tiny import samples, tiny_llava

from decoding import theirs
from vistune.core.progress import set_quiet
from vistune.data.example import Example, ImageSource, user
from vistune.decoding import Settings, generate
from vistune.evaluation.benchmarks.base import Benchmark, Scored
from vistune.evaluation.benchmarks.pope import Pope
from vistune.evaluation.runner import evaluate
from vistune.models.foreign import ForeignModel
from vistune.models.loading import load_model

TOKENS = 8
HARNESS, RUNNER, LOOP = "lm-eval hf-multimodal", "vistune evaluate", "bare generate loop"
PLAIN = "transformers, one by one"


class Made(Pope):
    """POPE questions that are made once, as they are for the bare loop."""

    made = list[Example]()

    def examples(self) -> list[Example]:
        """The questions."""
        return self.made


def shipped(items: int, batch: int, rounds: int) -> Line:
    """The runner beside the bare loop, on the shipped model."""
    model = load_model("nano-vlm")
    benchmark = Made(n=(items + 5) // 6)
    benchmark.made = Pope(n=benchmark.n).examples()[:items]
    settings = Settings(max_new_tokens=benchmark.max_new_tokens)
    by_length = sorted(benchmark.made, key=lambda example: len(example.messages[-1].text))
    batches = [by_length[i : i + batch] for i in range(0, len(by_length), batch)]

    def bare() -> list[str]:
        return [a.text for chunk in batches for a in generate(model, chunk, settings=settings)]

    def ours() -> None:
        with tempfile.TemporaryDirectory() as folder:
            evaluate(model, [benchmark], Path(folder), batch_size=batch)

    seconds = interleaved({LOOP: bare, RUNNER: ours}, rounds)
    rates = {name: len(by_length) / float(np.median(values)) for name, values in seconds.items()}
    ratio = ratio_of(seconds, RUNNER, LOOP)
    label = f"evaluation of {len(by_length)} yes-no items"
    note = "time over time; absolute figures in items a second"
    return Line(label, rates[RUNNER], "items/s", rates[LOOP], LOOP, 1.1, ratio=ratio, note=note)


# ---- beside lm-eval ----------------------------------------------------------------------------------------------------


class Asked(Benchmark):
    """The harness's questions as ours."""

    kind = "asked"
    max_new_tokens = TOKENS

    def __init__(self, made: list[Example]) -> None:
        self.made = made

    def examples(self) -> list[Example]:
        """The questions."""
        return self.made

    def score(self, example: Example, answer: str) -> Scored:
        """Exact match."""
        right = float(answer.strip() == example.answers[0])
        return Scored(answer, right, {"correct": right, "items": 1.0})


def harness_task(folder: Path, rows: list[Any], batch: int) -> Callable[[], Mapping[str, Any]]:
    """lm-eval's model and task, loaded; calling it evaluates. Raises ``ImportError`` where lm-eval is not installed."""
    from datasets import Dataset, Image
    from lm_eval.evaluator import evaluate as harness_evaluate
    from lm_eval.models.hf_vlms import HFMultimodalLM
    from lm_eval.tasks import TaskManager

    data = Dataset.from_dict(
        {
            "image": [{"bytes": row.picture, "path": None} for row in rows],
            "question": [row.question for row in rows],
            "answer": [row.answer for row in rows],
        }
    ).cast_column("image", Image())
    data.to_parquet(str(folder / "rows.parquet"))
    task = {
        "task": "asked", "dataset_path": "parquet", "dataset_kwargs": {"data_files": {"test": str(folder / "rows.parquet")}},
        "test_split": "test", "output_type": "generate_until", "doc_to_image": ["image"],
        "doc_to_text": "user: <image> {{question}} </s> assistant:", "doc_to_target": "{{answer}}",
        "generation_kwargs": {"until": ["</s>"], "max_gen_toks": TOKENS, "do_sample": False},
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
    }  # fmt: skip
    (folder / "asked.yaml").write_text(json.dumps(task), encoding="utf-8")  # JSON is YAML
    settings: dict[str, Any] = {"dtype": "float32", "max_images": 1, "batch_size": batch, "device": "cpu"}
    model: Any = HFMultimodalLM(**{"pretrained": str(folder / "model"), **settings})
    tasks = TaskManager(include_path=str(folder), include_defaults=False).load(["asked"])["tasks"]
    return lambda: harness_evaluate(lm=model, task_dict=tasks, bootstrap_iters=0, log_samples=True) or {}


def beside_harness(items: int, batch: int, rounds: int) -> list[Line | Skipped]:
    """Our runner beside a loop over transformers' ``generate``, and lm-eval, on the same model and questions."""
    rows = samples("even", items)
    network, processor = tiny_llava()
    examples = [
        Example(str(n), [user(row.question, (0,))], [ImageSource(data=row.picture)], answers=[row.answer])
        for n, row in enumerate(rows)
    ]
    foreign, settings = ForeignModel(network, processor), Settings()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network.save_pretrained(folder / "model")
        processor.save_pretrained(folder / "model")
        lines: list[Line | Skipped] = []
        harness = None
        try:
            harness = harness_task(folder, rows, batch)
        except ImportError as error:
            lines.append(Skipped("evaluation beside lm-eval's hf-multimodal", f"lm-eval cannot be imported: {error}"))

        def ours() -> list[str]:
            with tempfile.TemporaryDirectory() as place:
                found = evaluate(foreign, [Asked(examples)], place, settings=settings, batch_size=batch)
            return [item["answer"] for item in found["asked"].items]

        def bare(size: int = batch) -> list[str]:
            chunks = [examples[i : i + size] for i in range(0, len(examples), size)]
            return [text.strip() for chunk in chunks for text in theirs(network, processor, chunk, TOKENS)]

        def one_by_one() -> list[str]:
            return bare(1)

        same_answers({RUNNER: ours(), LOOP: bare(), PLAIN: one_by_one()})
        ways: dict[str, Callable[[], Any]] = {RUNNER: ours, LOOP: bare, PLAIN: one_by_one}
        if harness is not None:
            ways[HARNESS] = lambda: silent(harness)
        seconds = interleaved(ways, rounds)
    rates = {name: items / float(np.median(values)) for name, values in seconds.items()}
    note = "time over time; absolute figures in items a second"
    what = f"evaluation of {items} items, LLaVA as a foreign model"
    ratio = ratio_of(seconds, RUNNER, LOOP)
    lines.append(
        Line(
            what, rates[RUNNER], "items/s", rates[LOOP], "loop over transformers generate", 1.1, ratio=ratio, note=note
        )
    )
    lines.append(
        Line(
            f"evaluation of {items} items beside a plain loop over transformers", rates[RUNNER], "items/s", rates[PLAIN], PLAIN,
            2.0, "at least", ratio_of(seconds, PLAIN, RUNNER), note="equal answers; " + note,
        )
    )  # fmt: skip
    if harness is not None:
        what, ratio = "evaluation beside lm-eval's hf-multimodal", ratio_of(seconds, HARNESS, RUNNER)
        lines.append(Line(what, rates[RUNNER], "items/s", rates[HARNESS], HARNESS, 1.0, "at least", ratio))
    return lines


def same_answers(found: Mapping[str, list[str]]) -> None:
    """Raises ``SystemExit`` where two ways of asking give another answer to the same question."""
    first, *others = found
    for other in others:
        unlike = [k for k, (a, b) in enumerate(zip(found[first], found[other], strict=True)) if a.strip() != b.strip()]
        if unlike:
            k = unlike[0]
            raise SystemExit(
                f"{first} and {other} differ on {len(unlike)} of {len(found[first])} questions; number {k}: "
                f"{found[first][k]!r} and {found[other][k]!r}."
            )


def silent(work: Callable[[], Any]) -> None:
    """Do it without its progress bars."""
    with contextlib.redirect_stderr(io.StringIO()):
        work()


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--items", type=int, default=500)
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    items, rounds = (12, 1) if chosen.quick else (chosen.items, chosen.rounds)
    torch.set_num_threads(THREADS)
    set_quiet()
    lines: list[Line | Skipped] = [shipped(items, chosen.batch, rounds)]
    lines += beside_harness(items, chosen.batch, rounds)
    finish(lines, chosen.json)


if __name__ == "__main__":
    main()
