"""Where things stand to each other, told from pixels: whole masks, boxes around them, and depth."""

from __future__ import annotations

import numpy as np

from vistune.world.annotate import amodal_masks, depth_map, instance_map
from vistune.world.scene import Scene
from vistune.world.vocabulary import KIND_BY_NAME

SIZE = 160
#: How far the middle of a drawing may lie from the point that a thing is placed by: trucks, duck and cups are lopsided.
LOPSIDED = 0.1
Seen = dict[str, np.ndarray]


def outlines(scene: Scene) -> Seen:
    """Left, top, right, low: float ``[things]``, edges of the whole masks in shares of the picture; depth where seen."""
    found: dict[str, list[float]] = {name: [] for name in ("left", "top", "right", "low", "depth")}
    seen, depth = instance_map(scene, SIZE), depth_map(scene, SIZE)
    for index, mask in enumerate(amodal_masks(scene, SIZE)):
        ys, xs = np.nonzero(mask)
        edges = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        for name, edge in zip(("left", "top", "right", "low"), edges, strict=True):
            found[name].append(edge / SIZE)
        found["depth"].append(float(np.median(depth[seen == index])))
    return {name: np.array(values) for name, values in found.items()}


def flies(scene: Scene, index: int) -> bool:
    thing = scene.things[index]
    return KIND_BY_NAME[thing.kind].place == "sky" and thing.state != "resting"


def may_be_said(scene: Scene, i: int, relation: str, j: int, at: Seen) -> bool:
    """Whether the pixels agree with a relation that is said to hold."""
    across, down = (at["left"] + at["right"]) / 2, (at["top"] + at["low"]) / 2
    match relation:
        case "left of":
            return across[j] - across[i] > 0.12 - LOPSIDED
        case "right of":
            return across[i] - across[j] > 0.12 - LOPSIDED
        case "above":
            return flies(scene, i) and down[j] - down[i] > 0.18 - LOPSIDED
        case "below":
            return flies(scene, j) and down[i] - down[j] > 0.18 - LOPSIDED
        case "in front of":
            return at["low"][i] > at["low"][j] and at["depth"][j] - at["depth"][i] > 0.12 - 1e-6
        case "behind":
            return at["low"][i] < at["low"][j] and at["depth"][i] - at["depth"][j] > 0.12 - 1e-6
    inside = at["left"][j] < (at["left"][i] + at["right"][i]) / 2 < at["right"][j]
    return inside and at["top"][j] - 0.02 < at["low"][i] < (at["top"][j] + at["low"][j]) / 2


def must_be_said(scene: Scene, i: int, j: int, at: Seen) -> set[str]:
    """Relations that the pixels show beyond doubt."""
    across, down = (at["left"] + at["right"]) / 2, (at["top"] + at["low"]) / 2
    first, second = scene.things[i], scene.things[j]
    found = set()
    if first.support != j and second.support != i and across[j] - across[i] > 0.12 + LOPSIDED:
        found.add("left of")
    if flies(scene, i) and second.support is None and down[j] - down[i] > 0.18 + LOPSIDED:
        found.add("above")
    standing = first.support is None and second.support is None and not flies(scene, i) and not flies(scene, j)
    if standing and at["depth"][j] - at["depth"][i] > 0.12 + 1e-6:
        found.add("in front of")
    if first.support == j:
        found.add("on")
    return found
