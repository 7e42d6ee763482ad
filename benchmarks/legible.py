"""From which size on the words of charts and pages can be read: the share that Tesseract reads, by kind and pixels.

    python benchmarks/legible.py [--n 48] [--out docs/results]

Each word is cut out by its box, enlarged to one height, and stands in a row of its own on one sheet: what is measured is
whether the pixels tell the word, not whether a page's layout is found. Needs ``pytesseract`` (the extra ``ocr``) and the
program ``tesseract``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytesseract
from numpy.typing import NDArray
from PIL import Image, ImageOps

from vistune.world import charts, pages

SIZES = (64, 96, 128, 160, 192, 256)
#: Height of a word and of a row on the sheet, in pixels.
TALL, ROW = 40, 100
CONFIG = "--psm 6"
#: Words of one picture that are looked at, at most.
EACH = 3
Box = tuple[float, float, float, float]
Pixels = NDArray[np.uint8]


def shown(kind: str, size: int) -> Iterator[tuple[Pixels, list[tuple[str, Box]]]]:
    """Pictures of the test split without end, with their words and boxes."""
    for seed in range(10**6):
        if kind == "chart":
            chart = charts.sample_chart(seed, split="test", prior="flat")
            words = [(w.text, w.box) for w in charts.layout(chart, size, size).words]
            yield charts.render(chart, size), words
        else:
            for page in pages.sample_document(seed, split="test", prior="flat", kind=kind).pages:
                width = pages.fit(page, size)
                yield pages.render(page, width), [(w.text, w.box) for w in pages.words(page, width)]


def words_of(kind: str, size: int, n: int) -> list[tuple[Pixels, str, Box]]:
    """``n`` words, the same at every size. Words of one letter are left out: they are read in context or not at all."""
    found: list[tuple[Pixels, str, Box]] = []
    for number, (picture, words) in enumerate(shown(kind, size)):
        told = [(text, box) for text, box in words if len(re.sub(r"\W", "", text)) > 1]
        chosen = random.Random(f"{kind}/{number}").sample(range(len(told)), min(EACH, len(told)))
        found += [(picture, *told[k]) for k in chosen]
        if len(found) >= n:
            return found[:n]
    raise AssertionError("pictures have no end")


def enlarged(picture: Pixels, box: Box) -> Image.Image:
    """A word in grey, dark on light, as high as every other."""
    x0, y0, x1, y1 = box
    high = max(y1 - y0, 3.0)
    edge = (x0 - 0.3 * high, y0 - 0.4 * high, x1 + 0.3 * high, y1 + 0.4 * high)
    cut = Image.fromarray(picture).convert("L").crop(tuple(round(v) for v in edge))  # type: ignore[arg-type]
    if np.median(np.asarray(cut)) < 128:
        cut = ImageOps.invert(cut)
    by = TALL / high
    size = max(8, round(cut.width * by)), max(8, round(cut.height * by))
    return ImageOps.autocontrast(cut.resize(size, Image.Resampling.BICUBIC), cutoff=1)


def share_read(kind: str, size: int, n: int) -> float:
    """The share of words that Tesseract reads, letters and digits alone, in lower case."""
    chosen = words_of(kind, size, n)
    cuts = [enlarged(picture, box) for picture, _, box in chosen]
    sheet = Image.new("L", (max(cut.width for cut in cuts) + 80, ROW * len(cuts)), 255)
    for row, cut in enumerate(cuts):
        sheet.paste(cut, (40, row * ROW + (ROW - cut.height) // 2))
    read: dict[str, list[Any]] = pytesseract.image_to_data(sheet, config=CONFIG, output_type=pytesseract.Output.DICT)
    rows = [""] * len(cuts)
    for text, top, height in zip(read["text"], read["top"], read["height"], strict=True):
        rows[min((top + height // 2) // ROW, len(rows) - 1)] += plain(str(text))
    return sum(plain(text) in row for (_, text, _), row in zip(chosen, rows, strict=True)) / len(chosen)


def plain(text: str) -> str:
    """Letters and digits in lower case."""
    return re.sub(r"[\W_]", "", text.lower())


def page_of(shares: dict[str, dict[int, float]], n: int, version: str) -> str:
    """The results as a page."""
    head = [
        "# From which size on pictures can be read",
        "",
        f"Share of {n} words of held-out charts and pages that Tesseract {version} reads, by the longer side of the picture in "
        "pixels: each word is cut out by its box and enlarged. Made by `python benchmarks/legible.py`.",
        "",
        "| picture | " + " | ".join(f"{size}" for size in SIZES) + " |",
        "|---|" + "--:|" * len(SIZES),
    ]
    lines = [f"| {kind} | " + " | ".join(f"{100 * row[s]:.0f}" for s in SIZES) + " |" for kind, row in shares.items()]
    return "\n".join([*head, *lines, ""])


def main() -> None:
    """Measure and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=48)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    args = parser.parse_args()
    kinds = ("chart", *pages.KINDS)
    shares = {kind: {size: share_read(kind, size, args.n) for size in SIZES} for kind in kinds}
    version = str(pytesseract.get_tesseract_version())
    args.out.mkdir(parents=True, exist_ok=True)
    found = {"tesseract": version, "n": args.n, "shares": shares}
    (args.out / "legible.json").write_text(json.dumps(found, indent=1) + "\n")
    page = page_of(shares, args.n, version)
    (args.out / "legible.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
