"""The index of published systems: one YAML each in ``vistune/papers`` with its parts, tests and experiment."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import Field

from vistune.core.config import Config
from vistune.core.errors import ConfigError, nearest

Kind = Literal[
    "agent",
    "analysis",
    "architecture",
    "attention-or-position",
    "benchmark",
    "connector",
    "data-engine",
    "data-filter",
    "decoding",
    "generation",
    "grounding",
    "metric",
    "objective",
    "peft",
    "preference",
    "prompt-learning",
    "prompt-search",
    "pruning",
    "steering",
    "survey",
    "training-schedule",
]


class Paper(Config):
    """One published system. ``works`` asks for parts that import, a test, and an experiment or exact invariant.

    ``partly`` asks for the same of what is here, and ``differs`` says what of the system is not.
    """

    name: str
    title: str
    year: int = Field(ge=2015)
    kinds: list[Kind]
    arxiv: str | None = None
    status: Literal["planned", "partly", "works"] = "planned"
    #: Importable names, ``vistune.room.module:Name``.
    parts: list[str] = []
    #: Test files, relative to the repository.
    tests: list[str] = []
    #: Test functions (``file::function``) that check an exact property of the method.
    invariants: list[str] = []
    #: Where the paper and its released code differ, and what is done here.
    differs: list[str] = []
    experiment: dict[str, Any] | None = None


def paper_names() -> list[str]:
    """Names of all systems, sorted."""
    folder = files("vistune") / "papers"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_paper(name: str) -> Paper:
    """The entry of one system. Raises ``ConfigError`` with the nearest name."""
    names = paper_names()
    if name not in names:
        raise ConfigError(f"There is no paper '{name}'. {nearest(name, names)}")
    text = (files("vistune") / "papers" / f"{name}.yaml").read_text(encoding="utf-8")
    return Paper.model_validate(yaml.safe_load(text))


def load_papers(kind: str | None = None, status: str | None = None) -> list[Paper]:
    """All systems, or those of one ``kind`` and ``status``."""
    papers = [load_paper(name) for name in paper_names()]
    return [p for p in papers if (kind is None or kind in p.kinds) and (status is None or p.status == status)]
