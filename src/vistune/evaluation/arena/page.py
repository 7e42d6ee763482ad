"""The leaderboard as HTML: a fragment for the arena's tab, and a page of its own that needs no network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vistune.evaluation.arena.leaderboard import Leaderboard, Row

HERE = Path(__file__).parent
#: Why a vote is left out,.
REASONS = {
    "fast": "cast faster than the answers can be read",
    "repeat": "on a question that the voter had voted on",
    "identical": "for a winner between equal answers",
    "suspect": "by voters whose votes look made up",
}
SOURCES = {"set": "from a set", "world": "on new scenes", "typed": "on voters' own questions", "simulated": "simulated"}


def css() -> str:
    """The style sheet of the leaderboard; it touches nothing outside of ``.vt-board``."""
    return (HERE / "board.css").read_text(encoding="utf-8")


def board_html(board: Leaderboard) -> str:
    """The leaderboard as a fragment (needs ``css``)."""
    return _render(
        "board.html.j2",
        b=board,
        plot=interval_plot(board.rows),
        has_fair=any(row.fair for row in board.rows),
        unrated=[row.name for row in board.rows if row.rating is None],
        left_out=_listed(board.left_out, REASONS),
        sources=_listed(board.sources, SOURCES),
        until=datetime.fromtimestamp(board.times[1], UTC).strftime("%Y-%m-%d") if board.times else "",
    )


def board_page(board: Leaderboard, title: str = "Leaderboard", place: str = "the votes on record") -> str:
    """One HTML file: light and dark, for screens of any width and for print."""
    return _render("page.html.j2", board=board_html(board), css=css(), title=title, place=place)


def interval_plot(rows: list[Row]) -> dict[str, Any]:
    """Ratings on one axis: ``axis`` and, for each row, its interval as SVG that stretches with its column."""
    values = [value for row in rows for span in (row.rating, row.fair) if span for value in span]
    if not values:
        return {"axis": "", "rows": ["" for _ in rows]}
    ticks = _ticks(min(values), max(values))
    low, high = min(ticks[0], min(values)), max(ticks[-1], max(values))

    def place(value: float) -> str:
        return f"{4 + 92 * (value - low) / (high - low):.2f}%"

    grid = "".join(f'<line class="grid" x1="{place(t)}" x2="{place(t)}" y1="-8" y2="38"/>' for t in ticks)
    labels = "".join(
        f'<text{"" if t in (ticks[0], ticks[-1]) else " class=inner"} x="{place(t)}" y="12" text-anchor="middle">{t:.0f}</text>'
        for t in ticks
    )
    return {"axis": f'<svg aria-hidden="true">{labels}</svg>', "rows": [_interval(row, grid, place) for row in rows]}


def _interval(row: Row, grid: str, place: Any) -> str:
    if row.rating is None:
        return f'<svg aria-hidden="true">{grid}</svg>'
    best, low, high = row.rating
    ghost = f'<circle class="ghost" cx="{place(row.fair[0])}" cy="15" r="4.5"/>' if row.fair else ""
    label = f"{row.name}: {best:.0f}, from {low:.0f} to {high:.0f}".replace('"', "&quot;").replace("<", "&lt;")
    return (
        f'<svg role="img" aria-label="{label}">{grid}<line class="bar" x1="{place(low)}" x2="{place(high)}" y1="15" y2="15"/>'
        f'<circle class="dot" cx="{place(best)}" cy="15" r="4.5"/>{ghost}</svg>'
    )


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round values around a range."""
    spread = max(high - low, 1.0)
    step = next(s for s in (5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 10**9) if spread / s <= 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:  # a single round value
        first, last = first - 1, last + 1
    return [float(step * k) for k in range(first, last + 1)]


def _listed(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    """``3 votes on new scenes, 1 vote from a set.``"""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    told = [f"{count:,} vote{'' if count == 1 else 's'} {words.get(name, name)}" for name, count in ordered]
    return ", ".join(told) + "." if told else ""


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["whole"] = _whole
    return environment.get_template(template).render(**values)
