"""``Tongue``: what a language must be able to say. One subclass a language, its words and its grammar together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from vistune.world.tongues.meaning import Meaning, Np

#: The value of an attribute or an answer, in the world's own words.
Value = str | int | bool


class Tongue(ABC):
    """A language. Meanings go in, sentences with capitals and punctuation come out."""

    CODE: ClassVar[str]
    NAME: ClassVar[str]
    #: Its own name for itself, and the instruction to answer in it.
    OWN_NAME: ClassVar[str]
    INSTRUCTION: ClassVar[str]
    #: The request for a caption, and for a long one.
    DESCRIBE: ClassVar[tuple[str, str]]
    YES_NO: ClassVar[tuple[str, str]]
    #: Written from right to left?
    RIGHT_TO_LEFT: ClassVar[bool] = False
    FACE: ClassVar[str] = "sans"

    def say(self, meaning: Meaning) -> str:
        """A question, an instruction or a statement as a sentence."""
        m = meaning
        if m.type == "there":
            assert m.setting is not None
            return self.there(m.setting, m.groups)
        if m.type == "setting":
            return self.ask_setting()
        assert m.np is not None
        if m.type == "choice":
            assert m.options is not None
            return self.ask_choice(m.np, *m.options)
        if m.type in ("compare", "relation", "stands"):
            assert m.other is not None
            if m.type == "compare":
                return self.ask_more(m.np, m.other)
            assert m.relation is not None
            return (self.ask_relation if m.type == "relation" else self.stands)(m.np, m.relation, m.other)
        asked = {
            "existence": self.ask_existence, "colour": self.ask_colour, "size": self.ask_size, "pattern": self.ask_pattern,
            "count": self.ask_count, "point": self.point,
        }  # fmt: skip
        return asked[m.type](m.np)

    def answer(self, meaning: Meaning, value: Value) -> str:
        """The answer to a question; ``value`` as the program gives it. Adjectives and numbers agree with the noun."""
        if isinstance(value, bool):
            return self.yes_no(meaning.type, value)
        if isinstance(value, int):
            assert meaning.np is not None
            return self.counted(meaning.np.kind, value)
        if meaning.type == "setting":
            return self.place(value)
        assert meaning.np is not None
        return self.value(meaning.type, value, meaning.np.kind)

    def yes_no(self, type: str, value: bool) -> str:
        """The answer to a yes/no question of a type."""
        return self.YES_NO[not value]

    @abstractmethod
    def words(self) -> dict[str, set[str]]:
        """World's word (kind, colour, size, pattern, setting, relation) -> what of it can be found in a sentence, lower case."""

    @abstractmethod
    def name(self, kind: str) -> str:
        """The word for a kind, alone, as a dictionary has it."""

    @abstractmethod
    def some(self, np: Np) -> str:
        """An indefinite or counted noun phrase, as it stands in a statement of what there is."""

    @abstractmethod
    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        """What there is at a place."""

    @abstractmethod
    def stands(self, np: Np, relation: str, other: Np) -> str:
        """How one thing stands to another."""

    @abstractmethod
    def ask_existence(self, np: Np) -> str: ...

    @abstractmethod
    def ask_colour(self, np: Np) -> str: ...

    @abstractmethod
    def ask_size(self, np: Np) -> str: ...

    @abstractmethod
    def ask_pattern(self, np: Np) -> str: ...

    @abstractmethod
    def ask_count(self, np: Np) -> str: ...

    @abstractmethod
    def ask_more(self, np: Np, other: Np) -> str: ...

    @abstractmethod
    def ask_relation(self, np: Np, relation: str, other: Np) -> str: ...

    @abstractmethod
    def ask_setting(self) -> str: ...

    @abstractmethod
    def ask_choice(self, np: Np, first: str, second: str) -> str: ...

    @abstractmethod
    def point(self, np: Np) -> str:
        """The instruction to point to a thing."""

    @abstractmethod
    def ask_written(self, np: Np) -> str:
        """What is written on a board (a noun that all languages have beside the world's kinds)."""

    @abstractmethod
    def ask_board(self, word: str) -> str:
        """The colour of the board with a word on it."""

    @abstractmethod
    def counted(self, kind: str, number: int) -> str:
        """A number as an answer."""

    @abstractmethod
    def place(self, setting: str) -> str:
        """A setting as an answer."""

    @abstractmethod
    def value(self, type: str, value: str, kind: str) -> str:
        """A colour, size or pattern as an answer."""


def listed(parts: list[str], comma: str, last: str) -> str:
    """``a, b and c`` with a language's own comma and and."""
    if len(parts) == 1:
        return parts[0]
    return comma.join(parts[:-1]) + last + parts[-1]


def capital(text: str) -> str:
    """The first letter made large."""
    return text[:1].upper() + text[1:]
