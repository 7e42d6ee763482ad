"""ProVision's questions answered again: from their words, the things of the scenes, masks and depth; no graph, no program."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from vistune.world.annotate import instance_map, relations
from vistune.world.geometry import surface_depth
from vistune.world.scene import Scene
from vistune.world.vocabulary import KIND_BY_NAME
from world.questions.slow_answers import NUMBERS, matches, resolve

#: A set of words: answers that list several are compared without their order.
Answer = str | frozenset[str]
#: What may stand in a slot, where it is not just anything.
SLOTS = {
    "r": "left of|right of|above|below|in front of|behind|on",
    "w": "does not have|has the most|has the fewest|has|closer to|farther from|most|least",
}


def _of(name: str, wording: str) -> str:
    # Looks before "object" may be none.
    return ".*?" if name == "a" and "{a}object" in wording else SLOTS.get(name, ".+?")


def slots(wording: str, text: str) -> dict[str, str]:
    """What stands in the slots of a question's wording; options after it are left out."""
    seen: set[str] = set()
    pattern = ""
    for literal, name in re.findall(r"([^{]*)(?:\{(\w+)\})?", wording):
        pattern += re.escape(literal)
        if name:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{_of(name, wording)})"
            seen.add(name)
    found = re.match(rf"{pattern}(?=\s[A-Z][a-z ]+:|$)", text)
    assert found is not None, (wording, text)
    return found.groupdict()


def listed(answer: str) -> frozenset[str]:
    return frozenset(re.split(r", | and ", answer))


def the_thing(words: str, scene: Scene) -> int:
    """The one thing that a reference means: ``the checked chair that is left of the truck``."""
    placed = r" that is (?=(?:left of|right of|above|below|in front of|behind|on) the )"
    (index,) = resolve(re.sub(placed, " ", words), scene)
    return index


def at_box(box: str, scene: Scene, size: int) -> int:
    """The thing whose visible mask has these edges."""
    wanted, seen = np.array([float(v) for v in re.findall(r"\d\.\d\d", box)]), instance_map(scene, size)
    off = []
    for index in range(len(scene.things)):
        ys, xs = np.nonzero(seen == index)
        edges = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) / size
        off.append(np.abs(edges - wanted).max())
    assert min(off) <= 0.0051
    return int(np.argmin(off))


def pointed_at(words: str, scene: Scene, size: int) -> int:
    return at_box(words, scene, size) if "object at" in words else the_thing(words, scene)


def held(scene: Scene, i: int, j: int) -> frozenset[str]:
    return frozenset(r for a, r, b in relations(scene) if (a, b) == (i, j))


def value(scene: Scene, index: int, attribute: str) -> str:
    return getattr(scene.things[index], attribute)


def names(scene: Scene, indices: list[int]) -> frozenset[str]:
    return frozenset(scene.things[i].kind for i in indices)


def depth_of(scene: Scene, index: int, size: int) -> float:
    """The commonest closeness inside the mask, 0 to 255 in each picture."""
    far, seen = surface_depth(scene, size), instance_map(scene, size)
    inside, counts = np.unique(far[seen == index], return_counts=True)
    return 255 * float(far.max() - inside[counts.argmax()]) / float(far.max() - far.min())


def _frequent(scene: Scene, size: int, most: bool) -> Answer:
    """Boxes inside other boxes are left out, as the released code does."""
    seen = instance_map(scene, size)
    edges = []
    for index in range(len(scene.things)):
        ys, xs = np.nonzero(seen == index)
        edges.append((xs.min(), ys.min(), xs.max(), ys.max()))
    free = [
        i
        for i, a in enumerate(edges)
        if not any(a != b and a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3] for b in edges)
    ]
    counts = Counter(scene.things[i].kind for i in free).most_common()
    first, second = (counts[0], counts[1:]) if most else (counts[-1], counts[:-1])
    assert all(number != first[1] for _, number in second)
    return first[0]


def _nearest(told: dict[str, str], scene: Scene, size: int) -> Answer:
    a, b = (the_thing(told[name], scene) for name in "ab")
    depths = [depth_of(scene, k, size) for k in (a, b)]
    if "y" in told:
        anchor = depth_of(scene, the_thing(told["y"], scene), size)
        depths = [-abs(depth - anchor) for depth in depths]
    assert abs(depths[0] - depths[1]) >= 49
    chosen = int(np.argmax(depths) if told["w"].startswith("closer") else np.argmin(depths))
    return scene.things[(a, b)[chosen]].kind


def single(type: str, told: dict[str, str], scene: Scene, size: int) -> Answer:
    """The answer to a question about one picture."""
    match type:
        case "most_object" | "least_object":
            return _frequent(scene, size, type == "most_object")
        case "exists_object" | "exists_attribute":
            return NUMBERS[len(matches(told["x"], scene))]
        case "closer_object" | "farther_object" | "closer_to_anchor" | "farther_to_anchor":
            return _nearest(told, scene, size)
        case "exists_relation" | "relation_bbox" | "relation_qa":
            return held(scene, *(pointed_at(told[name], scene, size) for name in "xy"))
        case "head_relation" | "object_qa":
            anchor = the_thing(f"the {told['y'].removeprefix('the ')}", scene)
            looks = matches(f"the {told['a']}thing", scene) if told.get("a") else range(len(scene.things))
            people = [i for i, t in enumerate(scene.things) if KIND_BY_NAME[t.kind].group == "person"]
            fits = set(looks) | {i for i in people if _looks(scene, i, told.get("a", ""))}
            return names(scene, [i for i in fits if told["r"] in held(scene, i, anchor)])
        case "attribute_qa":
            return value(scene, the_thing(told["x"], scene), told["q"])
        case "attribute_bbox":
            thing = scene.things[at_box(told["b"], scene, size)]
            return frozenset(v for v in (thing.colour, thing.size, thing.pattern, thing.state) if v)
        case "typed_attribute_bbox":
            return value(scene, at_box(told["b"], scene, size), told["q"])
    raise AssertionError(type)


def _looks(scene: Scene, index: int, words: str) -> bool:
    thing = scene.things[index]
    return all(word in (thing.colour, thing.size, thing.pattern, thing.state) for word in words.split())


def _one_image(fits: list[bool]) -> str:
    assert fits.count(True) == 1
    return f"image {fits.index(True) + 1}"


def _has_relation(words: str, scene: Scene) -> bool:
    first, relation, second = re.fullmatch(r"an? (\w+) that is (.+) an? (\w+)", words).groups()  # type: ignore[union-attr]
    kinds = [thing.kind for thing in scene.things]
    return any((kinds[i], r, kinds[j]) == (first, relation, second) for i, r, j in relations(scene))


def several(type: str, told: dict[str, str], scenes: list[Scene]) -> Answer:
    """The answer to a question about several pictures."""
    match type:
        case "has_object" | "has_not_object" | "has_attributed_object" | "has_not_attributed_object":
            return _one_image([bool(matches(told["x"], s)) != ("not" in type) for s in scenes])
        case "has_relation" | "has_not_relation":
            return _one_image([_has_relation(told["x"], s) != ("not" in type) for s in scenes])
        case "has_most_object" | "has_least_object":
            counts = [len(matches(told["x"], s)) for s in scenes]
            wanted = max(counts) if "most" in type else min(counts)
            return _one_image([count == wanted for count in counts])
        case "common_object":
            return frozenset.intersection(*(names(s, list(range(len(s.things)))) for s in scenes))
        case "common_attribute":
            (shared,) = {value(s, *matches(told["x"], s), told["q"]) for s in scenes}
            return shared
        case "count_object" | "count_attribute_object":
            return NUMBERS[sum(len(matches(told["x"], s)) for s in scenes)]
        case "compare_attribute":
            said = [value(s, *matches(f"the {told['x']}", s), told["q"]) for s in scenes]
        case "compare_relation":
            pairs = [[matches(f"the {told[name]}", s)[0] for name in "xy"] for s in scenes]
            said = [" and ".join(sorted(held(s, *pair))) for s, pair in zip(scenes, pairs, strict=True)]
        case _:
            raise AssertionError(type)
    parts = [f"{words} in image {k + 1}" for k, words in enumerate(said)]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
