"""What French and Spanish share: two genders, adjectives of four forms that agree, patterns said behind the noun."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.tongue import Tongue


class Romance(Tongue):
    """A subclass gives its tables and the order of its words."""

    #: Kind -> gender, singular, plural.
    NOUNS: ClassVar[dict[str, str]]
    #: Masculine and feminine singular, masculine and feminine plural.
    ADJECTIVES: ClassVar[dict[str, str]]
    #: Behind a noun; and as an answer.
    PATTERNS: ClassVar[dict[str, str]]
    PATTERN_NAMES: ClassVar[dict[str, str]]
    NUMBERS: ClassVar[tuple[str, ...]]
    PLACES: ClassVar[dict[str, str]]
    #: Before a noun; many end in "de".
    RELATIONS: ClassVar[dict[str, str]]
    #: The indefinite article, masculine and feminine.
    A: ClassVar[tuple[str, str]]

    def words(self) -> dict[str, set[str]]:
        found = {k: set(v.split()[1:]) for k, v in self.NOUNS.items()}
        found |= {k: set(v.split()) for k, v in self.ADJECTIVES.items()}
        found |= {k: {v} for k, v in {**self.PATTERNS, **self.PLACES}.items()}
        return found | {k: {v.removesuffix(" de")} for k, v in self.RELATIONS.items()}

    def is_feminine(self, kind: str) -> bool:
        """Whether the noun of a kind is feminine."""
        return self.NOUNS[kind][0] == "f"

    def noun(self, kind: str, many: bool = False) -> str:
        """Singular or plural."""
        return self.NOUNS[kind].split()[2 if many else 1]

    def adjective(self, value: str, kind: str, many: bool = False) -> str:
        """Agreeing with a kind."""
        return self.ADJECTIVES[value].split()[self.is_feminine(kind) + 2 * many]

    @abstractmethod
    def phrase(self, np: Np, many: bool = False) -> str:
        """Noun and adjectives in their order, without an article."""

    def name(self, kind: str) -> str:
        return self.noun(kind)

    def some(self, np: Np) -> str:
        """``un perro rojo``, ``deux vaches noires``."""
        if np.number == 1:
            return f"{self.A[self.is_feminine(np.kind)]} {self.phrase(np)}"
        return f"{self.NUMBERS[np.number]} {self.phrase(np, many=True)}"

    def counted(self, kind: str, number: int) -> str:
        return self.A[1] if number == 1 and self.is_feminine(kind) else self.NUMBERS[number]

    def place(self, setting: str) -> str:
        return self.PLACES[setting]

    def value(self, type: str, value: str, kind: str) -> str:
        if type == "pattern":
            return self.PATTERN_NAMES[value]
        # Of a colour one says its name; what is chosen between agrees.
        return self.ADJECTIVES[value].split()[0] if type == "colour" else self.adjective(value, kind)
