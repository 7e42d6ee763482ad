"""Answers of known quality: descriptions of scenes, true, a little wrong, wholly wrong, and longer without saying more."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, user
from vistune.world.language.account import account
from vistune.world.language.captions import caption
from vistune.world.language.grammar import full_phrase, noun_phrase
from vistune.world.language.view import view_of
from vistune.world.pairs.words import replace_word
from vistune.world.scene import Scene

#: Name -> rank; equal ranks are equally good. Ranks differ by what is true, never by length.
LEVELS: dict[str, int] = {
    "correct": 3, "padded": 3, "padded more": 3, "repeated": 3, "one wrong": 2, "several wrong": 1, "all wrong": 0,
}  # fmt: skip
#: Sentences that are true of any picture, and tell nothing of it.
NEUTRAL = (
    "This is a drawing that one can look at for a while.",
    "Such drawings please young and old, and may well hang on a wall.",
    "It was drawn with care, and every line of it is where it should be.",
    "Drawings like this one are often shown to whoever learns to speak.",
    "It stays the same however long one looks at it.",
    "Whoever looks at it a second time will find what was there the first time.",
)
_QUESTION = "describe the picture."
_SEVERAL = 4
_SIZE = 224
#: Lists of words in which a wrong one is surely seen.
_LISTS = ("object", "colour", "pattern", "relation", "number", "size")


@dataclass(frozen=True, slots=True)
class Known:
    """One scene with its answers. ``other``: a scene of which nothing that is said of it is true here; its true description
    is the answer "all wrong" here. ``answers``: by the names of ``LEVELS``; a level that this scene cannot have is left out.
    """

    scene: Scene
    other: Scene
    answers: dict[str, str]

    @property
    def name(self) -> str:
        """Group of all items about this scene."""
        return f"scene-{self.scene.seed}"

    def example(self, reference: str | None = None, shown: str = "right", pictures: bool = False) -> Example:
        """The item. ``reference``: in place of a true description. ``shown``: what stands for the picture: ``right``,
        ``shuffled`` (all of the other scene's), ``blank`` (no words, an empty scene, a grey picture, no reference).
        """
        scene = {"right": self.scene, "shuffled": self.other, "blank": replace(self.scene, things=())}[shown]
        told = "" if shown == "blank" else annotation(scene)
        if reference is None:
            reference = "(none)" if shown == "blank" else caption(scene, 1, "long", "test")
        images = [ImageSource(array=_picture(None if shown == "blank" else scene))] if pictures else []
        meta = {"facts": scene, "context": told, "category": "detail", "group": self.name}
        message = user(_QUESTION, images=(0,) if pictures else ())
        return Example(f"{self.name}/{shown}", [message], images, answers=[reference], meta=meta)


@lru_cache(maxsize=64)
def _picture(scene: Scene | None) -> np.ndarray:
    from vistune.world import render

    return np.full((_SIZE, _SIZE, 3), 127, np.uint8) if scene is None else render(scene, _SIZE)


def annotation(scene: Scene) -> str:
    """All that is known of a scene in words: setting, things with looks and boxes (relative x1, y1, x2, y2), relations."""
    from vistune.world.sampling import box_of

    view = view_of(scene)
    lines = [f"The picture shows the {scene.setting}. Things: {len(scene.things)}."]
    for index, thing in enumerate(scene.things):
        box = ", ".join(f"{min(1.0, max(0.0, v)):.2f}" for v in box_of(thing))
        state = f", {thing.state}" if thing.state else ""
        looks = f"{thing.size} size, {thing.colour}, {thing.pattern}{state}"
        lines.append(f"{index + 1}. {noun_phrase(full_phrase(thing))} ({looks}), box ({box})")
    lines += [f"{i + 1} is {relation} {j + 1}." for i, relation, j in view.known()]
    return "\n".join(lines)


def known_answers(n: int, seed: int = 0, min_things: int = 3) -> list[Known]:
    """``n`` test scenes with their answers, each checked: what is called wrong is false of the scene.

    Raises ``ConfigError`` for fewer than two.
    """
    from vistune.world import sample_scene

    if n < 2:
        raise ConfigError(f"A judge is checked on at least 2 scenes, not {n}.")
    start = 700_000 + seed * 100_000
    pool = [sample_scene(start + i, split="test", min_things=min_things) for i in range(4 * n + 40)]
    made: list[Known] = []
    for scene in pool:
        other = next((s for s in reversed(pool) if _apart(scene, s)), None)
        if other is not None:
            made.append(Known(scene, other, _answers(scene, other)))
        if len(made) == n:
            break
    return made


def _apart(one: Scene, other: Scene) -> bool:
    kinds = {t.kind for t in one.things} & {t.kind for t in other.things}
    return one.setting != other.setting and not kinds and not account(_described(other), one).true


def _described(scene: Scene) -> str:
    return caption(scene, 0, "long", "test")


def _answers(scene: Scene, other: Scene) -> dict[str, str]:
    rng = random.Random(f"known/{scene.seed}")
    true = _described(scene)
    neutral = rng.sample(NEUTRAL, len(NEUTRAL))
    found = {
        "correct": true,
        "padded": " ".join([true, *neutral[:2]]),
        "padded more": " ".join([true, *neutral]),
        "repeated": f"{true} {true}",
        "all wrong": _described(other),
    }
    one = _wrong(true, scene, rng, 1)
    if one is not None:
        found["one wrong"] = one
    several = _wrong(true, scene, rng, _SEVERAL)
    if several is not None and one is not None and account(several, scene).false > account(one, scene).false:
        found["several wrong"] = several
    return {level: found[level] for level in LEVELS if level in found}


def _wrong(text: str, scene: Scene, rng: random.Random, times: int) -> str | None:
    """The text with words changed so that it is false; None where that cannot be done."""
    for _ in range(times):
        changed = replace_word(text, rng.getrandbits(30), _LISTS, scene)
        if changed is None:
            return None
        text = changed.text
    return text if account(text, scene).false else None


def pairs_of(known: Known) -> list[tuple[str, str]]:
    """Pairs of levels to compare: every two that differ in rank, and the equal ones that differ in length only."""
    longer = ("padded", "padded more", "repeated")
    unequal = [(a, b) for a, b in combinations(known.answers, 2) if LEVELS[a] != LEVELS[b] and a not in longer]
    return unequal + [("correct", level) for level in longer if level in known.answers]


def ranks(levels: Sequence[str]) -> list[int]:
    """Known quality of each level."""
    return [LEVELS[level] for level in levels]
