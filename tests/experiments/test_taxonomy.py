"""Taxonomies: every name in them exists, every system has a place, and a query finds what is under a heading."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from vistune.cli.main import app
from vistune.core.errors import ConfigError
from vistune.evaluation.benchmarks.capabilities import CAPABILITIES
from vistune.experiments.catalogue import catalogue
from vistune.experiments.papers import load_paper, load_papers
from vistune.experiments.taxonomy import Leaf, _covered, coverage, load_taxonomy, taxonomy_names


def test_the_four_surveys() -> None:
    assert taxonomy_names() == ["prompt-survey-llm", "prompt-survey-vl", "vit-survey", "vlm-survey"]
    for name in taxonomy_names():
        assert "survey" in load_paper(name).kinds


@pytest.mark.parametrize("name", taxonomy_names())
def test_every_heading_leads_to_something_that_exists(name: str) -> None:
    for leaf in coverage(name):
        assert leaf.systems or leaf.parts or leaf.benchmarks, leaf.heading
        assert set(leaf.works) <= set(leaf.systems)
        assert leaf.state == ("works" if leaf.works or leaf.parts or leaf.benchmarks else "planned")


def test_names_that_are_nowhere_are_errors() -> None:
    for leaf in (
        Leaf(systems=["lavine"]),
        Leaf(parts={"connector": ["linaer"]}),
        Leaf(parts={"conector": ["linear"]}),
        Leaf(capabilities=["halucination"]),
        Leaf(functions=["vistune.core.registry:Nothing"]),
    ):
        with pytest.raises(ConfigError):
            _covered("x", leaf)
    with pytest.raises(ConfigError, match="vit-survey"):
        load_taxonomy("vit-servey")


def test_every_ability_has_a_benchmark_and_every_connector_a_heading() -> None:
    assert {ability for entry in catalogue() for ability in entry.capabilities} <= set(CAPABILITIES)
    under = {part for leaf in coverage("vit-survey") for part in leaf.parts}
    from vistune.models.connectors.base import CONNECTORS

    assert {f"connector:{kind}" for kind in CONNECTORS.names()} <= under


def test_one_query_shows_a_heading() -> None:
    told = CliRunner().invoke(app, ["papers", "--taxonomy", "vit-survey", "--json"])
    assert told.exit_code == 0, told.output
    rows = {row["heading"]: row for row in json.loads(told.stdout)}
    assert "pope" in rows["evaluation / hallucination"]["benchmarks"]
    assert rows["architecture / alignment module / MLP"]["parts"] == ["connector:mlp"]
    assert rows["architecture / alignment module / query transformer"]["state"] in ("planned", "works")
    connectors = CliRunner().invoke(app, ["papers", "--kind", "connector", "--json"])
    assert {p["name"] for p in json.loads(connectors.stdout)} == {p.name for p in load_papers(kind="connector")}
