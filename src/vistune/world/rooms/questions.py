"""Questions about rooms: depth, distance, direction from a place in the room, counts, what stands on what."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import permutations
from typing import TypeVar

from vistune.world.language.grammar import indefinite
from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, evenly_won, question, yes_no
from vistune.world.rooms.facts import SEEN as SEEN_PIXELS
from vistune.world.rooms.furniture import FURNISHINGS
from vistune.world.rooms.room import Room
from vistune.world.rooms.view import KIND_NAMES, RoomView, side_of
from vistune.world.vocabulary import COLOURS

C = Asker[RoomView]
T = TypeVar("T")
SEEN = call("seen")

_CAMERA = Wordings(("which is nearer to the camera: {a} or {b}?", "which is closer to us: {a} or {b}?"),
                   ("what is less far from the camera: {a} or {b}?",))  # fmt: skip
_ANCHOR = Wordings(("which is nearer to {x}: {a} or {b}?", "what is closer to {x}: {a} or {b}?"),
                   ("which of the two is less far from {x}: {a} or {b}?",))  # fmt: skip
_SIDE = Wordings(("is {a} left of {b}?", "is {a} to the left of {b}?"), ("does {a} stand left of {b}?",))
_AWAY = Wordings(
    ("about how many metres away is {x}?", "how many metres is it to {x}?"), ("how far away is {x}, in metres?",)
)
_BETWEEN = Wordings(("about how many metres are there between {a} and {b}?",), ("how far is {a} from {b}, in metres?",))
_TALLER = Wordings(("which is taller: {a} or {b}?",), ("which of the two is higher: {a} or {b}?",))
_TURN = Wordings(
    ("you stand at {a} and look at {b}. where is {x}: left, right or behind you?",),
    ("somebody at {a} faces {b}. is {x} left, right or behind?",),
)
_COUNT = Wordings(("how many {xs} are in the room?", "how many {xs} can you see?"), ("count the {xs}.",))
_EXISTS = Wordings(("is there {x} in the room?", "can you see {x}?"), ("does the room have {x}?",))
_COLOUR = Wordings(("what colour is {x}?",), ("which colour does {x} have?",))
_ON = Wordings(("what is on {x}?", "what stands on {x}?"), ("name the thing on top of {x}.",))
_VIEWS = Wordings(
    ("which pictures show {x}: the first, the second or both?",),
    ("where can you see {x}: the first, the second or both?",),
)
_TOTAL = Wordings(
    ("how many {xs} do the two pictures show, each counted once?", "two pictures of a room: how many {xs} are in it?"),
    ("how many different {xs} can be seen in the two pictures?",),
)


def thing(c: C, index: int) -> Program:
    """A thing by its name."""
    return call("thing", argument=str(c.view.names[index]))


#: Answer -> how easily it is found, fitted on 4,000 rooms of the flat prior until all answers came alike often.
_EASE_AWAY = {2: 0.86, 3: 1.0, 4: 0.564}
_EASE_BETWEEN = {1: 0.941, 2: 1.0, 3: 0.435}
_EASE_COUNT = {0: 1.0, 1: 0.825, 2: 0.113}
_EASE_ON = {
    "box": 0.09, "ball": 0.137, "drum": 0.081, "cone": 0.116, "block": 0.152, "vase": 0.134, "cup": 0.192, "book": 0.097,
}  # fmt: skip
_EASE_TURNED = {"left": 1.0, "right": 0.958, "behind": 0.295}
_EASE_TOTAL = {1: 1.0, 2: 0.252, 3: 0.182}
_EASE_VIEWS = {"the first": 0.074, "the second": 0.067, "both": 0.7}
#: Kind -> how often it shows in one of two views only, over the mean of all. Others hardly ever do: nobody needs to look.
_IN_ONE = {
    "cupboard": 1.0, "drum": 1.1, "vase": 1.6, "stool": 1.2, "box": 0.95, "block": 1.6, "cone": 1.2, "ball": 2.0, "cup": 3.0,
    "book": 1.9, "shelf": 3.0,
}  # fmt: skip


#: Kind -> how strong it is in being the nearer one to a third thing (see ``evenly_won``), fitted on the flat prior: rugs and tables
#: lie in the middle, beds and shelves at the walls.
_STRONG_NEAR = {
    "rug": 2.32, "table": 2.05, "vase": 1.6, "ball": 1.55, "stool": 1.51, "cup": 1.36, "box": 1.36, "book": 1.25, "drum": 1.21,
    "block": 1.11, "cone": 1.08, "chair": 1.04, "lamp": 0.97, "plant": 0.86, "bed": 0.48, "cupboard": 0.37, "shelf": 0.35,
    "sofa": 0.31,
}  # fmt: skip


def even(c: C, ease: dict[T, float]) -> T | None:
    """A wanted answer, such that all are asked for equally often; None to pass."""
    wanted = c.one_of(tuple(ease))
    return wanted if c.chance(min(ease.values()) / ease[wanted]) else None


def _named(c: C, count: int) -> list[int] | None:
    """``count`` different things that can be named."""
    known = c.view.named()
    return c.rng.sample(known, count) if len(known) >= count else None


def _either(c: C, type: str, wordings: Wordings, test: Program, a: int, b: int, anchor: str = "") -> Question | None:
    """A question whose answer is one of two things."""
    x, y = str(c.view.names[a]), str(c.view.names[b])
    words = call("word", argument=x), call("word", argument=y)
    asked = question(c, type, wordings, call("pick", test, *words), things=(a, b), a=x, b=y, x=anchor)
    return None if asked is None else replace(asked, choices=(x, y))


def depth_order(c: C) -> Question | None:
    """The nearer of two things (CV-Bench: depth)."""
    pair = _named(c, 2)
    if pair is None:
        return None
    test = call("nearer_to_camera", *(thing(c, i) for i in pair))
    return _either(c, "depth_order", _CAMERA, test, pair[0], pair[1])


def relative_distance(c: C) -> Question | None:
    """Which of two things is nearer to a third (CV-Bench: distance)."""
    three = _named(c, 3)
    if three is None:
        return None
    test = call("nearer_to", *(thing(c, i) for i in three))
    asked = _either(c, "relative_distance", _ANCHOR, test, three[1], three[2], str(c.view.names[three[0]]))
    if asked is None:
        return None
    kinds = [c.view.room.things[i].kind for i in three[1:]]
    won = kinds if asked.choices is not None and asked.answer == asked.choices[0] else kinds[::-1]
    return asked if evenly_won(c, _STRONG_NEAR, *won) else None


def side(c: C) -> Question | None:
    """Whether a thing is left of another on the picture; the pair is drawn in either order."""
    pair = _named(c, 2)
    if pair is None:
        return None
    a, b = (str(c.view.names[i]) for i in pair)
    return question(c, "side", _SIDE, call("left_of", *(thing(c, i) for i in pair)), things=tuple(pair), a=a, b=b)


def distance(c: C) -> Question | None:
    """Metres to a thing; the number is drawn first."""
    wanted = even(c, _EASE_AWAY)
    fitting = [i for i in c.view.named() if round(c.view.away(i)) == wanted]
    if not fitting:
        return None
    i = c.one_of(fitting)
    return question(c, "distance", _AWAY, call("metres_away", thing(c, i)), things=(i,), x=str(c.view.names[i]))


def between(c: C) -> Question | None:
    """Metres between two things; the number is drawn first."""
    wanted = even(c, _EASE_BETWEEN)
    known = c.view.named()
    pairs = [(i, j) for i in known for j in known if i != j and round(c.view.gap(i, j)) == wanted]
    if not pairs:
        return None
    pair = c.one_of(pairs)
    a, b = (str(c.view.names[i]) for i in pair)
    return question(c, "between", _BETWEEN, call("metres_between", *(thing(c, i) for i in pair)), things=pair, a=a, b=b)


def taller(c: C) -> Question | None:
    """The taller of two of a kind: of other kinds one knows it without looking."""
    known = c.view.named()
    pairs = [(i, j) for i in known for j in known if i != j and c.view.things[i].kind == c.view.things[j].kind]
    pairs = [(i, j) for i, j in pairs if not any(w in str(c.view.names[k]) for k in (i, j) for w in ("big", "small"))]
    if not pairs:
        return None
    pair = c.one_of(pairs)
    return _either(c, "taller", _TALLER, call("taller", *(thing(c, i) for i in pair)), pair[0], pair[1])


def turned(c: C) -> Question | None:
    """Left, right or behind for somebody in the room (SQA3D's situated questions); the side is drawn first."""
    wanted = even(c, _EASE_TURNED)
    if wanted is None:
        return None
    places = list(permutations(c.view.named(), 3))
    c.rng.shuffle(places)
    for three in places:
        if side_of(c.view, three) == wanted:
            a, b, x = (str(c.view.names[i]) for i in three)
            program = call("turned", *(thing(c, i) for i in three))
            return question(c, "turned", _TURN, program, things=three, a=a, b=b, x=x)
    return None


def count(c: C) -> Question | None:
    """How many of a kind are seen; the number is drawn first."""
    wanted = even(c, _EASE_COUNT)
    counts = dict.fromkeys(KIND_NAMES, 0)
    for i in c.view.seen:
        counts[c.view.things[i].kind] += 1
    kinds = [kind for kind, number in counts.items() if number == wanted]
    if not kinds:
        return None
    kind = c.one_of(kinds)
    return question(c, "count", _COUNT, call("count", Program("kind", (SEEN,), kind)), xs=FURNISHINGS[kind].plural)


def exists(c: C) -> Question | None:
    """Whether a kind in a colour is there: of a "no" the kind is there in another colour, or the colour on another kind."""

    def make(c: C, want: bool) -> Question | None:
        if not c.view.seen:
            return None
        i = c.one_of(c.view.seen)
        kind, colour = c.view.things[i].kind, c.view.things[i].colour
        if not want and c.chance(0.5):
            colour = c.one_of([name for name in COLOURS if name != colour])
        elif not want:
            kind = c.one_of([name for name in KIND_NAMES if name != kind])
        found = Program("colour", (Program("kind", (SEEN,), kind),), colour)
        return question(c, "exists", _EXISTS, call("exists", found), want=want, x=indefinite(f"{colour} {kind}"))

    return yes_no(c, make)


def colour(c: C) -> Question | None:
    """The colour of the only one of its kind."""
    alone = [i for i in c.view.seen if c.view.names[i] == f"the {c.view.things[i].kind}"]
    if not alone:
        return None
    i = c.one_of(alone)
    return question(c, "colour", _COLOUR, call("colour_of", thing(c, i)), things=(i,), x=str(c.view.names[i]))


def on(c: C) -> Question | None:
    """What stands on a thing; what does so often is passed over at times."""
    found = [(i, o.kind) for i in c.view.named() for o in c.view.things if o.on == i]
    if not found:
        return None
    i, kind = c.one_of(found)
    if not c.chance(min(_EASE_ON.values()) / _EASE_ON[kind]):
        return None
    program = call("name", call("only", call("on", thing(c, i))))
    return question(c, "on", _ON, program, things=(i,), x=str(c.view.names[i]))


def views(c: C) -> Question | None:
    """Which of two views show a thing; the answer is drawn first."""
    if len(c.view.room.cameras) != 2:
        return None
    wanted = even(c, _EASE_VIEWS)
    known = [i for i, name in c.view.names.items() if name is not None and c.view.things[i].kind in _IN_ONE]
    c.rng.shuffle(known)
    for i in known:
        if wanted == "both" and not c.chance(_IN_ONE[c.view.things[i].kind] / max(_IN_ONE.values())):
            continue
        program = call("views", call("seen_from", thing(c, i)))
        asked = question(c, "views", _VIEWS, program, things=(i,), x=str(c.view.names[i]))
        if asked is not None and asked.answer == wanted:
            return asked
    return None


def total(c: C) -> Question | None:
    """How many of a kind two pictures show together; the number is drawn first.

    Asked where something shows in both, so that the sum of the two is wrong: what shows twice must be known again.
    """
    if len(c.view.room.cameras) != 2:
        return None
    wanted = even(c, _EASE_TOTAL)
    seen = c.view.pixels[:2] >= SEEN_PIXELS
    found = []
    for kind in KIND_NAMES:
        both = seen[:, [thing.kind == kind for thing in c.view.things]]
        number = int(both.any(0).sum())
        if number == wanted and int(both.sum()) > number:
            found.append(kind)
    if not found:
        return None
    kind = c.one_of(found)
    return question(c, "total", _TOTAL, call("count", call("in_either", argument=kind)), xs=FURNISHINGS[kind].plural)


#: Types for one picture; ``views`` and ``total`` are for two.
MAKERS: dict[str, Callable[[C], Question | None]] = {
    "depth_order": depth_order, "relative_distance": relative_distance, "side": side, "distance": distance,
    "between": between, "taller": taller, "turned": turned, "count": count, "exists": exists, "colour": colour, "on": on,
}  # fmt: skip
TWO_VIEW_MAKERS: dict[str, Callable[[C], Question | None]] = {"views": views, "total": total}
#: Types that pass over what is too common.
_ONCE = frozenset({"distance", "between", "turned", "count", "on", "views", "total"})


@lru_cache(maxsize=128)
def room_view(room: Room, camera: int = 0) -> RoomView:
    """The view of a room, kept."""
    return RoomView(room, camera)


def ask(
    room: Room, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train", camera: int = 0
) -> list[Question]:
    """Up to ``n`` different questions about what a camera sees (see ``vistune.world.questions.ask``).

    The types "views" and "total" are about the first two cameras, and asked only by name. Raises ``ConfigError`` for an
    unknown type.
    """
    rng = random.Random(f"room/{seed}/{room.seed}/{camera}/{split}")
    makers = {**MAKERS, **TWO_VIEW_MAKERS}
    c = Asker(room_view(room, camera), rng, split)
    return draw_questions(c, makers, list(MAKERS) if types is None else types, n, once=_ONCE)
