"""Makers of questions about scenes: the text, the one right option, and options that are surely wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vistune.evaluation.benchmarks.nano_choices import Drawn, Maker
from vistune.world.scene import Scene


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
