"""Captions of scenes in any of the languages: what there is, and how some of it stands."""

from __future__ import annotations

import random
from typing import Literal

from vistune.world.language.view import View, view_of
from vistune.world.scene import Scene, Thing
from vistune.world.tongues.meaning import Meaning, Np
from vistune.world.tongues.questions import TongueContext, is_person, tongue_of

Level = Literal["short", "all", "long"]


def described(scene: Scene | View, seed: int, level: Level = "all") -> list[Meaning]:
    """What a caption says: all kinds with their numbers; attributes that all of a kind share; relations if ``long``.

    ``short`` names kinds and numbers only. A scene without things has no caption in these languages: an empty list.
    """
    view = view_of(scene)
    rng = random.Random(f"tongues caption/{seed}/{view.scene.seed}")
    if not view.things:
        return []
    groups = [_group([view.things[i] for i in at], rng, level) for at in view.by_kind.values()]
    said = [Meaning("there", setting=view.scene.setting, groups=tuple(groups))]
    if level == "long":
        c = TongueContext(view, rng, "train", tongue_of("en"))
        told = dict(c.all_said())
        held = [(i, r, j) for i, r, j in view.known() if i in told and j in told]
        for i, relation, j in rng.sample(held, min(2, len(held))):
            said.append(Meaning("stands", told[i], told[j], relation))
    return said


def _group(things: list[Thing], rng: random.Random, level: Level) -> Np:
    kind, number = things[0].kind, len(things)
    if is_person(kind) or level == "short":
        return Np(kind, number)
    shared: dict[str, str | None] = {}
    for name, chance, unsaid in (("colour", 0.8, None), ("size", 0.35, "medium"), ("pattern", 0.5, "plain")):
        values, lucky = {getattr(thing, name) for thing in things}, rng.random() < chance
        shared[name] = values.pop() if lucky and len(values) == 1 and unsaid not in values else None
    return Np(kind, number, **shared)


def caption(scene: Scene | View, seed: int, language: str = "en", level: Level = "all") -> str:
    """A caption; the same seed says the same in every language. Chinese sentences follow without a blank."""
    tongue = tongue_of(language)
    sentences = [tongue.say(meaning) for meaning in described(scene, seed, level)]
    return ("" if tongue.CODE == "zh" else " ").join(sentences)
