"""What programs about slides run on, and their steps."""

from __future__ import annotations

import math
from collections.abc import Mapping

from vistune.world.cells.slide import Cell, Slide
from vistune.world.program import COMMON, Ambiguous, Operation, only

#: Spread of the cells about their middle, in shares of the width: clumped below the first, spread above the second.
CLUMPED, SPREAD = 0.165, 0.205
#: A place nearer than this to the middle of the picture is in no quarter, in shares of the width.
_NEAR = 0.06


class SlideView:
    """A slide with the pieces that questions ask for."""

    def __init__(self, slide: Slide) -> None:
        self.slide = slide

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about slides."""
        return OPERATIONS

    def spread(self) -> float:
        """Root mean square distance of the cells' middles from their middle, in widths (sum over both directions halved)."""
        cells = self.slide.cells
        x, y = (sum(getattr(c, v) for c in cells) / len(cells) for v in "xy")
        square = sum((c.x - x) ** 2 + (c.y - y) ** 2 for c in cells) / len(cells)
        return math.sqrt(square / 2) / self.slide.width


def _select(test):
    return lambda view, _doubt, values, argument: tuple(i for i in values[0] if test(view.slide.cells[i], argument))


def _quarter(view: SlideView, _doubt: bool, values: tuple, _argument: None) -> str:
    cell, width = view.slide.cells[only(values[0])[0]], view.slide.width
    if min(abs(cell.x / width - 0.5), abs(cell.y / width - 0.5)) < _NEAR:
        raise Ambiguous("It lies between two quarters.")
    return f"{'upper' if cell.y < width / 2 else 'lower'} {'left' if cell.x < width / 2 else 'right'}"


def _clumped(view: SlideView, _doubt: bool, _values: tuple, _argument: None) -> bool:
    if len(view.slide.cells) < 4 or CLUMPED <= view.spread() <= SPREAD:
        raise Ambiguous("The cells are neither clearly clumped nor clearly spread.")
    return view.spread() < CLUMPED


def _longer(view: SlideView, _doubt: bool, values: tuple, bound: str) -> bool:
    length = max(view.slide.cells[i].length for i in only(values[0]))
    if abs(length - float(bound)) < 0.05 * length:
        raise Ambiguous("It is too near to that length.")
    return length > float(bound)


def _most(view: SlideView, _doubt: bool, _values: tuple, _argument: None) -> str:
    kinds = [cell.kind for cell in view.slide.cells]
    ranked = sorted(set(kinds), key=kinds.count, reverse=True)
    if len(ranked) > 1 and kinds.count(ranked[0]) == kinds.count(ranked[1]):
        raise Ambiguous("Two kinds are alike many.")
    return ranked[0]


def _is_kind(cell: Cell, kind: str) -> bool:
    return cell.kind == kind


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "cells": Operation(0, False, lambda view, _d, _v, _x: tuple(range(len(view.slide.cells)))),
    "kind": Operation(1, True, _select(_is_kind)),
    "dividing": Operation(1, False, _select(lambda cell, _x: cell.dividing)),
    "large_nucleus": Operation(1, False, _select(lambda cell, _x: cell.large_nucleus)),
    "quarter": Operation(1, False, _quarter),
    "clumped": Operation(0, False, _clumped),
    "longer": Operation(1, True, _longer),
    "most": Operation(0, False, _most),
    "stain": Operation(0, False, lambda view, _d, _v, _x: view.slide.stain),
    "sample": Operation(0, False, lambda view, _d, _v, _x: view.slide.sample),
}
