"""What a thing is made of cannot be seen: it must be knocked on, touched or weighed (Matcha, arXiv 2303.08268)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

from vistune.core.errors import ConfigError, nearest
from vistune.world.tabletop.table import Table

MATERIALS: tuple[str, ...] = ("metal", "glass", "ceramic", "plastic", "wood", "cloth")
SKILLS: tuple[str, ...] = ("knock_on", "touch", "weigh")
Style = Literal["distinct", "vague"]
_SOUND = {
    "metal": ("ringing", "echoing"), "glass": ("tinkling", "bright"), "ceramic": ("clinking", "rattling"),
    "plastic": ("dull", "hollow"), "wood": ("knocking", "warm"), "cloth": ("muffled", "silent"),
}  # fmt: skip
_TOUCH = {
    "metal": "hard and cold", "glass": "smooth and cold", "ceramic": "hard and cool", "plastic": "smooth and warm",
    "wood": "rough and warm", "cloth": "soft",
}  # fmt: skip
_WEIGHT = {
    "metal": "heavy",
    "glass": "heavy",
    "ceramic": "heavy",
    "plastic": "light",
    "wood": "light",
    "cloth": "very light",
}


def feel(
    table: Table, index: int, skill: str, rng: random.Random, style: Style = "distinct", doubt: float = 0.0
) -> str:
    """What a skill tells of a thing, in words.

    ``style`` "distinct" names the material after a knock, "vague" only how it sounds. ``doubt``: chance that a knock is
    taken for another material. Raises ``ConfigError`` for an unknown skill or a thing without a material.
    """
    if skill not in SKILLS:
        raise ConfigError(f"There is no skill '{skill}'. {nearest(skill, SKILLS)}")
    item = table.items[index]
    if item.material is None:
        raise ConfigError(f"The {item.name} has no material: sample the table with materials=True.")
    if skill == "touch":
        return f"it feels {_TOUCH[item.material]}."
    if skill == "weigh":
        return f"it is {_WEIGHT[item.material]}."
    heard = item.material if rng.random() >= doubt else rng.choice([m for m in MATERIALS if m != item.material])
    if style == "distinct":
        return f"it is made of {heard}." if doubt == 0 else f"it is probably made of {heard}."
    return f"it sounds {rng.choice(_SOUND[heard])}."


def materials_fitting(told: str) -> set[str]:
    """The materials that feedback allows, without doubt about what was heard."""
    words = told.rstrip(".")
    if "made of" in words:
        return {words.rsplit(" ", 1)[1]}
    if words.startswith("it sounds"):
        return {m for m, sounds in _SOUND.items() if words.rsplit(" ", 1)[1] in sounds}
    table = _TOUCH if words.startswith("it feels") else _WEIGHT
    said = words.split(" ", 2)[2]
    return {m for m, value in table.items() if value == said}


def find_material(
    table: Table, material: str, rng: random.Random, style: Style = "distinct", most: int = 15
) -> tuple[list[tuple[int, str, str]], int]:
    """An expert's search for the thing of a material: (probes as (thing, skill, feedback), the thing picked up).

    It probes a thing that can still be the one, with the skill that tells most, and stops as soon as it knows.
    """
    possible: list[set[str]] = [set(MATERIALS) for _ in table.items]
    probes: list[tuple[int, str, str]] = []
    pick: Callable[[], list[int]] = lambda: [k for k, left in enumerate(possible) if material in left]  # noqa: E731
    while len(pick()) > 1 and len(probes) < most:
        open_ = [k for k in pick() if len(possible[k]) > 1]
        if not open_:
            break
        index = rng.choice(open_)
        used = {skill for k, skill, _ in probes if k == index}
        skill = next((s for s in SKILLS if s not in used), "knock_on")
        told = feel(table, index, skill, rng, style)
        possible[index] &= materials_fitting(told)
        probes.append((index, skill, told))
        sure = [k for k in pick() if possible[k] == {material}]
        if sure:
            return probes, sure[0]
    return probes, rng.choice(pick())
