"""Scenes from seeds: what is there, where it stands, how it looks."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import get_args

from vistune.core.errors import ConfigError, nearest
from vistune.world.drawing.catalogue import VARIANTS, extent, proportion
from vistune.world.labels import write_labels
from vistune.world.places import PLACES
from vistune.world.priors import COMPANION_CHANCE, COMPANIONS, PATTERN_WEIGHTS, colour_weights, kind_weights
from vistune.world.scene import Prior, Scene, Split, Thing
from vistune.world.vocabulary import KIND_BY_NAME, SETTINGS, SIZES

_SIZE_NAMES = tuple(SIZES)
_PATTERNS, _PATTERN_WEIGHTS = tuple(PATTERN_WEIGHTS), tuple(PATTERN_WEIGHTS.values())
_REPEAT_CHANCE = 0.3
_TRIES = 24
#: Further things that are tried until a scene has its least number.
_MORE_THINGS = 500
#: Two things' boxes may overlap by this share of the smaller one.
MOST_OVERLAP = 0.22
Box = tuple[float, float, float, float]


def sample_scene(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    min_things: int = 1,
    max_things: int = 5,
    setting: str | None = None,
    labels: bool = False,
) -> Scene:
    """Scene number ``seed`` of a split. Splits share no random stream; training lacks the held-out pairs.

    A scene may have fewer things than were drawn for it where they do not fit, never fewer than ``min_things``.
    ``labels`` writes words on things that have a face for them (``vistune.world.labels``), without another change.

    Raises:
        ConfigError: an unknown split, prior or setting, an impossible range, or no room for ``min_things``.
    """
    _check("split", split, get_args(Split))
    _check("prior", prior, get_args(Prior))
    if setting is not None:
        _check("setting", setting, SETTINGS)
    if not 0 <= min_things <= max_things:
        raise ConfigError(
            f"A scene of {min_things} to {max_things} things cannot be: give 0 <= min_things <= max_things."
        )
    rng = random.Random(f"{split}/{prior}/{seed}")
    place = setting if setting is not None else SETTINGS[int(rng.random() * len(SETTINGS))]
    wanted = rng.randint(min_things, max_things)
    kinds = _choose_kinds(rng, place, prior, wanted)
    things: list[Thing] = []
    boxes: list[Box] = []
    # Furniture first, so that small things find it.
    for kind in sorted(kinds, key=lambda name: name != "table"):
        _place(rng, kind, place, prior, split, things, boxes)
    for _ in range(_MORE_THINGS):
        if len(things) >= min_things:
            break
        _place(rng, rng.choices(*kind_weights(place, prior))[0], place, prior, split, things, boxes)
    if len(things) < min_things:
        raise ConfigError(
            f"Scene {seed} ({place}) holds {len(things)} things, not min_things={min_things}: ask for fewer."
        )
    scene = Scene(seed, place, tuple(things), prior, split, light=0.92 + 0.14 * rng.random())
    return write_labels(scene) if labels else scene


def _check(what: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise ConfigError(f"There is no {what} '{name}'. {nearest(str(name), known)}")


def _choose_kinds(rng: random.Random, setting: str, prior: Prior, wanted: int) -> list[str]:
    names, weights = kind_weights(setting, prior)
    chosen: list[str] = []
    repeat = rng.random() < _REPEAT_CHANCE
    while len(chosen) < wanted:
        if chosen and repeat and rng.random() < 0.6:
            chosen.append(chosen[0])
            continue
        friends = COMPANIONS.get(chosen[-1], ()) if chosen and prior == "skewed" else ()
        if friends and rng.random() < COMPANION_CHANCE:
            chosen.append(rng.choice(friends))
        else:
            chosen.append(rng.choices(names, weights)[0])
    return chosen


def _place(
    rng: random.Random, kind: str, setting: str, prior: Prior, split: Split, things: list[Thing], boxes: list[Box]
) -> None:
    """Add one thing of ``kind`` where it fits; leave it out where it does not."""
    about = KIND_BY_NAME[kind]
    colour = rng.choices(*colour_weights(kind, prior, split == "train"))[0]
    size = _SIZE_NAMES[int(rng.random() * 3)]
    pattern = rng.choices(_PATTERNS, _PATTERN_WEIGHTS)[0]
    state = rng.choice(about.states) if about.states else None
    variant, flip = int(rng.random() * VARIANTS), rng.random() < 0.5
    support = _support(rng, about.place, size, things)
    wanted = Thing(kind, colour, size, pattern, state, 0, 0, 0, 0, variant, flip, support)
    fitted = fit_thing(rng, wanted, setting, things, boxes)
    if fitted is not None:
        things.append(fitted)
        boxes.append(box_of(fitted))


def fit_thing(
    rng: random.Random, wanted: Thing, setting: str, things: Sequence[Thing], boxes: Sequence[Box] | None = None
) -> Thing | None:
    """``wanted`` at a free place among ``things``, with its height and depth there; None where it does not fit.

    What ``wanted`` says of its place is not looked at, but for its ``support``. ``boxes`` are those of the things.
    """
    boxes = [box_of(thing) for thing in things] if boxes is None else boxes
    place, state, support = KIND_BY_NAME[wanted.kind].place, wanted.state, wanted.support
    x0, y0, x1, y1 = extent(wanted.kind, state, wanted.variant)
    if wanted.flip:
        x0, x1 = -x1, -x0
    height = SIZES[wanted.size] * proportion(wanted.kind, state)
    for _ in range(_TRIES):
        if support is None:
            low, high = PLACES[setting].lines(place, state)
            y, shift = low + (high - low) * rng.random(), 0.0
        else:
            y, shift = things[support].y - 0.9 * things[support].height, 1.0
        drawn = height * (1.0 if place == "sky" or shift else 0.9 + 0.25 * (y - 0.6))
        left, right = 0.02 - x0 * drawn, 0.98 - x1 * drawn
        if support is not None:
            reach = 0.5 * things[support].height
            left, right = max(left, things[support].x - reach), min(right, things[support].x + reach)
        if left > right or y - y1 * drawn < 0.01 or y - y0 * drawn > 0.995:
            continue
        x = left + (right - left) * rng.random()
        box = (x + x0 * drawn, y - y1 * drawn, x + x1 * drawn, y - y0 * drawn)
        if any(overlap(box, other) > MOST_OVERLAP for i, other in enumerate(boxes) if i != support):
            continue
        depth = 1 - y if support is None else things[support].depth - 0.001
        return replace(wanted, x=x, y=y, height=drawn, depth=depth)
    return None


def box_of(thing: Thing) -> Box:
    """The box of a thing's drawing, whole and unhidden: ``(x0, y0, x1, y1)`` in shares of the picture."""
    x0, y0, x1, y1 = extent(thing.kind, thing.state, thing.variant)
    if thing.flip:
        x0, x1 = -x1, -x0
    return (
        thing.x + x0 * thing.height,
        thing.y - y1 * thing.height,
        thing.x + x1 * thing.height,
        thing.y - y0 * thing.height,
    )


def _support(rng: random.Random, place: str, size: str, things: list[Thing]) -> int | None:
    """A table to stand on, for small things of the ``table`` place."""
    if place != "table" or size == "big":
        return None
    tables = [i for i, thing in enumerate(things) if thing.kind == "table"]
    return rng.choice(tables) if tables and rng.random() < 0.7 else None


def overlap(a: Box, b: Box) -> float:
    """Shared area over the smaller area."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
