"""Scenes by their number of things: what training sees, and longer than that."""

from __future__ import annotations

import random
from functools import partial
from typing import Literal, get_args

from vistune.core.errors import ConfigError, nearest
from vistune.world.sampling import sample_scene
from vistune.world.scene import Prior, Scene, Split

Length = Literal["trained", "longer", "longest"]
#: Least and greatest number of things. The shipped models have been trained on at most five.
LENGTHS: dict[str, tuple[int, int]] = {"trained": (1, 5), "longer": (6, 7), "longest": (8, 10)}

#: Where a scene has no room for so many things, another is drawn whose seed lies this far away, this often.
_STRIDE = 1_000_000_000_000
_ATTEMPTS = 40


def sample_length(
    seed: int,
    length: Length,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    setting: str | None = None,
    labels: bool = False,
) -> Scene:
    """Scene number ``seed`` with exactly so many things as its ``length`` draws for it, each number equally likely.

    Raises:
        ConfigError: an unknown length, split, prior or setting.
    """
    if length not in get_args(Length):
        raise ConfigError(f"There is no length '{length}'. {nearest(str(length), get_args(Length))}")
    number = random.Random(f"{length}/{split}/{prior}/{seed}").randint(*LENGTHS[length])
    draw = partial(sample_scene, split=split, prior=prior, setting=setting, labels=labels)
    for attempt in range(_ATTEMPTS):
        try:
            return draw(seed + attempt * _STRIDE, min_things=number, max_things=number)
        except ConfigError:
            if attempt == 0:
                draw(seed, max_things=1)  # an unknown name is an error of the first scene too
    raise ConfigError(f"Scene {seed}: {_ATTEMPTS} scenes in a row have no room for {number} things. Take another seed.")
