"""Keypoints of people and animals with their visibility, from the same drawing that paints them.

People have thirteen of COCO's seventeen joints (the nose stands for the head), animals six. Left and right are those of
the person, who looks at the viewer: the left hand is on the right of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vistune.world.annotate import instance_map
from vistune.world.drawing.catalogue import unit_joints
from vistune.world.render import draw_order
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import KIND_BY_NAME

PERSON_KEYPOINTS: tuple[str, ...] = (
    "nose", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
    "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
#: ``front_limb``: the foremost paw, the tip of a wing, the breast fin; ``back_limb``: the hindmost paw or foot.
ANIMAL_KEYPOINTS: tuple[str, ...] = ("nose", "eye", "neck", "front_limb", "back_limb", "tail")

#: Pairs of keypoints that are joined, by their places in the list of names, from 0.
PERSON_SKELETON: tuple[tuple[int, int], ...] = (
    (11, 9), (9, 7), (12, 10), (10, 8), (7, 8), (1, 7), (2, 8), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (0, 1), (0, 2),
)  # fmt: skip
ANIMAL_SKELETON: tuple[tuple[int, int], ...] = ((0, 1), (1, 2), (2, 3), (2, 5), (4, 5))

#: What a thing without a state does, if it does anything.
_POSES = {"fish": "swimming", "duck": "swimming"}
ABSENT, HIDDEN, VISIBLE = 0, 1, 2


def keypoint_names(kind: str) -> tuple[str, ...]:
    """Names of the keypoints of a kind, in order; none for what is no person and no animal."""
    return {"person": PERSON_KEYPOINTS, "animal": ANIMAL_KEYPOINTS}.get(KIND_BY_NAME[kind].group, ())


def skeleton(kind: str) -> tuple[tuple[int, int], ...]:
    """Pairs of keypoints of a kind that are joined."""
    return {"person": PERSON_SKELETON, "animal": ANIMAL_SKELETON}.get(KIND_BY_NAME[kind].group, ())


def pose(thing: Thing) -> str | None:
    """What a person or animal does: standing, waving, sleeping, running, flying, resting or swimming."""
    if KIND_BY_NAME[thing.kind].group not in ("person", "animal"):
        return None
    return thing.state or _POSES[thing.kind]


def joints(thing: Thing) -> dict[str, tuple[float, float]]:
    """Name -> place of each keypoint in shares of the picture; those that the drawing does not show are left out."""
    side = -1.0 if thing.flip else 1.0
    return {
        _mirrored(name) if thing.flip else name: (thing.x + side * thing.height * x, thing.y - thing.height * y)
        for name, (x, y) in unit_joints(thing.kind, thing.state, thing.variant).items()
    }


def _mirrored(name: str) -> str:
    for side, other in (("left_", "right_"), ("right_", "left_")):
        if name.startswith(side):
            return other + name.removeprefix(side)
    return name


def keypoints(scene: Scene, size: int = 64) -> list[NDArray[np.float64] | None]:
    """``[keypoints, 3]`` for each thing, or None: x, y in pixels of a ``size`` picture, and COCO's visibility.

    Visibility is 2 where the thing itself is seen, 1 where a nearer thing hides it, and 0 (with x = y = 0) where the
    pose has no such point: a bird that flies shows no foot.
    """
    seen = instance_map(scene, size)
    place = {index: rank for rank, index in enumerate(draw_order(scene))}
    found: list[NDArray[np.float64] | None] = []
    for index, thing in enumerate(scene.things):
        names = keypoint_names(thing.kind)
        if not names:
            found.append(None)
            continue
        rows = np.zeros((len(names), 3))
        for name, (x, y) in joints(thing).items():
            column, row = min(int(x * size), size - 1), min(int(y * size), size - 1)
            there = int(seen[row, column])
            hidden = there >= 0 and place[there] > place[index]
            rows[names.index(name)] = x * size, y * size, HIDDEN if hidden else VISIBLE
        found.append(rows)
    return found
