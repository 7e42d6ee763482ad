"""Judges with a known fault: they see all that the oracle sees, and mark otherwise."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from zlib import crc32

from vistune.annotators.base import Annotator, Asking, Reply
from vistune.annotators.oracle import Marking, Oracle
from vistune.data.example import Example


class Faulty(Annotator):
    """The oracle with its reply changed by ``change(reply, marking, request, sample)``."""

    kind = "faulty"

    def __init__(self, change: Callable[[str, Marking, Example, int], str]) -> None:
        self.change = change

    def ask(self, examples: Sequence[Example], asking: Asking | None = None) -> list[Reply]:
        sample = 0 if asking is None else asking.sample
        replies = []
        for example, reply in zip(examples, Oracle().ask(examples)):
            assert reply.error is None
            replies.append(replace(reply, text=self.change(reply.text, example.meta["facts"], example, sample)))
        self.usage.add(replies)
        return replies


def two(reply: str) -> list[float]:
    return [float(n) for n in re.findall(r"\d+\.\d+", reply.splitlines()[0])]


def prefers_first(reply: str, marking: Marking, example: Example, sample: int) -> str:
    """Two points for the place."""
    first, second = two(reply)
    return f"{min(10.0, first / 2 + 5):.1f} {second / 2:.1f}"


def likes_length(reply: str, marking: Marking, example: Example, sample: int) -> str:
    """A mark is a matter of words, whatever they say."""
    return " ".join(f"{min(10.0, len(a.split()) / 20):.1f}" for a in marking.answers)


def ignores_the_picture(reply: str, marking: Marking, example: Example, sample: int) -> str:
    """A mark hangs on the answer's letters alone."""
    return " ".join(f"{1 + crc32(a.encode()) % 90 / 10:.1f}" for a in marking.answers)


def mumbles(reply: str, marking: Marking, example: Example, sample: int) -> str:
    """Every third reply cannot be read."""
    return "Both are nice." if crc32(f"{example.messages[-1].text}{sample}".encode()) % 3 == 0 else reply


def wavers(reply: str, marking: Marking, example: Example, sample: int) -> str:
    """One up or down, as it happens."""
    rng = random.Random(f"{example.messages[-1].text}/{sample}")
    return " ".join(f"{min(10.0, max(1.0, n + rng.choice((-1, 1)))):.1f}" for n in two(reply))
