"""Questions about houses: what is around somebody who stands in one (``ask``), and what its plan tells (``ask_plan``)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from vistune.world.houses.fittings import ROOM_KINDS
from vistune.world.houses.house import SIDES
from vistune.world.houses.layout import DOOR_COLOURS
from vistune.world.houses.view import Plan, PlanView, Stand, StandView, stand_view
from vistune.world.language.grammar import indefinite
from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, evenly_won, question, yes_no
from vistune.world.vocabulary import COLOURS

C = Asker[StandView]
P = Asker[PlanView]
T = TypeVar("T")
SEEN = call("seen")

_ROOM = Wordings(("which room is this?", "what room are you in?"), ("name the room around you.",))
_DOORS = Wordings(("how many doors does this room have?", "how many doors are around you?"), ("count the doors here.",))
_COLOUR = Wordings(("what colour is {x}?",), ("which colour does {x} have?",))
_DOOR_COLOUR = Wordings(("what colour is the door of this room?",), ("which colour does the door of this room have?",))
_WHERE = Wordings(
    ("where is {x}: ahead, right, behind or left?", "is {x} ahead of you, right, behind or left?"),
    ("you want to go to {x}. is it ahead, right, behind or left?",),
)
_NEARER = Wordings(
    ("which is nearer: {a} or {b}?", "what is closer to you: {a} or {b}?"), ("which is less far: {a} or {b}?",)
)
_EXISTS = Wordings(("is there {x} in this room?", "can you see {x} here?"), ("does this room have {x}?",))

_NEXT = Wordings(
    ("which room has a door to the {x}: the {a} or the {b}?",),
    ("from which room do you step into the {x}: the {a} or the {b}?",),
)
_HAS = Wordings(
    ("how many doors does the {x} have?", "how many doors lead out of the {x}?"), ("count the doors of the {x}.",)
)
_BETWEEN = Wordings(
    ("what colour is the door between the {a} and the {b}?",), ("which colour has the door from the {a} to the {b}?",)
)
_PASS = Wordings(
    ("how many doors must you pass from the {a} to the {b}?",),
    ("you go from the {a} to the {b}. how many doors at least?",),
)
_ARRIVE = Wordings(
    ("you are in the {x} and go through the {a} door, then through the {b} door. where are you?",),
    ("from the {x}, take the {a} door and then the {b} door. in which room do you end?",),
)
_LARGER = Wordings(("which room is larger: the {a} or the {b}?",), ("which has more space: the {a} or the {b}?",))
_LEFT = Wordings(("on the plan, is the {a} left of the {b}?",), ("is the {a} further left on the plan than the {b}?",))
_END = Wordings(
    ("in which room does the way end?", "where does the way lead to?"), ("which room is at the end of the way?",)
)
_WAY_DOORS = Wordings(("how many doors does the way go through?",), ("count the doors on the way.",))

#: Answer -> how easily it is found, fitted on the flat prior until all answers came alike often.
_EASE_ROOM = {**dict.fromkeys(ROOM_KINDS, 0.58), "hall": 1.0}
_EASE_DOORS = {1: 0.4, 2: 1.0, 3: 0.23}
_EASE_DOOR_COLOUR = dict.fromkeys(DOOR_COLOURS, 1.0)
_EASE_HAS = {1: 0.525, 2: 1.0, 3: 0.099}
_EASE_PASS = {1: 0.95, 2: 1.0, 3: 0.65}
_EASE_WAY_DOORS = {1: 1.0, 2: 0.9, 3: 0.45}
#: Kind -> how strong it is against another kind: one of strength s wins s / (s + t) of its comparisons with one of
#: strength t (Bradley and Terry, 1952), fitted on the flat prior. Small things show only where they are near, and the hall is
#: the largest room.
STRONG_NEARER = {
    "cup": 8.6, "vase": 8.1, "lamp": 3.6, "ball": 2.1, "stool": 1.95, "plant": 1.9, "chair": 1.8, "table": 1.5, "book": 1.35,
    "block": 1.3, "cone": 1.15, "drum": 1.05, "rug": 0.97, "box": 0.91, "picture": 0.61, "fridge": 0.55, "shelf": 0.53,
    "sink": 0.51, "bed": 0.5, "toilet": 0.46, "desk": 0.43, "cupboard": 0.36, "sofa": 0.34, "stove": 0.32, "bath": 0.29,
}  # fmt: skip
STRONG_LARGER = {"hall": 1.43}


def even(c: Asker, ease: dict[T, float], found: T) -> bool:
    """Whether to keep a found answer, so that all are kept alike often."""
    return found in ease and c.chance(min(ease.values()) / ease[found])


def named(c: C, number: int) -> Program:
    """A thing or door by its name."""
    return call("named", argument=c.view.names[number])


def which_room(c: C) -> Question | None:
    """The kind of the room, known by what is in it."""
    asked = question(c, "which_room", _ROOM, call("room"))
    return asked if asked is not None and even(c, _EASE_ROOM, asked.answer) else None


def doors(c: C) -> Question | None:
    """How many doors the room has."""
    number = sum(c.view.kind(i) == "door" for i in c.view.seen)
    if not even(c, _EASE_DOORS, number):
        return None
    return question(c, "doors", _DOORS, call("count", Program("kind", (SEEN,), "door")))


def colour(c: C) -> Question | None:
    """The colour of the only one of its kind."""
    alone = [i for i, name in c.view.names.items() if name == f"the {c.view.kind(i)}" and c.view.kind(i) != "door"]
    if not alone:
        return None
    i = c.one_of(alone)
    return question(c, "colour", _COLOUR, call("colour_of", named(c, i)), things=(i,), x=c.view.names[i])


def door_colour(c: C) -> Question | None:
    """The colour of the only door of the room, where no other of its colour shows through it."""
    found = [i for i in c.view.seen if c.view.kind(i) == "door"]
    if len(found) != 1 or found[0] not in c.view.names or c.view.doubtful:
        return None
    if any(c.view.kind(i) == "door" for i in c.view.hidden):
        return None
    if not even(c, _EASE_DOOR_COLOUR, c.view.colour(found[0])):
        return None
    program = call("colour_of", named(c, found[0]))
    return question(c, "door_colour", _DOOR_COLOUR, program, things=(found[0],))


def where(c: C) -> Question | None:
    """On which side a thing is; the side is drawn first."""
    return _where(c, "where", door=False)


def where_door(c: C) -> Question | None:
    """On which side a door is; the side is drawn first."""
    return _where(c, "where_door", door=True)


def _where(c: C, type: str, door: bool) -> Question | None:
    wanted = c.one_of(SIDES)
    fitting = [i for i in c.view.names if (c.view.kind(i) == "door") == door and c.view.side(i) == wanted]
    if not fitting:
        return None
    i = c.one_of(fitting)
    return question(c, type, _WHERE, call("side_of", named(c, i)), things=(i,), x=c.view.names[i])


def nearer(c: C) -> Question | None:
    """The nearer of two doors or two things."""
    doors = c.chance(0.3)
    known = [i for i in c.view.names if (c.view.kind(i) == "door") == doors]
    if len(known) < 2:
        return None
    pair = c.rng.sample(known, 2)
    a, b = (c.view.names[i] for i in pair)
    test = call("nearer", *(named(c, i) for i in pair))
    program = call("pick", test, call("word", argument=a), call("word", argument=b))
    asked = question(c, "nearer", _NEARER, program, things=tuple(pair), a=a, b=b)
    if asked is None:
        return None
    kinds = [c.view.kind(i) for i in (pair if asked.answer == a else pair[::-1])]
    return replace(asked, choices=(a, b)) if evenly_won(c, STRONG_NEARER, *kinds) else None


def exists(c: C) -> Question | None:
    """Whether a kind in a colour is there: of a "no" the kind is there in another colour, or the colour on another kind."""

    def make(c: C, want: bool) -> Question | None:
        if not c.view.seen:
            return None
        i = c.one_of(c.view.seen)
        kind, shade = c.view.kind(i), c.view.colour(i)
        if not want and c.chance(0.6):
            shade = c.one_of([name for name in (DOOR_COLOURS if kind == "door" else tuple(COLOURS)) if name != shade])
        elif not want:
            kind = c.one_of([thing.kind for thing in c.view.house.things if thing.kind != kind])
        found = Program("colour", (Program("kind", (SEEN,), kind),), shade)
        return question(c, "exists", _EXISTS, call("exists", found), want=want, x=indefinite(f"{shade} {kind}"))

    return yes_no(c, make)


def _room(kind: str) -> Program:
    return call("room", argument=kind)


def _rooms(c: P, count: int) -> list[str] | None:
    """``count`` different kinds of which the house has one room each."""
    return c.rng.sample(list(c.view.told), count) if len(c.view.told) >= count else None


def next_to(c: P) -> Question | None:
    """Which of two rooms has a door to a third; not the hall, which has doors to most."""
    three = _rooms(c, 3)
    if three is None or "hall" in three[1:]:
        return None
    x, a, b = three
    tests = [call("exists", call("doors_to", _room(x), _room(other))) for other in (a, b)]
    if tests[0].answer(c.view) == tests[1].answer(c.view):
        return None
    program = call("pick", tests[0], call("word", argument=f"the {a}"), call("word", argument=f"the {b}"))
    asked = question(c, "next_to", _NEXT, program, x=x, a=a, b=b)
    return None if asked is None else replace(asked, choices=(f"the {a}", f"the {b}"))


def room_doors(c: P) -> Question | None:
    """How many doors a room has. Not of the hall, which has many."""
    known = [kind for kind in c.view.told if kind != "hall"]
    if not known:
        return None
    kind = c.one_of(known)
    if not even(c, _EASE_HAS, len(c.view.house.doors_of[c.view.told[kind]])):
        return None
    return question(c, "room_doors", _HAS, call("count", call("doors_of", _room(kind))), x=kind)


def door_between(c: P) -> Question | None:
    """The colour of the door between two rooms."""
    pairs = [(a, b) for a, i in c.view.told.items() for b, j in c.view.told.items() if a != b and c.view.joined(i, j)]
    if not pairs:
        return None
    a, b = c.one_of(pairs)
    program = call("door_colour", call("only", call("doors_to", _room(a), _room(b))))
    return question(c, "door_between", _BETWEEN, program, a=a, b=b)


def doors_between(c: P) -> Question | None:
    """The fewest doors from a room to another."""
    known = [kind for kind in c.view.told if kind != "hall"]
    if len(known) < 2:
        return None
    a, b = c.rng.sample(known, 2)
    if not even(c, _EASE_PASS, c.view.doors_between(c.view.told[a], c.view.told[b])):
        return None
    return question(c, "doors_between", _PASS, call("doors_between", _room(a), _room(b)), a=a, b=b)


def arrive(c: P) -> Question | None:
    """The room behind two doors, one after the other."""
    house, found = c.view.house, []
    for kind, room in c.view.told.items():
        for d in house.doors_of[room]:
            middle = house.doors[d].beyond(room)
            found += [(kind, d, e) for e in house.doors_of[middle] if house.doors[e].beyond(middle) != room]
    if not found:
        return None
    kind, d, e = c.one_of(found)
    a, b = house.doors[d].colour, house.doors[e].colour
    program = call("kind_of", Program("through", (Program("through", (_room(kind),), a),), b))
    asked = question(c, "arrive", _ARRIVE, program, x=kind, a=a, b=b)
    return asked if asked is not None and (asked.answer != "hall" or c.chance(0.3)) else None


def larger(c: P) -> Question | None:
    """The larger of two rooms."""
    pair = _rooms(c, 2)
    if pair is None:
        return None
    a, b = (f"the {kind}" for kind in pair)
    words = call("word", argument=a), call("word", argument=b)
    program = call("pick", call("larger", *(_room(kind) for kind in pair)), *words)
    asked = question(c, "larger", _LARGER, program, a=pair[0], b=pair[1])
    if asked is None:
        return None
    kinds = pair if asked.answer == a else pair[::-1]
    return replace(asked, choices=(a, b)) if evenly_won(c, STRONG_LARGER, *kinds) else None


def plan_left(c: P) -> Question | None:
    """Whether a room is left of another on the plan; the pair is drawn in either order."""
    pair = _rooms(c, 2)
    if pair is None:
        return None
    return question(c, "plan_left", _LEFT, call("left_of", *(_room(kind) for kind in pair)), a=pair[0], b=pair[1])


def way_end(c: P) -> Question | None:
    """The room in which the walk on the plan ends."""
    asked = question(c, "way_end", _END, call("kind_of", call("way_end")))
    return asked if asked is not None and even(c, _EASE_ROOM, asked.answer) else None


def way_doors(c: P) -> Question | None:
    """How many doors the walk goes through."""
    number = sum(c.view.house.viewpoints[k].door is not None for k in c.view.plan.way)
    return question(c, "way_doors", _WAY_DOORS, call("way_doors")) if even(c, _EASE_WAY_DOORS, number) else None


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "which_room": which_room, "doors": doors, "colour": colour, "door_colour": door_colour, "where": where,
    "where_door": where_door, "nearer": nearer, "exists": exists,
}  # fmt: skip
PLAN_MAKERS: dict[str, Callable[[P], Question | None]] = {
    "next_to": next_to, "room_doors": room_doors, "door_between": door_between, "doors_between": doors_between,
    "arrive": arrive, "larger": larger, "plan_left": plan_left, "way_end": way_end, "way_doors": way_doors,
}  # fmt: skip


def ask(
    stand: Stand, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about what is around somebody (see ``vistune.world.questions.ask``).

    Raises ``ConfigError`` for an unknown type.
    """
    rng = random.Random(f"stand question/{seed}/{stand.house.scan}/{stand.viewpoint}/{stand.heading:.3f}/{split}")
    return draw_questions(Asker(stand_view(stand), rng, split), MAKERS, types, n)


def ask_plan(
    plan: Plan, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a plan and the walk on it. Raises ``ConfigError`` for an unknown type."""
    rng = random.Random(f"plan question/{seed}/{plan.house.scan}/{plan.way}/{split}")
    return draw_questions(Asker(PlanView(plan), rng, split), PLAN_MAKERS, types, n)
