"""All generators together, and ProVision's balance: rare answers win."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from vistune.core.errors import ConfigError
from vistune.world.graphs.asking import GraphAsker, GraphMaker
from vistune.world.graphs.graph import SceneGraph
from vistune.world.graphs.objects import GRAPH_MAKERS, OBJECT_MAKERS
from vistune.world.graphs.places import PLACE_MAKERS
from vistune.world.graphs.several import SEVERAL_MAKERS
from vistune.world.graphs.view import GraphView
from vistune.world.questions.question import Question, draw_questions

#: The generators for one picture, and for several.
SINGLE: tuple[str, ...] = (*OBJECT_MAKERS, *PLACE_MAKERS, *GRAPH_MAKERS)
MULTI: tuple[str, ...] = tuple(SEVERAL_MAKERS)
MAKERS: dict[str, GraphMaker] = {**OBJECT_MAKERS, **PLACE_MAKERS, **GRAPH_MAKERS, **SEVERAL_MAKERS}


#: Times that a generator is tried on a graph before it is given up: most draw objects that may not do.
_TRIES = 4
#: Generators that pass over answers that are too common.
_ONCE = frozenset(
    {"exists_object", "exists_attribute", "typed_attribute_bbox", "exists_relation", "relation_bbox", "attribute_qa",
     "relation_qa", "common_attribute", "count_object", "count_attribute_object"}
)  # fmt: skip


def ask(
    graphs: SceneGraph | Sequence[SceneGraph],
    seed: int,
    types: Sequence[str] | None = None,
    n: int = 1,
    split: str = "train",
    choices: float = 0.5,
) -> list[Question]:
    """Up to ``n`` different questions about one graph or several; a share ``choices`` of them with options.

    Raises ``ConfigError`` for an unknown type, or one that needs another number of pictures.
    """
    listed = [graphs] if isinstance(graphs, SceneGraph) else list(graphs)
    allowed = SINGLE if len(listed) == 1 else MULTI
    for name in types or ():
        if name in MAKERS and name not in allowed:
            raise ConfigError(
                f"The question type '{name}' needs {'several pictures' if len(listed) == 1 else 'one picture'}."
            )
    c = GraphAsker(GraphView(listed), random.Random(f"graphs/{seed}/{split}"), split, choices)
    return draw_questions(c, MAKERS, list(allowed) if types is None else types, n, _TRIES, _ONCE)


def weights(asked: Sequence[Question], seen: Mapping[str, int]) -> list[float]:
    """How much each question is wanted by ProVision's rule: 1 over the mean of the cubes of how often its values (the
    answer and the words of its program) were ``seen`` among many.
    """
    found = []
    for question in asked:
        values = values_of(question)
        found.append(1 / max(1.0, sum(seen.get(value, 0) ** 3 for value in values) / max(1, len(values))))
    return found


def values_of(question: Question) -> list[str]:
    """What a question is about: its answer and the words of its program, boxes and points aside."""
    steps = question.program.steps() if question.program is not None else []
    said = [str(step.argument) for step in steps if step.argument and not step.argument.startswith("(")]
    return [question.facts.get("answer", question.answer), *said]


def count_values(asked: Sequence[Question]) -> Counter[str]:
    """How often each value occurs, for ``weights``."""
    return Counter(value for question in asked for value in values_of(question))
