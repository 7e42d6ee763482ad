"""``GraphView``: scene graphs of one picture or several, and the steps of programs about them.

Objects of all pictures are numbered through. Coordinates in arguments are shares of the picture with two digits, as in
the questions, so that text and computation speak of the same place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from vistune.world.graphs.graph import CATEGORIES, SceneGraph
from vistune.world.language.grammar import join
from vistune.world.program import COMMON, Ambiguous, Operation, plain

#: Two depths must differ by this much (of 255) before one is called closer.
DEPTH_GAP = 50
#: Two edges must differ by this share of the picture before one is the leftmost.
EDGE_GAP = 0.02
Ids = tuple[int, ...]


class GraphView:
    """What programs about scene graphs run on."""

    def __init__(self, graphs: Sequence[SceneGraph]) -> None:
        self.graphs = tuple(graphs)
        self.objects = tuple((g, i) for g, graph in enumerate(self.graphs) for i in range(len(graph.labels)))
        self.ids: Ids = tuple(range(len(self.objects)))
        self.labels = tuple(self.graphs[g].labels[i] for g, i in self.objects)
        self.attributes = tuple(self.graphs[g].attributes[i] for g, i in self.objects)
        self._number = {place: number for number, place in enumerate(self.objects)}

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about graphs."""
        return OPERATIONS

    @cached_property
    def boxes(self) -> list[tuple[float, float, float, float]]:
        """Boxes in shares of their pictures."""
        found = []
        for g, i in self.objects:
            graph = self.graphs[g]
            x0, y0, x1, y1 = graph.boxes[i].tolist()
            found.append((x0 / graph.width, y0 / graph.height, x1 / graph.width, y1 / graph.height))
        return found

    @cached_property
    def depths(self) -> list[int | None]:
        """Depth of each object: the commonest value inside its mask, larger is closer; None without a mask."""
        return [self._mode(g, i) for g, i in self.objects]

    def _mode(self, g: int, i: int) -> int | None:
        graph = self.graphs[g]
        if graph.instances is None or graph.depth is None:
            return None
        inside = graph.depth[graph.instances == i]
        return int(np.bincount(inside).argmax()) if len(inside) else None

    def pairs(self, doubt: bool = False) -> set[tuple[int, str, int]]:
        """Relations that hold (with ``doubt``: or may hold), between numbers of objects."""
        found: set[tuple[int, str, int]] = set()
        for g, graph in enumerate(self.graphs):
            told = graph.relations | graph.doubtful if doubt else graph.relations
            found |= {(self._number[g, i], r, self._number[g, j]) for i, r, j in told}
        return found

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the pixel at a place of the first picture."""
        graph = self.graphs[0]
        return min(int(y * graph.height), graph.height - 1), min(int(x * graph.width), graph.width - 1)


def printed(values: Sequence[float]) -> str:
    """Coordinates as they stand in questions: ``(0.12, 0.50)``."""
    return f"({', '.join(f'{value:.2f}' for value in values)})"


def _point(argument: str) -> tuple[float, float]:
    x, y = argument.strip("()").split(",")
    return float(x), float(y)


def _image(view: GraphView, _d: bool, values: tuple, number: str) -> Ids:
    return tuple(i for i in values[0] if view.objects[i][0] == int(number) - 1)


def _label(view: GraphView, _d: bool, values: tuple, label: str) -> Ids:
    return tuple(i for i in values[0] if view.labels[i] == label)


def _attribute(view: GraphView, _d: bool, values: tuple, word: str) -> Ids:
    return tuple(i for i in values[0] if word in view.attributes[i])


def _at(view: GraphView, _d: bool, values: tuple, box: str) -> Ids:
    return tuple(i for i in values[0] if view.objects[i][0] == 0 and printed(view.boxes[i]) == box)


def _related(view: GraphView, doubt: bool, values: tuple, predicate: str) -> Ids:
    pairs = view.pairs(doubt)
    return tuple(i for i in values[0] if any((i, predicate, j) in pairs for j in values[1]))


def _names(view: GraphView, _d: bool, values: tuple, _a: None) -> str:
    if not values[0]:
        raise Ambiguous("Nothing is there to be named.")
    return join(sorted({view.labels[i] for i in values[0]}))


def _value(view: GraphView, _d: bool, values: tuple, category: str) -> str:
    found = [word for word in view.attributes[values[0][0]] if CATEGORIES.get(word) == category]
    if len(found) != 1:
        raise Ambiguous(f"The {view.labels[values[0][0]]} has {len(found)} values of {category}.")
    return found[0]


def _attributes(view: GraphView, _d: bool, values: tuple, _a: None) -> str:
    words = view.attributes[values[0][0]]
    if not words:
        raise Ambiguous(f"The {view.labels[values[0][0]]} has no attributes.")
    return join(words)


def _relation(view: GraphView, _doubt: bool, values: tuple, _a: None) -> str:
    """All that surely holds between two; what is in doubt is left unsaid."""
    a, b = values[0][0], values[1][0]
    found = sorted(r for i, r, j in view.pairs() if (i, j) == (a, b))
    if not found:
        raise Ambiguous("The two stand in no relation.")
    return join(found)


_EDGES: dict[str, tuple[int, float]] = {"left": (0, 1.0), "right": (2, -1.0), "top": (1, 1.0), "bottom": (3, -1.0)}


def _extreme(view: GraphView, _d: bool, values: tuple, side: str) -> Ids:
    corner, sign = _EDGES[side]
    edges = sorted((sign * view.boxes[i][corner], i) for i in values[0])
    if not edges or (len(edges) > 1 and edges[1][0] - edges[0][0] < EDGE_GAP):
        raise Ambiguous(f"Nothing is clearly at the {side}.")
    return (edges[0][1],)


def _outermost(view: GraphView, _d: bool, values: tuple, _a: None) -> Ids:
    def inside(i: int, j: int) -> bool:
        a, b = view.boxes[i], view.boxes[j]
        same = view.objects[i][0] == view.objects[j][0] and a != b
        return same and a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]

    return tuple(i for i in values[0] if not any(inside(i, j) for j in values[0] if j != i))


def _by_count(most: bool) -> Callable:
    def run(view: GraphView, _d: bool, values: tuple, _a: None) -> str:
        counts = Counter(view.labels[i] for i in values[0])
        wanted = (max if most else min)(counts.values(), default=0)
        found = [label for label, count in counts.items() if count == wanted]
        if len(found) != 1:
            raise Ambiguous("Several are as many.")
        return found[0]

    return run


def _on(view: GraphView, _d: bool, _values: tuple, point: str) -> Ids:
    """The object seen at a place; the pixels around must show the same, or the place is too near an edge."""
    graph = view.graphs[0]
    if graph.instances is None:
        raise Ambiguous("The picture has no masks.")
    row, column = view.at(*_point(point))
    around = graph.instances[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    if (around != around[0, 0]).any():
        raise Ambiguous(f"The place {point} lies on an edge.")
    return (int(around[0, 0]),) if around[0, 0] >= 0 else ()


def _depth(view: GraphView, _d: bool, values: tuple, _a: None) -> int:
    depth = view.depths[values[0][0]]
    if depth is None:
        raise Ambiguous("The depth of the object is not known.")
    return depth


def _depth_at(view: GraphView, _d: bool, _values: tuple, point: str) -> int:
    depth = view.graphs[0].depth
    if depth is None:
        raise Ambiguous("The picture has no depth.")
    return int(depth[view.at(*_point(point))])


def _closer(_view: GraphView, _d: bool, values: tuple, _a: None) -> bool:
    if abs(values[0] - values[1]) < DEPTH_GAP:
        raise Ambiguous("The two are about as far.")
    return values[0] > values[1]


def _closest_to(view: GraphView, _d: bool, values: tuple, _a: None) -> Ids:
    """Of a set of two, the one whose depth is nearer to the anchor's."""
    anchor = _depth(view, _d, (values[1],), None)
    gaps = sorted((abs(_depth(view, _d, ((i,),), None) - anchor), i) for i in values[0])
    if len(gaps) != 2 or gaps[1][0] - gaps[0][0] < DEPTH_GAP:
        raise Ambiguous("None of the two is clearly nearer to the anchor.")
    return (gaps[0][1],)


def image_name(number: int) -> str:
    """``image 1`` for the first."""
    return f"image {number + 1}"


def _per_image(view: GraphView, ids: Ids) -> list[int]:
    counts = Counter(view.objects[i][0] for i in ids)
    return [counts[g] for g in range(len(view.graphs))]


def _the_image(_view: GraphView, fits: list[bool]) -> str:
    if sum(fits) != 1:
        raise Ambiguous(f"{sum(fits)} images fit.")
    return image_name(fits.index(True))


def _extreme_image(most: bool) -> Callable:
    def run(view: GraphView, _d: bool, values: tuple, _a: None) -> str:
        counts = _per_image(view, values[0])
        if len(set(counts)) != len(counts):
            raise Ambiguous("Two images have as many.")
        return image_name(counts.index((max if most else min)(counts)))

    return run


def _common_names(view: GraphView, _d: bool, values: tuple, _a: None) -> str:
    sets = [{view.labels[i] for i in values[0] if view.objects[i][0] == g} for g in range(len(view.graphs))]
    shared = set.intersection(*sets)
    if not shared:
        raise Ambiguous("The images have nothing in common.")
    return join(sorted(shared))


def _one_each(view: GraphView, ids: Ids) -> list[int]:
    if _per_image(view, ids) != [1] * len(view.graphs):
        raise Ambiguous("Not every image has exactly one.")
    return sorted(ids, key=lambda i: view.objects[i][0])


def _common_value(view: GraphView, doubt: bool, values: tuple, category: str) -> str:
    found = {_value(view, doubt, ((i,),), category) for i in _one_each(view, values[0])}
    if len(found) != 1:
        raise Ambiguous(f"They do not share their {category}.")
    return found.pop()


def said_of_images(values: Sequence[str]) -> str:
    """``red in image 1 and blue in image 2``."""
    return join([f"{value} in {image_name(number)}" for number, value in enumerate(values)])


def _values_of(view: GraphView, doubt: bool, values: tuple, category: str) -> str:
    return said_of_images([_value(view, doubt, ((i,),), category) for i in _one_each(view, values[0])])


def _relations_of(view: GraphView, doubt: bool, values: tuple, _a: None) -> str:
    pairs = zip(_one_each(view, values[0]), _one_each(view, values[1]))
    return said_of_images([_relation(view, doubt, ((a,), (b,)), None) for a, b in pairs])


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "things": Operation(0, False, lambda view, _d, _v, _a: view.ids),
    "image": Operation(1, True, _image),
    "label": Operation(1, True, _label),
    "attribute": Operation(1, True, _attribute),
    "at": Operation(1, True, _at),
    "related": Operation(2, True, _related, doubtful=True),
    "union": Operation(2, False, plain(lambda a, b: tuple(sorted({*a, *b})))),
    "name": Operation(1, False, lambda view, _d, values, _a: view.labels[values[0][0]]),
    "names": Operation(1, False, _names),
    "value": Operation(1, True, _value),
    "attributes": Operation(1, False, _attributes),
    "relation": Operation(2, False, _relation),
    "extreme": Operation(1, True, _extreme),
    "outermost": Operation(1, False, _outermost),
    "most": Operation(1, False, _by_count(True)),
    "least": Operation(1, False, _by_count(False)),
    "object_on": Operation(0, True, _on),
    "depth": Operation(1, False, _depth),
    "depth_at": Operation(0, True, _depth_at),
    "closer": Operation(2, False, _closer),
    "closest_to": Operation(2, False, _closest_to),
    "only_in": Operation(1, False, lambda v, _d, values, _a: _the_image(v, [n > 0 for n in _per_image(v, values[0])])),
    "not_in": Operation(1, False, lambda v, _d, values, _a: _the_image(v, [n == 0 for n in _per_image(v, values[0])])),
    "most_in": Operation(1, False, _extreme_image(True)),
    "least_in": Operation(1, False, _extreme_image(False)),
    "common_names": Operation(1, False, _common_names),
    "common_value": Operation(1, True, _common_value),
    "values_of": Operation(1, True, _values_of),
    "relations_of": Operation(2, False, _relations_of),
}
