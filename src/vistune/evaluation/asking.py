"""Asking a model one batch: answers, dialogues, likelihoods; a batch that fails is halved to find the culprit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from vistune.core.errors import DataError, ModelError
from vistune.data.example import Example, assistant
from vistune.decoding import Settings, candidate_logprobs, generate
from vistune.decoding.loop import Method
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.records import Evidence
from vistune.models.interface import Answerer

#: (example, what the model gave), and examples that could not be asked: (id, reason).
Asked = tuple[list[tuple[Example, Evidence]], list[tuple[str, str]]]
#: What stands for an empty answer when a dialogue goes on.
SILENCE = "..."
Run = Callable[[Sequence[Example]], list[Evidence]]


class BatchAsker:
    """One model, its settings and method."""

    def __init__(self, model: Answerer, settings: Settings, method: Method) -> None:
        self.model, self.settings, self.method = model, settings, method

    def ask(self, benchmark: Benchmark, batch: Sequence[Example], settings: Settings | None = None) -> Asked:
        """What the model gives for a batch. Raises ``ModelError`` where one prompt alone does not fit in memory."""
        chosen = settings or self.settings

        def run(examples: Sequence[Example]) -> list[Evidence]:
            start = time.perf_counter()
            if benchmark.way == "likelihood":
                found = self._weigh(benchmark, examples)
            else:
                found = self._converse(benchmark, examples, chosen)
            seconds = (time.perf_counter() - start) / len(examples)
            return [replace(evidence, seconds=seconds) for evidence in found]

        return _halving(run, batch)

    def _weigh(self, benchmark: Benchmark, examples: Sequence[Example]) -> list[Evidence]:
        """The candidates' log-probabilities; the answer on record is the likeliest candidate's text by its mean."""
        groups = [benchmark.candidates(example) for example in examples]
        found = []
        for group, rows in zip(groups, candidate_logprobs(self.model, groups)):
            best = max(range(len(rows)), key=lambda k: sum(rows[k]) / len(rows[k]))
            rounded = [[round(value, 5) for value in row] for row in rows]
            found.append(Evidence([group[best].messages[-1].text], 0.0, rounded))
        return found

    def _converse(self, benchmark: Benchmark, examples: Sequence[Example], settings: Settings) -> list[Evidence]:
        """Answers; dialogues go on turn by turn, those that are still running as one batch."""
        said: list[list[str]] = [[] for _ in examples]
        running: list[tuple[int, Example]] = list(enumerate(examples))
        while running:
            answers = generate(self.model, [turn for _, turn in running], settings=settings, method=self.method)
            following = []
            for (place, turn), answer in zip(running, answers):
                said[place].append(answer.text)
                more = benchmark.follow_up(examples[place], said[place])
                if more is not None:
                    # A turn in which the model said nothing cannot stand empty; what is scored is what it said.
                    before = () if benchmark.afresh else (*turn.messages, assistant(answer.text.strip() or SILENCE))
                    messages = [*before, *more.messages]
                    following.append((place, replace(more, id=examples[place].id, messages=messages)))
            running = following
        return [Evidence(turns, 0.0) for turns in said]


def _halving(run: Run, batch: Sequence[Example]) -> Asked:
    try:
        return list(zip(batch, run(batch))), []
    except DataError as error:
        if len(batch) == 1:
            return [], [(batch[0].id, str(error))]
    except torch.OutOfMemoryError as error:
        if len(batch) == 1:
            raise ModelError("One prompt alone does not fit in the device's memory.") from error
        torch.cuda.empty_cache()
    middle = len(batch) // 2
    halves = [_halving(run, half) for half in (batch[:middle], batch[middle:])]
    return [pair for found, _ in halves for pair in found], [bad for _, rejected in halves for bad in rejected]


def batches(waiting: Sequence[Example], size: int) -> list[Sequence[Example]]:
    """Prompts of like length together, ``size`` at a time."""
    ordered = sorted(waiting, key=_length)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _length(example: Example) -> int:
    """About as many characters as the prompt has; a picture counts like a long sentence."""
    return sum(len(message.text) for message in example.messages) + 256 * len(example.images)
