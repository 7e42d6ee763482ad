"""Several views of one scene: the camera moves sideways, near things shift more than far ones, new things come in."""

from __future__ import annotations

import random
from dataclasses import replace

from vistune.core.errors import ConfigError
from vistune.world.drawing.parallax import shift
from vistune.world.sampling import box_of, sample_scene
from vistune.world.scene import Prior, Scene, Split, Thing
from vistune.world.sequences.steps import Stage, Step, all_seen
from vistune.world.sequences.story import Story, named

_TRIES = 300
#: The camera moves by at least and at most this much between two views, in shares of the picture at its front edge.
NEAREST_MOVE, FARTHEST_MOVE = 0.18, 0.4
#: A thing belongs to a view with this share of its width inside, and does not with less than the second; between them
#: the view is not made.
INSIDE, OUTSIDE = 0.75, 0.02


def look_from(scene: Scene, moved: float) -> Stage | None:
    """The scene seen by a camera that moved ``moved`` to the right; None if a thing is neither in nor out of view."""
    kept: list[Thing] = []
    numbers: list[int] = []
    for number, thing in enumerate(scene.things):
        seen = replace(thing, x=thing.x - shift(thing.depth, moved), support=None)
        x0, _, x1, _ = box_of(seen)
        share = max(0.0, min(x1, 1.0) - max(x0, 0.0)) / (x1 - x0)
        if OUTSIDE < share < INSIDE:
            return None
        if share >= INSIDE:
            kept.append(seen)
            numbers.append(number)
    return Stage(replace(scene, things=tuple(kept), camera=moved), tuple(numbers))


def sample_views(seed: int, *, split: Split = "train", prior: Prior = "skewed", views: int = 2) -> Story:
    """View set number ``seed`` of a split: a ``Story`` whose steps are camera moves ("camera", value left or right).

    Raises:
        ConfigError: fewer than 2 or more than 6 views.
    """
    if not 2 <= views <= 6:
        raise ConfigError(f"A scene is seen in 2 to 6 views, not {views}.")
    rng = random.Random(f"views/{split}/{prior}/{seed}")
    for _ in range(_TRIES):
        scene = sample_scene(rng.getrandbits(40), split=split, prior=prior, min_things=2, max_things=5)
        scene = replace(scene, seed=seed, things=tuple(replace(thing, support=None) for thing in scene.things))
        story = _from_cameras(rng, scene, views)
        if story is not None:
            return story
    raise ConfigError(f"No scene that {views} cameras can see was found for seed {seed}.")


def _from_cameras(rng: random.Random, scene: Scene, views: int) -> Story | None:
    place, stages, steps = 0.0, [Stage(scene, tuple(range(len(scene.things))))], []
    if not all_seen(scene):
        return None
    for _ in range(views - 1):
        direction = rng.choice(("left", "right"))
        far = NEAREST_MOVE + (FARTHEST_MOVE - NEAREST_MOVE) * rng.random()
        place += far if direction == "right" else -far
        stage = look_from(scene, place)
        if stage is None or not stage.who or not all_seen(stage.scene):
            return None
        stages.append(stage)
        steps.append(Step("camera", -1, direction))
    return named(scene.seed, "views", list(scene.things), stages, steps)
