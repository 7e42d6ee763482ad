"""The page of charts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.world.charts import FORMS, ask, long_caption, render, sample_chart, table_words
from vistune.world.charts.questions import MAKERS

SIZE, GAP = 230, 8


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size on a soft ground."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            y, x = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[y : y + height, x : x + width] = cell
    Image.fromarray(canvas).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def small(seed: int, form: str) -> np.ndarray:
    """64 pixels, enlarged without smoothing."""
    picture = Image.fromarray(render(sample_chart(seed, form=form), 64))
    return np.asarray(picture.resize((150, 150), Image.Resampling.NEAREST))


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        asked = next(q for seed in range(500) for q in ask(sample_chart(seed, prior="flat"), seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    shown = [
        [render(sample_chart(4 * r + c + 20, form=FORMS[(4 * r + c) % 6]), SIZE) for c in range(4)] for r in range(3)
    ]
    sheet(shown, assets / "charts-forms.png")
    sheet([[small(seed, form) for seed, form in enumerate(FORMS)]], assets / "charts-small.png")
    wide = sample_chart(33, form="grouped bars", min_categories=5)
    Image.fromarray(render(wide, 512, 1.6)).quantize(128).save(assets / "charts-wide.png", optimize=True)
    return "\n".join(
        [
            "# Charts",
            "",
            "Bars (upright, lying, grouped, stacked), lines and pies, each a picture of a table of whole numbers. The layout is "
            "known in pixels: a bar's height, a slice's angle and the box of every word.",
            "",
            "![Charts](../assets/world/charts-forms.png)",
            "",
            "At 64 pixels names and numbers cannot be read; the engine draws charts at 160, where they can "
            "([word by word](../results/legible.md)):",
            "",
            "![Charts at 64 pixels](../assets/world/charts-small.png)",
            "",
            "At 512, wider:",
            "",
            "![A chart at 512 pixels](../assets/world/charts-wide.png)",
            "",
            f"> {long_caption(wide)}",
            "",
            "The task `table` asks for the whole table on one line, in DePlot's form; `read_table` reads it back:",
            "",
            "```text",
            table_words(wide),
            "```",
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make charts --n 1000 --out data/charts --annotations --set image_size=256",
            "vistune data make charts --n 1000 --out data/tables --set 'tasks={table: 1}'",
            "```",
            "",
            "`--annotations` writes `questions.json` (ChartQA's form) and `tables/NAME.csv`.",
            "",
            "```python",
            "from vistune.world.charts import ask, layout, render, sample_chart",
            "",
            'chart = sample_chart(7, form="bars")',
            "picture = render(chart, 256)",
            "for mark in layout(chart, 512, 512).marks:",
            "    print(chart.categories[mark.category], chart.values[0][mark.category], mark.box)",
            "for question in ask(chart, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
