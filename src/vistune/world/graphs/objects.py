"""ProVision's generators about single objects, their attributes and their relations (arXiv 2412.07012, appendix)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import combinations, pairwise, product

from vistune.world.graphs.asking import THINGS, Forms, GraphAsker, GraphMaker, labelled, made, offering, only
from vistune.world.graphs.balance import (
    EASE_COUNT,
    EASE_COUNT_LOOKS,
    alike_high,
    common_enough,
    drawn_number,
    near_numbers,
    other_values,
    sides_thinned,
)
from vistune.world.graphs.graph import CATEGORIES, NOT_COUNTED, phrase, plural_phrase, sayable
from vistune.world.graphs.view import EDGE_GAP, printed
from vistune.world.language.grammar import INVERSE, join
from vistune.world.language.wordings import Wordings
from vistune.world.program import Ambiguous, Program, call
from vistune.world.questions.question import Question

C = GraphAsker
_COUNT = Forms(
    Wordings(("how many {x} are there?", "how many {x} does the image show?"), ("count the {x}.",)),
    Wordings(("the number of {x}", "how many {x} there are"), ("the count of {x} in the image",)),
)
_MOST = Forms(
    Wordings(("which object appears {w} often?", "what is there {w} of?"), ("of which object are there the {w}?",)),
    Wordings(("the object that appears {w} often",), ("the {w} frequent object",)),
)
_EDGE = Forms(
    Wordings(("among {x}, which is {w}?", "which of {x} is {w}?"), ("of {x}, what is {w}?",)),
    Wordings(("the one of {x} that is {w}",), ("which of {x} lies {w}",)),
)
_ATTRIBUTES = Forms(
    Wordings(
        ("how does the {x} at {b} look?", "what are the attributes of the {x} at {b}?"),
        ("what is the {x} at {b} like?",),
    ),
    Wordings(("the attributes of the {x} at {b}",), ("what the {x} at {b} looks like",)),
)
_TYPED = Forms(
    Wordings(
        ("what is the {q} of the {x} at {b}?", "which {q} does the {x} at {b} have?"),
        ("of which {q} is the {x} at {b}?",),
    ),
    Wordings(("the {q} of the {x} at {b}",), ("which {q} the {x} at {b} has",)),
)
_RELATION = Forms(
    Wordings(
        ("what is the relation between {x} and {y}?", "how does {x} stand to {y}?"),
        ("in what relation is {x} to {y}?",),
    ),
    Wordings(("the relation of {x} to {y}",), ("how {x} relates to {y}",)),
)
_HEAD = Forms(
    Wordings(("which object is {r} {y}?", "what is {r} {y}?"), ("which of the objects is {r} {y}?",)),
    Wordings(("the object that is {r} {y}",), ("what is {r} {y}",)),
)
_SIDES = {
    "left": "the leftmost", "right": "the rightmost", "top": "at the top", "bottom": "at the bottom",
}  # fmt: skip


def _counted(c: C) -> list[str]:
    return sorted({label for label in c.view.labels if label not in NOT_COUNTED})


def exists_object(c: C) -> Question | None:
    """How many objects of a name? The number is drawn first."""
    counts = Counter(label for label in c.view.labels if label not in NOT_COUNTED)
    by_number: dict[int, list[str]] = {}
    for label, number in sorted(counts.items()):
        by_number.setdefault(number, []).append(label)
    drawn = drawn_number(c, by_number, EASE_COUNT)
    if drawn is None:
        return None
    number, label = drawn
    wrong = near_numbers(number, EASE_COUNT)
    return made(c, "exists_object", _COUNT, call("count", labelled(label)), wrong, x=plural_phrase(label))


def _extreme_count(c: C, most: bool) -> Question | None:
    program = call("most" if most else "least", call("outermost", THINGS))
    type, word = ("most_object", "most") if most else ("least_object", "least")
    if len(set(c.view.labels)) < 2:
        return None
    return made(c, type, _MOST, program, sorted(set(c.view.labels)), w=word)


def _singles(c: C) -> list[int]:
    counts = Counter(c.view.labels)
    return [i for i in c.view.ids if counts[c.view.labels[i]] == 1]


def _at_edge(c: C, side: str) -> Question | None:
    """Two or three objects with names of their own, apart along the axis."""
    axis = 0 if side in ("left", "right") else 1
    single = _singles(c)
    if len(single) < 2:
        return None
    chosen = c.rng.sample(single, min(len(single), c.one_of((2, 3))))
    names = [c.view.labels[i] for i in chosen]
    spans = sorted(((c.view.boxes[i][axis], c.view.boxes[i][axis + 2]) for i in chosen), key=lambda span: span[1])
    if any(not _apart(a, b, axis) for a, b in pairwise(spans)) or (axis == 1 and not alike_high(names)):
        return None
    found = labelled(names[0])
    for name in names[1:]:
        found = call("union", found, labelled(name))
    x = join([f"the {name}" for name in names])
    program = call("name", call("extreme", found, argument=side))
    asked = made(c, f"{side}most", _EDGE, program, names, tuple(chosen), x=x, w=_SIDES[side])
    return offering(asked, names)


def _apart(a: tuple[float, float], b: tuple[float, float], axis: int) -> bool:
    """Whether ``b`` begins after ``a`` ends. In height also if they changed places: else the tall thing would be the one
    at the back, and so the upper one.
    """
    room = max(a[1] - a[0], b[1] - b[0]) if axis else b[1] - b[0]
    return b[1] - room - a[1] >= EDGE_GAP


def exists_attribute(c: C) -> Question | None:
    """How many with these attributes, one or two of them? More attributes than asked for do no harm. The number is drawn first."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for label, words in zip(c.view.labels, c.view.attributes, strict=True):
        if label not in NOT_COUNTED:
            said = sayable(words)
            counts.update((label, chosen) for size in (1, 2) for chosen in combinations(said, size))
    by_number: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
    for looks, number in sorted(counts.items()):
        by_number.setdefault(number, []).append(looks)
    drawn = drawn_number(c, by_number, EASE_COUNT_LOOKS)
    if drawn is None:
        return None
    number, (label, chosen) = drawn
    wrong = near_numbers(number, EASE_COUNT_LOOKS)
    x = plural_phrase(label, chosen)
    return made(c, "exists_attribute", _COUNT, call("count", labelled(label, chosen)), wrong, x=x)


def attribute_bbox(c: C) -> Question | None:
    """All attributes of the object at a box."""
    ids = [i for i in c.view.ids if c.view.attributes[i]]
    if not ids:
        return None
    i = c.one_of(ids)
    box = printed(c.view.boxes[i])
    wrong = sorted({join(words) for k, words in enumerate(c.view.attributes) if words and k != i})
    program = call("attributes", only(call("at", labelled(c.view.labels[i]), argument=box)))
    return made(c, "attribute_bbox", _ATTRIBUTES, program, wrong, (i,), x=c.view.labels[i], b=box)


def _by_value(c: C, category: str) -> dict[str, list[int]]:
    """Value of a category -> the objects that have it."""
    found: dict[str, list[int]] = {}
    for i in c.view.ids:
        for word in c.view.attributes[i]:
            if CATEGORIES.get(word) == category:
                found.setdefault(word, []).append(i)
    return found


def typed_attribute_bbox(c: C) -> Question | None:
    """The attribute of one category of the object at a box; the category is drawn first, then the value."""
    category = c.one_of(sorted(set(CATEGORIES.values())))
    by_value = _by_value(c, category)
    if not by_value:
        return None
    value = c.one_of(sorted(by_value))
    if not common_enough(c, value):
        return None
    i = c.one_of(by_value[value])
    box = printed(c.view.boxes[i])
    wrong = other_values(c.view.labels[i], category)
    program = Program("value", (only(call("at", labelled(c.view.labels[i]), argument=box)),), category)
    return made(
        c,
        "typed_attribute_bbox",
        _TYPED,
        program,
        wrong,
        (i,),
        category == "state",
        q=category,
        x=c.view.labels[i],
        b=box,
    )


def _wrong_relations(c: C, i: int, j: int) -> Callable[[str], list[str]]:
    """What surely does not hold between two objects, in the form of the answer.

    "behind and left of": the three others that turn one of the two round, or both. One relation: others that hold between
    other objects. Options of another form would tell that they are wrong.
    """
    maybe = {r for a, r, b in c.view.pairs(True) if (a, b) == (i, j)}
    single = sorted({r for _, r, _ in c.view.pairs()} - maybe)

    def wrong(answer: str) -> list[str]:
        parts = answer.split(" and ")
        if len(parts) != 2 or any(part not in INVERSE for part in parts):
            return single
        ways = product(*((part, INVERSE[part]) for part in parts))
        return [" and ".join(sorted(way)) for way in ways if " and ".join(sorted(way)) != answer]

    return wrong


def _named_pairs(c: C) -> list[tuple[int, int]]:
    single = set(_singles(c))
    return sorted({(i, j) for i, _, j in c.view.pairs() if i in single and j in single})


def exists_relation(c: C) -> Question | None:
    """The relations between two objects with names of their own."""
    pairs = _named_pairs(c)
    if not pairs:
        return None
    i, j = c.one_of(pairs)
    if not sides_thinned(c, i, j):
        return None
    x, y = (c.view.labels[k] for k in (i, j))
    program = call("relation", only(labelled(x)), only(labelled(y)))
    return made(c, "exists_relation", _RELATION, program, _wrong_relations(c, i, j), (i, j), x=f"the {x}", y=f"the {y}")


def relation_bbox(c: C) -> Question | None:
    """The relations between the objects at two boxes."""
    pairs = sorted({(i, j) for i, _, j in c.view.pairs()})
    if not pairs:
        return None
    i, j = c.one_of(pairs)
    if not sides_thinned(c, i, j):
        return None
    a, b = (printed(c.view.boxes[k]) for k in (i, j))
    program = call("relation", *(only(call("at", THINGS, argument=box)) for box in (a, b)))
    wrong = _wrong_relations(c, i, j)
    return made(c, "relation_bbox", _RELATION, program, wrong, (i, j), x=f"the object at {a}", y=f"the object at {b}")


def head_relation(c: C) -> Question | None:
    """Which object stands so to another? Wrong options surely do not."""
    single = set(_singles(c))
    heads = sorted((r, j) for _, r, j in c.view.pairs() if j in single)
    if not heads:
        return None
    relation, j = c.one_of(sorted(set(heads)))
    maybe = {i for i, r, b in c.view.pairs(True) if (r, b) == (relation, j)}
    wrong = sorted(
        {c.view.labels[i] for i in c.view.ids if i not in maybe and i != j} - {c.view.labels[i] for i in maybe}
    )
    program = call("names", call("related", THINGS, only(labelled(c.view.labels[j])), argument=relation))
    return made(c, "head_relation", _HEAD, program, wrong, (j,), r=relation, y=f"the {c.view.labels[j]}")


OBJECT_MAKERS: dict[str, GraphMaker] = {
    "exists_object": exists_object,
    "most_object": partial(_extreme_count, most=True),
    "least_object": partial(_extreme_count, most=False),
    **{f"{side}most": partial(_at_edge, side=side) for side in _SIDES},
    "exists_attribute": exists_attribute,
    "attribute_bbox": attribute_bbox,
    "typed_attribute_bbox": typed_attribute_bbox,
    "exists_relation": exists_relation,
    "relation_bbox": relation_bbox,
    "head_relation": head_relation,
}

Reference = tuple[str, Program]


def references(c: C, target: int, avoid: str | None = None) -> list[Reference]:
    """Ways to point at an object by at most one relation and attributes of it and its neighbour, three facts at most.

    ``avoid``: a category of attributes not to be said. Those that fit no other object are left to the program to find.
    """
    words = tuple(w for w in sayable(c.view.attributes[target]) if CATEGORIES.get(w) != avoid)
    found: list[Reference] = []
    label = c.view.labels[target]
    for word in ((), *((w,) for w in words)):
        found.append((f"the {phrase(label, word)}", only(labelled(label, word))))
        for relation, other in sorted((r, j) for i, r, j in c.view.pairs() if i == target):
            for near in ((), *((w,) for w in sayable(c.view.attributes[other]))):
                if len(word) + len(near) > 2:
                    continue
                anchor = only(labelled(c.view.labels[other], near))
                program = only(call("related", labelled(label, word), anchor, argument=relation))
                found.append(
                    (f"the {phrase(label, word)} that is {relation} the {phrase(c.view.labels[other], near)}", program)
                )
    return found


def unique_reference(c: C, target: int, avoid: str | None = None) -> Reference | None:
    """One of the ways that fit the object and no other, drawn at random."""
    ways = references(c, target, avoid)
    c.rng.shuffle(ways)
    for words, program in ways:
        try:
            if all(program.run(c.view, doubt) == (target,) for doubt in (False, True)):
                return words, program
        except Ambiguous:
            continue
    return None


_WHAT = Forms(
    Wordings(
        ("what is the {a}object {r} the {y}?", "which {a}object is {r} the {y}?"), ("name the {a}object {r} the {y}.",)
    ),
    Wordings(("the name of the {a}object {r} the {y}",), ("what the {a}object {r} the {y} is",)),
)
_ITS = Forms(
    Wordings(("what is the {q} of {x}?", "which {q} does {x} have?"), ("of which {q} is {x}?",)),
    Wordings(("the {q} of {x}",), ("which {q} {x} has",)),
)


def object_qa(c: C) -> Question | None:
    """What is the red object left of the cup? All that fit are the answer."""
    single = set(_singles(c))
    triples = sorted((i, r, j) for i, r, j in c.view.pairs() if j in single)
    if not triples:
        return None
    i, relation, j = c.one_of(triples)
    words = sayable(c.view.attributes[i])
    chosen = c.rng.sample(words, c.rng.randint(0, min(1, len(words))))
    among = THINGS
    for word in chosen:
        among = call("attribute", among, argument=word)
    program = call("names", call("related", among, only(labelled(c.view.labels[j])), argument=relation))
    maybe = {a for a, r, b in c.view.pairs(True) if (r, b) == (relation, j)}
    fits = {c.view.labels[k] for k in maybe if set(chosen) <= set(c.view.attributes[k])}
    wrong = sorted(set(c.view.labels) - fits)
    adjectives = "".join(f"{word} " for word in chosen)
    return made(c, "object_qa", _WHAT, program, wrong, (i, j), a=adjectives, r=relation, y=c.view.labels[j])


def attribute_qa(c: C) -> Question | None:
    """What is the colour of the dog that is left of the cup? The reference does not say it; the value is drawn first."""
    category = c.one_of(sorted(set(CATEGORIES.values())))
    by_value = _by_value(c, category)
    if not by_value:
        return None
    value = c.one_of(sorted(by_value))
    if not common_enough(c, value):
        return None
    i = c.one_of(by_value[value])
    reference = unique_reference(c, i, category)
    if reference is None:
        return None
    wrong = other_values(c.view.labels[i], category)
    program = Program("value", (reference[1],), category)
    return made(c, "attribute_qa", _ITS, program, wrong, (i,), category == "state", q=category, x=reference[0])


def relation_qa(c: C) -> Question | None:
    """The relation between two objects that are both pointed at by references of their own."""
    pairs = sorted({(i, j) for i, _, j in c.view.pairs()})
    if not pairs:
        return None
    i, j = c.one_of(pairs)
    if not sides_thinned(c, i, j):
        return None
    first, second = unique_reference(c, i), unique_reference(c, j)
    if first is None or second is None:
        return None
    program = call("relation", first[1], second[1])
    return made(c, "relation_qa", _RELATION, program, _wrong_relations(c, i, j), (i, j), x=first[0], y=second[0])


GRAPH_MAKERS: dict[str, GraphMaker] = {"object_qa": object_qa, "attribute_qa": attribute_qa, "relation_qa": relation_qa}
__all__ = ["GRAPH_MAKERS", "OBJECT_MAKERS", "references", "unique_reference"]
