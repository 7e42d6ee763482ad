"""The page of rooms: views, depth, normals, ids, points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vistune.world.rooms import Camera, Room, ask, long_caption, look, point_cloud, projected_corners, sample_room
from vistune.world.rooms.questions import MAKERS, TWO_VIEW_MAKERS
from vistune.world.rooms.telling import box_words, phrase

SIZE, GAP = 200, 6
#: Colours of ids, far apart.
_IDS = np.array([
    (230, 90, 80), (70, 150, 220), (250, 190, 60), (110, 190, 110), (170, 110, 200), (240, 140, 180), (90, 200, 200), (150, 120, 90),
], np.uint8)  # fmt: skip


def shrink(picture: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def seen(room: Room, camera: int = 0) -> np.ndarray:
    """What a camera takes, softly."""
    return shrink(look(room, camera, 2 * SIZE, 2 * SIZE).rgb)


def layers(room: Room) -> list[np.ndarray]:
    """The picture, its depth, normals, ids, and boxes in space."""
    view = look(room, 0, 2 * SIZE, 2 * SIZE)
    near, far = view.depth.min(), view.depth.max()
    share = ((far - view.depth) / (far - near))[..., None]
    depth = (share * np.array([255, 214, 150]) + (1 - share) * np.array([36, 40, 84])).astype(np.uint8)
    normals = ((view.normals + 1) * 127.5).astype(np.uint8)
    ids = np.where(
        (view.ids >= 0)[..., None],
        _IDS[view.ids % len(_IDS)],
        np.uint8(228) - (view.ids == -2)[..., None] * np.uint8(14),
    )
    return [shrink(view.rgb), shrink(depth), shrink(normals), shrink(ids.astype(np.uint8)), wires(room)]


def wires(room: Room) -> np.ndarray:
    """The oriented boxes over the picture."""
    scale = 2
    picture = Image.fromarray(look(room, 0, scale * SIZE, scale * SIZE).rgb)
    draw = ImageDraw.Draw(picture)
    pixels, depth = projected_corners(room, 0, scale * SIZE, scale * SIZE)
    edges = [(a, b) for a in range(8) for b in range(a) if bin(a ^ b).count("1") == 1]
    for number in range(len(room.things)):
        if depth[number].min() < 0.1:
            continue
        for a, b in edges:
            ends = [tuple(pixels[number, k]) for k in (a, b)]
            draw.line(ends, fill="white", width=5)
        for a, b in edges:
            draw.line(
                [tuple(pixels[number, k]) for k in (a, b)],
                fill=tuple(int(c) for c in _IDS[number % len(_IDS)]),
                width=3,
            )
    return shrink(np.asarray(picture))


def points(room: Room, width: int, height: int) -> np.ndarray:
    """The fused cloud, seen from above a wall that is taken away."""
    cloud = point_cloud(room, 320, 320)
    w, l = room.shell.width, room.shell.length
    camera = Camera((w * 0.5, -2.6, 4.3), (w / 2, l * 0.47, 0.3), 62)
    keep = (cloud["ids"] != -3) & (cloud["points"][:, 1] > 0.02)
    pixels, depth = camera.project(cloud["points"][keep], 2 * width, 2 * height)
    colours = cloud["colours"][keep]
    canvas = np.full((2 * height, 2 * width, 3), (24, 26, 38), np.uint8)
    order = np.argsort(-depth)
    u, v = pixels[order].astype(int).T
    for dx in range(3):
        for dy in range(3):
            fine = (u + dx >= 0) & (u + dx < 2 * width) & (v + dy >= 0) & (v + dy < 2 * height)
            canvas[v[fine] + dy, u[fine] + dx] = colours[order][fine]
    return np.asarray(Image.fromarray(canvas).reduce(2))


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size."""
    joined = []
    for row in rows:
        gap = np.full((SIZE, GAP, 3), 255, np.uint8)
        joined.append(np.concatenate([part for cell in row for part in (cell, gap)][:-1], 1))
    gap = np.full((GAP, joined[0].shape[1], 3), 255, np.uint8)
    Image.fromarray(np.concatenate([part for row in joined for part in (row, gap)][:-1])).save(path, quality=88)


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in [*MAKERS, *TWO_VIEW_MAKERS]:
        asked = next(q for seed in range(500) for q in ask(sample_room(seed, prior="flat"), seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def small(room: Room) -> np.ndarray:
    """64 pixels, enlarged without smoothing: what a nano model gets."""
    return np.asarray(Image.fromarray(look(room).rgb).resize((SIZE, SIZE), Image.Resampling.NEAREST))


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    chosen = (2, 5, 8, 11, 17, 20, 23, 29, 31, 35)
    rooms = [sample_room(seed, min_things=5, max_things=8) for seed in chosen]
    sheet([[seen(room) for room in rooms[:5]], [seen(room) for room in rooms[5:]]], assets / "rooms-views.jpg")
    sheet([layers(room) for room in (rooms[0], rooms[4])], assets / "rooms-layers.jpg")
    candidates = (sample_room(seed, min_things=6, max_things=8, cameras=4) for seed in range(40, 400))
    pair = next(room for room in candidates if len({thing.kind for thing in room.things}) >= 7)
    sheet([[seen(pair, k) for k in range(4)]], assets / "rooms-cameras.jpg")
    Image.fromarray(points(pair, 4 * SIZE + 3 * GAP, 420)).save(assets / "rooms-points.jpg", quality=86)
    sheet([[small(room) for room in rooms[:5]]], assets / "rooms-small.png")
    Image.open(assets / "rooms-small.png").quantize(128).save(assets / "rooms-small.png", optimize=True)
    first = rooms[0]
    return "\n".join(
        [
            "# Rooms in 3D",
            "",
            "A room is a shell, furniture built of boxes, balls, cylinders and cones, and cameras. An exact ray caster gives "
            "colours, depth, normals and instance ids; every pixel leads back to a point in metres.",
            "",
            "![Rooms](../assets/world/rooms-views.jpg)",
            "",
            "At 64 pixels:",
            "",
            "![Rooms at 64 pixels](../assets/world/rooms-small.png)",
            "",
            "## What each pixel knows",
            "",
            "Colour, depth, normals, instances, and the furniture's turned boxes projected back.",
            "",
            "![Colour, depth, normals, ids, boxes](../assets/world/rooms-layers.jpg)",
            "",
            "## Several cameras",
            "",
            "Cameras share one world, so the points of all views fuse (below, one wall taken away), and per-view features "
            "are lifted to voxels by `lift`, as 3D-LLM does.",
            "",
            "![Four views of a room](../assets/world/rooms-cameras.jpg)",
            "",
            "![Points of all views](../assets/world/rooms-points.jpg)",
            "",
            "## In words",
            "",
            f"> {long_caption(first)}",
            "",
            f"The box of {phrase(first.things[0])!r} in words is `{box_words(first, 0)}`: hundredths of the room's sides.",
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make rooms --n 1000 --out data/rooms --annotations",
            "vistune data make rooms --n 1000 --out data/boxes --set 'tasks={ground: 1, dense: 1}' --set cameras=3",
            "```",
            "",
            "`--annotations` writes, for each room, `points.ply` (points, normals, colours, ids), `transforms.json` (NeRF's "
            "form), `pose/N.txt` and `intrinsics.txt` (ScanNet's), and for all `questions.json` (ScanQA's).",
            "",
            "```python",
            "from vistune.world.rooms import ask, backproject, look, sample_room",
            "",
            "room = sample_room(2, cameras=3)",
            "view = look(room, camera=0, height=256, width=256)",
            "points = backproject(view.depth.astype(float), room.cameras[0])",
            "print(points.shape, view.ids.max())",
            "for question in ask(room, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
