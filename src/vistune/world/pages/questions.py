"""Questions about documents: what a field says, prices, sums, cells, reading order, pages."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from vistune.world.language.wordings import Wordings
from vistune.world.pages.page import Document
from vistune.world.pages.sampling import GREY
from vistune.world.pages.view import PageView
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, question, yes_no

C = Asker[PageView]

_FIELD = Wordings(("what is the {k}?", "what does the page give as {k}?"), ("read the {k}.",))
_PRICE = Wordings(("how much is the {x}?", "what does the {x} cost?"), ("what is the price of the {x}?",))
_SUM = Wordings(("how much are the {a} and the {b} together?",), ("add the prices of the {a} and the {b}.",))
_DEARER = Wordings(("which costs more: the {a} or the {b}?",), ("which is dearer: the {a} or the {b}?",))
_ITEMS = Wordings(("how many things were bought?", "how many items are on the receipt?"), ("count the items.",))
_CELL = Wordings(("what is {r}, {k}?", "how many {k} do the {r} have?"), ("give the number of {k} of the {r}.",))
_BEST = Wordings(("which have more {k}: the {a} or the {b}?",), ("who is ahead in {k}: the {a} or the {b}?",))
_ABOVE = Wordings(("which is written higher up: '{a}' or '{b}'?",), ("what does one read first: '{a}' or '{b}'?",))
_PAGE = Wordings(("on which page is '{x}': the first, the second or the third?",), ("which page is about '{x}': the first, the second or the third?",))  # fmt: skip
_PAGES = Wordings(("how many pages are there?",), ("count the pages.",))
_KIND = Wordings(("what kind of page is this?", "what kind of document is this?"), ("name the kind of this page.",))
_EARLIER = Wordings(("which comes on an earlier page: '{a}' or '{b}'?",), ("leafing through, which does one meet first: '{a}' or '{b}'?",))  # fmt: skip
_TOGETHER = Wordings(("are '{a}' and '{b}' on the same page?",), ("do '{a}' and '{b}' share a page?",))

#: Answers -> how easily they are found, fitted on documents of the flat prior.
_EASE_PAGE = {"the first": 0.941, "the second": 0.843, "the third": 1.0}


def word(text: str) -> Program:
    """A fixed text."""
    return call("word", argument=text)


def _either(c: C, type: str, wordings: Wordings, test: Program, a: str, b: str, k: str = "") -> Question | None:
    asked = question(c, type, wordings, call("pick", test, word(a), word(b)), a=a, b=b, k=k)
    return None if asked is None else replace(asked, choices=(a, b))


def field(c: C) -> Question | None:
    """The text of a field."""
    if not c.view.fields or c.view.document.kind == "sign":
        return None
    key = c.one_of(list(c.view.fields))
    return question(c, "field", _FIELD, call("field", argument=key), k=key.lower())


def reads(c: C) -> Question | None:
    """What a sign says."""
    if c.view.document.kind != "sign":
        return None
    wordings = Wordings(("what does the sign say?", "what is written on the sign?"), ("read the sign.",))
    return question(c, "reads", wordings, call("field", argument="text"))


def price(c: C) -> Question | None:
    """The price of an item."""
    if not c.view.prices:
        return None
    name = c.one_of(list(c.view.prices))
    return question(c, "price", _PRICE, call("money", call("price", argument=name)), x=name)


def total(c: C) -> Question | None:
    """Two prices together."""
    if len(c.view.prices) < 3:
        return None
    a, b = c.rng.sample(list(c.view.prices), 2)
    both = call("plus", call("price", argument=a), call("price", argument=b))
    return question(c, "total", _SUM, call("money", both), a=a, b=b)


def dearer(c: C) -> Question | None:
    """The dearer of two items."""
    if not c.view.prices:
        return None
    a, b = c.rng.sample(list(c.view.prices), 2)
    return _either(c, "dearer", _DEARER, call("greater", call("price", argument=a), call("price", argument=b)), a, b)


def items(c: C) -> Question | None:
    """How many items a receipt has: two to as many as there may be, alike likely."""
    return question(c, "items", _ITEMS, call("count", call("items"))) if c.view.prices else None


def cell(c: C) -> Question | None:
    """A cell of a table."""
    if not c.view.document.table:
        return None
    header, *rows = c.view.document.table
    row, column = c.one_of(rows)[0], c.one_of(header[1:])
    return question(c, "cell", _CELL, call("cell", argument=f"{row}/{column}"), r=row, k=column)


def best(c: C) -> Question | None:
    """Which of two rows has more."""
    if not c.view.document.table:
        return None
    header, *rows = c.view.document.table
    a, b = (row[0] for row in c.rng.sample(rows, 2))
    k = c.one_of(header[1:])
    one, other = (call("whole", call("cell", argument=f"{name}/{k}")) for name in (a, b))
    return _either(c, "best", _BEST, call("greater", one, other), a, b, k)


def above(c: C) -> Question | None:
    """Which of two lines comes first: of those whose order their words do not tell."""
    document = c.view.document
    if document.kind == "receipt":
        options = list(c.view.prices)
    elif document.kind == "table":
        options = [row[0] for row in document.table[1:]]
    elif document.kind == "form":
        options = [key + ":" for key in c.view.fields]
    else:
        options = [line.text for line in document.pages[0].lines if line.label == "other" and line.colour != GREY]
        options = [text for text in options if text != "Yours,"]
    if len(options) < 2:
        return None
    a, b = c.rng.sample(options, 2)
    return _either(c, "above", _ABOVE, call("greater", call("line", argument=b), call("line", argument=a)), a, b)


def page(c: C) -> Question | None:
    """On which page a heading is; the page is drawn first."""
    document = c.view.document
    wanted = c.one_of(tuple(_EASE_PAGE))
    if len(document.pages) < 3 or not c.chance(min(_EASE_PAGE.values()) / _EASE_PAGE[wanted]):
        return None
    fits = [h for h in document.headings if call("page", argument=h).answer(c.view) == wanted]
    return question(c, "page", _PAGE, call("page", argument=(x := c.one_of(fits))), x=x) if fits else None


def pages(c: C) -> Question | None:
    """How many pages a report has."""
    return question(c, "pages", _PAGES, call("count", call("pages"))) if c.view.document.kind == "report" else None


def kind(c: C) -> Question | None:
    """Receipt, form, ..."""
    return question(c, "kind", _KIND, call("kind"))


def _number(heading: str) -> Program:
    return call("page_number", argument=heading)


def earlier(c: C) -> Question | None:
    """Which of two headings is on an earlier page: both pages must be read."""
    document = c.view.document
    on = dict(zip(document.headings, document.places, strict=True))
    pairs = [(a, b) for a in on for b in on if on[a] != on[b]]
    if not pairs:
        return None
    a, b = c.one_of(pairs)
    return _either(c, "earlier", _EARLIER, call("greater", _number(b), _number(a)), a, b)


def together(c: C) -> Question | None:
    """Whether two headings are on one page; yes and no alike likely."""
    document = c.view.document
    on = dict(zip(document.headings, document.places, strict=True))

    def make(c: C, want: bool) -> Question | None:
        pairs = [(a, b) for a in on for b in on if a != b and (on[a] == on[b]) == want]
        if not pairs:
            return None
        a, b = c.one_of(pairs)
        return question(c, "together", _TOGETHER, call("equal", _number(a), _number(b)), want=want, a=a, b=b)

    return yes_no(c, make)


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "field": field, "reads": reads, "price": price, "total": total, "dearer": dearer, "items": items, "cell": cell,
    "best": best, "above": above, "page": page, "pages": pages, "kind": kind,
}  # fmt: skip


#: About two pages of a document; asked by name only.
ACROSS: dict[str, Callable[[C], Question | None]] = {"earlier": earlier, "together": together}


def ask(
    document: Document, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a document (see ``vistune.world.questions.ask``)."""
    rng = random.Random(f"page question/{seed}/{document.seed}/{split}")
    makers = MAKERS if types is None else {**MAKERS, **ACROSS}
    return draw_questions(Asker(PageView(document), rng, split), makers, types, n)
