"""The page of slides under a microscope."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.world.cells import SAMPLES, STAINS, ask, masks, render, report, sample_slide
from vistune.world.cells.questions import MAKERS

SIZE, GAP = 230, 8


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size on a soft ground."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            y, x = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[y : y + height, x : x + width] = cell
    Image.fromarray(canvas).quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)


def labelled(seed: int, size: int) -> list[np.ndarray]:
    """A slide, and its instances in plain colours."""
    slide = sample_slide(seed, sample="tissue", prior="inverted")
    plain = np.full((size, size, 3), 30, np.uint8)
    for k, mask in enumerate(masks(slide, size)):
        turn = (k * 0.618) % 1
        plain[mask] = [int(150 + 100 * np.cos(2 * np.pi * (turn + shift))) for shift in (0, 0.33, 0.67)]
    return [render(slide, size), plain]


def small(seed: int) -> np.ndarray:
    """64 pixels, enlarged without smoothing."""
    picture = Image.fromarray(render(sample_slide(seed, prior="flat"), 64))
    return np.asarray(picture.resize((150, 150), Image.Resampling.NEAREST))


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        asked = next(q for seed in range(900) for q in ask(sample_slide(seed, prior="flat"), seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    found: dict[tuple[str, str], np.ndarray] = {}
    for seed in range(400):
        slide = sample_slide(seed, prior="inverted", split="test")
        found.setdefault((slide.sample, slide.stain), render(slide, SIZE))
    sheet([[found[sample, stain] for stain in STAINS] for sample in SAMPLES], assets / "cells-samples.png")
    sheet([[small(seed + 3) for seed in range(6)]], assets / "cells-small.png")
    sheet([labelled(9, 420)], assets / "cells-labels.png")
    shown = sample_slide(9, sample="tissue", prior="inverted")
    return "\n".join(
        [
            "# Through the microscope",
            "",
            "Blood, tissue and cultures in four stains: red and white cells, round and spindle cells, rods and balls, with nuclei, "
            "divisions and clumps. The cells are invented: nothing here is about medicine, only telling what a picture shows.",
            "",
            "![Samples in four stains](../assets/world/cells-samples.png)",
            "",
            "At 64 pixels:",
            "",
            "![Slides at 64 pixels](../assets/world/cells-small.png)",
            "",
            "A slide, its instances, and its report:",
            "",
            "![A slide and its instances](../assets/world/cells-labels.png)",
            "",
            *(f"> {line}  " for line in report(shown).splitlines()),
            "",
            "What is absent is said where one would look for it; the impression follows from the findings.",
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make cells --n 1000 --out data/cells --annotations --set image_size=256",
            "vistune data make cells --n 1000 --out data/reports --set 'tasks={report: 1}'",
            "```",
            "",
            "`--annotations` writes `instances.json` (COCO) and `questions.json` (VQA-RAD).",
            "",
            "```python",
            "from vistune.world.cells import ask, masks, render, report, sample_slide",
            "",
            'slide = sample_slide(7, sample="blood")',
            "picture = render(slide, 256)",
            "print(masks(slide, 256).shape, report(slide))",
            "for question in ask(slide, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
