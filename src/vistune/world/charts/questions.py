"""Questions about charts: reading, comparing, adding, trends."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from vistune.world.charts.chart import TOPICS, Chart
from vistune.world.charts.view import ChartView
from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, question, yes_no

C = Asker[ChartView]
CELLS = call("cells")

_VALUE = Wordings(("what is the value of {x}?", "how many {u} does {x} have?"), ("read off the value of {x}.",))
_MOST = Wordings(("which has the {w}: {a}, {b} or {d}?",), ("of {a}, {b} and {d}, which has the {w}?",))
_GREATER = Wordings(
    ("which is higher: {a} or {b}?", "which has more {u}: {a} or {b}?"), ("which is greater: {a} or {b}?",)
)
_DIFFERENCE = Wordings(
    ("what is the difference between {a} and {b}?", "by how much do {a} and {b} differ?"),
    ("how far apart are {a} and {b}?",),
)
_SUM = Wordings(("what are {a} and {b} together?", "what is the sum of {a} and {b}?"), ("add {a} and {b}.",))
_ABOVE = Wordings(("how many are higher than {n}?", "how many have more than {n} {u}?"), ("count those above {n}.",))
_TREND = Wordings(
    ("does {x} go up or down from the first to the last?",), ("is {x} higher at the end (up) or lower (down)?",)
)
_COLOUR = Wordings(("what does the colour {k} stand for: {a} or {b}?",), ("what is {k}: {a} or {b}?",))
_TITLE = Wordings(("what is the chart about: {a} or {b}?",), ("what does the chart show: {a} or {b}?",))
_FORM = Wordings(("what kind of chart is this?",), ("name the kind of this chart.",))
_IS_ABOVE = Wordings(("is {x} more than {n}?", "does {x} have more than {n} {u}?"), ("is {x} above {n}?",))

#: Bound -> number of those above it -> how often that is so, fitted on charts of the flat prior.
_OFTEN_ABOVE = {
    9: {1: 0.52, 2: 1.0, 3: 0.93},
    10: {1: 0.62, 2: 1.0, 3: 0.80},
    11: {1: 0.75, 2: 1.0, 3: 0.70},
}


def cell(view: ChartView, at: tuple[int, int]) -> Program:
    """A cell by its names."""
    inside = Program("category", (CELLS,), view.chart.categories[at[1]])
    return inside if len(view.chart.series) == 1 else Program("series", (inside,), view.chart.series[at[0]])


def named(view: ChartView, at: tuple[int, int]) -> str:
    """``pear``, or ``pear of the market`` where there are several series."""
    name = view.chart.categories[at[1]]
    return name if len(view.chart.series) == 1 else f"{name} ({view.chart.series[at[0]]})"


def _cells(c: C, count: int) -> list[tuple[int, int]]:
    return c.rng.sample(c.view.cells, count)


def value(c: C) -> Question | None:
    """The number of a cell; numbers are alike likely in charts of the flat prior."""
    at = _cells(c, 1)[0]
    if not c.view.readable(at):
        return None
    program = call("value", cell(c.view, at))
    return question(c, "value", _VALUE, program, x=named(c.view, at), u=c.view.chart.unit)


def extreme(c: C) -> Question | None:
    """Which of three categories is the highest or the lowest of all; of one series."""
    view, which = c.view, c.one_of(("most", "least"))
    if len(view.chart.categories) < 3 or len(view.chart.series) > 1:
        return None
    program = call("category_of", Program("extreme", (CELLS,), which))
    names = c.rng.sample(view.chart.categories, 3)
    asked = question(c, "extreme", _MOST, program, w=which, a=names[0], b=names[1], d=names[2])
    return None if asked is None or asked.answer not in names else replace(asked, choices=tuple(names))


def greater(c: C) -> Question | None:
    """The higher of two cells."""
    x, y = _cells(c, 2)
    a, b = named(c.view, x), named(c.view, y)
    test = call("greater", call("value", cell(c.view, x)), call("value", cell(c.view, y)))
    program = call("pick", test, call("word", argument=a), call("word", argument=b))
    asked = question(c, "greater", _GREATER, program, a=a, b=b, u=c.view.chart.unit)
    return None if asked is None else replace(asked, choices=(a, b))


def difference(c: C) -> Question | None:
    """How far two cells are apart; the number is drawn first, from 1 to 9."""
    return _arithmetic(c, "difference", _DIFFERENCE, c.rng.randint(1, 9))


def total(c: C) -> Question | None:
    """Two cells together; the number is drawn first, from 12 to 28."""
    return _arithmetic(c, "total", _SUM, c.rng.randint(12, 28))


def _arithmetic(c: C, type: str, wordings: Wordings, wanted: int) -> Question | None:
    view = c.view
    told = [cell for cell in view.cells if view.readable(cell)]
    pairs = [(x, y) for x in told for y in told if x != y]
    fits = [
        (x, y)
        for x, y in pairs
        if wanted == (abs(view.value(x) - view.value(y)) if type == "difference" else view.value(x) + view.value(y))
    ]
    if not fits:
        return None
    x, y = c.one_of(fits)
    parts = call("value", cell(view, x)), call("value", cell(view, y))
    program = call("difference", *parts) if type == "difference" else call("sum", *parts)
    return question(c, type, wordings, program, a=named(view, x), b=named(view, y))


def above(c: C) -> Question | None:
    """How many of a single series lie above a bound; whatever the bound, each number is as likely."""
    if len(c.view.chart.series) > 1 or c.view.chart.form == "pie":
        return None
    bound = c.one_of(tuple(_OFTEN_ABOVE))
    values, often = c.view.chart.values[0], _OFTEN_ABOVE[bound]
    found = sum(value > bound for value in values)
    if bound in values or found not in often or not c.chance(min(often.values()) / often[found]):
        return None
    program = call("count", Program("above", (CELLS,), str(bound)))
    return question(c, "above", _ABOVE, program, n=str(bound), u=c.view.chart.unit)


def is_above(c: C) -> Question | None:
    """Whether a cell is above a bound; the bound is as often below as above it."""

    def make(c: C, want: bool) -> Question | None:
        at = _cells(c, 1)[0]
        if not c.view.readable(at):
            return None
        bound = 10
        test = call("greater", call("value", cell(c.view, at)), call("word", argument=str(bound)))
        x, u = named(c.view, at), c.view.chart.unit
        return question(c, "is_above", _IS_ABOVE, test, want=want, x=x, n=str(bound), u=u)

    return yes_no(c, make)


def trend(c: C) -> Question | None:
    """Whether a series ends higher than it began."""
    chart = c.view.chart
    if not chart.ordered or chart.form == "stacked bars":
        return None
    name = c.one_of(chart.series)
    row = CELLS if len(chart.series) == 1 else Program("series", (CELLS,), name)
    label = "the line" if chart.form == "lines" and len(chart.series) == 1 else name
    asked = question(c, "trend", _TREND, call("trend", row), x=label)
    return None if asked is None else replace(asked, choices=("up", "down"))


def colour(c: C) -> Question | None:
    """What a colour stands for: one of two names of the legend."""
    chart = c.view.chart
    names = chart.categories if chart.form == "pie" else chart.series
    if len(names) < 2:
        return None
    a, b = c.rng.sample(names, 2)
    shade = chart.colours[names.index(c.one_of((a, b)))][0]
    asked = question(c, "colour", _COLOUR, call("coloured", argument=shade), k=shade, a=a, b=b)
    return None if asked is None else replace(asked, choices=(a, b))


def title(c: C) -> Question | None:
    """What it is about: this or another topic."""
    own = c.view.chart.title.lower()
    other = c.one_of([t.title.lower() for t in TOPICS if t.title.lower() != own])
    a, b = (own, other) if c.chance(0.5) else (other, own)
    asked = question(c, "title", _TITLE, call("title"), a=a, b=b)
    return None if asked is None else replace(asked, choices=(a, b))


def form(c: C) -> Question | None:
    """Bars, lines, pie, ..."""
    return question(c, "form", _FORM, call("form"))


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "value": value, "extreme": extreme, "greater": greater, "difference": difference, "total": total, "above": above,
    "is_above": is_above, "trend": trend, "colour": colour, "title": title, "form": form,
}  # fmt: skip


def ask(
    chart: Chart, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a chart (see ``vistune.world.questions.ask``)."""
    rng = random.Random(f"chart question/{seed}/{chart.seed}/{split}")
    return draw_questions(Asker(ChartView(chart), rng, split), MAKERS, types, n)
