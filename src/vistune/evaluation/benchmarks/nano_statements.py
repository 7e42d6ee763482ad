"""Sentences about scenes with exact truth values, for questions of which several options may be right."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from vistune.world.language.grammar import Phrase, a, many
from vistune.world.language.view import View, view_of
from vistune.world.pairs.statement import Group, Statement
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, GROUPS, KIND_BY_NAME, KINDS, PATTERNS

#: A sentence, and whether it is true.
Told = tuple[str, bool]
Maker = Callable[[View, random.Random], list[Told]]


def _judged(view: View, statements: list[Statement]) -> list[Told]:
    """Those statements that are surely true or surely false."""
    found = {s.text: s.holds(view) for s in statements}
    return [(text, truth) for text, truth in found.items() if truth is not None]


def _one(*phrases: Phrase) -> Statement:
    return Statement(tuple(Group(phrase) for phrase in phrases))


def attributes(view: View, rng: random.Random) -> list[Told]:
    """``there is a red cup.``: things that are there, in their own and in other colours and patterns."""
    phrases = []
    for kind in dict.fromkeys(thing.kind for thing in view.things):
        phrases += [Phrase(kind, colour=colour) for colour in rng.sample(list(COLOURS), 4)]
        phrases += [Phrase(kind, pattern=pattern) for pattern in PATTERNS]
    phrases += [Phrase(t.kind, colour=t.colour) for t in view.things]
    return _judged(view, [_one(phrase) for phrase in phrases])


def objects(view: View, _rng: random.Random) -> list[Told]:
    """``there is a dog.``: things that are there, and others of the same groups."""
    groups = {KIND_BY_NAME[thing.kind].group for thing in view.things}
    return _judged(view, [_one(Phrase(kind.name)) for kind in KINDS if kind.group in groups])


def numbers(view: View, rng: random.Random) -> list[Told]:
    """``there are two dogs.``"""
    kinds = [*dict.fromkeys(thing.kind for thing in view.things), rng.choice(KINDS).name]
    return _judged(view, [Statement((Group(Phrase(kind), k),)) for kind in kinds for k in (0, 1, 2, 3)])


def _told(view: View) -> list[tuple[int, Phrase]]:
    return [(i, phrase) for i in view.indices if (phrase := view.describe(i)) is not None]


def _the(phrase: Phrase) -> str:
    from vistune.world.language.grammar import the

    return the(phrase)


def places(view: View, rng: random.Random) -> list[Told]:
    """``the dog is left of the cat.``"""
    relations = ("left of", "right of", "in front of", "behind", "above", "below")
    told = _told(view)
    statements = [
        Statement((Group(p), Group(q)), relation=relation)
        for i, p in told
        for j, q in told
        if i != j
        for relation in relations
    ]
    return _judged(view, rng.sample(statements, min(24, len(statements))))


def words(view: View, rng: random.Random) -> list[Told]:
    """``the box says "milk".``"""
    from vistune.world.labels import ALL_WORDS

    labelled = [(i, phrase) for i, phrase in _told(view) if view.things[i].label]
    shown = [str(view.things[i].label) for i, _ in labelled]
    others = rng.sample([*ALL_WORDS.train, *ALL_WORDS.held_out], 4)
    return _judged(
        view, [Statement((Group(p),), label=word) for _, p in labelled for word in dict.fromkeys([*shown, *others])]
    )


def comparisons(view: View, _rng: random.Random) -> list[Told]:
    """``the dog and the cat have the same colour.``"""
    told = _told(view)
    found = []
    for i, p in told:
        for j, q in told:
            if i < j:
                for name in ("colour", "pattern", "size"):
                    same = getattr(view.things[i], name) == getattr(view.things[j], name)
                    found.append((f"{_the(p)} and {_the(q)} have the same {name}.", same))
    return found


def groups(view: View, _rng: random.Random) -> list[Told]:
    """``there is something to eat.``: what must be thought about the things."""
    found = []
    for group in GROUPS:
        surely, maybe = view.named(group), view.named(group, doubt=True)
        if group != "item" and surely == maybe:
            counted = group not in ("food", "furniture")
            found.append((f"there is {a(group) if counted else group} in the picture.", bool(surely)))
            if counted:
                found.append((f"there is more than one {group}.", len(surely) > 1))
    return found


def comparing_numbers(view: View, rng: random.Random) -> list[Told]:
    """``there are more dogs than cats.``"""
    kinds = [*dict.fromkeys(thing.kind for thing in view.things), rng.choice(KINDS).name]
    found = []
    for first in kinds:
        for second in kinds:
            if first != second:
                x, y = len(view.named(first)), len(view.named(second))
                found.append((f"there are more {many(first)} than {many(second)}.", x > y))
                found.append((f"there are as many {many(first)} as {many(second)}.", x == y))
    return found


def extremes(view: View, _rng: random.Random) -> list[Told]:
    """``of all things, the dog is farthest to the left.``: relations that are put together."""
    told = _told(view)
    found = []
    for relation, word in (
        ("left of", "farthest to the left"),
        ("right of", "farthest to the right"),
        ("in front of", "closest to us"),
    ):
        for i, phrase in told:
            holds = [view.holds(i, relation, j) for j in view.indices if j != i]
            if holds and (all(holds) or False in holds):
                found.append((f"of all things, {_the(phrase)} is {word}.", all(holds)))
    return found


def touching(view: View, _rng: random.Random) -> list[Told]:
    """``the cup stands on the table.``"""
    told = _told(view)
    holds = {(i, j): view.holds(i, "on", j) for i, _ in told for j, _ in told if i != j}
    names = dict(told)
    found = [
        (f"{_the(names[i])} stands on {_the(names[j])}.", truth) for (i, j), truth in holds.items() if truth is not None
    ]
    return found if any(truth for _, truth in found) else []


def any_of_them(view: View, rng: random.Random) -> list[Told]:
    """Sentences of several sorts together."""
    makers = (attributes, numbers, places, comparisons, objects)
    return [told for make in makers for told in (lambda own: rng.sample(own, min(4, len(own))))(make(view, rng))]


def drawn(make: Maker, scene: Scene, rng: random.Random, options: int = 4) -> tuple[list[str], list[int]] | None:
    """``options`` sentences, of which one to ``options`` - 1 are true; how many is drawn first. None where there are too few."""
    told = make(view_of(scene), rng)
    true, false = ([text for text, truth in dict(told).items() if truth is wanted] for wanted in (True, False))
    right = rng.choice((1, 1, 2, 3))
    if len(true) < right or len(false) < options - right:
        return None
    chosen = [(text, True) for text in rng.sample(sorted(true), right)]
    chosen += [(text, False) for text in rng.sample(sorted(false), options - right)]
    rng.shuffle(chosen)
    return [text for text, _ in chosen], [k for k, (_, truth) in enumerate(chosen) if truth]


def other_look(scene: Scene, rng: random.Random) -> Scene:
    """The same things in the same places, each drawn in another variant and turned round."""
    things = tuple(replace(t, variant=rng.randrange(1 << 16), flip=not t.flip) for t in scene.things)
    return replace(scene, things=things)
