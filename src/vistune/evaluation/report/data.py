"""What a report tells, as plain values."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.results import Result

#: Longest side of a picture on the page; smaller ones are kept and enlarged by the browser, without blur.
_LONGEST = 320
#: Up to this side a picture is drawn, not photographed: it stays exact (PNG).
_DRAWN = 128
#: Cards of one benchmark, shared out among its types.
_CARDS = 12


@dataclass(slots=True)
class RunData:
    """One model, method or arm: its results and what it cost. Zero = not known. ``curves``: stage -> (step, loss)."""

    name: str
    results: dict[str, Result]
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    parameters: int = 0
    trainable: int = 0
    seconds: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """A claim and what came of it here: ``holds``, ``does not hold here`` or ``inconclusive``, with the figures."""

    text: str
    verdict: str
    figures: str


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """A picture with its question, the right answer and each run's answer: (run, text, right or wrong; None: graded)."""

    pictures: list[str]
    question: str
    reference: str
    answers: list[tuple[str, str, bool | None]]
    type: str
    drawn: bool = True

    @property
    def outcome(self) -> str:
        """``differ``, ``wrong`` (all are), ``right`` (all are) or ``graded``."""
        marks = {mark for _, _, mark in self.answers}
        if None in marks:
            return "graded"
        return "differ" if len(marks) > 1 else "right" if True in marks else "wrong"


@dataclass(slots=True)
class ReportData:
    """Everything on the page; the first run is the baseline. With ``benchmarks``, differences to it are shown too."""

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
    benchmarks: Sequence[Benchmark] = ()


def picture_url(source: ImageSource) -> tuple[str, bool]:
    """A picture as data URL, and whether it is a small drawing (PNG, exact) or a photograph (JPEG, at most 320 px)."""
    image = source.open()
    drawn = max(image.size) <= _DRAWN
    buffer = io.BytesIO()
    if drawn:
        image.save(buffer, "PNG", optimize=True)
    else:
        image.thumbnail((_LONGEST, _LONGEST))
        image.save(buffer, "JPEG", quality=82)
    kind = "png" if drawn else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(buffer.getvalue()).decode("ascii"), drawn


def gallery(benchmarks: Sequence[Benchmark], runs: Sequence[RunData], count: int = 24) -> list[GalleryItem]:
    """Items of all types, those first on which the runs differ, then wrong ones, then right ones."""
    found: list[tuple[tuple[int, int], GalleryItem]] = []
    for benchmark in benchmarks:
        answers = [
            (run.name, {item["id"]: item for item in run.results[benchmark.name].items})
            for run in runs
            if benchmark.name in run.results
        ]
        found += _cards(benchmark, answers)
    return [card for _, card in sorted(found, key=lambda pair: pair[0])[:count]]


def _cards(benchmark: Benchmark, answers: Sequence[tuple[str, dict]]) -> list[tuple[tuple[int, int], GalleryItem]]:
    """At least three cards a type, more where there are few types, with their rank: (interest, place in the type)."""
    by_type: dict[str, list[tuple[int, Example, list[tuple[str, dict]]]]] = {}
    for example in benchmark.examples():
        given = [(name, items[example.id]) for name, items in answers if example.id in items]
        if example.images and given:
            interest = 0 if benchmark.graded else _interest([item["score"] >= 0.5 for _, item in given])
            by_type.setdefault(_kind(example), []).append((interest, example, given))
    most = max(3, _CARDS // max(1, len(by_type)))
    found = []
    for candidates in by_type.values():
        ordered = sorted(candidates, key=lambda candidate: candidate[0])
        telling = [candidate for candidate in ordered if candidate[0] < _RIGHT] or ordered[:1]
        for place, (interest, example, given) in enumerate(telling[:most]):
            found.append(((interest, place), _card(benchmark, example, given)))
    return found


#: Interest in an item: the runs differ, all are wrong, all are right.
_DIFFER, _WRONG, _RIGHT = range(3)


def _interest(right: Sequence[bool]) -> int:
    if len(set(right)) > 1:
        return _DIFFER
    return _RIGHT if right[0] else _WRONG


def _kind(example: Example) -> str:
    return str(example.meta.get("type", "all"))


def _card(benchmark: Benchmark, example: Example, given: Sequence[tuple[str, dict]]) -> GalleryItem:
    pictures = [picture_url(source) for source in example.images]
    marks = [None if benchmark.graded else item["score"] >= 0.5 for _, item in given]
    told = [(name, str(item["answer"]), mark) for (name, item), mark in zip(given, marks)]
    kind = _kind(example)
    return GalleryItem(
        pictures=[url for url, _ in pictures],
        question=example.messages[-1].text,
        reference=(", " if benchmark.kind.startswith("chair") else " / ").join(
            example.answers[:8][: 3 if benchmark.graded else 8]
        ),
        answers=told,
        type=benchmark.name if kind in ("all", benchmark.name) else f"{benchmark.name}: {kind}",
        drawn=all(drawn for _, drawn in pictures),
    )
