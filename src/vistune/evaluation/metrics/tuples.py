"""Tuple F1 of captions of made scenes: SPICE's idea (arXiv 1607.08822) with exact scene graphs in place of parsed references.

Things, their attributes, relations and the setting are tuples. What a caption says is read by the world's own grammar
(``vistune.world.language.claims``), and what holds is known; so nothing hangs on a parser's mistakes, and the score is not
SPICE's: it has a name of its own.
"""

from __future__ import annotations

from vistune.world.language.claims import Claim, claims
from vistune.world.language.grammar import INVERSE
from vistune.world.language.view import ATTRIBUTES, view_of
from vistune.world.scene import Scene

#: ``(thing,)``, ``(thing, attribute)``, ``(thing, relation, thing)``.
Fact = tuple[str, ...]
#: Values that nobody says: they don't count as left out.
_UNSAID = frozenset({"medium", "plain", "standing", "whole", "resting"})
_TURNED = frozenset({"right of", "below", "behind"})


def scene_facts(scene: Scene) -> frozenset[Fact]:
    """All that could be said of a scene. Of the two ways to say a relation one stands for both."""
    view = view_of(scene)
    found: set[Fact] = {(scene.setting,)}
    for thing in scene.things:
        values = [getattr(thing, name) for name in ATTRIBUTES]
        found |= {(thing.kind,), *((thing.kind, value) for value in values if value and value not in _UNSAID)}
    for i, relation, j in view.known():
        found.add(_related(scene.things[i].kind, relation, scene.things[j].kind))
    return frozenset(found)


def _related(first: str, relation: str, second: str) -> Fact:
    return (second, INVERSE[relation], first) if relation in _TURNED else (first, relation, second)


def fact_of(claim: Claim) -> Fact | None:
    """A claim as a tuple; None for denials, numbers, written words, and what is none."""
    if claim.negated:
        return None
    match claim.kind:
        case "thing":
            return (claim.phrase.noun,)
        case "attribute":
            return claim.phrase.noun, claim.value
        case "relation" if claim.other is not None:
            return _related(claim.phrase.noun, claim.value, claim.other.noun)
        case "setting":
            return (claim.value,)
    return None


def tuple_scores(caption: str, scene: Scene) -> dict[str, float]:
    """``precision``: share of the caption's tuples that hold; ``recall``: share of the scene's that are said; ``f1``.

    What is in doubt (a mushroom as something to eat) counts on neither side, a tuple said twice once.
    """
    told: dict[Fact, bool] = {}
    for claim in claims(caption):
        fact, holds = fact_of(claim), claim.holds(scene)
        if fact is not None and holds is not None:
            told[fact] = told.get(fact, False) or holds
    true = scene_facts(scene)
    precision = sum(told.values()) / len(told) if told else 0.0
    recall = sum(fact in true and holds for fact, holds in told.items()) / len(true)
    both = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / both if both else 0.0}
