"""A small sampler of scenes and a plain finder of relations, so that the tests of language need no renderer."""

from __future__ import annotations

import random

from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import COLOURS, KINDS, PATTERNS, SETTINGS, SIZES


def tiny_scene(seed: int, most: int = 5, least: int = 1, kinds: int = len(KINDS)) -> Scene:
    """A scene of ``least`` to ``most`` things of the first ``kinds`` kinds, one of them perhaps on a table."""
    rng = random.Random(seed)
    things: list[Thing] = []
    for _ in range(rng.randint(least, most)):
        again = things and rng.random() < 0.3
        kind = next(k for k in KINDS if k.name == things[-1].kind) if again else KINDS[rng.randrange(kinds)]
        size = rng.choice(list(SIZES))
        support = next((i for i, t in enumerate(things) if t.kind == "table"), None)
        on = support if kind.place == "table" and rng.random() < 0.8 else None
        things.append(
            Thing(
                kind.name,
                rng.choice(list(COLOURS)),
                size,
                rng.choice(PATTERNS),
                rng.choice(kind.states) if kind.states else None,
                rng.random() if on is None else things[on].x,
                rng.uniform(0.3, 1.0) if on is None else things[on].y - 0.2,
                SIZES[size] * rng.uniform(0.9, 1.1),
                rng.random(),
                rng.randrange(1000),
                support=on,
            )
        )
    return Scene(seed, rng.choice(SETTINGS), tuple(things))


def plain_relations(scene: Scene) -> list[tuple[int, str, int]]:
    """Clear relations only, one entry for each direction."""
    found = []
    for i, a in enumerate(scene.things):
        for j, b in enumerate(scene.things):
            if i == j:
                continue
            if a.support == j:
                found.append((i, "on", j))
            if a.x < b.x - 0.12:
                found += [(i, "left of", j), (j, "right of", i)]
            if a.y < b.y - 0.3:
                found += [(i, "above", j), (j, "below", i)]
            if abs(a.x - b.x) < 0.3 and a.depth < b.depth - 0.3 and a.support is None and b.support is None:
                found += [(i, "in front of", j), (j, "behind", i)]
    return found
