"""What is true of a picture, exactly: instances, masks, boxes, depth, relations, dense labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.world.labels import TextBox, ink
from vistune.world.render import SCALE, draw_order, placed_shapes, stamp
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, KINDS, PATTERNS, SETTINGS, SIZES

STATES: tuple[str, ...] = tuple(sorted({state for kind in KINDS for state in kind.states}))
#: Number of classes of each dense label; class 0 is the background (or, for states, a thing without one).
DENSE_CLASSES = {
    "kind": len(KINDS) + 1, "colour": len(COLOURS) + 1, "size": len(SIZES) + 1, "pattern": len(PATTERNS) + 1,
    "state": len(STATES) + 1,
}  # fmt: skip
_KIND = {kind.name: i + 1 for i, kind in enumerate(KINDS)}
_COLOUR = {name: i + 1 for i, name in enumerate(COLOURS)}
_SIZE = {name: i + 1 for i, name in enumerate(SIZES)}
_PATTERN = {name: i + 1 for i, name in enumerate(PATTERNS)}
_STATE = {name: i + 1 for i, name in enumerate(STATES)}
_SETTING = {name: i for i, name in enumerate(SETTINGS)}


def _silhouette(draw: ImageDraw.ImageDraw, thing: Thing, size: int, value: int) -> None:
    for shape, points, width in placed_shapes(thing, size):
        if shape.role != "glow":
            stamp(draw, shape, points, width, value, value)


def instance_map(scene: Scene, size: int = 64) -> NDArray[np.int16]:
    """Index of the thing that is seen at each pixel, -1 for background: int16 ``[size, size]``."""
    canvas = Image.new("L", (size * SCALE, size * SCALE))
    draw = ImageDraw.Draw(canvas)
    for index in draw_order(scene):
        _silhouette(draw, scene.things[index], size * SCALE, index + 1)
    return np.asarray(canvas)[1::SCALE, 1::SCALE].astype(np.int16) - 1


def masks(scene: Scene, size: int = 64) -> NDArray[np.bool_]:
    """Visible mask of each thing: bool ``[things, size, size]``."""
    return instance_map(scene, size)[None] == np.arange(len(scene.things))[:, None, None]


def amodal_masks(scene: Scene, size: int = 64) -> NDArray[np.bool_]:
    """Mask of each thing as if nothing stood before it: bool ``[things, size, size]``."""
    whole = np.zeros((len(scene.things), size, size), bool)
    for index, thing in enumerate(scene.things):
        canvas = Image.new("L", (size * SCALE, size * SCALE))
        _silhouette(ImageDraw.Draw(canvas), thing, size * SCALE, 1)
        whole[index] = np.asarray(canvas)[1::SCALE, 1::SCALE] > 0
    return whole


def boxes(scene: Scene, size: int = 64) -> NDArray[np.float64]:
    """Boxes of the visible masks, ``(x0, y0, x1, y1)`` in pixels, ends exclusive: ``[things, 4]``; zeros if unseen."""
    found = np.zeros((len(scene.things), 4))
    for index, mask in enumerate(masks(scene, size)):
        ys, xs = np.nonzero(mask)
        if len(xs):
            found[index] = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    return found


def visible_share(scene: Scene, size: int = 128) -> NDArray[np.float64]:
    """Share of each thing that is not hidden by nearer things: ``[things]``."""
    seen, whole = masks(scene, size).sum((1, 2)), amodal_masks(scene, size).sum((1, 2))
    return seen / np.maximum(whole, 1)


def depth_map(scene: Scene, size: int = 64) -> NDArray[np.float32]:
    """Depth at each pixel, the background's as far as 1.0: float32 ``[size, size]``."""
    depths = np.array([*(thing.depth for thing in scene.things), 1.0], np.float32)
    return depths[instance_map(scene, size)]


def text_map(scene: Scene, size: int = 64) -> NDArray[np.int16]:
    """Index of the thing whose text's ink is seen at each pixel, -1 elsewhere: int16 ``[size, size]``."""
    found = np.full((size, size), -1, np.int16)
    seen = instance_map(scene, size)
    for index, thing in enumerate(scene.things):
        if thing.label:
            found[ink(thing, size, SCALE) & (seen == index)] = index
    return found


def text_boxes(scene: Scene, size: int = 64) -> list[TextBox]:
    """All text in the picture with the boxes of its ink (as if nothing hid it) and the share that is seen."""
    found: list[TextBox] = []
    seen = instance_map(scene, size)
    for index, thing in enumerate(scene.things):
        mask = ink(thing, size, SCALE) if thing.label else np.zeros((1, 1), bool)
        if thing.label and mask.any():
            ys, xs = np.nonzero(mask)
            box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
            found.append(TextBox(index, thing.label, box, float((seen[mask] == index).mean())))
    return found


def to_coco_rle(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """A mask in COCO's compressed run-length form."""
    from pycocotools import mask as coco

    rle = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    counts = rle["counts"]
    return {"size": list(rle["size"]), "counts": counts if isinstance(counts, str) else counts.decode("ascii")}


#: Two centres must differ by this share of the picture before a side is said.
MARGIN = 0.12


def relations(scene: Scene) -> list[tuple[int, str, int]]:
    """Triples ``(i, relation, j)``: left of, right of, above, below, in front of, behind, on. Near ties give none.

    Above and below are for things that fly against others; in front of and behind for things on the ground.
    """
    found: list[tuple[int, str, int]] = []
    things = scene.things
    flies = [_flies(thing) for thing in things]
    grounded = [thing.support is None and not flying for thing, flying in zip(things, flies)]
    for i, a in enumerate(things):
        for j, b in enumerate(things):
            if i == j:
                continue
            if b.x - a.x > MARGIN and a.support != j and b.support != i:
                found += [(i, "left of", j), (j, "right of", i)]
            if a.support == j:
                found.append((i, "on", j))
            if flies[i] and b.support is None and (b.y - b.height / 2) - (a.y - a.height / 2) > 1.5 * MARGIN:
                found += [(i, "above", j), (j, "below", i)]
            if grounded[i] and grounded[j] and a.y - b.y > MARGIN:
                found += [(i, "in front of", j), (j, "behind", i)]
    return found


def _flies(thing: Thing) -> bool:
    return KIND_BY_NAME[thing.kind].place == "sky" and thing.state != "resting"


def dense_labels(scene: Scene, grid: int = 8) -> dict[str, NDArray[Any]]:
    """What covers each cell of a ``grid`` x ``grid`` picture, for training an encoder.

    ``kind``, ``colour``, ``size``, ``pattern``, ``state``: int64 ``[grid, grid]`` classes (``DENSE_CLASSES``) of the
    thing that covers most of the cell, 0 where things cover less than a fifth. ``centre``: float32 ``[grid, grid, 2]``,
    the way from the cell to that thing's middle in shares of the picture. ``setting``: int64 scalar. ``present``:
    float32 ``[kinds]``.
    """
    cells = instance_map(scene, grid * 4).reshape(grid, 4, grid, 4).transpose(0, 2, 1, 3).reshape(grid * grid, 16)
    count = len(scene.things)
    cover = (cells[:, :, None] == np.arange(count)).sum(1)  # [cells, things]
    best = np.where(cover.max(1, initial=0) >= 3, cover.argmax(1) + 1 if count else 0, 0)
    table = np.zeros((count + 1, 5), np.int64)
    middle = np.zeros((count + 1, 2), np.float32)
    present = np.zeros(len(KINDS), np.float32)
    for i, t in enumerate(scene.things, start=1):
        state = _STATE[t.state] if t.state else 0
        table[i] = _KIND[t.kind], _COLOUR[t.colour], _SIZE[t.size], _PATTERN[t.pattern], state
        middle[i] = t.x, t.y - t.height / 2
        present[_KIND[t.kind] - 1] = 1
    labels = table[best].reshape(grid, grid, 5)
    steps = (np.arange(grid, dtype=np.float32) + 0.5) / grid
    here = np.stack(np.meshgrid(steps, steps), -1)  # [grid, grid, (x, y)]
    centre = np.where((best > 0).reshape(grid, grid, 1), middle[best].reshape(grid, grid, 2) - here, 0)
    named = {name: labels[..., k] for k, name in enumerate(DENSE_CLASSES)}
    facts: dict[str, Any] = {
        "centre": centre.astype(np.float32),
        "setting": np.asarray(_SETTING[scene.setting]),
        "present": present,
    }
    return {**named, **facts}
