"""What Tesseract reads of the world's pages and of the labels in its scenes: error rates by kind of page and size.

    python benchmarks/ocr.py [--n 30] [--out docs/results]

Needs ``pytesseract`` (the extra ``ocr``) and the program ``tesseract``. Handwriting is measured too, on its own line.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytesseract

from vistune.evaluation.metrics.reading import character_error_rate, word_error_rate
from vistune.world.pages import KINDS, Page, fit, render, sample_document

SIZES = (256, 512, 1024)
#: Tesseract's page segmentation: one block of text of one size.
CONFIG = "--psm 6"


def _texts(kind: str, seed: int) -> Iterator[tuple[str, Page]]:
    """Each page of a document: in print, and what is written by hand on its own."""
    for page in sample_document(seed, split="test", prior="flat", kind=kind).pages:
        hand = tuple(line for line in page.lines if line.face == "hand")
        print_ = tuple(line for line in page.lines if line.face != "hand")
        yield kind, Page(print_, page.ratio, page.paper, page.areas)
        if hand:
            yield f"{kind}, by hand", Page(hand, page.ratio, page.paper)


def _read(job: tuple[str, int, int]) -> list[tuple[str, int, float, float, int]]:
    kind, seed, size = job
    rows = []
    for name, page in _texts(kind, seed):
        wanted = " ".join(line.text for line in page.lines).replace("• ", "")
        read = pytesseract.image_to_string(render(page, fit(page, size)), config=CONFIG)
        if kind in ("slide", "report"):
            # A bullet is no word: the one sign that it is read as is not counted.
            read = re.sub(r"(?m)^\S\s+", "", read)
        words = len(wanted.split())
        rows.append((name, size, word_error_rate(wanted, read), character_error_rate(wanted, read), words))
    return rows


def measure(n: int) -> list[dict[str, float | int | str]]:
    """A line for each kind of page and size: error rates over all words of ``n`` documents."""
    jobs = [(kind, seed, size) for kind in KINDS for seed in range(n) for size in SIZES]
    with ProcessPoolExecutor() as pool:
        rows = [row for part in pool.map(_read, jobs, chunksize=4) for row in part]
    lines = []
    for name, size in sorted({(row[0], row[1]) for row in rows}):
        part = [row for row in rows if row[:2] == (name, size)]
        weights = [row[4] for row in part]
        rates = np.array([row[2:4] for row in part], float)
        words, letters = (float(rate) for rate in np.average(rates, axis=0, weights=weights))
        lines.append({"page": name, "pixels": size, "words": sum(weights), "wer": words, "cer": letters})
    return lines


def page_of(lines: list[dict[str, float | int | str]], version: str) -> str:
    """The results as a page."""
    names = sorted({str(line["page"]) for line in lines})
    head = [
        "# Reading pages",
        "",
        f"Error rates of Tesseract {version} (`{CONFIG}`) on pages of the test split, in per cent of words (WER) and of characters "
        "(CER), by the longer side in pixels. Case and punctuation count, bullets do not. "
        "Made by `python benchmarks/ocr.py`.",
        "",
        "| page | words | " + " | ".join(f"WER at {s} | CER at {s}" for s in SIZES) + " |",
        "|---|--:|" + "--:|" * (2 * len(SIZES)),
    ]
    for name in names:
        mine = {line["pixels"]: line for line in lines if line["page"] == name}
        cells = [f"{100 * float(mine[s][key]):.1f}" for s in SIZES for key in ("wer", "cer")]
        head.append(f"| {name} | {mine[SIZES[0]]['words']} | " + " | ".join(cells) + " |")
    return "\n".join([*head, ""])


def main() -> None:
    """Measure and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    args = parser.parse_args()
    lines, version = measure(args.n), str(pytesseract.get_tesseract_version())
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "ocr.json").write_text(json.dumps({"tesseract": version, "n": args.n, "lines": lines}, indent=1) + "\n")
    page = page_of(lines, version)
    (args.out / "ocr.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
