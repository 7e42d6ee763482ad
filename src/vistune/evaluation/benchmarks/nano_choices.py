"""Multiple choice made by the world: questions of makers and kinds of picture, and a dealer that keeps places even."""

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
from vistune.world.legible import LEGIBLE
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Scene, Split


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
            size = max(image_size, LEGIBLE["words on things"]) if sort in labels else image_size
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
            pages.sample_document,
            pages.ask,
            lambda v, size: [pages.render(page, pages.fit(page, size)) for page in v.pages],
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
    asked about are drawn: charts and pages large enough to be read.
    """
    image_size = max(image_size, LEGIBLE.get(kind, 0))
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
    for place in range(5 * n + 2 * _OTHERS):  # some sorts are rare
        short = [sort for sort, own in drawn.items() if len(own) < quota]
        if not short and place >= _OTHERS:
            break
        types = [type for type, sort in sort_of.items() if sort in short] or list(sort_of)
        value = world.sample(start + place, split=split, prior=prior)
        for q in world.ask(value, start + place, types=types, n=2, split=split):
            pool[q.type].add(q.answer)
            drawn[sort_of[q.type]].append((start + place, value, q))
    return drawn, pool
