"""The page of minimal pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.world import render, sample_scene
from vistune.world.pairs import (
    EDITS,
    NEGATIVES,
    add_words,
    hard_negative,
    replace_word,
    sample_pair,
    swap_words,
)

SIZE, GAP = 180, 8


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size, in pairs, on a soft ground."""
    height, width = rows[0][0].shape[:2]
    wide = GAP + sum(width + (GAP if k % 2 else 2) for k in range(len(rows[0])))
    canvas = np.full((len(rows) * (height + GAP) + GAP, wide, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        y, x = GAP + r * (height + GAP), GAP
        for c, cell in enumerate(row):
            canvas[y : y + height, x : x + width] = cell
            x += width + (GAP if c % 2 else 2)
    Image.fromarray(canvas).quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)


def _any_caption() -> list[str]:
    """A table of one caption and its negatives."""
    caption = "An orange cat, a dog and two apples on a red table."
    lines = ["| | |", "|---|---|", f"| caption | {caption} |"]
    for change in (replace_word, swap_words, add_words):
        texts = [made.text for seed in (1, 3) if (made := change(caption, seed)) is not None]
        lines += [f"| `{change.__name__}` | {text} |" for text in dict.fromkeys(texts)]
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    pairs = {what: sample_pair(11 + 8 * k, what=[what], prior="flat") for k, what in enumerate(EDITS)}
    cells = [render(scene, SIZE) for pair in pairs.values() for scene in pair.scenes]
    cells += [np.full((SIZE, SIZE, 3), 236, np.uint8)] * (-len(cells) % 6)
    sheet([cells[k : k + 6] for k in range(0, len(cells), 6)], assets / "pairs-edits.png")
    small = [
        np.asarray(Image.fromarray(render(scene, 64)).resize((128, 128), Image.Resampling.NEAREST))
        for seed in range(3)
        for scene in sample_pair(seed + 20).scenes
    ]
    sheet([small], assets / "pairs-small.png")
    lines = ["| edit | true of the first | true of the second |", "|---|---|---|"]
    lines += [f"| {what} | {pair.texts[0]} | {pair.texts[1]} |" for what, pair in pairs.items()]
    scene = sample_scene(3, min_things=3, prior="flat")
    negatives = ["| type | true | false |", "|---|---|---|"]
    for type in NEGATIVES:
        found = hard_negative(scene, type, 2)
        if found is not None:
            negatives.append(f"| {type} | {found.positive.text} | {found.negative.text} |")
    return "\n".join(
        [
            "# Minimal pairs",
            "",
            "Two scenes that differ in one edit, and for each the sentence that is true of it and false of the other. Nothing but "
            "the edited thing, its shadow and what it uncovers changes in the picture.",
            "",
            "![Pairs, one for each edit](../assets/world/pairs-edits.png)",
            "",
            *lines,
            "",
            "At 64 pixels:",
            "",
            "![Pairs at 64 pixels](../assets/world/pairs-small.png)",
            "",
            "`swap` and `exchange` give two sentences of the same words in another order, as in Winoground. The pictures come in "
            "both orders and every sentence is as often true as false, so that words alone tell nothing.",
            "",
            "## Hard negatives",
            "",
            "The seven types of SugarCrepe, for any scene: false by computation, of the same form and length. For the `add` types the "
            "true sentence has an addition too.",
            "",
            *negatives,
            "",
            "For a caption of any origin, `replace_word`, `swap_words` and `add_words` change a word, exchange two, or add a look or "
            "a thing; with a scene given, only what makes the caption false of it is done.",
            "",
            *_any_caption(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make pairs --n 1000 --out data/pairs",
            "vistune data make pairs --n 1000 --out data/order --set 'edits=[swap, exchange]' --annotations",
            "```",
            "",
            "`--annotations` writes `sugarcrepe/TYPE.json` and `vsr.jsonl` with their pictures.",
            "",
            "```python",
            "from vistune.world import render, sample_scene",
            "from vistune.world.pairs import add_words, counterfactuals, replace_word, sample_pair",
            "",
            'pair = sample_pair(7, what=["colour"])',
            "print(pair.texts, pair.statements[0].program)",
            "pictures = [render(scene, 128) for scene in pair.scenes]",
            "for what, other in counterfactuals(sample_scene(3, min_things=3), seed=0).items():",
            "    print(what, other.texts[1])",
            'print(replace_word("An orange cat is left of two apples.", seed=1).text)',
            'print(add_words("An orange cat is left of two apples.", seed=1).text)',
            "```",
            "",
        ]
    )
