"""The taxonomies of surveys as maps of what is here: for each leaf its systems, parts and benchmarks, and what is missing."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from vistune.core.config import Config
from vistune.core.errors import ConfigError, nearest
from vistune.core.registry import Registry
from vistune.experiments.papers import load_paper

#: Slot -> where its registry is.
_SLOTS = {
    "connector": "vistune.models.connectors.base:CONNECTORS",
    "adapter": "vistune.models.adapters.base:ADAPTERS",
    "engine": "vistune.engines.base:ENGINES",
    "objective": "vistune.tuning.objectives.base:OBJECTIVES",
    "decoder": "vistune.decoding.branches.base:DECODERS",
    "position": "vistune.models.sequence.positions:POSITIONS",
    "attention": "vistune.models.sequence.attention:ATTENTION",
}


class Leaf(Config):
    """What stands under one heading: names of systems, registered kinds by slot, benchmarks, abilities, functions."""

    systems: list[str] = []
    parts: dict[str, list[str]] = {}
    benchmarks: list[str] = []
    capabilities: list[str] = []
    functions: list[str] = []


class Taxonomy(Config):
    """A survey's headings (``a / b / c``) with what is under them."""

    leaves: dict[str, Leaf]


@dataclass(frozen=True, slots=True)
class Covered:
    """One heading: systems that work and all of them, parts (``slot:kind``), benchmarks."""

    heading: str
    works: tuple[str, ...]
    systems: tuple[str, ...]
    parts: tuple[str, ...]
    benchmarks: tuple[str, ...]

    @property
    def state(self) -> str:
        """``works``: something of it can be used; ``planned``: it has systems in the index, none of which is built."""
        return "works" if self.works or self.parts or self.benchmarks else "planned"


def taxonomy_names() -> list[str]:
    """Surveys that have a taxonomy."""
    folder = files("vistune") / "papers" / "taxonomies"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_taxonomy(name: str) -> Taxonomy:
    """A survey's taxonomy. Raises ``ConfigError`` with the nearest name."""
    names = taxonomy_names()
    if name not in names:
        raise ConfigError(f"There is no taxonomy '{name}'. {nearest(name, names)}")
    text = (files("vistune") / "papers" / "taxonomies" / f"{name}.yaml").read_text(encoding="utf-8")
    return Taxonomy.model_validate(yaml.safe_load(text))


def coverage(name: str) -> list[Covered]:
    """Each heading of a survey with what is here. Raises ``ConfigError`` for a name that is nowhere."""
    return [_covered(heading, leaf) for heading, leaf in load_taxonomy(name).leaves.items()]


def _covered(heading: str, leaf: Leaf) -> Covered:
    from vistune.experiments.catalogue import catalogue

    for name in leaf.functions:
        _imported(name)
    for slot, kinds in leaf.parts.items():
        registry = _registry(slot)
        for kind in kinds:
            registry.get(kind)
    named = [entry.kind for ability in leaf.capabilities for entry in catalogue(ability)]
    return Covered(
        heading,
        tuple(s for s in leaf.systems if load_paper(s).status == "works"),
        tuple(load_paper(s).name for s in leaf.systems),
        (*(f"{slot}:{kind}" for slot, kinds in leaf.parts.items() for kind in kinds), *leaf.functions),
        tuple(dict.fromkeys([*leaf.benchmarks, *named])),
    )


def _registry(slot: str) -> Registry[Any]:
    if slot not in _SLOTS:
        raise ConfigError(f"There is no slot '{slot}'. {nearest(slot, _SLOTS)}")
    return _imported(_SLOTS[slot])


def _imported(name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"'{name}' cannot be imported: {error}.") from error


def coverage_table(name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows for the terminal and the documentation."""
    rows = []
    for leaf in coverage(name):
        systems = ", ".join(f"{s} (works)" if s in leaf.works else s for s in leaf.systems)
        rows.append(
            (leaf.heading, leaf.state, systems or "-", ", ".join(leaf.parts) or "-", ", ".join(leaf.benchmarks) or "-")
        )
    return ("heading", "state", "systems", "parts", "benchmarks"), rows
