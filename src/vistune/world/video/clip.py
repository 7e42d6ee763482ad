"""``Clip``: a scene in which things happen over time; each frame is a scene, a pure function of its number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vistune.world.language.grammar import Phrase
from vistune.world.render import render
from vistune.world.scene import Prior, Scene, Split, Thing
from vistune.world.sequences.steps import in_state

#: How high a jump goes, in shares of the picture.
JUMP = 0.16
#: A thing that grows or shrinks ends at this share of its height.
GROWN, SHRUNK = 1.6, 0.56
#: Where a hand is: beside the body, in shares of a person's height.
HAND = 0.3, 0.4
#: A thing that appears starts at this share of its height.
_BUD = 0.3


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to number ``who`` of the cast.

    Frame ``start`` is the last one before it, frame ``end`` the first one after it: the pictures of frames ``start`` + 1
    to ``end`` differ from those before them. ``action``: "move" and "bump" (``value``: "left" or "right", ``to``: the new x;
    ``other`` is pushed to ``other_to``), "arrive", "leave", "change" (``value``: the new state), "jump", "fly", "grow",
    "shrink", "pick up" (``other`` comes into the hand of ``who``, to x ``to``).
    """

    action: str
    who: int
    start: int
    end: int
    value: str | None = None
    to: float = 0.0
    other: int | None = None
    other_to: float = 0.0

    def progress(self, frame: int) -> float:
        """The share that is done: 0 before, 1 after."""
        return min(1.0, max(0.0, (frame - self.start) / (self.end - self.start)))


@dataclass(frozen=True, slots=True)
class Clip:
    """``cast``: everybody as first seen; ``at_start[k]``: whether number k is there from the beginning.

    ``names[k]`` fits number k alone, whatever its state and size. ``events`` are sorted by their start.
    """

    seed: int
    setting: str
    cast: tuple[Thing, ...]
    names: tuple[Phrase, ...]
    at_start: tuple[bool, ...]
    events: tuple[Event, ...]
    frames: int = 16
    fps: float = 8.0
    prior: Prior = "skewed"
    split: Split = "train"
    light: float = 1.0

    def thing(self, who: int, frame: int) -> Thing | None:
        """Number ``who`` as it is in a frame; None if it is not there."""
        thing, there = self.cast[who], self.at_start[who]
        for event in self.events:
            if event.start >= frame:
                break
            if event.who == who:
                thing, there = _acting(thing, there, event, event.progress(frame))
            elif event.other == who:
                thing = _acted_on(thing, self.cast[event.who], event, event.progress(frame))
        return thing if there else None

    def stage(self, frame: int) -> tuple[Scene, tuple[int, ...]]:
        """The scene of a frame, and the cast's numbers of its things."""
        there = [(who, thing) for who in range(len(self.cast)) if (thing := self.thing(who, frame)) is not None]
        place = {who: index for index, (who, _) in enumerate(there)}
        things = tuple(t if t.support is None else replace(t, support=place.get(t.support)) for _, t in there)
        scene = Scene(self.seed, self.setting, things, self.prior, self.split, self.light)
        return scene, tuple(place)

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes of all frames."""
        return _scenes(self)


@lru_cache(maxsize=64)
def _scenes(clip: Clip) -> tuple[Scene, ...]:
    return tuple(clip.stage(frame)[0] for frame in range(clip.frames))


def _acting(thing: Thing, there: bool, event: Event, share: float) -> tuple[Thing, bool]:
    """Who acts, and whether it is there, with a ``share`` of the event done."""
    match event.action:
        case "move":
            return replace(thing, x=thing.x + (event.to - thing.x) * share), there
        case "bump":
            return replace(thing, x=thing.x + (event.to - thing.x) * min(1.0, 2 * share)), there
        case "arrive":
            return replace(thing, height=thing.height * max(_BUD, share)), True
        case "leave":
            return replace(thing, height=thing.height * max(_BUD, 1 - share)), share < 1
        case "change":
            return in_state(thing, str(event.value)), there
        case "jump":
            return replace(thing, y=thing.y - JUMP * 4 * share * (1 - share)), there
        case "fly":
            return replace(thing, y=thing.y * (1 - share) - 0.02 * share), share < 1
        case "grow" | "shrink":
            final = GROWN if event.action == "grow" else SHRUNK
            return replace(thing, height=thing.height * (1 + (final - 1) * share)), there
    return thing, there


def _acted_on(thing: Thing, actor: Thing, event: Event, share: float) -> Thing:
    """What is bumped into is pushed in the second half; what is picked up comes into the hand."""
    if event.action == "bump":
        return replace(thing, x=thing.x + (event.other_to - thing.x) * max(0.0, 2 * share - 1))
    high = actor.y - HAND[1] * actor.height
    x, y = thing.x + (event.to - thing.x) * share, thing.y + (high - thing.y) * share
    return replace(thing, x=x, y=y, depth=min(thing.depth, actor.depth) - 0.001)


def render_clip(clip: Clip, size: int = 64) -> NDArray[np.uint8]:
    """All frames: uint8 ``[frames, size, size, 3]``. A frame that is as the one before is not drawn again."""
    pictures = np.empty((clip.frames, size, size, 3), np.uint8)
    for frame, scene in enumerate(clip.scenes):
        same = frame and scene == clip.scenes[frame - 1]
        pictures[frame] = pictures[frame - 1] if same else render(scene, size)
    return pictures
