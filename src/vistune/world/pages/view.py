"""What programs about documents run on, and their steps."""

from __future__ import annotations

from collections.abc import Mapping

from vistune.world.pages.page import Document
from vistune.world.pages.sampling import money
from vistune.world.program import COMMON, Ambiguous, Operation

ORDINALS = ("the first", "the second", "the third", "the fourth", "the fifth")


class PageView:
    """A document with its fields in a dictionary."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.fields = dict(document.fields)
        self.prices = dict(document.items)
        self.texts = [line.text for page in document.pages for line in page.lines]

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about documents."""
        return OPERATIONS


def _field(view: PageView, _doubt: bool, _values: tuple, key: str) -> str:
    if key not in view.fields:
        raise Ambiguous(f"The page has no '{key}'.")
    return view.fields[key]


def _price(view: PageView, _doubt: bool, _values: tuple, name: str) -> int:
    if name not in view.prices:
        raise Ambiguous(f"'{name}' is not on the receipt.")
    return view.prices[name]


def _cell(view: PageView, _doubt: bool, _values: tuple, name: str) -> str:
    row, column = name.split("/")
    header, *rows = view.document.table or (("",),)
    found = [cells[header.index(column)] for cells in rows if cells[0] == row] if column in header else []
    if len(found) != 1:
        raise Ambiguous(f"The table has no cell '{name}'.")
    return found[0]


def _line(view: PageView, _doubt: bool, _values: tuple, text: str) -> int:
    if view.texts.count(text) != 1:
        raise Ambiguous(f"'{text}' stands nowhere, or more than once.")
    return view.texts.index(text)


def _page_number(view: PageView, _doubt: bool, _values: tuple, heading: str) -> int:
    if view.document.headings.count(heading) != 1:
        raise Ambiguous(f"There is no heading '{heading}'.")
    return view.document.places[view.document.headings.index(heading)]


def _page_of(view: PageView, doubt: bool, values: tuple, heading: str) -> str:
    return ORDINALS[_page_number(view, doubt, values, heading)]


def _different(_view: PageView, _doubt: bool, values: tuple, _argument: None) -> bool:
    if values[0] == values[1]:
        raise Ambiguous("They are alike.")
    return values[0] > values[1]


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "field": Operation(0, True, _field),
    "price": Operation(0, True, _price),
    "items": Operation(0, False, lambda view, _d, _v, _x: tuple(range(len(view.document.items)))),
    "cell": Operation(0, True, _cell),
    "whole": Operation(1, False, lambda _view, _d, values, _x: int(values[0])),
    "money": Operation(1, False, lambda _view, _d, values, _x: money(values[0])),
    "plus": Operation(2, False, lambda _view, _d, values, _x: values[0] + values[1]),
    "greater": Operation(2, False, _different),
    "line": Operation(0, True, _line),
    "page": Operation(0, True, _page_of),
    "page_number": Operation(0, True, _page_number),
    "pages": Operation(0, False, lambda view, _d, _v, _x: tuple(range(len(view.document.pages)))),
    "kind": Operation(0, False, lambda view, _d, _v, _x: view.document.kind),
}
