"""``View``: a scene with its relations worked out once, for everything that talks about it.

A relation between two things is true, false or in doubt; what is in doubt is never said and never asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from vistune.world.language.grammar import INVERSE, Phrase, noun_fits, phrase_fits, the
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import KIND_BY_NAME

if TYPE_CHECKING:
    from vistune.world.program import Operation

Relation = tuple[int, str, int]
ATTRIBUTES: tuple[str, ...] = ("colour", "size", "pattern", "state")
#: One thing must be drawn this many times higher than another to be called bigger.
CLEARLY_BIGGER = 1.25
SIZE_RANK = {"small": 0, "medium": 1, "big": 2}

#: Kinds that some would count to a group and some would not: no exact answer hangs on them.
IN_DOUBT: dict[str, frozenset[str]] = {
    "plant": frozenset({"apple", "banana", "carrot"}),
    "food": frozenset({"mushroom", "fish"}),
    "toy": frozenset({"bike", "box"}),
    "animal": frozenset({"boy", "girl", "man", "woman"}),
    "thing": frozenset({"boy", "girl", "man", "woman"}),
}


#: What stands so to a thing is surely not on it; what is behind it may look as if it were.
_CLEARLY_OFF = frozenset({"left of", "right of", "below", "in front of"})


class View:
    """A scene and what holds between its things. ``holds`` is three-valued: True, False, or None for doubt."""

    __slots__ = ("_called", "_facts", "_known", "_told", "by_kind", "indices", "scene", "things")

    def __init__(self, scene: Scene, relations: Iterable[Relation]) -> None:
        self.scene = scene
        self.things: tuple[Thing, ...] = scene.things
        self.indices = tuple(range(len(scene.things)))
        self.by_kind: dict[str, list[int]] = {}
        for index, thing in enumerate(scene.things):
            self.by_kind.setdefault(thing.kind, []).append(index)
        facts: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
        for i, relation, j in relations:
            facts[i, j].add(relation)
            if relation in INVERSE:
                facts[j, i].add(INVERSE[relation])
        self._facts = dict(facts)
        self._known: tuple[Relation, ...] | None = None
        self._told: dict[tuple[int, frozenset[str], str | None], Phrase | None] = {}
        self._called: dict[int, str | None] = {}

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about scenes."""
        from vistune.world.questions.programs import OPERATIONS

        return OPERATIONS

    def holds(self, i: int, relation: str, j: int) -> bool | None:
        """Whether thing ``i`` is ``relation`` thing ``j``: True, False, or None if it is in doubt."""
        facts = self._facts.get((i, j), ())
        if relation in facts:
            return True
        if relation == "on":
            carried = self.things[i].support is not None or self.things[j].support == i
            return False if carried or not _CLEARLY_OFF.isdisjoint(facts) else None
        return False if INVERSE[relation] in facts else None

    def known(self) -> tuple[Relation, ...]:
        """All relations that hold, sorted."""
        if self._known is None:
            self._known = tuple(sorted((i, relation, j) for (i, j), facts in self._facts.items() for relation in facts))
        return self._known

    def bigger(self, i: int, j: int) -> bool | None:
        """Whether ``i`` is bigger than ``j``. In doubt unless the sizes differ by name and as drawn, the same way."""
        first, second = self.things[i], self.things[j]
        rank = SIZE_RANK[first.size] - SIZE_RANK[second.size]
        ratio = first.height / second.height
        if rank > 0 and ratio >= CLEARLY_BIGGER:
            return True
        if rank < 0 and ratio <= 1 / CLEARLY_BIGGER:
            return False
        return None

    def fitting(self, phrase: Phrase) -> list[int]:
        """Indices of the things of which all that ``phrase`` says is true."""
        return [index for index in self.indices if phrase_fits(phrase, self.things[index])]

    def named(self, noun: str, doubt: bool = False) -> tuple[int, ...]:
        """Indices of the things called ``noun``; with ``doubt`` also those that only some would call so."""
        maybe = IN_DOUBT.get(noun, frozenset()) if doubt else frozenset()
        return tuple(i for i in self.indices if noun_fits(noun, self.things[i].kind) or self.things[i].kind in maybe)

    def describe(self, index: int, avoid: frozenset[str] = frozenset(), extra: str | None = None) -> Phrase | None:
        """The shortest phrase (kind and fewest attributes) that fits thing ``index`` alone; None if there is none.

        ``avoid`` are attributes that must not be named (the one that is asked for); ``extra`` is one that should be.
        """
        key = (index, avoid, extra)
        if key not in self._told:
            self._told[key] = self._shortest(index, avoid, extra)
        return self._told[key]

    def called(self, index: int) -> str | None:
        """``the red cup``: the words of the shortest phrase that fits thing ``index`` alone; None if there is none."""
        if index not in self._called:
            phrase = self.describe(index)
            self._called[index] = None if phrase is None else the(phrase)
        return self._called[index]

    def _shortest(self, index: int, avoid: frozenset[str], extra: str | None) -> Phrase | None:
        thing = self.things[index]
        rivals = [self.things[i] for i in self.by_kind[thing.kind] if i != index]
        if not rivals and extra is None:
            return Phrase(thing.kind)
        usable = [
            name for name in ("colour", "size", "pattern", "state") if name not in avoid and _sayable(thing, name)
        ]
        forced = (extra,) if extra in usable else ()
        free = [name for name in usable if name not in forced]
        for length in range(len(free) + 1):
            for chosen in combinations(free, length):
                names = forced + chosen
                if not any(all(getattr(r, n) == getattr(thing, n) for n in names) for r in rivals):
                    return Phrase(thing.kind, **{name: getattr(thing, name) for name in names})
        return None


def _sayable(thing: Thing, attribute: str) -> bool:
    value = getattr(thing, attribute)
    return value is not None and value != "medium"


def group_of(kind: str) -> str:
    """The group that a kind belongs to."""
    return KIND_BY_NAME[kind].group


@lru_cache(maxsize=512)
def _cached_view(scene: Scene) -> View:
    from vistune.world.annotate import relations

    return View(scene, relations(scene))


def view_of(scene: Scene | View, relations: Callable[[Scene], Iterable[Relation]] | None = None) -> View:
    """The view of a scene; ``relations`` replaces the world's own relation finder. A view is given back as it is."""
    if isinstance(scene, View):
        return scene
    return View(scene, relations(scene)) if relations is not None else _cached_view(scene)
