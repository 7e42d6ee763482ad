"""The page of languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.world import render, sample_scene
from vistune.world.tongues import TONGUES, ask, caption, pointings, render_street, sample_street
from vistune.world.tongues.questions import MAKERS

SIZE, GAP = 230, 8


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size on a soft ground."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            y, x = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[y : y + height, x : x + width] = cell
    Image.fromarray(canvas).quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)


def isolated(text: str, code: str) -> str:
    """Text with its own direction, for a cell of a table."""
    return (
        f'<span lang="{code}" dir="rtl">{text}</span>'
        if TONGUES[code].RIGHT_TO_LEFT
        else f'<span lang="{code}">{text}</span>'
    )


def captions() -> list[str]:
    """The same caption in all languages."""
    scene = sample_scene(5, min_things=3, prior="flat")
    lines = ["| language | caption |", "|---|---|"]
    return lines + [
        f"| {t.OWN_NAME} | {isolated(caption(scene, 1, code, 'long'), code)} |" for code, t in TONGUES.items()
    ]


def examples() -> list[str]:
    """A question of each type, each in another language, with its English and its program."""
    lines = ["| type | question | answer | English | program |", "|---|---|---|---|---|"]
    for name, code in zip(MAKERS, ["de", "es", "fr", "zh", "tr", "sw", "ar", "de", "fr"], strict=True):
        q = next(
            q
            for seed in range(900)
            for q in ask(sample_scene(seed, prior="flat", min_things=2), seed, code, types=[name])
        )
        english = " – ".join(q.facts["english"])
        lines.append(f"| {name} | {isolated(q.text, code)} | {isolated(q.answer, code)} | {english} | `{q.program}` |")
    return lines


def instructions() -> list[str]:
    """The same instructions in all languages."""
    scene = sample_scene(5, min_things=3, prior="flat")
    lines = ["| language | to describe | to point |", "|---|---|---|"]
    for code, t in TONGUES.items():
        described, pointed = t.DESCRIBE[0], pointings(scene, 11, code)[0].text
        lines.append(f"| {t.OWN_NAME} | {isolated(described, code)} | {isolated(pointed, code)} |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    streets = [render_street(sample_street(2, code), SIZE) for code in TONGUES]
    sheet([streets[:4], streets[4:]], assets / "tongues-streets.png")
    sheet([[render(sample_scene(5, min_things=3, prior="flat"), 300)]], assets / "tongues-scene.png")
    return "\n".join(
        [
            "# Languages",
            "",
            "English, German, Spanish, French, Chinese, Turkish, Swahili and Arabic, each by a grammar of its own: genders and "
            "cases, measure words, vowel harmony, noun classes, duals and broken plurals. A meaning goes in, a sentence comes "
            "out; the parser gives the meaning back. The same seed says the same in every language.",
            "",
            "![A street with boards in eight languages](../assets/world/tongues-streets.png)",
            "",
            "Words on boards are drawn in real letters, Arabic joined and from right to left. A scene, and its caption in all "
            "languages:",
            "",
            "![A scene](../assets/world/tongues-scene.png)",
            "",
            *captions(),
            "",
            "## Questions",
            "",
            "Answers agree with what is asked: a fair coin decides yes or no, numbers and patterns are balanced.",
            "",
            *examples(),
            "",
            "## Instructions",
            "",
            "Answered by a caption, and by the box of the thing that alone is meant.",
            "",
            *instructions(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make tongues --n 1000 --out data/tongues",
            "vistune data make tongues --n 1000 --out data/german --set 'languages=[de]' --set english=1.0",
            "vistune data make tongues --n 1000 --out data/signs --set 'tasks={text: 1}' --set image_size=192",
            "vistune data make tongues --n 1000 --out data/pointed --set 'tasks={instruction: 1}'",
            "```",
            "",
            "With `english=1.0` every question is in English with the instruction to answer in the language.",
            "",
            "```python",
            "from vistune.world import sample_scene",
            "from vistune.world.tongues import TONGUES, ask, caption, identify, parse",
            "",
            "scene = sample_scene(5, min_things=3)",
            'print(caption(scene, 1, "sw", "long"))',
            'question = ask(scene, 3, "ar")[0]',
            "print(question.text, question.answer, question.program)",
            'print(parse(question.text, TONGUES["ar"]) == question.facts["meaning"], identify(question.answer))',
            "```",
            "",
        ]
    )
