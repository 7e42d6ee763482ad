"""Stories of four to eight pictures: a scene in which one thing happens after another."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from vistune.core.errors import ConfigError
from vistune.world.drawing.catalogue import VARIANTS
from vistune.world.language.grammar import Phrase
from vistune.world.language.view import View
from vistune.world.priors import PATTERN_WEIGHTS, colour_weights
from vistune.world.sampling import sample_scene
from vistune.world.scene import Prior, Scene, Split, Thing
from vistune.world.sequences.schemas import SCHEMAS, Beat, Role, Schema
from vistune.world.sequences.steps import Stage, Step, all_seen, apply
from vistune.world.vocabulary import KIND_BY_NAME

LEAST, MOST = 4, 8
_TRIES = 400
#: Times that a theme is tried before another is drawn.
_PATIENCE = 40
_SIZES = ("small", "medium", "big")


@dataclass(frozen=True, slots=True)
class Story:
    """``stages[k]`` is picture k; ``steps[k]`` leads from it to picture k + 1.

    ``cast`` holds everybody who ever appears, as first seen; a thing's number is its place in it. ``names[k]`` is a
    phrase that fits number k alone in the whole story, its states left out. ``theme`` names the recipe that the story
    follows, or is "free".
    """

    seed: int
    theme: str
    cast: tuple[Thing, ...]
    names: tuple[Phrase, ...]
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The pictures."""
        return tuple(stage.scene for stage in self.stages)


def sample_story(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    min_pictures: int = LEAST,
    max_pictures: int = MOST,
    theme: str | None = None,
) -> Story:
    """Story number ``seed`` of a split. ``theme`` is the name of a recipe or "free" (default: either).

    Raises:
        ConfigError: an impossible range of pictures, or no such theme.
    """
    if not 2 <= min_pictures <= max_pictures <= MOST:
        raise ConfigError(f"A story has 2 to {MOST} pictures, not {min_pictures} to {max_pictures}.")
    if theme is not None and theme != "free" and theme not in SCHEMAS:
        raise ConfigError(f"There is no story '{theme}'. Known: {', '.join(SCHEMAS)}, free.")
    rng = random.Random(f"story/{split}/{prior}/{seed}")
    chosen = theme or "free"
    for attempt in range(_TRIES):
        pictures = rng.randint(min_pictures, max_pictures)
        if theme is None and attempt % _PATIENCE == 0:
            chosen = "free" if rng.random() < 0.4 else rng.choice(sorted(SCHEMAS))
        if chosen == "free":
            story = free_story(rng, seed, split, prior, pictures)
        else:
            story = _recipe_story(rng, seed, split, prior, pictures, SCHEMAS[chosen])
        if story is not None and min_pictures <= len(story.stages) <= max_pictures:
            return story
    raise ConfigError(f"No story '{theme}' of {min_pictures} to {max_pictures} pictures was found for seed {seed}.")


def free_story(
    rng: random.Random, seed: int, split: Split, prior: Prior, pictures: int, apart: bool = False
) -> Story | None:
    """Anything that can happen in a sampled scene. ``apart``: each step is about another thing."""
    scene = sample_scene(rng.getrandbits(40), split=split, prior=prior, min_things=2, max_things=4)
    scene = replace(scene, seed=seed)
    if not all_seen(scene):
        return None
    cast = list(scene.things)
    stages, steps = [Stage(scene, tuple(range(len(cast))))], []
    for _ in range(12 * pictures):
        if len(stages) == pictures:
            break
        made = _free_step(rng, stages[-1], cast, split, prior)
        busy = {step.who for step in (steps if apart else steps[-1:])}
        if made is None or made[0].who in busy:
            continue
        step, stage = made
        if step.action == "arrive":
            cast.append(stage.thing(step.who))
        steps.append(step)
        stages.append(stage)
    return named(seed, "free", cast, stages, steps) if len(stages) == pictures else None


def _free_step(
    rng: random.Random, stage: Stage, cast: list[Thing], split: Split, prior: Prior
) -> tuple[Step, Stage] | None:
    action = rng.choices(("change", "move", "arrive", "leave"), (5, 2, 2, 1.5))[0]
    if action == "arrive":
        step = Step("arrive", len(cast))
        wanted = _newcomer(rng, stage.scene, split, prior)
        after = None if wanted is None else apply(stage, step, rng, wanted)
    else:
        who = rng.choice(stage.who) if stage.who else None
        if who is None or (action == "leave" and len(stage.who) < 3):
            return None
        states = KIND_BY_NAME[cast[who].kind].states
        if action == "change" and not states:
            return None
        value = rng.choice(states) if action == "change" else rng.choice(("left", "right"))
        step = Step(action, who, None if action == "leave" else value)
        after = apply(stage, step, rng)
    return None if after is None else (step, after)


def _newcomer(rng: random.Random, scene: Scene, split: Split, prior: Prior) -> Thing | None:
    """Somebody of another scene of the same setting."""
    other = sample_scene(rng.getrandbits(40), split=split, prior=prior, setting=scene.setting, max_things=2)
    free = [thing for thing in other.things if thing.support is None]
    return free[0] if free else None


def dress(rng: random.Random, role: Role, split: Split, prior: Prior) -> Thing:
    """A thing for a role: looks drawn as the world draws them, no place yet."""
    kind = rng.choice(role.kinds)
    colour = rng.choices(*colour_weights(kind, prior, split == "train"))[0]
    pattern = rng.choices(tuple(PATTERN_WEIGHTS), tuple(PATTERN_WEIGHTS.values()))[0]
    states = KIND_BY_NAME[kind].states
    state = role.state if role.state is not None else (states[0] if states else None)
    size = rng.choice(_SIZES if role.size is None else (role.size,))
    return Thing(kind, colour, size, pattern, state, 0, 0, 0, 0, int(rng.random() * VARIANTS), rng.random() < 0.5)


def _recipe_story(
    rng: random.Random, seed: int, split: Split, prior: Prior, pictures: int, schema: Schema
) -> Story | None:
    """A recipe's beats in order; beats that may be left out are, until the length is right."""
    beats = _shortened(rng, schema.beats, pictures - 1)
    if beats is None:
        return None
    setting = rng.choice(schema.settings)
    empty = Scene(seed, setting, (), prior, split, light=0.92 + 0.14 * rng.random())
    stage, cast, numbers = Stage(empty, ()), [], {}
    for name in schema.start:
        after = _enter(rng, stage, name, schema, cast, numbers, split, prior)
        if after is None:
            return None
        stage = after
    stages, steps = [stage], []
    if not all_seen(stage.scene):
        return None
    for beat in beats:
        if beat.action == "arrive":
            after = _enter(rng, stage, beat.who, schema, cast, numbers, split, prior)
            step = Step("arrive", numbers.get(beat.who, -1))
        else:
            step = Step(beat.action, numbers[beat.who], beat.value)
            after = apply(stage, step, rng)
        if after is None or not all_seen(after.scene):
            return None
        stage = after
        steps.append(step)
        stages.append(stage)
    return named(seed, schema.name, cast, stages, steps)


def _enter(
    rng: random.Random,
    stage: Stage,
    name: str,
    schema: Schema,
    cast: list[Thing],
    numbers: dict[str, int],
    split: Split,
    prior: Prior,
) -> Stage | None:
    """The role ``name`` appears."""
    role = schema.roles[name]
    number = len(cast)
    on = None if role.on is None else numbers[role.on]
    after = None
    for _ in range(3):
        wanted = dress(rng, role, split, prior)
        after = apply(stage, Step("arrive", number), rng, wanted, on)
        if after is not None:
            break
    if after is None:
        return None
    cast.append(after.thing(number))
    numbers[name] = number
    return after


def _shortened(rng: random.Random, beats: tuple[Beat, ...], wanted: int) -> list[Beat] | None:
    """``wanted`` of the beats, in order, with all that must be there; None if that cannot be."""
    groups = sorted({beat.group for beat in beats if beat.group})
    dropped: set[int] = set()
    rng.shuffle(groups)
    for group in groups:
        kept = [beat for beat in beats if beat.group not in dropped]
        size = sum(beat.group == group for beat in kept)
        if len(kept) - size >= wanted:
            dropped.add(group)
    kept = [beat for beat in beats if beat.group not in dropped]
    return kept if len(kept) == wanted else None


def named(seed: int, theme: str, cast: list[Thing], stages: list[Stage], steps: list[Step]) -> Story | None:
    """The story, if everybody can be told apart from everybody else whenever they appear."""
    everybody = View(replace(stages[0].scene, things=tuple(replace(t, support=None) for t in cast)), ())
    names = [everybody.describe(number, frozenset({"state"})) for number in range(len(cast))]
    if any(name is None for name in names):
        return None
    return Story(seed, theme, tuple(cast), tuple(name for name in names if name), tuple(stages), tuple(steps))
