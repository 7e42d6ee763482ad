"""What programs about clips run on, and their steps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from vistune.world.language.grammar import the
from vistune.world.program import COMMON, Ambiguous, Operation
from vistune.world.video.clip import Clip, Event
from vistune.world.video.telling import plain_event

#: Events whose starts differ by less (frames) are not put in order.
APART = 2
#: Speeds are compared if one is at least this many times the other.
FASTER = 1.5
#: An event's middle this near (share of the clip) to a border between thirds is in neither.
BORDER = 0.04
PARTS = ("the beginning", "the middle", "the end")
#: Actions by the word that asks for them: everything may do these, so that names give no answer away.
DEEDS = {
    "moves": "move", "jumps": "jump", "grows": "grow", "shrinks": "shrink", "appears": "arrive", "disappears": "leave",
}  # fmt: skip


#: Deed -> other actions that look like it: where one of these happens, nobody counts who did the deed.
ALIKE: dict[str, frozenset[str]] = {"moves": frozenset({"bump", "pick up", "fly"}), "disappears": frozenset({"fly"})}
#: Actions in which a thing changes its place for good.
MOVING = frozenset({"move"}) | ALIKE["moves"]


class ClipView:
    """A clip with its facts worked out once. Things and events are numbers from 0."""

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self.events = clip.events
        self.told = {the(name): number for number, name in enumerate(clip.names)}
        self.sentences = tuple(plain_event(clip, event) for event in clip.events)
        self.name = tuple(the(name) for name in clip.names)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about clips."""
        return OPERATIONS

    def unique(self, event: int) -> bool:
        """Whether an event's sentence fits it alone."""
        return self.sentences.count(self.sentences[event]) == 1

    def present(self, when: str) -> tuple[int, ...]:
        """Things in the first frame ("start"), in the last ("end"), or in any ("ever")."""
        last = self.clip.frames - 1
        everybody = range(len(self.clip.cast))
        if when == "ever":
            return tuple(everybody)
        return tuple(k for k in everybody if self.clip.thing(k, 0 if when == "start" else last) is not None)

    def about(self, thing: int) -> tuple[int, ...]:
        """Events in which a thing has a part, as the one that acts or the other one."""
        return tuple(k for k, e in enumerate(self.events) if thing in (e.who, e.other))

    def moving(self, thing: int) -> tuple[int, ...]:
        """Events in which a thing changes its place: goes there, bumps, is pushed, carried, flies."""
        return tuple(k for k in self.about(thing) if self.events[k].action in MOVING)

    def speed(self, event: int) -> float:
        """Shares of the picture's width a frame, of what moves or bumps (which runs for half of its event)."""
        e = self.events[event]
        before = self.clip.thing(e.who, e.start)
        assert before is not None
        return abs(e.to - before.x) / (e.end - e.start) * (2 if e.action == "bump" else 1)


@lru_cache(maxsize=256)
def view_of_clip(clip: Clip) -> ClipView:
    """The view of a clip, kept."""
    return ClipView(clip)


def _thing(view: ClipView, _doubt: bool, _values: tuple, words: str) -> int:
    if words not in view.told:
        raise Ambiguous(f"'{words}' is not in this clip.")
    return view.told[words]


def _event(view: ClipView, _doubt: bool, _values: tuple, sentence: str) -> int:
    if view.sentences.count(sentence) != 1:
        raise Ambiguous(f"'{sentence}' happens never or more than once.")
    return view.sentences.index(sentence)


def _before(view: ClipView, doubt: bool, values: tuple, _argument: None) -> bool:
    first, second = (view.events[k] for k in values)
    gap = second.start - first.start
    # One that begins earlier and ends later lies around the other, not before it.
    around = gap * (second.end - first.end) < 0
    return doubt if abs(gap) < APART or around else gap > 0


def _extreme(view: ClipView, which: str, found: tuple[int, ...]) -> int:
    if not found:
        raise Ambiguous("Nothing like that happens.")
    ordered = sorted(found, key=lambda k: view.events[k].start, reverse=which == "last")
    if len(ordered) > 1 and abs(view.events[ordered[0]].start - view.events[ordered[1]].start) < APART:
        raise Ambiguous("Two things happen at about the same time.")
    if which == "last" and view.events[ordered[0]].end < max(view.events[k].end for k in found):
        raise Ambiguous("Something that began earlier goes on for longer.")
    return ordered[0]


def _next(view: ClipView, _doubt: bool, values: tuple, _argument: None) -> int:
    event = view.events[values[0]]
    found = _extreme(view, "first", tuple(k for k, e in enumerate(view.events) if e.start > event.start))
    if view.events[found].start < event.end:
        raise Ambiguous("It begins while the other is still going on.")
    return found


def _part(view: ClipView, _doubt: bool, values: tuple, _argument: None) -> str:
    event = view.events[values[0]]
    middle = (event.start + event.end) / 2 / (view.clip.frames - 1)
    if min(abs(middle - 1 / 3), abs(middle - 2 / 3)) < BORDER:
        raise Ambiguous("It happens between two parts of the clip.")
    return PARTS[int(3 * middle)]


def _during(view: ClipView, _doubt: bool, values: tuple, _argument: None) -> bool:
    first, second = (view.events[k] for k in values)
    shared = min(first.end, second.end) - max(first.start, second.start)
    if shared in (0, 1) or -APART < shared < 0:
        raise Ambiguous("One ends about when the other begins.")
    return shared > 0


def _faster(view: ClipView, doubt: bool, values: tuple, _argument: None) -> bool:
    first, second = (view.speed(k) for k in values)
    low, high = sorted((first, second))
    return doubt if high < FASTER * low else first > second


def _kind(view: ClipView, _doubt: bool, values: tuple, kind: str) -> tuple[int, ...]:
    return tuple(k for k in values[0] if view.clip.cast[k].kind == kind)


def _state(view: ClipView, _doubt: bool, values: tuple, when: str) -> str:
    thing = view.clip.thing(values[0], 0 if when == "start" else view.clip.frames - 1)
    if thing is None or thing.state is None:
        raise Ambiguous("It is not there then, or has no states.")
    return thing.state


def _value(view: ClipView, _doubt: bool, values: tuple, _argument: None) -> str:
    value = view.events[values[0][0]].value
    if value is None:
        raise Ambiguous("It has no direction.")
    return value


def _met(view: ClipView, _doubt: bool, values: tuple, _argument: None) -> int:
    other = view.events[values[0]].other
    if other is None:
        raise Ambiguous("Nothing else has a part in it.")
    return other


def _doers(view: ClipView, _doubt: bool, values: tuple, word: str) -> tuple[int, ...]:
    """Things that do it, each once, however often it does."""
    if any(view.events[k].action in ALIKE.get(word, ()) for k in values[0]):
        raise Ambiguous("Something else looks as if it did it too.")
    return tuple(sorted({view.events[k].who for k in values[0] if view.events[k].action == DEEDS[word]}))


def deed(event: Event) -> str | None:
    """The word of ``DEEDS`` for an event; None for others."""
    return next((word for word, action in DEEDS.items() if action == event.action), None)


def _deed(view: ClipView, _doubt: bool, values: tuple, _argument: None) -> str:
    word = deed(view.events[values[0][0]])
    if word is None:
        raise Ambiguous("It is no simple deed.")
    return f"it {word}"


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "thing": Operation(0, True, _thing),
    "event": Operation(0, True, _event),
    "events": Operation(0, False, lambda view, _d, _v, _x: tuple(range(len(view.events)))),
    "doers": Operation(1, True, _doers),
    "deed_of": Operation(1, False, _deed),
    "first": Operation(1, False, lambda view, _d, values, _x: _extreme(view, "first", values[0])),
    "last": Operation(1, False, lambda view, _d, values, _x: _extreme(view, "last", values[0])),
    "next": Operation(1, False, _next),
    "told": Operation(1, False, lambda view, _d, values, _x: view.sentences[values[0]]),
    "actor": Operation(1, False, lambda view, _d, values, _x: view.name[view.events[values[0]].who]),
    "met": Operation(1, False, _met),
    "name": Operation(1, False, lambda view, _d, values, _x: view.name[values[0]]),
    "direction": Operation(1, False, _value),
    "part": Operation(1, False, _part),
    "before": Operation(2, False, _before, doubtful=True),
    "during": Operation(2, False, _during),
    "faster": Operation(2, False, _faster, doubtful=True),
    "about": Operation(1, False, lambda view, _d, values, _x: view.about(values[0])),
    "moving": Operation(1, False, lambda view, _d, values, _x: view.moving(values[0])),
    "present": Operation(0, True, lambda view, _d, _v, when: view.present(when)),
    "kind": Operation(1, True, _kind),
    "state": Operation(1, True, _state),
}
