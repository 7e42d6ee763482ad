"""Animals and people."""

from __future__ import annotations

from vistune.world.drawing.pen import Pen, Point


def _legs(pen: Pen, xs: tuple[float, ...], top: float, width: float, role: str = "shade") -> None:
    for i, x in enumerate(xs):
        pen.slab(role, x - width / 2 + pen.wobble(i, 0.01), 0, x + width / 2, top, width * 0.4)


def _joints(pen: Pen, **points: Point) -> None:
    for name, (x, y) in points.items():
        pen.joint(name, x, y)


def _feet(pen: Pen, xs: tuple[float, ...]) -> None:
    """The feet of the hindmost and the foremost of ``_legs``."""
    last = len(xs) - 1
    pen.joint("front_limb", xs[last] + pen.wobble(last, 0.01), 0.05)
    pen.joint("back_limb", xs[0] + pen.wobble(0, 0.01), 0.05)


def _eye(pen: Pen, x: float, y: float, r: float = 0.035) -> None:
    pen.oval("white_", x, y, r * 1.5)
    pen.oval("ink", x + r * 0.3, y, r)


def _sleeping(pen: Pen, ears: str) -> None:
    pen.oval("body", 0.0, 0.3, 0.5, 0.3)
    pen.oval("shade", -0.2, 0.1, 0.3, 0.1)
    pen.oval("body", 0.36, 0.38, 0.24, 0.25)
    if ears == "pointed":
        pen.polygon("body", (0.2, 0.52), (0.22, 0.8), (0.36, 0.62))
        pen.polygon("body", (0.4, 0.62), (0.56, 0.78), (0.56, 0.5))
    elif ears == "long":
        pen.oval("body", 0.14, 0.6, 0.22, 0.07)
    else:
        pen.oval("shade", 0.24, 0.46, 0.08, 0.17)
    pen.line("ink", 0.03, (0.34, 0.42), (0.4, 0.38), (0.46, 0.42))
    pen.oval("ink", 0.57, 0.34, 0.03)
    _joints(pen, nose=(0.545, 0.35), eye=(0.4, 0.38), neck=(0.2, 0.36))


def dog(pen: Pen, state: str | None) -> None:
    if state == "sleeping":
        _sleeping(pen, "floppy")
        return
    _legs(pen, (-0.3, -0.16, 0.12, 0.26), 0.4, 0.1)
    pen.line("body", 0.08, (-0.36, 0.5), (-0.5, 0.78))
    pen.slab("body", -0.4, 0.3, 0.34, 0.62, 0.14)
    pen.oval("body", 0.32, 0.76, 0.2, 0.2)
    pen.slab("body", 0.34, 0.62, 0.6, 0.78, 0.07)
    pen.oval("shade", 0.2, 0.74, 0.08, 0.18)
    pen.oval("ink", 0.58, 0.76, 0.045)
    _eye(pen, 0.36, 0.84)
    _joints(pen, nose=(0.58, 0.76), eye=(0.37, 0.84), neck=(0.26, 0.6), tail=(-0.46, 0.7))
    _feet(pen, (-0.3, -0.16, 0.12, 0.26))


def cat(pen: Pen, state: str | None) -> None:
    if state == "sleeping":
        _sleeping(pen, "pointed")
        return
    _legs(pen, (-0.22, -0.1, 0.1, 0.2), 0.34, 0.08)
    pen.line("body", 0.08, (-0.3, 0.4), (-0.46, 0.6), (-0.4, 0.95))
    pen.oval("body", -0.05, 0.42, 0.32, 0.2)
    pen.oval("body", 0.2, 0.66, 0.22, 0.2)
    pen.polygon("body", (0.02, 0.74), (0.04, 1.0), (0.18, 0.84))
    pen.polygon("body", (0.24, 0.84), (0.4, 1.0), (0.4, 0.72))
    _eye(pen, 0.13, 0.7)
    _eye(pen, 0.29, 0.7)
    pen.polygon("pink_", (0.18, 0.62), (0.26, 0.62), (0.22, 0.57))
    pen.line("ink", 0.02, (0.3, 0.6), (0.46, 0.63))
    pen.line("ink", 0.02, (0.3, 0.57), (0.46, 0.55))
    _joints(pen, nose=(0.22, 0.6), eye=(0.3, 0.7), neck=(0.1, 0.52), tail=(-0.416, 0.84))
    _feet(pen, (-0.22, -0.1, 0.1, 0.2))


def bird(pen: Pen, state: str | None) -> None:
    pen.polygon("shade", (-0.3, 0.5), (-0.62, 0.62), (-0.6, 0.4))
    pen.oval("body", -0.05, 0.45, 0.34, 0.24)
    pen.oval("body", 0.3, 0.62, 0.18, 0.18)
    pen.polygon("orange_", (0.44, 0.68), (0.66, 0.6), (0.44, 0.54))
    _eye(pen, 0.33, 0.66)
    _joints(pen, nose=(0.54, 0.61), eye=(0.34, 0.66), neck=(0.17, 0.55), tail=(-0.54, 0.51))
    if state == "flying":
        pen.joint("front_limb", -0.31, 0.935)
        pen.polygon("shade", (-0.2, 0.55), (-0.36, 1.0), (0.16, 0.58))
        pen.polygon("tint", (-0.16, 0.4), (-0.3, 0.0), (0.12, 0.38))
    else:
        _joints(pen, front_limb=(-0.1, 0.34), back_limb=(0.04, 0.04))
        pen.polygon("shade", (-0.3, 0.5), (0.1, 0.52), (-0.1, 0.3))
        pen.line("orange_", 0.04, (-0.08, 0.24), (-0.08, 0.0), (0.02, 0.0))
        pen.line("orange_", 0.04, (0.04, 0.24), (0.04, 0.0), (0.14, 0.0))


def fish(pen: Pen, state: str | None) -> None:
    pen.polygon("shade", (-0.4, 0.5), (-0.8, 0.86), (-0.72, 0.5), (-0.8, 0.14))
    pen.polygon("shade", (-0.1, 0.8), (0.1, 1.0), (0.25, 0.78))
    pen.oval("body", 0.06, 0.5, 0.56, 0.36)
    pen.polygon("shade", (-0.02, 0.46), (-0.22, 0.3), (0.0, 0.28))
    _eye(pen, 0.38, 0.58, 0.06)
    pen.line("ink", 0.03, (0.46, 0.38), (0.56, 0.42))
    _joints(pen, nose=(0.57, 0.48), eye=(0.4, 0.58), neck=(0.22, 0.52), front_limb=(-0.1, 0.34), tail=(-0.66, 0.5))


def cow(pen: Pen, state: str | None) -> None:
    if state == "sleeping":
        pen.polygon("cream", (0.26, 0.6), (0.2, 0.8), (0.34, 0.66))
        pen.polygon("cream", (0.5, 0.6), (0.58, 0.8), (0.44, 0.66))
        _sleeping(pen, "floppy")
        pen.oval("pink_", 0.54, 0.28, 0.1, 0.1)
        return
    _legs(pen, (-0.42, -0.26, 0.14, 0.28), 0.36, 0.11)
    pen.line("shade", 0.04, (-0.5, 0.66), (-0.6, 0.36))
    pen.slab("body", -0.5, 0.3, 0.36, 0.74, 0.12)
    pen.oval("pink_", -0.16, 0.29, 0.12, 0.07)
    pen.polygon("cream", (0.34, 0.88), (0.3, 1.06), (0.42, 0.94))
    pen.polygon("cream", (0.56, 0.88), (0.62, 1.06), (0.5, 0.94))
    pen.oval("shade", 0.26, 0.82, 0.1, 0.06)
    pen.slab("body", 0.3, 0.52, 0.62, 0.94, 0.1)
    pen.oval("pink_", 0.48, 0.56, 0.17, 0.1)
    _eye(pen, 0.42, 0.78)
    _eye(pen, 0.54, 0.78)
    _joints(pen, nose=(0.5, 0.56), eye=(0.55, 0.78), neck=(0.32, 0.66), tail=(-0.56, 0.48))
    _feet(pen, (-0.42, -0.26, 0.14, 0.28))


def horse(pen: Pen, state: str | None) -> None:
    if state == "running":
        for x0, x1 in ((-0.3, -0.58), (-0.2, -0.4), (0.16, 0.46), (0.1, 0.32)):
            pen.line("shade", 0.08, (x0, 0.4), ((x0 + x1) / 2, 0.22), (x1, 0.06))
        _joints(pen, front_limb=(0.435, 0.085), back_limb=(-0.555, 0.085))
    else:
        _feet(pen, (-0.32, -0.2, 0.1, 0.22))
        _legs(pen, (-0.32, -0.2, 0.1, 0.22), 0.46, 0.08)
    pen.line("ink", 0.09, (-0.38, 0.58), (-0.52, 0.5), (-0.54, 0.28))
    pen.oval("body", -0.06, 0.52, 0.38, 0.18)
    pen.polygon("body", (0.1, 0.58), (0.3, 0.96), (0.46, 0.9), (0.34, 0.5))
    pen.polygon("body", (0.28, 0.98), (0.64, 0.76), (0.58, 0.66), (0.28, 0.78))
    pen.line("ink", 0.1, (0.06, 0.66), (0.24, 0.98))
    pen.polygon("body", (0.28, 0.94), (0.3, 1.06), (0.38, 0.94))
    _eye(pen, 0.42, 0.86, 0.03)
    _joints(pen, nose=(0.58, 0.72), eye=(0.43, 0.86), neck=(0.28, 0.74), tail=(-0.536, 0.32))


def duck(pen: Pen, state: str | None) -> None:
    pen.polygon("shade", (-0.42, 0.42), (-0.66, 0.62), (-0.4, 0.24))
    pen.oval("body", -0.06, 0.3, 0.46, 0.28)
    pen.oval("body", 0.28, 0.72, 0.21, 0.22)
    pen.slab("body", 0.14, 0.36, 0.38, 0.66, 0.08)
    pen.oval("shade", -0.12, 0.34, 0.24, 0.14)
    pen.polygon("orange_", (0.44, 0.76), (0.72, 0.68), (0.44, 0.6))
    _eye(pen, 0.34, 0.78)
    _joints(pen, nose=(0.58, 0.68), eye=(0.35, 0.78), neck=(0.26, 0.5), front_limb=(-0.32, 0.34), tail=(-0.54, 0.5))


def rabbit(pen: Pen, state: str | None) -> None:
    if state == "sleeping":
        _sleeping(pen, "long")
        return
    pen.oval("white_", -0.3, 0.22, 0.1)
    pen.oval("body", -0.04, 0.26, 0.28, 0.26)
    pen.oval("shade", -0.1, 0.06, 0.22, 0.07)
    pen.mirror(lambda s: pen.oval("body", 0.14 + s * 0.09, 0.84, 0.065, 0.2))
    pen.mirror(lambda s: pen.oval("pink_", 0.14 + s * 0.09, 0.84, 0.03, 0.14))
    pen.oval("body", 0.14, 0.54, 0.2, 0.18)
    _eye(pen, 0.08, 0.58)
    _eye(pen, 0.22, 0.58)
    pen.oval("pink_", 0.15, 0.5, 0.03)
    _joints(pen, nose=(0.15, 0.5), eye=(0.23, 0.58), neck=(0.06, 0.44))
    _joints(pen, front_limb=(0.07, 0.06), back_limb=(-0.27, 0.06), tail=(-0.34, 0.22))


def _person_joints(pen: Pen, head: float, neck: float, hip: float, wide: float, hand: Point) -> None:
    """The thirteen joints: those of the arms on the lines that are drawn, hips and knees in the middle of the legs."""
    pen.joint("nose", 0.0, neck + head * 0.75)
    for side, s in (("left", 1.0), ("right", -1.0)):
        wrist = hand if side == "left" else (-wide - 0.1, hip + 0.03)
        top = (s * wide, neck - 0.05)
        for name, share in (("shoulder", 0.12), ("elbow", 0.5)):
            x, y = (a + share * (b - a) for a, b in zip(top, wrist))
            pen.joint(f"{side}_{name}", x, y)
        pen.joint(f"{side}_wrist", *wrist)
        pen.joint(f"{side}_hip", s * 0.075, hip + 0.02)
        pen.joint(f"{side}_knee", s * 0.075, hip / 2 + 0.02)
        pen.joint(f"{side}_ankle", s * 0.08, 0.06)


def _person(pen: Pen, state: str | None, *, hair: str, dress: bool, child: bool) -> None:
    skin = ("skin_a", "skin_b", "skin_c")[pen.variant % 3]
    hair_role = ("hair_a", "hair_b", "hair_c")[pen.variant // 3 % 3]
    head = 0.17 if child else 0.125
    neck = 1 - 2 * head - 0.02
    hip = neck * 0.45
    wide = 0.15 if child else 0.14
    if hair == "long":
        pen.slab(hair_role, -head * 1.15, neck - 0.1, head * 1.15, 1.0, head * 0.7)
    for s in (-1.0, 1.0):
        pen.slab(skin if dress else "navy", s * 0.075 - 0.05, 0.04, s * 0.075 + 0.05, hip + 0.05, 0.03)
        pen.slab("ink", s * 0.085 - 0.065, 0, s * 0.085 + 0.07, 0.06, 0.025)
    raised = state == "waving"
    pen.line("shade", 0.08, (-wide, neck - 0.05), (-wide - 0.1, hip + 0.03))
    pen.oval(skin, -wide - 0.1, hip + 0.01, 0.045)
    hand = (wide + 0.17, neck + 0.16) if raised else (wide + 0.1, hip + 0.03)
    pen.line("shade", 0.08, (wide, neck - 0.05), hand)
    pen.oval(skin, hand[0], hand[1] + (0.03 if raised else -0.02), 0.05)
    _person_joints(pen, head, neck, hip, wide, hand)
    if dress:
        pen.polygon(
            "body", (-wide * 0.75, neck), (wide * 0.75, neck), (wide * 1.7, hip - 0.06), (-wide * 1.7, hip - 0.06)
        )
    else:
        pen.slab("body", -wide, hip - 0.02, wide, neck, 0.05)
    pen.oval(skin, 0, neck + head, head)
    if hair == "short":
        pen.polygon(
            hair_role, (-head, neck + head * 1.1), (-head * 0.8, 0.99), (0, 1.02), (head * 0.8, 0.99), (head, neck + head * 1.1),
            (head * 0.5, neck + head * 1.4), (-head * 0.5, neck + head * 1.45),
        )  # fmt: skip
    elif hair == "long":
        pen.polygon(
            hair_role, (-head * 1.05, neck + head), (-head * 0.7, 1.0), (head * 0.7, 1.0), (head * 1.05, neck + head),
            (head * 0.4, neck + head * 1.45), (-head * 0.5, neck + head * 1.4),
        )  # fmt: skip
    else:
        pen.mirror(lambda s: pen.oval(hair_role, s * head * 1.25, neck + head * 1.3, head * 0.45))
        pen.polygon(
            hair_role, (-head, neck + head * 1.1), (-head * 0.7, 1.0), (head * 0.7, 1.0), (head, neck + head * 1.1),
            (0, neck + head * 1.5),
        )  # fmt: skip
    pen.mirror(lambda s: pen.oval("ink", s * head * 0.38, neck + head * 0.95, head * 0.13))
    pen.line("ink", 0.018, (-head * 0.35, neck + head * 0.5), (0, neck + head * 0.4), (head * 0.35, neck + head * 0.5))
    if hair == "short" and not child:
        pen.slab(hair_role, -head * 0.5, neck + head * 0.58, head * 0.5, neck + head * 0.74, head * 0.07)


def boy(pen: Pen, state: str | None) -> None:
    _person(pen, state, hair="short", dress=False, child=True)


def girl(pen: Pen, state: str | None) -> None:
    _person(pen, state, hair="bunches", dress=True, child=True)


def man(pen: Pen, state: str | None) -> None:
    _person(pen, state, hair="short", dress=False, child=False)


def woman(pen: Pen, state: str | None) -> None:
    _person(pen, state, hair="long", dress=True, child=False)
