"""ProVision's caption from a scene graph: each object introduced once, each pair told by one relation."""

from __future__ import annotations

from collections import Counter

from vistune.world.graphs.graph import SceneGraph, phrase, sayable
from vistune.world.language.grammar import indefinite

_ORDER = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def graph_caption(graph: SceneGraph) -> str:
    """One clause for each object, with the relations to those told before it."""
    if not graph.labels:
        return "there is nothing."
    counts, seen, names, told = Counter(graph.labels), Counter[str](), list[str](), list[str]()
    for i, label in enumerate(graph.labels):
        words = phrase(label, sayable(graph.attributes[i]))
        order = f"{_ORDER[seen[label]]} " if counts[label] > 1 and seen[label] < len(_ORDER) else ""
        seen[label] += 1
        names.append(f"the {order}{phrase(label)}")
        relations = []
        for j in range(i):
            held = sorted(r for a, r, b in graph.relations if (a, b) == (i, j))
            if held:
                relations.append(f"{held[0]} {names[j]}")
        shown = f"the {order}{label} is {indefinite(words)}" if order else f"there is {indefinite(words)}"
        told.append(f"{shown}, {' and '.join(relations)}." if relations else f"{shown}.")
    return " ".join(told)
