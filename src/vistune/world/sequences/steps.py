"""Steps: what can happen between one picture of a scene and the next."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from vistune.world.annotate import instance_map, visible_share
from vistune.world.drawing.catalogue import proportion
from vistune.world.places import PLACES
from vistune.world.sampling import fit_thing
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import KIND_BY_NAME

#: What cannot be undone: no step leads away from these states, nor into those that they began as.
FINAL_STATES = frozenset({"broken", "cut", "bitten"})
#: A thing that is moved ends at least this far away, in shares of the picture.
FAR = 0.2
#: Each thing that a step is about must show at least this share of itself, and this many of 64 x 64 pixels.
SEEN_SHARE, SEEN_PIXELS = 0.7, 14


@dataclass(frozen=True, slots=True)
class Step:
    """One happening. ``who`` is the number of the thing in the cast (``Story.cast``).

    ``action``: "arrive" (a thing that was not there is there), "leave", "change" (``value`` is the new state) or "move"
    (``value`` is "left" or "right").
    """

    action: str
    who: int
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene with the cast's numbers of its things: ``scene.things[k]`` is number ``who[k]``."""

    scene: Scene
    who: tuple[int, ...]

    def index(self, who: int) -> int:
        """Where the thing stands in ``scene.things``. Raises ``ValueError`` if it is not there."""
        return self.who.index(who)

    def thing(self, who: int) -> Thing:
        """The thing as it is now."""
        return self.scene.things[self.index(who)]


def in_state(thing: Thing, state: str) -> Thing:
    """The thing in another state: animals that lie are lower than those that stand."""
    height = thing.height / proportion(thing.kind, thing.state) * proportion(thing.kind, state)
    return replace(thing, state=state, height=height)


def arrive(stage: Stage, who: int, wanted: Thing, on: int | None, rng: random.Random) -> Stage | None:
    """``wanted`` comes as number ``who``, onto thing number ``on`` if there is one; None if there is no room."""
    support = None if on is None else stage.index(on)
    placed = fit_thing(rng, replace(wanted, support=support), stage.scene.setting, stage.scene.things)
    if placed is None:
        return None
    return Stage(replace(stage.scene, things=(*stage.scene.things, placed)), (*stage.who, who))


def leave(stage: Stage, who: int) -> Stage | None:
    """Number ``who`` goes; None if something stands on it."""
    gone = stage.index(who)
    things = stage.scene.things
    if any(thing.support == gone for thing in things):
        return None
    kept = [_renumbered(thing, gone) for index, thing in enumerate(things) if index != gone]
    numbers = tuple(number for number in stage.who if number != who)
    return Stage(replace(stage.scene, things=tuple(kept)), numbers)


def _renumbered(thing: Thing, gone: int) -> Thing:
    if thing.support is None or thing.support < gone:
        return thing
    return replace(thing, support=thing.support - 1)


def change(stage: Stage, who: int, state: str) -> Stage | None:
    """Number ``who`` comes into another state; None if it cannot."""
    thing = stage.thing(who)
    if not can_become(thing, state):
        return None
    return _with(stage, who, in_state(thing, state))


def can_become(thing: Thing, state: str) -> bool:
    """Whether a step may lead there: another state of its kind, not out of or back from what is final."""
    if state not in KIND_BY_NAME[thing.kind].states or state == thing.state or thing.state in FINAL_STATES:
        return False
    # A bird that comes down or flies up is elsewhere: that is a move and a change at once.
    return state != "whole" and KIND_BY_NAME[thing.kind].place != "sky"


def move(stage: Stage, who: int, direction: str, rng: random.Random) -> Stage | None:
    """Number ``who`` stands clearly farther "left" or "right", at the same distance; None if there is no room."""
    thing = stage.thing(who)
    index = stage.index(who)
    if thing.support is not None or any(other.support == index for other in stage.scene.things):
        return None
    others = [_without_support(other) for i, other in enumerate(stage.scene.things) if i != index]
    for _ in range(4):
        placed = fit_thing(rng, thing, stage.scene.setting, others)
        if placed is None:
            return None
        moved = replace(thing, x=placed.x)
        far = thing.x - placed.x if direction == "left" else placed.x - thing.x
        if far >= FAR and _fits_in_line(moved, others, stage.scene.setting):
            return _with(stage, who, moved)
    return None


def _without_support(thing: Thing) -> Thing:
    return replace(thing, support=None)


def _fits_in_line(moved: Thing, others: list[Thing], setting: str) -> bool:
    """Whether a thing that keeps its line has room: no other stands near its new place."""
    low, high = PLACES[setting].lines(KIND_BY_NAME[moved.kind].place, moved.state)
    room = all(
        abs(moved.x - other.x) > 0.45 * (moved.height + other.height) or abs(moved.y - other.y) > 0.5
        for other in others
    )
    return room and low - 1e-9 <= moved.y <= high + 1e-9


def _with(stage: Stage, who: int, thing: Thing) -> Stage:
    things = list(stage.scene.things)
    things[stage.index(who)] = thing
    return Stage(replace(stage.scene, things=tuple(things)), stage.who)


def apply(
    stage: Stage, step: Step, rng: random.Random, wanted: Thing | None = None, on: int | None = None
) -> Stage | None:
    """The stage after a step; None if it cannot happen here or would not be seen. ``wanted``: who arrives, ``on`` whom."""
    if step.action == "arrive":
        assert wanted is not None
        after = arrive(stage, step.who, wanted, on, rng)
    elif step.action == "leave":
        after = leave(stage, step.who)
    elif step.action == "change":
        after = change(stage, step.who, str(step.value))
    else:
        after = move(stage, step.who, str(step.value), rng)
    if after is None or not all_seen(after.scene) or not is_seen(stage.scene, after.scene):
        return None
    return after


def all_seen(scene: Scene, indices: Iterable[int] | None = None) -> bool:
    """Whether things show enough of themselves to be talked about."""
    shares = visible_share(scene, 64)
    pixels = np.bincount(instance_map(scene, 64).ravel() + 1, minlength=len(scene.things) + 1)[1:]
    chosen = range(len(scene.things)) if indices is None else indices
    return all(shares[i] >= SEEN_SHARE and pixels[i] >= SEEN_PIXELS for i in chosen)


def is_seen(before: Scene, after: Scene) -> bool:
    """Whether two pictures clearly differ: at least ``SEEN_PIXELS`` of 64 x 64 pixels by more than a little."""
    from vistune.world.render import render

    difference = np.abs(render(before, 64).astype(np.int16) - render(after, 64)).max(-1)
    return int((difference > 24).sum()) >= SEEN_PIXELS
