"""What a closer look at a scene finds, and the steps of programs that use it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from vistune.world.annotate import text_boxes
from vistune.world.geometry import HIDDEN_SHARE, hidden_by
from vistune.world.keypoints import joints, pose
from vistune.world.language.view import View
from vistune.world.program import Ambiguous, Operation
from vistune.world.scene import Scene, Thing

#: Kinds that are drawn from the side, unflipped looking to the right.
_FROM_THE_SIDE = frozenset({"dog", "cow", "horse", "bird", "duck", "fish", "car", "bus", "truck", "plane"})
#: Texts are looked for at this size of the picture.
_READ_AT = 128


@lru_cache(maxsize=512)
def readable(scene: Scene) -> tuple[str | None, ...]:
    """What can be read on each thing: None where nothing is written or a part of it is hidden."""
    texts: list[str | None] = [None] * len(scene.things)
    if any(thing.label for thing in scene.things):
        for found in text_boxes(scene, _READ_AT):
            if found.seen == 1:
                texts[found.thing] = found.text
    return tuple(texts)


def shares_hidden(scene: Scene) -> tuple[tuple[float, ...], ...]:
    """``hidden_by`` of the scene."""
    return hidden_by(scene)


def looks_to_a_side(thing: Thing) -> bool:
    """Whether it is said of such a thing that it looks to the left or to the right."""
    return thing.kind in _FROM_THE_SIDE


def waves(thing: Thing) -> bool:
    """Whether the thing is a person with a raised hand."""
    return pose(thing) == "waving"


def _read(view: View, doubt: bool, values: tuple, argument: None) -> str:  # noqa: ARG001
    text = readable(view.scene)[values[0][0]]
    if text is None:
        raise Ambiguous(f"Nothing can be read on the {view.things[values[0][0]].kind}.")
    return text


def _saying(view: View, doubt: bool, values: tuple, word: str) -> tuple[int, ...]:  # noqa: ARG001
    texts = readable(view.scene)
    if any(view.things[i].label and texts[i] is None for i in values[0]):
        raise Ambiguous("A label is partly hidden: it may bear the word.")
    return tuple(i for i in values[0] if texts[i] == word)


def _facing(view: View, doubt: bool, values: tuple, argument: None) -> str:  # noqa: ARG001
    thing = view.things[values[0][0]]
    if not looks_to_a_side(thing):
        raise Ambiguous(f"A {thing.kind} looks to no side.")
    return "left" if thing.flip else "right"


def _raised_hand(view: View, doubt: bool, values: tuple, argument: None) -> str:  # noqa: ARG001
    thing = view.things[values[0][0]]
    if not waves(thing):
        raise Ambiguous(f"The {thing.kind} does not raise a hand.")
    places = joints(thing)
    raised = min(("left_wrist", "right_wrist"), key=lambda name: places[name][1])
    return "left" if places[raised][0] < thing.x else "right"


def _hidden(view: View, doubt: bool, values: tuple, argument: None) -> bool:  # noqa: ARG001
    most = max(shares_hidden(view.scene)[values[0][0]])
    return doubt if 0 < most < HIDDEN_SHARE else most > 0


def _hiders(view: View, doubt: bool, values: tuple, argument: None) -> tuple[int, ...]:  # noqa: ARG001
    shares = shares_hidden(view.scene)[values[0][0]]
    return tuple(j for j in view.indices if shares[j] >= HIDDEN_SHARE or (doubt and shares[j] > 0))


def _doing(view: View, doubt: bool, values: tuple, word: str) -> tuple[int, ...]:  # noqa: ARG001
    return tuple(i for i in values[0] if pose(view.things[i]) == word)


def _step(run: Callable, *, argument: bool = False, doubtful: bool = False) -> Operation:
    return Operation(1, argument, run, doubtful)


LOOKING: dict[str, Operation] = {
    "read": _step(_read),
    "saying": _step(_saying, argument=True),
    "doing": _step(_doing, argument=True),
    "facing": _step(_facing),
    "raised_hand": _step(_raised_hand),
    "hidden": _step(_hidden, doubtful=True),
    "hiders": _step(_hiders, doubtful=True),
}
