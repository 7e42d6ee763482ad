"""The page of maps: pictures, scenarios, questions, formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.engines.maps import answers
from vistune.world.maps import DESCRIPTORS, SCENARIOS, STYLES, ask, describe, render, sample_choice
from vistune.world.maps.questions import MAKERS

GAP = 10


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size on a soft ground."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            y, x = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[y : y + height, x : x + width] = cell
    Image.fromarray(canvas).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def small(seed: int, style: str) -> np.ndarray:
    """64 pixels, enlarged without smoothing."""
    picture = Image.fromarray(render(sample_choice(seed, style=style), 64))
    return np.asarray(picture.resize((picture.width * 2, 128), Image.Resampling.NEAREST))


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        asked = next(q for seed in range(500) for q in ask(sample_choice(seed, prior="flat"), seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def table() -> list[str]:
    """Scenario -> what is better for it."""
    words = {1: "more", -1: "less", 0: ""}
    lines = ["| scenario | " + " | ".join(DESCRIPTORS) + " |", "|---|" + "---|" * len(DESCRIPTORS)]
    return lines + [f"| {s.name} | " + " | ".join(words[sign] for sign in s.signs) + " |" for s in SCENARIOS]


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    shown = [
        [render(sample_choice(12 * k + 6 * c, style=style), 226) for c in range(2)] for k, style in enumerate(STYLES)
    ]
    sheet(shown, assets / "maps-styles.png")
    sheet([[small(60 + 6 * k, style) for k, style in enumerate(STYLES)]], assets / "maps-small.png")
    choice = sample_choice(30, style="blocks")
    Image.fromarray(render(choice, 440)).quantize(64).save(assets / "maps-choice.png", optimize=True)
    first, second = (describe(choice.chart, plan) for plan in (choice.first, choice.second))
    judged = ", ".join(f"{name}: {path}" for name, path in answers(choice).items())
    return "\n".join(
        [
            "# Maps and paths",
            "",
            "Obstacles (blocks, a maze, cells of a grid), a start, a goal, and two plans: which is better for the task? The seven "
            "descriptors of a path, the fifteen scenarios and the rule that labels a pair only where all descriptors that matter "
            "agree are PathEval's (arXiv 2411.18711).",
            "",
            "![Maps with two paths](../assets/world/maps-styles.png)",
            "",
            "At 64 pixels:",
            "",
            "![Maps at 64 pixels](../assets/world/maps-small.png)",
            "",
            "## Two paths, judged",
            "",
            "![Two paths](../assets/world/maps-choice.png)",
            "",
            "| | path 1 | path 2 |",
            "|---|--:|--:|",
            *(f"| {name} | {first[name]:.1f} | {second[name]:.1f} |" for name in DESCRIPTORS),
            "",
            f"Better path by scenario: {judged}; on the others the descriptors do not agree.",
            "",
            "## Scenarios",
            "",
            *table(),
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make maps --n 1000 --out data/maps --annotations --set image_size=256",
            "vistune data make maps --n 1000 --out data/judge --set condition=descriptors --set 'tasks={scenario: 1}'",
            "```",
            "",
            "Conditions are `none`, `flipped`, `random` (random names), `descriptors` (values in words) and `no_image`. "
            "`--annotations` writes `maps/NAME.geojson` and `choices.json`.",
            "",
            "```python",
            "from vistune.world.maps import ask, describe, render, sample_choice",
            "",
            "choice = sample_choice(7)",
            "picture = render(choice, 256)",
            "print(describe(choice.chart, choice.first))",
            "for question in ask(choice, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
