"""The steps of programs about scenes, and short ways to build such programs (see ``vistune.world.program``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vistune.world import program as programs
from vistune.world.language.grammar import Phrase, indefinite
from vistune.world.language.view import ATTRIBUTES, View
from vistune.world.program import COMMON, Ambiguous, Operation, Program, Value, call, in_words
from vistune.world.questions.looked_at import LOOKING

__all__ = [
    "OPERATIONS",
    "SETTING",
    "THINGS",
    "Ambiguous",
    "Program",
    "Value",
    "beside",
    "call",
    "find",
    "in_words",
    "only",
    "parse_program",
    "the_one",
]


def _beside(view: View, doubt: bool, values: Sequence, relation: str) -> tuple[int, ...]:
    (anchor,) = values[0]
    accepted = (True, None) if doubt else (True,)
    return tuple(i for i in view.indices if i != anchor and view.holds(i, relation, anchor) in accepted)


def _noun(view: View, doubt: bool, values: Sequence, noun: str) -> tuple[int, ...]:
    named = view.named(noun, doubt)
    return tuple(i for i in values[0] if i in named)


def _filter(attribute: str) -> Callable:
    def keep(view: View, doubt: bool, values: Sequence, wanted: str) -> tuple[int, ...]:  # noqa: ARG001
        return tuple(i for i in values[0] if getattr(view.things[i], attribute) == wanted)

    return keep


def _get(view: View, doubt: bool, values: Sequence, attribute: str) -> str:  # noqa: ARG001
    value = getattr(view.things[values[0][0]], attribute)
    if value is None:
        raise Ambiguous(f"A {view.things[values[0][0]].kind} has no {attribute}.")
    return value


def _holds(view: View, doubt: bool, values: Sequence, relation: str) -> bool:
    held = view.holds(values[0][0], relation, values[1][0])
    return doubt if held is None else held


def _bigger(view: View, doubt: bool, values: Sequence, argument: None) -> bool:  # noqa: ARG001
    bigger = view.bigger(values[0][0], values[1][0])
    return doubt if bigger is None else bigger


def _same(view: View, doubt: bool, values: Sequence, attribute: str) -> bool:
    return _get(view, doubt, values[:1], attribute) == _get(view, doubt, values[1:], attribute)


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "things": Operation(0, False, lambda view, _d, _v, _x: view.indices),
    "setting": Operation(0, False, lambda view, _d, _v, _x: f"the {view.scene.setting}"),
    "noun": Operation(1, True, _noun, doubtful=True),
    **{name: Operation(1, True, _filter(name)) for name in ATTRIBUTES},
    "beside": Operation(1, True, _beside, doubtful=True),
    "get": Operation(1, True, _get),
    "name": Operation(1, False, lambda view, _d, values, _x: indefinite(view.things[values[0][0]].kind)),
    "same": Operation(2, True, _same),
    "holds": Operation(2, True, _holds, doubtful=True),
    "bigger": Operation(2, False, _bigger, doubtful=True),
    **LOOKING,
}


def parse_program(text: str) -> Program:
    """Read back what ``str(program)`` printed. Raises ``DataError`` for an unknown operation or a missing input."""
    return programs.parse_program(text, OPERATIONS)


THINGS = Program("things")
SETTING = Program("setting")


def find(phrase: Phrase, among: Program = THINGS) -> Program:
    """The set of things that ``phrase`` fits."""
    program = among if phrase.noun == "*" else Program("noun", (among,), phrase.noun)
    for attribute in ATTRIBUTES:
        value = getattr(phrase, attribute)
        if value is not None:
            program = Program(attribute, (program,), value)
    return program


def only(found: Program) -> Program:
    """The one thing of a set."""
    return Program("only", (found,))


def the_one(phrase: Phrase, among: Program = THINGS) -> Program:
    """The one thing that ``phrase`` fits."""
    return only(find(phrase, among))


def beside(anchor: Program, relation: str) -> Program:
    """The set of things that are ``relation`` the anchor."""
    return Program("beside", (anchor,), relation)
