"""POPE-style probes over scenes: does the model claim things that are not there?

Built by the rule of the official script (AoiDragon/POPE): per picture three positives (the first three names of its
list) and three negatives, alternating. Negatives are uniform over all names of the chosen pictures (random), the most
frequent ones (popular), or those that occur most often together with the positive before them (adversarial).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.world.language.grammar import indefinite
from vistune.world.scene import Scene

PopeSetting = Literal["random", "popular", "adversarial"]
#: Positives, and negatives, per picture.
PER_SIDE = 3


@dataclass(frozen=True, slots=True)
class PopeProbe:
    """One question about scene number ``scene`` of the list; ``label`` is yes or no."""

    scene: int
    text: str
    label: str
    kind: str
    setting: PopeSetting


def scene_kinds(scene: Scene) -> list[str]:
    """Names of the kinds in a scene, in the order of its things, each once."""
    return list(dict.fromkeys(thing.kind for thing in scene.things))


def pope_probes(scenes: Sequence[Scene], setting: PopeSetting, seed: int = 0) -> list[PopeProbe]:
    """Six probes for each scene with at least three kinds, positives and negatives in turn.

    Raises ``ConfigError`` for an unknown setting, ``DataError`` if no scene has three kinds or too few names are known
    to draw negatives from.
    """
    names = [scene_kinds(scene) for scene in scenes]
    return [PopeProbe(n, _text(kind), label, kind, setting) for n, kind, label in name_probes(names, setting, seed)]


def name_probes(pictures: Sequence[Sequence[str]], setting: PopeSetting, seed: int = 0) -> list[tuple[int, str, str]]:
    """The same for pictures given by the names of their things, each once: (place of the picture, name, yes or no).

    Raises ``ConfigError`` and ``DataError`` as ``pope_probes`` does.
    """
    if setting not in get_args(PopeSetting):
        raise ConfigError(f"There is no POPE setting '{setting}'. {nearest(setting, get_args(PopeSetting))}")
    chosen = [(number, list(names)) for number, names in enumerate(pictures) if len(names) >= PER_SIDE]
    if not chosen:
        raise DataError(f"None of the {len(pictures)} pictures has {PER_SIDE} kinds of things, which POPE needs.")
    ranks = _Ranks([kinds for _, kinds in chosen])
    rng = random.Random(f"pope/{setting}/{seed}")
    probes: list[tuple[int, str, str]] = []
    for number, kinds in chosen:
        asked: set[str] = set()
        for positive in kinds[:PER_SIDE]:
            negative = ranks.negative(setting, positive, {*kinds, *asked}, rng)
            asked.add(negative)
            probes += [(number, positive, "yes"), (number, negative, "no")]
    return probes


def _text(name: str) -> str:
    return f"Is there {indefinite(name)} in the image?"


class _Ranks:
    """Names over the chosen scenes, by frequency and by co-occurrence; ties keep the order of first appearance."""

    def __init__(self, pictures: list[list[str]]) -> None:
        frequency: Counter[str] = Counter()
        together: dict[str, Counter[str]] = {}
        for kinds in pictures:
            frequency.update(kinds)
            for kind in kinds:
                together.setdefault(kind, Counter()).update(other for other in kinds if other != kind)
        self.names = list(frequency)
        self.popular = [name for name, _ in frequency.most_common()]
        self.together = {kind: [name for name, _ in count.most_common()] for kind, count in together.items()}

    def negative(self, setting: PopeSetting, positive: str, barred: set[str], rng: random.Random) -> str:
        """A name that is not barred (not present, not asked before for this picture)."""
        order = {"random": [], "popular": self.popular, "adversarial": self.together[positive]}[setting]
        for name in order:
            if name not in barred:
                return name
        free = [name for name in self.names if name not in barred]
        if not free:
            raise DataError(
                f"The pictures hold only {len(self.names)} kinds, too few to ask for an absent one: add scenes or pictures."
            )
        return rng.choice(free)
