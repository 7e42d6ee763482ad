"""The table from the front and above, drawn from back to front."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.world.tabletop.table import Item, Table
from vistune.world.vocabulary import COLOURS as RGB

_SCALE = 3
_WALL, _FLOOR = (228, 226, 220), (196, 178, 156)
_TOP, _SIDE, _LINE = (222, 196, 150), (176, 142, 96), (90, 70, 50)
#: The table's corners on the picture: half widths and heights of the near and the far edge.
_NEAR, _FAR, _NEAR_Y, _FAR_Y = 0.46, 0.36, 0.9, 0.36
#: Drawn height of a thing of level 0, in shares of the picture, and of the gripper's way down.
_TALL, _AIR = {"block": 0.085, "bowl": 0.06, "cup": 0.1, "ball": 0.075}, 0.2
#: What lies in a bowl is drawn so much smaller.
_SMALLER = 0.85
Point = tuple[float, float]


def on_picture(x: float, y: float) -> tuple[float, float, float]:
    """Where a place on the table is on the picture, and how much larger things are there than in the middle."""
    half = _NEAR + (_FAR - _NEAR) * y
    return 0.5 + (2 * x - 1) * half, _NEAR_Y + (_FAR_Y - _NEAR_Y) * y, half / 0.41


def render(table: Table, size: int = 128) -> NDArray[np.uint8]:
    """``[size, size, 3]``."""
    big = size * _SCALE
    canvas = _ground(big).copy()
    draw = ImageDraw.Draw(canvas)
    shaded = _shaded(table)
    order = sorted(range(len(table.items)), key=lambda k: (-_root(table, k).y, table.level(k)))
    # Nearer things hide the gripper's shadow on the table.
    before = 0 if shaded is not None else sum(_root(table, k).y >= table.y for k in order)
    for place, k in enumerate(order):
        if shaded is None and place == before:
            _shadow(draw, big, table, 0.0)
        if k != table.held:
            _item(draw, big, table.items[k], *_lifted(table, k))
            _bowl_front(draw, big, table, k)
        if k == shaded:
            (lift, inside), kind = _lifted(table, k), table.items[k].kind
            _shadow(draw, big, table, lift + _TALL[kind] * _TOPS[kind] * (_SMALLER if inside else 1.0))
    if shaded is None and before == len(order):
        _shadow(draw, big, table, 0.0)
    _gripper(draw, big, table)
    return np.asarray(canvas.resize((size, size), Image.Resampling.BOX))


def _shaded(table: Table) -> int | None:
    """The topmost thing that the gripper is over: its shadow falls there, else on the table."""
    over = [
        (table.level(k), -math.hypot(item.x - table.x, item.y - table.y), k)
        for k, item in enumerate(table.items)
        if k != table.held and math.hypot(item.x - table.x, item.y - table.y) < 0.8 * item.radius
    ]
    return max(over)[2] if over else None


def _root(table: Table, index: int) -> Item:
    item = table.items[index]
    return item if item.on is None else _root(table, item.on)


def _lifted(table: Table, index: int) -> tuple[float, bool]:
    """How far above the table a thing is drawn, and whether it lies in a bowl."""
    below = table.items[index].on
    if below is None:
        return 0.0, False
    base = table.items[below]
    inside = base.kind == "bowl"
    return _lifted(table, below)[0] + (0.008 if inside else _TALL[base.kind] * 0.92), inside


@lru_cache(maxsize=8)
def _ground(big: int) -> Image.Image:
    canvas = Image.new("RGB", (big, big), _WALL)
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0.42 * big, big, big), fill=_FLOOR)
    corners = [on_picture(x, y)[:2] for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    top = [(x * big, y * big) for x, y in corners]
    side = [top[0], top[1], (top[1][0], top[1][1] + 0.06 * big), (top[0][0], top[0][1] + 0.06 * big)]
    draw.polygon(side, fill=_SIDE, outline=_LINE)
    draw.polygon(top, fill=_TOP, outline=_LINE)
    for k in range(1, 6):
        a, b = on_picture(k / 6, 0), on_picture(k / 6, 1)
        draw.line((a[0] * big, a[1] * big, b[0] * big, b[1] * big), fill=(212, 184, 136), width=max(1, big // 200))
    return canvas


def _shade(rgb: tuple[int, int, int], by: float) -> tuple[int, int, int]:
    r, g, b = (max(0, min(255, round(v * by))) for v in rgb)
    return r, g, b


def _ellipse(draw: ImageDraw.ImageDraw, big: int, at: Point, rx: float, ry: float, fill, line=_LINE) -> None:
    x, y = at
    box = ((x - rx) * big, (y - ry) * big, (x + rx) * big, (y + ry) * big)
    draw.ellipse(box, fill=fill, outline=line, width=max(1, big // 160))


def _item(draw: ImageDraw.ImageDraw, big: int, item: Item, lift: float, inside: bool) -> None:
    x, y, scale = on_picture(item.x, item.y)
    y -= lift * scale
    scale *= _SMALLER if inside else 1.0
    r, tall = item.radius * 0.82 * scale, _TALL[item.kind] * scale
    if lift == 0:
        _ellipse(draw, big, (x + 0.01, y + 0.004), r * 1.15, r * 0.5, (170, 144, 104), None)
    _SHAPES[item.kind](draw, big, (x, y), r, tall, RGB[item.colour])


def _block(draw: ImageDraw.ImageDraw, big: int, at: Point, r: float, tall: float, rgb: tuple[int, int, int]) -> None:
    x, y = at
    deep, width = r * 0.55, max(1, big // 160)
    front = ((x - r) * big, (y + deep / 2 - tall) * big, (x + r) * big, (y + deep / 2) * big)
    draw.rectangle(front, fill=_shade(rgb, 0.85), outline=_LINE, width=width)
    low, high = y + deep / 2 - tall, y - deep / 2 - tall
    top = [(x - r, low), (x + r, low), (x + r * 0.86, high), (x - r * 0.86, high)]
    draw.polygon([(a * big, b * big) for a, b in top], fill=_shade(rgb, 1.12), outline=_LINE)


def _bowl(draw: ImageDraw.ImageDraw, big: int, at: Point, r: float, tall: float, rgb: tuple[int, int, int]) -> None:
    x, y = at
    draw.pieslice(
        ((x - r) * big, (y - 2 * tall) * big, (x + r) * big, (y + tall * 0.35) * big), 0, 180, fill=_shade(rgb, 0.85),
        outline=_LINE, width=max(1, big // 160),
    )  # fmt: skip
    _ellipse(draw, big, (x, y - 0.82 * tall), r, r * 0.42, rgb)
    _ellipse(draw, big, (x, y - 0.78 * tall), r * 0.8, r * 0.3, _shade(rgb, 0.6))


def _bowl_front(draw: ImageDraw.ImageDraw, big: int, table: Table, index: int) -> None:
    """The front wall of the bowl that a thing lies in, before the thing."""
    below = table.items[index].on
    if below is None or table.items[below].kind != "bowl":
        return
    bowl, lift = table.items[below], _lifted(table, below)[0]
    x, y, scale = on_picture(bowl.x, bowl.y)
    y -= lift * scale
    r, tall = bowl.radius * 0.82 * scale, _TALL["bowl"] * scale
    turns = [math.pi * k / 24 for k in range(25)]
    wall = [(x + r * math.cos(t), y - 0.825 * tall + 1.175 * tall * math.sin(t)) for t in turns]
    wall += [(x - r * math.cos(t), y - 0.82 * tall + r * 0.42 * math.sin(t)) for t in turns]
    corners = [(a * big, b * big) for a, b in wall]
    draw.polygon(corners, fill=_shade(RGB[bowl.colour], 0.85))
    draw.line([*corners, corners[0]], fill=_LINE, width=max(1, big // 160))


def _cup(draw: ImageDraw.ImageDraw, big: int, at: Point, r: float, tall: float, rgb: tuple[int, int, int]) -> None:
    x, y = at
    width = max(1, big // 160)
    handle = ((x + r * 0.6) * big, (y - tall * 0.85) * big, (x + r * 1.5) * big, (y - tall * 0.25) * big)
    draw.ellipse(handle, outline=_shade(rgb, 0.7), width=3 * width)
    wall = [(x - r, y - tall), (x + r, y - tall), (x + r * 0.75, y), (x - r * 0.75, y)]
    draw.polygon([(a * big, b * big) for a, b in wall], fill=rgb, outline=_LINE)
    _ellipse(draw, big, (x, y), r * 0.75, r * 0.25, rgb, None)
    _ellipse(draw, big, (x, y - tall), r, r * 0.34, _shade(rgb, 0.65))


def _ball(draw: ImageDraw.ImageDraw, big: int, at: Point, r: float, tall: float, rgb: tuple[int, int, int]) -> None:
    x, y = at
    half = min(r, tall / 2) * 1.05
    _ellipse(draw, big, (x, y - half), half, half, rgb)
    _ellipse(
        draw,
        big,
        (x - half * 0.3, y - half * 1.35),
        half * 0.3,
        half * 0.22,
        _shade(rgb, 1.25) if max(rgb) < 200 else (255, 250, 240),
        None,
    )


_SHAPES = {"block": _block, "bowl": _bowl, "cup": _cup, "ball": _ball}
#: Where the gripper's shadow falls on a thing, in shares of its height: a bowl's inside is lower than its rim.
_TOPS = {"block": 1.0, "bowl": 0.7, "cup": 1.0, "ball": 0.9}


def _shadow(draw: ImageDraw.ImageDraw, big: int, table: Table, lift: float) -> None:
    """The gripper's shadow, ``lift`` above the table; darker than what it falls on."""
    x, y, scale = on_picture(table.x, table.y)
    _ellipse(
        draw, big, (x, y - lift * scale), 0.022 * scale, 0.01 * scale, (150, 126, 92) if lift == 0 else _LINE, None
    )


def _gripper(draw: ImageDraw.ImageDraw, big: int, table: Table) -> None:
    """Its shadow tells where it is, its height how far above."""
    x, y, scale = on_picture(table.x, table.y)
    raised = y - 0.03 * scale - _AIR * table.z
    if table.held is not None:
        _item(draw, big, table.items[table.held], (_AIR * table.z + 0.012) / scale, False)
    tip = raised - (0.045 * scale if table.held is not None else 0.0)
    wide = (0.03 if table.held is not None else 0.014 if table.closed else 0.04) * scale
    steel, width = (70, 74, 84), max(1, big // 160)
    draw.rectangle(
        ((x - 0.012 * scale) * big, 0, (x + 0.012 * scale) * big, (tip - 0.06 * scale) * big),
        fill=(120, 124, 134),
        outline=steel,
        width=width,
    )
    palm = (
        (x - 0.05 * scale) * big,
        (tip - 0.075 * scale) * big,
        (x + 0.05 * scale) * big,
        (tip - 0.045 * scale) * big,
    )
    draw.rounded_rectangle(palm, 0.01 * big, fill=(95, 99, 110), outline=steel, width=width)
    for side in (-1, 1):
        a = x + side * wide
        finger = sorted((a, a + side * 0.014 * scale))
        draw.rectangle(
            (finger[0] * big, (tip - 0.05 * scale) * big, finger[1] * big, tip * big),
            fill=(95, 99, 110),
            outline=steel,
            width=width,
        )
