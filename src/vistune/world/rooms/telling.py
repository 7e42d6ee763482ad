"""Rooms in words: what is there and where, and boxes in space as numbers."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from vistune.core.errors import DataError
from vistune.world.language.grammar import indefinite, join, number_word
from vistune.world.language.wordings import Wordings
from vistune.world.rooms.facts import axis_boxes
from vistune.world.rooms.questions import room_view
from vistune.world.rooms.room import Furniture, Room
from vistune.world.rooms.view import RoomView

_SHORT = Wordings(("this is a room with {x}.", "there is {x} in the room."), ("the room has {x}.",))
#: Coordinates are written in this many steps along each side of the room (3D-LLM: one location token each).
BINS = 100


def phrase(thing: Furniture) -> str:
    """``small red striped chair``: all that is worth saying."""
    words = [
        thing.size if thing.size != "medium" else "",
        thing.colour,
        thing.material if thing.material != "plain" else "",
    ]
    return " ".join([word for word in words if word] + [thing.kind])


def short_caption(room: Room, seed: int, split: str = "train", camera: int = 0) -> str:
    """What is seen, with colours, up to four things."""
    view = room_view(room, camera)
    rng = random.Random(f"room caption/{seed}/{room.seed}/{split}")
    named = [indefinite(phrase(room.things[i])) for i in view.seen[:4]]
    return _SHORT.pick(rng, split).format(x=join(named) if named else "nothing in it")


def long_caption(room: Room, camera: int = 0) -> str:
    """Everything that is seen, then what stands on what, what is left of what, and how far it is."""
    view = room_view(room, camera)
    things = [indefinite(phrase(room.things[i])) for i in view.seen]
    sentences = [f"the room shows {join(things)}." if things else "the room is empty."]
    known = view.named()
    for i in known:
        under = room.things[i].on
        if under is not None and view.names[under] is not None:
            sentences.append(f"{view.names[i]} is on {view.names[under]}.")
    ordered = sorted(known, key=lambda i: view.picture[i, 0])
    for a, b in pairwise(ordered):
        if view.picture[b, 0] - view.picture[a, 0] >= 6:
            sentences.append(f"{view.names[a]} is left of {view.names[b]}.")
    sentences += [_how_far(view, i) for i in known[:2]]
    return " ".join(sentences)


def _how_far(view: RoomView, i: int) -> str:
    half_metres = round(view.away(i) * 2)
    words = number_word(half_metres // 2) + (" and a half" if half_metres % 2 else "")
    return f"{view.names[i]} is about {words} {'metre' if half_metres == 2 else 'metres'} away."


def box_words(room: Room, index: int) -> str:
    """A thing's box along the axes as six numbers, hundredths of the room's sides: ``[12, 3, 0, 40, 31, 28]``."""
    size = (room.shell.width, room.shell.length, room.shell.height) * 2
    low_high = axis_boxes(room)[index]
    return f"[{', '.join(str(min(BINS - 1, max(0, int(v / s * BINS)))) for v, s in zip(low_high, size))}]"


def read_box(text: str, room: Room) -> tuple[float, ...]:
    """The six numbers of the first box in a text, in metres: the middles of their steps. Raises ``DataError``."""
    found = re.search(r"\[(\d+(?:,\s*\d+){5})]", text)
    if found is None:
        raise DataError(f"'{text[:60]}' has no box of six numbers.")
    size = (room.shell.width, room.shell.length, room.shell.height) * 2
    return tuple((int(n) + 0.5) / BINS * s for n, s in zip(found[1].split(","), size))
