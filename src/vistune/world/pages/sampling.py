"""Documents from seeds: receipts, forms, tables, letters, slides, signs, and reports of several pages."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import replace

from vistune.core.errors import ConfigError, nearest
from vistune.world.fonts import Face
from vistune.world.pages import stock
from vistune.world.pages.page import Colour, Document, Line, Page
from vistune.world.scene import Prior, Split

ACCENTS: tuple[Colour, ...] = (
    (46, 92, 150),
    (160, 62, 60),
    (58, 120, 84),
    (120, 82, 140),
    (184, 116, 40),
    (52, 110, 122),
)
PAPERS: tuple[Colour, ...] = ((253, 252, 249), (250, 246, 236), (246, 249, 252), (255, 255, 255))
GREY: Colour = (110, 112, 120)
KINDS = ("receipt", "form", "table", "letter", "slide", "sign", "report")


def sample_document(
    seed: int, *, split: Split = "train", prior: Prior = "skewed", kind: str | None = None, max_items: int = 4
) -> Document:
    """Document number ``seed`` of a split. ``max_items``: rows of receipts and tables, fields of forms, at most.

    Prior: skewed prices are low, inverted ones high, flat ones alike. Raises ``ConfigError`` for an unknown kind or
    ``max_items`` that do not fit (2 to 8).
    """
    if kind is not None and kind not in KINDS:
        raise ConfigError(f"There is no kind of page '{kind}'. {nearest(str(kind), KINDS)}")
    if not 2 <= max_items <= 8:
        raise ConfigError(f"Pages have 2 to 8 items, not {max_items}.")
    rng = random.Random(f"page/{split}/{prior}/{seed}")
    chosen = kind or rng.choice(KINDS)
    made = _MAKERS[chosen](_Draw(rng, split, prior, chosen, max_items))
    return replace(made, seed=seed, prior=prior, split=split)


def held_out(kind: str, text: str) -> bool:
    """Whether a kind of page and a name on it never meet in training: one pair in ten."""
    return zlib.crc32(f"{kind}/{text}".encode()) % 10 == 3


class _Draw:
    """Chance, and what a kind of page may hold in a split."""

    def __init__(self, rng: random.Random, split: Split, prior: Prior, kind: str, most: int) -> None:
        self.rng, self.split, self.prior, self.kind, self.most = rng, split, prior, kind, most
        self.accent, self.paper = rng.choice(ACCENTS), rng.choice(PAPERS)
        self.face: Face = rng.choice(("sans", "sans", "serif", "mono" if kind == "receipt" else "serif"))

    def some(self, options: tuple[str, ...], count: int) -> list[str]:
        """Different ones of the options."""
        usable = [o for o in options if self.split != "train" or not held_out(self.kind, o)]
        return self.rng.sample(usable, count)

    def one(self, options: tuple[str, ...]) -> str:
        """One of the options."""
        return self.some(options, 1)[0]

    def cents(self) -> int:
        """A price: 0.50 to 20.00 in steps of 0.50."""
        share = self.rng.random()
        share = {"skewed": share**2, "flat": share, "inverted": 1 - share**2}[self.prior]
        return 50 * (1 + int(share * 39.999))

    def date(self) -> str:
        """A day of the calendar, year left out."""
        return f"{self.rng.randint(1, 28)} {self.rng.choice(stock.MONTHS)}"


def money(cents: int) -> str:
    """``12.50``."""
    return f"{cents // 100}.{cents % 100:02d}"


def _receipt(d: _Draw) -> Document:
    shop, date, number = d.one(stock.SHOPS), d.date(), str(d.rng.randint(100, 999))
    items = tuple((name, d.cents()) for name in d.some(stock.GOODS, d.rng.randint(2, d.most)))
    total = sum(price for _, price in items)
    size, f = 0.085, d.face
    lines = [
        Line(shop, 0.5, 0.09, 0.12, f, True, "middle", "header", colour=d.accent),
        Line(date, 0.06, 0.28, size * 0.85, f, label="answer", key="date", colour=GREY),
        Line(f"No. {number}", 0.94, 0.28, size * 0.85, f, align="right", label="answer", key="number", colour=GREY),
    ]
    y = 0.44
    for name, price in items:
        lines.append(Line(name, 0.06, y, size, f, label="question"))
        lines.append(Line(money(price), 0.94, y, size, f, align="right", label="answer", key=name))
        y += 0.14
    areas = [(0.06, 0.385, 0.94, 0.39, GREY), (0.06, y - 0.02, 0.94, y - 0.015, GREY)]
    lines.append(Line("Total", 0.06, y + 0.03, size * 1.12, f, True, label="question"))
    lines.append(Line(money(total), 0.94, y + 0.03, size * 1.12, f, True, "right", "answer", "total"))
    fields = (("shop", shop), ("date", date), ("number", number), ("total", money(total)))
    page = Page(tuple(lines), y + 0.2, (254, 254, 251), tuple(areas))
    return Document(0, "receipt", (page,), fields, items)


_FORM_FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Name", stock.NAMES), ("Town", stock.TOWNS), ("Job", stock.JOBS), ("Pet", stock.PETS), ("Surname", stock.SURNAMES),
    ("Team", stock.TEAMS), ("Hobby", stock.TOPICS), ("Meal", stock.GOODS),
)  # fmt: skip


def _form(d: _Draw) -> Document:
    """Keys in print, answers by hand."""
    chosen = d.rng.sample(_FORM_FIELDS, d.rng.randint(min(3, d.most), d.most))
    fields = tuple((key, d.one(options)) for key, options in chosen)
    lines = [Line("Entry form", 0.5, 0.07, 0.11, d.face, True, "middle", "header", colour=(255, 255, 255))]
    areas = [(0.0, 0.0, 1.0, 0.22, d.accent)]
    y = 0.32
    for key, value in fields:
        lines.append(Line(f"{key}:", 0.07, y + 0.003, 0.078, d.face, True, label="question"))
        lines.append(Line(value, 0.49, y - 0.01, 0.1, "hand", label="answer", key=key, colour=(34, 54, 120)))
        areas.append((0.48, y + 0.095, 0.93, y + 0.1, (170, 174, 184)))
        y += 0.19
    return Document(0, "form", (Page(tuple(lines), y + 0.04, d.paper, tuple(areas)),), fields)


def _table(d: _Draw) -> Document:
    columns = d.rng.sample(stock.COLUMNS, d.rng.randint(2, 3))
    names = d.some(stock.TEAMS, d.rng.randint(2, d.most))
    rows = [[name, *(str(d.rng.randint(0, 20)) for _ in columns)] for name in names]
    lines = [Line("Results", 0.05, 0.06, 0.1, d.face, True, label="header", colour=d.accent)]
    areas = [(0.0, 0.23, 1.0, 0.39, d.accent)]
    xs = [0.33 + 0.62 * (k + 1) / len(columns) for k in range(len(columns))]
    size = 0.075 if len(columns) == 2 else 0.056
    lines += [
        Line(c, x, 0.275, size, d.face, True, "right", "header", colour=(255, 255, 255)) for c, x in zip(columns, xs)
    ]
    y = 0.45
    for number, row in enumerate(rows):
        if number % 2:
            areas.append((0.0, y - 0.045, 1.0, y + 0.105, (236, 239, 244)))
        lines.append(Line(row[0], 0.05, y, 0.08, d.face, label="question"))
        lines += [
            Line(v, x, y, 0.08, d.face, False, "right", "answer", f"{row[0]} {c}")
            for v, x, c in zip(row[1:], xs, columns)
        ]
        y += 0.15
    table = (("", *columns), *map(tuple, rows))
    return Document(0, "table", (Page(tuple(lines), y + 0.03, d.paper, tuple(areas)),), table=table)


def _letter(d: _Draw) -> Document:
    to, sender = d.some(stock.NAMES, 2)
    town, date, subject = d.one(stock.TOWNS), d.date(), d.one(stock.SUBJECTS)
    size = 0.058
    lines = [
        Line(f"{town}, {date}", 0.93, 0.08, size, d.face, align="right", label="answer", key="date", colour=GREY),
        Line(f"About {subject}", 0.07, 0.22, size * 1.15, d.face, True, label="header"),
        Line(f"Dear {to},", 0.07, 0.36, size, d.face, label="answer", key="to"),
    ]
    y = 0.48
    for sentence in d.rng.sample(stock.SENTENCES, 3):
        lines.append(Line(sentence, 0.07, y, size, d.face))
        y += 0.105
    lines += [
        Line("Yours,", 0.07, y + 0.05, size, d.face),
        Line(sender, 0.07, y + 0.16, 0.1, "hand", label="answer", key="from", colour=(34, 54, 120)),
    ]
    fields = (("to", to), ("from", sender), ("town", town), ("date", date), ("subject", subject))
    return Document(0, "letter", (Page(tuple(lines), 1.25, d.paper),), fields)


def _points(d: _Draw, y: float, count: int, size: float) -> list[Line]:
    return [
        Line(f"• {fact}", 0.07, y + 0.11 * k, size, d.face) for k, fact in enumerate(d.rng.sample(stock.FACTS, count))
    ]


def _slide(d: _Draw) -> Document:
    topic, speaker = d.one(stock.TOPICS), d.one(stock.NAMES)
    lines = [Line(topic, 0.07, 0.055, 0.11, d.face, True, label="header", colour=(255, 255, 255))]
    lines += _points(d, 0.27, d.rng.randint(2, 3), 0.058)
    lines.append(Line(speaker, 0.93, 0.655, 0.045, d.face, align="right", label="answer", key="speaker", colour=GREY))
    areas = ((0.0, 0.0, 1.0, 0.2, d.accent), (0.0, 0.2, 1.0, 0.215, (240, 196, 84)))
    fields = (("topic", topic), ("speaker", speaker))
    return Document(0, "slide", (Page(tuple(lines), 0.75, d.paper, areas),), fields)


def _sign(d: _Draw) -> Document:
    """One or two large words on a coloured board."""
    text = d.one(stock.SIGNS)
    parts = text.split()
    size = min(0.25, 1.1 / max(map(len, parts)), 0.36 / len(parts))
    top = (0.62 - size * 1.25 * len(parts)) / 2
    lines = tuple(
        Line(part, 0.5, top + size * (0.16 + 1.25 * k), size, "sans", True, "middle", "header", colour=(255, 255, 255))
        for k, part in enumerate(parts)
    )
    board = (0.03, 0.03, 0.97, 0.59, d.accent)
    inner = (0.05, 0.05, 0.95, 0.57, (255, 255, 255)), (0.062, 0.062, 0.938, 0.558, d.accent)
    return Document(0, "sign", (Page(lines, 0.62, (214, 222, 228), (board, *inner)),), (("text", text),))


def _report(d: _Draw) -> Document:
    """Two to five pages, a heading or two on each."""
    count = d.rng.randint(2, 5)
    topics = d.some(stock.TOPICS, min(10, count + d.rng.randint(0, count)))
    places = sorted([*range(count), *(d.rng.randrange(count) for _ in topics[count:])])
    while max(places.count(p) for p in places) > 2:
        places = sorted([*range(count), *(d.rng.randrange(count) for _ in topics[count:])])
    pages = []
    for number in range(count):
        y, lines = 0.09, []
        for topic in (t for t, p in zip(topics, places) if p == number):
            lines.append(Line(topic, 0.07, y, 0.09, d.face, True, label="header", colour=d.accent))
            lines += _points(d, y + 0.16, 2, 0.055)
            y += 0.48
        lines.append(Line(str(number + 1), 0.5, 1.17, 0.05, d.face, align="middle", colour=GREY))
        pages.append(Page(tuple(lines), 1.28, d.paper, ((0.07, 1.13, 0.93, 1.134, GREY),)))
    return Document(0, "report", tuple(pages), headings=tuple(topics), places=tuple(places))


_MAKERS: dict[str, Callable[[_Draw], Document]] = {
    "receipt": _receipt, "form": _form, "table": _table, "letter": _letter, "slide": _slide, "sign": _sign,
    "report": _report,
}  # fmt: skip
