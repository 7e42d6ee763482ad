"""Vehicles and plants."""

from __future__ import annotations

from vistune.world.drawing.pen import Pen


def _wheel(pen: Pen, x: float, r: float) -> None:
    pen.oval("ink", x, r, r)
    pen.oval("grey", x, r, r * 0.45)


def car(pen: Pen, state: str | None) -> None:
    pen.polygon("body", (-0.56, 0.52), (-0.34, 1.0), (0.3, 1.0), (0.58, 0.52))
    pen.polygon("glass", (-0.42, 0.56), (-0.27, 0.9), (-0.04, 0.9), (-0.04, 0.56))
    pen.polygon("glass", (0.06, 0.56), (0.06, 0.9), (0.24, 0.9), (0.44, 0.56))
    pen.slab("body", -0.98, 0.16, 0.98, 0.6, 0.14)
    pen.oval("flame", 0.92, 0.42, 0.06, 0.08)
    _wheel(pen, -0.55, 0.22)
    _wheel(pen, 0.55, 0.22)


def bus(pen: Pen, state: str | None) -> None:
    pen.slab("body", -0.95, 0.12, 0.95, 1.0, 0.12)
    for i in range(4):
        pen.box("glass", -0.82 + i * 0.36, 0.56, -0.56 + i * 0.36, 0.86)
    pen.box("glass", 0.66, 0.34, 0.88, 0.86)
    pen.box("shade", -0.95, 0.36, 0.6, 0.44)
    _wheel(pen, -0.55, 0.16)
    _wheel(pen, 0.5, 0.16)


def truck(pen: Pen, state: str | None) -> None:
    if state == "full":
        for x, y, r in ((-0.6, 0.66, 0.2), (-0.25, 0.72, 0.24), (0.08, 0.64, 0.18)):
            pen.oval("wood", x, y, r)
    pen.polygon("shade", (-0.95, 0.66), (-0.88, 0.24), (0.28, 0.24), (0.28, 0.66))
    pen.polygon("body", (0.32, 0.2), (0.32, 1.0), (0.66, 1.0), (0.84, 0.6), (0.95, 0.56), (0.95, 0.2))
    pen.polygon("glass", (0.46, 0.6), (0.46, 0.88), (0.62, 0.88), (0.74, 0.6))
    pen.box("body", -0.95, 0.18, 0.95, 0.34)
    pen.oval("flame", 0.92, 0.44, 0.05)
    for x in (-0.66, -0.24, 0.6):
        _wheel(pen, x, 0.17)


def boat(pen: Pen, state: str | None) -> None:
    pen.box("wood", -0.04, 0.3, 0.04, 1.0)
    pen.polygon("white_", (0.08, 0.96), (0.62, 0.4), (0.08, 0.4))
    pen.polygon("cream", (-0.08, 0.9), (-0.46, 0.4), (-0.08, 0.4))
    pen.polygon("body", (-0.8, 0.34), (0.86, 0.34), (0.6, 0.0), (-0.56, 0.0))
    pen.polygon("shade", (-0.8, 0.34), (0.86, 0.34), (0.82, 0.26), (-0.74, 0.26))


def plane(pen: Pen, state: str | None) -> None:
    pen.polygon("shade", (-0.84, 0.54), (-1.0, 1.0), (-0.78, 1.0), (-0.5, 0.6))
    pen.polygon("shade", (-0.05, 0.6), (-0.2, 0.92), (0.0, 0.92), (0.3, 0.6))
    pen.slab("body", -0.94, 0.36, 0.94, 0.68, 0.16)
    pen.polygon("tint", (-0.1, 0.46), (-0.5, 0.0), (-0.26, 0.0), (0.34, 0.46))
    for i in range(4):
        pen.oval("glass", -0.4 + i * 0.26, 0.57, 0.055)
    pen.polygon("glass", (0.66, 0.66), (0.86, 0.54), (0.66, 0.54))


def bike(pen: Pen, state: str | None) -> None:
    for x in (-0.5, 0.5):
        pen.oval("ink", x, 0.32, 0.33)
        pen.oval("gap", x, 0.32, 0.25)
        pen.line("grey", 0.02, (x - 0.25, 0.32), (x + 0.25, 0.32))
        pen.line("grey", 0.02, (x, 0.07), (x, 0.57))
    for line in (
        ((-0.5, 0.32), (-0.2, 0.78), (0.36, 0.78), (0.0, 0.32), (-0.5, 0.32)),
        ((0.0, 0.32), (-0.24, 0.86)),
        ((0.5, 0.32), (0.32, 0.96)),
    ):
        pen.line("body", 0.1, *line)
    pen.slab("ink", -0.4, 0.84, -0.1, 0.93, 0.03)
    pen.line("ink", 0.06, (0.32, 0.96), (0.5, 0.98))


def tree(pen: Pen, state: str | None) -> None:
    pen.polygon("wood", (-0.09, 0), (0.09, 0), (0.06, 0.45), (-0.06, 0.45))
    for i, (x, y, r) in enumerate(((-0.2, 0.55, 0.2), (0.2, 0.56, 0.2), (0.0, 0.78, 0.22), (0.0, 0.58, 0.22))):
        pen.oval("body", x + pen.wobble(i, 0.03), y, r)
    pen.oval("tint", -0.08, 0.8, 0.08)


def flower(pen: Pen, state: str | None) -> None:
    pen.line("leaf", 0.06, (0, 0), (0.02, 0.6))
    pen.polygon("leaf", (0, 0.14), (0.26, 0.34), (0.04, 0.3))
    pen.polygon("leaf", (0, 0.2), (-0.26, 0.42), (-0.02, 0.36))
    if state == "closed":
        pen.oval("body", 0.02, 0.78, 0.14, 0.22)
        pen.polygon("leaf", (-0.13, 0.7), (0.02, 0.54), (0.17, 0.7), (0.02, 0.64))
        return
    for x, y in ((0.02, 0.9), (0.2, 0.76), (0.13, 0.56), (-0.1, 0.56), (-0.17, 0.76)):
        pen.oval("body", x, y, 0.125)
    pen.oval("flame", 0.02, 0.71, 0.1)


def cactus(pen: Pen, state: str | None) -> None:
    pen.polygon("pot", (-0.26, 0.24), (0.26, 0.24), (0.2, 0), (-0.2, 0))
    pen.slab("body", -0.15, 0.22, 0.15, 1.0, 0.15)
    pen.slab("body", -0.4, 0.48, -0.1, 0.6, 0.06)
    pen.slab("body", -0.42, 0.5, -0.28, 0.82, 0.07)
    pen.slab("body", 0.1, 0.38, 0.4, 0.5, 0.06)
    pen.slab("body", 0.28, 0.4, 0.42, 0.7, 0.07)
    for x, y in ((-0.05, 0.9), (0.06, 0.76), (-0.04, 0.6), (0.05, 0.44), (-0.05, 0.32)):
        pen.line("cream", 0.025, (x - 0.03, y), (x + 0.03, y + 0.03))


def mushroom(pen: Pen, state: str | None) -> None:
    pen.slab("cream", -0.16, 0, 0.16, 0.56, 0.1)
    pen.polygon(
        "body",
        (-0.54, 0.46),
        (-0.46, 0.72),
        (-0.24, 0.94),
        (0, 1.0),
        (0.24, 0.94),
        (0.46, 0.72),
        (0.54, 0.46),
        (0, 0.38),
    )
    pen.oval("shade", 0, 0.46, 0.5, 0.06)
