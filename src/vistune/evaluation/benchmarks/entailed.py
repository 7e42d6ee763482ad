"""Questions about scenes that follow from one another, for GQA's consistency: one fact asked in several ways."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from vistune.world.language.grammar import INVERSE, Phrase, a, subject, the
from vistune.world.language.view import View, view_of
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, KINDS, PATTERNS, SETTINGS, SIZES

VALUES: dict[str, tuple[str, ...]] = {"colour": tuple(COLOURS), "size": tuple(SIZES), "pattern": PATTERNS}
YES_NO = ("yes", "no")
#: Relation -> how "left or right of" is said, and the answers.
_SIDES: dict[str, tuple[str, str, str]] = {
    "left of": ("left or right of", "left", "right"),
    "above": ("above or below", "above", "below"),
    "in front of": ("in front of or behind", "in front", "behind"),
}


@dataclass(frozen=True, slots=True)
class Entailing:
    """A question of a family. ``structural`` and ``semantic`` are GQA's types; ``entails``: places in the family.

    ``valid``: answers that the question can have; ``plausible``: those that training scenes show, and the true one.
    ``group``: what its answers are counted together with; None for yes and no, as in GQA.
    """

    text: str
    answer: str
    structural: str
    semantic: str
    entails: tuple[int, ...]
    valid: tuple[str, ...]
    plausible: tuple[str, ...]
    group: str | None = None


@cache
def _seen_colours(kind: str) -> tuple[str, ...]:
    from vistune.world.priors import colour_weights

    names, weights = colour_weights(kind, "skewed", True)
    return tuple(name for name, weight in zip(names, weights, strict=True) if weight > 0)


def _yes_no(text: str, yes: bool, semantic: str, entails: tuple[int, ...] = ()) -> Entailing:
    return Entailing(text, "yes" if yes else "no", "verify", semantic, entails, YES_NO, YES_NO)


def _either(text: str, answer: str, options: Sequence[str], semantic: str, entails: tuple[int, ...]) -> Entailing:
    return Entailing(text, answer, "choose", semantic, entails, tuple(options), tuple(options))


def attribute(view: View, rng: random.Random) -> list[Entailing]:
    """What has a thing's colour, size or pattern: asked openly, confirmed, denied, chosen."""
    name = rng.choice(list(VALUES))
    told = [(i, p) for i in view.indices if (p := view.describe(i, frozenset({name}))) is not None]
    if not told:
        return []
    index, phrase = rng.choice(told)
    value = str(getattr(view.things[index], name))
    other = rng.choice([v for v in VALUES[name] if v != value])
    words, be, do = subject(phrase) if name != "size" else (the(phrase), "is", "does")
    texts = {
        "colour": f"what colour {be} {words}?",
        "size": f"how big is {words}?",
        "pattern": f"what pattern {do} {words} have?",
    }
    pair = [value, other]
    rng.shuffle(pair)
    valid = VALUES[name]
    seen = {*_seen_colours(phrase.noun), value} if name == "colour" else set(valid)
    plausible = tuple(v for v in valid if v in seen)
    return [
        Entailing(texts[name], value, "query", "attr", (1, 2, 3), valid, plausible, name),
        _yes_no(f"{be} {words} {value}?", True, "attr", (0, 2, 3)),
        _yes_no(f"{be} {words} {other}?", False, "attr"),
        _either(f"{be} {words} {pair[0]} or {pair[1]}?", value, pair, "attr", (0, 1, 2)),
    ]


def relation(view: View, rng: random.Random) -> list[Entailing]:
    """Where one thing is to another: said from both ends, denied, chosen."""
    told = {i: p for i in view.indices if (p := view.describe(i)) is not None}
    held = [(i, r, j) for i, r, j in view.known() if r in _SIDES and i in told and j in told]
    if not held:
        return []
    i, r, j = rng.choice(held)
    first, second = the(told[i]), the(told[j])
    if rng.random() < 0.5:
        first, second, r = second, first, INVERSE[r]
    words, one, other = _SIDES[r if r in _SIDES else INVERSE[r]]
    return [
        _yes_no(f"is {first} {r} {second}?", True, "rel", (1, 2, 3)),
        _yes_no(f"is {second} {INVERSE[r]} {first}?", True, "rel", (0, 2, 3)),
        _yes_no(f"is {first} {INVERSE[r]} {second}?", False, "rel"),
        _either(f"is {first} {words} {second}?", one if r in _SIDES else other, (one, other), "rel", (0, 1, 2)),
    ]


def existence(view: View, rng: random.Random) -> list[Entailing]:
    """A red dog makes a dog; where there is no cat there is no red cat."""
    away = [kind.name for kind in KINDS if kind.name not in view.by_kind]
    if not view.things:
        return []
    thing, gone, colour = rng.choice(view.things), rng.choice(away), rng.choice(list(COLOURS))
    return [
        _yes_no(f"is there {a(Phrase(thing.kind, colour=thing.colour))} here?", True, "obj", (1,)),
        _yes_no(f"is there {a(thing.kind)} here?", True, "obj"),
        _yes_no(f"is there {a(gone)} here?", False, "obj", (3,)),
        _yes_no(f"is there {a(Phrase(gone, colour=colour))} here?", False, "obj"),
    ]


def place(view: View, rng: random.Random) -> list[Entailing]:
    """Where it is: openly, confirmed, denied, chosen."""
    here, other = f"the {view.scene.setting}", f"the {rng.choice([s for s in SETTINGS if s != view.scene.setting])}"
    pair = [here, other]
    rng.shuffle(pair)
    every = tuple(f"the {name}" for name in SETTINGS)
    return [
        Entailing("where is this?", here, "query", "global", (1, 2, 3), every, every, "place"),
        _yes_no(f"is this {here}?", True, "global", (0, 2, 3)),
        _yes_no(f"is this {other}?", False, "global"),
        _either(f"is this {pair[0]} or {pair[1]}?", here, pair, "global", (0, 1, 2)),
    ]


FAMILIES = (attribute, relation, existence, place)


def families(scene: Scene, turn: int) -> Iterator[list[Entailing]]:
    """Two families about a scene: one of an attribute, and one of the others in turn; none that the scene does not have."""
    view, rng = view_of(scene), random.Random(f"entailed/{scene.seed}/{scene.split}")
    for make in (attribute, FAMILIES[1 + turn % 3]):
        made = make(view, rng)
        if made:
            yield made
