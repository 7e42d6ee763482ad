"""Charts in words, and as a table in words and back (de-rendering, as MatCha and DePlot do)."""

from __future__ import annotations

from vistune.core.errors import DataError
from vistune.world.charts.chart import Chart

#: Between cells and between rows (DePlot's own form, arXiv 2212.10505).
CELL, ROW = " | ", " <0x0A> "


def short_caption(chart: Chart) -> str:
    """What it is and what it is about."""
    return f"{article(chart.form)} about {chart.title.lower()}."


def article(form: str) -> str:
    """``a pie chart``, ``a chart with grouped bars``."""
    return "a pie chart" if form == "pie" else "a line chart" if form == "lines" else f"a chart with {form}"


def long_caption(chart: Chart) -> str:
    """All values in sentences, then the highest of all."""
    sentences = [short_caption(chart)]
    for name, row in zip(chart.series, chart.values):
        parts = ", ".join(f"{category} {value}" for category, value in zip(chart.categories, row))
        sentences.append(f"{name}: {parts}." if len(chart.series) > 1 else f"{chart.unit}: {parts}.")
    return " ".join(sentences)


def table_words(chart: Chart) -> str:
    """Title and table on one line, as DePlot writes them."""
    rows = [["title", chart.title], *chart.table()]
    return ROW.join(CELL.join(row) for row in rows)


def read_table(text: str) -> tuple[str, list[list[str]]]:
    """Title and table of such a line. Raises ``DataError`` where rows differ in length or there is no title."""
    rows = [[cell.strip() for cell in row.split(CELL.strip())] for row in text.split(ROW.strip())]
    if not rows or rows[0][0] != "title" or len({len(row) for row in rows[1:]}) != 1:
        raise DataError(f"'{text[:60]}' is no table: it needs a title, and rows of one length.")
    return rows[0][1], rows[1:]
