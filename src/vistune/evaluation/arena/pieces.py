"""Pieces of the arena's page as HTML; every word of a person or a model is escaped."""

from __future__ import annotations

import base64
import html
import io
import re

from vistune.data.example import ImageSource
from vistune.evaluation.arena.game import Outcome
from vistune.evaluation.arena.matches import Question

#: Longest side of a picture on the page, in pixels; drawings up to ``_DRAWN`` are kept and enlarged without blur.
_LONGEST, _DRAWN = 1024, 128
_TOLD = {
    "fast": "It came faster than the answers can be read, so it is kept but not counted.",
    "repeat": "You had voted on this question before, so it is kept but not counted.",
    "identical": "Both answers are equal, so it is kept but not counted.",
}
WAITING = '<p class="wait" aria-live="polite"><i></i><i></i><i></i><span>answering</span></p>'


def question_html(question: Question) -> str:
    """Pictures and words of a question, escaped."""
    pictures = "".join(_picture(image) for image in question.example.images)
    turns = [message.text.strip() for message in question.example.messages if message.role != "system"]
    before = "".join(f'<p class="turn">{html.escape(text)}</p>' for text in turns[:-1])
    shown = f'<div class="pictures">{pictures}</div>' if pictures else ""
    return f'<div class="asked">{shown}<div class="words">{before}<p class="ask">{html.escape(question.text)}</p></div></div>'


def safe_markdown(text: str) -> str:
    """An answer as Markdown that can show no picture, link or HTML: a model must not load anything or name itself by a link."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", escaped) or "*(no answer)*"


def _picture(source: ImageSource) -> str:
    image = source.open()
    drawn = max(image.size) <= _DRAWN
    buffer = io.BytesIO()
    if not drawn:
        image.thumbnail((_LONGEST, _LONGEST))
    image.save(buffer, "PNG" if drawn else "JPEG", **({} if drawn else {"quality": 88}))
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    kind = ("png", "drawn") if drawn else ("jpeg", "photo")
    return f'<img class="{kind[1]}" alt="The picture of the question" src="data:image/{kind[0]};base64,{data}">'


def head(side: str, outcome: Outcome | None = None) -> str:
    """Whose answer it is: a letter, and the name once the vote is cast."""
    letter = f'<span class="letter">{side.upper()}</span>'
    if outcome is None:
        return f'<div class="who">{letter}<span class="name">Model {side.upper()}</span></div>'
    name = html.escape(outcome.a if side == "a" else outcome.b)
    won = '<span class="won">your choice</span>' if outcome.winner == side else ""
    return f'<div class="who told{" winner" if won else ""}">{letter}<span class="name">{name}</span>{won}</div>'


def thanks(outcome: Outcome) -> str:
    """What was voted, with the names, and why it does not count where it does not."""
    a, b = html.escape(outcome.a), html.escape(outcome.b)
    said = {
        "a": f"You preferred <b>{a}</b> to <b>{b}</b>.",
        "b": f"You preferred <b>{b}</b> to <b>{a}</b>.",
        "tie": f"<b>{a}</b> and <b>{b}</b>: both good.",
        "bad": f"<b>{a}</b> and <b>{b}</b>: both bad.",
    }[outcome.winner]
    flag = next((_TOLD[flag] for flag in outcome.flags if flag in _TOLD), "")
    return f'<p class="notice {"warning" if flag else "good"}" role="status">{said} {flag}</p>'


def notice(message: str, *, warning: bool = False) -> str:
    """A sentence below the answers."""
    return f'<p class="notice{" warning" if warning else ""}" role="status">{html.escape(message)}</p>'


def or_wait(text: str) -> str:
    """An answer so far, or that it is on its way."""
    return safe_markdown(text) if text.strip() else WAITING
