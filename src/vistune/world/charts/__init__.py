"""Charts: bars, lines and pies with the tables behind them."""

from vistune.world.charts.chart import FORMS, Chart, sample_chart
from vistune.world.charts.draw import render
from vistune.world.charts.layout import Layout, Mark, Words, layout
from vistune.world.charts.questions import ask
from vistune.world.charts.telling import long_caption, read_table, short_caption, table_words

__all__ = [
    "FORMS",
    "Chart",
    "Layout",
    "Mark",
    "Words",
    "ask",
    "layout",
    "long_caption",
    "read_table",
    "render",
    "sample_chart",
    "short_caption",
    "table_words",
]
