"""Instructions in any of the languages: to point to a thing."""

from __future__ import annotations

import random
from dataclasses import dataclass

from vistune.world.language.view import View, view_of
from vistune.world.scene import Scene
from vistune.world.tongues.meaning import Meaning
from vistune.world.tongues.questions import TongueContext, tongue_of


@dataclass(frozen=True, slots=True)
class Pointing:
    """An instruction to point to thing ``index`` of a scene: its words and what they mean."""

    text: str
    meaning: Meaning
    index: int


def pointings(scene: Scene | View, seed: int, language: str = "en", n: int = 1) -> list[Pointing]:
    """Up to ``n`` instructions to point to different things, each named so that it alone is meant.

    The same seed points to the same in every language. Raises ``ConfigError`` for an unknown language.
    """
    view = view_of(scene)
    rng, tongue = random.Random(f"tongues point/{seed}/{view.scene.seed}"), tongue_of(language)
    told = TongueContext(view, rng, "train", tongue).all_said()
    chosen = [(index, Meaning("point", np)) for index, np in rng.sample(told, min(n, len(told)))]
    return [Pointing(tongue.say(meaning), meaning, index) for index, meaning in chosen]
