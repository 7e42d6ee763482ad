"""Captions of a scene: short, long, and one that names every thing from left to right."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from vistune.core.errors import ConfigError, nearest
from vistune.world.language.grammar import (
    GROUP_NOUNS,
    INVERSE,
    PLACES,
    RELATION_WORDS,
    Phrase,
    full_phrase,
    join,
    noun_phrase,
    some,
    subject,
)
from vistune.world.language.view import IN_DOUBT, View, group_of, view_of
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Scene

Level = Literal["short", "long", "all"]

#: Words of a long caption: sentences are added while they fit.
LONG_WORDS = 68
SHORT_WORDS = 25

_OPENINGS = Wordings(
    ("this is {the_place}.", "we are {in_place}.", "here is {the_place}.", "the picture shows {the_place}."),
    ("this picture was made {in_place}.",),
)
_THERE = Wordings(
    ("there {are} {things}.", "I see {things}.", "you can see {things}.", "here {are} {things}."),
    ("we can find {things}.",),
)
_SHORT = Wordings(
    (
        "this is {the_place}. there {are} {things}.",
        "{in_place} there {are} {things}.",
        "there {are} {things} {in_place}.",
        "I see {things} {in_place}.",
        "the picture shows {things} {in_place}.",
    ),
    ("we can find {things} {in_place}.", "{in_place} you can spot {things}."),
)
_EMPTY = Wordings(("there is nothing {in_place}.", "{in_place} there are no things."), ("nothing is {in_place}.",))
_RELATED = Wordings(("{x} is {r} {y}.",), ("you find {x} {r} {y}.",))
_COUNT = Wordings(
    ("there {are} {n} here.", "there {are} {n} in the picture.", "I count {n}."), ("the picture has {n} in all.",)
)
_REQUESTS = {
    "short": Wordings(
        ("what do you see?", "what is in the picture?", "what does the picture show?"), ("what can we see here?",)
    ),
    "long": Wordings(
        ("describe the picture.", "tell me about the picture.", "tell me more about the picture."),
        ("say all that you can about the picture.",),
    ),
    "all": Wordings(
        ("name all things.", "name all things from left to right.", "what is here, from left to right?"),
        ("list everything from left to right.",),
    ),
}

#: Every template of a caption's sentences, the held-out ones too.
TEMPLATES: tuple[str, ...] = tuple(
    template
    for wordings in (_OPENINGS, _THERE, _SHORT, _EMPTY, _RELATED, _COUNT)
    for template in wordings.train + wordings.held_out
)

_NONE: frozenset[str] = frozenset()


def caption_request(level: Level, seed: int, split: str = "train") -> str:
    """What one says to get a caption of this level."""
    _check_level(level)
    return _REQUESTS[level].pick(random.Random(f"request/{level}/{seed}"), split)


def caption_request_level(text: str) -> Level | None:
    """The level that a request asks for; None where it is none of ``caption_request``'s."""
    said = text.strip().lower()
    return next(
        (level for level in get_args(Level) if said in _REQUESTS[level].train + _REQUESTS[level].held_out), None
    )


def caption(scene: Scene | View, seed: int, level: Level = "short", split: str = "train") -> str:
    """A true caption, deterministic from scene and seed.

    ``short``: the setting and the main things, at most 25 words. ``long``: up to 70 words in simple sentences with
    places, counts, looks and states. ``all``: every thing in order from left to right. Raises ``ConfigError`` for
    another level.
    """
    _check_level(level)
    view = view_of(scene)
    if level == "all":
        return all_things(view)
    rng = random.Random(f"caption/{level}/{seed}/{view.scene.seed}/{split}")
    if not view.things:
        return _EMPTY.pick(rng, split).format(in_place=PLACES[view.scene.setting])
    return _short(view, rng, split) if level == "short" else _long(view, rng, split)


def _check_level(level: str) -> None:
    if level not in get_args(Level):
        raise ConfigError(f"There is no caption level '{level}'. {nearest(level, get_args(Level))}")


def left_to_right(view: View) -> list[int]:
    """Indices of the things by the place of their centres, from left to right."""
    return sorted(view.indices, key=lambda index: (view.things[index].x, index))


def all_things(view: View) -> str:
    """``a small red ball, a big striped cat and an open box.``: every thing, from left to right."""
    if not view.things:
        return "nothing."
    return f"{join([noun_phrase(full_phrase(view.things[i])) for i in left_to_right(view)])}."


def counted_phrases(view: View, short: bool = False) -> list[tuple[str, int]]:
    """(words, number of things): equal kinds counted together, single ones with all that is said of them."""
    parts: dict[str, tuple[str, int]] = {}
    for index in left_to_right(view):
        thing = view.things[index]
        if thing.kind in parts:
            continue
        several = view.by_kind[thing.kind]
        if len(several) > 1:
            parts[thing.kind] = some(_shared(view, several), len(several)), len(several)
        else:
            phrase = Phrase(thing.kind, colour=thing.colour) if short else full_phrase(thing)
            parts[thing.kind] = noun_phrase(phrase), 1
    return list(parts.values())


def _shared(view: View, indices: Sequence[int]) -> Phrase:
    """What can be said of all these things of one kind."""
    phrases = [full_phrase(view.things[i]) for i in indices]
    first = phrases[0]

    def same(name: str) -> str | None:
        value = getattr(first, name)
        return value if all(getattr(phrase, name) == value for phrase in phrases) else None

    return Phrase(first.noun, same("colour"), same("size"), same("pattern"), same("state"))


def _verb(parts: list[tuple[str, int]]) -> str:
    """ "there is a cup and two balls", "there are two balls and a cup: the verb goes with the first part."""
    return "is" if parts[0][1] == 1 else "are"


def _words(text: str) -> int:
    return text.count(" ") + 1


def _short(view: View, rng: random.Random, split: str) -> str:
    """One sentence with as many things as fit, and a second one about them where there is room."""
    place = view.scene.setting
    template = _SHORT.pick(rng, split)
    slots = {"the_place": f"the {place}", "in_place": PLACES[place]}
    room = SHORT_WORDS - _words(template.format(things="", are="are", **slots))
    parts = counted_phrases(view)
    if sum(_words(words) + 1 for words, _ in parts) > room:
        parts = counted_phrases(view, short=True)
    chosen: list[tuple[str, int]] = []
    for words, count in parts:
        if not chosen or _words(words) + 1 <= room:
            chosen.append((words, count))
            room -= _words(words) + 1
    text = template.format(things=join([words for words, _ in chosen]), are=_verb(chosen), **slots)
    if room >= 6 and len(chosen) == len(parts):
        more = [s for s in relation_sentences(view, rng, split) if _words(s) <= room]
        text += f" {more[int(rng.random() * len(more))]}" if more else ""
    return text


def _long(view: View, rng: random.Random, split: str) -> str:
    place = view.scene.setting
    parts = counted_phrases(view)
    things = join([words for words, _ in parts])
    sentences = [
        _OPENINGS.pick(rng, split).format(the_place=f"the {place}", in_place=PLACES[place]),
        _THERE.pick(rng, split).format(things=things, are=_verb(parts)),
    ]
    room = LONG_WORDS - sum(map(_words, sentences))
    used = set(sentences)
    for sentence in _details(view, rng, split):
        if sentence not in used and _words(sentence) <= room:
            used.add(sentence)
            sentences.append(sentence)
            room -= _words(sentence)
        if room < 4:
            break
    return " ".join(sentences)


def _details(view: View, rng: random.Random, split: str) -> Iterator[str]:
    """True sentences, places first, then looks and states, then counts; each sort in an order drawn at random."""
    places = relation_sentences(view, rng, split, most=8)
    yield from places[:4]
    looks = [sentence for index in view.indices for sentence in look_sentences(view, index)]
    rng.shuffle(looks)
    yield from looks[:3]
    counts = count_sentences(view, rng, split)
    rng.shuffle(counts)
    yield from [*counts[:2], *places[4:], *looks[3:], *counts[2:]]


def relation_sentences(
    view: View, rng: random.Random, split: str, only: set[str] | None = None, most: int | None = None
) -> list[str]:
    """``the cup is on the table.`` for each pair of things that can be told apart, one of the two ways to say it.

    ``only`` keeps to some relations; opposites count as one. ``most`` gives that many, drawn at random.
    """
    facts = [(i, r, j) for i, r, j in view.known() if (i < j or r not in INVERSE) and (only is None or r in only)]
    if most is not None:
        rng.shuffle(facts)
    sentences: list[str] = []
    for i, relation, j in facts:
        if relation in INVERSE and rng.random() < 0.5:
            i, relation, j = j, INVERSE[relation], i
        p, q = view.called(i), view.called(j)
        if p is not None and q is not None:
            forms = RELATION_WORDS[relation]
            words = forms[int(rng.random() * len(forms))]
            sentences.append(_RELATED.pick(rng, split).format(x=p, r=words, y=q))
            if len(sentences) == most:
                break
    return sentences


def look_sentences(view: View, index: int) -> list[str]:
    """``the dog is sleeping.``, ``the small cup is red and striped.``: what the thing's shortest name leaves unsaid."""
    thing = view.things[index]
    told, called = view.describe(index), view.called(index)
    if told is None or called is None:
        return []
    words, are, _ = subject(told)
    unsaid = [getattr(thing, name) for name in ("colour", "pattern") if getattr(told, name) is None]
    unsaid = [value for value in unsaid if value != "plain"]
    sentences = [f"{words} {are} {join(unsaid)}."] if unsaid else []
    if thing.size != "medium" and told.size is None:
        sentences.append(f"{called} is {thing.size}.")
    if thing.state is not None and told.state is None:
        sentences.append(f"{called} is {thing.state}.")
    if thing.label:
        sentences.append(f'"{thing.label}" is written on {words}.')
    return sentences


def count_sentences(view: View, rng: random.Random, split: str) -> list[str]:
    """``there are two animals here.``: counts of groups (never doubtful ones) and of all things."""
    numbers: dict[str, int] = {}
    for kind, indices in view.by_kind.items():
        group = group_of(kind)
        numbers[group] = numbers.get(group, 0) + len(indices)
    numbers["thing"] = len(view.things) - numbers.get("person", 0)
    counted = [
        (some(noun, number), number)
        for noun, number in numbers.items()
        if number and (noun in GROUP_NOUNS or noun == "thing") and IN_DOUBT.get(noun, _NONE).isdisjoint(view.by_kind)
    ]
    return [_COUNT.pick(rng, split).format(n=n, are="is" if k == 1 else "are") for n, k in counted]
