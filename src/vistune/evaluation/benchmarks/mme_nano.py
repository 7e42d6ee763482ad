"""Pictures of the world with one yes and one no question each, for MME's subtasks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.benchmarks.knowing import facts_of, knowledge_items, scene_stream
from vistune.evaluation.benchmarks.nano import FIRST_SEED, scene_facets
from vistune.world.legible import LEGIBLE
from vistune.world.scene import Prior, Scene, Split

#: Words on things, receipts and boards cannot be read in smaller pictures.
READABLE = 2 * LEGIBLE["words on things"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture ``[height, width, 3]`` uint8, a question whose answer is yes, and one whose answer is no."""

    picture: NDArray[np.uint8]
    yes: str
    no: str
    facets: dict[str, str] = field(default_factory=dict)


Maker = Callable[[Split, Prior, int, int], Iterator[Pair]]
_Asked = tuple[str, str]


def _scene_pairs(name: str, ask: Callable[[Scene, random.Random], _Asked | None]) -> Maker:
    """A maker that asks of scenes, those that do not allow the question left out."""

    def make(split: Split, prior: Prior, seed: int, size: int) -> Iterator[Pair]:
        from vistune.world import render

        for scene in scene_stream(split, prior, seed):
            asked = ask(scene, random.Random(f"mme/{name}/{split}/{scene.seed}"))
            if asked is not None:
                yield Pair(render(scene, size), *asked, scene_facets(scene))

    return make


def _existence(scene: Scene, rng: random.Random) -> _Asked | None:
    from vistune.world.language.grammar import a
    from vistune.world.vocabulary import KIND_BY_NAME

    here = sorted({thing.kind for thing in scene.things})
    absent = rng.choice([kind for kind in KIND_BY_NAME if kind not in here])
    return f"Is there {a(rng.choice(here))} in this image?", f"Is there {a(absent)} in this image?"


def _count(scene: Scene, rng: random.Random) -> _Asked | None:
    """How many of a kind; the wrong number is one more or one less, never zero."""
    from vistune.world.language.grammar import number_word, plural
    from vistune.world.language.view import view_of

    kind, things = rng.choice(sorted(view_of(scene).by_kind.items()))
    right = len(things)
    if right == 1 and rng.random() < 0.7:  # most kinds are there once
        return None
    wrong = right + rng.choice((1, -1) if right > 1 else (1, 2))

    def asked(number: int) -> str:
        told = f"Is there one {kind}" if number == 1 else f"Are there {number_word(number)} {plural(kind)}"
        return f"{told} in this image?"

    return asked(right), asked(wrong)


def _position(scene: Scene, rng: random.Random) -> _Asked | None:
    from vistune.world.language.grammar import INVERSE, the
    from vistune.world.language.view import view_of

    view = view_of(scene)
    told = []
    for i, relation, j in view.known():
        first, second = view.describe(i), view.describe(j)
        if relation in INVERSE and first is not None and second is not None:
            told.append((the(first), relation, the(second)))
    if not told:
        return None
    x, relation, y = rng.choice(told)
    return f"Is {x} {relation} {y}?", f"Is {x} {INVERSE[relation]} {y}?"


def _colour(scene: Scene, rng: random.Random) -> _Asked | None:
    from vistune.world.language.grammar import subject
    from vistune.world.language.view import view_of
    from vistune.world.vocabulary import COLOURS

    view = view_of(scene)
    told = [(i, p) for i in view.indices if (p := view.describe(i, frozenset({"colour"}))) is not None]
    if not told:
        return None
    index, phrase = rng.choice(told)
    words, be, _ = subject(phrase)
    right = scene.things[index].colour
    wrong = rng.choice([colour for colour in COLOURS if colour != right])
    return f"{be.capitalize()} {words} {right}?", f"{be.capitalize()} {words} {wrong}?"


def _setting(scene: Scene, rng: random.Random) -> _Asked | None:
    from vistune.world.vocabulary import SETTINGS

    wrong = rng.choice([name for name in SETTINGS if name != scene.setting])
    return f"Does this image show a {scene.setting}?", f"Does this image show a {wrong}?"


def _ocr(split: Split, prior: Prior, seed: int, size: int) -> Iterator[Pair]:
    """The word on a thing, and another word that could stand on it."""
    from vistune.world import render
    from vistune.world.labels import can_be_written_on, legible, words_for

    for scene in scene_stream(split, prior, seed):
        front = min(scene.things, key=lambda thing: thing.depth)  # nothing hides its plate
        if not can_be_written_on(front):
            continue
        words = list(words_for(front.kind, prior, split))
        random.Random(f"mme/ocr/{split}/{scene.seed}").shuffle(words)
        word = next((word for word in words[:4] if legible(front, word)), None)
        if word is None:
            continue
        asked = 'Is the word in this image "{}"?'
        wrong = next(other for other in words if other != word)
        things = tuple(replace(t, label=word if t is front else None) for t in scene.things)
        picture = render(replace(scene, things=things), max(size, READABLE))
        yield Pair(picture, asked.format(word), asked.format(wrong), scene_facets(scene))


def _landmark(split: Split, prior: Prior, seed: int, size: int) -> Iterator[Pair]:
    """Whether a house, dress, dish or feast is of a region of the made-up world."""
    from vistune.world.regions import REGIONS, render, sample_sight
    from vistune.world.regions.atlas import COUNTRIES

    number = FIRST_SEED * 1000 + seed * 100_000
    while True:
        number += 1
        sight = sample_sight(number, split=split, prior=prior)
        of = {COUNTRIES[name].region for name in sight.custom.origins}
        others = sorted(set(REGIONS) - of)
        asked = f"Is this {sight.custom.facet} from {{}}?"
        wrong = random.Random(f"mme/landmark/{number}").choice(others)
        yield Pair(render(sight, size), asked.format(sorted(of)[0]), asked.format(wrong), {"facet": sight.custom.facet})


def _commonsense(split: Split, prior: Prior, seed: int, size: int) -> Iterator[Pair]:
    """What one knows of the animal that is seen; the wrong answer is true of another animal."""
    from vistune.world import render

    asked = {
        "sound": 'Does the animal in this image say "{}"?',
        "young": "Is the young of the animal in this image called {}?",
        "legs": "Does the animal in this image have {} legs?",
    }
    for known in knowledge_items(2000, split, prior, seed):
        if known.family not in asked or not known.others:
            continue
        text = asked[known.family]
        wrong = random.Random(f"mme/commonsense/{known.scene.seed}").choice(known.others)
        assert facts_of(_animal(known.scene))[known.family] == known.answer
        yield Pair(render(known.scene, size), text.format(known.answer), text.format(wrong), {"family": known.family})


def _animal(scene: Scene) -> str:
    from vistune.world.vocabulary import KIND_BY_NAME

    return next(thing.kind for thing in scene.things if KIND_BY_NAME[thing.kind].group == "animal")


def _numerical(split: Split, prior: Prior, seed: int, size: int) -> Iterator[Pair]:
    """Two prices of a receipt added up."""
    from vistune.world.pages import render, sample_document
    from vistune.world.pages.sampling import money

    number = FIRST_SEED * 1000 + seed * 100_000
    while True:
        number += 1
        page = sample_document(number, split=split, prior=prior, kind="receipt")
        rng = random.Random(f"mme/numerical/{number}")
        (a, first), (b, second) = rng.sample(page.items, 2)
        right = first + second
        wrong = right + 50 * rng.choice([k for k in (-4, -2, -1, 1, 2, 4) if right + 50 * k > 0])
        asked = f"Do the {a} and the {b} cost {{}} together?"
        yield Pair(render(page.pages[0], max(size, READABLE)), asked.format(money(right)), asked.format(money(wrong)))


def _translation(split: Split, prior: Prior, seed: int, size: int) -> Iterator[Pair]:
    """A word on a board in German, Spanish or French, and what it means in English."""
    from vistune.world.tongues import render_street, sample_street
    from vistune.world.vocabulary import KIND_BY_NAME

    del prior  # boards have none
    number = FIRST_SEED * 1000 + seed * 100_000
    while True:
        number += 1
        language = ("de", "es", "fr")[number % 3]
        street = sample_street(number, language, split=split, most=1)
        kind = street.boards[0].kind
        rng = random.Random(f"mme/translation/{number}")
        near = [k.name for k in KIND_BY_NAME.values() if k.group == KIND_BY_NAME[kind].group and k.name != kind]
        asked = "Does the word in this image mean {} in English?"
        picture = render_street(street, max(size, READABLE))
        yield Pair(picture, asked.format(kind), asked.format(rng.choice(near)), {"language": language})


#: Subtask -> its endless pairs, by split, prior, seed and size of pictures.
MAKERS: dict[str, Maker] = {
    "existence": _scene_pairs("existence", _existence),
    "count": _scene_pairs("count", _count),
    "position": _scene_pairs("position", _position),
    "color": _scene_pairs("color", _colour),
    "scene": _scene_pairs("scene", _setting),
    "landmark": _landmark,
    "OCR": _ocr,
    "commonsense_reasoning": _commonsense,
    "numerical_calculation": _numerical,
    "text_translation": _translation,
}
