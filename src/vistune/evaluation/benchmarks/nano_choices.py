"""Multiple choice made by the world: makers of questions with exact wrong options, and a dealer that keeps places even."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks.choice import Ask
from vistune.evaluation.benchmarks.nano import FIRST_SCENE, picture, scene_facets
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Scene, Split

#: Pixels from which words on things can be read.
LEGIBLE = 96


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question, its one right option, and options that are surely wrong, in no order."""

    text: str
    right: str
    wrong: tuple[str, ...]


#: Makes a question about a scene, or None where the scene has none of its sort.
Maker = Callable[[Scene, random.Random], "Drawn | None"]


class Dealer:
    """Puts right options at all places equally often: a block of ``k`` questions has each of ``k`` places once."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"dealer/{seed}")
        self._left: dict[tuple[str, int], list[int]] = defaultdict(list)

    def deal(self, drawn: Drawn, options: int = 4, sort: str = "") -> tuple[tuple[str, ...], int]:
        """At most ``options`` options with the right one among them, and its place. ``sort``: what is evened out apart."""
        others = sorted(set(drawn.wrong) - {drawn.right})
        wrong = self.rng.sample(others, min(options - 1, len(others)))
        left = self._left[sort, len(wrong) + 1]
        if not left:
            left += self.rng.sample(range(len(wrong) + 1), len(wrong) + 1)
        place = left.pop()
        return (*wrong[:place], drawn.right, *wrong[place:]), place


def scene_asks(
    makers: Mapping[str, Sequence[Maker]],
    n: int,
    *,
    seed: int,
    image_size: int,
    split: Split = "test",
    prior: Prior = "flat",
    labels: frozenset[str] = frozenset(),
    options: int = 4,
    buckets: Callable[[str], tuple[str, ...]] = lambda name: (name,),
) -> list[Ask]:
    """About ``n`` questions, as many of each sort of ``makers``: sort -> makers, taken in turn. One question a picture.

    Sorts in ``labels`` are asked of scenes with words on things, drawn at 96 pixels at least.
    """
    asks: list[Ask] = []
    for number, (sort, own) in enumerate(makers.items()):
        rng, dealer = random.Random(f"{sort}/{seed}"), Dealer(seed * 100 + number)
        quota = n // len(makers) + (number < n % len(makers))
        made = 0
        for place, scene in enumerate(_pool(quota * 30, split, prior, seed * 50 + number, sort in labels)):
            if made == quota:
                break
            drawn = own[place % len(own)](scene, rng)
            if drawn is None or not drawn.wrong:
                continue
            shown, truth = dealer.deal(drawn, options)
            made += 1
            size = max(image_size, LEGIBLE) if sort in labels else image_size
            asks.append(
                Ask(
                    f"{sort.replace(' ', '-').lower()}-{scene.seed}", drawn.text, shown, truth, (picture(scene, size),),
                    type=sort, group=str(scene.seed), buckets=buckets(sort), facets=scene_facets(scene),
                )
            )  # fmt: skip
    return asks


def _pool(n: int, split: Split, prior: Prior, seed: int, labels: bool) -> Iterator[Scene]:
    from vistune.world import sample_scene

    start = FIRST_SCENE + seed * 20_000
    for i in range(n):
        yield sample_scene(start + i, split=split, prior=prior, labels=labels)


@dataclass(frozen=True, slots=True)
class _World:
    """How values of a kind of picture are drawn, asked about and shown."""

    sample: Callable[..., Any]
    ask: Callable[..., list[Question]]
    show: Callable[[Any, int], Sequence[Any]]


def _world(kind: str, frames: int) -> _World:
    from vistune.world import cells, charts, maps, pages, rooms, video

    worlds = {
        "charts": _World(charts.sample_chart, charts.ask, lambda v, size: [charts.render(v, size)]),
        "cells": _World(cells.sample_slide, cells.ask, lambda v, size: [cells.render(v, size)]),
        "maps": _World(maps.sample_choice, maps.ask, lambda v, size: [maps.render(v, size // 2, wide=size)]),
        "pages": _World(
            pages.sample_document, pages.ask, lambda v, size: [pages.render(page, size) for page in v.pages]
        ),
        "rooms": _World(rooms.sample_room, rooms.ask, lambda v, size: [rooms.render(v, size)]),
        "video": _World(
            partial(video.sample_clip, frames=frames), video.ask, lambda v, size: list(video.render_clip(v, size))
        ),
    }
    return worlds[kind]


#: Values of a kind that are looked at, at least, for other answers of the same type.
_OTHERS = 30


def world_asks(
    kind: str,
    sorts: Mapping[str, Sequence[str]],
    n: int,
    *,
    seed: int,
    image_size: int,
    options: int = 4,
    frames: int = 8,
    split: Split = "test",
    prior: Prior = "flat",
    buckets: Callable[[str], tuple[str, ...]] = lambda name: (name,),
) -> list[Ask]:
    """About ``n`` questions on charts, cells, maps, pages, rooms or clips, as many of each sort: sort -> question types, in turn.

    Wrong options are the question's own choices, or answers of other questions of the same type. Only pictures that are
    asked about are drawn.
    """
    world, dealer = _world(kind, frames), Dealer(seed)
    drawn, pool = _drawn(world, sorts, n, FIRST_SCENE + seed * 20_000, split, prior)
    asks: list[Ask] = []
    for sort, own in drawn.items():
        made = 0
        for at, value, q in own:
            wrong = tuple(option for option in (q.choices or sorted(pool[q.type])) if option != q.answer)
            if made == n // len(sorts) + (list(sorts).index(sort) < n % len(sorts)):
                break
            if not wrong:
                continue
            shown, truth = dealer.deal(Drawn(q.text, q.answer, wrong), len(q.choices) if q.choices else options, q.type)
            pictures = tuple(ImageSource(array=picture) for picture in world.show(value, image_size))
            name = f"{kind}-{sort.replace(' ', '-').lower()}-{at}-{made}"
            made += 1
            asks.append(
                Ask(
                    name, q.text, shown, truth, pictures, type=sort, group=f"{kind}-{at}", buckets=buckets(sort),
                    more={"question_type": q.type},
                )
            )  # fmt: skip
    return asks


def _drawn(
    world: _World, sorts: Mapping[str, Sequence[str]], n: int, start: int, split: Split, prior: Prior
) -> tuple[dict[str, list[tuple[int, Any, Question]]], dict[str, set[str]]]:
    """(number, value, question) of each sort, and all answers that were seen, by type. Two questions a value at most."""
    quota = -(-n // len(sorts))
    sort_of = {type: sort for sort, types in sorts.items() for type in types}
    drawn: dict[str, list[tuple[int, Any, Question]]] = {sort: [] for sort in sorts}
    pool: dict[str, set[str]] = defaultdict(set)
    for place in range(2 * n + 2 * _OTHERS):
        short = [sort for sort, own in drawn.items() if len(own) < quota]
        if not short and place >= _OTHERS:
            break
        types = [type for type, sort in sort_of.items() if sort in short] or list(sort_of)
        value = world.sample(start + place, split=split, prior=prior)
        for q in world.ask(value, start + place, types=types, n=2, split=split):
            pool[q.type].add(q.answer)
            drawn[sort_of[q.type]].append((start + place, value, q))
    return drawn, pool


# ---- makers about scenes ----


def asked(type: str) -> Maker:
    """The world's own question of a type, against all answers of the same sort."""

    def make(scene: Scene, _rng: random.Random) -> Drawn | None:
        from vistune.world.questions import ask
        from vistune.world.questions.choices import answer_domain
        from vistune.world.vocabulary import KIND_BY_NAME

        found = ask(scene, scene.seed, types=[type], n=1, split=scene.split)
        if not found:
            return None
        q = found[0]
        if q.answer in ("yes", "no"):
            domain: Sequence[str] = ("yes", "no")
        elif type == "state":
            domain = KIND_BY_NAME[scene.things[q.facts["things"][0]].kind].states
        else:
            domain = _same_group(q.answer, answer_domain(q.answer))
        return Drawn(q.text, q.answer, tuple(option for option in domain if option != q.answer))

    return make


def _same_group(answer: str, domain: Sequence[str]) -> Sequence[str]:
    """Of names of kinds, those of the group of ``answer``: the question often tells the group."""
    from vistune.world.language.grammar import a
    from vistune.world.vocabulary import KINDS

    group = next((kind.group for kind in KINDS if a(kind.name) == answer), None)
    return domain if group is None else [a(kind.name) for kind in KINDS if kind.group == group]


def place_shown(scene: Scene, _rng: random.Random) -> Drawn | None:
    """Which place the picture shows."""
    from vistune.world.vocabulary import SETTINGS

    wrong = tuple(f"the {name}" for name in SETTINGS if name != scene.setting)
    return Drawn("which place does the picture show?", f"the {scene.setting}", wrong)


def kind_shown(scene: Scene, rng: random.Random) -> Drawn | None:
    """Which of these is in the picture; only things that are well seen count as there."""
    from vistune.world import visible_share
    from vistune.world.language.grammar import a
    from vistune.world.vocabulary import KINDS

    shares = visible_share(scene, 64)
    seen = [thing.kind for thing, share in zip(scene.things, shares) if share > 0.6]
    if not seen:
        return None
    there = {thing.kind for thing in scene.things}
    wrong = tuple(a(kind.name) for kind in KINDS if kind.name not in there)
    return Drawn("which of these is in the picture?", a(rng.choice(seen)), wrong)


def told_apart(scene: Scene, *avoid: str) -> list[tuple[int, str]]:
    """(index, "the red cup") of all things that one phrase fits alone."""
    from vistune.world.language.grammar import the
    from vistune.world.language.view import view_of

    view = view_of(scene)
    found = ((i, view.describe(i, frozenset(avoid))) for i in view.indices)
    return [(i, the(phrase)) for i, phrase in found if phrase is not None]


def part_of_picture(scene: Scene, rng: random.Random) -> Drawn | None:
    """In which third of the picture a thing is; only what lies well within one is asked for."""
    thirds = {"on the left": (0.0, 0.28), "in the middle": (0.4, 0.6), "on the right": (0.72, 1.0)}
    known = [
        (name, part)
        for i, name in told_apart(scene)
        for part, (low, high) in thirds.items()
        if low <= scene.things[i].x <= high
    ]
    if not known:
        return None
    name, part = rng.choice(known)
    return Drawn(f"where is {name} in the picture?", part, tuple(p for p in thirds if p != part))


_RELATIONS = ("left of", "right of", "in front of", "behind", "above", "below")


def relation_of_two(scene: Scene, rng: random.Random) -> Drawn | None:
    """How one thing stands to another: one relation that holds, among those that surely do not."""
    from vistune.world.language.view import view_of

    view, named = view_of(scene), told_apart(scene)
    pairs = [(a, b) for a in named for b in named if a[0] != b[0]]
    rng.shuffle(pairs)
    for (i, first), (j, second) in pairs:
        holds = {r: view.holds(i, r, j) for r in _RELATIONS}
        right = [r for r, value in holds.items() if value]
        wrong = tuple(r for r, value in holds.items() if value is False)
        if right and wrong:
            return Drawn(f"how does {first} stand to {second}?", rng.choice(right), wrong)
    return None


def standing_on(scene: Scene, rng: random.Random) -> Drawn | None:
    """Which of the things in the picture stands on another; the wrong ones are there too, and surely not on it."""
    from vistune.world.language.view import view_of

    view, named = view_of(scene), told_apart(scene)
    for j, base in named:
        right = [name for i, name in named if view.holds(i, "on", j)]
        wrong = tuple(name for i, name in named if i != j and view.holds(i, "on", j) is False)
        if right and wrong:
            return Drawn(f"which of these stands on {base}?", rng.choice(right), wrong)
    return None


def number_shown(scene: Scene, rng: random.Random) -> Drawn | None:
    """How many of a kind or group there are; the number is drawn first, so that none is commoner than it must be."""
    from vistune.world.language.grammar import many, number_word
    from vistune.world.language.view import view_of
    from vistune.world.vocabulary import GROUPS, KINDS

    view = view_of(scene)
    by_number: dict[int, list[str]] = {}
    for noun in (*(kind.name for kind in KINDS), *(g for g in GROUPS if g != "item")):
        if view.named(noun) == view.named(noun, doubt=True):
            by_number.setdefault(len(view.named(noun)), []).append(noun)
    wanted = rng.randint(0, 4)
    if wanted not in by_number:
        return None
    wrong = tuple(number_word(k) for k in range(5) if k != wanted)
    return Drawn(f"how many {many(rng.choice(by_number[wanted]))} are in the picture?", number_word(wanted), wrong)


def written(scene: Scene, _rng: random.Random) -> Drawn | None:
    """Which word is written on a thing."""
    from vistune.world.labels import ALL_WORDS
    from vistune.world.questions import ask

    found = ask(scene, scene.seed, types=["text"], n=1, split=scene.split)
    if not found:
        return None
    shown = {thing.label for thing in scene.things}
    words = {*ALL_WORDS.train, *ALL_WORDS.held_out} - shown - {found[0].answer}
    return Drawn(found[0].text, found[0].answer, tuple(sorted(words)))


def nearer_of_two(scene: Scene, rng: random.Random) -> Drawn | None:
    """Which of two things is closer to us."""
    from vistune.world.language.view import view_of

    view, named = view_of(scene), told_apart(scene)
    pairs = [(a, b) for (i, a) in named for (j, b) in named if i != j and view.holds(i, "in front of", j)]
    if not pairs:
        return None
    near, far = rng.choice(pairs)
    return Drawn("which of these is closer to us?", near, (far,))


#: Group -> what one does with its members.
_USES = {"food": "eat", "furniture": "sit or lie on", "vehicle": "ride in or on", "toy": "play with"}


def use_of_thing(scene: Scene, rng: random.Random) -> Drawn | None:
    """Which of the things in the picture one can eat, ride, play with; the wrong ones are there too."""
    from vistune.world.language.view import view_of

    view, named = view_of(scene), told_apart(scene)
    order = list(_USES)
    rng.shuffle(order)
    for group in order:
        surely, maybe = view.named(group), view.named(group, doubt=True)
        right = [name for i, name in named if i in surely and scene.things[i].kind not in ("table", "lamp")]
        # Nobody plays with food or rides a sofa, but a bike is also a toy to some: vehicles and toys are not set against
        # each other, nor plants against food.
        others = tuple(name for i, name in named if i not in maybe and not _alike(group, scene.things[i].kind))
        if right and others:
            return Drawn(f"which of these can one {_USES[group]}?", rng.choice(right), others)
    return None


def _alike(group: str, kind: str) -> bool:
    from vistune.world.language.view import group_of

    own = group_of(kind)
    clash = {
        "toy": ("vehicle", "animal", "item", "person"),
        "vehicle": ("toy", "animal"),
        "food": ("plant", "animal"),
        "furniture": ("vehicle", "item"),
    }
    return own in clash[group] or kind in ("table", "lamp")
