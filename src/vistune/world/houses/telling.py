"""Houses in words: what is around somebody, and what the plan shows."""

from __future__ import annotations

import random

from vistune.world.houses.house import SIDES, House
from vistune.world.houses.view import Stand, stand_view
from vistune.world.language.grammar import indefinite, join, number_word
from vistune.world.language.wordings import Wordings

_SHORT = Wordings(("this is the {r}. there is {x}.", "you are in the {r}, with {x}."), ("the {r} has {x}.",))
_PLACE = {"ahead": "ahead of you is", "right": "on your right is", "behind": "behind you is", "left": "on your left is"}


def short_caption(stand: Stand, seed: int, split: str = "train") -> str:
    """The room and up to three things that show, the largest first."""
    view = stand_view(stand)
    rng = random.Random(f"stand caption/{seed}/{stand.house.scan}/{stand.viewpoint}/{split}")
    things = sorted((i for i in view.seen if view.kind(i) != "door"), key=lambda i: -view.spots[i].pixels)[:3]
    named = [indefinite(f"{view.colour(i)} {view.kind(i)}") for i in things]
    words = join(named) if named else "nothing in it"
    return _SHORT.pick(rng, split).format(r=stand.house.rooms[view.room].kind, x=words)


def long_caption(stand: Stand) -> str:
    """The room, its doors, and what is on each side."""
    view = stand_view(stand)
    count = sum(view.kind(i) == "door" for i in view.seen)
    kind = stand.house.rooms[view.room].kind
    sentences = [f"you are in the {kind}. it has {number_word(count)} {'door' if count == 1 else 'doors'}."]
    for side in SIDES:
        named = [indefinite(f"{view.colour(i)} {view.kind(i)}") for i in view.seen if view.side(i) == side]
        if named:
            sentences.append(f"{_PLACE[side]} {join(named)}.")
    return " ".join(sentences)


def plan_caption(house: House) -> str:
    """The rooms, and for each door what it joins."""
    sentences = [f"the house has {join([indefinite(room.kind) for room in house.rooms])}."]
    for door in house.doors:
        a, b = (house.rooms[r].kind for r in door.rooms)
        sentences.append(f"{indefinite(door.colour)} door joins the {a} and the {b}.")
    return " ".join(sentences)
