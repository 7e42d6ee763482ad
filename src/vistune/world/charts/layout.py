"""Where everything of a chart lies, in pixels of any size: bars, points, slices, ticks and words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vistune.world.charts.chart import Chart
from vistune.world.fonts import face

Box = tuple[float, float, float, float]
#: What numbers are written on at every size: slices above this share of the pie, and parts of stacked bars this high or
#: more, in shares of the axis. On lower parts they have no room.
SLICE, PART = 0.06, 0.13


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its box ``(x0, y0, x1, y1)`` around the ink. ``role``: title, tick, category, legend, number."""

    text: str
    box: Box
    origin: tuple[float, float]
    pixels: int
    role: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What shows one value: of series ``series`` and category ``category``.

    A bar has a ``box``; a point its centre as ``(x, y, x, y)``; a slice the pie's box and its ``angles`` (degrees
    clockwise from the right).
    """

    series: int
    category: int
    box: Box
    angles: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """``plot``: the box between the axes. ``top``: the value at its upper (right) end; the lower end is 0."""

    width: int
    height: int
    plot: Box
    top: int
    ticks: tuple[int, ...]
    marks: tuple[Mark, ...]
    words: tuple[Words, ...]

    def x_of(self, value: float) -> float:
        """The x of a value on a horizontal axis."""
        return self.plot[0] + value / self.top * (self.plot[2] - self.plot[0])

    def y_of(self, value: float) -> float:
        """The y of a value on a vertical axis."""
        return self.plot[3] - value / self.top * (self.plot[3] - self.plot[1])


def layout(chart: Chart, width: int, height: int) -> Layout:
    """The layout of a chart on ``width`` x ``height`` pixels."""
    unit = height / 100
    small, large = max(4, round(6.2 * unit)), max(5, round(7.6 * unit))
    words = [_centred(chart.title, width / 2, 6.5 * unit, large, chart, "title", bold=True)]
    legend = len(chart.series) > 1 or chart.form == "pie"
    bottom = height - (15 if legend and chart.form != "pie" else 6) * unit
    if chart.form == "pie":
        return _pie(chart, width, height, unit, small, words)
    horizontal = chart.form == "horizontal bars"
    longest = max(_length(name, small, chart) for name in chart.categories)
    left = 0.04 * width + (longest if horizontal else _length("00", small, chart)) + 2 * unit
    plot = (left, 15 * unit, 0.95 * width, bottom - 7 * unit)
    step, top = axis(chart)
    ticks = tuple(range(0, top + 1, step))
    bare = Layout(width, height, plot, top, ticks, (), ())
    marks = _horizontal(chart, bare) if horizontal else _upright(chart, bare)
    words += _axis_words(chart, bare, small, unit, horizontal)
    if chart.numbers:
        words += _numbers(chart, marks, small, horizontal, unit)
    if legend:
        words += _legend(chart, width, height - 6.5 * unit, small, unit)
    return Layout(width, height, plot, top, ticks, tuple(marks), tuple(words))


def axis(chart: Chart) -> tuple[int, int]:
    """The values between two ticks and at the upper end of the axis."""
    step = _step(_highest(chart))
    return step, step * math.ceil(_highest(chart) * 1.04 / step)


def _highest(chart: Chart) -> int:
    if chart.form == "stacked bars":
        return max(sum(row[c] for row in chart.values) for c in range(len(chart.categories)))
    return max(max(row) for row in chart.values)


def _step(highest: int) -> int:
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if highest / step <= 5)


def _length(text: str, pixels: int, chart: Chart) -> float:
    return face(chart.face, pixels).getlength(text)


def placed(text: str, x: float, y: float, pixels: int, chart: Chart, role: str, bold: bool = False) -> Words:
    """A text whose ink begins at (x, y)."""
    x0, y0, x1, y1 = face(chart.face, pixels, bold).getbbox(text)
    return Words(text, (x, y, x + x1 - x0, y + y1 - y0), (x - x0, y - y0), pixels, role, bold)


def _centred(text: str, x: float, y: float, pixels: int, chart: Chart, role: str, bold: bool = False) -> Words:
    font = face(chart.face, pixels, bold)
    x0, y0, x1, _ = font.getbbox(text)
    # By the height of a capital, so that words in a row share their baseline.
    _, high, _, low = font.getbbox("H")
    return placed(text, x - (x1 - x0) / 2, y - (high + low) / 2 + y0, pixels, chart, role, bold)


def _upright(chart: Chart, bare: Layout) -> list[Mark]:
    left, _, right, bottom = bare.plot
    slot = (right - left) / len(chart.categories)
    marks = []
    for c in range(len(chart.categories)):
        middle, base = left + slot * (c + 0.5), 0
        for s, row in enumerate(chart.values):
            if chart.form == "lines":
                y = bare.y_of(row[c])
                marks.append(Mark(s, c, (middle, y, middle, y)))
                continue
            wide = slot * 0.62 if chart.form != "grouped bars" else slot * 0.76 / len(chart.values)
            x = middle - wide / 2
            if chart.form == "grouped bars":
                x = middle + (s - len(chart.values) / 2) * wide
            low = bare.y_of(base) if chart.form == "stacked bars" else bottom
            high = bare.y_of(base + row[c])
            marks.append(Mark(s, c, (x, high, x + wide, low)))
            base += row[c] if chart.form == "stacked bars" else 0
    return marks


def _horizontal(chart: Chart, bare: Layout) -> list[Mark]:
    left, top, _, bottom = bare.plot
    slot = (bottom - top) / len(chart.categories)
    return [
        Mark(0, c, (left, top + slot * (c + 0.19), bare.x_of(value), top + slot * (c + 0.81)))
        for c, value in enumerate(chart.values[0])
    ]


def _axis_words(chart: Chart, bare: Layout, small: int, unit: float, horizontal: bool) -> list[Words]:
    left, top, right, bottom = bare.plot
    words = []
    for tick in bare.ticks:
        if horizontal:
            words.append(_centred(str(tick), bare.x_of(tick), bottom + 4 * unit, small, chart, "tick"))
            continue
        made = _centred(str(tick), 0, bare.y_of(tick), small, chart, "tick")
        words.append(
            placed(str(tick), left - 1.6 * unit - (made.box[2] - made.box[0]), made.box[1], small, chart, "tick")
        )
    along = (bottom - top) if horizontal else (right - left)
    slot, pixels = along / len(chart.categories), small
    while not horizontal and pixels > 4 and max(_length(n, pixels, chart) for n in chart.categories) > slot * 0.96:
        pixels -= 1
    for c, name in enumerate(chart.categories):
        if horizontal:
            made = _centred(name, 0, top + slot * (c + 0.5), small, chart, "category")
            words.append(
                placed(name, left - 1.6 * unit - (made.box[2] - made.box[0]), made.box[1], small, chart, "category")
            )
            continue
        words.append(_centred(name, left + slot * (c + 0.5), bottom + 4.5 * unit, pixels, chart, "category"))
    return words


def _numbers(chart: Chart, marks: list[Mark], small: int, horizontal: bool, unit: float) -> list[Words]:
    words = []
    for mark in marks:
        text, (x0, y0, x1, y1) = str(chart.values[mark.series][mark.category]), mark.box
        pixels = max(4, small - 2)
        inside = chart.form == "stacked bars" or chart.form == "grouped bars"
        if (inside and y1 - y0 < 1.3 * pixels) or (x1 - x0 < _length(text, pixels, chart) and not horizontal):
            continue
        x, y = (
            (x1 + 3.5 * unit, (y0 + y1) / 2)
            if horizontal
            else ((x0 + x1) / 2, (y0 + y1) / 2 if inside else y0 - 3 * unit)
        )
        words.append(_centred(text, x, y, pixels, chart, "number"))
    return words


def _legend(chart: Chart, width: int, y: float, small: int, unit: float) -> list[Words]:
    """In a row under the plot, each name after a square of its colour."""
    lengths = [_length(name, small, chart) + 9 * unit for name in chart.series]
    x = (width - sum(lengths)) / 2
    words = []
    for name, length in zip(chart.series, lengths):
        made = _centred(name, 0, y, small, chart, "legend")
        words.append(placed(name, x + 5.5 * unit, made.box[1], small, chart, "legend"))
        x += length
    return words


def _pie(chart: Chart, width: int, height: int, unit: float, small: int, words: list[Words]) -> Layout:
    """A pie on the left, its legend on the right."""
    names = max(_length(name, small, chart) for name in chart.categories)
    room = min(height - 19 * unit, width - names - 19 * unit)
    radius, middle = room / 2, (5 * unit + room / 2, height / 2 + 6 * unit)
    box = (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius)
    total, angle, marks = sum(chart.values[0]), -90.0, []
    for c, value in enumerate(chart.values[0]):
        end = angle + 360 * value / total
        marks.append(Mark(0, c, box, (angle, end)))
        if chart.numbers and value / total > SLICE:
            way = math.radians((angle + end) / 2)
            x, y = middle[0] + 0.68 * radius * math.cos(way), middle[1] + 0.68 * radius * math.sin(way)
            words.append(_centred(str(value), x, y, max(4, small - 1), chart, "number"))
        angle = end
    slot = min(11 * unit, (height - 24 * unit) / len(chart.categories))
    for c, name in enumerate(chart.categories):
        y = middle[1] + (c - (len(chart.categories) - 1) / 2) * slot
        made = _centred(name, 0, y, small, chart, "legend")
        words.append(placed(name, box[2] + 10 * unit, made.box[1], small, chart, "legend"))
    return Layout(width, height, box, total, (), tuple(marks), tuple(words))
