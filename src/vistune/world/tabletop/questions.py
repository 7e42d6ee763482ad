"""Questions about a table, and about the way to a goal, with their programs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from vistune.world.language.grammar import indefinite
from vistune.world.language.wordings import Wordings
from vistune.world.program import COMMON, Ambiguous, Operation, Program, call, only
from vistune.world.questions.question import Asker, Question, draw_questions, question, yes_no
from vistune.world.tabletop.episode import Episode
from vistune.world.tabletop.goal import EDGES, SIDES, Goal, stands
from vistune.world.tabletop.table import COLOURS, KINDS, Table

_RELATED = Wordings(
    ("is the {x} {r} the {y}?", "does the {x} stand {r} the {y}?"), ("is it true that the {x} is {r} the {y}?",)
)
_HOLDS = Wordings(
    ("is something in the gripper?", "does the gripper hold anything?"), ("is the gripper carrying something?",)
)
_WHAT_HELD = Wordings(
    ("what does the gripper hold?", "what is in the gripper?"), ("which thing is the gripper carrying?",)
)
_COUNT = Wordings(("how many {k}s are there?", "how many {k}s are on the table or held?"), ("count the {k}s.",))
_EXISTS = Wordings(("is there {x}?", "do you see {x}?"), ("can you find {x} on the table?",))
_COLOUR = Wordings(("what colour is the {k}?", "which colour has the {k}?"), ("tell the colour of the {k}.",))
_DONE = Wordings(
    ('"{w}." is that done?', "the goal: {w}. is it reached?"), ('has the instruction "{w}" been carried out?',)
)
_MOVED = Wordings(
    ("which thing was moved?", "what is elsewhere in the second picture?"), ("name the thing that changed its place.",)
)
_NEXT = Wordings(
    ("{w}. what does the gripper do next: {options}?", "{w}. which action comes next: {options}?"),
    ("to {w}, which action is right now: {options}?",),
)

#: Names of actions, in the order of the choices.
ACTIONS: tuple[str, ...] = ("left", "right", "near", "away", "up", "down", "close", "open")
#: Actions -> how easily they are found, fitted on episodes of the flat prior.
_EASE_NEXT = {
    "left": 0.186, "right": 0.206, "near": 0.116, "away": 0.1, "up": 0.856, "down": 1.0, "close": 0.088, "open": 0.074,
}  # fmt: skip
_EASE_COUNT = {0: 0.63, 1: 1.0, 2: 0.471, 3: 0.093}
_EASE_HOLDING = {True: 0.504, False: 1.0}
_EASE_DONE = {"yes": 0.673, "no": 1.0}


@dataclass(frozen=True)
class TableView:
    """What programs run on: a moment of an episode (a table alone is an episode of one state)."""

    table: Table
    start: Table
    goal: Goal | None = None
    action: str | None = None

    @property
    def operations(self) -> dict[str, Operation]:
        return OPERATIONS

    def the(self, name: str) -> tuple[int, ...]:
        """Things of a name: ``red block``."""
        return tuple(k for k, item in enumerate(self.table.items) if item.name == name)


def _holds(view: TableView, doubt: bool, values: tuple, relation: str) -> bool:
    item, *others = (found[0] for found in values)
    held = stands(view.table, relation, item, others[0] if others else None)
    return doubt if held is None else held


def _moved(view: TableView, _doubt: bool, _values: tuple, _argument: None) -> tuple[int, ...]:
    pairs = enumerate(zip(view.start.items, view.table.items, strict=True))
    return tuple(k for k, (a, b) in pairs if (a.x, a.y, a.on) != (b.x, b.y, b.on))


def _next(view: TableView, _doubt: bool, _values: tuple, _argument: None) -> str:
    if view.action is None:
        raise Ambiguous("Nothing comes next: the goal is reached.")
    return view.action


def _attribute(name: str) -> Operation:
    return Operation(
        1,
        True,
        lambda view, _d, values, wanted: tuple(i for i in values[0] if getattr(view.table.items[i], name) == wanted),
    )


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "things": Operation(0, False, lambda view, _d, _v, _x: tuple(range(len(view.table.items)))),
    "held": Operation(0, False, lambda view, _d, _v, _x: () if view.table.held is None else (view.table.held,)),
    "moved": Operation(0, False, _moved),
    "next": Operation(0, False, _next),
    "colour": _attribute("colour"),
    "kind": _attribute("kind"),
    "get": Operation(1, True, lambda view, _d, values, name: getattr(view.table.items[only(values[0])[0]], name)),
    "stands": Operation(2, True, _holds, doubtful=True),
    "at": Operation(1, True, _holds, doubtful=True),
}

C = Asker[TableView]
THINGS = call("things")


def the(name: str) -> Program:
    """The one thing of a colour and kind."""
    colour, kind = name.split()
    return call("only", Program("kind", (Program("colour", (THINGS,), colour),), kind))


def _pairs(table: Table, relation: str, want: bool) -> list[tuple[int, int]]:
    """Pairs of which a relation is true, or false, and of which it makes sense.

    Whether what hangs in the air is left or right of something is a matter of opinion.
    """
    carries = {"on": ("block",), "in": ("bowl",)}.get(relation, KINDS)
    standing = [k for k in range(len(table.items)) if relation not in SIDES or k != table.held]
    pairs = permutations(standing, 2)
    possible = [(i, j) for i, j in pairs if table.items[j].kind in carries and table.items[i].kind != "bowl"]
    return [(i, j) for i, j in possible if stands(table, relation, i, j) is want]


def _related(c: C, want: bool) -> Question | None:
    table = c.view.table
    # Only what is true of some and false of others here: else the relation itself would tell.
    found = {r: pairs for r in (*SIDES, "on", "in") if (pairs := _pairs(table, r, want)) and _pairs(table, r, not want)}
    if not found:
        return None
    relation = c.one_of(sorted(found))
    i, j = c.one_of(found[relation])
    x, y = table.items[i].name, table.items[j].name
    program = Program("stands", (the(x), the(y)), relation)
    return question(c, "relation", _RELATED, program, want=want, x=x, r=relation, y=y)


def relation(c: C) -> Question | None:
    """Is the red block left of the blue bowl?"""
    return yes_no(c, _related)


def holding(c: C) -> Question | None:
    """Is something in the gripper?"""
    if not c.chance(min(_EASE_HOLDING.values()) / _EASE_HOLDING[c.view.table.held is not None]):
        return None
    return question(c, "holding", _HOLDS, call("exists", call("held")))


def what_held(c: C) -> Question | None:
    """What does the gripper hold?"""
    if c.view.table.held is None:
        return None
    held = call("only", call("held"))
    asked = c.one_of(("kind", "colour"))
    wordings = (
        _WHAT_HELD
        if asked == "kind"
        else Wordings(("what colour is the thing in the gripper?",), ("which colour has the held thing?",))
    )
    return question(c, f"held_{asked}", wordings, Program("get", (held,), asked))


def count(c: C) -> Question | None:
    """How many blocks are there, up to three?"""
    kind = c.one_of(KINDS)
    number = sum(item.kind == kind for item in c.view.table.items)
    if number not in _EASE_COUNT or not c.chance(min(_EASE_COUNT.values()) / _EASE_COUNT[number]):
        return None
    return question(c, "count", _COUNT, call("count", Program("kind", (THINGS,), kind)), k=kind)


def _exists(c: C, want: bool) -> Question | None:
    names = {item.name for item in c.view.table.items}
    name = c.one_of([n for k in KINDS for v in COLOURS if ((n := f"{v} {k}") in names) == want])
    colour, kind = name.split()
    program = call("exists", Program("kind", (Program("colour", (THINGS,), colour),), kind))
    return question(c, "existence", _EXISTS, program, want=want, x=indefinite(name))


def existence(c: C) -> Question | None:
    """Is there a red block?"""
    return yes_no(c, _exists)


def colour(c: C) -> Question | None:
    """What colour is the bowl? Asked where there is one of its kind."""
    kinds = [item.kind for item in c.view.table.items]
    single = sorted({kind for kind in kinds if kinds.count(kind) == 1})
    if not single:
        return None
    kind = c.one_of(single)
    program = Program("get", (call("only", Program("kind", (THINGS,), kind)),), "colour")
    return question(c, "colour", _COLOUR, program, k=kind)


def done(c: C) -> Question | None:
    """Is the goal reached?"""
    goal, start = c.view.goal, c.view.start
    if goal is None:
        return None
    words = goal.words(start, goal.wordings().pick(c.rng, c.split))
    x = start.items[goal.item].name
    if goal.what in EDGES:
        program = Program("at", (the(x),), goal.what)
    else:
        assert goal.other is not None
        program = Program("stands", (the(x), the(start.items[goal.other].name)), goal.what)
    asked = question(c, "done", _DONE, program, w=words)
    if asked is None or not c.chance(min(_EASE_DONE.values()) / _EASE_DONE[asked.answer]):
        return None
    return asked


def moved(c: C) -> Question | None:
    """Which thing was moved? For the start and the end of an episode."""
    found = [k for k, (a, b) in enumerate(zip(c.view.start.items, c.view.table.items, strict=True)) if a != b]
    if len(found) != 1:
        return None
    asked = c.one_of(("kind", "colour"))
    wordings = (
        _MOVED
        if asked == "kind"
        else Wordings(("what colour is the thing that was moved?",), ("which colour has the moved thing?",))
    )
    return question(c, f"moved_{asked}", wordings, Program("get", (call("only", call("moved")),), asked))


def following(c: C) -> Question | None:
    """Which action comes next? Of two: the expert's and one other that would not do."""
    action, goal = c.view.action, c.view.goal
    if (
        action is None
        or goal is None
        or action not in ACTIONS
        or not c.chance(min(_EASE_NEXT.values()) / _EASE_NEXT[action])
    ):
        return None
    other = c.one_of([a for a in ACTIONS if a != action])
    options = [action, other] if c.chance(0.5) else [other, action]
    words = goal.words(c.view.start, goal.wordings().pick(c.rng, c.split))
    asked = question(c, "next", _NEXT, call("next"), w=words, options=" or ".join(options))
    return None if asked is None else replace(asked, choices=tuple(options))


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "relation": relation, "holding": holding, "held": what_held, "count": count, "existence": existence, "colour": colour,
    "done": done, "moved": moved, "next": following,
}  # fmt: skip
#: Types that pass over what is too common.
_ONCE = frozenset({"holding", "count", "done", "next"})


def moment(episode: Episode, at: int) -> TableView:
    """What is seen of an episode after ``at`` actions."""
    action = episode.actions[at].words if at < len(episode.actions) else None
    return TableView(episode.states[at], episode.start, episode.goal, action)


def ask(
    view: TableView | Table, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a table, or a moment of an episode."""
    if isinstance(view, Table):
        view = TableView(view, view)
    c = Asker(view, random.Random(f"tabletop questions/{seed}/{split}"), split)
    return draw_questions(c, MAKERS, types, n, once=_ONCE)
