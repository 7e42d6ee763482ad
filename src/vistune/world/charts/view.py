"""What programs about charts run on: the table, and the steps that read it."""

from __future__ import annotations

from collections.abc import Mapping

from vistune.world.charts.chart import Chart
from vistune.world.charts.layout import PART, SLICE, axis
from vistune.world.program import COMMON, Ambiguous, Operation

#: Two values count as different to the eye if they differ by this share of the highest one.
CLEARLY = 0.06


class ChartView:
    """A chart whose cells are (series, category) pairs of numbers."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.cells = tuple((s, c) for s in range(len(chart.series)) for c in range(len(chart.categories)))
        self.highest = max(max(row) for row in chart.values)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about charts."""
        return OPERATIONS

    def value(self, cell: tuple[int, int]) -> int:
        """The number of a cell."""
        return self.chart.values[cell[0]][cell[1]]

    def readable(self, cell: tuple[int, int]) -> bool:
        """Whether a value can be read exactly: off an axis, or from the number on its slice or its part of a bar."""
        if self.chart.form not in ("pie", "stacked bars"):
            return True
        whole, least = (sum(self.chart.values[0]), SLICE) if self.chart.form == "pie" else (axis(self.chart)[1], PART)
        return self.chart.numbers and self.value(cell) > least * whole

    def clearly(self, first: int, second: int) -> bool:
        """Whether two different values can be told apart by eye."""
        return abs(first - second) >= max(1, CLEARLY * self.highest)


def _of(view: ChartView, kind: int, cells: tuple, name: str) -> tuple:
    names = view.chart.series if kind == 0 else view.chart.categories
    if name not in names:
        raise Ambiguous(f"The chart has no '{name}'.")
    return tuple(cell for cell in cells if cell[kind] == names.index(name))


def _extreme(view: ChartView, _doubt: bool, values: tuple, which: str) -> tuple:
    ordered = sorted(values[0], key=view.value, reverse=which == "most")
    if len(ordered) < 2 or not view.clearly(view.value(ordered[0]), view.value(ordered[1])):
        raise Ambiguous("Two are about alike.")
    return (ordered[0],)


def _number(view: ChartView, _doubt: bool, values: tuple, _argument: None) -> str:
    (cell,) = values[0]
    return str(view.value(cell))


def _total(view: ChartView, _doubt: bool, values: tuple, _argument: None) -> str:
    return str(sum(view.value(cell) for cell in values[0]))


def _difference(_view: ChartView, _doubt: bool, values: tuple, _argument: None) -> str:
    return str(abs(int(values[0]) - int(values[1])))


def _above(view: ChartView, _doubt: bool, values: tuple, bound: str) -> tuple:
    limit = int(bound)
    if any(view.value(cell) == limit or not view.clearly(view.value(cell), limit) for cell in values[0]):
        raise Ambiguous("One is about at the bound.")
    return tuple(cell for cell in values[0] if view.value(cell) > limit)


def _greater(view: ChartView, _doubt: bool, values: tuple, _argument: None) -> bool:
    first, second = int(values[0]), int(values[1])
    if not view.clearly(first, second):
        raise Ambiguous("They are about alike.")
    return first > second


def _trend(view: ChartView, _doubt: bool, values: tuple, _argument: None) -> str:
    row = [view.value(cell) for cell in values[0]]
    if not view.clearly(row[0], row[-1]):
        raise Ambiguous("It ends about where it began.")
    return "up" if row[-1] > row[0] else "down"


def _named(view: ChartView, values: tuple, kind: int) -> str:
    (cell,) = values[0]
    return (view.chart.series if kind == 0 else view.chart.categories)[cell[kind]]


def _coloured(view: ChartView, _doubt: bool, _values: tuple, colour: str) -> str:
    names = view.chart.categories if view.chart.form == "pie" else view.chart.series
    found = [name for name, (known, _) in zip(names, view.chart.colours) if known == colour]
    if len(found) != 1:
        raise Ambiguous(f"Nothing, or more than one thing, is {colour}.")
    return found[0]


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "cells": Operation(0, False, lambda view, _d, _v, _x: view.cells),
    "series": Operation(1, True, lambda view, _d, values, name: _of(view, 0, values[0], name)),
    "category": Operation(1, True, lambda view, _d, values, name: _of(view, 1, values[0], name)),
    "extreme": Operation(1, True, _extreme),
    "value": Operation(1, False, _number),
    "total": Operation(1, False, _total),
    "difference": Operation(2, False, _difference),
    "sum": Operation(2, False, lambda _view, _d, values, _x: str(int(values[0]) + int(values[1]))),
    "above": Operation(1, True, _above),
    "greater": Operation(2, False, _greater),
    "trend": Operation(1, False, _trend),
    "category_of": Operation(1, False, lambda view, _d, values, _x: _named(view, values, 1)),
    "coloured": Operation(0, True, _coloured),
    "title": Operation(0, False, lambda view, _d, _v, _x: view.chart.title.lower()),
    "form": Operation(0, False, lambda view, _d, _v, _x: view.chart.form),
}
