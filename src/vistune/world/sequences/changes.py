"""Before and after: two pictures of a scene between which nothing, one thing, or a few things changed."""

from __future__ import annotations

import random
from dataclasses import replace

from vistune.core.errors import ConfigError
from vistune.world.scene import Prior, Split
from vistune.world.sequences.story import Story, free_story

_TRIES = 300
MOST_CHANGES = 4


def sample_change(seed: int, *, split: Split = "train", prior: Prior = "skewed", changes: int | None = None) -> Story:
    """Change number ``seed`` of a split: a ``Story`` of two pictures; its ``steps`` say what differs.

    Each changes another thing, so all can be seen. ``changes`` is their number (default: 0 to 3, each as likely).

    Raises:
        ConfigError: there are no such changes.
    """
    if changes is not None and not 0 <= changes <= MOST_CHANGES:
        raise ConfigError(f"Between two pictures 0 to {MOST_CHANGES} things change, not {changes}.")
    rng = random.Random(f"change/{split}/{prior}/{seed}")
    wanted = rng.randint(0, 3) if changes is None else changes
    for _ in range(_TRIES):
        story = free_story(rng, seed, split, prior, wanted + 1, apart=True)
        if story is not None:
            ends = story.stages[0], story.stages[-1]
            return replace(story, theme="change", stages=ends)
    raise ConfigError(f"No scene in which {wanted} things change was found for seed {seed}.")
