"""How often kinds of things occur in the world as it is, alone and together: what adversarial questions draw on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from vistune.world.scene import Prior
from vistune.world.vocabulary import KINDS

#: Scenes that are counted.
COUNTED_SCENES = 2000
SMOOTHING = 0.2
KIND_NAMES: tuple[str, ...] = tuple(kind.name for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Cumulative weights over ``KIND_NAMES``: how often each kind occurs, and how often beside each kind."""

    alone: tuple[float, ...]
    beside: dict[str, tuple[float, ...]]


@lru_cache(maxsize=3)
def occurrence(prior: Prior) -> Occurrence:
    """Counted once over the first training scenes of a prior."""
    from vistune.world.sampling import sample_scene

    scenes = (sample_scene(seed, split="train", prior=prior) for seed in range(COUNTED_SCENES))
    return count_kinds({thing.kind for thing in scene.things} for scene in scenes)


def count_kinds(scenes: Iterable[set[str]]) -> Occurrence:
    """Count kinds over scenes given as sets of kinds. ``SMOOTHING`` is added so that no pair is impossible."""
    alone: Counter[str] = Counter()
    beside: dict[str, Counter[str]] = {name: Counter() for name in KIND_NAMES}
    for kinds in scenes:
        alone.update(kinds)
        for kind in kinds:
            beside[kind].update(kinds - {kind})
    return Occurrence(_cumulative(alone), {name: _cumulative(counts) for name, counts in beside.items()})


def _cumulative(counts: Counter[str]) -> tuple[float, ...]:
    return tuple(accumulate(counts[name] + SMOOTHING for name in KIND_NAMES))
