"""A gallery of a data set: one self-contained HTML page, light and dark, that prints well."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.core.files import write_text
from vistune.data.example import Example, ImageSource, Message, Region
from vistune.data.inspect import Statistics

#: Larger pictures are scaled down to this many pixels on the longer side; small ones are shown as they are, enlarged.
LONGEST = 384

_STYLE = """
:root { color-scheme: light dark; --page: #f6f5f1; --card: #fff; --ink: #22242a; --soft: #6c6f78; --line: #dfdcd3;
  --user: #eef1f6; --answer: #e4f1e6; --bar: #3f7f6e; --mark: #c4452d; }
@media (prefers-color-scheme: dark) { :root { --page: #17181b; --card: #202226; --ink: #e8e6e1; --soft: #9a9ca3;
  --line: #35373d; --user: #2a2e36; --answer: #243a2b; --bar: #5fae99; --mark: #ff8a70; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 1280px; margin: 0 auto; padding: 1.2rem 1.5rem; }
h1 { font-size: 1.6rem; margin: .4rem 0; } h2 { font-size: 1rem; margin: 0 0 .6rem; }
.facts { color: var(--soft); margin: 0 0 1rem; }
.tables { display: grid; grid-auto-flow: dense; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); }
.panel, article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; }
.wide { grid-column: 1 / -1; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
td, th { text-align: left; padding: .18rem .6rem .18rem 0; vertical-align: top; }
th { color: var(--soft); font-weight: 500; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: block; height: .55rem; background: var(--bar); border-radius: 3px; min-width: 2px; margin-top: .42rem; }
.find { width: 100%; padding: .6rem .8rem; margin: 1.2rem 0 1rem; border: 1px solid var(--line); border-radius: 8px;
  background: var(--card); color: var(--ink); font: inherit; }
.cards { columns: 3 330px; column-gap: 1rem; }
article { break-inside: avoid; margin: 0 0 1rem; padding: .8rem; }
.pictures { display: flex; flex-wrap: wrap; gap: .4rem; margin-bottom: .6rem; }
.picture { position: relative; flex: 1 1 120px; line-height: 0; }
.picture img { width: 100%; border-radius: 6px; } .picture img.small { image-rendering: pixelated; }
.picture svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.picture rect { fill: none; stroke: var(--mark); stroke-width: 2; vector-effect: non-scaling-stroke; }
.turn { padding: .35rem .7rem; border-radius: 8px; margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.user { background: var(--user); margin-right: 1.2rem; } .assistant { background: var(--answer); margin-left: 1.2rem; }
.system { color: var(--soft); font-style: italic; } .unlearned { outline: 1px dashed var(--soft); }
.about { color: var(--soft); font-size: .78rem; margin-top: .5rem; overflow-wrap: anywhere; }
.broken { color: var(--mark); line-height: 1.4; }
@media print { .find { display: none; } body { background: #fff; } .cards { columns: 2; } }
"""

_SCRIPT = """
const find = document.querySelector('.find');
find.addEventListener('input', () => {
  const wanted = find.value.toLowerCase();
  for (const card of document.querySelectorAll('article'))
    card.hidden = !card.textContent.toLowerCase().includes(wanted);
});
"""


def write_gallery(
    examples: Iterable[Example],
    path: Path | str,
    *,
    statistics: Statistics | None = None,
    count: int = 60,
    title: str = "Data set",
    seed: int = 0,
) -> int:
    """Write a page with ``count`` examples drawn at random (in their order), under the statistics; -> how many."""
    chosen = _draw(examples, count, random.Random(seed))
    cards = "\n".join(_card(example) for example in chosen)
    tables = "" if statistics is None else f'<div class="tables">{"".join(map(_panel, statistics.tables()))}</div>'
    total = f"{len(chosen)} examples" + (f" of {statistics.examples}" if statistics is not None else "")
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>\n"
        f'<header><h1>{escape(title)}</h1><p class="facts">{total}, drawn at random</p>{tables}</header>\n'
        '<main><input class="find" type="search" placeholder="Show examples that hold..." aria-label="Search">'
        f'\n<div class="cards">{cards}</div></main>\n<script>{_SCRIPT}</script></body></html>\n'
    )
    write_text(Path(path), page)
    return len(chosen)


def _draw(examples: Iterable[Example], count: int, rng: random.Random) -> list[Example]:
    """Reservoir sampling: any stream, ``count`` examples in memory."""
    kept: list[tuple[int, Example]] = []
    for number, example in enumerate(examples):
        if len(kept) < count:
            kept.append((number, example))
        elif (place := rng.randrange(number + 1)) < count:
            kept[place] = (number, example)
    return [example for _, example in sorted(kept, key=lambda pair: pair[0])]


def _panel(table: tuple[str, list[str], list[tuple[Any, ...]]]) -> str:
    title, columns, rows = table
    histogram = columns == ["bin", "number"]
    top = max((row[1] for row in rows), default=1) if histogram else 1
    head = "" if len(columns) == 2 else "<tr>" + "".join(f"<th>{escape(c)}</th>" for c in columns) + "</tr>"
    body = "".join(_row(row, row[1] / max(top, 1) if histogram else None) for row in rows)
    wide = "" if len(columns) == 2 else " wide"
    return f'<section class="panel{wide}"><h2>{escape(title)}</h2><table>{head}{body}</table></section>'


def _row(row: tuple[Any, ...], share: float | None) -> str:
    cells = "".join(f'<td class="n">{v:,}</td>' if isinstance(v, int) else f"<td>{escape(str(v))}</td>" for v in row)
    bar = "" if share is None else f'<td style="width:45%"><span class="bar" style="width:{share:.1%}"></span></td>'
    return f"<tr>{cells}{bar}</tr>"


def _card(example: Example) -> str:
    pictures = "".join(
        _picture(image, [region for region in example.regions if region.image == number])
        for number, image in enumerate(example.images)
    )
    turns = "".join(map(_turn, example.messages))
    said = {message.text for message in example.messages}
    answers = [answer for answer in dict.fromkeys(example.answers) if answer not in said]
    accepted = f'<div class="about">accepted: {escape(" | ".join(answers))}</div>' if answers else ""
    facts = [example.id, example.provenance.source, *(f"{key}={value}" for key, value in example.meta.items())]
    about = escape(" · ".join(str(fact)[:80] for fact in facts if fact))
    shown = f'<div class="pictures">{pictures}</div>' if pictures else ""
    return f'<article>{shown}{turns}{accepted}<div class="about">{about}</div></article>'


def _turn(message: Message) -> str:
    mark = " unlearned" if message.role == "assistant" and not message.learn else ""
    shown = sum(part.image is not None for part in message.parts)
    after_text = shown and message.parts[0].image is None
    text = "".join(p.text if p.text is not None else "▣" if p.image is not None else "⌖" for p in message.parts)
    return f'<div class="turn {message.role}{mark}">{escape(text if after_text else message.text)}</div>'


def _picture(source: ImageSource, regions: list[Region]) -> str:
    try:
        image = source.open()
    except DataError as error:
        return f'<div class="picture broken">{escape(str(error))}</div>'
    width, height = image.size
    small = max(width, height) <= 128
    if max(width, height) > LONGEST:
        image.thumbnail((LONGEST, LONGEST))
    buffer = io.BytesIO()
    image.save(buffer, "PNG" if small else "JPEG", **({} if small else {"quality": 85}))
    kind = "png" if small else "jpeg"
    data = base64.b64encode(buffer.getvalue()).decode()
    boxes = [region.box for region in regions if region.box is not None]
    rects = "".join(f'<rect x="{a:g}" y="{b:g}" width="{c - a:g}" height="{d - b:g}"/>' for a, b, c, d in boxes)
    drawn = f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none">{rects}</svg>' if rects else ""
    style = ' class="small"' if small else ""
    return f'<div class="picture"><img{style} alt="" src="data:image/{kind};base64,{data}">{drawn}</div>'
