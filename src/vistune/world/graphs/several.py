"""ProVision's generators about several pictures: select one, sum up all, compare them."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import permutations

from vistune.world.graphs.asking import THINGS, Forms, GraphAsker, GraphMaker, labelled, made
from vistune.world.graphs.balance import EASE_SUM, EASE_SUM_LOOKS, drawn_number, near_numbers, other_values
from vistune.world.graphs.graph import CATEGORIES, NOT_COUNTED, phrase, plural_phrase, sayable
from vistune.world.graphs.view import image_name, said_of_images
from vistune.world.language.grammar import NUMBERS, indefinite
from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Question

C = GraphAsker
#: Values that pictures share most often, and the share of the questions with them that is asked.
_COMMON_SHARED = {"plain": 0.043}

_SELECT = Forms(
    Wordings(
        ("which image {w} {x}?", "which one of the images {w} {x}?"),
        ("select the image that {w} {x}.",),
    ),
    Wordings(("the image that {w} {x}",), ("which image {w} {x}",)),
)
_SUM = Forms(
    Wordings(
        ("how many {x} are there in these images?", "how many {x} do the images show in all?"),
        ("count the {x} of all images.",),
    ),
    Wordings(("the number of {x} in all images",), ("the count of {x} in these images",)),
)
_COMMON = Forms(
    Wordings(
        ("what do the images have in common?", "which objects are in every image?"), ("what is in each of the images?",)
    ),
    Wordings(("the objects that all images share",), ("what all images show",)),
)
_SHARED = Forms(
    Wordings(
        ("which {q} do the {x} share?", "what {q} do the {x} of all images have?"),
        ("of which {q} are the {x} in all images?",),
    ),
    Wordings(("the {q} that the {x} share",), ("which {q} the {x} of all images have",)),
)
_COMPARE = Forms(
    Wordings(
        ("how does the {q} of the {x} differ between the images?", "what is the {q} of the {x} in each image?"),
        ("compare the {q} of the {x} in the images.",),
    ),
    Wordings(("the {q} of the {x} in each image",), ("how the {q} of the {x} differs",)),
)
_COMPARE_RELATION = Forms(
    Wordings(
        (
            "how does the {x} stand to the {y} in each image?",
            "what is the relation of the {x} to the {y} in each image?",
        ),
        ("compare how the {x} stands to the {y}.",),
    ),
    Wordings(("the relation of the {x} to the {y} in each image",), ("how the {x} stands to the {y} in each image",)),
)


def _images(c: C) -> list[str]:
    return [image_name(g) for g in range(len(c.view.graphs))]


def _sets(c: C) -> list[set[str]]:
    return [set(graph.labels) for graph in c.view.graphs]


def _in_one(sets: list[set], want: bool) -> list:
    """What exactly one picture has (or lacks)."""
    every = sorted(set().union(*sets))
    return [e for e in every if sum((e in s) == want for s in sets) == 1]


def _has_object(c: C, want: bool) -> Question | None:
    labels = _in_one(_sets(c), want)
    if not labels:
        return None
    label = c.one_of(labels)
    type, op, w = ("has_object", "only_in", "has") if want else ("has_not_object", "not_in", "does not have")
    return made(c, type, _SELECT, call(op, labelled(label)), _images(c), w=w, x=indefinite(label))


def _attributed(c: C) -> list[set[tuple[str, str]]]:
    return [
        {(label, word) for label, words in zip(graph.labels, graph.attributes, strict=True) for word in sayable(words)}
        for graph in c.view.graphs
    ]


def _has_attributed(c: C, want: bool) -> Question | None:
    pairs = _in_one(_attributed(c), want)
    # Every picture has such an object, so that the attribute decides.
    pairs = [(label, word) for label, word in pairs if all(label in s for s in _sets(c))]
    if not pairs:
        return None
    label, word = c.one_of(pairs)
    op, w = ("only_in", "has") if want else ("not_in", "does not have")
    type = "has_attributed_object" if want else "has_not_attributed_object"
    x = indefinite(phrase(label, (word,)))
    return made(c, type, _SELECT, call(op, labelled(label, (word,))), _images(c), w=w, x=x)


def _has_relation(c: C, want: bool) -> Question | None:
    sure, maybe = (
        [
            {(g.labels[i], r, g.labels[j]) for i, r, j in (g.relations | g.doubtful if doubt else g.relations)}
            for g in c.view.graphs
        ]
        for doubt in (False, True)
    )
    triples = [t for t in _in_one(sure, want) if sum(t in s for s in maybe) == sum(t in s for s in sure)]
    if not triples:
        return None
    a, relation, b = c.one_of(triples)
    type, op, w = ("has_relation", "only_in", "has") if want else ("has_not_relation", "not_in", "does not have")
    program = call(op, call("related", labelled(a), labelled(b), argument=relation))
    return made(c, type, _SELECT, program, _images(c), w=w, x=f"{indefinite(a)} that is {relation} {indefinite(b)}")


def _has_most(c: C, most: bool) -> Question | None:
    labels = sorted(set(c.view.labels) - NOT_COUNTED)
    counts = {label: [graph.labels.count(label) for graph in c.view.graphs] for label in labels}
    fitting = [label for label, numbers in counts.items() if len(set(numbers)) == len(numbers)]
    if not fitting:
        return None
    label = c.one_of(fitting)
    type, op, w = (
        ("has_most_object", "most_in", "has the most") if most else ("has_least_object", "least_in", "has the fewest")
    )
    return made(c, type, _SELECT, call(op, labelled(label)), _images(c), w=w, x=plural_phrase(label))


def common_object(c: C) -> Question | None:
    """What every picture shows."""
    shared = set.intersection(*_sets(c))
    wrong = sorted(set(c.view.labels) - shared)
    return made(c, "common_object", _COMMON, call("common_names", THINGS), wrong)


def common_attribute(c: C) -> Question | None:
    """The value that an object has in all pictures."""
    label, category = _compared(c, same=True)
    if label is None:
        return None
    value = _value(c.view.graphs[0].attributes[c.view.graphs[0].labels.index(label)], category)
    if value in _COMMON_SHARED and not c.chance(_COMMON_SHARED[value]):
        return None
    wrong = other_values(label, category)
    program = Program("common_value", (labelled(label),), category)
    x = plural_phrase(label)
    return made(c, "common_attribute", _SHARED, program, wrong, listed=category == "state", q=category, x=x)


def _single_in_all(c: C) -> list[str]:
    counts = [Counter(graph.labels) for graph in c.view.graphs]
    return sorted(label for label in counts[0] if all(n[label] == 1 for n in counts))


def _value(words: tuple[str, ...], category: str) -> str | None:
    found = [word for word in words if CATEGORIES.get(word) == category]
    return found[0] if len(found) == 1 else None


def _compared(c: C, same: bool) -> tuple[str | None, str]:
    """An object that each picture has once, and a category in which they agree, or all differ."""
    options = []
    for label in _single_in_all(c):
        words = [graph.attributes[graph.labels.index(label)] for graph in c.view.graphs]
        for category in sorted(set(CATEGORIES.values())):
            values = [_value(w, category) for w in words]
            if None not in values and len(set(values)) == (1 if same else len(values)):
                options.append((label, category))
    return c.one_of(options) if options else (None, "")


def count_object(c: C, attributed: bool = False) -> Question | None:
    """How many in all pictures together, two at least. The number is drawn first."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for label, words in zip(c.view.labels, c.view.attributes, strict=True):
        if label not in NOT_COUNTED:
            counts.update((label, (word,)) for word in sayable(words)) if attributed else counts.update([(label, ())])
    by_number: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
    for named, number in sorted(counts.items()):
        if 2 <= number < len(NUMBERS) - 2:
            by_number.setdefault(number, []).append(named)
    ease = EASE_SUM_LOOKS if attributed else EASE_SUM
    drawn = drawn_number(c, by_number, ease)
    if drawn is None:
        return None
    number, (label, said) = drawn
    type = "count_attribute_object" if attributed else "count_object"
    wrong = near_numbers(number, ease)
    return made(c, type, _SUM, call("count", labelled(label, said)), wrong, x=plural_phrase(label, said))


def compare_attribute(c: C) -> Question | None:
    """Its value in each picture; wrong options give the same values to other pictures."""
    label, category = _compared(c, same=False)
    if label is None:
        return None
    values = [_value(g.attributes[g.labels.index(label)], category) for g in c.view.graphs]
    wrong = [said_of_images(list(order)) for order in permutations([str(v) for v in values])]
    program = Program("values_of", (labelled(label),), category)
    return made(c, "compare_attribute", _COMPARE, program, wrong, listed=category == "state", q=category, x=label)


def compare_relation(c: C) -> Question | None:
    """How two objects stand to each other in each picture."""
    single = _single_in_all(c)
    options = []
    for a, b in permutations(single, 2):
        told = []
        for g in c.view.graphs:
            i, j = g.labels.index(a), g.labels.index(b)
            held = sorted(r for x, r, y in g.relations if (x, y) == (i, j))
            told.append(" and ".join(held) if len(held) < 3 else None)
        if None not in told and "" not in told and len(set(told)) == len(told):
            options.append((a, b, told))
    if not options:
        return None
    a, b, told = c.one_of(options)
    wrong = [said_of_images(list(order)) for order in permutations(told)]
    program = call("relations_of", labelled(a), labelled(b))
    return made(c, "compare_relation", _COMPARE_RELATION, program, wrong, x=a, y=b)


SEVERAL_MAKERS: dict[str, GraphMaker] = {
    "has_object": partial(_has_object, want=True),
    "has_not_object": partial(_has_object, want=False),
    "has_attributed_object": partial(_has_attributed, want=True),
    "has_not_attributed_object": partial(_has_attributed, want=False),
    "has_relation": partial(_has_relation, want=True),
    "has_not_relation": partial(_has_relation, want=False),
    "has_most_object": partial(_has_most, most=True),
    "has_least_object": partial(_has_most, most=False),
    "common_object": common_object,
    "common_attribute": common_attribute,
    "count_object": count_object,
    "count_attribute_object": partial(count_object, attributed=True),
    "compare_attribute": compare_attribute,
    "compare_relation": compare_relation,
}
