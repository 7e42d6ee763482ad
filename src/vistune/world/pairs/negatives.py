"""Hard negatives of SugarCrepe's seven types (arXiv 2306.14610): false of the scene by computation, and as fluent.

Positive and negative have the same length and the same form. Replaced and added words are drawn from the same words as
the true ones, so that the text alone tells nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from vistune.world.language.grammar import INVERSE, Phrase, is_person
from vistune.world.language.view import View, view_of
from vistune.world.pairs.statement import Group, Statement, there_is
from vistune.world.questions.question import Context
from vistune.world.questions.simple import absent_kind
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS

_TRIES = 8


@dataclass(frozen=True, slots=True)
class HardNegative:
    """A true statement and a false one. ``type``: SugarCrepe's name."""

    type: str
    positive: Statement
    negative: Statement


C = Context
Two = tuple[Statement, Statement]


def _named(c: C, index: int, coloured: bool) -> Phrase:
    thing = c.view.things[index]
    return Phrase(thing.kind, colour=thing.colour if coloured else None)


def _groups(c: C, number: int = 2) -> list[int] | None:
    """Things of different kinds."""
    kinds = sorted(c.view.by_kind)
    if len(kinds) < number:
        return None
    return [c.one_of(c.view.by_kind[kind]) for kind in c.rng.sample(kinds, number)]


def _replace_obj(c: C) -> Two | None:
    found = _groups(c)
    if found is None:
        return None
    coloured = c.chance(0.5)
    true = there_is(*(_named(c, i, coloured) for i in found))
    place, kind = c.one_of((0, 1)), absent_kind(c)[0]
    phrase = true.groups[place].phrase
    if coloured and is_person(phrase.noun) != is_person(kind):
        # "in red clothes" is longer.
        return None
    return true, true.with_phrase(place, replace(phrase, noun=kind))


def _replace_att(c: C) -> Two | None:
    found = _groups(c)
    if found is None:
        return None
    true = there_is(*(_named(c, i, True) for i in found))
    place = c.one_of((0, 1))
    phrase = true.groups[place].phrase
    other = c.one_of([v for v in COLOURS if v != phrase.colour])
    return true, true.with_phrase(place, replace(phrase, colour=other))


def _related(c: C) -> Statement | None:
    told = dict(c.describable())
    held = [(i, r, j) for i, r, j in c.view.known() if i in told and j in told and r in INVERSE]
    if not held:
        return None
    i, relation, j = c.one_of(held)
    if c.view.things[i].kind == c.view.things[j].kind:
        return None
    return Statement((Group(told[i]), Group(told[j])), relation)


def _replace_rel(c: C) -> Two | None:
    true = _related(c)
    return None if true is None else (true, replace(true, relation=INVERSE[str(true.relation)]))


def _swap_obj(c: C) -> Two | None:
    true = _related(c)
    return None if true is None else (true, replace(true, groups=true.groups[::-1]))


def _swap_att(c: C) -> Two | None:
    found = _groups(c)
    if found is None:
        return None
    first, second = (_named(c, i, True) for i in found)
    if first.colour == second.colour:
        return None
    true = there_is(first, second)
    return true, there_is(replace(first, colour=second.colour), replace(second, colour=first.colour))


def _add_obj(c: C) -> Two | None:
    found = _groups(c)
    if found is None:
        return None
    first, second = (_named(c, i, False) for i in found)
    return there_is(first, second), there_is(first, Phrase(absent_kind(c)[0]))


def _add_att(c: C) -> Two | None:
    found = _groups(c)
    if found is None:
        return None
    plain, other = (_named(c, i, False) for i in found)
    if is_person(plain.noun):
        return None
    right = c.view.things[found[0]].colour
    wrong = c.one_of([v for v in COLOURS if v != right])
    return there_is(replace(plain, colour=right), other), there_is(replace(plain, colour=wrong), other)


#: SugarCrepe's types. For "add" the positive has a true addition, so that length tells nothing.
NEGATIVES: dict[str, Callable[[C], Two | None]] = {
    "replace_obj": _replace_obj, "replace_att": _replace_att, "replace_rel": _replace_rel, "swap_obj": _swap_obj,
    "swap_att": _swap_att, "add_obj": _add_obj, "add_att": _add_att,
}  # fmt: skip


def hard_negative(scene: Scene | View, type: str, seed: int) -> HardNegative | None:
    """A true and a false statement of a type; None where the scene has none."""
    view = view_of(scene)
    c = Context(view, random.Random(f"negative/{type}/{seed}/{view.scene.seed}"), view.scene.split)
    for _ in range(_TRIES):
        made = NEGATIVES[type](c)
        if made is not None and made[0].holds(view) is True and made[1].holds(view) is False:
            return HardNegative(type, *made)
    return None
