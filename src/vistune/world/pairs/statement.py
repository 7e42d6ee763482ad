"""``Statement``: a sentence about a scene as a value, with its words and the program that tells whether it is true."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vistune.world.language.grammar import Phrase, join, noun_phrase, some, the
from vistune.world.language.view import View
from vistune.world.program import Ambiguous, Program, call
from vistune.world.questions.programs import find, the_one
from vistune.world.scene import Scene


@dataclass(frozen=True, slots=True)
class Group:
    """``number`` things that a phrase fits; None for "a", which is true of one or more."""

    phrase: Phrase
    number: int | None = None

    @property
    def words(self) -> str:
        """``a red dog``, ``one red dog``, ``two red dogs``, ``no dogs``."""
        return noun_phrase(self.phrase) if self.number is None else some(self.phrase, self.number)

    @property
    def program(self) -> Program:
        found = find(self.phrase)
        if self.number is None:
            return call("exists", found)
        return call("equal", call("count", found), call("number", argument=str(self.number)))


@dataclass(frozen=True, slots=True)
class Statement:
    """What there is (``groups``), or how the first group's one thing stands to the second's (``relation``), or what is
    written on the first group's one thing (``label``).
    """

    groups: tuple[Group, ...]
    relation: str | None = None
    label: str | None = None

    @property
    def text(self) -> str:
        """``there is a red dog and a cat.``, ``the dog is left of the cat.``, ``the box says "milk".``"""
        first = self.groups[0]
        if self.relation is not None:
            return f"{the(first.phrase)} is {self.relation} {the(self.groups[1].phrase)}."
        if self.label is not None:
            return f'{the(first.phrase)} says "{self.label}".'
        be = "is" if first.number in (None, 1) else "are"
        return f"there {be} {join([group.words for group in self.groups])}."

    @property
    def program(self) -> Program:
        """Answers yes where the statement is true."""
        first = self.groups[0]
        if self.relation is not None:
            return call("holds", the_one(first.phrase), the_one(self.groups[1].phrase), argument=self.relation)
        if self.label is not None:
            return call("is", call("read", the_one(first.phrase)), argument=self.label)
        program = first.program
        for group in self.groups[1:]:
            program = call("and", program, group.program)
        return program

    def holds(self, scene: Scene | View) -> bool | None:
        """Whether the statement is true of a scene; None where that hangs on something doubtful, or a "the" fits badly."""
        try:
            return self.program.answer(scene) == "yes"
        except Ambiguous:
            return None

    def with_phrase(self, place: int, phrase: Phrase) -> Statement:
        """The same statement with another phrase in one group."""
        groups = list(self.groups)
        groups[place] = replace(groups[place], phrase=phrase)
        return replace(self, groups=tuple(groups))


def there_is(*phrases: Phrase) -> Statement:
    """``there is a ... and a ...``."""
    return Statement(tuple(Group(phrase) for phrase in phrases))


def length(statement: Statement) -> int:
    """Words of a statement."""
    return len(statement.text.split())


__all__ = ["Group", "Statement", "length", "there_is"]
