"""The page of marks and pointers: numbers on things, lists of them, places that are pointed at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vistune.world import render, sample_scene
from vistune.world.marks import ask_marks, draw_marks, listing, listing_request, place_marks
from vistune.world.pointing import Form, point_at

SIZE, GAP = 220, 8
SCENES = (0, 1, 3, 7)
FORMS: tuple[Form, ...] = ("point", "box", "scribble", "mask")
COLOUR = (40, 60, 230)


def row(pictures: list[np.ndarray], path: Path) -> None:
    """Write pictures side by side."""
    canvas = np.full((SIZE, len(pictures) * (SIZE + GAP) - GAP, 3), 255, np.uint8)
    for k, picture in enumerate(pictures):
        canvas[:, k * (SIZE + GAP) : k * (SIZE + GAP) + SIZE] = picture
    Image.fromarray(canvas).quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)


def pointed(form: Form) -> np.ndarray:
    """One thing, pointed at in one way."""
    scene = sample_scene(SCENES[1], prior="flat", min_things=3, max_things=7)
    largest = max(range(len(scene.things)), key=lambda i: scene.things[i].height)
    shown = point_at(scene, largest, form, size=SIZE, seed=2)
    pixels = render(scene, SIZE)
    if shown.mask is not None:
        pixels = np.where(shown.mask[..., None], pixels // 2 + np.array(COLOUR, np.uint8) // 2, pixels)
    canvas = Image.fromarray(pixels)
    draw = ImageDraw.Draw(canvas)
    if shown.point is not None:
        x, y = shown.point
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), COLOUR, (255, 255, 255), 2)
    if shown.box is not None:
        draw.rectangle(shown.box, None, COLOUR, 3)
    if shown.scribble is not None:
        draw.line(shown.scribble, COLOUR, 4, joint="curve")
    return np.asarray(canvas)


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    scenes = [sample_scene(seed, prior="flat", min_things=3, max_things=7) for seed in SCENES]
    marked = [place_marks(scene, SIZE, seed) for seed, scene in zip(SCENES, scenes)]
    row([draw_marks(render(s, SIZE), m) for s, m in zip(scenes, marked)], assets / "marks-numbers.png")
    row([pointed(form) for form in FORMS], assets / "marks-pointers.png")
    asked = [q for k in range(3) for q in ask_marks(scenes[k], marked[k], k, n=5)]
    first = {q.type: q for q in reversed(asked)}
    questions = [f"| `{q.type}` | {q.text} | {q.answer} | `{q.program}` |" for q in first.values()]
    return "\n".join(
        [
            "# Marks and pointers",
            "",
            "Numbers on things, as in List Items One by One: each lies inside its thing at the place farthest from any edge, hides less "
            "than half of it, and lies on no other. What is too small gets none. Numbers are dealt at random, so that neither size nor "
            "place tells them.",
            "",
            "![Pictures with numbered marks](../assets/world/marks-numbers.png)",
            "",
            "## The list",
            "",
            f"*{listing_request(1)}*",
            "",
            *(f"    {line}" for line in listing(scenes[1], marked[1]).splitlines()),
            "",
            "## Questions by number",
            "",
            "| type | question | answer | program |",
            "|---|---|---|---|",
            *questions,
            "",
            "## Pointed at",
            "",
            "A click, a box, a scribble or a mask, from the pixels of the thing that is seen; boxes can be jittered as "
            "Draw-and-Understand trains. They are an example's `regions`, and the question is what is there, of which colour, or how it "
            "looks.",
            "",
            "![One thing, pointed at in four ways](../assets/world/marks-pointers.png)",
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make marks --n 1000 --out data/marks --annotations",
            "vistune data make marks --n 1000 --out data/list --set 'tasks={listing: 1}'",
            "vistune data make marks --n 1000 --out data/boxes --set 'tasks={pointed: 1}' --set 'forms=[box]' --set noise=1",
            "```",
            "",
            "```python",
            "from vistune.world import render, sample_scene",
            "from vistune.world.marks import draw_marks, listing, place_marks",
            "from vistune.world.pointing import point_at",
            "",
            'scene = sample_scene(1, prior="flat", min_things=3)',
            "marks = place_marks(scene, size=256)",
            "picture = draw_marks(render(scene, 256), marks)",
            "print(listing(scene, marks))",
            'print(point_at(scene, 0, "scribble", size=256).scribble)',
            "```",
            "",
        ]
    )
