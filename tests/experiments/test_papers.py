"""The index of published systems is whole and honest."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from vistune.core.errors import ConfigError
from vistune.experiments.papers import Paper, load_paper, load_papers, paper_names

ROOT = Path(__file__).parents[2]


def test_every_system_has_an_entry():
    names = paper_names()
    assert len(names) == 114
    for paper in load_papers():
        assert paper.kinds, paper.name
        assert len(paper.title) > 10, paper.name
        assert paper.arxiv is None or re.fullmatch(r"\d{4}\.\d{4,5}", paper.arxiv), paper.name


def test_names_are_those_of_the_files():
    for name in paper_names():
        assert load_paper(name).name == name


def missing_evidence(paper: Paper) -> list[str]:
    """What an entry that says ``works`` still owes."""
    owed = [] if paper.parts else ["no parts"]
    for part in paper.parts:
        module, _, attribute = part.partition(":")
        try:
            getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            owed.append(f"part {part} does not import")
    owed += [] if paper.tests else ["no test"]
    owed += [f"test {test} is missing" for test in paper.tests if not (ROOT / test).is_file()]
    if paper.experiment is None and not paper.invariants:
        owed.append("neither experiment nor invariant")
    for invariant in paper.invariants:
        file, _, function = invariant.partition("::")
        if not (ROOT / file).is_file() or f"def {function}(" not in (ROOT / file).read_text():
            owed.append(f"invariant {invariant} is missing")
    return owed


@pytest.mark.parametrize(
    "paper", [*load_papers(status="works"), *load_papers(status="partly")], ids=lambda paper: paper.name
)
def test_what_is_said_to_work_has_evidence(paper):
    assert missing_evidence(paper) == []
    assert paper.status == "works" or paper.differs, "what of it is not here"


def test_an_empty_claim_is_caught():
    bare = Paper(name="x", title="A title long enough", year=2024, kinds=["decoding"], status="works")
    assert missing_evidence(bare) == ["no parts", "no test", "neither experiment nor invariant"]
    false = bare.model_copy(update={"parts": ["vistune.core.registry:Nothing"], "tests": ["tests/none.py"]})
    assert len(missing_evidence(false)) == 3


def test_some_systems_work():
    assert load_papers(status="works")


def test_unknown_name_suggests():
    with pytest.raises(ConfigError, match="Did you mean 'lavin'"):
        load_paper("lavine")


def test_filters():
    assert all("decoding" in p.kinds for p in load_papers(kind="decoding"))
    assert len(load_papers(kind="decoding")) < 114
