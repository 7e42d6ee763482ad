"""Sentences on two scenes, for the made editions of NLVR2 and MaRVL: each true of some pairs and false of others."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vistune.world.language.grammar import Phrase, is_person, noun_phrase, number_word, plural
from vistune.world.language.view import View, view_of
from vistune.world.scene import Scene
from vistune.world.tongues.meaning import Meaning
from vistune.world.vocabulary import COLOURS, KINDS, SETTINGS

#: Draws of pairs before a sentence is given up.
_TRIES = 600
#: Whether a sentence is true of two pictures; None where that is in doubt.
Holds = Callable[[View, View], bool | None]


@dataclass(frozen=True, slots=True)
class OnTwo:
    """A sentence with four pairs (left, right, whether it is true of them): two true, two false, in a drawn order."""

    type: str
    text: str
    pairs: tuple[tuple[Scene, Scene, bool], ...]


def _count(view: View, phrase: Phrase) -> int:
    return len(view.fitting(phrase))


def _people(a: View, b: View) -> bool:
    """Whether anybody is there: some would call them things, and their clothes are coloured."""
    return any(is_person(thing.kind) for view in (a, b) for thing in view.things)


def _both(rng: random.Random) -> tuple[str, Holds]:
    kind = Phrase(rng.choice(KINDS).name)
    return f"There is {noun_phrase(kind)} in both pictures.", lambda a, b: min(_count(a, kind), _count(b, kind)) > 0


def _exactly_one(rng: random.Random) -> tuple[str, Holds]:
    kind = Phrase(rng.choice(KINDS).name)
    text = f"There is {noun_phrase(kind)} in exactly one of the pictures."
    return text, lambda a, b: (_count(a, kind) > 0) != (_count(b, kind) > 0)


def _side(rng: random.Random) -> tuple[str, Holds]:
    phrase = Phrase(rng.choice(KINDS).name)
    if rng.random() < 0.5:
        phrase = Phrase(phrase.noun, colour=rng.choice(list(COLOURS)))
    left = rng.random() < 0.5
    text = f"There is {noun_phrase(phrase)} in the {'left' if left else 'right'} picture and none in the other."
    return text, lambda a, b: _count(a if left else b, phrase) > 0 and not _count(b if left else a, phrase)


def _more(rng: random.Random) -> tuple[str, Holds]:
    left = rng.random() < 0.5
    one, other = ("left", "right") if left else ("right", "left")
    text = f"The {one} picture shows more things than the {other} one."
    return text, lambda a, b: None if _people(a, b) else (len(a.things) - len(b.things)) * (1 if left else -1) > 0


def _in_all(rng: random.Random) -> tuple[str, Holds]:
    number = rng.randint(3, 8)
    text = f"There are {number_word(number)} things in the two pictures together."
    return text, lambda a, b: None if _people(a, b) else len(a.things) + len(b.things) == number


def _colour_count(rng: random.Random) -> tuple[str, Holds]:
    colour, number = rng.choice(list(COLOURS)), rng.randint(2, 3)
    text = f"At least {number_word(number)} things in the two pictures are {colour}."
    red = Phrase("thing", colour=colour)
    return text, lambda a, b: None if _people(a, b) else _count(a, red) + _count(b, red) >= number


def _place(rng: random.Random) -> tuple[str, Holds]:
    place = rng.choice(list(SETTINGS))
    text = f"One picture shows the {place} and the other one does not."
    return text, lambda a, b: (a.scene.setting == place) != (b.scene.setting == place)


def _kinds(rng: random.Random) -> tuple[str, Holds]:
    first, second = (Phrase(kind.name) for kind in rng.sample(KINDS, 2))
    text = f"There are {plural(first.noun)} or {plural(second.noun)} in each picture."
    return text, lambda a, b: all(_count(v, first) + _count(v, second) > 0 for v in (a, b))


MAKERS: dict[str, Callable[[random.Random], tuple[str, Holds]]] = {
    "both": _both, "exactly_one": _exactly_one, "side": _side, "more": _more, "in_all": _in_all,
    "colour_count": _colour_count, "place": _place, "either": _kinds,
}  # fmt: skip


def sentences_on_two(pool: Sequence[Scene], n: int, seed: int) -> Iterator[OnTwo]:
    """``n`` different sentences, the types in turn, with pairs of different scenes of the pool."""
    rng = random.Random(f"two pictures/{seed}")
    views = [view_of(scene) for scene in pool]
    said: set[str] = set()
    while len(said) < n:
        type = list(MAKERS)[len(said) % len(MAKERS)]
        text, holds = MAKERS[type](rng)
        # A few sentences are all that some types have: those may come again, of other pairs.
        if text in said and type not in ("more", "in_all", "place"):
            continue
        found: dict[bool, list[tuple[Scene, Scene, bool]]] = {True: [], False: []}
        for _ in range(_TRIES):
            a, b = rng.sample(views, 2)
            true = holds(a, b)
            if true is not None and len(found[true]) < 2:
                found[true].append((a.scene, b.scene, true))
            if len(found[True]) == len(found[False]) == 2:
                pairs = [*found[True], *found[False]]
                rng.shuffle(pairs)
                said.add(text if text not in said else f"{text}#{len(said)}")
                yield OnTwo(type, text, tuple(pairs))
                break


def pairs_in_tongue(pool: Sequence[Scene], language: str, seed: int) -> Iterator[tuple[str, Scene, Scene, bool, str]]:
    """(text, left, right, whether it is true, what was changed): each text once with a true and once with a false pair.

    False: one picture is another one of which its caption is not true, or the two have changed places.
    """
    from vistune.world.tongues import TONGUES, described

    tongue, rng = TONGUES[language], random.Random(f"marvl/{language}/{seed}")
    for number, left in enumerate(pool):
        right = rng.choice(pool)
        said = [described(scene, seed, "all") for scene in (left, right)]
        blank = "" if tongue.CODE == "zh" else " "
        text = " ".join(f"{k}. {blank.join(tongue.say(m) for m in told)}" for k, told in enumerate(said, 1))
        type = ("swapped", "left", "right")[number % 3]
        other = rng.choice(pool)
        pair = {"swapped": (right, left), "left": (other, right), "right": (left, other)}[type]
        if all(_fits(scene, told) for scene, told in zip(pair, said)):
            continue
        pairs = [(left, right, True), (*pair, False)]
        if rng.random() < 0.5:
            pairs.reverse()
        for one, two, true in pairs:
            yield text, one, two, true, type


def _fits(scene: Scene, told: Sequence[Meaning]) -> bool:
    """Whether a caption's meanings are true of a scene: the setting, and each kind's number with what is said of it."""
    for meaning in told:
        if meaning.type == "there" and meaning.setting != scene.setting:
            return False
        for np in meaning.groups:
            fitting = [
                t
                for t in scene.things
                if t.kind == np.kind
                and all(getattr(np, name) in (None, getattr(t, name)) for name in ("colour", "size", "pattern"))
            ]
            if len(fitting) != np.number:
                return False
    return True
