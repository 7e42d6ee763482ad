"""The plan of a house as a picture: rooms, doors in their colours, furniture from above, a walk."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.drawing.backdrop import mix
from vistune.world.fonts import face
from vistune.world.houses.fittings import ROOM_KINDS
from vistune.world.houses.house import DOOR_WIDTH, House, Space
from vistune.world.rooms.furniture import SOFT

_PAPER, _INK = (250, 248, 243), (70, 66, 74)
#: The floor of each kind of room has its own colour on plans.
_FLOORS = dict(
    zip(
        ROOM_KINDS,
        ((236, 226, 206), (252, 226, 170), (206, 226, 196), (240, 206, 190), (208, 208, 236), (190, 226, 238), (222, 212, 188), (246, 206, 224)),
    )
)  # fmt: skip
#: Names are written where letters are at least this high, in pixels.
_LEAST = 7


def render_plan(
    house: House, size: int = 256, way: tuple[int, ...] = (), *, furniture: bool = True, graph: bool = False
) -> NDArray[np.uint8]:
    """The plan, north up: uint8 ``[size, size, 3]``; ``way``: viewpoints of a walk; ``graph``: all edges between them.

    Raises:
        ConfigError: ``size`` is less than one pixel.
    """
    if size < 1:
        raise ConfigError(f"A picture of {size} x {size} pixels cannot be drawn: give a size of 1 or more.")
    fine = 4 if size < 200 else 2
    side = size * fine
    picture = Image.new("RGB", (side, side), _PAPER)
    draw = ImageDraw.Draw(picture)
    width, length = house.size
    scale = side * 0.92 / max(width, length)
    left, top = (side - width * scale) / 2, (side - length * scale) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * scale, top + (length - y) * scale

    wall = max(0.11 * scale, fine)
    for room in house.rooms:
        draw.rectangle((*at(room.x0, room.y1), *at(room.x1, room.y0)), fill=_FLOORS[room.kind])
    if furniture:
        _furniture(draw, house, at, scale)
    for room in house.rooms:
        corners = [at(room.x0, room.y0), at(room.x1, room.y0), at(room.x1, room.y1), at(room.x0, room.y1)]
        for a, b in zip(corners, corners[1:] + corners[:1]):
            draw.line((a, b), fill=_INK, width=round(wall))
            draw.ellipse((a[0] - wall / 2, a[1] - wall / 2, a[0] + wall / 2, a[1] + wall / 2), fill=_INK)
    _doors(draw, house, at, wall)
    if graph:
        for a, b in house.edges:
            ends = [at(house.viewpoints[k].x, house.viewpoints[k].y) for k in (a, b)]
            draw.line(ends, fill=(120, 130, 160), width=max(1, round(0.04 * scale)))
        for point in house.viewpoints:
            _dot(draw, at(point.x, point.y), 0.1 * scale, (90, 100, 140))
    _way(draw, house, way, at, scale)
    _names(draw, house, way, at, scale, fine)
    return np.asarray(picture.reduce(fine))


At = Callable[[float, float], tuple[float, float]]


def _furniture(draw: ImageDraw.ImageDraw, house: House, at: At, scale: float) -> None:
    for thing in sorted(house.things, key=lambda t: (t.kind != "rug", t.z)):
        if thing.z > 1.2:
            continue
        colour = mix(SOFT[thing.colour], (255, 255, 255), 0.35 if thing.kind != "rug" else 0.6)
        outline = mix(SOFT[thing.colour], (60, 55, 60), 0.45)
        corners = [at(float(x), float(y)) for x, y in thing.footprint()]
        draw.polygon(corners, fill=colour, outline=outline, width=max(1, round(0.03 * scale)))


def _doors(draw: ImageDraw.ImageDraw, house: House, at: At, wall: float) -> None:
    """A gap in the wall with a bar in the door's colour."""
    half = DOOR_WIDTH / 2
    for door in house.doors:
        x, y = door.position
        dx, dy = (0.0, half) if door.axis == 0 else (half, 0.0)
        ends = at(x - dx, y - dy), at(x + dx, y + dy)
        draw.line(ends, fill=_INK, width=round(wall * 2.3))
        draw.line(ends, fill=SOFT[door.colour], width=round(wall * 1.7))


def _names(draw: ImageDraw.ImageDraw, house: House, way: tuple[int, ...], at: At, scale: float, fine: int) -> None:
    """What each room is, where it is large enough to be read; beside the walk where there is room."""
    pixels = round(min(0.42 * scale, 26 * fine))
    if pixels < _LEAST * fine:
        return
    font = face("sans", pixels, bold=True)
    walked = _along(house, way)
    for room in house.rooms:
        across = draw.textlength(room.kind, font=font)
        lines = room.kind.split() if across > 0.9 * (room.x1 - room.x0) * scale else [room.kind]
        widest = max(draw.textlength(line, font=font) for line in lines)
        x, y = at(*_beside(room, walked, widest / scale, len(lines) * 1.05 * pixels / scale))
        for k, line in enumerate(lines):
            place = x, y + (k - (len(lines) - 1) / 2) * pixels * 1.05
            draw.text(
                place,
                line,
                font=font,
                fill=_INK,
                anchor="mm",
                stroke_width=max(1, fine),
                stroke_fill=_FLOORS[room.kind],
            )


def _along(house: House, way: tuple[int, ...]) -> NDArray[np.float64]:
    """Places along a walk, at most a few centimetres apart, in metres: ``[places, 2]``."""
    steps = [np.zeros((0, 2))]
    for a, b in pairwise(house.viewpoints[k] for k in way):
        steps.append(np.linspace((a.x, a.y), (b.x, b.y), 80))
    return np.concatenate(steps)


def _beside(room: Space, walked: NDArray[np.float64], wide: float, high: float) -> tuple[float, float]:
    """The middle of a name of ``wide`` x ``high`` metres: the room's own, or the nearest to it that the walk leaves free."""
    x, y = room.middle
    spare = [max(0.0, (side - name) / 2 - 0.2) for side, name in ((room.x1 - room.x0, wide), (room.y1 - room.y0, high))]
    shares = np.linspace(-1, 1, 9)
    places = sorted(
        ((x + a * spare[0], y + b * spare[1]) for a in shares for b in shares), key=lambda p: math.dist(p, (x, y))
    )
    # The dots at the ends are wider than the line.
    reach = np.array([wide, high]) / 2 + 0.3

    def covered(place: tuple[float, float]) -> int:
        return int((np.abs(walked - np.array(place)) < reach).all(1).sum())

    return min(places, key=covered)


def _dot(draw: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, fill: tuple[int, int, int]) -> None:
    x, y = at
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _way(draw: ImageDraw.ImageDraw, house: House, way: tuple[int, ...], at: At, scale: float) -> None:
    """A line with a white rim from a ring (the start) to a red flag's dot (the end)."""
    if not way:
        return
    points = [at(house.viewpoints[k].x, house.viewpoints[k].y) for k in way]
    thick = max(2, round(0.13 * scale))
    for fill, extra in (((255, 255, 255), 1.7), ((36, 60, 160), 1.0)):
        draw.line(points, fill=fill, width=round(thick * extra), joint="curve")
    _dot(draw, points[0], 0.26 * scale, (36, 60, 160))
    _dot(draw, points[0], 0.15 * scale, (255, 255, 255))
    _dot(draw, points[-1], 0.28 * scale, (255, 255, 255))
    _dot(draw, points[-1], 0.22 * scale, (214, 40, 50))
