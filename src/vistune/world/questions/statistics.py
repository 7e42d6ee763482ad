"""How often kinds of things occur in the world as it is, alone and together: what adversarial questions draw on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from vistune.world.vocabulary import KINDS

#: Scenes that are counted.
COUNTED_SCENES = 1500


@lru_cache(maxsize=1)
def occurrence() -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """(kinds by frequency, kind -> the other kinds by how often they occur with it), most frequent first.

    Counted once over the first scenes of the skewed train split.
    """
    from vistune.world.sampling import sample_scene

    scenes = (sample_scene(seed, split="train", prior="skewed") for seed in range(COUNTED_SCENES))
    return rank_kinds({thing.kind for thing in scene.things} for scene in scenes)


def rank_kinds(scenes: Iterable[set[str]]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Rank kinds by frequency and by co-occurrence over scenes given as sets of kinds; ties as in the vocabulary."""
    frequency: Counter[str] = Counter()
    together: dict[str, Counter[str]] = {kind.name: Counter() for kind in KINDS}
    for kinds in scenes:
        frequency.update(kinds)
        for kind in kinds:
            together[kind].update(kinds - {kind})
    names = [kind.name for kind in KINDS]
    popular = tuple(sorted(names, key=lambda name: -frequency[name]))
    beside = {k: tuple(sorted((n for n in names if n != k), key=lambda n: -together[k][n])) for k in names}
    return popular, beside
