"""What every engine of the nano world keeps, walked over the registry without naming one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.data.example import Example
from vistune.engines import ENGINES
from vistune.engines.base import SeededEngine

KINDS = [name for name, cls in ENGINES.items() if issubclass(cls, SeededEngine)]
N = 12


def build(kind: str, n: int = N, **parameters: Any) -> Any:
    return ENGINES.build({"kind": kind, "n": n, "image_size": 32, **parameters})


def plain(example: Example) -> tuple:
    pixels = tuple(np.asarray(image.open()).tobytes() for image in example.images)
    return example.id, [(m.role, m.parts) for m in example.messages], pixels, example.answers, repr(example.meta)


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_hangs_on_its_number_alone(kind: str) -> None:
    forwards = [plain(example) for example in build(kind).examples()]
    backwards = [plain(build(kind, n=100)[index]) for index in reversed(range(N))]
    assert forwards == backwards[::-1]
    assert len({text[0] for text in forwards}) == N


@pytest.mark.parametrize("kind", KINDS)
def test_splits_and_seeds_give_other_examples(kind: str) -> None:
    def contents(**parameters: Any) -> set:
        made = [plain(example) for example in build(kind, **parameters).examples()]
        return {(repr(text), pixels) for _, text, pixels, _, _ in made}

    train = contents()
    for other in (contents(split="val"), contents(split="test"), contents(seed=1)):
        assert len(train & other) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_turns_alternate_and_questions_are_recorded(kind: str) -> None:
    asked = 0
    for example in build(kind, n=3 * N).examples():
        assert [m.role for m in example.messages] == ["user", "assistant"] * (len(example.messages) // 2)
        assert all(m.text.strip() for m in example.messages)
        shown = [part.image for m in example.messages for part in m.parts if part.image is not None]
        assert shown == list(range(len(example.images)))
        said = [m.text for m in example.messages]
        for record in example.meta.get("questions", ()):
            asked += 1
            place = next(i for i, text in enumerate(said) if record["question"] in text)
            assert record["answer"] in said[place + 1]
        json.dumps(example.meta)
    assert asked > N


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_have_the_size_that_is_asked_for(kind: str) -> None:
    for size in (32, 80):
        for example in build(kind, n=4, image_size=size).examples():
            for image in example.images:
                assert max(np.asarray(image.open()).shape[:2]) == size


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [{"split": "tset"}, {"prior": "flatt"}, {"tasks": {"dance": 1.0}}, {"turns": 0}])
def test_wrong_parameters_are_said_clearly(kind: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=kind):
        build(kind, **wrong)


def test_held_out_wordings_are_not_in_training() -> None:
    """Over all kinds: training never shows one, test shows many."""
    shares = {}
    for split in ("train", "test"):
        records = [
            q for kind in KINDS for e in build(kind, split=split).examples() for q in e.meta.get("questions", ())
        ]
        shares[split] = np.mean([record["held_out"] for record in records]) if records else 0
    assert shares["train"] == 0
    assert not KINDS or shares["test"] > 0.05
