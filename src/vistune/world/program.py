"""A question's program as a value: a small tree of steps that can be run, printed, read back and stepped.

A program runs on a *view*: anything with ``operations``, the table of the steps that its kind of picture knows. Some
steps can be in doubt (a relation, a size, a group name). Each doubtful step is read both ways, as if the doubtful held
and as if it did not; only where all readings agree is there an answer. So no question hangs on a borderline case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

from vistune.core.errors import DataError, nearest
from vistune.world.language.grammar import number_word
from vistune.world.scene import Scene

#: What a step gives: mostly a set of things (a tuple of indices), a truth, a number or a word. Must be hashable or
#: comparable with ``==``.
Value = Any


class Ambiguous(DataError):
    """The program has no exact answer here: a "the" that fits none or several, or something doubtful."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of step: ``run(view, doubt, values of the inputs, argument) -> value``.

    ``doubtful`` operations may give different values for ``doubt`` True and False.
    """

    inputs: int
    takes_argument: bool
    run: Callable[[Any, bool, tuple, Any], Value]
    doubtful: bool = False


class Answering(Protocol):
    """What a program runs on."""

    @property
    def operations(self) -> Mapping[str, Operation]: ...


@dataclass(frozen=True, slots=True)
class Program:
    """One step: an operation on the values of its ``inputs``, with an ``argument`` (a word) for some operations."""

    op: str
    inputs: tuple[Program, ...] = ()
    argument: str | None = None

    def run(self, world: Scene | Answering, doubt: bool = False) -> Value:
        """Value of one reading of the program. Raises ``Ambiguous`` when "the" fits none or several."""
        view = _view(world)
        return _run(self, view, view.operations, doubt)

    def answer(self, world: Scene | Answering) -> str:
        """The answer in words. Raises ``Ambiguous`` unless it is exact: the same in all readings."""
        view = _view(world)
        values = _readings(self, view, view.operations)
        if len(values) > 1:
            raise Ambiguous(f"{self} hangs on something doubtful.")
        return in_words(values[0])

    def steps(self) -> list[Program]:
        """All steps in the order in which they are run; equal steps once."""
        order: dict[Program, None] = {}
        for part in _post_order(self):
            order.setdefault(part)
        return list(order)

    def trace(self, world: Scene | Answering) -> list[tuple[str, Value]]:
        """Each step with its value: ``[("1 = things", (0, 1)), ("2 = noun[cup] of 1", (0,)), ...]``."""
        view = _view(world)
        return [(line, _run(step, view, view.operations, False)) for line, step in zip(self.lines(), self.steps())]

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


def call(op: str, *inputs: Program, argument: str | None = None) -> Program:
    """A program of any operation."""
    return Program(op, inputs, argument)


def _view(world: Scene | Answering) -> Answering:
    if isinstance(world, Scene):
        from vistune.world.language.view import view_of

        return view_of(world)
    return world


def _of(numbers: list[int]) -> str:
    return f" of {', '.join(map(str, numbers))}" if numbers else ""


def _post_order(program: Program) -> Iterator[Program]:
    for part in program.inputs:
        yield from _post_order(part)
    yield program


def _readings(program: Program, view: Answering, operations: Mapping[str, Operation]) -> list[Value]:
    """All values that the program can take, each doubtful step read both ways."""
    operation = operations[program.op]
    options = [_readings(part, view, operations) for part in program.inputs]
    doubts = (False, True) if operation.doubtful else (False,)
    values: list[Value] = []
    for chosen in product(*options):
        for doubt in doubts:
            value = operation.run(view, doubt, chosen, program.argument)
            if value not in values:
                values.append(value)
    return values


def _run(program: Program, view: Answering, operations: Mapping[str, Operation], doubt: bool) -> Value:
    values = tuple(_run(part, view, operations, doubt) for part in program.inputs)
    return operations[program.op].run(view, doubt, values, program.argument)


def in_words(value: Value) -> str:
    """A value as a short answer: yes, no, a number, the word itself. Raises ``DataError`` for a set of things."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number_word(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        return value
    raise DataError("A set of things is no answer: count it, name it or ask for an attribute.")


def only(found: tuple) -> tuple:
    """A set of exactly one. Raises ``Ambiguous`` for none or several."""
    if len(found) != 1:
        raise Ambiguous(f"'the' needs exactly one thing, {len(found)} fit.")
    return found


def plain(function: Callable) -> Callable:
    """The ``run`` of an operation that needs only the values of its inputs."""
    return lambda _view, _doubt, values, _argument: function(*values)


#: Steps that make sense for every kind of picture: words, numbers, sets (tuples), truths.
COMMON: dict[str, Operation] = {
    "word": Operation(0, True, lambda _view, _d, _v, word: word),
    "number": Operation(0, True, lambda _view, _d, _v, number: int(number)),
    "only": Operation(1, False, plain(only)),
    "except": Operation(2, False, plain(lambda a, b: tuple(i for i in a if i not in b))),
    "count": Operation(1, False, plain(len)),
    "exists": Operation(1, False, plain(lambda found: len(found) > 0)),
    "is": Operation(1, True, lambda _view, _d, values, word: values[0] == word),
    "more": Operation(2, False, plain(lambda a, b: a > b)),
    "fewer": Operation(2, False, plain(lambda a, b: a < b)),
    "equal": Operation(2, False, plain(lambda a, b: a == b)),
    "and": Operation(2, False, plain(lambda a, b: a and b)),
    "or": Operation(2, False, plain(lambda a, b: a or b)),
    "not": Operation(1, False, plain(lambda a: not a)),
    "pick": Operation(3, False, plain(lambda test, a, b: a if test else b)),
}


def parse_program(text: str, operations: Mapping[str, Operation]) -> Program:
    """Read back what ``str(program)`` printed. Raises ``DataError`` for an unknown operation or a missing input."""
    program, rest = _parse(text.strip(), operations)
    if rest:
        raise DataError(f"Nothing may follow the program, there is '{rest}'.")
    return program


def _parse(text: str, operations: Mapping[str, Operation]) -> tuple[Program, str]:
    end = next((i for i, c in enumerate(text) if c in "[(,)"), len(text))
    op, rest = text[:end].strip(), text[end:]
    if op not in operations:
        raise DataError(f"There is no operation '{op}' in a program. {nearest(op, operations)}")
    argument = None
    if rest.startswith("["):
        argument, bracket, rest = rest[1:].partition("]")
        if not bracket:
            raise DataError(f"The argument of '{op}' lacks its ']'.")
    inputs: list[Program] = []
    if rest.startswith("("):
        rest = rest[1:]
        while True:
            part, rest = _parse(rest.strip(), operations)
            inputs.append(part)
            if rest.startswith(")"):
                rest = rest[1:]
                break
            if not rest.startswith(","):
                raise DataError(f"The inputs of '{op}' lack their ')'.")
            rest = rest[1:]
    operation = operations[op]
    if len(inputs) != operation.inputs or (argument is not None) != operation.takes_argument:
        needs = f"{operation.inputs} input(s) and {'an' if operation.takes_argument else 'no'} argument"
        raise DataError(f"The operation '{op}' takes {needs}, not {len(inputs)} input(s) and '{argument}'.")
    return Program(op, tuple(inputs), argument), rest
