"""A question's program as a value: a small tree of steps that can be run on a scene, printed, read back and stepped.

Relations, sizes and group names can be in doubt. Each doubtful step is read both ways, as if the doubtful held and as
if it did not; only where all readings agree is there an answer. So no question hangs on a borderline case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from vistune.core.errors import DataError, nearest
from vistune.world.language.grammar import Phrase, indefinite, number_word
from vistune.world.language.view import ATTRIBUTES, View, view_of
from vistune.world.scene import Scene

#: A set of things (one thing is a set of one), a truth, a count, or a word.
Value = tuple[int, ...] | bool | int | str


class Ambiguous(DataError):
    """The program has no exact answer on this scene: a "the" that fits none or several, or a doubtful relation."""


@dataclass(frozen=True, slots=True)
class Program:
    """One step: an operation on the values of its ``inputs``, with an ``argument`` (a word) for some operations."""

    op: str
    inputs: tuple[Program, ...] = ()
    argument: str | None = None

    def run(self, scene: Scene | View, doubt: bool = False) -> Value:
        """Value of one reading of the program. Raises ``Ambiguous`` when "the" fits none or several."""
        return _run(self, view_of(scene), doubt)

    def answer(self, scene: Scene | View) -> str:
        """The answer in words. Raises ``Ambiguous`` unless it is exact: the same in all readings."""
        values = _readings(self, view_of(scene))
        if len(values) > 1:
            raise Ambiguous(f"{self} hangs on something doubtful.")
        return in_words(values[0])

    def steps(self) -> list[Program]:
        """All steps in the order in which they are run; equal steps once."""
        order: dict[Program, None] = {}
        for part in _post_order(self):
            order.setdefault(part)
        return list(order)

    def trace(self, scene: Scene | View) -> list[tuple[str, Value]]:
        """Each step with its value: ``[("1 = things", (0, 1)), ("2 = noun[cup] of 1", (0,)), ...]``."""
        view = view_of(scene)
        return [(line, _run(step, view, False)) for line, step in zip(self.lines(), self.steps())]

    def lines(self) -> list[str]:
        """The steps as numbered text, each naming the steps that it takes."""
        steps = self.steps()
        number = {step: place + 1 for place, step in enumerate(steps)}
        return [f"{number[s]} = {s.head()}{_of([number[i] for i in s.inputs])}" for s in steps]

    def head(self) -> str:
        """The step without its inputs: ``noun[cup]``."""
        return self.op if self.argument is None else f"{self.op}[{self.argument}]"

    def __str__(self) -> str:
        inside = ", ".join(map(str, self.inputs))
        return f"{self.head()}({inside})" if inside else self.head()


def _of(numbers: list[int]) -> str:
    return f" of {', '.join(map(str, numbers))}" if numbers else ""


def _post_order(program: Program) -> Iterator[Program]:
    for part in program.inputs:
        yield from _post_order(part)
    yield program


def _only(found: tuple[int, ...]) -> tuple[int, ...]:
    if len(found) != 1:
        raise Ambiguous(f"'the' needs exactly one thing, {len(found)} fit.")
    return found


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


def _plain(function: Callable) -> Callable:
    """An operation that needs only the values of its inputs."""
    return lambda _view, _doubt, values, _argument: function(*values)


def _same(view: View, doubt: bool, values: Sequence, attribute: str) -> bool:
    return _get(view, doubt, values[:1], attribute) == _get(view, doubt, values[1:], attribute)


#: op -> (number of inputs, takes an argument, function of (view, doubt, input values, argument)).
OPERATIONS: dict[str, tuple[int, bool, Callable]] = {
    "things": (0, False, lambda view, _d, _v, _x: view.indices),
    "setting": (0, False, lambda view, _d, _v, _x: f"the {view.scene.setting}"),
    "word": (0, True, lambda _view, _d, _v, word: word),
    "number": (0, True, lambda _view, _d, _v, number: int(number)),
    "noun": (1, True, _noun),
    **{name: (1, True, _filter(name)) for name in ATTRIBUTES},
    "beside": (1, True, _beside),
    "only": (1, False, _plain(_only)),
    "except": (2, False, _plain(lambda a, b: tuple(i for i in a if i not in b))),
    "count": (1, False, _plain(len)),
    "exists": (1, False, _plain(lambda found: len(found) > 0)),
    "get": (1, True, _get),
    "name": (1, False, lambda view, _d, values, _x: indefinite(view.things[values[0][0]].kind)),
    "is": (1, True, lambda _view, _d, values, word: values[0] == word),
    "same": (2, True, _same),
    "holds": (2, True, _holds),
    "bigger": (2, False, _bigger),
    "more": (2, False, _plain(lambda a, b: a > b)),
    "fewer": (2, False, _plain(lambda a, b: a < b)),
    "equal": (2, False, _plain(lambda a, b: a == b)),
    "and": (2, False, _plain(lambda a, b: a and b)),
    "or": (2, False, _plain(lambda a, b: a or b)),
    "not": (1, False, _plain(lambda a: not a)),
    "pick": (3, False, _plain(lambda test, a, b: a if test else b)),
}

#: Operations whose value may differ between readings.
DOUBTFUL = frozenset({"noun", "beside", "holds", "bigger"})


def _readings(program: Program, view: View) -> list[Value]:
    """All values that the program can take, each doubtful step read both ways."""
    operation = OPERATIONS[program.op][2]
    options = [_readings(part, view) for part in program.inputs]
    doubts = (False, True) if program.op in DOUBTFUL else (False,)
    values: list[Value] = []
    for chosen in product(*options):
        for doubt in doubts:
            value = operation(view, doubt, chosen, program.argument)
            if value not in values:
                values.append(value)
    return values


def _run(program: Program, view: View, doubt: bool) -> Value:
    values = [_run(part, view, doubt) for part in program.inputs]
    return OPERATIONS[program.op][2](view, doubt, values, program.argument)


def in_words(value: Value) -> str:
    """A value as a short answer: yes, no, a number word, the word itself. Raises ``DataError`` for a set of things."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number_word(value)
    if isinstance(value, str):
        return value
    raise DataError("A set of things is no answer: count it, name it or ask for an attribute.")


def parse_program(text: str) -> Program:
    """Read back what ``str(program)`` printed. Raises ``DataError`` for an unknown operation or a missing input."""
    program, rest = _parse(text.strip())
    if rest:
        raise DataError(f"Nothing may follow the program, there is '{rest}'.")
    return program


def _parse(text: str) -> tuple[Program, str]:
    end = next((i for i, c in enumerate(text) if c in "[(,)"), len(text))
    op, rest = text[:end].strip(), text[end:]
    if op not in OPERATIONS:
        raise DataError(f"There is no operation '{op}' in a program. {nearest(op, OPERATIONS)}")
    argument = None
    if rest.startswith("["):
        argument, bracket, rest = rest[1:].partition("]")
        if not bracket:
            raise DataError(f"The argument of '{op}' lacks its ']'.")
    inputs: list[Program] = []
    if rest.startswith("("):
        rest = rest[1:]
        while True:
            part, rest = _parse(rest.strip())
            inputs.append(part)
            if rest.startswith(")"):
                rest = rest[1:]
                break
            if not rest.startswith(","):
                raise DataError(f"The inputs of '{op}' lack their ')'.")
            rest = rest[1:]
    count, takes, _ = OPERATIONS[op]
    if len(inputs) != count or (argument is not None) != takes:
        needs = f"{count} input(s) and {'an' if takes else 'no'} argument"
        raise DataError(f"The operation '{op}' takes {needs}, not {len(inputs)} input(s) and '{argument}'.")
    return Program(op, tuple(inputs), argument), rest


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


def call(op: str, *inputs: Program, argument: str | None = None) -> Program:
    """Any other operation."""
    return Program(op, inputs, argument)
