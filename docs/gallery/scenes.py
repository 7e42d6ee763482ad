"""The page of scenes: what is drawn, and everything that is known of it."""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.world import (
    boxes,
    instance_map,
    keypoints,
    normal_map,
    pose,
    render,
    sample_scene,
    surface_depth,
    text_boxes,
)
from vistune.world.fonts import face
from vistune.world.keypoints import HIDDEN, VISIBLE, skeleton
from vistune.world.language import caption, refer
from vistune.world.lengths import sample_length
from vistune.world.questions import ask
from vistune.world.questions.ask import ASKED
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import SETTINGS

_GAP, _INK, _PAPER = 10, (58, 54, 64), (255, 255, 255)
_LINE = (255, 255, 255)


def _hue(number: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(number * 0.381966 % 1, 0.78, 0.95)
    return int(255 * red), int(255 * green), int(255 * blue)


def _sheet(rows: list[list[tuple[Image.Image, str]]], path: Path) -> None:
    """Pictures in rows, each with a line of text under it; saved with a palette."""
    side = max(picture.width for row in rows for picture, _ in row)
    text = 26 if any(words for row in rows for _, words in row) else 0
    wide = max(len(row) for row in rows) * (side + _GAP) + _GAP
    sheet = Image.new("RGB", (wide, len(rows) * (side + text + _GAP) + _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for r, row in enumerate(rows):
        for c, (picture, words) in enumerate(row):
            x, y = _GAP + c * (side + _GAP), _GAP + r * (side + text + _GAP)
            sheet.paste(picture, (x, y))
            draw.text((x + side // 2, y + side + 13), words, _INK, face("sans", 15), anchor="mm")
    sheet.quantize(160, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


def _picture(scene: Scene, size: int) -> Image.Image:
    return Image.fromarray(render(scene, size))


def _faded(scene: Scene, size: int) -> Image.Image:
    return Image.blend(_picture(scene, size), Image.new("RGB", (size, size), (255, 255, 255)), 0.45)


def _mask_overlay(scene: Scene, size: int) -> Image.Image:
    seen = instance_map(scene, size)
    pixels = render(scene, size).astype(float)
    for index in range(len(scene.things)):
        mask = seen == index
        pixels[mask] = 0.3 * pixels[mask] + 0.7 * np.array(_hue(index))
        edge = mask & ~_shrunk(mask)
        pixels[edge] = _LINE
    return Image.fromarray(pixels.astype(np.uint8))


def _shrunk(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    inner = mask.copy()
    for axis in (0, 1):
        for step in (1, -1):
            inner &= np.roll(mask, step, axis)
    return inner


def _box_overlay(scene: Scene, size: int) -> Image.Image:
    picture = _picture(scene, size)
    draw = ImageDraw.Draw(picture)
    font = face("sans", size // 20, bold=True)
    found = boxes(scene, size)
    for index, (x0, y0, x1, y1) in enumerate(found):
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), None, _hue(index), 2)
    # Words last: no box is drawn over them.
    for index, (x0, y0, _, _) in enumerate(found):
        words = scene.things[index].kind
        left, top = max(0, x0), max(0, y0 - size // 18)
        draw.rectangle((left, top, left + font.getlength(words) + 5, top + size // 18), _hue(index))
        draw.text((left + 3, top + size // 36), words, _PAPER, font, anchor="lm")
    return picture


def _keypoint_overlay(scene: Scene, size: int) -> Image.Image:
    scale = 2
    picture = _faded(scene, size * scale)
    draw = ImageDraw.Draw(picture)
    for index, points in enumerate(keypoints(scene, size * scale)):
        if points is None:
            continue
        colour = _hue(index)
        for a, b in skeleton(scene.things[index].kind):
            if points[a, 2] and points[b, 2]:
                draw.line((*points[a, :2], *points[b, :2]), colour, size * scale // 110)
        for x, y, v in points:
            r = size * scale / 80
            if v in (VISIBLE, HIDDEN):
                draw.ellipse((x - r, y - r, x + r, y + r), colour if v == VISIBLE else _PAPER, _INK, 2)
    return picture.reduce(scale)


def _depth_picture(scene: Scene, size: int) -> Image.Image:
    depth = surface_depth(scene, size)
    near, far = np.array((255, 214, 120)), np.array((38, 30, 84))
    share = ((depth - depth.min()) / max(depth.max() - depth.min(), 1e-6))[..., None]
    return Image.fromarray((near * (1 - share) + far * share).astype(np.uint8))


def _normal_picture(scene: Scene, size: int) -> Image.Image:
    """The usual colours: x, y and z from -1..1 as red, green and blue; masks show where things are."""
    pixels = (normal_map(scene, size) * 127.5 + 127.5).astype(np.uint8)
    seen = instance_map(scene, size)
    for index in range(len(scene.things)):
        mask = seen == index
        pixels[mask & ~_shrunk(mask)] = (70, 70, 130)
    return Image.fromarray(pixels)


def _text_overlay(scene: Scene, size: int) -> Image.Image:
    picture = _picture(scene, size)
    draw = ImageDraw.Draw(picture)
    for found in text_boxes(scene, size):
        x0, y0, x1, y1 = found.box
        draw.rectangle((x0 - 2, y0 - 2, x1 + 1, y1 + 1), None, (236, 64, 122), 2)
    return picture


_VIEWS = (
    (_picture, "picture"), (_mask_overlay, "masks"), (_box_overlay, "boxes"), (_keypoint_overlay, "keypoints"),
    (_depth_picture, "depth"), (_normal_picture, "normals"), (_text_overlay, "text"),
)  # fmt: skip


def _rich_scenes(count: int) -> list[Scene]:
    """Scenes with people or animals, something hidden and something written."""
    found: list[Scene] = []
    seed = 0
    while len(found) < count:
        scene = sample_scene(seed, split="val", prior="skewed", min_things=4, max_things=6, labels=True)
        seed += 1
        posed = sum(pose(thing) is not None for thing in scene.things)
        written = sum(bool(thing.label) for thing in scene.things)
        hidden = any((k is not None and (k[:, 2] == HIDDEN).any()) for k in keypoints(scene, 128))
        fresh = all(scene.setting != other.setting for other in found)
        if posed >= 2 and written and hidden and fresh:
            found.append(scene)
    return found


def _varied(setting: str, number: int) -> Scene:
    """The ``number``-th scene of a setting with four different kinds of things at least."""
    found = (
        sample_scene(seed, split="val", setting=setting, min_things=4, labels=True)
        for seed in range(1000 * number + 3, 1000 * number + 400)
    )
    return next(scene for scene in found if len({thing.kind for thing in scene.things}) >= 4)


def _poses() -> list[list[tuple[Image.Image, str]]]:
    shown = [
        ("boy", "standing"), ("girl", "waving"), ("man", "waving"), ("woman", "standing"), ("dog", "standing"),
        ("cat", "sleeping"), ("bird", "flying"), ("bird", "resting"), ("horse", "running"), ("cow", "standing"),
        ("rabbit", "standing"), ("fish", None),
    ]  # fmt: skip
    colours = ("blue", "pink", "green", "purple", "brown", "orange", "blue", "red", "brown", "white", "pink", "orange")
    cards = []
    for n, ((kind, state), colour) in enumerate(zip(shown, colours)):
        height = {"fish": 0.4, "horse": 0.62, "cow": 0.6, "bird": 0.55}.get(kind, 0.75) * (
            0.75 if state == "sleeping" else 1
        )
        thing = Thing(kind, colour, "big", "plain", state, 0.5, 0.92 if state != "flying" else 0.8, height, 0.1, n)
        cards.append((_keypoint_overlay(Scene(n, "garden", (thing,)), 180), f"{kind}, {pose(thing)}"))
    return [cards[:6], cards[6:]]


def _pictures(assets: Path) -> None:
    shown = [[(_picture(_varied(setting, row), 176), "") for setting in SETTINGS] for row in (0, 1)]
    _sheet(shown, assets / "scenes-scenes.png")
    rich = _rich_scenes(2)
    _sheet([[(draw(scene, 200), name) for draw, name in _VIEWS] for scene in rich], assets / "scenes-annotations.png")
    _sheet(_poses(), assets / "scenes-keypoints.png")
    one = _rich_scenes(3)[2]
    sizes = Image.new("RGB", (512 + 256 + 64 + 4 * _GAP, 512 + 2 * _GAP), _PAPER)
    for size, x in ((512, _GAP), (256, 512 + 2 * _GAP), (64, 768 + 3 * _GAP)):
        sizes.paste(_picture(one, size), (x, 512 + _GAP - size))
    sizes.quantize(200, dither=Image.Dither.NONE).save(assets / "scenes-sizes.png", optimize=True)
    longest = [sample_length(n, "longest", split="test", prior="flat", labels=True) for n in range(1, 6)]
    _sheet([[(_picture(s, 256), f"{len(s.things)} things") for s in longest]], assets / "scenes-longest.png")


def _questions() -> list[str]:
    """A table row for each type of question: an example, its answer and its program."""
    rows = []
    for kind in ASKED:
        for seed in range(400):
            scene = sample_scene(seed, split="val", min_things=2, labels=True)
            found = ask(scene, seed, types=[kind], split="val")
            if found and (found[0].program is None or len(str(found[0].program)) < 150):
                question = found[0]
                program = f"`{question.program}`" if question.program else ""
                rows.append(f"| `{kind}` | {question.text} | {question.answer} | {program} |")
                break
    return rows


def _sentences(scene: Scene) -> list[str]:
    lines = [f"- *{level}*: {caption(scene, 3, level=level, split='val')}" for level in ("short", "long", "all")]
    told = [refer(scene, i, "minimal") for i in range(len(scene.things))]
    return [*lines, f"- *referring expressions*: {', '.join(t for t in told if t)}."]


def build(assets: Path) -> str:
    """Write the sheets into ``assets``; -> the page."""
    _pictures(assets)
    scene = _rich_scenes(1)[0]
    return "\n".join(
        [
            "# Scenes",
            "",
            "44 kinds of things in ten colours, three sizes and four patterns stand, float and fly in eight settings. What is "
            "found where follows a prior (`skewed`, `flat` or `inverted`), so that a model can learn to guess, and be caught "
            "guessing. Things are parametric drawings; words can be written on them.",
            "",
            "![Scenes of the eight settings](../assets/world/scenes-scenes.png)",
            "",
            "## All that is known",
            "",
            "Masks (seen and whole), boxes tight to them, depth, surface normals, 13 keypoints of people and 6 of animals with "
            "COCO's visibility (filled: seen, white: hidden by a nearer thing), poses, the share of each thing that is hidden, "
            "and the boxes of text: all computed from the same drawing as the pixels.",
            "",
            "![One scene a row: picture, masks, boxes, keypoints, depth, normals, text](../assets/world/scenes-annotations.png)",
            "",
            "![Keypoints of people and animals](../assets/world/scenes-keypoints.png)",
            "",
            "What is said of the first one:",
            "",
            *_sentences(scene),
            "",
            "A scene at 512, 256 and 64 pixels:",
            "",
            "![One scene at three sizes](../assets/world/scenes-sizes.png)",
            "",
            "## More than training ever showed",
            "",
            "`length` asks for scenes with more things: `longer` has six or seven, `longest` eight to ten.",
            "",
            "![Scenes of eight to ten things](../assets/world/scenes-longest.png)",
            "",
            "## Questions",
            "",
            'Those from `text` on are asked by name only: `types=["text", "facing"]`.',
            "",
            "| type | question | answer | program |",
            "|---|---|---|---|",
            *_questions(),
            "",
            "## Use",
            "",
            "```sh",
            "vistune data make world --n 2000 --out data/world --annotations",
            "vistune data make world --n 500 --out data/long --set length=longest --set labels=true --set split=test",
            "```",
            "",
            "`--annotations` writes `instances.json`, `keypoints.json` and `captions.json` (COCO; `pycocotools` loads them), "
            "`refs(vistune).json` and `expressions.json` (RefCOCO) and the folder `visual_genome` (objects, attributes, "
            "relationships, regions). `vistune.data.annotations` reads all of them back, and the published files too.",
            "",
            "```python",
            "from vistune.world import boxes, keypoints, render, sample_scene, text_boxes",
            "from vistune.world.questions import ask",
            "",
            'scene = sample_scene(7, split="val", prior="flat", labels=True)',
            "pixels = render(scene, 256)                # uint8 [256, 256, 3]",
            "print(boxes(scene, 256))                   # [things, 4], tight to the masks",
            "print(keypoints(scene, 256)[0])            # [13, 3] of a person, [6, 3] of an animal, else None",
            "print([t.text for t in text_boxes(scene, 256)])",
            "for question in ask(scene, 0, n=3):",
            "    print(question.text, question.answer, question.program)",
            "```",
        ]
    )
