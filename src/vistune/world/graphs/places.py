"""ProVision's generators about pixels: which object a point is on, which point or object is closer."""

from __future__ import annotations

import math
from collections import Counter
from functools import partial

import numpy as np

from vistune.world.graphs.asking import Forms, GraphAsker, GraphMaker, labelled, made, offering, only
from vistune.world.graphs.balance import alike_high
from vistune.world.graphs.view import DEPTH_GAP, printed
from vistune.world.language.wordings import Wordings
from vistune.world.program import Ambiguous, Program, call
from vistune.world.questions.question import Question

C = GraphAsker
_POINT_TRIES = 40

_SEGMENT = Forms(
    Wordings(
        ("which point lies on {w} the point {p}: {a} or {b}?", "is {a} or {b} on {w} {p}?"),
        ("of {a} and {b}, which is on {w} {p}?",),
    ),
    Wordings(("the point, {a} or {b}, on {w} {p}",), ("which of {a} and {b} is on {w} {p}",)),
)
_POINT = Forms(
    Wordings(
        ("which point is {w} the camera, {a} or {b}?", "is {a} or {b} {w} the camera?"),
        ("of {a} and {b}, which is {w} the viewer?",),
    ),
    Wordings(("the point that is {w} the camera, {a} or {b}",), ("which of {a} and {b} is {w} the viewer",)),
)
_OBJECT = Forms(
    Wordings(
        ("which is {w} the camera, {a} or {b}?", "is {a} or {b} {w} the camera?"),
        ("of {a} and {b}, which is {w} the viewer?",),
    ),
    Wordings(("the object that is {w} the camera, {a} or {b}",), ("which of {a} and {b} is {w} the viewer",)),
)
_ANCHOR = Forms(
    Wordings(
        ("which is {w} {y} in depth, {a} or {b}?", "in depth, is {a} or {b} {w} {y}?"),
        ("of {a} and {b}, which is {w} {y} in depth?",),
    ),
    Wordings(("the object that is {w} {y} in depth, {a} or {b}",), ("which of {a} and {b} is {w} {y} in depth",)),
)


def _segments(c: C, same: bool) -> Question | None:
    """Two points as far from a third and as high, one on the same object and one off it: neither is a shortcut."""
    graph = c.view.graphs[0]
    if graph.instances is None or not graph.labels:
        return None
    index = c.rng.randrange(len(graph.labels))
    rows, columns = np.nonzero(graph.instances == index)
    if len(rows) < 12:
        return None
    inner = c.chance(0.5)
    for _ in range(_POINT_TRIES):
        k, m = c.rng.randrange(len(rows)), c.rng.randrange(len(rows))
        # Anywhere in their pixels: the third point is not at the middle of one, and its decimals would tell.
        p, q = ((columns[n] + c.rng.random(), rows[n] + c.rng.random()) for n in (k, m))
        far, off = math.dist(p, q), (2 * p[0] - q[0], q[1])
        inside = 0 <= off[0] < graph.width
        middle = graph.width / 2, graph.height / 2
        # Things are in the middle: the point off the thing is the one nearer to it in half of the questions.
        if (math.dist(off, middle) < math.dist(q, middle)) != inner:
            continue
        if far < 2 or not inside or graph.instances[int(off[1]), int(off[0])] == index:
            continue
        at, on, out = (printed((x / graph.width, y / graph.height)) for x, y in (p, q, off))
        a, b = (on, out) if c.chance(0.5) else (out, on)
        anchor = call("object_on", argument=at)
        test = call("equal", anchor, call("object_on", argument=a))
        words = (call("word", argument=v) for v in ((a, b) if same else (b, a)))
        other = call("equal", anchor, call("object_on", argument=b))
        program = call("pick", test, *words)
        # One of the two must be on the object, beyond doubt, and the other not.
        if not _one_of_two(c, test, other):
            continue
        type, w = ("same_object_seg", "the same object as") if same else ("diff_object_seg", "another object than")
        return offering(made(c, type, _SEGMENT, program, [a, b], (index,), w=w, p=at, a=a, b=b), (a, b))
    return None


def _one_of_two(c: C, first: Program, second: Program) -> bool:
    try:
        return first.run(c.view) != second.run(c.view)
    except Ambiguous:
        return False


def _points(c: C, closer: bool) -> Question | None:
    graph = c.view.graphs[0]
    if graph.depth is None:
        return None
    for _ in range(_POINT_TRIES):
        # Mirror images of each other: lower points, and those in the middle, are mostly closer, which needs no picture.
        across, height = round(c.rng.random(), 2), round(c.rng.random(), 2)
        places = [(across, height), (round(1 - across, 2), height)]
        depths = [int(graph.depth[c.view.at(*place)]) for place in places]
        if max(x for place in places for x in place) >= 1 or abs(depths[0] - depths[1]) < DEPTH_GAP:
            continue
        a, b = (printed(place) for place in places)
        test = call("closer", call("depth_at", argument=a), call("depth_at", argument=b))
        words = (call("word", argument=v) for v in ((a, b) if closer else (b, a)))
        type, w = ("closer_point", "closer to") if closer else ("farther_point", "farther from")
        return offering(made(c, type, _POINT, call("pick", test, *words), [a, b], w=w, a=a, b=b), (a, b))
    return None


def _single(c: C) -> list[int]:
    counts = Counter(c.view.labels)
    return [i for i in c.view.ids if counts[c.view.labels[i]] == 1 and c.view.depths[i] is not None]


def _objects(c: C, closer: bool) -> Question | None:
    single = _single(c)
    if len(single) < 2:
        return None
    i, j = c.rng.sample(single, 2)
    a, b = (c.view.labels[k] for k in (i, j))
    if not alike_high((a, b)):
        return None
    test = call("closer", call("depth", only(labelled(a))), call("depth", only(labelled(b))))
    words = (call("word", argument=v) for v in ((a, b) if closer else (b, a)))
    type, w = ("closer_object", "closer to") if closer else ("farther_object", "farther from")
    program = call("pick", test, *words)
    asked = made(c, type, _OBJECT, program, [a, b], (i, j), w=w, a=f"the {a}", b=f"the {b}")
    return offering(asked, (a, b))


def _anchored(c: C, closer: bool) -> Question | None:
    single = _single(c)
    if len(single) < 3:
        return None
    i, j, anchor = c.rng.sample(single, 3)
    a, b, y = (c.view.labels[k] for k in (i, j, anchor))
    if not alike_high((a, b)):
        return None
    two = call("union", labelled(a), labelled(b))
    near = call("closest_to", two, only(labelled(y)))
    found = near if closer else call("except", two, near)
    type, w = ("closer_to_anchor", "closer to") if closer else ("farther_to_anchor", "farther from")
    program = call("name", only(found))
    asked = made(c, type, _ANCHOR, program, [a, b], (i, j, anchor), w=w, a=f"the {a}", b=f"the {b}", y=f"the {y}")
    return offering(asked, (a, b))


PLACE_MAKERS: dict[str, GraphMaker] = {
    "same_object_seg": partial(_segments, same=True),
    "diff_object_seg": partial(_segments, same=False),
    "closer_point": partial(_points, closer=True),
    "farther_point": partial(_points, closer=False),
    "closer_object": partial(_objects, closer=True),
    "farther_object": partial(_objects, closer=False),
    "closer_to_anchor": partial(_anchored, closer=True),
    "farther_to_anchor": partial(_anchored, closer=False),
}
