"""``world_kind``: held-out questions of each kind, with the pictures that they are about."""

from __future__ import annotations

import pytest

from vistune.core.errors import ConfigError
from vistune.engines import ENGINES
from vistune.engines.base import SeededEngine
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.kinds import PARAMETERS

#: Pages are read at sizes that a 64-pixel model cannot see, and their questions are made alike.
KINDS = ("aerial", "cells", "maps", "misleading", "pairs", "provision", "regions", "sequences", "tabletop", "tongues")


def build(engine: str, **parameters):
    return BENCHMARKS.build({"kind": "world_kind", "engine": engine, "n": 12, **parameters})


@pytest.mark.parametrize("engine", [*KINDS, "video"])
def test_questions_come_with_all_their_pictures_and_are_the_same_again(engine: str) -> None:
    benchmark = build(engine)
    asked, again = benchmark.examples(), build(engine).examples()
    assert len(asked) == 12 and len({example.id for example in asked}) == 12
    assert [e.messages for e in asked] == [e.messages for e in again]
    for example in asked:
        shown = [part.image for part in example.messages[-1].parts if part.image is not None]
        assert shown == list(range(len(example.images))) and example.answers[0]
        assert benchmark.score(example, example.answers[0]).score == 1.0
        assert benchmark.score(example, "none of that").score == 0.0


def test_pictures_fit_into_the_context_of_the_shipped_model() -> None:
    most = {engine: max(len(e.images) for e in build(engine).examples()) for engine in ("video", "provision", "pairs")}
    assert most == {"video": 8, "provision": 2, "pairs": 2}


def test_splits_ask_about_other_pictures_than_training_saw() -> None:
    test, val = ({e.id for e in build("cells", split=split).examples()} for split in ("test", "val"))
    engine = ENGINES.build({"kind": "cells", "n": 50, "seed": 24, "prior": "flat"})
    assert not test & val and not test & {f"{e.id}-0" for e in engine.examples()}
    assert build("cells").name == "world_cells" and build("cells", split="val").name == "world_cells_val"


def test_types_are_chosen() -> None:
    assert {e.meta["type"] for e in build("cells", types=["stain"]).examples()} == {"stain"}


def test_an_unknown_engine_is_said_clearly() -> None:
    with pytest.raises(ConfigError, match="cells"):
        build("cellz")
    with pytest.raises(ConfigError, match="no engine 'nlvr_style'"):
        build("nlvr_style")


def test_parameters_name_engines_that_exist() -> None:
    for name, parameters in PARAMETERS.items():
        cls = ENGINES.get(name)
        assert issubclass(cls, SeededEngine) and set(parameters["tasks"]) <= set(cls.TASKS)
