"""The page of documents: pictures, questions, formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vistune.world.pages import KINDS, Document, ask, fit, render, sample_document, words
from vistune.world.pages.questions import ACROSS, MAKERS

CELL, GAP = 230, 10
GROUND = (225, 228, 233)


def contact(pictures: list[np.ndarray], columns: int, cell: int, path: Path) -> None:
    """Pictures of any shape, each in the middle of a cell."""
    rows = -(-len(pictures) // columns)
    heights = [max(p.shape[0] for p in pictures[r * columns : (r + 1) * columns]) for r in range(rows)]
    canvas = Image.new("RGB", (columns * (cell + GAP) + GAP, sum(heights) + GAP * (rows + 1)), GROUND)
    y = GAP
    for r, height in enumerate(heights):
        for c, picture in enumerate(pictures[r * columns : (r + 1) * columns]):
            x = GAP + c * (cell + GAP) + (cell - picture.shape[1]) // 2
            canvas.paste(Image.fromarray(picture), (x, y + (height - picture.shape[0]) // 2))
        y += height + GAP
    canvas.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def shown(document: Document, longest: int = CELL) -> np.ndarray:
    """The first page."""
    return render(document.pages[0], fit(document.pages[0], longest))


def boxed(document: Document, width: int) -> np.ndarray:
    """A page with the boxes of its words."""
    picture = Image.fromarray(render(document.pages[0], width))
    draw = ImageDraw.Draw(picture)
    colours = {"header": (178, 58, 72), "question": (52, 104, 172), "answer": (58, 130, 84), "other": (150, 150, 158)}
    for word in words(document.pages[0], width):
        x0, y0, x1, y1 = word.box
        draw.rectangle(
            (x0 - 3, y0 - 3, x1 + 2, y1 + 2), outline=colours[document.pages[0].lines[word.line].label], width=2
        )
    return np.asarray(picture)


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in (*MAKERS, *ACROSS):
        asked = next(q for seed in range(500) for q in ask(sample_document(seed, prior="flat"), seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def small(seed: int, kind: str) -> np.ndarray:
    """64 pixels on the longer side, enlarged without smoothing."""
    picture = Image.fromarray(shown(sample_document(seed, kind=kind), 64))
    return np.asarray(picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.NEAREST))


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    singles = [kind for kind in KINDS if kind != "report"]
    sheet = [shown(sample_document(seed, kind=singles[seed % 6])) for seed in range(12)]
    contact(sheet, 4, CELL, assets / "pages-kinds.png")
    report = next(d for d in (sample_document(s, kind="report") for s in range(99)) if len(d.pages) == 4)
    contact([render(p, 175) for p in report.pages], 4, 175, assets / "pages-report.png")
    contact([small(seed + 2, kind) for seed, kind in enumerate(singles)], 6, 132, assets / "pages-small.png")
    pair = [boxed(sample_document(11, kind="receipt"), 440), boxed(sample_document(5, kind="form"), 440)]
    contact(pair, 2, 440, assets / "pages-boxes.png")
    return "\n".join(
        [
            "# Pages",
            "",
            "Receipts, forms filled in by hand, tables, letters, slides, signs, and reports of several pages, in real fonts. "
            "A page is a value: lines of text in reading order, each a header, a question (a field's name), an answer or something "
            "else; the box of every word is that of its ink.",
            "",
            "![Pages](../assets/world/pages-kinds.png)",
            "",
            "A report is an example of several pictures:",
            "",
            "![A report of four pages](../assets/world/pages-report.png)",
            "",
            "Words with their boxes: headers red, questions blue, answers green:",
            "",
            "![Boxes of words](../assets/world/pages-boxes.png)",
            "",
            "At 64 pixels the largest words can be read; the engine draws pages at 256, where all can:",
            "",
            "![Pages at 64 pixels](../assets/world/pages-small.png)",
            "",
            "What Tesseract reads of them, by size: [word by word](../results/legible.md), [whole pages](../results/ocr.md).",
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make pages --n 1000 --out data/pages --annotations --set image_size=512",
            "vistune data make pages --n 1000 --out data/receipts --set 'kinds=[receipt]' --set 'tasks={fields: 1}'",
            "```",
            "",
            "`--annotations` writes `questions.json` (DocVQA), `annotations/NAME.json` (FUNSD: words, boxes, links between fields "
            "and their answers) and, for receipts, `box/NAME.csv` and `key/NAME.json` (SROIE).",
            "",
            "```python",
            "from vistune.world.pages import ask, render, sample_document, words",
            "",
            'document = sample_document(7, kind="receipt")',
            "picture = render(document.pages[0], 512)",
            "for word in words(document.pages[0], 512):",
            "    print(word.text, word.box)",
            "for question in ask(document, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
