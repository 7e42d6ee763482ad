"""Charts and pages can be read at their default sizes, and benchmarks that ask about words draw them so."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image, ImageOps

from vistune.engines import ENGINES
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.world import charts, pages
from vistune.world.legible import LEGIBLE

#: Height of a word and of its row on the sheet that is read.
TALL, ROW = 40, 100


def shares(kind: str, sizes: tuple[int, ...]) -> list[float]:
    """Share of the longest words of some pictures that Tesseract reads, each enlarged in a row of its own, at each size."""
    pytesseract = pytest.importorskip("pytesseract", reason="needs the extra 'ocr'")
    found = []
    for size in sizes:
        cuts, wanted = [], []
        for seed in range(20):
            if kind == "charts":
                chart = charts.sample_chart(seed, split="test", prior="flat")
                words = [(w.text, w.box) for w in charts.layout(chart, size, size).words if " " not in w.text]
                picture = charts.render(chart, size)
            else:
                page = pages.sample_document(seed, split="test", prior="flat", kind="letter").pages[0]
                width = pages.fit(page, size)
                words, picture = [(w.text, w.box) for w in pages.words(page, width)], pages.render(page, width)
            text, (x0, y0, x1, y1) = max(words, key=lambda word: len(word[0]))
            high = max(y1 - y0, 3.0)
            edge = [round(v) for v in (x0 - 0.3 * high, y0 - 0.4 * high, x1 + 0.3 * high, y1 + 0.4 * high)]
            cut = Image.fromarray(picture).convert("L").crop((edge[0], edge[1], edge[2], edge[3]))
            enlarged = cut.resize(
                (round(cut.width * TALL / high), round(cut.height * TALL / high)), Image.Resampling.BICUBIC
            )
            cuts.append(ImageOps.autocontrast(enlarged, cutoff=1))
            wanted.append(text)
        sheet = Image.new("L", (max(cut.width for cut in cuts) + 80, ROW * len(cuts)), 255)
        for row, cut in enumerate(cuts):
            sheet.paste(cut, (40, row * ROW + (ROW - cut.height) // 2))
        read = pytesseract.image_to_string(sheet, config="--psm 6").lower()
        found.append(float(np.mean([word.lower().strip(".,!") in read for word in wanted])))
    return found


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
@pytest.mark.parametrize("kind", ["charts", "pages"])
def test_words_can_be_read_at_the_default_size_and_not_at_64(kind: str) -> None:
    small, large = shares(kind, (64, LEGIBLE[kind]))
    assert large >= 0.85 and small <= large - 0.4


@pytest.mark.parametrize(
    ("engine", "size"), [("charts", LEGIBLE["charts"]), ("pages", LEGIBLE["pages"]), ("cells", 64)]
)
def test_engines_and_benchmarks_draw_at_that_size(engine: str, size: int) -> None:
    made = ENGINES.build({"kind": engine, "n": 2})
    asked = BENCHMARKS.build({"kind": "world_kind", "engine": engine, "n": 2}).examples()
    for example in [*made.examples(), *asked]:
        assert all(abs(max(image.open().size) - size) <= 1 for image in example.images)
    small = BENCHMARKS.build({"kind": "world_kind", "engine": engine, "n": 2, "image_size": 64}).examples()
    assert all(abs(max(image.open().size) - 64) <= 1 for example in small for image in example.images)
