"""What sights are drawn with: a brush that knows which part it draws, and the ground that all stand on."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw

from vistune.world.vocabulary import COLOURS

LINE = (72, 58, 48)
SKIN = ((244, 206, 170), (214, 160, 116), (150, 102, 66), (104, 68, 44))
RGB = tuple[int, int, int]
Points = list[tuple[float, float]]


class Brush:
    """Draws in shares of the picture, mirrored if ``flip``.

    ``kinds``: what each part is that was begun, from part 1; part 0 is the ground. With ``labelled``, ``labels`` has the
    part that is seen at each pixel.
    """

    def __init__(self, size: int, flip: bool, labelled: bool = False) -> None:
        self.size, self.flip = size, flip
        self.canvas = Image.new("RGB", (size, size))
        self.draw = ImageDraw.Draw(self.canvas)
        self.width = max(1, size // 110)
        self.kinds: list[str] = []
        self.labels = Image.new("L", (size, size)) if labelled else None
        self._marks = None if self.labels is None else ImageDraw.Draw(self.labels)
        self._part = 0

    def begin(self, kind: str) -> None:
        """What is drawn from now on is a new part of this kind."""
        self.kinds.append(kind)
        self._part = len(self.kinds)

    def more(self, kind: str) -> None:
        """What is drawn from now on belongs to the last part of this kind."""
        self._part = len(self.kinds) - self.kinds[::-1].index(kind)

    def end(self) -> None:
        """What is drawn from now on is ground."""
        self._part = 0

    def _at(self, points: Points) -> Points:
        return [((1 - x if self.flip else x) * self.size, y * self.size) for x, y in points]

    def shape(self, points: Points, fill: RGB, line: RGB | None = LINE) -> None:
        """A polygon."""
        self.draw.polygon(self._at(points), fill=fill, outline=line, width=self.width if line else 0)
        if self._marks is not None:
            self._marks.polygon(self._at(points), fill=self._part)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: RGB, line: RGB | None = LINE) -> None:
        """An ellipse about a place."""
        ((cx, cy),) = self._at([(x, y)])
        s = self.size
        around = (cx - rx * s, cy - ry * s, cx + rx * s, cy + ry * s)
        self.draw.ellipse(around, fill=fill, outline=line, width=self.width)
        if self._marks is not None:
            self._marks.ellipse(around, fill=self._part)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: RGB, line: RGB | None = LINE) -> None:
        """A rectangle."""
        self.shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, line)

    def stroke(self, points: Points, fill: RGB = LINE, thick: float = 1.0) -> None:
        """A line through points."""
        width = max(1, round(self.width * thick))
        self.draw.line(self._at(points), fill=fill, width=width, joint="curve")
        if self._marks is not None:
            self._marks.line(self._at(points), fill=self._part, width=width, joint="curve")

    def covered(self, points: Points, colour: str, pattern: str) -> None:
        """A polygon in a colour, with stripes or spots of a darker shade."""
        rgb = COLOURS[colour]
        mask = Image.new("L", self.canvas.size)
        ImageDraw.Draw(mask).polygon(self._at(points), fill=255)
        cloth = Image.new("RGB", self.canvas.size, rgb)
        pen, s = ImageDraw.Draw(cloth), self.size
        dark: RGB = shade(rgb, 0.55) if sum(rgb) > 160 else (150, 150, 155)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        gap = max(0.045, (max(ys) - min(ys)) / 7)
        if pattern == "striped":
            y = min(ys) + gap / 2
            while y < max(ys):
                pen.rectangle((0, y * s, s, (y + gap * 0.4) * s), fill=dark)
                y += gap
        elif pattern == "spotted":
            for k in range(30):
                for m in range(30):
                    x, y = min(xs) + (k + 0.5 * (m % 2)) * gap, min(ys) + (m + 0.4) * gap
                    if x < max(xs) and y < max(ys):
                        x = 1 - x if self.flip else x
                        pen.ellipse(
                            ((x - gap / 4) * s, (y - gap / 4) * s, (x + gap / 4) * s, (y + gap / 4) * s), fill=dark
                        )
        self.canvas.paste(cloth, (0, 0), mask)
        self.draw.polygon(self._at(points), outline=LINE, width=self.width)
        if self._marks is not None:
            self._marks.polygon(self._at(points), fill=self._part)


def shade(rgb: RGB, by: float) -> RGB:
    """Darker or lighter."""
    r, g, b = (max(0, min(255, round(v * by))) for v in rgb)
    return r, g, b


def round_(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0) -> Points:
    """Points of an arc, degrees clockwise from the right."""
    turns = [math.radians(start + (end - start) * k / 28) for k in range(29)]
    return [(x + rx * math.cos(t), y + ry * math.sin(t)) for t in turns]


def outside(b: Brush, rng: random.Random, sky: RGB = (188, 222, 240)) -> float:
    """Sky, ground and hills; -> the height of the horizon."""
    horizon = 0.55 + 0.12 * rng.random()
    ground = rng.choice([(168, 198, 122), (206, 188, 138), (178, 190, 150), (190, 172, 140)])
    if sum(sky) < 300:
        ground = shade(ground, 0.55)
    b.box(0, 0, 1, 1, sky, None)
    for k in range(3):
        x = (k + rng.random()) / 3
        b.oval(x, horizon + 0.03, 0.2 + 0.12 * rng.random(), 0.08 + 0.07 * rng.random(), shade(ground, 0.88), None)
    b.box(0, horizon, 1, 1, ground, None)
    return horizon
