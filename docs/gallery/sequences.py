"""The page of sequences: stories, changes, views, documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.world import render
from vistune.world.scene import Scene
from vistune.world.sequences import (
    ask,
    ask_document,
    sample_change,
    sample_document,
    sample_story,
    sample_views,
    tell_story,
)
from vistune.world.sequences.questions import CHANGE_MAKERS, STORY_MAKERS, VIEW_MAKERS

SIZE, GAP = 150, 6


def strip(scenes: tuple[Scene, ...], columns: int) -> np.ndarray:
    """Pictures side by side, filled up with white to ``columns``."""
    blank = np.full((SIZE, SIZE, 3), 255, np.uint8)
    gap = np.full((SIZE, GAP, 3), 255, np.uint8)
    cells = []
    for k in range(columns):
        picture = (
            Image.fromarray(render(scenes[k], 2 * SIZE)).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
            if k < len(scenes)
            else blank
        )
        cells += [np.asarray(picture), gap]
    return np.concatenate(cells[:-1], 1)


def sheet(rows: list[tuple[Scene, ...]], columns: int, path: Path) -> None:
    """Rows of pictures, as a small PNG."""
    gap = np.full((GAP, columns * (SIZE + GAP) - GAP, 3), 255, np.uint8)
    parts = [part for row in rows for part in (strip(row, columns), gap)]
    Image.fromarray(np.concatenate(parts[:-1])).quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| about | type | question | answer | program |", "|---|---|---|---|---|"]
    for about, sample, makers in (
        ("story", sample_story, STORY_MAKERS), ("change", sample_change, CHANGE_MAKERS), ("views", sample_views, VIEW_MAKERS),
    ):  # fmt: skip
        for name in makers:
            asked = next(q for seed in range(500) for q in ask(sample(seed, prior="flat"), seed, types=[name]))
            lines.append(f"| {about} | {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    for seed in range(5):
        for asked in ask_document(sample_document(seed), seed, n=1):
            lines.append(f"| document | {asked.type} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    themes = ("baking", "moving house", "bedtime", "waiting for the bus")
    stories = [sample_story(5, theme=theme, min_pictures=6, max_pictures=7) for theme in themes]
    sheet(
        [story.scenes for story in stories],
        max(len(story.scenes) for story in stories),
        assets / "sequences-stories.png",
    )
    changes = [sample_change(seed, changes=2) for seed in (1, 4, 5)]
    sheet([tuple(s for change in changes for s in change.scenes)], 6, assets / "sequences-changes.png")
    views = [sample_views(seed, views=3) for seed in (2, 7)]
    sheet([tuple(s for view in views for s in view.scenes)], 6, assets / "sequences-views.png")
    told = [f"{k}. {text}" for k, text in enumerate(tell_story(stories[0], 0), start=1)]
    document = sample_document(7, pictures=3)
    parts = [part if isinstance(part, str) else f"**[picture {part + 1}]**" for part in document.parts()]
    return "\n".join(
        [
            "# Sequences of pictures",
            "",
            "What happens from one picture to the next is a typed step (somebody arrives or leaves, something moves or "
            "changes its state), so order, counts over time and every difference are known. Each step is large enough to "
            "be seen.",
            "",
            "## Stories",
            "",
            "Four to eight pictures; a recipe (baking, moving house, ...) or a free run of events.",
            "",
            "![Stories](../assets/world/sequences-stories.png)",
            "",
            "The first one, told:",
            "",
            *told,
            "",
            "## Before and after",
            "",
            "Nothing to four things change; here two each time.",
            "",
            "![Pairs with changes](../assets/world/sequences-changes.png)",
            "",
            "## Several views",
            "",
            "The camera moves sideways: near things shift more than far ones, and the ground and the wall with them, which tells their distance.",
            "",
            "![Views](../assets/world/sequences-views.png)",
            "",
            "## Documents",
            "",
            "Texts and pictures in turns; in half of the documents two texts are exchanged, and the reader is asked.",
            "",
            *(f"> {part}\n>" for part in parts),
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make sequences --n 1000 --out data/sequences --annotations",
            "vistune data make sequences --n 1000 --out data/sort --set 'tasks={sort: 1}'",
            "```",
            "",
            "`--annotations` writes `instances.json` (COCO with TAO's videos and tracks: a thing keeps its track through a story, "
            "two views, or before and after), `keypoints.json`, `captions.json` (COCO), `SPLIT.story-in-sequence.json` (VIST), "
            "`spot_the_diff/SPLIT.json` with its pictures (Spot-the-Diff) and `documents.jsonl` (OBELICS' columns).",
            "",
            "```python",
            "from vistune.world import render",
            "from vistune.world.sequences import ask, sample_story, tell_story",
            "",
            'story = sample_story(5, theme="baking")',
            "pictures = [render(scene, 256) for scene in story.scenes]",
            "for text in tell_story(story, seed=0):",
            "    print(text)",
            "for question in ask(story, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
