"""Food, toys, furniture and small items."""

from __future__ import annotations

import math

from vistune.world.drawing.pen import Pen


def apple(pen: Pen, state: str | None) -> None:
    pen.oval("body", -0.18, 0.42, 0.34, 0.42)
    pen.oval("body", 0.18, 0.42, 0.34, 0.42)
    pen.oval("tint", -0.26, 0.6, 0.08, 0.12)
    pen.line("wood", 0.07, (0, 0.78), (0.05, 1.0))
    pen.polygon("leaf", (0.04, 0.88), (0.22, 1.02), (0.36, 0.9), (0.2, 0.84))
    if state == "bitten":
        pen.oval("cream", 0.5, 0.52, 0.2, 0.22)
        pen.oval("cream", 0.4, 0.32, 0.1)


def banana(pen: Pen, state: str | None) -> None:
    outer = [
        (0.9 * math.cos(a), 0.95 - 0.95 * math.sin(a)) for a in (0.15, 0.5, 0.85, 1.2, 1.57, 1.95, 2.3, 2.65, 2.99)
    ]
    inner = [(0.8 * math.cos(a), 1.02 - 0.62 * math.sin(a)) for a in (2.85, 2.5, 2.0, 1.57, 1.1, 0.6, 0.28)]
    pen.polygon("body", *outer, *inner)
    pen.line("shade", 0.05, *[(0.84 * math.cos(a), 0.98 - 0.78 * math.sin(a)) for a in (0.4, 0.9, 1.57, 2.2, 2.7)])
    pen.oval("wood", 0.88, 0.86, 0.09)
    pen.oval("ink", -0.88, 0.84, 0.06)


def carrot(pen: Pen, state: str | None) -> None:
    pen.polygon(
        "body", (-0.24, 0.7), (-0.16, 0.76), (0.16, 0.76), (0.24, 0.7), (0.2, 0.5), (0.02, 0), (-0.02, 0), (-0.2, 0.5)
    )
    pen.line("shade", 0.03, (-0.18, 0.55), (-0.02, 0.53))
    pen.line("shade", 0.03, (0.16, 0.4), (0.02, 0.38))
    pen.polygon(
        "leaf", (-0.05, 0.72), (-0.26, 0.98), (-0.08, 0.9), (0.0, 1.04), (0.08, 0.9), (0.26, 0.98), (0.05, 0.72)
    )


def cake(pen: Pen, state: str | None) -> None:
    right = 0.16 if state == "cut" else 0.56
    pen.slab("cream", -0.7, 0, 0.7, 0.1, 0.04)
    pen.box("body", -0.56, 0.1, right, 0.58)
    if state == "cut":
        pen.polygon("cream", (right, 0.1), (right + 0.2, 0.1), (right + 0.2, 0.58), (right, 0.58))
        pen.box("shade", right, 0.3, right + 0.2, 0.38)
        right += 0.2
    pen.slab("cream", -0.58, 0.5, right + 0.02, 0.68, 0.06)
    for x in (-0.4, -0.1, 0.2, 0.44):
        if x < right:
            pen.oval("cream", x, 0.5, 0.08)
            pen.box("white_", x - 0.025, 0.66, x + 0.025, 0.86)
            pen.oval("flame", x, 0.92, 0.045, 0.08)


def egg(pen: Pen, state: str | None) -> None:
    if state == "broken":
        pen.oval("white_", 0, 0.12, 0.62, 0.12)
        pen.oval("flame", 0.05, 0.2, 0.2, 0.14)
        pen.polygon(
            "body",
            (-0.62, 0.5),
            (-0.44, 0.38),
            (-0.3, 0.52),
            (-0.14, 0.4),
            (-0.02, 0.54),
            (-0.1, 0.2),
            (-0.3, 0.1),
            (-0.54, 0.2),
        )
        pen.polygon(
            "body",
            (0.62, 0.6),
            (0.46, 0.46),
            (0.32, 0.6),
            (0.18, 0.48),
            (0.14, 0.7),
            (0.24, 0.94),
            (0.46, 0.98),
            (0.6, 0.84),
        )
        return
    pen.oval("body", 0, 0.42, 0.4, 0.42)
    pen.polygon("body", (-0.37, 0.56), (-0.24, 0.88), (-0.08, 0.99), (0.08, 0.99), (0.24, 0.88), (0.37, 0.56))
    pen.oval("tint", -0.14, 0.68, 0.08, 0.13)


def pizza(pen: Pen, state: str | None) -> None:
    cut = state == "cut"
    angles = [0.3 + i * (2 * math.pi - (1.1 if cut else 0.0)) / 20 for i in range(21)]
    for role, r in (("wood", 0.5), ("body", 0.43)):
        rim = [(r * math.cos(a + 0.4), 0.5 + r * math.sin(a + 0.4)) for a in angles]
        pen.polygon(role, *([(0.0, 0.5)] if cut else []), *rim)
    for i, a in enumerate((1.4, 2.3, 3.1, 4.0, 4.8)):
        r = 0.26 + pen.wobble(i, 0.05)
        pen.oval("tomato" if i % 2 else "leaf", r * math.cos(a), 0.5 + r * math.sin(a), 0.07)


def ball(pen: Pen, state: str | None) -> None:
    pen.oval("body", 0, 0.5, 0.5)
    pen.oval("tint", -0.17, 0.7, 0.12, 0.1)
    pen.line("shade", 0.035, (-0.48, 0.46), (-0.2, 0.34), (0.2, 0.34), (0.48, 0.46))


def kite(pen: Pen, state: str | None) -> None:
    pen.line("ink", 0.025, (0, 0.3), (-0.14, 0.2), (0.08, 0.1), (-0.06, 0))
    pen.polygon("body", (0, 1), (0.36, 0.66), (0, 0.24), (-0.36, 0.66))
    pen.polygon("shade", (0, 1), (0.36, 0.66), (0, 0.66))
    pen.polygon("shade", (0, 0.24), (-0.36, 0.66), (0, 0.66))
    for x, y in ((-0.14, 0.2), (0.08, 0.1)):
        pen.polygon("tint", (x - 0.1, y + 0.05), (x - 0.1, y - 0.05), (x + 0.1, y + 0.05), (x + 0.1, y - 0.05))


def drum(pen: Pen, state: str | None) -> None:
    pen.oval("body", 0, 0.2, 0.5, 0.17)
    pen.box("body", -0.5, 0.2, 0.5, 0.68)
    for x in (-0.5, -0.17, 0.17):
        pen.line("cream", 0.03, (x, 0.66), (x + 0.165, 0.1), (x + 0.33, 0.66))
    pen.oval("cream", 0, 0.68, 0.5, 0.18)
    pen.line("wood", 0.05, (-0.1, 0.74), (0.4, 1.0))
    pen.line("wood", 0.05, (0.12, 0.7), (-0.36, 0.98))
    pen.oval("wood", -0.1, 0.74, 0.05)
    pen.oval("wood", 0.12, 0.7, 0.05)


def block(pen: Pen, state: str | None) -> None:
    pen.box("body", -0.48, 0, 0.3, 0.76)
    pen.polygon("tint", (-0.48, 0.76), (-0.28, 0.98), (0.5, 0.98), (0.3, 0.76))
    pen.polygon("shade", (0.3, 0), (0.5, 0.22), (0.5, 0.98), (0.3, 0.76))


def balloon(pen: Pen, state: str | None) -> None:
    pen.line("ink", 0.022, (0, 0.36), (0.05, 0.22), (-0.04, 0.1), (0.02, 0))
    pen.oval("body", 0, 0.7, 0.27, 0.3)
    pen.polygon("shade", (0, 0.42), (-0.06, 0.35), (0.06, 0.35))
    pen.oval("tint", -0.09, 0.82, 0.06, 0.08)


def chair(pen: Pen, state: str | None) -> None:
    for x in (-0.28, 0.2):
        pen.box("shade", x, 0, x + 0.08, 0.45)
    pen.box("body", -0.34, 0.4, 0.34, 0.52)
    pen.slab("body", -0.34, 0.56, 0.34, 1.0, 0.08)
    pen.box("shade", -0.3, 0.5, -0.22, 0.6)
    pen.box("shade", 0.22, 0.5, 0.3, 0.6)


def table(pen: Pen, state: str | None) -> None:
    for x in (-0.72, 0.62):
        pen.box("shade", x, 0, x + 0.1, 0.84)
    for x in (-0.5, 0.42):
        pen.box("shade", x, 0.16, x + 0.08, 0.84)
    pen.polygon("body", (-0.82, 0.78), (0.82, 0.78), (0.72, 1.0), (-0.72, 1.0))
    pen.box("shade", -0.82, 0.7, 0.82, 0.79)


def bed(pen: Pen, state: str | None) -> None:
    pen.slab("wood", -0.95, 0, -0.83, 1.0, 0.05)
    pen.slab("wood", 0.83, 0, 0.95, 0.62, 0.05)
    pen.box("wood", -0.9, 0.16, 0.9, 0.32)
    pen.slab("white_", -0.84, 0.3, 0.84, 0.5, 0.08)
    pen.slab("body", -0.34, 0.22, 0.86, 0.58, 0.08)
    pen.slab("white_", -0.8, 0.48, -0.4, 0.7, 0.08)


def lamp(pen: Pen, state: str | None) -> None:
    if state == "on":
        pen.polygon("glow", (-0.2, 0.66), (0.2, 0.66), (0.46, 0.06), (-0.46, 0.06))
    pen.oval("ink", 0, 0.05, 0.22, 0.05)
    pen.box("ink", -0.03, 0.04, 0.03, 0.66)
    pen.polygon("body", (-0.18, 1.0), (0.18, 1.0), (0.34, 0.6), (-0.34, 0.6))
    pen.oval("flame" if state == "on" else "grey", 0, 0.58, 0.1, 0.07)


def sofa(pen: Pen, state: str | None) -> None:
    pen.box("wood", -0.8, 0, -0.7, 0.14)
    pen.box("wood", 0.7, 0, 0.8, 0.14)
    pen.slab("body", -0.8, 0.3, 0.8, 1.0, 0.16)
    pen.slab("tint", -0.66, 0.36, -0.02, 0.58, 0.07)
    pen.slab("tint", 0.02, 0.36, 0.66, 0.58, 0.07)
    pen.slab("shade", -0.66, 0.1, 0.66, 0.38, 0.06)
    pen.slab("body", -0.98, 0.1, -0.66, 0.66, 0.13)
    pen.slab("body", 0.66, 0.1, 0.98, 0.66, 0.13)


def cup(pen: Pen, state: str | None) -> None:
    pen.oval("shade", 0.42, 0.48, 0.24, 0.26)
    pen.oval("gap", 0.42, 0.48, 0.13, 0.15)
    pen.polygon("body", (-0.44, 0.88), (0.44, 0.88), (0.34, 0.08), (0.24, 0), (-0.24, 0), (-0.34, 0.08))
    pen.oval("tint", 0, 0.88, 0.44, 0.12)
    pen.oval("drink" if state == "full" else "ink", 0, 0.87, 0.36, 0.085)
    if state == "full":
        pen.line("white_", 0.05, (-0.1, 1.0), (-0.04, 1.1), (-0.1, 1.2))
        pen.line("white_", 0.05, (0.1, 1.0), (0.16, 1.1), (0.1, 1.2))


def book(pen: Pen, state: str | None) -> None:
    if state == "open":
        pen.polygon("body", (-0.78, 0.06), (0, 0.0), (0.78, 0.06), (0.72, 0.78), (0, 0.7), (-0.72, 0.78))
        pen.polygon("white_", (-0.68, 0.14), (0, 0.1), (0, 0.76), (-0.64, 0.88))
        pen.polygon("cream", (0.68, 0.14), (0, 0.1), (0, 0.76), (0.64, 0.88))
        for y in (0.3, 0.45, 0.6):
            pen.line("grey", 0.03, (-0.56, y + 0.06), (-0.1, y))
            pen.line("grey", 0.03, (0.1, y), (0.56, y + 0.06))
        return
    pen.slab("body", -0.42, 0, 0.42, 1.0, 0.05)
    pen.box("white_", 0.34, 0.06, 0.46, 0.94)
    pen.box("shade", -0.42, 0, -0.3, 1.0)
    pen.slab("cream", -0.18, 0.6, 0.22, 0.8, 0.03)


def hat(pen: Pen, state: str | None) -> None:
    pen.oval("body", 0, 0.14, 0.82, 0.15)
    pen.polygon("body", (-0.46, 0.14), (-0.42, 0.7), (-0.3, 0.94), (0.0, 1.0), (0.3, 0.94), (0.42, 0.7), (0.46, 0.14))
    pen.polygon("shade", (-0.46, 0.2), (-0.45, 0.4), (0.45, 0.4), (0.46, 0.2))


def shoe(pen: Pen, state: str | None) -> None:
    pen.polygon(
        "body", (-0.62, 0.12), (-0.62, 0.92), (-0.2, 0.92), (-0.1, 0.56), (0.44, 0.44), (0.72, 0.28), (0.74, 0.12)
    )
    pen.slab("cream", -0.68, 0, 0.78, 0.16, 0.07)
    pen.oval("ink", -0.41, 0.91, 0.2, 0.07)
    for x, y in ((-0.12, 0.6), (0.04, 0.54), (0.2, 0.5)):
        pen.line("white_", 0.06, (x - 0.1, y - 0.1), (x + 0.06, y + 0.02))


def umbrella(pen: Pen, state: str | None) -> None:
    pen.line("wood", 0.045, (0, 0.95), (0, 0.1), (0.06, 0.02), (0.14, 0.04), (0.15, 0.12))
    if state == "closed":
        pen.polygon("body", (-0.03, 0.94), (0.03, 0.94), (0.13, 0.34), (0.05, 0.28), (-0.05, 0.28), (-0.13, 0.34))
        pen.line("shade", 0.03, (0, 0.9), (0.03, 0.3))
        return
    dome = [(0.58 * math.cos(t), 0.5 + 0.46 * math.sin(t)) for t in (0, 0.4, 0.8, 1.2, 1.57, 1.95, 2.35, 2.75, 3.1416)]
    hem = [(-0.39, 0.57), (-0.2, 0.5), (0, 0.57), (0.2, 0.5), (0.39, 0.57)]
    pen.polygon("body", *dome, *hem)
    pen.polygon("shade", (0, 0.96), (0.2, 0.5), (0, 0.57), (-0.2, 0.5))
    pen.line("ink", 0.04, (0, 0.94), (0, 1.0))


def box(pen: Pen, state: str | None) -> None:
    if state == "open":
        pen.polygon("ink", (-0.46, 0.64), (-0.3, 0.78), (0.5, 0.78), (0.36, 0.64))
        pen.polygon("tint", (-0.46, 0.64), (-0.3, 0.78), (-0.52, 1.0), (-0.72, 0.84))
        pen.polygon("tint", (0.36, 0.64), (0.5, 0.78), (0.76, 0.96), (0.64, 0.8))
        pen.box("body", -0.46, 0, 0.36, 0.64)
        pen.polygon("shade", (0.36, 0), (0.5, 0.14), (0.5, 0.78), (0.36, 0.64))
        return
    pen.box("body", -0.5, 0, 0.36, 0.7)
    pen.polygon("tint", (-0.5, 0.7), (-0.32, 0.9), (0.54, 0.9), (0.36, 0.7))
    pen.polygon("shade", (0.36, 0), (0.54, 0.2), (0.54, 0.9), (0.36, 0.7))
    pen.polygon("cream", (-0.14, 0.7), (0.04, 0.9), (0.18, 0.9), (0.0, 0.7))
    pen.box("cream", -0.14, 0.46, 0.0, 0.7)
