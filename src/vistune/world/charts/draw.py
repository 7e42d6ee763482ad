"""Charts as pixels, drawn at twice the size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.charts.chart import Chart
from vistune.world.charts.layout import Layout, Words, layout
from vistune.world.fonts import face

SCALE = 2
INK, SOFT, LINE, PAPER = (44, 48, 58), (104, 110, 122), (222, 225, 231), (255, 255, 255)


def render(chart: Chart, size: int = 64, wide: float = 1.0) -> NDArray[np.uint8]:
    """The picture: uint8 ``[size, round(size * wide), 3]``.

    Raises:
        ConfigError: less than 16 pixels high.
    """
    if size < 16 or wide <= 0:
        raise ConfigError(f"A chart of {size} pixels cannot be drawn: give 16 or more.")
    plan = layout(chart, round(size * wide) * SCALE, size * SCALE)
    canvas = Image.new("RGB", (plan.width, plan.height), PAPER)
    draw = ImageDraw.Draw(canvas)
    thin = max(1, plan.height // 260)
    if chart.form != "pie":
        _axes(draw, chart, plan, thin)
    {"lines": _lines, "pie": _slices}.get(chart.form, _bars)(draw, chart, plan, thin)
    for words in plan.words:
        _write(draw, chart, words)
    _keys(draw, chart, plan)
    return np.asarray(canvas.reduce(SCALE))


def _axes(draw: ImageDraw.ImageDraw, chart: Chart, plan: Layout, thin: int) -> None:
    left, top, right, bottom = plan.plot
    if chart.grid:
        for tick in plan.ticks[1:]:
            if chart.form == "horizontal bars":
                draw.line((plan.x_of(tick), top, plan.x_of(tick), bottom), LINE, thin)
            else:
                draw.line((left, plan.y_of(tick), right, plan.y_of(tick)), LINE, thin)
    base = (left, top, left, bottom) if chart.form == "horizontal bars" else (left, bottom, right, bottom)
    draw.line(base, SOFT, thin)


def _bars(draw: ImageDraw.ImageDraw, chart: Chart, plan: Layout, _thin: int) -> None:
    for mark in plan.marks:
        x0, y0, x1, y1 = mark.box
        # On tiny pictures a small bar is still a pixel.
        right, low = max(round(x0), round(x1) - 1), max(round(y0), round(y1) - 1)
        draw.rectangle((round(x0), round(y0), right, low), chart.colours[mark.series][1])


def _lines(draw: ImageDraw.ImageDraw, chart: Chart, plan: Layout, thin: int) -> None:
    radius = plan.height / 70
    for s, (_, colour) in enumerate(chart.colours):
        points = [mark.box[:2] for mark in plan.marks if mark.series == s]
        draw.line(points, colour, max(2, plan.height // 70), joint="curve")
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour, PAPER, thin)


def _slices(draw: ImageDraw.ImageDraw, chart: Chart, plan: Layout, thin: int) -> None:
    for mark in plan.marks:
        assert mark.angles is not None
        draw.pieslice(mark.box, *mark.angles, fill=chart.colours[mark.category][1], outline=PAPER, width=thin)


def _write(draw: ImageDraw.ImageDraw, chart: Chart, words: Words) -> None:
    inside = words.role == "number" and chart.form in ("pie", "stacked bars", "grouped bars")
    colour = PAPER if inside else SOFT if words.role == "tick" else INK
    font = face(chart.face, words.pixels, words.bold)
    # A number beside its bar stands clear of the lines behind it.
    halo = max(1, words.pixels // 12) if words.role == "number" and not inside else 0
    draw.text(words.origin, words.text, colour, font, stroke_width=halo, stroke_fill=PAPER)


def _keys(draw: ImageDraw.ImageDraw, chart: Chart, plan: Layout) -> None:
    """The squares of the legend, before its names."""
    names = [words for words in plan.words if words.role == "legend"]
    side = 3.6 * plan.height / 100
    for words, (_, colour) in zip(names, chart.colours):
        # By the capitals, so that squares in a row stand level whatever letters follow.
        _, high, _, low = face(chart.face, words.pixels).getbbox("H")
        x, y = words.box[0] - 5.2 * plan.height / 100, words.origin[1] + (high + low) / 2
        draw.rectangle((x, y - side / 2, x + side, y + side / 2), colour)
