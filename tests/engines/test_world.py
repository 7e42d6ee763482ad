"""The world engine: examples that follow from their index, and scenes drawn again where a question cannot be asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vistune.core.errors import ConfigError, DataError
from vistune.engines import ENGINES
from vistune.world.questions import ask


def engine(n: int = 60, **values: Any) -> Any:
    return ENGINES.build({"kind": "world", "n": n, "image_size": 32, **values})


def test_a_scene_without_the_wanted_question_is_drawn_again() -> None:
    made = engine(tasks={"question": 1.0}, types=["relation"])
    again = 0
    for index in range(60):
        example = made[index]
        scene = made.scene(index)
        if example.meta["scene"] != scene.seed:
            again += 1
            assert not ask(scene, index, types=["relation"], n=1, split="train")
        assert example.messages[1].text
    assert 0 < again < 60


def test_a_type_that_no_scene_has_ends_in_one_sentence() -> None:
    with pytest.raises(DataError, match=r"60 scenes in a row have no question of the types relation\. Name more"):
        engine(tasks={"question": 1.0}, types=["relation"], max_things=1)[0]


@pytest.mark.parametrize(("share", "captions"), [(0.0, 0), (1.0, 60)])
def test_caption_share(share: float, captions: int) -> None:
    """A caption is an answer longer than any other: the share decides how many conversations open with one."""
    made = engine(caption_share=share, types=["existence"], turns=2)
    plain = {q.text for i in range(60) for q in ask(made.scene(i), i, types=["existence"], n=50, split="train")}
    assert plain
    opened = [made[i].messages[1].text.split()[0].strip(",.") not in ("yes", "no") for i in range(60)]
    assert sum(opened) == captions


def test_examples_follow_from_their_index() -> None:
    first, second = engine(), engine()
    for index in (41, 3, 17):
        assert first[index].messages == second[index].messages
        np.testing.assert_array_equal(first[index].images[0].array, second[index].images[0].array)
    assert [m.text for m in engine(seed=1)[3].messages] != [m.text for m in first[3].messages]
    with pytest.raises(IndexError):
        first[60]


def test_an_unknown_task_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no task 'captions'\. Did you mean 'caption'"):
        engine(tasks={"captions": 1.0})
