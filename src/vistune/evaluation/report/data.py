"""What a report tells, as plain values."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.results import Result

#: Pictures are shown at this width.
_WIDTH = 192


@dataclass(slots=True)
class RunData:
    """One model, method or arm: its results and what it cost. Zero = not known."""

    name: str
    results: dict[str, Result]
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    parameters: int = 0
    trainable: int = 0
    seconds: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """A claim and what came of it here."""

    text: str
    verdict: str
    figures: str


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """A picture with its question, the right answer and each run's answer (text, right or wrong)."""

    pictures: list[str]
    question: str
    reference: str
    answers: list[tuple[str, str, bool]]
    type: str


@dataclass(slots=True)
class ReportData:
    """Everything on the page."""

    title: str
    subtitle: str
    runs: list[RunData]
    claims: list[ClaimVerdict] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    recipe: str = ""
    notes: list[str] = field(default_factory=list)
    #: The run whose figures head the page (default: the last).
    highlight: str = ""
    gallery: list[GalleryItem] = field(default_factory=list)


def picture_url(example: Example) -> list[str]:
    """The example's pictures as PNG data URLs, small ones enlarged without blur."""
    from PIL import Image

    urls = []
    for source in example.images:
        image = source.open()
        height = max(1, round(image.height * _WIDTH / image.width))
        way = Image.Resampling.NEAREST if image.width < _WIDTH else Image.Resampling.LANCZOS
        buffer = io.BytesIO()
        image.resize((_WIDTH, height), way).save(buffer, "PNG", optimize=True)
        urls.append("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii"))
    return urls


def gallery(benchmarks: Sequence[Benchmark], runs: Sequence[RunData], count: int = 24) -> list[GalleryItem]:
    """Items of all types, those first on which the runs differ, then wrong ones, then right ones."""
    found: list[tuple[tuple[int, int], GalleryItem]] = []
    for benchmark in benchmarks:
        results = [(run.name, run.results[benchmark.name]) for run in runs if benchmark.name in run.results]
        answers = [(name, {item["id"]: item for item in result.items}) for name, result in results]
        seen: dict[str, int] = {}
        for example in benchmark.examples():
            given = [(name, items[example.id]) for name, items in answers if example.id in items]
            kind = str(example.meta.get("type", "all"))
            if not example.images or not given or seen.get(kind, 0) >= 3:
                continue
            right = [item["score"] >= 0.5 for _, item in given]
            interest = 0 if len(set(right)) > 1 else (1 if not right[0] else 2)
            if interest == 2 and seen.get(kind, 0) >= 1:
                continue
            seen[kind] = seen.get(kind, 0) + 1
            told = [(name, str(item["answer"]), ok) for (name, item), ok in zip(given, right)]
            reference = " / ".join(example.answers[:3])
            question = example.messages[-1].text
            card = GalleryItem(picture_url(example), question, reference, told, f"{benchmark.name}: {kind}")
            found.append(((interest, seen[kind]), card))
    return [card for _, card in sorted(found, key=lambda pair: pair[0])[:count]]
