"""``Scene -> pixels``: deterministic, anti-aliased by drawing at twice the size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.drawing.backdrop import VARIATIONS, backdrop, mix
from vistune.world.drawing.catalogue import extent, unit_shapes
from vistune.world.drawing.parallax import slide
from vistune.world.drawing.pen import Shape
from vistune.world.labels import writing
from vistune.world.places import PLACES
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME

Colour = tuple[int, int, int]
SCALE = 2

FIXED: dict[str, Colour] = {
    "ink": (52, 46, 56), "white_": (252, 252, 250), "pink_": (246, 166, 178), "orange_": (246, 160, 50),
    "cream": (250, 238, 212), "wood": (156, 104, 62), "leaf": (92, 168, 84), "flame": (255, 214, 90), "glow": (255, 244, 176),
    "grey": (170, 172, 180), "glass": (196, 228, 246), "tomato": (214, 70, 54), "drink": (122, 78, 48), "pot": (196, 110, 70),
    "navy": (62, 72, 112), "skin_a": (250, 214, 180), "skin_b": (214, 158, 112), "skin_c": (138, 92, 64),
    "hair_a": (92, 58, 36), "hair_b": (38, 32, 36), "hair_c": (222, 172, 84),
}  # fmt: skip


def render(scene: Scene, size: int = 64) -> NDArray[np.uint8]:
    """The picture of a scene: uint8 ``[size, size, 3]``.

    Raises:
        ConfigError: ``size`` is less than one pixel.
    """
    if size < 1:
        raise ConfigError(f"A picture of {size} x {size} pixels cannot be drawn: give a size of 1 or more.")
    canvas = backdrop(scene.setting, size * SCALE, scene.seed % VARIATIONS)
    if scene.camera:
        canvas = slide(canvas, scene.setting, scene.camera)
    draw = ImageDraw.Draw(canvas)
    for index in draw_order(scene):
        _paint(canvas, draw, scene.things[index], scene.setting, size * SCALE)
    pixels = np.asarray(canvas.reduce(SCALE))
    return np.minimum(pixels * np.float32(scene.light), 255).astype(np.uint8)


def draw_order(scene: Scene) -> list[int]:
    """Indices of the things from the farthest to the nearest."""
    return sorted(range(len(scene.things)), key=lambda i: -scene.things[i].depth)


def placed_shapes(thing: Thing, size: int) -> list[tuple[Shape, list[tuple[float, float]], float]]:
    """Each shape of a thing with its points in pixels of a ``size`` canvas, and its line width."""
    scale = thing.height * size
    x0, y0 = thing.x * size, thing.y * size
    sx = -scale if thing.flip else scale
    return [
        (shape, [(x0 + sx * x, y0 - scale * y) for x, y in shape.points], shape.width * scale)
        for shape in unit_shapes(thing.kind, thing.state, thing.variant)
    ]


def stamp(
    draw: ImageDraw.ImageDraw, shape: Shape, points: list, width: float, fill, outline=None, edge: int = 1
) -> None:
    """Draw one shape in one colour."""
    if shape.op == "polygon":
        draw.polygon(points, fill, outline, edge)
    elif shape.op == "ellipse":
        (ax, ay), (bx, by) = points
        draw.ellipse((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), fill, outline, edge)
    else:
        draw.line(points, fill, max(1, round(width)), joint="curve")


@lru_cache(maxsize=4096)
def palette(colour: str, variant: int) -> dict[str, Colour]:
    """Colour of each role for a thing: the named one, a little varied, its darker and lighter kin, fixed roles."""
    base = COLOURS[colour]
    body = mix(base, (0, 0, 0) if variant % 2 else (255, 255, 255), 0.015 * (variant % 5))
    dark = mix(body, (0, 0, 0), 0.22 if colour != "black" else 0.0)
    if colour == "black":
        dark = mix(body, (255, 255, 255), 0.12)
    return {
        **FIXED,
        "body": body,
        "shade": dark,
        "tint": mix(body, (255, 255, 255), 0.35 if colour != "white" else 0.0),
        "outline": mix(body, (20, 16, 30), 0.62),
        "accent": mix(body, (255, 255, 255), 0.72)
        if colour not in ("white", "yellow")
        else mix(body, (60, 60, 80), 0.5),
    }


#: Cells on a side of a kept pattern: more than the longest thing has of the finest pattern.
_CELLS = 16
#: Patterns whose cells are larger than this (pixels) are drawn anew, as much as is needed: kept, they fill the memory.
_KEPT_PITCH = 24


def pattern_mask(pattern: str, pitch: int, wide: int, high: int) -> Image.Image:
    """Where the accent colour of a pattern lies: an ``L`` picture of 0 and 255, at least ``wide`` x ``high``."""
    cells = max(wide, high) // pitch + 1
    if pitch <= _KEPT_PITCH and cells <= _CELLS:
        return _kept_pattern(pattern, pitch)
    return _draw_pattern(pattern, pitch, cells)


def _draw_pattern(pattern: str, pitch: int, cells: int) -> Image.Image:
    side = pitch * cells
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    for i in range(cells):
        if pattern == "striped":
            draw.rectangle((0, i * pitch, side, i * pitch + pitch * 0.42), 255)
            continue
        for j in range(cells):
            x, y = j * pitch + (i % 2) * pitch / 2, i * pitch
            if pattern == "spotted":
                draw.ellipse((x, y, x + pitch * 0.52, y + pitch * 0.52), 255)
            elif (i + j) % 2:
                draw.rectangle((j * pitch, i * pitch, j * pitch + pitch - 1, i * pitch + pitch - 1), 255)
    return mask


@lru_cache(maxsize=3 * _KEPT_PITCH)
def _kept_pattern(pattern: str, pitch: int) -> Image.Image:
    return _draw_pattern(pattern, pitch, _CELLS)


_PITCH = {"striped": 0.2, "spotted": 0.22, "checked": 0.15}


def _paint(canvas: Image.Image, draw: ImageDraw.ImageDraw, thing: Thing, setting: str, size: int) -> None:
    colours = palette(thing.colour, thing.variant)
    _shadow(draw, thing, setting, size)
    edge = max(1, size // 160)
    outline = colours["outline"]
    for shape, points, width in placed_shapes(thing, size):
        if shape.role == "gap":
            stamp(draw, shape, points, width, mix(PLACES[setting].ground, (255, 255, 255), 0.25), outline, edge)
        elif shape.role == "glow":
            stamp(draw, shape, points, width, colours["glow"])
        elif shape.role == "body" and thing.pattern != "plain" and shape.op != "line":
            _patterned(canvas, thing, shape, points, colours, size)
            stamp(draw, shape, points, width, None, outline, edge)
        elif shape.role in ("body", "shade") and shape.op == "line":
            stamp(draw, shape, points, width + 2 * edge, outline)
            stamp(draw, shape, points, width, colours[shape.role])
        else:
            stamp(draw, shape, points, width, colours[shape.role], outline, edge)
    if thing.label is not None:
        _write(draw, thing, size, edge)


def _write(draw: ImageDraw.ImageDraw, thing: Thing, size: int, edge: int) -> None:
    written = writing(thing, size)
    draw.rounded_rectangle(written.plate, size / 80, FIXED["white_"], FIXED["ink"], edge)
    draw.text(written.origin, written.text, FIXED["ink"], written.font)


def _patterned(
    canvas: Image.Image, thing: Thing, shape: Shape, points: list, colours: dict[str, Colour], size: int
) -> None:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    left, top = int(min(xs)), int(min(ys))
    wide, high = int(max(xs)) - left + 2, int(max(ys)) - top + 2
    mask = Image.new("L", (wide, high))
    stamp(ImageDraw.Draw(mask), shape, [(x - left, y - top) for x, y in points], 0, 255)
    pitch = max(4, round(_PITCH[thing.pattern] * thing.height * size))
    accents = pattern_mask(thing.pattern, pitch, wide, high).crop((0, 0, wide, high))
    box = (left, top, left + wide, top + high)
    canvas.paste(colours["body"], box, mask)
    canvas.paste(colours["accent"], box, ImageChops.multiply(mask, accents))


def _shadow(draw: ImageDraw.ImageDraw, thing: Thing, setting: str, size: int) -> None:
    """A darker patch under what stands; a ring of water under a boat on dry land."""
    place = PLACES[setting]
    kind = KIND_BY_NAME[thing.kind]
    if kind.place == "sky" and thing.state != "resting":
        return
    x0, _, x1, _ = extent(thing.kind, thing.state, thing.variant)
    half = max(-x0, x1) * thing.height * size
    x, y = thing.x * size, thing.y * size
    floats = kind.place == "water"
    colour = place.water_colour if floats else mix(place.ground, (60, 50, 60), 0.28)
    if thing.support is not None:
        return
    if floats and place.water is None:
        draw.ellipse((x - half * 1.15, y - half * 0.28, x + half * 1.15, y + half * 0.3), colour, (250, 250, 255))
    elif floats:
        draw.ellipse((x - half, y - half * 0.1, x + half, y + half * 0.16), mix(colour, (255, 255, 255), 0.5))
    else:
        draw.ellipse((x - half * 0.95, y - half * 0.14, x + half * 0.95, y + half * 0.14), colour)
