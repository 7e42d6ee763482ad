"""One edit of a scene: a thing looks, is or stands otherwise, comes or goes, or two things change with each other.

Each edit gives the scene after it and the statement that was true before with the one that is true now, or None where
it cannot be made here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from vistune.world.drawing.catalogue import VARIANTS, proportion
from vistune.world.labels import legible, words_for
from vistune.world.language.grammar import INVERSE, Phrase
from vistune.world.language.view import View, view_of
from vistune.world.pairs.statement import Group, Statement, there_is
from vistune.world.places import PLACES
from vistune.world.sampling import MOST_OVERLAP, box_of, fit_thing, overlap
from vistune.world.scene import Scene, Thing
from vistune.world.sequences.steps import FAR, Stage, in_state, leave
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, KINDS, PATTERNS, SIZES


@dataclass(frozen=True, slots=True)
class Edited:
    """``changed``: the edited things' places in ``scene.things`` before and after."""

    scene: Scene
    statements: tuple[Statement, Statement]
    changed: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Editor:
    """What an edit works with."""

    view: View
    rng: random.Random

    @property
    def scene(self) -> Scene:
        return self.view.scene

    def any_thing(self, keep: Callable[[Thing], bool] = lambda _: True) -> int | None:
        """A thing, each as likely."""
        fitting = [i for i, thing in enumerate(self.view.things) if keep(thing)]
        return self.rng.choice(fitting) if fitting else None

    def company(self, *but: int) -> list[Phrase]:
        """At most one other thing to name along, so that statements are about more than what changes."""
        others = [i for i in self.view.indices if i not in but]
        if not others or self.rng.random() < 0.4:
            return []
        phrase = self.view.describe(self.rng.choice(others), frozenset({"state"}), "colour")
        return [phrase] if phrase is not None else []

    def carries(self, index: int) -> bool:
        """Whether something stands on a thing."""
        return any(thing.support == index for thing in self.view.things)

    def with_things(self, changes: dict[int, Thing]) -> Scene:
        """The scene with some things replaced."""
        return replace(self.scene, things=tuple(changes.get(i, thing) for i, thing in enumerate(self.view.things)))


def fits(scene: Scene, index: int) -> bool:
    """Whether a thing is within the picture and covers no other too much."""
    x0, y0, x1, y1 = box = box_of(scene.things[index])
    if x0 < 0.02 or x1 > 0.98 or y0 < 0.01 or y1 > 0.995:
        return False
    support = scene.things[index].support
    others = [t for i, t in enumerate(scene.things) if i not in (index, support) and t.support != index]
    return all(overlap(box, box_of(other)) <= MOST_OVERLAP for other in others)


def _attribute(e: Editor, name: str, values: Callable[[Thing], tuple[str, ...]], become: Callable) -> Edited | None:
    index = e.any_thing(lambda thing: len(values(thing)) > 1)
    if index is None:
        return None
    thing = e.view.things[index]
    phrase = e.view.describe(index, frozenset({name}))
    if phrase is None:
        return None
    old = getattr(thing, name)
    new = e.rng.choice([v for v in values(thing) if v != old])
    company = e.company(index)
    before = there_is(replace(phrase, **{name: old}), *company)
    after = before.with_phrase(0, replace(phrase, **{name: new}))
    return Edited(e.with_things({index: become(thing, new)}), (before, after), ((index,), (index,)))


def colour(e: Editor) -> Edited | None:
    """Another colour."""
    return _attribute(e, "colour", lambda _: tuple(COLOURS), lambda thing, new: replace(thing, colour=new))


def pattern(e: Editor) -> Edited | None:
    """Another pattern."""
    return _attribute(e, "pattern", lambda _: PATTERNS, lambda thing, new: replace(thing, pattern=new))


def size(e: Editor) -> Edited | None:
    """Small for big, or big for small, at the same place."""

    def become(thing: Thing, new: str) -> Thing:
        return replace(thing, size=new, height=thing.height * SIZES[new] / SIZES[thing.size])

    free = [i for i in e.view.indices if not e.carries(i) and e.view.things[i].support is None]
    return _attribute(
        e,
        "size",
        lambda t: ("small", "big") if t.size != "medium" and any(e.view.things[i] is t for i in free) else (),
        become,
    )


def state(e: Editor) -> Edited | None:
    """Another state of its kind. Birds keep theirs: one that comes down would be elsewhere."""

    def states(thing: Thing) -> tuple[str, ...]:
        return () if KIND_BY_NAME[thing.kind].place == "sky" or thing.label else KIND_BY_NAME[thing.kind].states

    return _attribute(e, "state", states, in_state)


def label(e: Editor) -> Edited | None:
    """Another word on a thing."""
    index = e.any_thing(lambda thing: bool(thing.label))
    if index is None:
        return None
    thing, scene = e.view.things[index], e.scene
    phrase = e.view.describe(index)
    used = {t.label for t in e.view.things}
    words = [w for w in words_for(thing.kind, scene.prior, scene.split) if w not in used and legible(thing, w)]
    if phrase is None or not words:
        return None
    new = e.rng.choice(words)
    before, after = (Statement((Group(phrase),), label=word) for word in (thing.label, new))
    return Edited(e.with_things({index: replace(thing, label=new)}), (before, after), ((index,), (index,)))


def object_(e: Editor) -> Edited | None:
    """A thing of another kind at the same place, with the same colour, size and pattern."""
    index = e.any_thing()
    if index is None or e.carries(index):
        return None
    thing = e.view.things[index]
    place = KIND_BY_NAME[thing.kind].place
    kinds = [k for k in KINDS if k.place == place and k.name != thing.kind and not e.view.by_kind.get(k.name)]
    if not kinds or len(e.view.by_kind[thing.kind]) > 1:
        return None
    new = e.rng.choice(kinds)
    new_state = e.rng.choice(new.states) if new.states else None
    height = thing.height * proportion(new.name, new_state) / proportion(thing.kind, thing.state)
    variant = int(e.rng.random() * VARIANTS)
    other = replace(thing, kind=new.name, state=new_state, height=height, variant=variant, label=None)
    colour = thing.colour if e.rng.random() < 0.5 else None
    before = there_is(Phrase(thing.kind, colour=colour), *e.company(index))
    after = before.with_phrase(0, Phrase(new.name, colour=colour))
    return Edited(e.with_things({index: other}), (before, after), ((index,), (index,)))


def _counts(e: Editor, kind: str, before: int, after: int) -> tuple[Statement, Statement]:
    company = tuple(Group(phrase) for phrase in e.company(*e.view.by_kind.get(kind, ())))
    return Statement((Group(Phrase(kind), before), *company)), Statement((Group(Phrase(kind), after), *company))


def add(e: Editor) -> Edited | None:
    """One thing more of a kind that is there, or of one that is not."""
    scene = e.scene
    present = sorted(e.view.by_kind)
    new_kind = not present or e.rng.random() < 0.4
    kind = KIND_BY_NAME[e.rng.choice([k.name for k in KINDS] if new_kind else present)]
    new_state = e.rng.choice(kind.states) if kind.states else None
    looks = e.rng.choice(tuple(COLOURS)), e.rng.choice(tuple(SIZES)), e.rng.choice(PATTERNS)
    wanted = Thing(kind.name, *looks, new_state, 0, 0, 0, 0, int(e.rng.random() * VARIANTS), e.rng.random() < 0.5)
    placed = fit_thing(e.rng, wanted, scene.setting, scene.things)
    if placed is None:
        return None
    number = len(e.view.by_kind.get(kind.name, ()))
    after = replace(scene, things=(*scene.things, placed))
    return Edited(after, _counts(e, kind.name, number, number + 1), ((), (len(scene.things),)))


def remove(e: Editor) -> Edited | None:
    """One thing less."""
    index = e.any_thing()
    if index is None:
        return None
    gone = leave(Stage(e.scene, tuple(e.view.indices)), index)
    if gone is None:
        return None
    kind = e.view.things[index].kind
    number = len(e.view.by_kind[kind])
    return Edited(gone.scene, _counts(e, kind, number, number - 1), ((index,), ()))


def move(e: Editor) -> Edited | None:
    """A thing goes to the other side of another one, on its line."""
    index = e.any_thing(lambda thing: thing.support is None)
    if index is None or e.carries(index):
        return None
    thing = e.view.things[index]
    held = [(r, j) for i, r, j in e.view.known() if i == index and r in ("left of", "right of")]
    if not held:
        return None
    relation, other = e.rng.choice(held)
    phrases = e.view.describe(index), e.view.describe(other)
    if None in phrases:
        return None
    low, high = PLACES[e.scene.setting].lines(KIND_BY_NAME[thing.kind].place, thing.state)
    for _ in range(12):
        x = e.rng.random()
        after = e.with_things({index: replace(thing, x=x)})
        far = abs(x - thing.x) >= FAR and low - 1e-9 <= thing.y <= high + 1e-9
        if far and fits(after, index) and (x > e.view.things[other].x) == (relation == "left of"):
            first = Statement((Group(phrases[0]), Group(phrases[1])), relation)  # type: ignore[arg-type]
            return Edited(after, (first, replace(first, relation=INVERSE[relation])), ((index,), (index,)))
    return None


def _two(e: Editor, keep: Callable[[Thing, Thing], bool]) -> tuple[int, int] | None:
    pairs = [
        (i, j) for i in e.view.indices for j in e.view.indices if i != j and keep(e.view.things[i], e.view.things[j])
    ]
    return e.rng.choice(pairs) if pairs else None


def swap(e: Editor) -> Edited | None:
    """Two things of different kinds exchange their colours: the same words, bound otherwise."""
    two = _two(e, lambda a, b: a.kind != b.kind and a.colour != b.colour)
    if two is None:
        return None
    i, j = two
    a, b = e.view.things[i], e.view.things[j]
    if len(e.view.by_kind[a.kind]) > 1 or len(e.view.by_kind[b.kind]) > 1:
        return None
    after = e.with_things({i: replace(a, colour=b.colour), j: replace(b, colour=a.colour)})
    before = there_is(Phrase(a.kind, colour=a.colour), Phrase(b.kind, colour=b.colour))
    now = there_is(Phrase(a.kind, colour=b.colour), Phrase(b.kind, colour=a.colour))
    return Edited(after, (before, now), ((i, j), (i, j)))


def exchange(e: Editor) -> Edited | None:
    """Two things exchange their places: the same words, the other way round."""

    def alike(a: Thing, b: Thing) -> bool:
        places = {KIND_BY_NAME[t.kind].place for t in (a, b)}
        return a.kind != b.kind and places <= {"ground", "table"} and a.support is None and b.support is None

    two = _two(e, alike)
    if two is None or e.carries(two[0]) or e.carries(two[1]):
        return None
    i, j = two
    a, b = e.view.things[i], e.view.things[j]
    changes = {
        k: replace(t, x=o.x, y=o.y, depth=o.depth, height=_at_line(t, o.y)) for k, t, o in ((i, a, b), (j, b, a))
    }
    after = e.with_things(changes)
    relations = [r for k, r, m in e.view.known() if (k, m) == (i, j) and r in INVERSE]
    phrases = e.view.describe(i), e.view.describe(j)
    if not relations or None in phrases or not (fits(after, i) and fits(after, j)):
        return None
    first, second = Group(phrases[0]), Group(phrases[1])  # type: ignore[arg-type]
    relation = e.rng.choice(sorted(relations))
    statements = Statement((first, second), relation), Statement((second, first), relation)
    return Edited(after, statements, ((i, j), (i, j)))


def _at_line(thing: Thing, y: float) -> float:
    """The height of a thing that stands on another line: farther away is smaller, as in ``fit_thing``."""
    return thing.height * (0.9 + 0.25 * (y - 0.6)) / (0.9 + 0.25 * (thing.y - 0.6))


EDITS: dict[str, Callable[[Editor], Edited | None]] = {
    "colour": colour, "size": size, "pattern": pattern, "state": state, "label": label, "object": object_, "add": add,
    "remove": remove, "move": move, "swap": swap, "exchange": exchange,
}  # fmt: skip


def edit(scene: Scene, what: str, rng: random.Random) -> Edited | None:
    """The scene after one edit of a sort (a name in ``EDITS``); None where it cannot be made here, or is hardly seen.

    The first statement is true before and false after, the second the other way round, both beyond doubt.
    """
    from vistune.world.sequences.steps import all_seen, is_seen

    edited = EDITS[what](Editor(view_of(scene), rng))
    if edited is None or any(not fits(edited.scene, i) for i in edited.changed[1]):
        return None
    if not all_seen(scene, edited.changed[0]) or not all_seen(edited.scene, edited.changed[1]):
        return None
    truths = [[s.holds(place) for place in (scene, edited.scene)] for s in edited.statements]
    if truths != [[True, False], [False, True]] or not is_seen(scene, edited.scene):
        return None
    return edited
