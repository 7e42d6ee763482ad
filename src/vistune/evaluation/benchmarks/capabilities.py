"""What benchmarks test, in one vocabulary: the tags by which they are listed and taken apart.

The words follow the taxonomies of two surveys: what is evaluated (arXiv 2404.07214, 2304.00685) and LVLM-eHub's six
categories of ability (2306.09265).
"""

from __future__ import annotations

from vistune.core.errors import ConfigError, nearest

#: Tag -> what it means.
CAPABILITIES: dict[str, str] = {
    "perception": "what is in the picture: things, colours, sizes, states",
    "counting": "how many",
    "spatial": "where things are, to each other and in depth",
    "grounding": "boxes, masks and points for words",
    "text-in-pictures": "reading: signs, documents, charts",
    "captions": "describing a picture",
    "hallucination": "saying what is not there",
    "composition": "which attribute belongs to which thing, order of words",
    "retrieval": "matching pictures and captions over a gallery",
    "classification": "one label of a closed set, with or without examples",
    "knowledge": "facts that no picture shows",
    "reasoning": "several steps from what is seen",
    "science": "school and college subjects",
    "language": "questions without a picture, or in other languages",
    "culture": "regions and their customs",
    "several-pictures": "more than one picture at once",
    "dialogue": "several turns",
    "open-answers": "free answers that a judge marks",
    "robustness": "what an answer must not hang on: order, wording, noise, misleading text",
    "planning": "paths and actions",
}


def check_capabilities(names: tuple[str, ...] | list[str]) -> None:
    """Raises ``ConfigError`` for a tag that is not in the vocabulary."""
    for name in names:
        if name not in CAPABILITIES:
            raise ConfigError(f"There is no capability '{name}'. {nearest(name, CAPABILITIES)}")
