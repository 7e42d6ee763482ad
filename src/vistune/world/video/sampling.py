"""Clips from seeds: a scene, and events that can be seen, one after another or side by side."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from vistune.core.errors import ConfigError
from vistune.world.language.view import View
from vistune.world.sampling import Box, box_of, sample_scene
from vistune.world.scene import Prior, Scene, Split, Thing
from vistune.world.sequences.steps import can_become, in_state
from vistune.world.video.clip import GROWN, HAND, JUMP, Clip, Event
from vistune.world.vocabulary import KIND_BY_NAME

LEAST_FRAMES, MOST_FRAMES = 8, 32
_TRIES = 400
#: Each clip has a leading action, all alike likely; after this many scenes in which it cannot happen it is given up.
_PATIENCE = 120
#: What moves keeps this share of the smaller box free of others, all along its way.
_TOUCH = 0.06
#: A move goes at least this far; a thing that is bumped into is pushed this far.
FAR, PUSH = 0.22, 0.14
#: Share of events that begin while another is going on.
_TOGETHER = 0.3
ACTIONS = ("move", "bump", "arrive", "leave", "change", "jump", "fly", "grow", "shrink", "pick up")
#: What further events are drawn from: moves succeed less often than they are tried.
_FURTHER = (*ACTIONS, "move", "move", "move")
#: Kinds that nobody sees jump or grow: they are heavy or lie in water.
_STAYS = frozenset({"table", "bed", "sofa", "tree"})


def sample_clip(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    frames: int = 16,
    min_events: int = 2,
    max_events: int = 4,
    max_things: int = 4,
) -> Clip:
    """Clip number ``seed`` of a split.

    Raises:
        ConfigError: an impossible number of frames or events, or no such clip.
    """
    if not LEAST_FRAMES <= frames <= MOST_FRAMES:
        raise ConfigError(f"A clip has {LEAST_FRAMES} to {MOST_FRAMES} frames, not {frames}.")
    if not 1 <= min_events <= max_events or 3 * max_events > frames + 6:
        raise ConfigError(f"{min_events} to {max_events} events do not fit into {frames} frames.")
    rng = random.Random(f"video/{split}/{prior}/{seed}")
    lead = rng.choice(ACTIONS)
    for attempt in range(_TRIES):
        number = rng.getrandbits(40)
        scene = sample_scene(number, split=split, prior=prior, min_things=2, max_things=max(2, max_things))
        plot = _Plot(rng, replace(scene, seed=seed), frames)
        if plot.names is None:
            continue
        wanted = rng.randint(min_events, max_events)
        if plot.fill(wanted, lead if attempt < _PATIENCE else None):
            return plot.clip()
    raise ConfigError(f"No clip of {min_events} to {max_events} events was found for seed {seed}.")


class _Plot:
    """A clip in the making: things as they are after the events so far, and the frame from which it goes on."""

    def __init__(self, rng: random.Random, scene: Scene, frames: int) -> None:
        self.rng, self.scene, self.frames = rng, scene, frames
        self.now: list[Thing] = list(scene.things)
        self.gone: set[int] = set()
        self.busy: dict[int, int] = {}
        self.events: list[Event] = []
        self.hidden: set[int] = set()
        self.cursor = rng.randint(0, max(1, frames // 6))
        self.names = self._names()
        boxes = [box_of(thing) for thing in scene.things]
        clear = all(
            _shared(boxes[i], boxes[j]) <= _TOUCH or _carries(scene, i, j) for i in range(len(boxes)) for j in range(i)
        )
        if not clear:
            self.names = None

    def _names(self):
        alone = View(replace(self.scene, things=tuple(replace(t, support=None) for t in self.scene.things)), ())
        found = [alone.describe(k, frozenset({"state", "size"})) for k in range(len(self.now))]
        return None if any(name is None for name in found) else tuple(name for name in found if name)

    def clip(self) -> Clip:
        at_start = tuple(k not in self.hidden for k in range(len(self.now)))
        s = self.scene
        events = tuple(sorted(self.events, key=lambda e: (e.start, e.end)))
        assert self.names is not None
        return Clip(
            s.seed, s.setting, s.things, self.names, at_start, events, self.frames, 8.0, s.prior, s.split, s.light
        )

    def fill(self, wanted: int, lead: str | None) -> bool:
        """``wanted`` events, one of them the leading action, at any place; whether they were found."""
        place = self.rng.randrange(wanted)
        for _ in range(8 * wanted):
            if lead is not None and len(self.events) == place:
                if not self.lead(lead):
                    return False
                lead = None
            if len(self.events) == wanted:
                return True
            self.happens(self.rng.choice(_FURTHER), self.rng.randrange(len(self.now)))
        return False

    def lead(self, action: str) -> bool:
        """The leading event, done by whoever can; whether there is somebody."""
        order = self.rng.sample(range(len(self.now)), len(self.now))
        return any(self.happens(action, who) for who in order for _ in range(2))

    def happens(self, action: str, who: int) -> bool:
        """Whether ``who`` can do it now; then it does."""
        start, end = self._time(action)
        if end > self.frames - 1 or who in self.gone or self.busy.get(who, -1) >= start:
            return False
        made = _MAKERS[action](self, who, start, end)
        if made is None:
            return False
        self.events.append(made)
        for number in (made.who, made.other):
            if number is not None:
                # Who holds something, and what is held, stay so.
                self.busy[number] = self.frames if action == "pick up" else made.end
        together = self.rng.random() < _TOGETHER and made.end - made.start > 3
        self.cursor = made.start + 2 if together else made.end + self.rng.randint(0, max(1, self.frames // 8))
        return True

    def _time(self, action: str) -> tuple[int, int]:
        long = 1 if action == "change" else self.rng.randint(3, max(4, self.frames // 3))
        return self.cursor, self.cursor + long

    def free(self, who: int) -> bool:
        """Whether a thing stands on its own and nothing stands on it."""
        return self.now[who].support is None and all(thing.support != who for thing in self.now)

    def clear(self, who: int, box: Box, but: int | None = None) -> bool:
        """Whether a box inside the picture is free of all others that are or will be there."""
        if box[0] < 0.01 or box[2] > 0.99 or box[1] < 0.005 or box[3] > 0.995:
            return False
        return all(
            _shared(box, box_of(thing)) <= _TOUCH
            for k, thing in enumerate(self.now)
            if k not in (who, but) and k not in self.gone
        )

    def seen_before(self, who: int) -> bool:
        """Whether a thing has had a part in an event."""
        return who in self.busy


def _carries(scene: Scene, i: int, j: int) -> bool:
    return scene.things[i].support == j or scene.things[j].support == i


def _shared(a: Box, b: Box) -> float:
    """Shared area over the smaller area."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))


def _both(a: Box, b: Box) -> Box:
    """The box around two boxes: where a thing passes."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _move(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    thing = plot.now[who]
    to = plot.rng.random()
    moved = replace(thing, x=to)
    if abs(to - thing.x) < FAR or not plot.free(who) or not plot.clear(who, _both(box_of(thing), box_of(moved))):
        return None
    plot.now[who] = moved
    return Event("move", who, start, end, "left" if to < thing.x else "right", to)


def _bump(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    """``who`` runs against another that stands on about the same line, which is pushed on."""
    thing, mine = plot.now[who], box_of(plot.now[who])
    others = [k for k in range(len(plot.now)) if k != who and k not in plot.gone | plot.hidden and plot.free(k)]
    if not others or not plot.free(who) or end - start < 4:
        return None
    other = plot.rng.choice(others)
    target, theirs = plot.now[other], box_of(plot.now[other])
    if plot.busy.get(other, -1) >= start or abs(thing.y - target.y) > 0.12:
        return None
    way = 1 if target.x > thing.x else -1
    to = thing.x + (theirs[0] - mine[2] if way > 0 else theirs[2] - mine[0])
    moved, pushed = replace(thing, x=to), replace(target, x=target.x + way * PUSH)
    if (to - thing.x) * way < 0.15:
        return None
    if not plot.clear(who, _both(mine, box_of(moved)), other):
        return None
    if not plot.clear(other, _both(theirs, box_of(pushed)), who):
        return None
    plot.now[who], plot.now[other] = moved, pushed
    return Event("bump", who, start, end, "right" if way > 0 else "left", to, other, pushed.x)


def _arrive(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    if plot.seen_before(who) or not plot.free(who) or len(plot.hidden) >= len(plot.now) - 1:
        return None
    plot.hidden.add(who)
    return Event("arrive", who, start, end)


def _leave(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    if not plot.free(who) or len(plot.gone) >= len(plot.now) - 1:
        return None
    plot.gone.add(who)
    return Event("leave", who, start, end)


def _change(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    thing = plot.now[who]
    states = [state for state in KIND_BY_NAME[thing.kind].states if can_become(thing, state)]
    if not states:
        return None
    changed = in_state(thing, plot.rng.choice(states))
    if plot.free(who) and not plot.clear(who, box_of(changed)):
        return None
    plot.now[who] = changed
    return Event("change", who, start, end, changed.state)


def _jump(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    thing = plot.now[who]
    up = replace(thing, y=thing.y - JUMP)
    grounded = KIND_BY_NAME[thing.kind].place in ("ground", "table") and thing.kind not in _STAYS
    # An even number of steps has a frame at the top of the jump.
    if not grounded or not plot.free(who) or (end - start) % 2 or end - start < 4:
        return None
    if not plot.clear(who, _both(box_of(thing), box_of(up))):
        return None
    return Event("jump", who, start, end)


def _fly(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    thing, box = plot.now[who], box_of(plot.now[who])
    flies = KIND_BY_NAME[thing.kind].place == "sky"
    if not flies or not plot.free(who) or not plot.clear(who, (box[0], 0.01, box[2], box[3])):
        return None
    plot.gone.add(who)
    return Event("fly", who, start, end)


def _resize(action: str) -> Callable[[_Plot, int, int, int], Event | None]:
    def make(plot: _Plot, who: int, start: int, end: int) -> Event | None:
        thing = plot.now[who]
        sized = [e.who for e in plot.events if e.action in ("grow", "shrink")]
        if not plot.free(who) or thing.kind in _STAYS or who in sized:
            return None
        final = replace(thing, height=thing.height * (GROWN if action == "grow" else 0.56))
        if thing.height < 0.2 and action == "shrink":
            return None
        if not plot.clear(who, _both(box_of(thing), box_of(final))):
            return None
        plot.now[who] = final
        return Event(action, who, start, end)

    return make


def _pick_up(plot: _Plot, who: int, start: int, end: int) -> Event | None:
    """A person takes a small thing that stands on the ground near by."""
    person = plot.now[who]
    if KIND_BY_NAME[person.kind].group != "person":
        return None
    small = [
        k
        for k, thing in enumerate(plot.now)
        if k not in plot.gone | plot.hidden
        and plot.free(k)
        and thing.height < 0.55 * person.height
        and thing.y > person.y - HAND[1] * person.height + 0.06
        and KIND_BY_NAME[thing.kind].place in ("table", "ground")
        and KIND_BY_NAME[thing.kind].group in ("food", "toy", "item")
        and plot.busy.get(k, -1) < start
    ]
    if not small:
        return None
    other = plot.rng.choice(small)
    thing = plot.now[other]
    side = 1 if thing.x > person.x else -1
    half = (box_of(thing)[2] - box_of(thing)[0]) / 2
    to = person.x + side * (HAND[0] * person.height + half)
    held = replace(thing, x=to, y=person.y - HAND[1] * person.height, depth=min(thing.depth, person.depth) - 0.001)
    if not plot.clear(other, _both(box_of(thing), box_of(held)), who):
        return None
    plot.now[other] = held
    return Event("pick up", who, start, end, None, to, other)


_MAKERS: dict[str, Callable[[_Plot, int, int, int], Event | None]] = {
    "move": _move, "bump": _bump, "arrive": _arrive, "leave": _leave, "change": _change, "jump": _jump, "fly": _fly,
    "grow": _resize("grow"), "shrink": _resize("shrink"), "pick up": _pick_up,
}  # fmt: skip
