"""The page of scene graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vistune.world import render, sample_scene
from vistune.world.fonts import face
from vistune.world.graphs import MULTI, SINGLE, ask, graph_caption, scene_graph

SIZE, SEED = 420, 44


def boxed(seed: int) -> Image.Image:
    """A scene with its graph's boxes and names, beside its depth."""
    scene = sample_scene(seed, min_things=4, max_things=5, prior="flat")
    graph = scene_graph(scene, SIZE)
    picture = Image.fromarray(render(scene, SIZE))
    draw = ImageDraw.Draw(picture)
    for label, box in zip(graph.labels, graph.boxes, strict=True):
        draw.rectangle(tuple(box), outline=(20, 60, 200), width=2)
        font = face("sans", 17, bold=True)
        x, y = box[0] + 4, max(2, box[1] - 21)
        draw.rectangle((x - 4, y - 1, x + font.getlength(label) + 4, y + 20), fill=(20, 60, 200))
        draw.text((x, y), label, (255, 255, 255), font)
    assert graph.depth is not None
    canvas = Image.new("RGB", (2 * SIZE + 8, SIZE), (236, 236, 236))
    canvas.paste(picture, (0, 0))
    canvas.paste(Image.fromarray(np.repeat(graph.depth[..., None], 3, 2)), (SIZE + 8, 0))
    return canvas


def examples(types: tuple[str, ...], several: int) -> list[str]:
    """A question of each type."""
    lines = ["| generator | question | answer |", "|---|---|---|"]
    for name in types:
        for seed in range(SEED, SEED + 4000):
            graphs = [
                scene_graph(sample_scene(seed + 1000 * k, min_things=3, prior="flat"), 96) for k in range(several)
            ]
            found = ask(graphs, seed, [name])
            if found:
                text = found[0].text.replace("\n", " ")
                lines.append(f"| {name} | {text} | {found[0].answer} |")
                break
    return lines


def build(assets: Path) -> str:
    """Write the picture; -> the page."""
    boxed(SEED).quantize(200, dither=Image.Dither.NONE).save(assets / "graphs-scene.png", optimize=True)
    graph = scene_graph(sample_scene(SEED, min_things=4, max_things=5, prior="flat"))
    return "\n".join(
        [
            "# Scene graphs",
            "",
            "Objects with boxes, attributes, relations, masks and depth; and ProVision's generators, which write questions about "
            "them by program, with short answers or multiple choice. The same generators work on Visual Genome's annotations.",
            "",
            "![A scene's graph and depth](../assets/world/graphs-scene.png)",
            "",
            f"> {graph_caption(graph)}",
            "",
            "## One picture",
            "",
            *examples(SINGLE, 1),
            "",
            "Points for `same_object_seg` are as far from the first, so that distance is no shortcut. Depth is larger where it is closer.",
            "",
            "## Several pictures",
            "",
            *examples(MULTI, 2),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make provision --n 1000 --out data/provision",
            "vistune data make provision --n 1000 --out data/several --set 'tasks={multi: 1}' --set images=4 --set choices=1.0",
            "vistune data make provision --n 1000 --out data/balanced --set balance=true",
            "```",
            "",
            "`annotations=FOLDER` and `pictures=FOLDER` read Visual Genome's files in place of the world. `noise=0.2` errs as a "
            "detector would, for a control.",
            "",
            "```python",
            "from vistune.world import sample_scene",
            "from vistune.world.graphs import ask, graph_caption, scene_graph",
            "",
            "graph = scene_graph(sample_scene(44, min_things=4))",
            "print(graph_caption(graph))",
            "for question in ask(graph, seed=0, n=4, choices=1.0):",
            "    print(question.text, '->', question.answer)",
            "```",
            "",
        ]
    )
