"""Questions about sites: counts, colours, headings, directions, land use, lengths."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from vistune.world.aerial.sampling import colours_of
from vistune.world.aerial.site import CLASSES, KINDS, LANDS, Site
from vistune.world.aerial.view import DIRECTIONS, AerialView
from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, question

C = Asker[AerialView]
THINGS = call("things")

_COUNT = Wordings(("how many {k}s are there?", "how many {k}s can be seen?"), ("count the {k}s.",))
_EXISTS = Wordings(("is there a {k}?", "can a {k} be seen?"), ("does the picture show a {k}?",))
_COLOUR = Wordings(("what colour is the {k}: {a} or {b}?",), ("is the {k} {a} or {b}?",))
_HEADING = Wordings(("which way does the {x} point?", "where does the {x} head?"), ("give the heading of the {x}.",))
_NORTH = Wordings(
    ("is the {x} north or south of the {y}?",), ("does the {x} lie to the north or the south of the {y}?",)
)
_EAST = Wordings(("is the {x} east or west of the {y}?",), ("does the {x} lie to the east or the west of the {y}?",))
_MORE = Wordings(("are there more {a}s or more {b}s?",), ("which are more: the {a}s or the {b}s?",))
_SCENE = Wordings(
    ("what kind of place is this?", "what does the picture show from above?"), ("name the kind of place.",)
)
_LARGER = Wordings(("which covers more land: {a} or {b}?",), ("is there more {a} or more {b}?",))
_MOST = Wordings(("which land use covers the most?", "what is most of the land?"), ("name the largest land use.",))
_RUNWAY = Wordings(
    ("the picture is {m} metres wide. how long is the runway: 120, 160, 200 or 240 metres?",),
    ("how long is the runway (120, 160, 200 or 240 metres), if the picture is {m} metres wide?",),
)

#: Answers -> how easily they are found, fitted on sites of the flat prior.
_EASE_COUNT = {1: 0.975, 2: 0.875, 3: 1.0, 4: 0.891, 5: 0.773}
_EASE_MOST = {"field": 1.0, "meadow": 0.706, "wood": 0.686, "water": 0.717, "town": 0.826, "yard": 0.762}
_EASE_RUNWAY = {"120 metres": 0.692, "160 metres": 0.548, "200 metres": 1.0, "240 metres": 0.725}
_EASE_HEADING = {"north": 0.686, "east": 1.0, "south": 0.755, "west": 0.818}

#: (kind, is it there) -> share of flat sites.
_EASE_EXISTS = {
    (kind, there): share if there else 1 - share
    for kind, share in {"house": 0.47, "ship": 0.24, "plane": 0.16, "car": 0.8, "tank": 0.29}.items()
    for there in (True, False)
}

#: Two land uses -> how often the first covers more, on sites of the flat prior.
_FIRST_LARGER = {
    "field/meadow": 0.629, "field/wood": 0.592, "field/water": 0.475, "field/town": 0.915, "field/yard": 0.461,
    "meadow/wood": 0.413, "meadow/water": 0.323, "meadow/town": 0.323, "meadow/yard": 0.442, "wood/water": 0.988,
    "wood/town": 0.184, "wood/yard": 0.144, "water/town": 0.999, "water/yard": 0.999, "town/yard": 0.416,
}  # fmt: skip

#: Two kinds that are both there -> how often there are more of the first, on sites of the flat prior.
_FIRST_MORE = {
    "house/ship": 0.544, "house/plane": 0.558, "house/car": 0.543, "house/tank": 0.654, "ship/car": 0.409,
    "ship/tank": 0.655, "plane/car": 0.421, "car/tank": 0.606,
}  # fmt: skip


def word(text: str) -> Program:
    """A fixed text."""
    return call("word", argument=text)


def of_kind(kind: str) -> Program:
    """All things of a kind."""
    return call("kind", THINGS, argument=kind)


def even(c: C, ease: dict) -> object:
    """One of the answers, easy ones thinned out; None if it is to be given up."""
    wanted = c.one_of(tuple(ease))
    return wanted if c.chance(min(ease.values()) / ease[wanted]) else None


def _named(c: C) -> list[tuple[int, str, Program]]:
    """Things that kind, or colour and kind, tell from all others: place, words, program."""
    things, found = c.view.site.things, []
    for place, thing in enumerate(things):
        if sum(t.kind == thing.kind for t in things) == 1:
            found.append((place, thing.kind, call("only", of_kind(thing.kind))))
        elif sum((t.kind, t.colour) == (thing.kind, thing.colour) for t in things) == 1:
            program = call("only", call("colour", of_kind(thing.kind), argument=thing.colour))
            found.append((place, f"{thing.colour} {thing.kind}", program))
    return found


def _as_often(c: C, first_wins: dict[str, float], a: str, b: str, a_wins: bool) -> bool:
    """Pass over some of the questions in which the one that wins more often wins, so that both win alike often."""
    share = first_wins[f"{a}/{b}"] if f"{a}/{b}" in first_wins else 1 - first_wins.get(f"{b}/{a}", 0.5)
    share = share if a_wins else 1 - share
    return c.chance(min(1.0, (1 - share) / share))


def count(c: C) -> Question | None:
    """How many of a kind; the number is drawn first."""
    wanted = even(c, _EASE_COUNT)
    kinds = [k for k in KINDS if sum(t.kind == k for t in c.view.site.things) == wanted]
    return question(c, "count", _COUNT, call("count", of_kind(k)), k=k) if kinds and (k := c.one_of(kinds)) else None


def exists(c: C) -> Question | None:
    """Whether a kind is there; a kind's "yes" and "no" are asked alike often, whatever its share of sites."""
    kind = c.one_of(KINDS)
    there = any(t.kind == kind for t in c.view.site.things)
    if not c.chance(min(1.0, _EASE_EXISTS[kind, not there] / _EASE_EXISTS[kind, there])):
        return None
    return question(c, "exists", _EXISTS, call("exists", of_kind(kind)), k=kind)


def colour(c: C) -> Question | None:
    """The colour of the only thing of its kind: of two that the kind comes in."""
    things = c.view.site.things
    unique = [t for t in things if sum(o.kind == t.kind for o in things) == 1]
    if not unique:
        return None
    thing = c.one_of(unique)
    others = [k for k in colours_of(thing.kind, c.view.site.split) if k != thing.colour]
    options = [thing.colour, c.one_of(others)]
    c.rng.shuffle(options)
    a, b = options
    asked = question(c, "colour", _COLOUR, call("colour_of", of_kind(thing.kind)), k=thing.kind, a=a, b=b)
    return None if asked is None else replace(asked, choices=(a, b))


def heading(c: C) -> Question | None:
    """Where a ship or a plane points; the direction is drawn first."""
    wanted = even(c, _EASE_HEADING)
    named = [(words, p) for place, words, p in _named(c) if c.view.site.things[place].kind in ("ship", "plane")]
    if not named:
        return None
    words, program = c.one_of(named)
    asked = question(c, "heading", _HEADING, call("heading", program), x=words)
    return None if asked is None or asked.answer != wanted else replace(asked, choices=DIRECTIONS)


def _direction(c: C, type: str, wordings: Wordings, op: str, words: tuple[str, str]) -> Question | None:
    named = _named(c)
    if len(named) < 2:
        return None
    (_, x, first), (_, y, second) = c.rng.sample(named, 2)
    program = call("pick", call(op, first, second), word(words[0]), word(words[1]))
    asked = question(c, type, wordings, program, x=x, y=y)
    return None if asked is None else replace(asked, choices=words)


def north(c: C) -> Question | None:
    """North or south of another thing."""
    return _direction(c, "north", _NORTH, "north_of", ("north", "south"))


def east(c: C) -> Question | None:
    """East or west of another thing."""
    return _direction(c, "east", _EAST, "east_of", ("east", "west"))


def more(c: C) -> Question | None:
    """Which of two kinds that are there has more; a pair of kinds and its exchange are asked alike."""
    counts = {k: sum(t.kind == k for t in c.view.site.things) for k in KINDS}
    there = [k for k in KINDS if counts[k]]
    if len(there) < 2:
        return None
    a, b = c.rng.sample(there, 2)
    if counts[a] == counts[b]:
        return None
    first, second = (call("count", of_kind(k)) for k in (a, b))
    program = call("pick", call("more", first, second), word(f"{a}s"), word(f"{b}s"))
    asked = question(c, "more", _MORE, program, a=a, b=b)
    if asked is None or not _as_often(c, _FIRST_MORE, a, b, counts[a] > counts[b]):
        return None
    return replace(asked, choices=(f"{a}s", f"{b}s"))


def scene(c: C) -> Question | None:
    """Farmland, town, ..."""
    asked = question(c, "scene", _SCENE, call("scene"))
    return None if asked is None else replace(asked, choices=CLASSES)


def larger(c: C) -> Question | None:
    """Which of two land uses that are there covers more."""
    there = [land for land in LANDS if c.view.shares[land] > 0.02]
    if len(there) < 2:
        return None
    a, b = c.rng.sample(there, 2)
    program = call("pick", call("larger", call("share", argument=a), call("share", argument=b)), word(a), word(b))
    asked = question(c, "larger", _LARGER, program, a=a, b=b)
    if asked is None:
        return None
    # Whichever of the two is larger more often is asked for as often as the other.
    return replace(asked, choices=(a, b)) if _as_often(c, _FIRST_LARGER, a, b, asked.answer == a) else None


def most(c: C) -> Question | None:
    """The largest land use, drawn first."""
    wanted = even(c, _EASE_MOST)
    asked = question(c, "most", _MOST, call("most_land"))
    return None if asked is None or asked.answer != wanted else asked


def runway(c: C) -> Question | None:
    """The runway's length in metres, drawn first."""
    wanted = even(c, _EASE_RUNWAY)
    metres = f"{c.view.site.metres:.0f}"
    asked = question(c, "runway", _RUNWAY, call("metres", call("runway")), m=metres)
    return None if asked is None or asked.answer != wanted else replace(asked, choices=tuple(_EASE_RUNWAY))


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "count": count, "exists": exists, "colour": colour, "heading": heading, "north": north, "east": east, "more": more,
    "scene": scene, "larger": larger, "most": most, "runway": runway,
}  # fmt: skip


def ask(site: Site, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train") -> list[Question]:
    """Up to ``n`` different questions about a site (see ``vistune.world.questions.ask``)."""
    rng = random.Random(f"aerial question/{seed}/{site.seed}/{split}")
    return draw_questions(Asker(AerialView(site), rng, split), MAKERS, types, n)
