"""Documents and charts of the world as items of benchmarks: pictures large enough to be read, words with boxes, questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from vistune.data.example import ImageSource
from vistune.data.reading_order import OcrWord
from vistune.evaluation.benchmarks.nano import FIRST_SCENE
from vistune.world.legible import LEGIBLE
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Split

#: Words on pages are small: so many pixels on the longer side make them legible.
PAGE_SIZE, CHART_SIZE = LEGIBLE["pages"], LEGIBLE["charts"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page or chart, its picture not drawn yet. ``kind``: receipt, form, bars...; ``words`` in the order they were set.

    ``rows``: the table that is shown, its header first where it has one; empty for other pages.
    """

    name: str
    kind: str
    draw: Callable[[], ImageSource]
    words: tuple[OcrWord, ...]
    questions: tuple[Question, ...]
    rows: tuple[tuple[str, ...], ...] = ()


def pages(
    kinds: Sequence[str], types: Sequence[str] | None, size: int, split: Split, prior: Prior, seed: int, each: int = 3
) -> Iterator[Leaf]:
    """Pages of these kinds in turn, without end, each with at most ``each`` questions; longer side ``size`` pixels.

    Questions of the earlier ``types`` come before those of later ones.
    """
    from vistune.world.pages import ask, fit, render, sample_document, words
    from vistune.world.pages.sampling import money

    for i in count():
        number = FIRST_SCENE + seed * 100_000 + i
        document = sample_document(number, split=split, prior=prior, kind=kinds[i % len(kinds)])
        asked = [q for q in ask(document, number, n=12, split=split) if types is None or q.type in types]
        if types is not None:
            asked.sort(key=lambda q: types.index(q.type))
        if len(document.pages) != 1 or not asked:
            continue
        (page,) = document.pages
        width = fit(page, size)
        found = tuple(OcrWord(word.text, word.box, word.line) for word in words(page, width))
        rows = document.table or tuple((name, money(price)) for name, price in document.items)
        yield Leaf(f"page-{number}", document.kind, _drawn(render, page, width), found, tuple(asked[:each]), rows)


def charts(
    types: Sequence[str] | None, size: int, split: Split, prior: Prior, seed: int, each: int = 4
) -> Iterator[Leaf]:
    """Charts without end, each with at most ``each`` questions of the types; ``size`` pixels on a side."""
    from vistune.world.charts import ask, layout, render, sample_chart

    for i in count():
        number = FIRST_SCENE + seed * 100_000 + i
        chart = sample_chart(number, split=split, prior=prior)
        asked = [q for q in ask(chart, number, n=12, split=split) if types is None or q.type in types][:each]
        if asked:
            found = tuple(OcrWord(w.text, w.box, k) for k, w in enumerate(layout(chart, size, size).words))
            rows = tuple(map(tuple, chart.table()))
            yield Leaf(f"chart-{number}", chart.form, _drawn(render, chart, size), found, tuple(asked), rows)


def _drawn(render: Callable[..., Any], value: Any, size: int) -> Callable[[], ImageSource]:
    return lambda: ImageSource(array=render(value, size))


def as_meta(words: Sequence[OcrWord]) -> list[list[Any]]:
    """Words as plain values, for ``meta["words"]``: text, box, line."""
    return [[w.text, [round(v, 1) for v in w.box], w.line] for w in words]


def from_meta(words: Sequence[Sequence[Any]]) -> list[OcrWord]:
    """The words again."""
    return [OcrWord(text, (box[0], box[1], box[2], box[3]), line) for text, box, line in words]


def digits_too(answer: str) -> list[str]:
    """An answer, and a number word's digits: the two ways in which people write it."""
    from vistune.world.language.grammar import NUMBERS

    return [answer, str(NUMBERS.index(answer))] if answer in NUMBERS else [answer]
